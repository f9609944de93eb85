"""Prices kits: each line by the one price engine, quantity breaks by what all lines together take of an item."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from brassleaf.assemblies.fields import charges, components, price_note
from brassleaf.assemblies.models import StoredPriceAsked
from brassleaf.kits.models import LINES
from brassleaf.kits.opening import OpenedKit, OpenedKits, OpenedLine
from brassleaf.pricing.service import Component, Counts, Prices, Terms
from brassleaf.pricing.unit_prices import Charge
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.trade.money import round_money
from brassleaf.trade.numbers import decimal_of, exactly

#: The role of what is priced whole: an adaptor, an other item.
_ITEM = "item"


class KitPrices:
    """Prices of kits."""

    def __init__(self, opened: OpenedKits, prices: Prices) -> None:
        self._opened = opened
        self._prices = prices

    async def price(self, caller: Caller, id_: str, asked: StoredPriceAsked) -> Document:
        """Price a kit that the caller may see, for its own customer where no other is named: the fields of `KitPrice`.

        A line that cannot be priced has no unit price, and leaves that of the kit open.
        """
        return await self.price_opened(caller, await self._opened.with_problems(caller, id_), asked)

    async def price_opened(self, caller: Caller, kit: OpenedKit, asked: StoredPriceAsked) -> Document:
        """The same for a kit that was opened already."""
        parts = [_parts(line) for line in kit.lines]
        terms = await self._prices.terms(
            caller,
            list(dict.fromkeys(str(part.item["_id"]) for line in parts for part in line)),
            customer_id=asked.customerOrgId,
            usual_customer=kit.document.get("customerOrgId"),
            currency=asked.currency,
            on=date.fromisoformat(asked.priceDate) if asked.priceDate else None,
        )
        wanted = [_exact(line.line["quantity"]) * _exact(asked.quantity) for line in kit.lines]
        counts = self._prices.counts(terms, zip(parts, wanted, strict=True))
        shown = [
            self._line(terms, line, taken, counts, explain=asked.explain)
            for line, taken in zip(kit.lines, parts, strict=True)
        ]
        one = _sum([line["totalPrice"] for line in shown], terms.currency)
        rate = terms.standing.shop.currencies.rate(terms.currency)
        return {
            "currency": terms.currency,
            "exchangeRate": None if rate == 1 else float(rate),
            "quantity": asked.quantity,
            "customerOrgId": terms.standing.customer.id if terms.standing.customer else None,
            "date": terms.standing.on.isoformat(),
            "items": shown,
            "price": one,
            "total": _times(_amount(one), asked.quantity, terms.currency),
            "cost": _sum([line["totalCost"] for line in shown], terms.currency),
            "warnings": [*terms.warnings, *filter(None, map(_note, kit.lines))],
        }

    def _line(
        self, terms: Terms, line: OpenedLine, parts: Sequence[Component], counts: Counts, *, explain: bool
    ) -> Document:
        """A line as it is shown: an assembly by its own price, which is rounded; a part by its exact unit price."""
        price: Document = {"items": [], "charges": [], "missing": []}
        if not line.problem:
            price = self._prices.price(terms, parts, _work(line, terms), counts=counts, explain=explain)
        shown, unit, cost = price, _amount(price.get("netPrice")), _amount(price.get("cost"))
        if not line.problem and line.built is None:
            one = self._prices.unit_price(terms, parts[0], counts)
            shown, unit, cost = {"netPrice": one.shown["unitPrice"], "cost": one.shown["unitCost"]}, one.price, one.cost
        quantity = line.line["quantity"]
        return {
            "itemId": line.line["item"],
            "itemNumber": line.line["number"],
            "itemType": LINES[line.kind],
            "partNumber": line.item.get("partNumber"),
            "revision": line.item.get("revision"),
            "quantity": quantity,
            "unitPrice": shown.get("netPrice"),
            "totalPrice": _times(unit, quantity, terms.currency),
            "missing": price["missing"],
            "items": price["items"],
            "charges": price["charges"],
            "unitCost": shown.get("cost"),
            "totalCost": _times(cost, quantity, terms.currency),
        }


def _note(line: OpenedLine) -> str:
    """Why a line has no price, or what to know of it."""
    if line.problem or line.built is None:
        return line.problem
    note = price_note(line.built)
    return note and f"Line {line.line['number']}: {note}"


def _parts(line: OpenedLine) -> list[Component]:
    """What one piece of a line takes."""
    if line.problem:
        return []
    return [Component(_ITEM, line.item)] if line.built is None else components(line.built)


def _work(line: OpenedLine, terms: Terms) -> list[Charge]:
    return [] if line.built is None else charges(line.item, line.built, terms.standing.shop.work)


def _exact(quantity: float) -> Decimal:
    return decimal_of(quantity, "quantity")


def _amount(amount: float | None) -> Decimal | None:
    return None if amount is None else decimal_of(amount, "price")


@exactly
def _times(amount: Decimal | None, quantity: float, currency: str) -> float | None:
    return None if amount is None else float(round_money(amount * _exact(quantity), currency))


def _sum(amounts: Sequence[float | None], currency: str) -> float | None:
    """Amounts added up; None where one is not known."""
    known = [decimal_of(amount, "price") for amount in amounts if amount is not None]
    return float(round_money(sum(known, Decimal(0)), currency)) if len(known) == len(amounts) else None
