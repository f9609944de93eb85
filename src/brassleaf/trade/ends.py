"""Ends of fittings and adaptors: styles, genders and shapes with every spelling that shops use, and their sizes.

The first name of a row is how Brassleaf writes it; the others are read as the same. Sources: sections 1 and 2 of the
domain notes (Gates, Brennan, RYCO, HANSA-FLEX, gageref) and the standards that a row names; names that only the
trade uses (BEL, DKM …) are general trade knowledge.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from brassleaf.trade import threads
from brassleaf.trade.sizes import SIZES, format_dash, inches, parse_hose_size, tidy


@dataclass(frozen=True, slots=True)
class Style:
    """How an end connects. `threads` is by dash: of the tube or pipe, of metric styles (`metric`) of the hose.

    A style without threads is bolted, or has none of its own. `cone` and `ring` say how it seals.
    """

    name: str
    standard: str
    aliases: tuple[str, ...] = ()
    threads: Mapping[int, str] = field(default_factory=dict)
    metric: bool = False
    cone: str = ""
    ring: bool = False


@dataclass(frozen=True, slots=True)
class Gender:
    """Which side of a connection an end is; flanges and tube ends have none."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """The body of a fitting: its angle in degrees, and how far an elbow drops where several are made."""

    name: str
    aliases: tuple[str, ...] = ()
    angle: str = ""
    drop: str = ""


_STYLES = (
    Style("JIC 37", "SAE J514 / ISO 8434-2", ("JIC", "37 flare", "AN", "J514", "MJ", "FJ", "DKJ"), threads.JIC,
          cone="37"),
    Style("ORFS", "SAE J1453 / ISO 8434-3", ("FFOR", "OFS", "FFS", "O-ring face seal", "flat face", "J1453"),
          threads.ORFS, ring=True),
    Style("ORB", "SAE J1926 / ISO 11926", ("SAE ORB", "SAE", "BOSS", "O-ring boss", "straight thread", "J1926", "MB"),
          threads.JIC, ring=True),
    Style("SAE 45", "SAE J512", ("45 flare", "J512"), threads.SAE_45, cone="45"),
    Style("NPTF", "SAE J476", ("dryseal", "MP", "FP"), threads.NPT),
    Style("NPT", "ASME B1.20.1", ("pipe",), threads.NPT),
    Style("NPSM", "ASME B1.20.1", ("pipe swivel", "FPX"), threads.NPT, cone="30"),
    Style("Staple-Lok", "SAE J1467", ("staple", "DIN 20043")),
    Style("BSPP", "ISO 228-1", ("BSP", "DKR", "G", "BSP parallel", "BSPP 60"), threads.BSPP, cone="60"),
    Style("BSPP O-ring", "ISO 228-1", ("DKOR", "BSP O-ring"), threads.BSPP, cone="60", ring=True),
    Style("BSPT", "ISO 7-1", ("R", "BSP taper", "JIS taper"), threads.BSPT),
    Style("DKOL", "ISO 8434-1, light", ("DIN 24 light", "24 light O-ring", "DKO-L", "DIN 3865 L", "FDLORX"),
          threads.LIGHT, metric=True, cone="24", ring=True),
    Style("DKOS", "ISO 8434-1, heavy", ("DIN 24 heavy", "24 heavy O-ring", "DKO-S", "DIN 3865 S", "FDHORX"),
          threads.HEAVY, metric=True, cone="24", ring=True),
    Style("CEL", "ISO 8434-1, light", ("DIN 24 light male", "MDL", "DIN 2353 L"), threads.LIGHT, metric=True,
          cone="24"),
    Style("CES", "ISO 8434-1, heavy", ("DIN 24 heavy male", "MDH", "DIN 2353 S"), threads.HEAVY, metric=True,
          cone="24"),
    Style("DKL", "DIN 3901", ("DIN 3901", "universal light", "24/60 light"), threads.LIGHT, metric=True, cone="24/60"),
    Style("DKS", "DIN 3902", ("DIN 3902", "universal heavy", "24/60 heavy"), threads.HEAVY, metric=True, cone="24/60"),
    Style("DIN 60", "DIN 7611", ("DKM", "AGM", "DIN 7611", "metric 60"), threads.LIGHT, metric=True, cone="60"),
    Style("JIS 30", "JIS B 0202", ("JIS", "JIS parallel 30", "Toyota"), threads.BSPP, cone="30"),
    Style("JIS 60", "JIS B 0202", ("JIS parallel 60",), threads.BSPP, cone="60"),
    Style("Komatsu 30", "maker's own", ("Komatsu", "JIS metric 30"), threads.KOMATSU, metric=True, cone="30"),
    Style("Metric", "ISO 6149 / DIN 3852", ("metric O-ring", "ISO 6149", "DIN 3852", "metric parallel"),
          threads.METRIC, metric=True, ring=True),
    Style("GAZ", "maker's own", ("French GAZ", "Gas 24", "metric GAZ"), threads.GAZ, metric=True, cone="24"),
    Style("Standpipe", "ISO 8434-1", ("BEL", "BES", "tube stub"), metric=True),
    Style("Code 61 flange", "SAE J518 / ISO 6162-1", ("Code 61", "C61", "SAE 3000", "SFL", "FL"), ring=True),
    Style("Code 62 flange", "SAE J518 / ISO 6162-2", ("Code 62", "C62", "SAE 6000", "SFS", "FH"), ring=True),
    Style("CAT flange", "maker's own", ("CAT", "Caterpillar", "Caterpillar flange"), ring=True),
    Style("Komatsu flange", "JIS B 8363", ("Komatsu style flange", "JIS flange"), ring=True),
)  # fmt: skip
_GENDERS = (Gender("female", ("F", "fem", "jack")), Gender("male", ("M", "plug end")))
_DROPS = (("compact", "C"), ("short", "S"), ("medium", "M"), ("long", "L"))
_ANGLES = ("22.5", "30", "45", "60", "67.5", "90", "110", "135")
_MIXED = {"22.5": "22 1/2", "67.5": "67 1/2"}


def _elbow(angle: str) -> tuple[Shape, ...]:
    ways = [angle, _MIXED[angle]] if angle in _MIXED else [angle]
    names = tuple(f"{way}{ending}" for way in ways for ending in ("", "°", " deg", " elbow", "° elbow"))
    dropped = (
        Shape(
            f"{angle} {drop} drop",
            (f"{angle}{letter}", *(f"{name} {word}" for name in names for word in (drop, f"{drop} drop"))),
            angle,
            drop,
        )
        for drop, letter in _DROPS
    )
    return (Shape(angle, names, angle), *(dropped if angle in {"45", "90"} else ()))


_SHAPES = (
    Shape("straight", ("0", "0°", "180", "str", "in line"), "0"),
    *(shape for angle in _ANGLES for shape in _elbow(angle)),
    Shape("block", ("90 block", "block elbow"), "90"),
    Shape("banjo", ("banjo bolt",), "90"),
    Shape("tee", ("T", "union tee")),
    Shape("run tee", ("tee run",)),
    Shape("branch tee", ("tee branch",)),
    Shape("cross", ("X",)),
)

STYLES: Mapping[str, Style] = {row.name: row for row in _STYLES}
GENDERS: Mapping[str, Gender] = {row.name: row for row in _GENDERS}
SHAPES: Mapping[str, Shape] = {row.name: row for row in _SHAPES}


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def aliases(self) -> tuple[str, ...]: ...


def _key(text: str) -> str:
    """What spellings of one name have in common: `JIC 37°`, `jic-37` and `JIC37` are one."""
    return re.sub(r"[\s°_-]", "", text.replace("½", "1/2")).casefold()


def _index(rows: Iterable[_Named]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for spelling in (row.name, *row.aliases):
            if found.setdefault(_key(spelling), row.name) != row.name:
                raise ValueError(f"{spelling} means both {found[_key(spelling)]} and {row.name}")
    return found


_NAMES: Mapping[str, Mapping[str, str]] = {
    "style": _index(_STYLES), "gender": _index(_GENDERS), "shape": _index(_SHAPES),
}  # fmt: skip
_TABLES: Mapping[str, Mapping[str, Style | Gender | Shape]] = {"style": STYLES, "gender": GENDERS, "shape": SHAPES}


def named(field_name: str, text: str) -> str | None:
    """The table's name for a style, gender or shape in any spelling: `named("style", "jic")` is `JIC 37`; else None."""
    return _NAMES[field_name].get(_key(text))


