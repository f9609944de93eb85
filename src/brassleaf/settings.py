"""Every setting, from BRASSLEAF_* variables or a file `brassleaf.env`. Nothing else reads the environment."""

import difflib
import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "BRASSLEAF_"

Network = IPv4Network | IPv6Network


def _networks(value: object) -> object:
    if isinstance(value, str):
        return [ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip()]
    return value


Networks = Annotated[list[Network], NoDecode, BeforeValidator(_networks)]


class SettingsError(Exception):
    """A setting that cannot be used; the text names the variable."""


class Settings(BaseSettings):
    """What an operator may set. Each name is its variable: `data` is BRASSLEAF_DATA."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file="brassleaf.env", extra="ignore", frozen=True)

    data: Path = Field(Path("data"), description="Folder of the embedded store, uploads and the outbox.")
    store: str = Field("", description="Where documents live: empty for the embedded store, or a mongodb:// address.")
    mongo_driver: Literal["motor", "pymongo"] = Field("motor", description="The MongoDB driver.")
    mongo_standalone: bool = Field(
        default=False,
        description="Accept a MongoDB server that is no replica set; such a server can lose acknowledged writes.",
    )
    secret: SecretStr | None = Field(
        None,
        description="Key that signs tokens and mailed codes; by default one is made and kept.",
        min_length=32,
    )
    trusted_proxies: Networks = Field(
        default=[], description="Addresses or networks whose X-Forwarded-For is believed, comma-separated."
    )
    metrics_from: Networks = Field(
        default=[ip_network("127.0.0.0/8"), ip_network("::1/128")],
        description="Addresses or networks that may read /metrics, comma-separated.",
    )
    body_limit: int = Field(1_000_000, ge=1_000, description="Largest JSON body, in bytes.")
    upload_limit: int = Field(25_000_000, ge=1_000, description="Largest uploaded file, in bytes.")
    failed_attempts: int = Field(
        10, ge=1, description="Failed sign-ins from one address in five minutes before a wait."
    )
    history_days: int = Field(30, ge=1, le=3650, description="Days that the history of calls with API keys is kept.")
    audit_days: int = Field(0, ge=0, le=36_500, description="Days that the audit trail is kept; 0: for good.")
    mail_host: str = Field("", description="SMTP server; empty: mails are put into the folder outbox, one file each.")
    mail_port: int = Field(587, ge=1, le=65535, description="Port of the SMTP server.")
    mail_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection to the SMTP server is encrypted."
    )
    mail_user: str = Field("", description="User at the SMTP server; empty: none.")
    mail_password: SecretStr = Field(SecretStr(""), description="Password at the SMTP server.")
    mail_from: str = Field("brassleaf@localhost", description="Address that mails come from.")
    mail_link: str = Field(
        "", description="Your page for choosing a password, for mails: https://shop.example/password?token={token}"
    )
    log: Literal["json", "text", "off"] = Field("json", description="Shape of the log on standard error.")

    @field_validator("store")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value and not value.startswith(("mongodb://", "mongodb+srv://")):
            raise ValueError("leave it empty for the embedded store, or give a mongodb:// address")
        return value

    @field_validator("mail_from")
    @classmethod
    def _known_sender(cls, value: str) -> str:
        if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
            raise ValueError("give a plain e-mail address")
        return value

    @field_validator("mail_link")
    @classmethod
    def _known_link(cls, value: str) -> str:
        if value and ("{token}" not in value or not value.startswith(("https://", "http://"))):
            raise ValueError("give an https:// address with {token} in it")
        return value

    @property
    def embedded_file(self) -> Path:
        """The file of the embedded store."""
        return self.data / "brassleaf.sqlite"


def load(**given: object) -> Settings:
    """The settings in force. Raises SettingsError, naming the variable that cannot be used."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" if e["loc"] else e["msg"] for e in error.errors()]
        raise SettingsError("\n".join(lines)) from error


def misspelled() -> list[str]:
    """Variables that look like settings but are none, each with the likely right name."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    found = []
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            found.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
    return found
