"""What is shown of items where their type may be any."""

from typing import Any

from pydantic import Field, create_model

from brassleaf.catalog.kinds import shown_fields
from brassleaf.catalog.models import (
    Cost,
    ItemProperties,
    ItemWithoutCost,
    PropertiesWithoutCost,
)
from brassleaf.catalog.registry import KINDS
from brassleaf.http.models import PageOf
from brassleaf.security.views import View


def _any_kind() -> dict[str, Any]:
    """The fields of every kind, none of them required."""
    found: dict[str, Any] = {}
    for kind in KINDS.values():
        found |= shown_fields(kind, optional=True)
    return found


_Bare = create_model(
    "ItemOfAnyTypeWithoutCost", __base__=ItemWithoutCost, __doc__="An item of any type.", **_any_kind()
)
_FULL: Any = create_model("ItemOfAnyType", __base__=(_Bare, Cost), __doc__="An item of any type, with its cost.")
_ROW: Any = {
    "name": (str, Field(description="The description, or the part number where there is none.")),
    "image": (str | None, Field(None, description="The name of its picture.")),
}
_TOLD = "An item as lists of all types show it."
ITEM_ROW = View(
    create_model("ItemRow", __base__=_FULL, __doc__=_TOLD, **_ROW),
    create_model("ItemRowWithoutCost", __base__=_Bare, __doc__=_TOLD, **_ROW),
)
ITEM = View(
    create_model("Item", __base__=_FULL, properties=(ItemProperties | None, None)),
    create_model("ItemWithProperties", __base__=_Bare, properties=(PropertiesWithoutCost | None, None)),
)
ItemRowPage: Any = PageOf.__class_getitem__(ITEM_ROW.full)
