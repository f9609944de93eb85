"""Length tolerances: DIN 20066, RMA/ARPM IP-2, SAE J517/NAHAD, a seller's table, or a shop's own.

A row holds up to and including its length. Every answer names its table and says whether the row could be confirmed by
a page at hand; two cells of DIN 20066 and all SAE rows but the first could not. Source: section 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from brassleaf.errors import Refused
from brassleaf.trade.numbers import Number, exactly, not_negative, number_of, plain, positive, round_half_up
from brassleaf.trade.units import convert_length, parse_length_unit


@dataclass(frozen=True, slots=True)
class Row:
    """One row: lengths up to `up_to` (None: all longer ones) may differ by `plus` and `minus`, or by such percents.

    `step` rounds a percentage half up to its multiples; `mm` is the printed metric column where it is not the converted
    inch value; `note` says why a row is not confirmed.
    """

    up_to: Decimal | None
    plus: Decimal
    minus: Decimal
    percent: bool = False
    step: Decimal | None = None
    mm: Decimal | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A tolerance table: its name, the unit of its lengths, and its rows from short to long."""

    name: str
    unit: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a length may differ by, in the unit that it was asked in, unrounded; `minus` is positive too."""

    plus: Decimal
    minus: Decimal
    unit: str
    table: str
    confirmed: bool
    note: str | None = None


def _row(up_to: str | None, plus: str, minus: str | None = None, mm: str | None = None, note: str | None = None) -> Row:
    """A row as printed; a plus that ends in % makes it a percent row."""
    numbers = [Decimal(text.rstrip("%")) for text in (plus, minus or plus)]
    longest, metric = (None if text is None else Decimal(text) for text in (up_to, mm))
    return Row(longest, numbers[0], numbers[1], percent=plus.endswith("%"), mm=metric, note=note)


_MERGED = "This cell is merged in the source; its reading is uncertain."
_GENERAL = "General trade knowledge; of this table only the row up to 12 in could be confirmed."
_DIN_LONG = (_row("8000", "1.5%", "0.5%"), _row(None, "3%", "1%"))
_DIN_BY_DASH: tuple[tuple[int, tuple[Row, ...]], ...] = (
    (16, (_row("630", "7", "3"), _row("1250", "12", "4"), _row("2500", "20", "6"), *_DIN_LONG)),
    (32, (_row("630", "12", "4"), _row("1250", "20", "6"), _row("2500", "25", "6"), *_DIN_LONG)),
    (64, (_row("630", "25", "6"), *(_row(up, "25", "6", note=_MERGED) for up in ("1250", "2500")), *_DIN_LONG)),
)

RMA = Table(
    "RMA",
    "in",
    (
        _row("12", "0.125", mm="3.18"),
        _row("24", "0.188", mm="4.8"),
        _row("36", "0.250", mm="6.4"),
        _row("48", "0.375", mm="9.5"),
        _row("72", "0.500", mm="12.7"),
        _row(None, "1%"),
    ),
)
RMA_BUILT = Table(
    "RMA built-to-length", "in", (_row("60", "1.0"), _row("120", "1.5"), _row("240", "2.5"), _row(None, "1%"))
)
SAE = Table(
    "SAE",
    "in",
    (
        _row("12", "0.125"),
        _row("18", "0.1875", note=_GENERAL),
        _row("36", "0.25", note=_GENERAL),
        Row(None, Decimal(1), Decimal(1), percent=True, step=Decimal("0.125"), note=_GENERAL),
    ),
)
SELLER = Table(
    "hoseandfittingsupply.com",
    "in",
    (
        _row("12", "0.375"),
        _row("18", "0.5"),
        _row("36", "0.75"),
        _row("120", "1"),
        _row("300", "1.5"),
        _row("600", "7"),
        _row("1200", "12"),
    ),
)
DIN20066 = "DIN20066"
TABLES: Mapping[str, Table] = {"RMA": RMA, "RMA BUILT-TO-LENGTH": RMA_BUILT, "SAE": SAE, "NAHAD": SAE, "SELLER": SELLER}


def din20066(dash: int | None) -> Table:
    """DIN 20066 for a hose size: up to DN 25 (-16), DN 32 to 50 (-20 to -32), DN 60 to 100 (-40 to -64), mm.

    Refused, naming `size`, when the size is not known or above DN 100.
    """
    for largest, rows in _DIN_BY_DASH:
        if dash is not None and dash <= largest:
            return Table(DIN20066, "mm", rows)
    raise Refused.field("size", "DIN 20066 needs the size of the hose, up to DN 100 (-64).")


def table_named(name: str, dash: int | None = None, field: str = "lengthToleranceTable") -> Table:
    """The table of a setting: DIN20066 (which needs the hose's dash), RMA, RMA built-to-length, SAE, NAHAD, seller."""
    key = name.strip().upper()
    if key.replace(" ", "") == DIN20066:
        return din20066(dash)
    if key not in TABLES:
        raise Refused.field(
            field, f"{name!r} is not a table; use one of {DIN20066}, {', '.join(TABLES)} or a custom table."
        )
    return TABLES[key]


def custom_table(unit: str, rows: tuple[Row, ...], name: str = "custom", field: str = "lengthToleranceTable") -> Table:
    """A shop's own table. Refused unless rows rise in length, only the last is open and no tolerance is negative."""
    parse_length_unit(unit, f"{field}.unit")
    longest = Decimal(0)
    checked = []
    for place, row in enumerate(rows):
        here = f"{field}[{place}]"
        plus, minus = not_negative(row.plus, f"{here}.plus"), not_negative(row.minus, f"{here}.minus")
        up_to = None if row.up_to is None else number_of(row.up_to, f"{here}.upTo")
        if up_to is None and place < len(rows) - 1:
            raise Refused.field(f"{here}.upTo", "Only the last row may be without a longest length.")
        if up_to is not None and up_to <= longest:
            raise Refused.field(f"{here}.upTo", f"Use a length above {plain(longest)}, that of the row before.")
        longest = up_to or longest
        checked.append(replace(row, up_to=up_to, plus=plus, minus=minus))
    return Table(name, unit, tuple(checked))


@exactly
def length_tolerance(length: Number, unit: str, table: Table, field: str = "length") -> Tolerance:
    """What a length may differ by, in its own unit: 1000 mm by DIN 20066 at DN 12 is +12 / -4.

    Percent rows are exact. Millimetres, centimetres and metres take RMA's printed metric column, inches and feet its
    inch column. Refused when the table ends before the length. Source: section 4.
    """
    stated = positive(length, field)
    size = convert_length(stated, unit, table.unit, field)
    row = next((row for row in table.rows if row.up_to is None or size <= row.up_to), None)
    if row is None:
        longest = plain(table.rows[-1].up_to or Decimal(0)) if table.rows else "0"
        raise Refused.field(field, f"The table {table.name} ends at {longest} {table.unit}; use a shorter length.")
    if row.mm is not None and parse_length_unit(unit, field) in ("mm", "cm", "m"):
        plus = minus = convert_length(row.mm, "mm", unit, field)
    elif row.percent and row.step is None:
        plus, minus = stated * row.plus / 100, stated * row.minus / 100
    else:
        plus, minus = (
            convert_length(_amount(row, size, part), table.unit, unit, field) for part in (row.plus, row.minus)
        )
    return Tolerance(plus, minus, unit, table.name, row.note is None, row.note)


@exactly
def limits(length: Number, tolerance: Tolerance, field: str = "length") -> tuple[Decimal, Decimal]:
    """The shortest and the longest length allowed, in the tolerance's unit: 1000 mm +12 / -4 is 996 to 1012."""
    number = number_of(length, field)
    return number - tolerance.minus, number + tolerance.plus


def end_squareness(bore: Number, field: str = "size") -> Decimal:
    """How far out of square a cut end may be, in inches, by the bore in inches. Source: section 4 (RMA IP-2)."""
    size = positive(bore, field)
    for largest, allowed in (("0.75", "0.063"), ("2", "0.125"), ("6", "0.250")):
        if size <= Decimal(largest):
            return Decimal(allowed)
    raise Refused.field(field, "RMA gives end squareness for bores up to 6 in.")


def _amount(row: Row, size: Decimal, part: Decimal) -> Decimal:
    if not row.percent:
        return part
    step = row.step or Decimal(1)
    return round_half_up(size * part / 100 / step, 0) * step
