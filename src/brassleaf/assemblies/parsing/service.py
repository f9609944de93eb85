"""From a text to an assembly of the catalogue: what it says is read, then looked up, weighed and priced.

What a text states is never set aside: an item of another size, style or gender is no candidate. Candidates come from
the part numbers in the text, or by the index of what is alike (`trade.parsing.keys`), a short walk for each part.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import TypeAdapter

from brassleaf.assemblies.models import PriceAsked
from brassleaf.assemblies.parsing import ranking
from brassleaf.assemblies.parsing.choices import Choices, phrases
from brassleaf.assemblies.parsing.models import Corrected, FeedbackSent, ParseAsked, ParseText
from brassleaf.assemblies.parsing.ranking import Scored
from brassleaf.assemblies.parsing.shown import answer
from brassleaf.assemblies.service import AssemblyService
from brassleaf.catalog.crimpfittings.service import series_of
from brassleaf.catalog.service import Article, Catalogue
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.organizations.service import OrganizationService
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Store
from brassleaf.store.query import AnyOf, Or, Where, both, equal
from brassleaf.trade.parsing import End, Fact, Reading, read
from brassleaf.trade.parsing.codes import FittingPart, HosePart
from brassleaf.trade.parsing.keys import USUAL_FAMILIES, constructions, hose_key, item_key, wanted, wrap_key
from brassleaf.trade.parsing.lexicon import FAMILY
from brassleaf.trade.units import parse_length_unit

#: Items of one kind that are weighed, and those of them that are shown.
_WEIGHED, _SHOWN = 8, 5
#: So many of the hoses are asked for the series that they have a crimp for.
_FIRST = 3
_TEXT: TypeAdapter[str] = TypeAdapter(ParseText)
_PARTS = {"hose": "hose", "end1": "crimpFitting", "end2": "crimpFitting", "wrap": "wrap"}
_ALIKE = {"four or six wire spirals": ("four wire spirals",), "six wire spirals": ("four or six wire spirals",)}
#: What keeps an assembly from being determined when the text contradicts itself there.
_DECISIVE = {"size": ("hose", "end1", "end2"), "hose": ("hose",), "hosePart": ("hose",), "ends": ("end1", "end2")}


Votes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every part of one parse is looked up for; `found` is what was looked up already."""

    caller: Caller
    named: Mapping[str, Sequence[Article]]
    dash: int | None
    brand: str | None
    found: dict[str, list[Article]] = field(default_factory=dict)


