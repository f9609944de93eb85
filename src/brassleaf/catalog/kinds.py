"""What tells one type of item from another. Each type declares one `Kind` in its folder; the rest follows from it.

See docs/adding-a-component-type.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast, get_args

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from brassleaf.catalog.models import ITEMS, Cost, ItemChange, ItemWithoutCost, PropertiesChange
from brassleaf.http.fields import OptionalId
from brassleaf.http.lists import Filter, Listing
from brassleaf.http.models import PageOf
from brassleaf.security.roles import Allowed
from brassleaf.security.views import View
from brassleaf.sheets.columns import Column, Sheet
from brassleaf.store.collections import Document
from brassleaf.trade.itemtypes import ItemType

CURRENCY_NOTE = "ISO 4217 code, such as USD."
UNIT_NOTE = "The unit that it is per: ft, m, in, mm, each …"

PRESSURE_UNITS = ("psi", "bar", "MPa")
MASS_UNITS = ("kg/m", "lb/ft")

#: What is said of an item by whoever uses it: an organization, or what it agrees with a customer.
SAID_COLUMNS = (
    Column("Organization part number", "orgPartNumber"),
    Column("Available", "available", "boolean"),
    Column("Priority", "priority"),
    Column("Cost", "cost", "number", cost=True),
    Column("Cost currency", "costCurrency", cost=True, note=CURRENCY_NOTE),
    Column("Unit of measure", "unitOfMeasure", note=UNIT_NOTE),
)
#: The columns of every kind before its own, and behind them what the organization says of the item.
_FIRST = (
    Column("Part number", "partNumber", width=24, required=True),
    Column("Description", "description", width=40),
    Column("Material", "material"),
    Column("Series", "series"),
    Column("Specification", "spec"),
    Column("Image", "imageName"),
)
_LAST = (
    *SAID_COLUMNS,
    Column("List price", "listPrice", "number"),
    Column("List price currency", "listPriceCurrency", note=CURRENCY_NOTE),
    Column("List price unit of measure", "listPriceUnitOfMeasure", note=UNIT_NOTE),
    Column("Own", "custom", "boolean", read_only=True, note="Made by the organization."),
)


def measured(header: str, field: str, units: tuple[str, ...]) -> tuple[Column, Column]:
    """The two columns of a figure with its unit."""
    return (
        Column(header, f"{field}.value", "number"),
        Column(f"{header} unit", f"{field}.unit", note=f"Such as {units[0]}."),
    )


@dataclass(frozen=True, slots=True)
class Paths:
    """How a kind is spelled in paths."""

    one: str
    many: str
    custom: str
    id_name: str


def no_size(document: Document) -> None:
    """Of a kind that is not for one size of hose."""


@dataclass(frozen=True)
class Kind:
    """A type of item.

    `fields` are those that it has beside every item's, none of them required there; `required` are those that no item
    of the kind is without, `needed` those that an own item still needs before it can be used. `size_of` reads the hose
    size of a document, in sixteenths of an inch, where it has one. `columns` are its own in Excel.
    """

    item_type: ItemType
    noun: str
    paths: Paths
    fields: type[ItemChange]
    columns: tuple[Column, ...]
    search: tuple[str, ...]
    editors: Allowed
    required: tuple[str, ...] = ("partNumber", "brand")
    needed: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()
    size_of: Callable[[Document], int | None] = no_size
    bracketed: bool = False
    create_operation: str = ""

    @property
    def title(self) -> str:
        """The kind as a name: `CrimpFitting`."""
        return self.item_type[0].upper() + self.item_type[1:]

    @cached_property
    def create(self) -> type[ItemChange]:
        """What is sent for a new item of the organization's own."""
        text = f"A new {self.noun} of the organization's own."
        fields: dict[str, Any] = {name: (_given(self.fields.model_fields[name]), ...) for name in self.required}
        told = f"One of the organization's own {self.noun}s: it is changed, and no new one made."
        fields["itemId"] = (OptionalId, Field(None, description=told))
        return create_model(f"New{self.title}", __base__=self.fields, __doc__=text, **fields)

    @cached_property
    def update(self) -> type[ItemChange]:
        """What is sent for a change: the organization's properties; of its own items the items' fields too."""
        text = f"The organization's properties of a {self.noun}; of its own {self.noun}s, their fields too."
        bases: Any = (self.fields, PropertiesChange)
        made: Any = create_model(f"{self.title}Update", __base__=bases, __doc__=text)
        return cast("type[ItemChange]", made)

    @cached_property
    def view(self) -> View:
        """What is shown of an item, with cost and without."""
        text = f"A {self.noun} with the organization's properties"
        bare = create_model(
            f"{self.title}WithoutCost", __base__=ItemWithoutCost, __doc__=text + ".", **shown_fields(self)
        )
        bases: Any = (bare, Cost)
        return View(create_model(self.title, __base__=bases, __doc__=text + " and its cost."), bare)

    @cached_property
    def page(self) -> Any:
        """What is shown of a page of items."""
        return PageOf.__class_getitem__(self.view.full)

    @cached_property
    def sheet(self) -> Sheet:
        """The columns in Excel: one table for export, template and import."""
        brand = Column("Brand", "brand", required="brand" in self.required)
        return Sheet(f"{self.noun.capitalize()}s", (_FIRST[0], brand, *_FIRST[1:], *self.columns, *_LAST))

    @property
    def listing(self) -> Listing:
        """What the lists of this kind understand."""
        return Listing(
            ITEMS,
            search=(*self.search, "orgPartNumber", "available"),
            filters=tuple(Filter(name, check=str) for name in ("brand", *self.sorts)),
            sorts=("brand", *self.sorts),
            bracketed=self.bracketed,
            flags=("unavailable",),
        )

    @cached_property
    def own_fields(self) -> frozenset[str]:
        """The fields of the item itself, as against the organization's properties of it."""
        return frozenset(self.fields.model_fields)

    def derived(self, document: Document) -> Document:
        """An own item with what follows from its fields: the size of the hose, and what is missing."""
        made = {name: value for name, value in document.items() if name not in ("hoseDash", "missing")}
        if (size := self.size_of(made)) is not None:
            made["hoseDash"] = size
        if missing := [name for name in self.needed if not made.get(name)]:
            made["missing"] = missing
        return made


def shown_fields(kind: Kind, *, optional: bool = False) -> dict[str, Any]:
    """The fields that items of a kind are shown with beside every item's, for a model."""
    found: dict[str, Any] = {}
    for name, field in kind.fields.model_fields.items():
        if name in kind.required and not optional:
            found[name] = (_given(field), ...)
        elif name not in ItemWithoutCost.model_fields and not field.alias:
            found[name] = (field.annotation, Field(None, description=field.description))
    return found


def _given(field: FieldInfo) -> Any:
    """The type of a field without None."""
    return next(part for part in get_args(field.annotation) if part is not type(None))
