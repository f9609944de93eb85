"""Mails: through a real SMTP server in this process, and into the outbox."""

import email
import socket
import stat
import threading
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import httpx
import pytest
from sent_mails import Inbox, code_in, outbox

from brassleaf.mail.mailer import Mail, Mailer
from brassleaf.settings import Settings, SettingsError, load
from support.served import Served, serving
from support.world import World

API = "/api/v1"


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    made = Inbox()
    made.controller.start()
    yield made
    made.controller.stop()


@pytest.fixture(scope="module")
def house(inbox: Inbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, World]]:
    """A server with a mail server."""
    settings = {
        "mail_host": "127.0.0.1",
        "mail_port": inbox.port,
        "mail_security": "none",
        "mail_from": "shop@brassleaf.example",
        "mail_link": "https://shop.example/password?token={token}",
    }
    with serving(tmp_path_factory.mktemp("mail"), **settings) as served:
        yield served, World(served, bare=True)


@pytest.fixture
def boss(house: tuple[Served, World]) -> httpx.Client:
    served, world = house
    return served.client(headers=world.a.admin.headers)


def _invite(client: httpx.Client, *emails: str) -> httpx.Response:
    return client.post(
        f"{API}/organization/users/invite", json={"emailAddresses": [{"email": email} for email in emails]}
    )


def _link(text: str) -> str:
    [line] = [line for line in text.splitlines() if line.startswith("https://shop.example/password?token=")]
    return line.partition("token=")[2]


def test_a_reset_goes_through_smtp(house: tuple[Served, World], inbox: Inbox) -> None:
    served, world = house
    person = world.user(world.a, "regular")
    own = served.client(headers=person.headers)
    email = own.get(f"{API}/user").json()["email"]
    inbox.mails.clear()
    assert own.post(f"{API}/user/resetpassword").status_code == 200
    [(sender, to, mail)] = inbox.mails
    assert (sender, to) == ("shop@brassleaf.example", [email])
    assert str(mail["From"]) == f"{world.a.marker} name <shop@brassleaf.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    token = _link(mail.get_content())
    with served.client() as stranger:
        sent = {"token": token, "password": "Better-Pass-8"}
        assert stranger.post("/security/v1/resetpassword", json=sent).status_code == 200
    assert not (served.settings.data / "outbox").exists()


def test_who_is_refused_by_the_mail_server_can_be_reminded(boss: httpx.Client, inbox: Inbox) -> None:
    inbox.mails.clear()
    inbox.refused = {"gone@shop.example"}
    answer = _invite(boss, "first@shop.example", "gone@shop.example", "last@shop.example")
    assert answer.status_code == 200, answer.text
    gone = answer.json()["users"][1]
    assert [user["mailSent"] for user in answer.json()["users"]] == [True, False, True]
    assert "1 mail(s) could not be sent" in answer.json()["message"]
    assert [to for _, to, _ in inbox.mails] == [["first@shop.example"], ["last@shop.example"]]
    remind = f"{API}/organization/user/{gone['_id']}/remind"
    refused = boss.post(remind)
    assert refused.status_code == 503
    assert "Try again later" in refused.json()["message"]
    inbox.refused = set()
    assert boss.post(remind).status_code == 200
    assert inbox.mails[-1][1] == ["gone@shop.example"]


LONG = "Acme Hose, Inc. (hydraulic hoses, fittings and repairs since 1972), Houston and Dallas, Texas"
NAMES = [
    "Plain Hoses", LONG, 'Söhne, "Hydraulik" <boss@x.example> & Co', f"Öl, {LONG}", "日本語, ホース " * 30, "x" * 500,
    'a, "b" \\ <c> ' * 35, "=?utf-8?q?evil=0D=0ABcc:_a=40x.example?=",
]  # fmt: skip


