"""What is sent and shown of a crimp fitting."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.models import Cost, ItemChange, ItemWithoutCost, Pressure, PropertiesChange, ShownMeasure
from brassleaf.http.fields import Number, OptionalId, Positive, Required, Text
from brassleaf.http.models import PageOf, Sent, Shown
from brassleaf.security.roles import ADMIN
from brassleaf.security.views import View
from brassleaf.store.collections import Document
from brassleaf.trade.length import Reference
from brassleaf.trade.sizes import parse_hose_size

#: The point that a cut-off is measured to (domain.md section 3).
CutOffReference = Literal["seal face", "thread end", "nut end", "flange face", "centreline"]
assert set(get_args(CutOffReference)) == {str(reference.value) for reference in Reference}  # noqa: S101


class CrimpFittingFields(ItemChange):
    """The fields of a crimp fitting."""

    hoseSize: Required | None = None
    style: Text | None = None
    gender: Text | None = None
    dashSize: Text | None = Field(None, description="Size of the threaded or flanged end.")
    thread: Text | None = None
    shape: Text | None = None
    swivel: Literal["swivel"] | None = None
    specMS: Text | None = None
    specSAE: Text | None = None
    crossReference: Number | None = None
    weightLbs: Positive | None = None
    dropLengthmm: Positive | None = None
    cutOffmm: Positive | None = Field(None, description="What the fitting adds to the hose beyond its end.")
    cutOffReference: CutOffReference | None = Field(None, description="The point that cutOffmm is measured to.")
    overallLengthmm: Positive | None = None
    workingPressure: Pressure | None = None
    onePiece: bool | None = Field(None, description="The ferrule is attached.")


class NewCrimpFitting(CrimpFittingFields):
    """A new fitting of the organization's own."""

    partNumber: Required
    brand: Required
    hoseSize: Required


class CrimpFittingUpdate(CrimpFittingFields, PropertiesChange):
    """The organization's properties of a fitting; of its own fittings, their fields too."""


class CrimpFittingWithoutCost(ItemWithoutCost):
    """A crimp fitting with the organization's properties."""

    hoseSize: str
    style: str | None = None
    gender: str | None = None
    dashSize: str | None = None
    thread: str | None = None
    shape: str | None = None
    swivel: str | None = None
    specMS: str | None = None
    specSAE: str | None = None
    crossReference: float | None = None
    weightLbs: float | None = None
    dropLengthmm: float | None = None
    cutOffmm: float | None = None
    cutOffReference: str | None = None
    overallLengthmm: float | None = None
    workingPressure: ShownMeasure | None = None
    onePiece: bool | None = None


class CrimpFitting(CrimpFittingWithoutCost, Cost):
    """A crimp fitting with the organization's properties and its cost."""


class FittingSizes(Sent):
    """Which fittings' sizes are asked for; with a hose, only fittings that may be crimped to it."""

    brand: Text | None = None
    couplingSeries: Text | None = None
    hoseSize: Text | None = None
    style: Text | None = None
    gender: Text | None = None
    shape: Text | None = None
    hoseId: OptionalId = None


class SizesAnswer(Shown):
    """Sizes of fittings, each list in numeric order."""

    hoseSizes: Annotated[list[str], Field(description="Hose ends.")]
    dashSizes: Annotated[list[str], Field(description="Threaded or flanged ends.")]


def fitting_size(document: Document) -> int | None:
    """The size of the hose that a fitting is for, in sixteenths of an inch."""
    return parse_hose_size(str(document.get("hoseSize") or ""))


CRIMP_FITTING = Kind(
    item_type="crimpFitting",
    noun="crimp fitting",
    create=NewCrimpFitting,
    update=CrimpFittingUpdate,
    view=View(CrimpFitting, CrimpFittingWithoutCost),
    search=("partNumber", "brand", "series", "hoseSize", "dashSize", "style", "gender", "description"),
    sorts=("series", "hoseSize", "dashSize", "style", "gender", "shape"),
    editors=ADMIN,
    size_of=fitting_size,
    bracketed=True,
)
CrimpFittingPage = PageOf[CrimpFitting]
