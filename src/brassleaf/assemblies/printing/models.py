"""What is asked of labels, cut sheets and files for other programs."""

from typing import Annotated, Literal

from pydantic import Field

from brassleaf.assemblies.models import Quantity
from brassleaf.documents.labels import LabelSize
from brassleaf.http.fields import LengthUnit, Text
from brassleaf.http.models import Sent

MOST_LABELS = 2_000


class LabelAsked(Sent):
    """Labels of one assembly."""

    numCopies: Annotated[int, Field(ge=1, le=MOST_LABELS)] = 1
    labelSize: LabelSize = Field("2x3", description="Width x height, in inches where no unit is named.")
    format: Literal["pdf", "zpl"] = "pdf"
    dpi: Literal[203, 300, 600] = Field(203, description="Of the printer that the ZPL is for.")
    serialNumberStart: Annotated[int, Field(ge=0, lt=10**12)] | None = Field(
        None, description="Each label gets its own serial number, from this one on."
    )
    numbered: bool = Field(default=False, description="Print which piece of how many a label is for: `3 of 12`.")
    workOrder: Text | None = None


class FileAsked(Sent):
    """A file for a marking printer or a tracking system."""

    quantity: Quantity = 1
    workOrder: Text | None = None


class CutSheetAsked(Sent):
    """A cut sheet for the bench."""

    quantity: Quantity = 1
    workOrder: Text | None = None
    lengthUnit: LengthUnit | None = None
    paper: Literal["letter", "a4"] | None = None
