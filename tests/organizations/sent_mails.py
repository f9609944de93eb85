"""Mails that a server sent: into its outbox, or to a real SMTP server in this process."""

import email
import email.policy
import re
import socket
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


def read(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def outbox(folder: Path, to: str) -> list[EmailMessage]:
    """The mails to an address, oldest first."""
    mails = [read(path.read_bytes()) for path in sorted((folder / "outbox").glob("*.eml"))]
    return [mail for mail in mails if str(mail["To"]).lower() == to.lower()]


def code_in(mail: EmailMessage) -> str:
    """The code of a mail: the one long word."""
    words = [line for line in mail.get_content().splitlines() if re.fullmatch("[A-Za-z0-9_-]{66}", line)]
    assert len(words) == 1, mail.get_content()
    return str(words[0])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Inbox:
    """Takes mails as a mail server does. `refused` are addresses that it knows nobody of."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], EmailMessage]] = []
        self.refused: set[str] = set()
        self.controller = Controller(self, hostname="127.0.0.1", port=_free_port())

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, read(envelope.content)))
        return "250 OK"

    @property
    def port(self) -> int:
        return int(self.controller.port)
