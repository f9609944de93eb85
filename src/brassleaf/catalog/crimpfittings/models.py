"""What is sent and shown of a crimp fitting."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from brassleaf.catalog.kinds import PRESSURE_UNITS, Kind, Paths, measured
from brassleaf.catalog.models import ItemChange, Pressure
from brassleaf.http.fields import Number, OptionalId, Positive, Required, Text
from brassleaf.http.models import Sent, Shown
from brassleaf.security.roles import ADMIN
from brassleaf.sheets.columns import Column
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
    paths=Paths(one="crimpfitting", many="crimpfittings", custom="customcrimpfittings", id_name="crimpfittingId"),
    fields=CrimpFittingFields,
    required=("partNumber", "brand", "hoseSize"),
    needed=("hoseDash", "series", "cutOffmm"),
    columns=(
        Column("Hose size", "hoseSize", required=True, note='Dash, inches or DN: -08, 1/2", DN12.'),
        Column("Style", "style"),
        Column("Gender", "gender"),
        Column("End size", "dashSize"),
        Column("Thread", "thread"),
        Column("Shape", "shape"),
        Column("Swivel", "swivel", choices=("swivel",)),
        Column("MS specification", "specMS"),
        Column("SAE specification", "specSAE"),
        Column("Cross reference", "crossReference", "number"),
        Column("Weight lb", "weightLbs", "number"),
        Column("Drop length mm", "dropLengthmm", "number"),
        Column("Cut-off mm", "cutOffmm", "number"),
        Column("Cut-off measured to", "cutOffReference", choices=get_args(CutOffReference)),
        Column("Overall length mm", "overallLengthmm", "number"),
        *measured("Working pressure", "workingPressure", PRESSURE_UNITS),
        Column("One piece", "onePiece", "boolean", note="The ferrule is attached."),
    ),
    search=("partNumber", "brand", "series", "hoseSize", "dashSize", "style", "gender", "description"),
    sorts=("series", "hoseSize", "dashSize", "style", "gender", "shape"),
    editors=ADMIN,
    size_of=fitting_size,
    bracketed=True,
)
#: For whoever makes fittings without a request.
NewCrimpFitting = CRIMP_FITTING.create
