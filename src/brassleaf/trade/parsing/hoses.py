"""The hose of an assembly: its type, its size and its maker's number.

The first size that belongs to no end is the hose's; one that stands beside the word hose, ID or a hose type belongs to
it for certain. Two certain ones that differ are a conflict. Source: section 11; sizes section 2.
"""

from functools import lru_cache

from brassleaf.trade.parsing.codes import HosePart
from brassleaf.trade.parsing.lexicon import FAMILY, TUBES
from brassleaf.trade.parsing.phrases import Lexeme
from brassleaf.trade.parsing.reading import MEANT, PLACED, SAID, Fact
from brassleaf.trade.parsing.sequence import Sequence, bare_dash, inch_dash, is_separator, is_times
from brassleaf.trade.sizes import SIZES, parse_hose_size
from brassleaf.trade.threads import HEAVY, LIGHT

_GENERIC = frozenset({"1-wire", "2-wire", "4-wire", "6-wire"})
_ALIKE = {
    "four or six wire spirals": {"four wire spirals", "six wire spirals"},
    "one or two wire braids": {"one wire braid", "two wire braids"},
}


def hose_type(text: Sequence) -> Fact[str] | None:
    """The construction that the text names; a type of a standard goes before `2-wire`."""
    if text.kinds.isdisjoint(("hose", "hosepart")):
        return None
    found, parts = [], []
    for item in text.items:
        if item.kind == "hose":
            item.used = True
            found.append(str(item.value))
        elif item.kind == "hosepart" and item.value.hose:
            parts.append(item.value.hose)
    named = list(dict.fromkeys([*found, *parts]))
    exact = [code for code in named if code not in _GENERIC] or named
    if not exact:
        return None
    for code in named:
        if code != exact[0] and not _alike(exact[0], code):
            text.clash("hose", named, f"{exact[0]} and {code} are different hoses.")
            return None
    return Fact(exact[0], SAID if exact[0] not in _GENERIC else MEANT)


def _alike(one: str, other: str) -> bool:
    first, second = FAMILY.get(one, one), FAMILY.get(other, other)
    return first == second or second in _ALIKE.get(first, ()) or first in _ALIKE.get(second, ())


def hose_part(text: Sequence) -> HosePart | None:
    """The hose that the text names by its number."""
    if "hosepart" not in text.kinds:
        return None
    found = [item for item in text.items if item.kind == "hosepart" and not item.used]
    for item in found:
        item.used = True
    numbers = list(dict.fromkeys(item.value.number for item in found))
    if len(numbers) > 1:
        text.clash("hosePart", numbers, f"The text names several hoses: {', '.join(numbers)}.")
        return None
    return found[0].value if found else None


def labelled_sizes(text: Sequence) -> list[int]:
    """The sizes that stand beside a word of the hose; to be asked before the ends take theirs."""
    if text.kinds.isdisjoint(("dn", "hose", "bore")):
        return []
    found = []
    r5 = "R5" in text.text and any(item.kind == "hose" and item.value == "R5" for item in text.items)
    for place, item in enumerate(text.items):
        if item.kind == "dn":
            item.used = True
            found.append(parse_hose_size(f"DN{item.value}"))
        elif item.kind == "hose":
            found.append(_of_type(text, place, r5=r5))
        elif item.kind == "bore":
            found.append(_beside(text, place, r5=r5))
    return [size for size in found if size is not None]


def _of_type(text: Sequence, place: int, *, r5: bool) -> int | None:
    """The size in a hose type (R2-08), directly before it (1/2 R2, 8R2) or directly behind it (R2 3/8, 2SN 12)."""
    item = text.items[place]
    if item.unit is not None:
        return _dash_or_dn(text, item, int(item.unit))
    before = text.at(place - 1)
    if before is not None and not before.used and (before.kind != "number" or before.unit in (None, "in", "mm")):
        size = _size(before, r5=r5)
        if size is None and before.kind == "number" and before.unit is None and before.form == "int":
            size = bare_dash(before) if item.glued else _whole_inches(before)
        if size is not None:
            before.used = True
            return size
    behind = text.next(place, "-.:(")
    after = text.at(behind)
    if after is None or after.used or after.kind not in ("number", "dash", "sizeword"):
        return None
    following = text.at(behind + 1)
    if following is not None and following.kind in ("style", "gender", "flangecode") and after.kind != "dash":
        return None
    size = _size(after, r5=r5)
    if size is None and after.form == "int" and after.unit is None and not str(item.value).startswith("R"):
        size = _by_dn(text, int(after.value))
    if size is not None:
        after.used = True
    return size


