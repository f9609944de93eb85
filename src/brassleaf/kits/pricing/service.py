"""Prices kits: each line by the one price engine, quantity breaks by what all lines together take of an item."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from brassleaf.assemblies.fields import charges, components
from brassleaf.assemblies.models import PriceFor
from brassleaf.assemblies.service import AssemblyService
from brassleaf.errors import Refused
from brassleaf.kits.lines import lines_of, noun
from brassleaf.kits.models import LINES
from brassleaf.kits.service import KitService
from brassleaf.pricing.service import Component, Prices, Terms
from brassleaf.pricing.unit_prices import Charge
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.trade.money import round_money
from brassleaf.trade.numbers import decimal_of

#: The role of what is priced whole: an adaptor, an other item.
_ITEM = "item"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line to be priced: what one piece of it takes, and the work on it by what the organization pays and charges.

    `problem` says why it cannot be priced.
    """

    kind: str
    line: Document
    item: Document
    parts: Sequence[Component] = ()
    work: Callable[[Terms], Sequence[Charge]] = lambda _: ()
    problem: str = ""


class KitPrices:
    """Prices of kits."""

    def __init__(self, kits: KitService, assemblies: AssemblyService, prices: Prices) -> None:
        self._kits = kits
        self._assemblies = assemblies
        self._prices = prices

    async def price(self, caller: Caller, id_: str, asked: PriceFor) -> Document:
        """Price a kit that the caller may see, for its own customer where no other is named: the fields of `KitPrice`.

        A line that cannot be priced has no unit price, and leaves that of the kit open.
        """
        kit = (await self._kits.get(caller, id_)).document
        items = await self._kits.items.of(caller.organization, kit)
        lines = [await self._opened(caller, kind, line, items.get(line["item"])) for kind, _, line in lines_of(kit)]
        terms = await self._prices.terms(
            caller,
            list(dict.fromkeys(str(part.item["_id"]) for line in lines for part in line.parts)),
            customer_id=asked.customerOrgId,
            usual_customer=kit.get("customerOrgId"),
            currency=asked.currency,
            on=date.fromisoformat(asked.priceDate) if asked.priceDate else None,
        )
        counts = self._prices.counts(terms, [(line.parts, line.line["quantity"] * asked.quantity) for line in lines])
        priced = [
            {} if line.problem else self._prices.price(terms, line.parts, line.work(terms), counts=counts)
            for line in lines
        ]
        shown = [_shown(line, price, terms.currency) for line, price in zip(lines, priced, strict=True)]
        one = _sum([line["totalPrice"] for line in shown], terms.currency)
        cost = _sum([line["totalCost"] for line in shown], terms.currency)
        rate = terms.standing.shop.currencies.rate(terms.currency)
        return {
            "currency": terms.currency,
            "exchangeRate": None if rate == 1 else float(rate),
            "quantity": asked.quantity,
            "customerOrgId": terms.standing.customer.id if terms.standing.customer else None,
            "date": terms.standing.on.isoformat(),
            "items": shown,
            "price": one,
            "total": _times(one, asked.quantity, terms.currency),
            "cost": cost,
            "warnings": [*terms.warnings, *(line.problem for line in lines if line.problem)],
        }

    async def _opened(self, caller: Caller, kind: str, line: Document, item: Document | None) -> _Line:
        """A line with what its item is made of: an assembly as it was released, or as its parts make it today."""
        if item is None or item["deleted"]:
            text = f"Line {line['number']}: this {noun(kind)} is not there any more."
            return _Line(kind, line, item or {}, problem=text)
        if kind != "hoseAssemblies":
            return _Line(kind, line, item, [Component(_ITEM, item)])
        try:
            built = await self._assemblies.built(caller, item)
        except Refused as refusal:
            return _Line(kind, line, item, problem=f"Line {line['number']}: {refusal.message}")
        return _Line(kind, line, item, components(built), lambda terms: charges(item, built, terms.standing.shop.work))


def _shown(line: _Line, price: Document, currency: str) -> Document:
    quantity = line.line["quantity"]
    unit, cost = price.get("netPrice"), price.get("cost")
    return {
        "itemId": line.line["item"],
        "itemNumber": line.line["number"],
        "itemType": LINES[line.kind],
        "partNumber": line.item.get("partNumber"),
        "revision": line.item.get("revision"),
        "quantity": quantity,
        "unitPrice": unit,
        "totalPrice": _times(unit, quantity, currency),
        "missing": price.get("missing", []),
        "unitCost": cost,
        "totalCost": _times(cost, quantity, currency),
    }


def _times(amount: float | None, quantity: float, currency: str) -> float | None:
    if amount is None:
        return None
    return float(round_money(decimal_of(amount, "price") * decimal_of(quantity, "quantity"), currency))


def _sum(amounts: Sequence[float | None], currency: str) -> float | None:
    """Amounts added up; None where one is not known."""
    known = [decimal_of(amount, "price") for amount in amounts if amount is not None]
    return float(round_money(sum(known, Decimal(0)), currency)) if len(known) == len(amounts) else None
