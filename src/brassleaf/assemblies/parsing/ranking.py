"""How well an item of the catalogue is what a text means. Pure: facts in, a score from 0 to 1 and its reasons out.

What a text states is a condition and no matter of degree: items that differ never come here. The score weighs what is
left: what had to be assumed, the maker, the exact construction, what people chose before.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from brassleaf.assemblies.parsing.parts import Part, Series
from brassleaf.store.collections import Document, fold
from brassleaf.trade.parsing.keys import Wanted

_NAMED, _ALL_SAID = 1.0, 0.9
_ASSUMED = {"size": 0.08, "angle": 0.02, "gender": 0.06, "construction": 0.25, "hose size": 0.15}
_OTHER_BRAND, _OTHER_TYPE, _FAMILY_ONLY, _OWN, _PRICED, _FITS = 0.3, 0.1, 0.05, 0.04, 0.02, 0.2
#: So many candidates of a part are shown.
_SHOWN = 5
#: What earlier choices can add or take at most, and what one of them counts.
_MOST_LEARNED, _ONE_LEARNED = 0.15, 0.05


@dataclass(frozen=True, slots=True)
class Scored:
    """An item with its score and the reasons for it."""

    part: Part
    score: float
    reasons: tuple[str, ...]

    def shown(self) -> Document:
        """As the answer lists it."""
        part = self.part
        found: Document = {"item": part.id, "partNumber": part.number, "brand": part.brand}
        if part.description:
            found["description"] = part.description
        return {**found, "score": round(min(max(self.score, 0), 1), 3), "reasons": list(self.reasons)}


class Group:
    """The candidates for one part of an assembly, in the order found.

    Requests share it, what is worked out from it is worked out once; `key` says what was looked for.
    """

    def __init__(self, key: Hashable, found: Sequence[Scored]) -> None:
        self.key = key
        self.found = found

    @cached_property
    def ordered(self) -> list[Scored]:
        """The best first, each item once; equals by part number, so that the answer is the same every time."""
        once = {one.part.id: one for one in self.found}
        return sorted(once.values(), key=lambda one: (-one.score, one.part.number, one.part.id))

    @cached_property
    def shown(self) -> list[Document]:
        """The best few as the answer lists them."""
        return [one.shown() for one in self.ordered[:_SHOWN]]

    @cached_property
    def crimped(self) -> frozenset[Series]:
        """The series that one of these hoses has a crimp specification for."""
        return frozenset(series for one in self.found for series in one.part.crimped)

    @cached_property
    def by_series(self) -> dict[Series, Scored]:
        """The best of these fittings for each series and brand, and for each series of any brand ("")."""
        best: dict[Series, Scored] = {}
        for one in self.ordered:
            for series in one.part.series:
                best.setdefault(series, one)
        return best

    def learned(self, votes: Mapping[str, int]) -> "Group":
        """The same, weighed by what was chosen before for the same words; nothing becomes a candidate by that."""
        return Group(None, [_learned(one, votes.get(one.part.id, 0)) for one in self.found]) if votes else self


def by_number(part: Part, number: str) -> Scored:
    """An item whose number stands in the text."""
    return Scored(part, _NAMED, (f"the text names {number}",))


def hose(part: Part, stated: str | None, brand: str | None, *, sized: bool) -> Scored:
    """A hose of the size and family that the text means; `stated` is the construction that it names."""
    score, reasons = _ALL_SAID, list[str]()
    if stated is None:
        score = _less(score, reasons, "construction", "the text names no construction")
    elif stated in part.kinds:
        reasons.append(f"is {stated}")
    elif stated.endswith("-wire"):
        score -= _FAMILY_ONLY
        reasons.append(f"is {stated}")
    else:
        score -= _OTHER_TYPE
        reasons.append(f"{part.kinds[0] if part.kinds else 'this hose'} is built as {stated}")
    if not sized:
        score = _less(score, reasons, "hose size", "size taken from the ends")
    return _by_maker(part, score, reasons, brand)


def fitting(part: Part, wanted: Wanted, brand: str | None) -> Scored:
    """A fitting that is all that the text says of an end."""
    score, reasons = _ALL_SAID, [f"{part.style} for -{wanted.dash:02d} hose"]
    for name in wanted.assumed:
        score = _less(score, reasons, name, f"{name} assumed")
    return _by_maker(part, score, reasons, brand)


def wrap(part: Part, kind: str) -> Scored:
    """A guard or sleeve of the kind that the text names."""
    return Scored(part, _ALL_SAID - 0.1, (f"is a {kind}",))


def _less(score: float, reasons: list[str], name: str, reason: str) -> float:
    reasons.append(reason)
    return score - _ASSUMED[name]


def _by_maker(part: Part, score: float, reasons: list[str], brand: str | None) -> Scored:
    if brand is not None and fold(part.brand) != fold(brand):
        score -= _OTHER_BRAND
        reasons.append(f"is not of {brand}")
    if part.custom:
        score += _OWN
        reasons.append("the organization's own")
    elif part.priced:
        score += _PRICED
        reasons.append("has a price")
    return Scored(part, score, tuple(reasons))


def _learned(one: Scored, votes: int) -> Scored:
    if not votes:
        return one
    score = one.score + max(-_MOST_LEARNED, min(_MOST_LEARNED, votes * _ONE_LEARNED))
    return Scored(one.part, score, (*one.reasons, "chosen before" if votes > 0 else "rejected before"))


def together(hoses: Group, *sides: Group) -> list[Scored | None]:
    """The hose and ends that go best together: a fitting counts for more where the hose has a crimp for its series."""
    highest, best = -1.0, [None, *(side.ordered[0] if side.ordered else None for side in sides)]
    for candidate in hoses.ordered:
        chosen = [_best(side, candidate.part) for side in sides]
        total = candidate.score + sum(value for value, _ in chosen)
        if total > highest + 1e-9:
            highest, best = total, [candidate, *(one for _, one in chosen)]
    return best


def crimps(hoses: Group, ends: Iterable[Group]) -> bool:
    """Whether one of the hoses has a crimp specification for one of the ends."""
    return not all(hoses.crimped.isdisjoint(side.by_series) for side in ends)


def _best(side: Group, of_hose: Part) -> tuple[float, Scored | None]:
    """The best end for a hose with its crimp specifications, and what it counts."""
    if not side.ordered:
        return 0.0, None
    first = side.ordered[0]
    fitting = [side.by_series[series] for series in of_hose.crimped if series in side.by_series]
    best = max(fitting, key=lambda one: one.score, default=None)
    if best is not None and best.score + _FITS >= first.score:
        return best.score + _FITS, best
    return first.score, first
