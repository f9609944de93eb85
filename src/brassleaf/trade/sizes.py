"""Sizes of hose and of fitting ends: dash, inch, millimetre and DN, and every way a shop writes them.

A dash size counts sixteenths of an inch: -8 is 1/2 in. For hose it is the bore, except R5-type hose (SAE 100R5, J1402,
C14, AC134a), which takes the dash of the tube that it replaces and has a smaller bore. A fitting has two sizes: that of
the hose and that of its thread (see `ends`). Source: section 2 (aesreddeer, HANSA-FLEX, EN ISO 1307, gageref).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from brassleaf.errors import Refused
from brassleaf.trade.numbers import round_half_up


@dataclass(frozen=True, slots=True)
class HoseSize:
    """One row of the size table; `mm` is exact, `dn` has every DN in use, `nominal` is the bore by EN ISO 1307."""

    dash: int
    inch: str
    dn: tuple[int, ...] = ()
    nominal: Decimal | None = None

    @property
    def mm(self) -> Decimal:
        """The exact bore in millimetres: sixteenths of 25.4."""
        return Decimal(self.dash) * Decimal("1.5875")


_ROWS = (
    HoseSize(2, "1/8", (3,), Decimal("3.2")),
    HoseSize(3, "3/16", (4, 5), Decimal(5)),
    HoseSize(4, "1/4", (6,), Decimal("6.3")),
    HoseSize(5, "5/16", (8,), Decimal(8)),
    HoseSize(6, "3/8", (10,), Decimal(10)),
    HoseSize(8, "1/2", (12, 13), Decimal("12.5")),
    HoseSize(10, "5/8", (16,), Decimal(16)),
    HoseSize(12, "3/4", (19, 20), Decimal(19)),
    HoseSize(14, "7/8"),
    HoseSize(16, "1", (25,), Decimal(25)),
    HoseSize(20, "1-1/4", (31, 32), Decimal("31.5")),
    HoseSize(24, "1-1/2", (38, 40), Decimal(38)),
    HoseSize(32, "2", (50, 51), Decimal(51)),
    HoseSize(40, "2-1/2", (60, 63), Decimal(63)),
    HoseSize(48, "3", (76,), Decimal(76)),
    HoseSize(56, "3-1/2"),
    HoseSize(64, "4", (100, 102), Decimal(102)),  # EN 854 and ISO 18752, whose bores end there
)
SIZES: Mapping[int, HoseSize] = {row.dash: row for row in _ROWS}

# Dash to bore of R5-type hose.
R5_BORES: Mapping[int, str] = {
    4: "3/16", 5: "1/4", 6: "5/16", 8: "13/32", 10: "1/2", 12: "5/8",
    16: "7/8", 20: "1-1/8", 24: "1-3/8", 32: "1-13/16", 40: "2-3/8",
}  # fmt: skip
#: DN to dash of R5-type hose. Source: the Intertraco catalogue, page 19, in a transcription; -40: 2-3/8 in is DN 60.
R5_DN: Mapping[int, int] = {5: 4, 6: 5, 8: 6, 10: 8, 12: 10, 16: 12, 22: 16, 28: 20, 35: 24, 46: 32, 60: 40}

# Minus sign, en dash, hyphen, quotation mark, double prime, fraction slash and vulgar fractions, as people paste them.
_TIDY = str.maketrans({
    "\u2212": "-", "\u2013": "-", "\u2010": "-", "\u201d": '"', "\u2033": '"', "\u2044": "/",
    "½": " 1/2", "¼": " 1/4", "¾": " 3/4",
    "⅛": " 1/8", "⅜": " 3/8", "⅝": " 5/8", "⅞": " 7/8",
})  # fmt: skip
_DASH = re.compile(r"[-#]?\s*([0-9]{1,2})")
_DN = re.compile(r"(?:DN|NW|NB)\s*([0-9]{1,3})")
_FRACTION = re.compile(r"(?:([0-9]{1,2})\s*[-. ]\s*)?([0-9]{1,2})/([0-9]{1,2})")
_INCHES = re.compile(r"(.*[0-9])\s*(?:\"|''|IN|INCH|INCHES)")
_MM = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*MM")
_PLAIN = re.compile(r"[0-9]{1,2}|[0-9]{0,2}\.[0-9]{1,6}")
_R5 = re.compile(r"(?<![0-9A-Z])(?:(?:100)?R5|C14|AC134A|J1402)(?![0-9])")


def inches(text: str) -> Fraction | None:
    """The inches of a fraction, whole or decimal number without unit (`1-1/4`, `2`, `.5`), or None."""
    if match := _FRACTION.fullmatch(text):
        whole, top, bottom = (int(group or 0) for group in match.groups())
        return Fraction(top, bottom) + whole if bottom and top < bottom else None
    return Fraction(text) if _PLAIN.fullmatch(text) else None


def is_r5(spec: str | None) -> bool:
    """Whether a hose standard or type is one whose dash is that of the equivalent tube (100R5, J1402, C14, AC134a).

    SAE J1402 (types AI and AII, air brakes) from general trade knowledge.
    """
    return bool(spec and _R5.search(spec.upper()))


def bore(dash: int, *, r5: bool = False) -> Decimal:
    """The bore of a dash size in inches, exact: 8 is 0.5, or 13/32 = 0.40625 for R5-type hose. Refused when unknown."""
    text = R5_BORES.get(dash) if r5 else SIZES[dash].inch if dash in SIZES else None
    size = inches(text) if text else None
    if size is None:
        raise Refused.field("size", f"{dash} is not a dash size; use one of {', '.join(map(str, SIZES))}.")
    return Decimal(size.numerator) / size.denominator


def format_dash(dash: int) -> str:
    """The dash size as lists show it: `-08`. Source: contract/size.yaml."""
    return f"-{dash:02d}"


def size_order(text: str) -> tuple[int, str]:
    """Sort key: sizes by number, what is not a size after them by its text."""
    dash = parse_hose_size(text)
    return (1000 if dash is None else dash, text)


def parse_hose_size(text: str | int | None, *, r5: bool = False) -> int | None:
    """The dash size that a reading of a hose size means, or None; never a guess.

    - `-8`, `#8`, `8`, `08`, `-08`: a whole number alone is a dash, never inches, millimetres or DN; `1` and `13` are no
      dash sizes and mean nothing.
    - `1/2`, `1-1/4`, `1 1/4`, `1.1/4`, `0.5`, `.5`: a fraction or a decimal alone is inches; inches may also say so
      (`1/2"`, `2 in`). Decimals may be rounded (0.313 or 0.31 for 5/16).
    - `DN12`, `DN 13`, `NW 12`: every DN in use, both variants of one size.
    - `12.7 mm`, `12.5 mm`, `13 mm`: exact, rounded, nominal (EN ISO 1307) or DN millimetres.
    - With `r5`, inches and millimetres are the bore of R5-type hose (1/2 is -10), and DN is its own (DN 10 is -8).
      Without it, bores that only R5-type hose has (13/32, 1-1/8, 1-3/8, 1-13/16) are taken for it; 2-3/8, which
      HANSA-FLEX prints for -40, is -40 either way.
    """
    if isinstance(text, int):
        return text if text in SIZES else None
    return _read(tidy(text), r5=r5)


def tidy(text: str | None) -> str:
    """One spelling of a size; what is too long to be one is nothing."""
    return " ".join((text or "").translate(_TIDY).upper().split()) if len(text or "") <= 40 else ""


@lru_cache(maxsize=4096)
def _read(spelled: str, *, r5: bool) -> int | None:
    if match := _DASH.fullmatch(spelled):
        dash = int(match[1])
        return dash if dash in SIZES else None
    if match := _DN.fullmatch(spelled):
        return R5_DN.get(int(match[1])) if r5 else _by_dn(int(match[1]))
    if match := _MM.fullmatch(spelled):
        return _by_millimetres(Decimal(match[1]), r5=r5)
    stated = _INCHES.fullmatch(spelled)
    size = inches(stated[1] if stated else spelled)
    return None if size is None else _by_inches(size, rounded="." in spelled and "/" not in spelled, r5=r5)


def _bores(*, r5: bool) -> dict[int, Fraction]:
    own = {dash: inches(text) or Fraction(0) for dash, text in R5_BORES.items()}
    return own if r5 else {dash: Fraction(dash, 16) for dash in SIZES}


def _by_inches(size: Fraction, *, rounded: bool, r5: bool) -> int | None:
    bores = _bores(r5=r5)
    for dash, bore_ in bores.items():
        if bore_ == size or (rounded and any(_decimal(bore_, places) == size for places in (2, 3))):
            return dash
    return None if r5 or size in bores.values() else _by_inches(size, rounded=rounded, r5=True)


def _by_dn(dn: int) -> int | None:
    return next((row.dash for row in _ROWS if dn in row.dn), None)


def _by_millimetres(mm: Decimal, *, r5: bool) -> int | None:
    if r5:
        readings = {
            dash: {_decimal(size * Fraction("25.4"), n) for n in (0, 1, 2, 3)} for dash, size in _bores(r5=True).items()
        }
        return next((dash for dash, values in readings.items() if mm in values), None)
    for row in _ROWS:
        exact = (round_half_up(row.mm, places) for places in (0, 1, 2, 3, 4))
        if mm in (*exact, row.nominal, *row.dn):
            return row.dash
    return None


def _decimal(size: Fraction, places: int) -> Decimal:
    return round_half_up(Decimal(size.numerator) / size.denominator, places)