def _whole_inches(item: Lexeme) -> int | None:
    """`1 R12`, `2 R4`: a small number before a hose type is its inches."""
    return int(item.value) * 16 if item.value in (1, 2, 3) else None


def _dash_or_dn(text: Sequence, item: Lexeme, number: int) -> int | None:
    """2SN-12 among metric ends is DN 12; elsewhere, and for SAE types, the number is a dash."""
    by_dn = parse_hose_size(f"DN{number}")
    meant = [by_dn, number] if text.metric and not str(item.value).startswith("R") else [number, by_dn]
    known = [size for size in meant if size is not None and size in SIZES]
    # 4SP-12 with ends for 25S tube is a dash: that thread goes with 3/4 hose, not with DN 12
    threads = {_thread(other) for other in text.items if other.kind in ("thread", "tube")}
    usual = (size for size in known if {LIGHT.get(size), HEAVY.get(size)} & threads)
    return next(usual, known[0] if known else None)


def _thread(item: Lexeme) -> str:
    return str(item.value) if item.kind == "thread" else TUBES[item.value[1]][item.value[0]]


def _by_dn(text: Sequence, number: int) -> int | None:
    by_dn = parse_hose_size(f"DN{number}")
    return by_dn if text.in_millimetres else number if number in SIZES and number <= 32 else None


def _beside(text: Sequence, place: int, *, r5: bool) -> int | None:
    """The size before or behind a word for the bore: `3/4 id`, `hose 1/2`, `size 08`."""
    word = text.items[place]
    for near in (place - 1, text.next(place, ":=-.")):
        item = text.at(near)
        if item is None or item.used or is_separator(item):
            continue
        size = _size(item, r5=r5) or (_millimetres(item) if item.kind == "number" else None)
        if size is None and word.text == "SIZE" and near > place:
            size = bare_dash(item)
        if size is not None:
            item.used = True
            return size
    return None


def _millimetres(item: Lexeme) -> int | None:
    return parse_hose_size(f"{float(item.value):g} mm") if item.unit == "mm" and item.value <= 76 else None


def _size(item: Lexeme, *, r5: bool = False) -> int | None:
    if item.kind == "number" and item.unit in (None, "in") and item.form == "fraction":
        return _bore(item.value.numerator, item.value.denominator, r5=r5)
    return inch_dash(item)


@lru_cache(maxsize=1024)
def _bore(top: int, bottom: int, *, r5: bool) -> int | None:
    """The dash size of a fraction of inches."""
    whole, rest = divmod(top, bottom)
    fraction = f"{rest}/{bottom}"
    return parse_hose_size(f"{whole}-{fraction}" if whole else fraction, r5=r5) if whole < 4 else None


def hose_size(text: Sequence, labelled: list[int]) -> Fact[int] | None:
    """The hose's size: a labelled one, else the first that no end took. Differing labelled ones are a conflict."""
    sizes = list(dict.fromkeys(labelled))
    if len(sizes) > 1:
        said = [f"-{size:02d}" for size in sizes]
        text.clash("size", said, f"The text gives the hose several sizes: {', '.join(said)}.")
        return None
    if sizes:
        _same_again(text, sizes[0])
        return Fact(sizes[0])
    for place, item in text.free("dash", "sizeword", "number"):
        size = _size(item)
        if size is not None and not is_times(text.at(place - 1)):
            item.used = True
            return Fact(size, SAID if item.form == "fraction" or item.kind == "dash" else PLACED)
    if any(item.kind == "number" and item.unit and not item.used and not _millimetres(item) for item in text.items):
        return _first_millimetres(text)
    return None


def _first_millimetres(text: Sequence) -> Fact[int] | None:
    for _, item in text.free("number"):
        size = _millimetres(item)
        if size is not None and item.unit == "mm":
            item.used = True
            return Fact(size, PLACED)
    return None


def _same_again(text: Sequence, size: int) -> None:
    """A size that repeats the hose's says nothing new."""
    for _, item in text.free("dash", "sizeword", "number"):
        if (item.kind != "number" or item.form == "fraction") and inch_dash(item) == size:
            item.used = True
