"""What is sent and shown of a wrap."""

from brassleaf.catalog.kinds import MASS_UNITS, Kind, Paths, measured
from brassleaf.catalog.models import ItemChange, MassPerLength
from brassleaf.http.fields import Positive, Required, Text
from brassleaf.http.models import Shown
from brassleaf.security.roles import STAFF
from brassleaf.sheets.columns import Column

#: How much of a hose a wrap covers (domain.md section 1).
FULL = "full"
COVERAGES = (FULL, "from end 1", "from end 2", "both ends", "custom")


class WrapFields(ItemChange):
    """The fields of a wrap."""

    size: Required | None = None
    wrapType: Text | None = None
    colour: Text | None = None
    innerDiammm: Positive | None = None
    weightLbs: Positive | None = None
    weightPerLength: MassPerLength | None = None


class WrapStyle(Shown):
    """A kind of wrap in a colour."""

    wrapType: str | None = None
    colour: str | None = None
    imageName: str | None = None


class WrapCoverage(Shown):
    """A way in which a wrap covers a hose."""

    coverageType: str


WRAP = Kind(
    item_type="wrap",
    noun="wrap",
    paths=Paths(one="wrap", many="wraps", custom="customwraps", id_name="wrapId"),
    fields=WrapFields,
    required=("partNumber", "brand", "size"),
    needed=("innerDiammm",),
    columns=(
        Column("Size", "size", required=True),
        Column("Wrap type", "wrapType"),
        Column("Colour", "colour"),
        Column("Inner diameter mm", "innerDiammm", "number"),
        Column("Weight lb", "weightLbs", "number"),
        *measured("Weight per length", "weightPerLength", MASS_UNITS),
    ),
    search=("partNumber", "brand", "size", "series", "wrapType", "colour", "description"),
    sorts=("size", "wrapType", "colour"),
    editors=STAFF,
    bracketed=True,
)
