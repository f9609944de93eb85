"""What one unit of an item, or a piece of work, costs a buyer: decided by the precedence and put in words.

Unit prices are remembered by the documents that they were made from, so that a price that is asked for again, for
another length or quantity, costs a look-up; a changed document is another one, and is decided anew.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from brassleaf.errors import Refused
from brassleaf.pricing.facts import Party, PricingSettings, agreed, amount, listed
from brassleaf.store.collections import Document
from brassleaf.store.port import Shared
from brassleaf.trade.itemtypes import LABOUR
from brassleaf.trade.money import Amount, convert_amount
from brassleaf.trade.numbers import decimal_of, exactly, round_half_up
from brassleaf.trade.precedence import Candidates, Pricing, cost_of, unit_price

_ONE = Decimal(1)


class Standing(NamedTuple):
    """What holds for every line: the settings, who buys by which price list, the day and the currency.

    `price_list` is the customer's own, `shop_list` the organization's; `told` says whether the caller may know what
    they are called, that there are several.
    """

    shop: PricingSettings
    customer: Party | None
    price_list: Party | None
    shop_list: Party | None
    on: date
    currency: str
    told: bool


#: What is said of one item: what is agreed with the customer, its row in the customer's price list and in the shop's.
Said = tuple[Shared | None, Shared | None, Shared | None]
_NOTHING: Said = (None, None, None)


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


def item_price(item: Document, said: Said, standing: Standing, unit: str, counted: Decimal) -> UnitPrice:
    """The price of one `unit` of an item for a buyer.

    `counted` is how many units the whole request takes, which quantity breaks go by.
    """
    if counted != _ONE and not any(entry and entry.get("quantityBreaks") for entry in said):
        counted = _ONE  # decides nothing: one price serves all quantities
    if isinstance(item, Shared):
        return _remembered(item, said, standing, unit, counted)
    return _decided(item, said, standing, unit, counted)


@exactly
def _decided(item: Document, said: Said, standing: Standing, unit: str, counted: Decimal) -> UnitPrice:
    # what an amount is per where nothing else is said of it; never a unit that was only assumed for the line
    per = str(item.get("unitOfMeasure") or item.get("listPriceUnitOfMeasure") or unit)
    facts = _facts(
        standing,
        said,
        item_type=str(item["itemType"]),
        list_price=amount(item, "listPrice", "listPriceCurrency", str(item.get("listPriceUnitOfMeasure") or per)),
        cost=amount(item, "cost", "costCurrency", per),
        per=per,
        counted=counted,
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
        _NOTHING,
        item_type=LABOUR,
        list_price=None if charge.price is None else Amount(decimal_of(charge.price, charge.role)),
        cost=None if charge.cost is None else Amount(decimal_of(charge.cost, charge.role)),
    )
    return _unit({"name": charge.name}, facts, standing, "each")


def _facts(
    standing: Standing,
    said: Said,
    *,
    item_type: str,
    list_price: Amount | None,
    cost: Amount | None,
    per: str = "each",
    counted: Decimal = _ONE,
) -> Candidates:
    own, row, shop_row = said
    return Candidates(
        item_type=item_type,
        list_price=list_price,
        cost=cost,
        customer_item=agreed(own, per),
        price_list=listed(standing.price_list, row, per, told=standing.told),
        customer=standing.customer.defaults if standing.customer else None,
        organization_price_list=listed(standing.shop_list, shop_row, per, told=standing.told),
        organization=standing.shop.defaults,
        quantity=counted,
    )


def _unit(named: Document, facts: Candidates, standing: Standing, unit: str) -> UnitPrice:
    pricing = unit_price(
        facts, on=standing.on, currency=standing.currency, per=unit, currencies=standing.shop.currencies
    )
    how = pricing.how
    cost = _converted(cost_of(facts, standing.on), standing, unit)
    usual = _converted(facts.list_price, standing, unit)
    shown = {
        **named,
        "unitOfMeasure": unit,
        "unitListPrice": _fine(usual),
        "unitPrice": _fine(pricing.unit_price),
        "priceSource": pricing.rule.value if pricing.rule else None,
        "priceList": how.price_list,
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
