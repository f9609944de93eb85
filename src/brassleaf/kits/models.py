"""What is stored of a hose kit, what is sent, and what is answered."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from brassleaf.assemblies.models import Quantity
from brassleaf.customers.heads import Head, NumberedHead
from brassleaf.http.fields import DIGITS, LongText, Number, OptionalId, Required, Text
from brassleaf.http.models import PageOf, Record, Sent, Shown
from brassleaf.revisions.lifecycle import FIELDS, unique_keys
from brassleaf.store.collections import Collection
from brassleaf.store.collections import Field as Queried
from brassleaf.trade.numbers import decimal_of, plain

KITS = Collection(
    "hoseKits",
    (
        Queried("partNumber", search=True),
        Queried("revision"),
        Queried("customerPartNumber", search=True),
        Queried("customerName", search=True),
        Queried("description", search=True),
        Queried("customerOrgId"),
        Queried("hoseAssemblies.item", many=True),
        *FIELDS,
    ),
    unique_keys("partNumber"),
    order="partNumber",
)

#: The lists of lines that a kit has, and the type of item that each takes.
LINES: dict[str, str] = {"hoseAssemblies": "hoseAssembly", "adaptors": "adaptor", "otherItems": "otherItem"}
MOST_LINES = 1_000


def _number_text(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if not abs(value) < 10**DIGITS:
        raise ValueError(f"Give a text, or a number of at most {DIGITS} digits.")
    return plain(decimal_of(value, "number"), DIGITS)


#: The number of a line: a text, or a number that is kept as one.
LineNumber = Annotated[
    Text,
    BeforeValidator(_number_text),
    WithJsonSchema({"type": ["string", "number"], "maxLength": 500, "maximum": 1e15, "minimum": -1e15}),
]

Status = Literal["under editing"]
_NEW = Field(None, description="A new kit is under editing.")


class SentLine(Sent):
    """A line of a new kit: an item once, and how many of it. One that says `deleted` is left out."""

    number: LineNumber | None = Field(None, description="The line's number; the next free one when absent.")
    comments: LongText | None = None
    quantity: Quantity | None = Field(None, description="1 when absent.")
    order: Number | None = Field(None, description="The line's place among all lines; the last when absent.")
    deleted: bool | None = None
    item: OptionalId = None


SentLines = Annotated[list[SentLine], Field(max_length=MOST_LINES)]


class KitFields(Head):
    """The head of a hose kit, none of it required."""

    partNumber: Required | None = None
    status: Status | None = _NEW


class NewKit(NumberedHead):
    """A new hose kit."""

    partNumber: Required = Field(description="`*` takes the next number of the organization's sequence.")
    status: Status | None = _NEW
    hoseAssemblies: SentLines = []
    adaptors: SentLines = []
    otherItems: SentLines = []


class KitRef(Sent):
    """A number that may be taken."""

    partNumber: Required
    revision: Text | None = None


class KitExists(Shown):
    """Whether a part number and revision are taken, and by which kit."""

    exists: bool
    id: str | None = Field(alias="_id")


class KitLine(Shown):
    """A line of a kit."""

    id: Annotated[str, Field(alias="_id")]
    item: str
    number: str
    quantity: float
    order: float
    comments: str | None = None


class HoseKit(Record):
    """A hose kit as it is stored."""

    organization: str | None = None
    itemType: Literal["hoseKit"]
    partNumber: str
    revision: str | None = None
    description: str | None = None
    customerPartNumber: str | None = None
    customerRevision: str | None = None
    customerName: str | None = None
    customerOrgId: str | None = None
    comments: str | None = None
    status: str
    version: int
    chain: str
    newest: bool
    firstOfRevision: bool
    previousVersion: str | None = None
    nextVersion: str | None = None
    hoseAssemblies: list[KitLine]
    adaptors: list[KitLine]
    otherItems: list[KitLine]


KitPage = PageOf[HoseKit]
