"""What would fit instead: for each part that an assembly is refused for, a few others that nothing speaks against.

Candidates come from indexed fields (type, hose size, series), a bounded number of them; whether they fit is asked of
the same rules that refused. Those that are most alike come first.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from brassleaf.assemblies.fitness import ENDS, matched, objections
from brassleaf.assemblies.models import PARTS
from brassleaf.catalog.facts import hose_facts
from brassleaf.catalog.models import ITEMS
from brassleaf.catalog.service import Catalogue
from brassleaf.errors import Refused
from brassleaf.store.collections import Document
from brassleaf.store.port import Store
from brassleaf.store.query import AnyOf, Query, Sort, Where, both, equal
from brassleaf.trade.matching import crimp_specs_for

MOST: Final = 5
_LOOKED_AT: Final = 60  # candidates of one query
#: What makes an alternative like the part that it stands for, the most important first.
_ALIKE: Final[Mapping[str, tuple[str, ...]]] = {
    "end": ("style", "gender", "dashSize", "shape", "swivel", "brand", "series"),
    "hose": ("spec", "saeSpec", "series", "brand"),
    "wrap": ("wrapType", "brand"),
}
_SHOWN: Final = ("partNumber", "brand", "description", "orgPartNumber")


class Alternatives:
    """Finds parts that would fit in the catalogue that one organization may use."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    async def added(
        self, refusal: Refused, organization: str, fields: Document, parts: Mapping[str, Document]
    ) -> Refused:
        """The refusal with alternatives by role, where there are any."""
        about = {error.field for error in refusal.errors}
        if "hose" not in parts or not about & PARTS.keys():
            return refusal
        found: dict[str, list[dict[str, Any]]] = {}
        for end in ENDS:
            if end in about and end in parts:
                found |= await self._for_end(organization, fields, parts, end)
        if "hose" in about or all(end in about for end in ENDS if end in parts):
            found["hose"] = await self._for_hose(organization, fields, parts)
        if "wrap" in about and "wrap" in parts:
            found["wrap"] = await self._fitting(organization, fields, parts, "wrap", equal("itemType", "wrap"))
        if named := {role: entries for role, entries in found.items() if entries}:
            refusal.more = {**refusal.more, "alternatives": named}
        return refusal

    async def _for_end(
        self, organization: str, fields: Document, parts: Mapping[str, Document], end: str
    ) -> dict[str, list[dict[str, Any]]]:
        """Other ferrules where only the ferrule is wrong, else other fittings for the hose."""
        hose, ferrule = parts["hose"], f"ferrule{end[-1]}"
        bare = {role: part for role, part in parts.items() if role != ferrule}
        if ferrule in parts and not _against(fields, bare, {end}):
            return {ferrule: await self._ferrules(organization, fields, parts, end)}
        series = sorted({str(spec["couplingSeries"]) for spec in hose.get("crimpSpecs") or []})
        if hose.get("hoseDash") is None or not series:
            return {}
        where = both(
            equal("itemType", "crimpFitting"), equal("hoseDash", hose["hoseDash"]), AnyOf("series", tuple(series))
        )
        alike = [equal(name, parts[end][name]) for name in ("style", "gender") if parts[end].get(name)]
        near = await self._fitting(organization, fields, bare, end, both(where, *alike))
        more = await self._fitting(organization, fields, bare, end, where) if alike and len(near) < MOST else []
        return {end: _distinct([*near, *more])}

    async def _ferrules(
        self, organization: str, fields: Document, parts: Mapping[str, Document], end: str
    ) -> list[dict[str, Any]]:
        ferrule, fitting = f"ferrule{end[-1]}", parts[end]
        specs = crimp_specs_for(hose_facts(parts["hose"]), fitting.get("series"), str(fitting["brand"]))
        found: list[Document] = []
        for brand, number in dict.fromkeys((spec.ferrule_brand, spec.ferrule_part_number) for spec in specs[:MOST]):
            if number:
                articles = await self._catalogue.named(organization, "ferrule", brand, number)
                found += [article.document for article in articles]
        return _distinct([_shown(part) for part in found if _would_fit(fields, parts, ferrule, part)])

    async def _for_hose(
        self, organization: str, fields: Document, parts: Mapping[str, Document]
    ) -> list[dict[str, Any]]:
        """Other hoses for the ends as they are; of the same size where there is no end."""
        sizes = {parts[end].get("hoseDash") for end in ENDS if end in parts} or {parts["hose"].get("hoseDash")}
        if len(sizes) != 1 or None in sizes:
            return []
        where = both(equal("itemType", "hose"), equal("hoseDash", sizes.pop()))
        bare = {role: part for role, part in parts.items() if role not in ("ferrule1", "ferrule2")}
        return await self._fitting(organization, fields, bare, "hose", where)

    async def _fitting(
        self, organization: str, fields: Document, parts: Mapping[str, Document], role: str, where: Where
    ) -> list[dict[str, Any]]:
        """Those of the candidates that nothing speaks against, the most alike first."""
        items = self._store.repository(ITEMS, organization, shared=True)
        page = await items.page(Query(where, (Sort("partNumber"),), limit=_LOOKED_AT))
        articles = await self._catalogue.get_many(organization, [entry.id for entry in page.items])
        found = [article.document for article in articles.values() if _would_fit(fields, parts, role, article.document)]
        wanted, names = parts[role], _ALIKE["end" if role in ENDS else role]

        def unlike(part: Document) -> tuple[Any, ...]:
            differing = [part.get(name) != wanted.get(name) for name in names]
            return (*differing, part.get("innerDiammm") or 0, str(part["partNumber"]))

        return [_shown(part) for part in sorted(found, key=unlike)[:MOST]]


def _would_fit(fields: Document, parts: Mapping[str, Document], role: str, part: Document) -> bool:
    about = {"hose", *ENDS} if role == "hose" else {f"end{role[-1]}"} if role.startswith("ferrule") else {role}
    usable = not part["deleted"] and part["available"] and part["_id"] != parts[role]["_id"]
    return bool(usable) and not _against(fields, {**parts, role: part}, about)


def _against(fields: Document, parts: Mapping[str, Document], about: set[str]) -> bool:
    """Whether anything speaks against these parts that is about one of these roles."""
    facts = hose_facts(parts["hose"])
    matches = {end: matched(facts, parts, end) for end in ENDS if end in parts}
    return any(error.field in about for error in objections(fields, parts, matches))


def _shown(part: Document) -> dict[str, Any]:
    return {"_id": part["_id"], **{name: part[name] for name in _SHOWN if part.get(name)}}


def _distinct(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({entry["_id"]: entry for entry in entries}.values())[:MOST]
