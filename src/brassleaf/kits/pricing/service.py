"""Prices kits: each line by the one price engine, quantity breaks by what all lines together take of an item."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from brassleaf.assemblies.fields import charges, components, price_note
from brassleaf.assemblies.models import StoredPriceAsked
from brassleaf.errors import Refused
from brassleaf.kits.models import LINES
from brassleaf.kits.opening import OpenedKit, OpenedKits, OpenedLine
from brassleaf.pricing.service import Component, Counts, Prices, Terms
from brassleaf.pricing.unit_prices import Charge
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.trade.money import round_money
from brassleaf.trade.numbers import MAX_DIGITS, decimal_of, exactly

#: The role of what is priced whole: an adaptor, an other item.
_ITEM = "item"
#: The price of a line that cannot be priced.
_NOTHING: Document = {"netPrice": None, "cost": None, "missing": [], "items": [], "charges": []}
#: A number of an answer is a double: no more digits are exact, and an amount that is nearly right is wrong.
_TOO_LARGE = f"{{}} is too large: it has more than {MAX_DIGITS} digits, so it is left open."


class _Line(NamedTuple):
    """A line of a price: as it is shown, what its pieces come to, and what there is to say of it."""

    shown: Document
    price: Decimal | None
    cost: Decimal | None
    notes: Sequence[str]


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
        priced = [
            self._line(terms, line, taken, counts, explain=asked.explain)
            for line, taken in zip(kit.lines, parts, strict=True)
        ]
        one = _sum([line.price for line in priced], terms.currency)
        total = _times(one, asked.quantity, terms.currency)
        rate = terms.standing.shop.currencies.rate(terms.currency)
        warnings = [*terms.warnings, *(note for line in priced for note in line.notes)]
        if one is None and all(line.price is not None for line in priced):
            warnings.append(_TOO_LARGE.format("price"))
        if total is None and one is not None:
            warnings.append(_TOO_LARGE.format("total"))
        return {
            "currency": terms.currency,
            "exchangeRate": None if rate == 1 else float(rate),
            "quantity": asked.quantity,
            "customerOrgId": terms.standing.customer.id if terms.standing.customer else None,
            "date": terms.standing.on.isoformat(),
            "items": [line.shown for line in priced],
            "price": _told(one),
            "total": _told(total),
            "cost": _told(_sum([line.cost for line in priced], terms.currency)),
            "warnings": warnings,
        }

    def _line(
        self, terms: Terms, line: OpenedLine, parts: Sequence[Component], counts: Counts, *, explain: bool
    ) -> _Line:
        """A line by the price of one piece: of an assembly its own, which is rounded, of a part the exact one."""
        price, problem = _NOTHING, line.problem
        if not problem:
            try:
                price = self._prices.price(terms, parts, _work(line, terms), counts=counts, explain=explain)
            except Refused as refusal:
                problem = _named(line, " ".join(error.message for error in refusal.errors) or refusal.message)
        shown, unit, cost = price, _amount(price["netPrice"]), _amount(price["cost"])
        if not problem and line.built is None:
            one = self._prices.unit_price(terms, parts[0], counts)
            shown, unit, cost = {"netPrice": one.shown["unitPrice"], "cost": one.shown["unitCost"]}, one.price, one.cost
        quantity = line.line["quantity"]
        whole, whole_cost = (_times(each, quantity, terms.currency) for each in (unit, cost))
        notes = [
            problem,
            _named(line, _TOO_LARGE.format("totalPrice") if whole is None and unit is not None else ""),
            _named(line, "" if line.built is None else price_note(line.built)),
        ]
        fields = {
            "itemId": line.line["item"],
            "itemNumber": line.line["number"],
            "itemType": LINES[line.kind],
            "partNumber": line.item.get("partNumber"),
            "revision": line.item.get("revision"),
            "quantity": quantity,
            "unitPrice": shown["netPrice"],
            "totalPrice": _told(whole),
            "missing": price["missing"],
            "items": price["items"],
            "charges": price["charges"],
            "unitCost": shown["cost"],
            "totalCost": _told(whole_cost),
        }
        return _Line(fields, whole, whole_cost, [note for note in notes if note])


def _named(line: OpenedLine, note: str) -> str:
    """A note, if there is one, with the line that it is about."""
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
    return None if amount is None else Decimal(str(amount))


def _told(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


@exactly
def _times(amount: Decimal | None, quantity: float, currency: str) -> Decimal | None:
    """So many at so much, rounded once; None where it is not known, or has more digits than an answer carries."""
    if amount is None:
        return None
    try:
        return decimal_of(round_money(amount * _exact(quantity), currency), "price")
    except Refused:
        return None


@exactly
def _sum(amounts: Sequence[Decimal | None], currency: str) -> Decimal | None:
    """Amounts added up; None where one is not known, or the sum has more digits than an answer carries."""
    known = [amount for amount in amounts if amount is not None]
    return _times(sum(known, Decimal(0)), 1, currency) if len(known) == len(amounts) else None