class ParsingService:
    """Reads texts for one organization at a time."""

    def __init__(
        self, store: Store, catalogue: Catalogue, organizations: OrganizationService, assemblies: AssemblyService
    ) -> None:
        self._catalogue = catalogue
        self._organizations = organizations
        self._assemblies = assemblies
        self._choices = Choices(store)

    async def parse(self, caller: Caller, asked: ParseAsked) -> Document:
        """A text as an assembly, with candidates, conflicts, what was not understood, and a price where it can be."""
        organization = (await self._organizations.get(caller.organization)).document
        unit = asked.lengthUnit or str(organization["defaultLengthUnit"])
        reading, named = await self._read(caller, asked.text, unit)
        unit = "mm" if reading.metric and asked.lengthUnit is None else unit
        candidates = await self._candidates(caller, reading, named, asked.brand)
        chosen = _chosen(candidates, reading)
        found = answer(
            token(asked.text),
            asked.text,
            reading,
            unit,
            candidates,
            chosen,
            dash=_dash(reading, named),
            shown=_SHOWN,
        )
        await self._price(caller, asked, reading, found, chosen)
        return found

    async def feedback(self, caller: Caller, sent: FeedbackSent) -> None:
        """Learn what a user made of a parse. Raises NotFound for a parse or items that there are not."""
        text = _text_of(sent)
        organization = (await self._organizations.get(caller.organization)).document
        reading, named = await self._read(caller, text, str(organization["defaultLengthUnit"]))
        said = phrases(reading, _dash(reading, named))
        candidates = await self._candidates(caller, reading, named, None)
        proposed = {role: one.article.item.id for role, one in _chosen(candidates, reading).items() if one is not None}
        corrected = await self._corrected(caller, sent.corrected)
        right = {**(proposed if sent.accepted else {}), **corrected}
        for role, item in right.items():
            await self._choices.keep(caller, said.get(role, ()), item, 1)
        for role, item in proposed.items():
            wrong = not sent.accepted and (not corrected or role in corrected)
            if right.get(role, item) != item or (wrong and role not in right):
                await self._choices.keep(caller, said.get(role, ()), item, -1)

    # -- reading --------------------------------------------------------------------------------------------------

    async def _read(self, caller: Caller, text: str, unit: str) -> tuple[Reading, dict[str, list[Article]]]:
        """The reading, and the items of the catalogue whose number stands in the text."""
        default = parse_length_unit(unit, "lengthUnit")
        reading = read(text, default)
        named: dict[str, list[Article]] = {}
        for number in reading.numbers:
            found = await self._catalogue.first(caller.organization, equal("partNumber", number), _WEIGHED)
            usable = [one for one in found if _usable(one)]
            named[number] = usable or list(
                filter(_usable, await self._catalogue.by_own_number(caller.organization, number))
            )
        known = {number: part for number, articles in named.items() if (part := _part(number, articles)) is not None}
        if set(known) - _understood(reading):
            reading = read(text, default, known)
        return reading, named

    # -- candidates -----------------------------------------------------------------------------------------------

    async def _candidates(
        self, caller: Caller, reading: Reading, named: Mapping[str, Sequence[Article]], brand: str | None
    ) -> dict[str, list[Scored]]:
        """The items that may be meant, part by part, the best first."""
        maker = reading.brand.value if reading.brand else brand
        dash = _dash(reading, named)
        learned = await self._choices.learned(caller.organization, phrases(reading, dash))
        asked = _Asked(caller, named, dash, maker)
        found = {"hose": await self._hoses(asked, reading, learned.get("hose", {}))}
        for role, end in (("end1", reading.end1), ("end2", reading.end2)):
            found[role] = await self._ends(asked, end, learned.get(role, {}))
            found[role] += await self._crimped(asked, end, found["hose"], found[role])
        found["hose"] += await self._of_the_makers(asked, reading, found)
        if reading.wrap is not None:
            found["wrap"] = await self._wraps(asked, reading.wrap.value, learned.get("wrap", {}))
        for role, of_role in found.items():
            ranking.learn(of_role, learned.get(role, {}))
        return {role: ranking.ordered(of_role) for role, of_role in found.items()}

    async def _hoses(self, asked: _Asked, reading: Reading, learned: Votes) -> list[Scored]:
        number = reading.hose_part
        if number is not None and (articles := _of_type(asked.named.get(number, ()), "hose")):
            return [ranking.by_number(one, number) for one in articles if _hose_fits(one, reading)]
        if asked.dash is None or number is not None or _clashes(reading, "size", "hose"):
            return []
        if reading.hose is not None:
            family = FAMILY.get(reading.hose.value)
            families: Sequence[str] = (family, *_ALIKE.get(family, ())) if family else ()
        else:
            families = USUAL_FAMILIES
        found: list[Article] = []
        for family in families:
            found += await self._alike(asked, hose_key(asked.dash, family), learned)
            if found and reading.hose is None:
                break
        sized = reading.size is not None
        return [ranking.hose(one, reading, asked.brand, sized=sized) for one in found]

    async def _ends(self, asked: _Asked, end: End | None, learned: Votes) -> list[Scored]:
        if end is None:
            return []
        if end.part is not None and (articles := _of_type(asked.named.get(end.part, ()), "crimpFitting")):
            return [ranking.by_number(one, end.part) for one in articles]
        meant = wanted(end, asked.dash) if asked.dash is not None else None
        if meant is None:
            return []
        return [ranking.fitting(one, meant, asked.brand) for one in await self._alike(asked, meant.key, learned)]

    async def _crimped(
        self, asked: _Asked, end: End | None, hoses: Sequence[Scored], there: Sequence[Scored]
    ) -> list[Scored]:
        """More fittings, of the series that the first hoses have a crimp for, where none of those found is."""
        meant = wanted(end, asked.dash) if end is not None and asked.dash is not None else None
        if meant is None or not there or not hoses or ranking.crimps(hoses, there):
            return []
        series = Or(tuple(series_of(one.document) for one in hoses[:_FIRST]))
        where = both(equal("alike", meant.key), series)
        more = await self._catalogue.first(asked.caller.organization, where, _WEIGHED)
        return [ranking.fitting(one, meant, asked.brand) for one in more if _usable(one)]

    async def _of_the_makers(
        self, asked: _Asked, reading: Reading, found: Mapping[str, Sequence[Scored]]
    ) -> list[Scored]:
        """More hoses, of the makers of the ends, where none of those found has a crimp for an end."""
        hoses, ends = found["hose"], [*found["end1"], *found["end2"]]
        family = FAMILY.get(reading.hose.value) if reading.hose else USUAL_FAMILIES[0]
        if asked.dash is None or not hoses or not ends or not family or ranking.crimps(hoses, ends):
            return []
        makers = AnyOf("brand", tuple(dict.fromkeys(str(one.article.item["brand"]) for one in ends)))
        where = both(equal("alike", hose_key(asked.dash, family)), makers)
        more = await self._catalogue.first(asked.caller.organization, where, _WEIGHED)
        sized = reading.size is not None
        return [ranking.hose(one, reading, asked.brand, sized=sized) for one in more if _usable(one)]

    async def _wraps(self, asked: _Asked, kind: str, learned: Votes) -> list[Scored]:
        return [ranking.wrap(one, kind) for one in await self._alike(asked, wrap_key(kind), learned)]

    async def _alike(self, asked: _Asked, key: str, learned: Votes) -> list[Article]:
        """The items of a key that may be used: those of a maker where it has some, and what was chosen before."""
        if key not in asked.found:
            asked.found[key] = await self._first(asked, key)
        there = {one.item.id for one in asked.found[key]}
        more = [id_ for id_, votes in learned.items() if votes > 0 and id_ not in there]
        chosen = (await self._catalogue.get_many(asked.caller.organization, more)).values() if more else ()
        # what was chosen once and is another thing by now, or was for another text, is no candidate
        return [*asked.found[key], *(one for one in chosen if _usable(one) and item_key(one.item.document) == key)]

    async def _first(self, asked: _Asked, key: str) -> list[Article]:
        where: Where = equal("alike", key)
        narrowed = [both(where, equal("brand", asked.brand))] if asked.brand else []
        for condition in (*narrowed, where):
            found = await self._catalogue.first(asked.caller.organization, condition, _WEIGHED)
            if usable := [one for one in found if _usable(one)]:
                return usable
        return []

    # -- price and feedback ---------------------------------------------------------------------------------------

    async def _price(
        self, caller: Caller, asked: ParseAsked, reading: Reading, found: Document, chosen: Mapping[str, Scored | None]
    ) -> None:
        """Price what is determined; why it cannot be built stands among the warnings."""
        result = found["result"]
        missing = [name for name in ("hose", "end1", "end2", "length") if result[name] is None]
        if missing:
            found["warnings"].append(f"No price: {', '.join(missing)} not determined.")
            return
        count = asked.quantity or (reading.quantity.value if reading.quantity else 1)
        names = {f"{role}Id": one.article.item.id for role, one in chosen.items() if one is not None}
        request = PriceAsked.model_validate(
            {
                **names,
                "length": result["length"],
                "lengthUnit": result["lengthUnit"],
                "definedByCutLength": result.get("definedByCutLength"),
                "proofTest": result.get("proofTest"),
                "burstTest": result.get("burstTest"),
                "quantity": min(count, 1_000_000),
                "customerOrgId": asked.customerOrgId,
                "currency": asked.currency,
            }
        )
        try:
            found["price"] = await self._assemblies.price(caller, request)
        except Refused as error:
            found["warnings"].append(f"No price: {error.message}")
        for item in (found["price"] or {}).get("items", ()):
            if str(item["role"]).startswith("ferrule"):
                result[item["role"]] = item["item"]

    async def _corrected(self, caller: Caller, sent: Corrected | None) -> dict[str, str]:
        """The items that a correction names. Raises NotFound, naming every field whose id is not one to use."""
        ids = {role: id_ for role, id_ in (sent.model_dump() if sent else {}).items() if id_}
        articles = await self._catalogue.get_many(caller.organization, list(ids.values()))
        errors = []
        for role, id_ in ids.items():
            article = articles.get(id_)
            if article is None or article.item["deleted"] or article.item["itemType"] != _PARTS[role]:
                errors.append(FieldError(f"corrected.{role}", f"There is no {_PARTS[role]} with the id {id_}."))
        if errors:
            raise NotFound("; ".join(f"{error.field}: {error.message}" for error in errors), errors)
        return ids


