"""What is asked of a parse, what it answers, and what is kept of the feedback."""

from typing import Annotated, Any, Literal

from pydantic import Field

from brassleaf.assemblies.models import Quantity
from brassleaf.http.fields import Currency, LengthUnit, LongText, OptionalId, Text, like
from brassleaf.http.models import Sent, Shown
from brassleaf.pricing.models import Price, PriceWithoutCost
from brassleaf.security.views import View
from brassleaf.store.collections import Collection
from brassleaf.store.collections import Field as Queried
from brassleaf.trade.parsing import MAX_TEXT

#: What people chose where a text said something: at most one document for a phrase and an item.
CHOICES = Collection("parseChoices", (Queried("phrase"), Queried("item", indexed=False)), trail=False)

#: A text to be read; what is longer is refused, and so are control characters.
ParseText = Annotated[LongText, Field(min_length=1, max_length=MAX_TEXT)]
Role = Literal["hose", "end1", "end2", "wrap"]


class ParseAsked(Sent):
    """A text to be read as an assembly. `brand` and `lengthUnit` count where the text says nothing."""

    text: ParseText
    brand: Text | None = None
    lengthUnit: LengthUnit | None = None
    customerOrgId: OptionalId = None
    quantity: Quantity | None = Field(None, description="For the price; none: the quantity of the text, else 1.")
    currency: Currency | None = None


class Corrected(Sent):
    """What the text means: ids of the catalogue, as in the result of a parse."""

    hose: OptionalId = None
    end1: OptionalId = None
    end2: OptionalId = None
    wrap: OptionalId = None


class FeedbackSent(Sent):
    """What a user made of a parse: `corrected` names what the text means where the parse was wrong."""

    parseId: (
        Annotated[
            str, like("^[A-Za-z0-9_-]+$", "Give the parseId that the parse was answered with.", max_length=60_000)
        ]
        | None
    ) = None
    text: ParseText | None = None
    accepted: bool
    corrected: Corrected | None = None
    comments: LongText | None = None


class ParsedField(Shown):
    """One thing that a text says: how sure that is (0 to 1), and whether the text says it or custom does."""

    value: Any
    confidence: float = Field(ge=0, le=1)
    stated: bool


class Candidate(Shown):
    """An item of the catalogue that the text may mean, and why."""

    item: str
    partNumber: str
    brand: str
    description: str | None = None
    score: float = Field(ge=0, le=1)
    reasons: list[str]


class ParsedConflict(Shown):
    """Readings of a field that cannot both be so, or need a second look."""

    field: str
    values: list[str]
    message: str


class ParseResult(Shown):
    """The assembly, with the fields of POST /hoseassemblies/create."""

    hose: str | None
    end1: str | None
    end2: str | None
    ferrule1: str | None = None
    ferrule2: str | None = None
    wrap: str | None = None
    length: float | None
    lengthUnit: str | None
    definedByCutLength: bool | None = None
    lengthConvention: str | None = None
    orientationAngle: float | None = None
    proofTest: bool | None = None
    burstTest: bool | None = None


class ParsedWithoutCost(Shown):
    """A text as an assembly: what was chosen, what else may be meant, what was not understood, and the price."""

    parseId: str
    text: str
    result: ParseResult
    quantity: int | None = None
    fields: dict[str, ParsedField]
    candidates: dict[str, list[Candidate]]
    conflicts: list[ParsedConflict]
    unmatched: list[str]
    warnings: list[str]
    price: PriceWithoutCost | None = Field(None, description="Where hose, both ends and length are determined.")


class Parsed(ParsedWithoutCost):
    """The same with the price's costs."""

    price: Price | None = None


PARSED = View(Parsed, ParsedWithoutCost)
