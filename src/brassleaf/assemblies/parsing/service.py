"""From a text to an assembly of the catalogue: what it says is read, then looked up, weighed and priced.

What a text states is never set aside: an item of another size, style or gender is no candidate. Candidates come from
the part numbers in the text, or by the index of what is alike (`trade.parsing.keys`), a short walk for each part.
"""

import base64
from collections.abc import Mapping, Sequence
from functools import partial

from pydantic import TypeAdapter

from brassleaf.assemblies.models import StoredPriceAsked
from brassleaf.assemblies.parsing.candidates import WEIGHED, Search
from brassleaf.assemblies.parsing.choices import Choices, phrases
from brassleaf.assemblies.parsing.models import Corrected, FeedbackSent, ParseAsked, ParseText
from brassleaf.assemblies.parsing.parts import Part, usable
from brassleaf.assemblies.parsing.ranking import Group, Scored
from brassleaf.assemblies.parsing.shown import answer
from brassleaf.assemblies.service import AssemblyService
from brassleaf.catalog.models import ITEM_PROPERTIES, ITEMS
from brassleaf.catalog.service import Catalogue
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.organizations.service import OrganizationService
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Store
from brassleaf.store.query import equal
from brassleaf.store.remembered import Memory, Remembered
from brassleaf.trade.parsing import End, Reading, read
from brassleaf.trade.parsing.codes import FittingPart, HosePart
from brassleaf.trade.units import parse_length_unit

_TEXT: TypeAdapter[str] = TypeAdapter(ParseText)
_PARTS = {"hose": "hose", "end1": "crimpFitting", "end2": "crimpFitting", "wrap": "wrap"}
#: What keeps an assembly from being determined when the text contradicts itself there.
_DECISIVE = {"size": ("hose", "end1", "end2"), "hose": ("hose",), "hosePart": ("hose",), "ends": ("end1", "end2")}
#: What a price hangs on besides the parts.
_PRICED = ("length", "lengthUnit", "lengthConvention", "definedByCutLength", "proofTest", "burstTest")