@pytest.mark.parametrize("name", [name.strip()[:500] for name in NAMES], ids=range(len(NAMES)))
@pytest.mark.parametrize("sender", ["shop@brassleaf.example", f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example"])
def test_a_name_of_any_length_stays_one_name(tmp_path: Path, name: str, sender: str) -> None:
    """Read back as an address and, each encoded word on its own, as RFC 2047 has it; no line is too long."""
    mailer = Mailer(Settings(data=tmp_path, mail_from=sender))
    to = f"{'d' * 64}@{'e' * 60}.{'f' * 60}.example"
    assert mailer._into_outbox([Mail(to, name, f"{name}: a new password", "Hello.\n")]) == [True]
    [mail] = outbox(tmp_path, to)
    [path] = (tmp_path / "outbox").iterdir()
    content = path.read_bytes()
    [mailbox] = mail["From"].addresses
    assert mailbox.addr_spec == sender
    plain = email.message_from_bytes(content)
    display, address = parseaddr(str(plain["From"]).replace("\r\n", ""))
    assert (str(make_header(decode_header(display))), address) == (name, sender)
    if name.isascii() and len(name) < 300 and "=?" not in name:
        assert mailbox.display_name == name
    assert str(mail["Subject"]) == f"{name}: a new password"
    assert [entry.addr_spec for entry in mail["To"].addresses] == [to]
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    }  # fmt: skip
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert all(len(line) <= 76 for line in lines if line.startswith((b" =?", b"From: =?", b"Subject: =?")))


@pytest.mark.parametrize("shop", [LONG, 'Söhne, "Hydraulik" <boss@x.example> & Co'])
def test_names_with_other_letters_and_commas_go_through_smtp(boss: httpx.Client, inbox: Inbox, shop: str) -> None:
    name = boss.get(f"{API}/organization").json()["name"]
    boss.post(f"{API}/organization/update", json={"name": shop})
    try:
        inbox.mails.clear()
        to = f"comma{len(shop)}@shop.example"
        assert _invite(boss, to).json()["users"][0]["mailSent"] is True
        [(sender, recipients, mail)] = inbox.mails
        assert (sender, recipients) == ("shop@brassleaf.example", [to])
        [address] = mail["From"].addresses
        assert address.addr_spec == "shop@brassleaf.example"
        # Python's reader leaves a space between two encoded words of a name
        assert address.display_name.replace(" ", "") == shop.replace(" ", "")
        assert shop in str(mail["Subject"])
        assert shop in mail.get_content()
    finally:
        boss.post(f"{API}/organization/update", json={"name": name})


def test_a_mail_server_that_is_not_there_is_said_and_blocks_nobody(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, mail_host="127.0.0.1", mail_port=1, mail_security="none") as served:
        world = World(served, bare=True)
        own = served.client(headers=world.a.admin.headers)
        answer = own.post(f"{API}/user/resetpassword")
        assert answer.status_code == 503
        assert "retry-after" in answer.headers


def test_a_slow_mail_server_keeps_no_request_waiting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never says a word
        port = silent.getsockname()[1]
        with serving(tmp_path, mail_host="127.0.0.1", mail_port=port, mail_security="none") as served:
            world = World(served, bare=True)
            own = served.client(headers=world.a.admin.headers)
            waiting = threading.Thread(target=lambda: own.post(f"{API}/user/resetpassword"))
            waiting.start()
            other = served.client(headers=world.a.admin.headers)
            for _ in range(20):
                assert other.get(f"{API}/user", timeout=2).status_code == 200
            assert waiting.is_alive()
            connection, _ = silent.accept()
            connection.close()
            silent.close()  # whoever tries again is refused at once
            waiting.join(20)
            assert not waiting.is_alive()


def test_a_mail_server_whose_certificate_nobody_vouches_for_gets_nothing(
    tmp_path: Path,
) -> None:
    """The default is STARTTLS: a server that has none gets no mail."""
    plain = Inbox()
    plain.controller.start()
    try:
        with serving(tmp_path, mail_host="127.0.0.1", mail_port=plain.port) as served:
            world = World(served, bare=True)
            own = served.client(headers=world.a.admin.headers)
            assert own.post(f"{API}/user/resetpassword").status_code == 503
            assert plain.mails == []
    finally:
        plain.controller.stop()


def test_the_outbox_holds_whole_files_for_its_owner_only(served: Served, world: World) -> None:
    with served.client(headers=world.a.admin.headers) as own:
        assert _invite(own, "outbox@shop.example").status_code == 200
    folder = served.settings.data / "outbox"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {path.suffix for path in folder.iterdir()} == {".eml"}
    [mail] = outbox(served.settings.data, "outbox@shop.example")
    assert len(code_in(mail)) == 66


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mail_from", "Shop <a@b>"), ("mail_from", "nobody"), ("mail_link", "https://x.example/"),
        ("mail_link", "javascript:{token}"), ("mail_security", "ssl"), ("mail_port", 0), ("history_days", 0),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_named(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=f"BRASSLEAF_{name.upper()}"):
        load(**{name: value})
    assert Settings().mail_host == ""
