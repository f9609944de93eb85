"""Sends mails beside the event loop: by SMTP, or, where no server is set, as files in the folder `outbox`."""

import asyncio
import contextlib
import logging
import os
import secrets
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from brassleaf.settings import Settings

log = logging.getLogger("brassleaf")

OUTBOX = "outbox"
_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain text to one person, on behalf of an organization."""

    to: str
    organization: str
    subject: str
    text: str


class Mailer:
    """Sends mails, two at a time, so that a slow mail server keeps nothing else waiting."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(2, "brassleaf-mail")

    async def send(self, mails: Sequence[Mail]) -> list[bool]:
        """Send mails; says of each whether it went out."""
        work = self._by_smtp if self._settings.mail_host else self._into_outbox
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, mails)

    async def close(self) -> None:
        """Let mails that are under way go out."""
        await asyncio.to_thread(self._threads.shutdown)

    # -- in threads -----------------------------------------------------------------------------------------------

    def _by_smtp(self, mails: Sequence[Mail]) -> list[bool]:
        sent: list[bool] = []
        try:
            with self._connected() as server:
                # one by one: what went out before a connection broke has gone out
                sent.extend(self._sent(server, mail) for mail in mails)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("the mail server %s: %s", self._settings.mail_host, error)
        return sent + [False] * (len(mails) - len(sent))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        at = self._settings
        if at.mail_security == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(at.mail_host, at.mail_port, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(at.mail_host, at.mail_port, timeout=_SECONDS)
        with server:
            if at.mail_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if at.mail_user:
                server.login(at.mail_user, at.mail_password.get_secret_value())
            yield server

    def _sent(self, server: smtplib.SMTP, mail: Mail) -> bool:
        try:
            server.send_message(self._message(mail), self._settings.mail_from, [mail.to])
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as error:
            log.warning("a mail was refused by the mail server: %s", type(error).__name__)
            server.rset()
            return False
        return True

    def _into_outbox(self, mails: Sequence[Mail]) -> list[bool]:
        sent = []
        for mail in mails:
            utf8 = policy.SMTP.clone(utf8=not mail.to.isascii())
            try:
                write_file(self._settings.data / OUTBOX, self._message(mail).as_bytes(policy=utf8))
            except OSError as error:
                log.warning("a mail could not be put into the outbox: %s", error)
                sent.append(False)
            else:
                sent.append(True)
        return sent

    def _message(self, mail: Mail) -> EmailMessage:
        sender = self._settings.mail_from
        message = EmailMessage(policy.SMTP)
        message["From"] = Address(mail.organization, addr_spec=sender)
        message["To"] = _address(mail.to)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice shall answer
        message.set_content(mail.text)
        return message


def _address(text: str) -> Address:
    local, _, domain = text.rpartition("@")
    return Address(username=local, domain=domain)


def write_file(folder: Path, content: bytes) -> Path:
    """A new file under a name of its own, there at once and whole; only for the user of the server to read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{datetime.now(UTC).strftime('%Y%m%dT%H%M%S.%f')}-{secrets.token_hex(4)}.eml"
    part = folder / f".{name}.part"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return part.rename(folder / name)
    finally:
        part.unlink(missing_ok=True)
