"""Bills of material: what a number of assemblies takes out of stock.

Hose and wrap count by length, in the unit that they are stocked in, all else by the piece; equal parts merge. Per piece
of hose a saw takes its kerf, and scrap adds a share to every length. Full precision until the end, then 4 decimals.
Source: section 8.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from brassleaf.errors import Refused
from brassleaf.trade.numbers import Number, exactly, not_negative, round_half_up
from brassleaf.trade.units import Measure, convert_length, parse_stock_unit

PLACES = 4
HOSE = "hose"


@dataclass(frozen=True, slots=True)
class Use:
    """What one assembly takes of one part: `quantity` pieces, or pieces of `length` for what is stocked by length."""

    part: str
    role: str
    quantity: Decimal = Decimal(1)
    length: Measure | None = None
    stock_unit: str = "each"


@dataclass(frozen=True, slots=True)
class BillLine:
    """One part of a bill: its roles (`end1`, `end2`), the quantity, rounded to 4 decimals, and the stock's unit."""

    part: str
    roles: tuple[str, ...]
    quantity: Decimal
    unit: str


@exactly
def bill_of_material(
    assemblies: Iterable[tuple[Iterable[Use], Number]], kerf: Measure | None = None, scrap_percent: Number = 0
) -> tuple[BillLine, ...]:
    """What so many of each assembly take, in order of first use: 12 x 32.25 in of hose is 32.25 ft.

    `assemblies` pairs the uses of one assembly with how many are built. A part that is met in two stock units is
    counted in the first. Length = (cut + kerf) x pieces x (1 + scrap); kerf is for hose only. Refused: negative
    numbers, unknown units, and a part stocked both by the piece and by length. Source: section 8.
    """
    scrap = 1 + not_negative(scrap_percent, "scrapPercent") / 100
    lines: dict[str, tuple[list[str], Decimal, str]] = {}
    for uses, count in assemblies:
        times = not_negative(count, "quantity")
        for use in uses:
            roles, total, unit = lines.get(use.part, ([], Decimal(0), use.stock_unit))
            roles.extend([] if use.role in roles else [use.role])
            lines[use.part] = (roles, total + times * taken(use, unit, kerf, scrap).quantity, unit)
    return tuple(
        BillLine(part, tuple(roles), round_half_up(quantity, PLACES, "quantity"), unit)
        for part, (roles, quantity, unit) in lines.items()
    )


class Taken(NamedTuple):
    """What one assembly takes of a part in the unit that it is stocked in, unrounded: `cut` is what it is made of.

    `kerf` is what the saw takes, `scrap` what is lost of both; pieces have neither.
    """

    cut: Decimal
    kerf: Decimal = Decimal(0)
    scrap: Decimal = Decimal(0)

    @property
    def quantity(self) -> Decimal:
        """All of it."""
        return self.cut + self.kerf + self.scrap


@exactly
def taken(use: Use, unit: str, kerf: Measure | None, scrap: Decimal) -> Taken:
    """What one assembly takes of a part, in `unit`; `scrap` is 1 plus the share that is lost."""
    pieces = not_negative(use.quantity, f"{use.role}.quantity")
    by_piece = {
        parse_stock_unit(spelling, f"{use.role}.unitOfMeasure") == "each" for spelling in (unit, use.stock_unit)
    }
    if by_piece != {use.length is None}:
        raise Refused.field(
            f"{use.role}.unitOfMeasure",
            f"Part {use.part} counts either by the piece or by length; use one kind of unit.",
        )
    if use.length is None:
        return Taken(pieces)
    length = pieces * convert_length(not_negative(use.length.value, use.role), use.length.unit, unit, use.role)
    sawn = Decimal(0)
    if kerf is not None and use.role == HOSE:
        sawn = pieces * convert_length(not_negative(kerf.value, "kerf"), kerf.unit, unit, "kerf")
    return Taken(length, sawn, (length + sawn) * (scrap - 1))