def spellings(field_name: str, text: str) -> tuple[str, ...]:
    """Every spelling that a catalogue may have for what is asked: the text itself, the table's name, its aliases.

    For another field than style, gender and shape, and for what no table knows, the text alone.
    """
    name = named(field_name, text) if field_name in _NAMES else None
    if name is None:
        return (text,)
    plain = (text, name, *_TABLES[field_name][name].aliases)
    return tuple(dict.fromkeys(way for spelling in plain for way in (spelling, *_with_degrees(spelling))))


def _with_degrees(spelling: str) -> tuple[str, ...]:
    return (f"{spelling}°",) if spelling[-1:].isdigit() else ()


def beyond(field_name: str, values: Iterable[str]) -> list[str]:
    """The values that a table does not have: those that would not be found by any name in it."""
    known = {spelling.casefold() for name in table(field_name) for spelling in spellings(field_name, name)}
    return [value for value in values if value.casefold() not in known]


@cache
def table(field_name: str) -> tuple[str, ...]:
    """The names of a pick list in the order of its table: of `style`, `gender`, `shape`, `size` (hoses), `dashSize`."""
    if field_name in _TABLES:
        return tuple(_TABLES[field_name])
    dashes = tuple(map(format_dash, SIZES))
    return dashes if field_name in {"size", "hoseSize"} else dashes + _metric_threads()


