"""The lines of kits as they are sent one by one and listed with their items."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from brassleaf.assemblies.models import HoseAssembly, Quantity, ShownPart
from brassleaf.http.fields import Id, LongText
from brassleaf.http.models import Sent, Shown
from brassleaf.kits.models import LINES, LineNumber

LineType = Literal["hoseAssembly", "adaptor", "otherItem"]
assert set(get_args(LineType)) == set(LINES.values())  # noqa: S101


class AddedLine(Sent):
    """An item for a kit."""

    itemId: Id
    quantity: Quantity = 1
    itemNumber: LineNumber | None = Field(None, description="The line's number; the next free one when absent.")
    comments: LongText | None = None


class ChangedLine(Sent):
    """What a line says from now on; comments that are absent stay."""

    itemId: Id = Field(description="As in the path.")
    itemNumber: Annotated[LineNumber, Field(min_length=1)]
    quantity: Quantity
    comments: LongText | None = None


class ListedLine(Shown):
    """A line of a kit with its item."""

    id: Annotated[str, Field(alias="_id")]
    itemId: str
    itemNumber: str
    itemType: LineType
    quantity: float
    order: float
    comments: str | None = None
    partNumber: str | None = None
    revision: str | None = None
    description: str | None = None
    status: str | None = None
    brand: str | None = None
    orgPartNumber: str | None = None
    item: HoseAssembly | ShownPart | None = Field(
        None, description="Absent where it is not there any more, and for a customer where it is another customer's."
    )


class ListedLines(Shown):
    """Lines of a kit."""

    items: list[ListedLine]
    total: int
    page: int
    itemsPerPage: int
