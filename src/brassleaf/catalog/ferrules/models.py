"""What is sent and shown of a ferrule."""

from brassleaf.catalog.kinds import Kind, Paths
from brassleaf.catalog.models import ItemChange
from brassleaf.http.fields import Positive, Required
from brassleaf.security.roles import STAFF
from brassleaf.sheets.columns import Column
from brassleaf.store.collections import Document
from brassleaf.trade.sizes import parse_hose_size


class FerruleFields(ItemChange):
    """The fields of a ferrule."""

    size: Required | None = None
    weightLbs: Positive | None = None
    diametermm: Positive | None = None
    lengthmm: Positive | None = None


def ferrule_size(document: Document) -> int | None:
    """The size of the hose that a ferrule is for, in sixteenths of an inch."""
    return parse_hose_size(str(document.get("size") or ""))


FERRULE = Kind(
    item_type="ferrule",
    noun="ferrule",
    paths=Paths(one="ferrule", many="ferrules", custom="customferrules", id_name="ferruleId"),
    fields=FerruleFields,
    required=("partNumber", "brand", "size"),
    needed=("hoseDash",),
    columns=(
        Column("Size", "size", required=True, note="Of the hose: -08."),
        Column("Weight lb", "weightLbs", "number"),
        Column("Diameter mm", "diametermm", "number"),
        Column("Length mm", "lengthmm", "number"),
    ),
    search=("partNumber", "brand", "size", "series", "description"),
    sorts=("size", "series"),
    editors=STAFF,
    size_of=ferrule_size,
)