def place(field_name: str, text: str) -> int:
    """Where a value stands in the order of its table, in any spelling; what is not in it comes last."""
    name = named(field_name, text) if field_name in _NAMES else text
    order = table(field_name)
    return order.index(name) if name in order else len(order)


def parse_end_size(text: str | int | None, style: str | None = None) -> int | None:
    """The dash size of a fitting's thread, flange or tube end, or None.

    Read as a hose size, without DN and millimetres, which mean other things on an end; with a `style` in any spelling
    its threads are read too (`7/16-20`, `G 1/2-14`, `1-5/16-12 UN`). A metric thread has no dash and gives None.
    Source: section 2 (gageref).
    """
    if isinstance(text, int):
        return parse_hose_size(text)
    spelled = tidy(text)
    if "DN" in spelled or "MM" in spelled:
        return None
    known = STYLES.get(named("style", style or "") or "")
    if known is not None and not known.metric:
        pipe = re.fullmatch(r"[GR]C? ?([0-9].*)", spelled)
        spelled = pipe[1] if pipe else re.sub(",? UN[FCS]?$", "", spelled)
        for dash, thread in known.threads.items():
            if spelled == re.sub("^[GR] ", "", thread):
                return dash
        spelled += " IN" if pipe and spelled[-1:].isdigit() else ""
    size = parse_hose_size(spelled)
    return None if size is not None and _is_r5_only(spelled) else size


def _metric_threads() -> tuple[str, ...]:
    found = {thread for style in _STYLES if style.metric for thread in style.threads.values()}
    return tuple(sorted(found, key=lambda text: tuple(map(float, text[1:].split("x")))))


def _is_r5_only(spelled: str) -> bool:
    size = inches(spelled.removesuffix('"').strip())
    return size is not None and "/" in spelled and size * 16 not in SIZES
