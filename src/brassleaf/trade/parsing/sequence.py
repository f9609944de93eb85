"""The lexemes of one text in order, with the questions that every rule asks of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from brassleaf.trade.parsing.lexicon import END_DASHES
from brassleaf.trade.parsing.phrases import Lexeme
from brassleaf.trade.parsing.reading import Conflict
from brassleaf.trade.sizes import SIZES

METRIC_STYLES = frozenset({"DKOL", "DKOS", "CEL", "CES", "DIN-L", "DIN-S"})
_METRIC = frozenset({"dn", "thread", "tube"})
_LARGEST_HOSE = 4
#: So many signs may stand between two words that belong together.
_REACH = 4


@dataclass(slots=True)
class Sequence:
    """The lexemes of a text; `conflicts` collects what cannot both be so."""

    items: list[Lexeme]
    text: str = ""
    conflicts: list[Conflict] = field(default_factory=list)
    #: Whether the hose or its ends are named in metric ways, so that a bare length is millimetres.
    metric: bool = False
    #: The kinds of lexemes that there are, so that a rule need not look for those that there are not.
    kinds: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.kinds = {item.kind for item in self.items}
        self.metric = (
            not self.kinds.isdisjoint(_METRIC)
            or "DIN 20066" in self.text
            or any(item.kind == "style" and item.value in METRIC_STYLES for item in self.items)
        )

    def at(self, index: int) -> Lexeme | None:
        """The lexeme at a place, or None outside of the text."""
        return self.items[index] if 0 <= index < len(self.items) else None

    def free(self, *kinds: str) -> Iterator[tuple[int, Lexeme]]:
        """The lexemes of these kinds that no rule has used."""
        return ((index, item) for index, item in enumerate(self.items) if item.kind in kinds and not item.used)

    def next(self, index: int, skip: str = ":=.", step: int = 1) -> int:
        """The place of the next lexeme (or the one before, with a step of -1), without separators of `skip`."""
        index += step
        for _ in range(_REACH):
            item = self.at(index)
            if item is None or item.kind != "separator" or str(item.value) not in skip:
                break
            index += step
        return index

    def clash(self, name: str, values: list[str], message: str) -> None:
        """Note two things that cannot both be so."""
        self.conflicts.append(Conflict(name, tuple(values), message))

    @property
    def in_millimetres(self) -> bool:
        """The same, or because the text measures in metric units."""
        return self.metric or any(item.kind == "number" and item.unit in ("mm", "cm", "m") for item in self.items)


def is_separator(item: Lexeme | None, values: str | None = None) -> bool:
    """Whether a lexeme separates: any sign or word, or one of these signs."""
    return item is not None and item.kind == "separator" and (values is None or str(item.value or item.text) in values)


def is_times(item: Lexeme | None) -> bool:
    """Whether a lexeme is the X between the parts of a description, or a star."""
    return item is not None and item.kind == "separator" and item.text in ("X", "*", "BY")


def inch_dash(item: Lexeme) -> int | None:
    """The dash size that a number means as inches: 1/2, .5, 1", 1-1/4; None where it is no nominal size."""
    kind, unit, form = item.kind, item.unit, item.form
    if kind in ("dash", "sizeword"):
        return int(item.value)
    if kind != "number" or unit not in (None, "in") or form in ("feet", "word") or (unit is None and form == "int"):
        return None
    # in whole numbers, which are ten times as fast as fractions
    top, bottom = item.value.numerator, item.value.denominator
    if top > bottom * (2 if unit is None and form == "decimal" else _LARGEST_HOSE):
        return None
    dash, rest = divmod(top * 16, bottom)
    if not rest and dash in SIZES:
        return int(dash)
    return next((size for size in SIZES if form == "decimal" and 20 * abs(size * bottom - top * 16) <= bottom), None)


def bare_dash(item: Lexeme) -> int | None:
    """The dash size that a whole number without sign and unit means on an end."""
    bare = item.kind == "number" and item.form == "int" and item.unit is None
    return int(item.value) if bare and int(item.value) in END_DASHES else None


def first(items: list[Lexeme], test: Callable[[Lexeme], bool]) -> Lexeme | None:
    """The first lexeme that a test holds for."""
    return next((item for item in items if test(item)), None)