class ParsingService:
    """Reads texts for one organization at a time."""

    def __init__(
        self, store: Store, catalogue: Catalogue, organizations: OrganizationService, assemblies: AssemblyService
    ) -> None:
        self._catalogue = catalogue
        self._organizations = organizations
        self._assemblies = assemblies
        self._choices = Choices(store)
        self._remembered = Remembered(store, (ITEMS, ITEM_PROPERTIES, ORGANIZATIONS), shared=(ITEMS,))

    async def parse(self, caller: Caller, asked: ParseAsked) -> Document:
        """A text as an assembly, with candidates, conflicts, what was not understood, and a price where it can be."""
        memory = self._remembered.of(caller.organization)
        unit = asked.lengthUnit or await self._usual_unit(caller, memory)
        search = await self._search(caller, memory, asked.text, unit, asked.brand)
        unit = "mm" if search.reading.metric and asked.lengthUnit is None else unit
        candidates, chosen = await self._chosen(caller, search)
        found = answer(token(asked.text), asked.text, unit, search, candidates, chosen)
        await self._price(caller, asked, search, found, chosen)
        return found

    async def feedback(self, caller: Caller, sent: FeedbackSent) -> None:
        """Learn what a user made of a parse. Raises NotFound for a parse or items that there are not."""
        text = _text_of(sent)
        memory = self._remembered.of(caller.organization)
        unit = await self._usual_unit(caller, memory)
        search = await self._search(caller, memory, text, unit, None)
        said = phrases(search.reading, search.dash)
        _, chosen = await self._chosen(caller, search)
        proposed = {role: one.part.id for role, one in chosen.items() if one is not None}
        corrected = await self._corrected(caller, sent.corrected)
        right = {**(proposed if sent.accepted else {}), **corrected}
        for role, item in right.items():
            await self._choices.keep(caller, said.get(role, ()), item, 1)
        for role, item in proposed.items():
            wrong = not sent.accepted and (not corrected or role in corrected)
            if right.get(role, item) != item or (wrong and role not in right):
                await self._choices.keep(caller, said.get(role, ()), item, -1)

    async def _usual_unit(self, caller: Caller, memory: Memory) -> str:
        """The unit of a length without one."""
        organization = await memory.recall("organization", partial(self._organizations.get, caller.organization))
        return str(organization["defaultLengthUnit"])

    # -- reading --------------------------------------------------------------------------------------------------

    async def _search(self, caller: Caller, memory: Memory, text: str, unit: str, brand: str | None) -> Search:
        """The reading of a text, and the items of the catalogue whose number stands in it."""
        default = parse_length_unit(unit, "lengthUnit")
        reading = read(text, default)
        named: dict[str, Sequence[Part]] = {}
        for number in reading.numbers:
            named[number] = await memory.recall(("number", number), partial(self._named, caller.organization, number))
        known = {number: part for number, parts in named.items() if (part := _part(number, parts)) is not None}
        if set(known) - _understood(reading):
            reading = read(text, default, known)
        return Search.of(self._catalogue, caller.organization, memory, reading, named, brand)

    async def _named(self, organization: str, number: str) -> Sequence[Part]:
        """The items with a number, of the maker's or else of the organization's own numbers."""
        found = usable(await self._catalogue.first(organization, equal("partNumber", number), WEIGHED))
        return found or usable(await self._catalogue.by_own_number(organization, number))

    async def _chosen(self, caller: Caller, search: Search) -> tuple[Mapping[str, Group], dict[str, Scored | None]]:
        """The candidates part by part, and those that are taken for meant: none where the text contradicts itself."""
        found = await search.found(await self._choices.learned(caller.organization, search.reading, search.dash))
        chosen = {**found.best}
        for conflict in search.reading.conflicts:
            blocked = _DECISIVE.get(conflict.field, (conflict.field.removesuffix(".size"),))
            chosen.update(dict.fromkeys((role for role in blocked if role in chosen), None))
        return found.groups, chosen

    # -- price and feedback ---------------------------------------------------------------------------------------

    async def _price(
        self,
        caller: Caller,
        asked: ParseAsked,
        search: Search,
        found: Document,
        chosen: Mapping[str, Scored | None],
    ) -> None:
        """Price what is determined; why it cannot be built stands among the warnings."""
        result = found["result"]
        missing = [name for name in ("hose", "end1", "end2", "length") if result[name] is None]
        if missing:
            found["warnings"].append(f"No price: {', '.join(missing)} not determined.")
            return
        count = asked.quantity or (search.reading.quantity.value if search.reading.quantity else 1)
        sent = StoredPriceAsked(
            customerOrgId=asked.customerOrgId, quantity=min(count, 1_000_000), currency=asked.currency
        )
        ids = {role: one.part.id for role, one in chosen.items() if one is not None}
        parts = await search.memory.recall(("parts", *ids.items()), lambda: self._assemblies.dressed(caller, ids))
        stated = {name: result.get(name) for name in _PRICED}
        try:
            found["price"] = await self._assemblies.price_parts(caller, {**ids, **stated}, parts, sent)
        except Refused as error:
            found["warnings"].append(f"No price: {error.message}")
        else:
            result.update((role, parts[role]["_id"]) for role in ("ferrule1", "ferrule2") if role in parts)

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


def _part(number: str, parts: Sequence[Part]) -> HosePart | FittingPart | None:
    """An item of the catalogue as the grammar takes the number of one."""
    for part in parts:
        if part.item_type == "hose":
            return HosePart(number, part.dash, part.kinds[0] if part.kinds else None)
        if part.item_type == "crimpFitting":
            return FittingPart(number, part.dash, End(part=number))
    return None


def _understood(reading: Reading) -> set[str]:
    ends = [end.part for end in (reading.end1, reading.end2) if end and end.part]
    return {*ends, *([reading.hose_part] if reading.hose_part else [])}
