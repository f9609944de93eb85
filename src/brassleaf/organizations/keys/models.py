"""What is sent and shown of API keys; the secret itself is shown once and kept nowhere."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from brassleaf.http.addresses import parse_network
from brassleaf.http.fields import Required, Text
from brassleaf.http.models import Record, Sent, Shown


def normal_type(text: Any) -> Any:
    """A key type as it is stored; the guide writes Admin and Customer, the endpoints full-access."""
    return text.strip().lower() if isinstance(text, str) else text


KeyType = Annotated[Literal["admin", "full-access", "read-only", "customer"], BeforeValidator(normal_type)]


def normal_network(text: str) -> str:
    """An address or network as it is stored. Raises ValueError with a sentence."""
    network = parse_network(text)
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def _scopes(text: str) -> str:
    named = {part.strip().lower() for part in text.split(",")}
    if "read" not in named or not named <= {"read", "write"}:
        raise ValueError("Use read or read,write.")
    return "read,write" if "write" in named else "read"


class TrustedAddress(Sent):
    """An address, or a network such as 192.0.2.0/24, that tokens may be asked for from."""

    ipAddress: Annotated[Text, AfterValidator(normal_network)]
    description: Text | None = None


class KeyFields(Sent):
    """An API key. In an update `approvedIpAddresses` is the whole list, a missing `expires` stays, null removes it."""

    name: Annotated[Required, Field(max_length=200)]
    scopes: Annotated[Text, AfterValidator(_scopes)] = Field(
        description="read or read,write. Without write a key changes nothing, whatever its type; read-only has none."
    )
    keyType: KeyType = Field(description="full-access is admin. Upper and lower case count alike.")
    approvedIpAddresses: Annotated[list[TrustedAddress], Field(max_length=1000)] | None = Field(
        None, description="From where security tokens may be asked for; with none, from nowhere."
    )
    expires: Text | None = Field(None, description="ISO 8601 date (its last moment, UTC) or date-time; none: never.")


class ShownAddress(Shown):
    """A trusted address."""

    ipAddress: str
    description: str | None = None


class ApiKey(Record):
    """An API key without its secret."""

    name: str
    keyType: str
    scopes: str
    approvedIpAddresses: list[ShownAddress]
    expires: str | None = None
    lastFour: str = Field(description="The last four characters of the secret.")
    lastUsed: str | None = Field(None, description="When it last got a security token, to the minute.")


class NewApiKey(ApiKey):
    """A new API key with its secret, this once."""

    apiKey: str
