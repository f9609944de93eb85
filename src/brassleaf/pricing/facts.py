"""From stored documents to what the precedence computes with: settings, customers, price lists, agreements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from brassleaf.store.collections import Document
from brassleaf.trade.defaults import Defaults, ItemPricing
from brassleaf.trade.money import Amount, Currencies
from brassleaf.trade.numbers import decimal_of, exactly
from brassleaf.trade.precedence import CustomerItem, PriceList, PriceListItem, QuantityBreak
from brassleaf.trade.units import Measure

#: A customer's default discounts by item type.
_DISCOUNTS = {
    "hose": "defaultDiscountPercentHoses",
    "crimpFitting": "defaultDiscountPercentCrimpFittings",
    "ferrule": "defaultDiscountPercentFerrules",
    "wrap": "defaultDiscountPercentWraps",
    "adaptor": "defaultDiscountPercentAdaptors",
    "otherItem": "defaultDiscountPercentOtherItems",
}
#: What an organization charges for work, and what it costs.
_WORK = tuple(f"{work}{said}" for work in ("labour", "proofTest", "burstTest", "wrap") for said in ("Price", "Cost"))


@dataclass(frozen=True, slots=True, eq=False)
class PricingSettings:
    """What an organization's settings say of prices; `scrap` is the factor that lengths are multiplied with.

    Amounts may be in any of the `currencies`, prices are asked for in those that are `offered`.
    """

    currencies: Currencies
    offered: frozenset[str]
    defaults: Defaults
    price_list: str | None
    length_unit: str
    kerf: Measure
    scrap: Decimal
    work: Mapping[str, float | None]

    @classmethod
    @exactly
    def of(cls, organization: Document) -> "PricingSettings":
        """Read the settings."""
        unit = str(organization["defaultLengthUnit"])
        return cls(
            currencies=_currencies(organization),
            offered=_offered(organization),
            defaults=_defaults(organization),
            price_list=organization.get("defaultPriceList"),
            length_unit=unit,
            kerf=Measure.of(organization.get("kerf") or 0, unit, "kerf"),
            scrap=1 + decimal_of(organization.get("scrapPercent") or 0, "scrapPercent") / 100,
            work={name: organization.get(name) for name in _WORK},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Party:
    """What a customer or a price list says of prices; `price_list` is the one that a customer names."""

    id: str
    name: str | None
    deleted: bool
    currency: str | None
    defaults: Defaults
    price_list: str | None

    @classmethod
    def of(cls, document: Document) -> "Party":
        """Read a customer or a price list."""
        return cls(
            id=str(document["_id"]),
            name=document.get("name"),
            deleted=bool(document["deleted"]),
            currency=document.get("defaultCurrency"),
            defaults=_defaults(document),
            price_list=document.get("priceList"),
        )


def _defaults(document: Document) -> Defaults:
    rows = document.get("defaultItemPricing") or []
    return Defaults(
        list_pricing=document.get("listPricing"),
        margin_percent_materials=_percent(document, "defaultMarginPercentMaterials"),
        margin_percent_labour=_percent(document, "defaultMarginPercentLabour"),
        discount_percent_materials=_percent(document, "defaultDiscountPercentMaterials"),
        discount_percents={kind: _percent(document, name) for kind, name in _DISCOUNTS.items()},
        item_pricing=tuple(
            ItemPricing(
                str(row.get("itemType") or ""),
                row.get("listPricing"),
                row.get("enabled"),
                _percent(row, "defaultMarginPercent"),
                _percent(row, "defaultDiscountPercent"),
            )
            for row in rows
        ),
    )


def _percent(document: Document, name: str) -> Decimal | None:
    value = document.get(name)
    return None if value is None else decimal_of(value, name)


def amount(document: Document, value: str, currency: str, unit: str) -> Amount | None:
    """A price or cost of a document by the names of its fields, where it has one; `unit` is what it is per."""
    found = document.get(value)
    return None if found is None else Amount(decimal_of(found, value), document.get(currency), unit)


def agreed(document: Document | None, unit: str) -> CustomerItem | None:
    """What is agreed with a customer for an item; prices and cost are per `unit` where it says nothing else."""
    if document is None:
        return None
    per = str(document.get("netPriceUnitOfMeasure") or document.get("unitOfMeasure") or unit)
    return CustomerItem(
        net_price=amount(document, "netPrice", "netPriceCurrency", per),
        price=amount(document, "price", "netPriceCurrency", per),
        discount=_percent(document, "discount"),
        start=_day(document.get("startDate")),
        end=_day(document.get("endDate")),
        breaks=_breaks(document, document.get("netPriceCurrency"), per),
        unit=per,
        cost=amount(document, "cost", "costCurrency", str(document.get("unitOfMeasure") or unit)),
        available=document.get("available") is not False,
    )


def listed(party: Party | None, row: Document | None, unit: str, *, told: bool) -> PriceList | None:
    """What a price list says of an item whose row in it is `row`; `told` says whether the reader may know its name."""
    if party is None:
        return None
    item = None if row is None else _row(row, party.currency, unit)
    return PriceList(item, party.defaults, party.name if told else None)


def _row(document: Document, usual: str | None, unit: str) -> PriceListItem:
    """Prices are per `unit` and in the list's usual currency where the row says nothing else."""
    currency = document.get("currency") or usual
    per = str(document.get("unitOfMeasure") or unit)
    price = amount({**document, "currency": currency}, "listPrice", "currency", per)
    return PriceListItem(price, document.get("enabled") is not False, _breaks(document, currency, per), per)


def _breaks(document: Document, currency: str | None, per: str) -> tuple[QuantityBreak, ...]:
    return tuple(
        QuantityBreak(
            decimal_of(row["quantity"], "quantityBreaks"),
            amount({**row, "currency": currency}, "price", "currency", per),
            _percent(row, "discountPercent"),
        )
        for row in document.get("quantityBreaks") or []
    )


def _currencies(organization: Document) -> Currencies:
    rates = {
        str(entry["code"]): decimal_of(entry["rate"], f"currencies.{entry['code']}")
        for entry in organization.get("currencies") or []
    }
    return Currencies(str(organization["defaultCurrency"]), rates)


def _offered(organization: Document) -> frozenset[str]:
    rates = organization.get("currencies") or []
    available = (str(entry["code"]) for entry in rates if entry.get("available") is not False)
    return frozenset({str(organization["defaultCurrency"]), *available})


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)[:10]) if text else None
