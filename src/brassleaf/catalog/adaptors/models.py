"""What is sent and shown of an adaptor."""

from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from brassleaf.catalog.kinds import PRESSURE_UNITS, Kind, Paths, measured
from brassleaf.catalog.models import ItemChange, Pressure
from brassleaf.http.fields import Number, Positive, Required, Text
from brassleaf.http.models import PageOf, Sent, Shown
from brassleaf.security.roles import ADMIN
from brassleaf.sheets.columns import Column

#: A cross has four ends; manifolds have more, which an import leaves alone.
_COLUMNED = 4


class AdaptorEnd(Sent):
    """One end of an adaptor."""

    style: Text | None = None
    gender: Text | None = None
    dashSize: Text | None = None
    thread: Text | None = None
    swivel: Literal["swivel"] | None = None
    bulkhead: Literal["bulkhead"] | None = None


class AdaptorFields(ItemChange):
    """The fields of an adaptor."""

    shape: Required | None = None
    crossReference: Number | None = Field(None, description="The number that equal adaptors of different brands share.")
    familyCrossReference: Text | None = Field(None, description="What the sizes of one family share.")
    specMS: Text | None = None
    specSAE: Text | None = None
    ends: Annotated[list[AdaptorEnd], Field(max_length=12)] | None = None
    weightLbs: Positive | None = None
    lengthmm: Positive | None = None
    workingPressure: Pressure | None = None


def _end_columns() -> tuple[Column, ...]:
    names = {"style": "style", "gender": "gender", "dashSize": "size", "thread": "thread"}
    found: list[Column] = []
    for number in range(_COLUMNED):
        head, field = f"End {number + 1}", f"ends.{number}"
        found.extend(Column(f"{head} {text}", f"{field}.{name}") for name, text in names.items())
        found.extend(Column(f"{head} {name}", f"{field}.{name}", choices=(name,)) for name in ("swivel", "bulkhead"))
    return tuple(found)


ADAPTOR = Kind(
    item_type="adaptor",
    noun="adaptor",
    paths=Paths(one="adaptor", many="adaptors", custom="customadaptors", id_name="adaptorId"),
    fields=AdaptorFields,
    required=("partNumber", "brand", "shape"),
    needed=("ends",),
    columns=(
        Column("Shape", "shape", required=True),
        *_end_columns(),
        Column("Cross reference", "crossReference", "number"),
        Column("Family cross reference", "familyCrossReference"),
        Column("MS specification", "specMS"),
        Column("SAE specification", "specSAE"),
        Column("Weight lb", "weightLbs", "number"),
        Column("Length mm", "lengthmm", "number"),
        *measured("Working pressure", "workingPressure", PRESSURE_UNITS),
    ),
    search=("partNumber", "brand", "shape", "dashSize", "material", "description"),
    sorts=("shape",),
    editors=ADMIN,
    bracketed=True,
    create_operation="getAdaptorCreate",
)


class Difference(Shown):
    """A field in which an equivalent is not as the adaptor that was asked for."""

    field: str
    asked: Any = None
    found: Any = None


class CrossReason(Shown):
    """Why an adaptor is an equivalent."""

    code: Literal["cross-reference", "same-ends"]
    message: str


class EndChoices(Shown):
    """What an end may still be."""

    styles: list[str]
    genders: list[str]
    dashSizes: list[str]


class _Configured(Shown):
    """What is possible under the choices made so far, and the adaptors that are as chosen."""

    shapes: list[str]
    materials: list[str]
    ends: list[EndChoices] = Field(description="One for each end with a choice, then one for a further end.")
    total: int


_FULL: Any = ADAPTOR.view.full
Configuration = create_model(
    "Configuration", __base__=_Configured, items=(list[_FULL], Field(description="At most 50."))
)
Equivalent = create_model(
    "Equivalent",
    __base__=_FULL,
    __doc__="An adaptor that can stand for another one, why, and in what it differs.",
    reason=(CrossReason, ...),
    differs=(list[Difference], ...),
)
EquivalentPage: Any = PageOf.__class_getitem__(Equivalent)
