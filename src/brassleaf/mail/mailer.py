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
from email import message_from_string, policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from pathlib import Path

from brassleaf.settings import Settings

log = logging.getLogger("brassleaf")

OUTBOX = "outbox"
_SECONDS = 15
#: A header may have 998 letters (RFC 5322, 2.1.1); quoting a name may double it, and an address has up to 254.
_LONGEST = 350
_AS_WRITTEN = policy.SMTP.clone(refold_source="none")


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
            message = self._message(mail)
            utf8 = _AS_WRITTEN.clone(utf8=not mail.to.isascii())
            try:
                write_file(self._settings.data / OUTBOX, message.as_bytes(policy=utf8))
            except OSError as error:
                log.warning("a mail could not be put into the outbox: %s", error)
                sent.append(False)
            else:
                sent.append(True)
        return sent

    def _message(self, mail: Mail) -> EmailMessage:
        sender = self._settings.mail_from
        head = (
            f"From: {_mailbox(mail.organization, sender)}",
            f"To: {mail.to}",
            f"Subject: {_words(mail.subject, 'Subject')}",
            f"Date: {format_datetime(datetime.now(UTC))}",
            f"Message-ID: {make_msgid(domain=sender.rpartition('@')[2])}",
            "Auto-Submitted: auto-generated",  # RFC 3834: no holiday notice shall answer
        )
        # a header that is read is written as it was: Python's own folding loses the quotes of a long name with a comma
        message = message_from_string("\r\n".join((*head, "", "")), EmailMessage, policy=_AS_WRITTEN)
        message.set_content(mail.text)
        return message


def _mailbox(name: str, address: str) -> str:
    """A name and an address as one mailbox: the name as it is, quoted, or in encoded words."""
    words = _words(name, "From")
    if words.startswith("=?"):
        return f"{words}\r\n <{address}>"
    return formataddr((words, address))


def _words(text: str, header: str) -> str:
    """A line of a header: as it is where that is safe and short, else in encoded words, folded (RFC 2047)."""
    text = " ".join(text.split())
    if text.isascii() and "=?" not in text and len(text) <= _LONGEST:
        return text
    return Header(text, "utf-8", maxlinelen=76, header_name=header).encode(linesep="\r\n")


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