def token(text: str) -> str:
    """The id of a parse: the text itself, so that nothing need be stored before somebody has an opinion."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _text_of(sent: FeedbackSent) -> str:
    """The text that feedback is about. Raises Refused without one, NotFound for an id that no parse has given."""
    if sent.parseId is None:
        if sent.text is not None:
            return sent.text
        raise Refused.field("parseId", "Name the parse by its parseId or its text.")
    try:
        text = base64.b64decode(sent.parseId + "=" * (-len(sent.parseId) % 4), b"-_", validate=True).decode()
        return _TEXT.validate_python(text)
    except ValueError:  # no base 64, no UTF-8, or no text that could have been parsed
        pass
    text = "There is no parse with this id."
    raise NotFound(text, [FieldError("parseId", text)])


def _usable(article: Article) -> bool:
    said = article.properties
    return not article.item["deleted"] and (said is None or said["available"] is not False)


def _of_type(articles: Sequence[Article], item_type: str) -> list[Article]:
    return [one for one in articles if one.item["itemType"] == item_type]


def _part(number: str, articles: Sequence[Article]) -> HosePart | FittingPart | None:
    """An item of the catalogue as the grammar takes the number of one."""
    for article in articles:
        dash = article.item["hoseDash"]
        if article.item["itemType"] == "hose":
            return HosePart(number, dash, next(iter(constructions(article.item.document)), None))
        if article.item["itemType"] == "crimpFitting":
            return FittingPart(number, dash, End(part=number))
    return None


def _understood(reading: Reading) -> set[str]:
    ends = [end.part for end in (reading.end1, reading.end2) if end and end.part]
    return {*ends, *([reading.hose_part] if reading.hose_part else [])}


def _dash(reading: Reading, named: Mapping[str, Sequence[Article]]) -> int | None:
    """The hose's size: as stated, of the hose that is named, or the size that its ends have."""
    if reading.size is not None:
        return reading.size.value
    for article in _of_type(named.get(reading.hose_part or "", ()), "hose"):
        if article.item["hoseDash"] is not None:
            return int(article.item["hoseDash"])
    if _clashes(reading, "size"):
        return None
    sizes = [end.size for end in (reading.end1, reading.end2) if end is not None and end.size is not None]
    dashes = {size.value for size in sizes if isinstance(size, Fact) and isinstance(size.value, int)}
    return int(dashes.pop()) if len(dashes) == 1 else None


