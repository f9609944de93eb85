"""What is sent and shown of an other item."""

from typing import Annotated

from pydantic import AfterValidator, Field

from brassleaf.catalog.kinds import Kind, Paths
from brassleaf.catalog.models import ItemChange
from brassleaf.http.fields import Positive, Text
from brassleaf.security.roles import STAFF
from brassleaf.sheets.columns import Column
from brassleaf.trade.itemtypes import ITEM_TYPES


def _free(value: str) -> str:
    if value.casefold() in {name.casefold() for name in ITEM_TYPES}:
        raise ValueError(f"{value} is a type of its own; say what else it is, or leave the field out.")
    return value


class OtherItemFields(ItemChange):
    """The fields of an other item."""

    customType: Annotated[Text, AfterValidator(_free)] | None = Field(
        None, alias="itemType", description="What the organization calls this type of item: bearing, oil, service."
    )
    weightLbs: Positive | None = None


OTHER_ITEM = Kind(
    item_type="otherItem",
    noun="other item",
    paths=Paths(one="otheritem", many="otheritems", custom="customotheritems", id_name="otherItemId"),
    fields=OtherItemFields,
    required=("partNumber",),
    columns=(Column("Item type", "customType"), Column("Weight lb", "weightLbs", "number")),
    search=("partNumber", "brand", "itemType", "description"),
    editors=STAFF,
    bracketed=True,
)
