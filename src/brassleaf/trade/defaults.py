"""The pricing defaults of a price list, a customer or an organization: how each type of item is priced by them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, TypeVar

from brassleaf.trade.itemtypes import LABOUR

T = TypeVar("T")


class Policy(NamedTuple):
    """From the list price or from cost (None: neither is said), with which discount and margin, in percent."""

    list_pricing: bool | None
    discount: Decimal | None
    margin: Decimal | None


@dataclass(frozen=True, slots=True)
class ItemPricing:
    """A row of `defaultItemPricing`: how one type of item is priced."""

    item_type: str
    list_pricing: bool | None = None
    enabled: bool | None = None
    margin_percent: Decimal | None = None
    discount_percent: Decimal | None = None


_NO_ROW = ItemPricing("")


@dataclass(frozen=True, slots=True)
class Defaults:
    """The pricing defaults of a price list, a customer or an organization; percents as entered (20 is 20 %).

    `discount_percents` holds a customer's `defaultDiscountPercentHoses` and its like by item type (`hose`).
    """

    list_pricing: bool | None = None
    margin_percent_materials: Decimal | None = None
    margin_percent_labour: Decimal | None = None
    discount_percent_materials: Decimal | None = None
    discount_percents: Mapping[str, Decimal | None] = field(default_factory=dict)
    item_pricing: tuple[ItemPricing, ...] = ()
    _policies: dict[str, "Policy"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def row(self, item_type: str) -> ItemPricing | None:
        """The enabled row of one type of item; `""` is the row for items of any type."""
        return next((r for r in self.item_pricing if _same(r.item_type, item_type) and r.enabled is not False), None)

    def policy(self, item_type: str) -> "Policy":
        """How one type of item is priced, worked out once: the lines of a request share few types."""
        found = self._policies.get(item_type)
        if found is None:
            found = self._policies[item_type] = _policy(self, item_type)
        return found


def _policy(defaults: Defaults, item_type: str) -> Policy:
    """By the row of the item's type, its discount, the row for items of any type, the defaults for materials or labour.

    Where `list_pricing` is not set, a discount means list pricing, else a margin means cost pricing. Discounts on
    materials leave labour alone.
    """
    labour = item_type.casefold() == LABOUR
    row = defaults.row(item_type) or _NO_ROW
    rest = (None if labour else defaults.row("")) or _NO_ROW
    by_type = next((d for kind, d in defaults.discount_percents.items() if _same(kind, item_type)), None)
    general = None if labour else defaults.discount_percent_materials
    margin = defaults.margin_percent_labour if labour else defaults.margin_percent_materials
    discount = _first(row.discount_percent, by_type, rest.discount_percent, general)
    margin = _first(row.margin_percent, rest.margin_percent, margin)
    list_pricing = _first(row.list_pricing, rest.list_pricing, defaults.list_pricing)
    if list_pricing is None:
        nearest = (
            (row.discount_percent, row.margin_percent),
            (by_type, None),
            (rest.discount_percent, rest.margin_percent),
        )
        specific = next((off is None for off, kept in nearest if off is not None or kept is not None), False)
        list_pricing = None if discount is None and margin is None else discount is not None and not specific
    return Policy(list_pricing, discount, margin)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)