def _hose_fits(article: Article, reading: Reading) -> bool:
    """Whether a hose that the text names by number has the size that the text states."""
    return reading.size is None or article.item["hoseDash"] in (None, reading.size.value)


def _clashes(reading: Reading, *fields: str) -> bool:
    return any(conflict.field in fields for conflict in reading.conflicts)


def _chosen(candidates: Mapping[str, Sequence[Scored]], reading: Reading) -> dict[str, Scored | None]:
    """The parts that are taken for meant: none where the text contradicts itself."""
    hose, ends = ranking.together(list(candidates["hose"]), [list(candidates[role]) for role in ("end1", "end2")])
    found: dict[str, Scored | None] = {"hose": hose, "end1": ends[0], "end2": ends[1]}
    found["wrap"] = _wide_enough(candidates.get("wrap", ()), hose)
    for conflict in reading.conflicts:
        blocked = _DECISIVE.get(conflict.field, (conflict.field.removesuffix(".size"),))
        found.update(dict.fromkeys((role for role in blocked if role in found), None))
    return found


def _wide_enough(wraps: Sequence[Scored], hose: Scored | None) -> Scored | None:
    """The narrowest wrap that goes over the hose; none where that cannot be known."""
    outside = hose.article.item["outerDiammm"] if hose is not None else None
    if outside is None:
        return None
    fitting = [one for one in wraps if (one.article.item["innerDiammm"] or 0) >= outside]
    return min(fitting, key=lambda one: Decimal(str(one.article.item["innerDiammm"])), default=None)
