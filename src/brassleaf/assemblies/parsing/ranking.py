"""How well an item of the catalogue is what a text means. Pure: facts in, a score from 0 to 1 and its reasons out.

What a text states is a condition and no matter of degree: items that differ never come here. The score weighs what is
left: what had to be assumed, the maker, the exact construction, what people chose before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from brassleaf.catalog.service import Article
from brassleaf.store.collections import Document, fold
from brassleaf.trade.parsing import Reading
from brassleaf.trade.parsing.keys import Wanted, constructions

_NAMED, _ALL_SAID = 1.0, 0.9
_ASSUMED = {"size": 0.08, "angle": 0.02, "gender": 0.06, "construction": 0.25, "hose size": 0.15}
_OTHER_BRAND, _OTHER_TYPE, _FAMILY_ONLY, _OWN, _PRICED, _FITS = 0.3, 0.1, 0.05, 0.04, 0.02, 0.2
#: What earlier choices can add or take at most, and what one of them counts.
_MOST_LEARNED, _ONE_LEARNED = 0.15, 0.05


@dataclass(slots=True)
class Scored:
    """An item with its score and the reasons for it."""

    article: Article
    score: float
    reasons: list[str]

    @property
    def document(self) -> Document:
        """The item with what the organization says of it."""
        return self.article.document

    def shown(self) -> Document:
        """As the answer lists it."""
        item = self.article.item
        found: Document = {"item": item.id, "partNumber": item["partNumber"], "brand": item["brand"]}
        if item["description"]:
            found["description"] = item["description"]
        return {**found, "score": round(min(max(self.score, 0), 1), 3), "reasons": self.reasons}


def by_number(article: Article, number: str) -> Scored:
    """An item whose number stands in the text."""
    return Scored(article, _NAMED, [f"the text names {number}"])


def hose(article: Article, reading: Reading, brand: str | None, *, sized: bool) -> Scored:
    """A hose of the size and family that the text means."""
    found = Scored(article, _ALL_SAID, [])
    kinds, stated = constructions(article.item.document), reading.hose.value if reading.hose else None
    if stated is None:
        _less(found, "construction", "the text names no construction")
    elif stated in kinds:
        found.reasons.append(f"is {stated}")
    elif stated.endswith("-wire"):
        found.score -= _FAMILY_ONLY
        found.reasons.append(f"is {stated}")
    else:
        found.score -= _OTHER_TYPE
        found.reasons.append(f"{kinds[0] if kinds else 'this hose'} is built as {stated}")
    if not sized:
        _less(found, "hose size", "size taken from the ends")
    _maker(found, brand)
    return found


def fitting(article: Article, wanted: Wanted, brand: str | None) -> Scored:
    """A fitting that is all that the text says of an end."""
    style = article.item.document.get("style")
    found = Scored(article, _ALL_SAID, [f"{style} for -{wanted.dash:02d} hose"])
    for name in wanted.assumed:
        _less(found, name, f"{name} assumed")
    _maker(found, brand)
    return found


def wrap(article: Article, kind: str) -> Scored:
    """A guard or sleeve of the kind that the text names."""
    return Scored(article, _ALL_SAID - 0.1, [f"is a {kind}"])


def _less(found: Scored, name: str, reason: str) -> None:
    found.score -= _ASSUMED[name]
    found.reasons.append(reason)


def _maker(found: Scored, brand: str | None) -> None:
    if brand is not None and fold(str(found.article.item["brand"])) != fold(brand):
        found.score -= _OTHER_BRAND
        found.reasons.append(f"is not of {brand}")
    if found.article.custom:
        found.score += _OWN
        found.reasons.append("the organization's own")
    elif found.article.properties is not None and found.article.properties["listPrice"] is not None:
        found.score += _PRICED
        found.reasons.append("has a price")


def learn(candidates: Iterable[Scored], learned: Mapping[str, int]) -> None:
    """Weigh candidates by what was chosen before for the same words; nothing becomes a candidate by that."""
    for candidate in candidates:
        votes = learned.get(candidate.article.item.id, 0)
        if votes:
            candidate.score += max(-_MOST_LEARNED, min(_MOST_LEARNED, votes * _ONE_LEARNED))
            candidate.reasons.append("chosen before" if votes > 0 else "rejected before")


def ordered(candidates: Iterable[Scored]) -> list[Scored]:
    """The best first, each item once; equals by part number, so that the answer is the same every time."""
    once = {one.article.item.id: one for one in candidates}
    return sorted(once.values(), key=lambda one: (-one.score, str(one.article.item["partNumber"]), one.article.item.id))


Series = tuple[str, str]


def together(hoses: list[Scored], sides: list[list[Scored]]) -> tuple[Scored | None, list[Scored | None]]:
    """The hose and ends that go best together: a fitting counts for more where the hose has a crimp for its series."""
    sorted_sides = [_by_series(side) for side in sides]
    best: tuple[float, Scored | None, list[Scored | None]] = (-1.0, None, [side[0] if side else None for side in sides])
    for candidate in hoses:
        series = crimped(candidate.article)
        chosen = [_best(side, series) for side in sorted_sides]
        total = candidate.score + sum(value for value, _ in chosen)
        if total > best[0] + 1e-9:
            best = (total, candidate, [one for _, one in chosen])
    return best[1], best[2]


def crimped(hose_article: Article) -> list[Series]:
    """The coupling series, and their brands, that a hose has a crimp specification for ("" serves every brand)."""
    said = hose_article.properties
    specs = [*((said["crimpSpecs"] or []) if said else []), *(hose_article.item["crimpSpecs"] or [])]
    return [(_plain(spec["couplingSeries"]), _plain(spec.get("couplingSeriesBrand"))) for spec in specs]


def crimps(hoses: Iterable[Scored], ends: Iterable[Scored]) -> bool:
    """Whether one of the hoses has a crimp specification for one of the ends."""
    known = {series for one in hoses for series in crimped(one.article)}
    return any(known & _series(one) for one in ends)


def _series(end: Scored) -> set[Series]:
    """The series of a fitting as crimp specifications name it: of its brand, and of any."""
    item = end.article.item.document
    name = _plain(item.get("series"))
    return {(name, _plain(item.get("brand"))), (name, "")}


def _plain(name: object) -> str:
    """A series or brand as matching compares it: without case and outer blanks."""
    return str(name or "").strip().casefold()


def _by_series(side: list[Scored]) -> dict[Series | None, Scored]:
    """The best fitting of each series and brand, of each series of any brand (""), and of all (None)."""
    found: dict[Series | None, Scored] = {}
    for one in side:
        for key in (None, *_series(one)):
            found.setdefault(key, one)
    return found


def _best(side: dict[Series | None, Scored], series: list[Series]) -> tuple[float, Scored | None]:
    """The best end for a hose with these series, and what it counts."""
    if None not in side:
        return 0.0, None
    fitting = [(side[key].score + _FITS, key) for key in series if key in side]
    value, key = max(fitting, key=lambda pair: pair[0], default=(0.0, None))
    return (value, side[key]) if value >= side[None].score else (side[None].score, side[None])
