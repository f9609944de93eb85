"""What one unit of an item, or a piece of work, costs a buyer: decided by the precedence and put in words.

Unit prices are remembered by the documents that they were made from, so that a price that is asked for again, for
another length or quantity, costs a look-up; a changed document is another one, and is decided anew.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from brassleaf.errors import Refused
from brassleaf.pricing.facts import Party, PricingSettings, agreed, amount, listed
from brassleaf.store.collections import Document
from brassleaf.store.port import Shared
from brassleaf.trade.money import Amount, convert_amount
from brassleaf.trade.numbers import decimal_of, exactly, round_half_up
from brassleaf.trade.precedence import LABOUR, Candidates, Pricing, Rule, unit_price


class Standing(NamedTuple):
    """What holds for every line: the settings, who buys by which price list, the day and the currency.

    `own_list` tells a customer's own price list from the organization's, which holds where a customer has none.
    `price_list_name` is what the buyer's price list is called, where the caller may know that there are several.
    """

    shop: PricingSettings
    customer: Party | None
    price_list: Party | None
    own_list: bool
    on: date
    currency: str
    price_list_name: str | None


@dataclass(frozen=True, slots=True)
class Charge:
    """Work to be priced: labour, a test. `price` and `cost` in the organization's currency, for one assembly."""

    role: str
    name: str
    price: float | None
    cost: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class UnitPrice:
    """One unit's price, list price and cost, unrounded and in the currency asked for; `shown` is how a line says so.

    `considered` are all the rules, strongest first.
    """

    price: Decimal | None
    listed: Decimal | None
    cost: Decimal | None
    shown: Document
    considered: list[Document]


def item_price(
    item: Document, pair: tuple[Shared | None, Shared | None], standing: Standing, unit: str, counted: Decimal
) -> UnitPrice:
    """The price of one `unit` of an item for a buyer.

    `pair` is what was agreed with the customer for it and its row in the price list; `counted` is how many units the
    whole request takes, which quantity breaks go by.
    """
    own, row = pair
    if not any(entry and entry.get("quantityBreaks") for entry in pair):
        counted = Decimal(1)  # decides nothing: one price serves all quantities
    if isinstance(item, Shared):
        return _remembered(item, own, row, standing, unit, counted)
    return _decided(item, own, row, standing, unit, counted)


@exactly
def _decided(
    item: Document, own: Shared | None, row: Shared | None, standing: Standing, unit: str, counted: Decimal
) -> UnitPrice:
    # what an amount is per where nothing else is said of it; never a unit that was only assumed for the line
    per = str(item.get("unitOfMeasure") or item.get("listPriceUnitOfMeasure") or unit)
    facts = _facts(
        standing,
        item_type=str(item["itemType"]),
        list_price=amount(item, "listPrice", "listPriceCurrency", str(item.get("listPriceUnitOfMeasure") or per)),
        cost=amount(item, "cost", "costCurrency", per),
    )
    facts = replace(
        facts,
        customer_item=agreed(own, per),
        price_list_item=listed(row, standing.price_list, per),
        quantity=counted,
        price_list_name=standing.price_list_name,
    )
    named = {
        "name": str(item.get("description") or item["partNumber"]),
        "item": item["_id"],
        "itemType": item["itemType"],
        "brand": item.get("brand"),  # an other item may have none
        "partNumber": item["partNumber"],
    }
    return _unit(named, facts, standing, unit)


_remembered = lru_cache(maxsize=2048)(_decided)


@lru_cache(maxsize=512)
@exactly
def work_price(charge: Charge, standing: Standing) -> UnitPrice:
    """The price of a piece of work for a buyer."""
    facts = _facts(
        standing,
        item_type=LABOUR,
        list_price=None if charge.price is None else Amount(decimal_of(charge.price, charge.role)),
        cost=None if charge.cost is None else Amount(decimal_of(charge.cost, charge.role)),
    )
    return _unit({"name": charge.name}, facts, standing, "each")


def _facts(standing: Standing, *, item_type: str, list_price: Amount | None, cost: Amount | None) -> Candidates:
    return Candidates(
        item_type=item_type,
        list_price=list_price,
        cost=cost,
        price_list=standing.price_list.defaults if standing.price_list else None,
        customer=standing.customer.defaults if standing.customer else None,
        organization=standing.shop.defaults,
    )


def _unit(named: Document, facts: Candidates, standing: Standing, unit: str) -> UnitPrice:
    pricing = _pricing(facts, standing, unit)
    how = pricing.how
    cost, usual = _converted(facts.cost, standing, unit), _converted(facts.list_price, standing, unit)
    shown = {
        **named,
        "unitOfMeasure": unit,
        "unitListPrice": _fine(usual),
        "unitPrice": _fine(pricing.unit_price),
        "priceSource": pricing.rule.value if pricing.rule else None,
        "priceList": standing.price_list_name if pricing.rule is Rule.PRICE_LIST else None,
        "quantityBreak": _fine(how.quantity_break),
        "nextQuantityBreak": _fine(how.next_break),
        "discountPercent": _percent(how.discount),
        "startDate": how.start and how.start.isoformat(),
        "endDate": how.end and how.end.isoformat(),
        "explanation": pricing.explanation,
        "unitCost": _fine(cost),
        "marginPercent": _percent(how.margin),
    }
    return UnitPrice(pricing.unit_price, usual, cost, shown, _considered(pricing))


def _pricing(facts: Candidates, standing: Standing, unit: str) -> Pricing:
    """The price of one unit by the precedence; what cannot be computed (no rate, another kind of unit) is no price.

    The organization's own price list stands behind what holds for a customer: it is a default of the organization.
    """

    def by(facts: Candidates) -> Pricing:
        return unit_price(
            facts, on=standing.on, currency=standing.currency, per=unit, currencies=standing.shop.currencies
        )

    try:
        if standing.customer is not None and standing.price_list is not None and not standing.own_list:
            first = by(replace(facts, price_list_item=None, price_list=None))
            if first.rule in (Rule.CUSTOMER_ITEM, Rule.CUSTOMER_DEFAULT):
                return first
        return by(facts)
    except Refused as refusal:
        said = " ".join(error.message for error in refusal.errors) or refusal.message
        return Pricing(None, standing.currency, unit, None, said, ())


def _converted(amount: Amount | None, standing: Standing, unit: str) -> Decimal | None:
    """For information beside the price: a missing rate or another kind of unit leaves it out."""
    if amount is None:
        return None
    try:
        return convert_amount(amount, standing.currency, unit, standing.shop.currencies)
    except Refused:
        return None


def _considered(pricing: Pricing) -> list[Document]:
    return [
        {
            "rule": entry.rule.value,
            "unitPrice": _fine(entry.unit_price),
            "quantityBreak": _fine(entry.how.quantity_break),
            "reason": entry.reason,
            "won": entry.won,
        }
        for entry in pricing.considered
    ]


def _fine(value: Decimal | None) -> float | None:
    """A unit price as it is shown: it may be a fraction of a cent, but no endless decimal."""
    return None if value is None else float(round_half_up(value, 6))


def _percent(fraction: Decimal | None) -> float | None:
    return None if fraction is None else _fine(fraction.scaleb(2))
