"""What is sent about components."""

from typing import Annotated

from pydantic import AfterValidator, Field

from brassleaf.http.fields import OptionalId, Text
from brassleaf.http.models import Sent
from brassleaf.trade.itemtypes import ITEM_TYPES, item_type_named

ComponentType = Annotated[Text, AfterValidator(item_type_named), Field(json_schema_extra={"enum": list(ITEM_TYPES)})]


class ComponentSearch(Sent):
    """Parts of what is looked for, without regard to case."""

    partNumber: Text | None = None
    orgPartNumber: Text | None = None
    brand: Text | None = None
    size: Text | None = None
    dashSize: Text | None = None
    hoseSize: Text | None = None
    nominalHoseSize: Text | None = None
    series: Text | None = None
    wrapType: Text | None = None
    description: Text | None = None
    itemType: Text | None = None
    colour: Text | None = None


class ComponentExport(Sent):
    """Which components to export."""

    components: Annotated[list[OptionalId], Field(max_length=100_000)]
    componentType: ComponentType
    selectAll: bool = Field(description="All of the type that the search finds; the list is ignored.")
    search: ComponentSearch | None = None


class ComponentTemplate(Sent):
    """Of which type an empty workbook is wanted."""

    componentType: ComponentType
