"""The rules of hose assemblies."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date

from brassleaf.assemblies.alternatives import Alternatives
from brassleaf.assemblies.build import Build, as_released, build, fit
from brassleaf.assemblies.fields import (
    changes,
    charges,
    components,
    ends_to_dress,
    ferrules_wanted,
    joined,
    own_first,
    price_note,
    refreshed,
    without_orientation,
)
from brassleaf.assemblies.fitness import ENDS, matched
from brassleaf.assemblies.models import (
    ASSEMBLIES,
    PARTS,
    AssemblyExport,
    AssemblyFields,
    AssemblyRef,
    NewAssembly,
    PriceAsked,
    StoredPriceAsked,
    UnitGiven,
)
from brassleaf.catalog.facts import hose_facts, stored_spec
from brassleaf.catalog.registry import KINDS
from brassleaf.catalog.service import Catalogue
from brassleaf.customers.heads import name_customer
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.organizations.sequences import Sequences
from brassleaf.organizations.service import OrganizationService
from brassleaf.pricing.service import Prices
from brassleaf.revisions.lifecycle import UNDER_EDITING, LifeCycle
from brassleaf.revisions.lists import chosen
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Page, Store, Stored
from brassleaf.store.query import Or, Query, Sort, Where, both, equal
from brassleaf.store.records import Expected, Records

NOUN = "hose assembly"
#: The part number of a new assembly that is to get the next one of the organization's sequence.
NEXT_NUMBER = "*"
#: How the price form spells its parts.
_ASKED_IDS = tuple((role, f"{role}Id") for role in PARTS)
_FERRULE_IDS = {end: f"ferrule{end[-1]}Id" for end in ENDS}
Parts = Mapping[str, Document]


class AssemblyService:
    """Hose assemblies of one organization at a time."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        organizations: OrganizationService,
        prices: Prices,
        sequences: Sequences,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._organizations = organizations
        self._prices = prices
        self._sequences = sequences
        self.alternatives = Alternatives(store, catalogue)

    def records(self, caller: Caller) -> Records:
        """The organization's assemblies."""
        return Records(self._store.repository(ASSEMBLIES, caller.organization), NOUN, caller.label)

    def life(self, caller: Caller) -> LifeCycle:
        """Their life cycle."""
        return LifeCycle(self.records(caller), NOUN, "partNumber")

    # -- reading --------------------------------------------------------------------------------------------------

    async def page(self, caller: Caller, query: Query, *, all_versions: bool) -> Page:
        """One page of what the caller may see: the newest version of each, or all."""
        newest = None if all_versions else equal("newest", value=True)
        where = both(query.where, newest, _visible(caller))
        return await self.records(caller).repository.page(
            Query(where, query.sort, query.skip, query.limit, query.after, query.with_deleted)
        )

    async def get(self, caller: Caller, id_: str) -> Stored:
        """One assembly that the caller may see. Raises NotFound."""
        stored = await self.records(caller).get(id_)
        if not is_visible(caller, stored.document):
            raise NotFound(f"There is no {NOUN} with the id {id_}.")
        return stored

    async def whole(self, caller: Caller, id_: str) -> tuple[Stored, Document]:
        """One assembly with its components, how each end is crimped, and the ids of its versions."""
        stored = await self.get(caller, id_)
        parts = await self.stored_parts(caller, stored.document)
        shown = {role: {n: v for n, v in part.items() if n != "crimpSpecs"} for role, part in parts.items()}
        fits = stored["crimpSpecs"] or _fits(parts)
        chain = await self.records(caller).repository.page(
            Query(both(equal("chain", stored["chain"]), _visible(caller)), (Sort("version"),), limit=1000)
        )
        versions = [entry.id for entry in chain.items]
        return stored, {**stored.document, "components": shown, "crimpSpecs": fits, "versions": versions}

    async def exists(self, caller: Caller, asked: AssemblyRef) -> str | None:
        """The assembly that has a part number and revision (any revision when none is named)."""
        named = equal("revision", asked.revision) if asked.revision is not None else None
        where = both(equal("partNumber", asked.partNumber), named)
        page = await self.records(caller).repository.page(Query(where, (Sort("version", descending=True),), limit=1))
        return page.items[0].id if page.items else None

    async def opened(self, caller: Caller, id_: str) -> tuple[Stored, Build, Document]:
        """An assembly to be priced or printed, with its build and the organization.

        While it is edited it is what its parts make of it today, which may be refused; once final it keeps the figures
        that it was released with, so that what was ordered by a data sheet is what the same sheet says next year.
        """
        stored = await self.get(caller, id_)
        organization = await self.organization(caller)
        built = await self.built(caller, stored.document, organization)
        if stored["status"] != UNDER_EDITING:
            return stored, built, organization
        today = refreshed(stored.document, built)
        return Stored(stored.id, stored.revision, document=today), built, organization

    def exported(self, caller: Caller, asked: AssemblyExport) -> AsyncIterator[Sequence[bytes]]:
        """The chosen assemblies as JSON in batches: of all, the newest versions."""
        search = (asked.search.model_dump(exclude_none=True) if asked.search else {}) if asked.selectAll else None
        where = chosen(asked.hoseAssemblies, search)
        return _raw(self.records(caller).repository.stream(Query(where, (Sort("partNumber"),))))

    # -- writing --------------------------------------------------------------------------------------------------

    async def create(self, caller: Caller, sent: NewAssembly) -> Stored:
        """Keep a new assembly. Raises Refused with every reason why it cannot be built, NotFound for unknown ids."""
        if sent.partNumber == NEXT_NUMBER:
            return await self._sequences.take(
                caller.organization,
                "hoseAssembly",
                lambda number: self._create(caller, sent.model_copy(update={"partNumber": number})),
            )
        return await self._create(caller, sent)

    async def _create(self, caller: Caller, sent: NewAssembly) -> Stored:
        fields = sent.model_dump(exclude_unset=True)
        fields.pop("status", None)
        if caller.is_customer:
            fields["customerOrgId"] = caller.customer_id
            # a key may act for many customers: what it made for one is that one's, not the key's
            fields["madeByKey"] = None if caller.customer_id else caller.id
        document = await self._built(caller, {}, fields)
        return await self.life(caller).create(
            {**document, "itemType": "hoseAssembly", "organization": caller.organization}
        )

    async def update(self, caller: Caller, id_: str, sent: AssemblyFields, expected: Expected) -> Stored:
        """Change an assembly under editing: absent fields stay, null clears; what is computed is computed anew."""
        fields = sent.model_dump(exclude_unset=True)
        fields.pop("status", None)
        cleared = [name for name in ("partNumber", "hose", "length") if name in fields and fields[name] is None]
        if cleared:
            raise Refused.fields([FieldError(name, "This field cannot be cleared.") for name in cleared])

        renumbered = False

        async def apply(before: Document) -> Document:
            nonlocal renumbered
            renumbered = "partNumber" in changes(before, fields)
            return await self._built(caller, before, fields)

        stored = await self.life(caller).change(id_, apply, expected)
        if renumbered:
            await self._sequences.given_up(caller.organization, "hoseAssembly")
        return stored

    async def delete(self, caller: Caller, id_: str, expected: Expected) -> None:
        """Mark an assembly under editing deleted; the version before it is current again."""
        await self.life(caller).delete(id_, expected)

    # -- pricing --------------------------------------------------------------------------------------------------

    async def price(self, caller: Caller, asked: PriceAsked) -> Document:
        """Price an assembly that is not stored; ferrules that it says nothing of are chosen as for one that is."""
        unit = asked.lengthUnit.unit if isinstance(asked.lengthUnit, UnitGiven) else asked.lengthUnit
        fields = {
            **{role: id_ for role, name in _ASKED_IDS if (id_ := getattr(asked, name))},
            "length": asked.length,
            "lengthUnit": unit,
            "lengthConvention": asked.lengthConvention,
            "definedByCutLength": asked.definedByCutLength,
            "requiredPressure": asked.requiredPressure.model_dump() if asked.requiredPressure else None,
            "requiredMinTemperatureC": asked.requiredMinTemperatureC,
            "requiredMaxTemperatureC": asked.requiredMaxTemperatureC,
            "wrapStyle": asked.wrapStyle.model_dump(exclude_none=True) if asked.wrapStyle else None,
            "proofTest": asked.proofTest,
            "burstTest": asked.burstTest,
        }
        unsaid = [end for end in ENDS if _FERRULE_IDS[end] not in asked.model_fields_set]
        try:
            parts = await self._with_ferrules(caller, await self._parts(caller, fields), unsaid)
            built = await self._put_together(caller, fields, parts)
        except (NotFound, Refused) as error:
            raise _of_price_form(error) from error
        return await self._priced(caller, fields, built, asked)

    async def dressed(self, caller: Caller, ids: Mapping[str, str]) -> Parts:
        """The parts of these ids by role, with the ferrules of their crimp specifications. Raises NotFound."""
        return await self._with_ferrules(caller, await self._parts(caller, {**ids}), ENDS)

    async def price_parts(self, caller: Caller, fields: Document, parts: Parts, asked: StoredPriceAsked) -> Document:
        """Price an assembly whose parts were looked up already (`dressed`).

        Raises Refused where it cannot be built, as `price` does, without looking for what would fit instead.
        """
        try:
            built = build(fields, parts)
        except Refused as refusal:
            raise _of_price_form(refusal) from refusal
        return await self._priced(caller, fields, built, asked)

    async def price_stored(self, caller: Caller, id_: str, asked: StoredPriceAsked) -> Document:
        """Price a stored assembly; for its own customer where no other is named."""
        stored = await self.get(caller, id_)
        return await self.price_built(caller, stored.document, await self.built(caller, stored.document), asked)

    async def built(self, caller: Caller, document: Document, organization: Document | None = None) -> Build:
        """A stored assembly as it was released, or while it is edited as its parts make it today. Raises Refused."""
        parts = _with_named(document, await self.stored_parts(caller, document))
        if document["status"] != UNDER_EDITING:
            return as_released(document, parts)
        return build(document, parts, organization)

    async def price_built(self, caller: Caller, fields: Document, built: Build, asked: StoredPriceAsked) -> Document:
        """Price a stored assembly that was put together already."""
        return await self._priced(caller, fields, built, asked, fields.get("customerOrgId"))

    async def _priced(
        self,
        caller: Caller,
        fields: Document,
        built: Build,
        asked: PriceAsked | StoredPriceAsked,
        usual_customer: str | None = None,
    ) -> Document:
        items = [str(part["_id"]) for part in built.parts.values()]
        on = date.fromisoformat(asked.priceDate) if asked.priceDate else None
        terms = await self._prices.terms(
            caller,
            items,
            customer_id=asked.customerOrgId,
            usual_customer=usual_customer,
            currency=asked.currency,
            on=on,
        )
        work = charges(fields, built, terms.standing.shop.work)
        answer = self._prices.price(terms, components(built), work, asked.quantity, explain=asked.explain)
        if note := price_note(built):
            answer["warnings"].append(note)
        return answer

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _built(self, caller: Caller, before: Document, sent: Document) -> Document:
        """The document that the fields of a request make of the one before, put together and computed."""
        organization = await self.organization(caller)
        sent = {**sent, **await self._ends_by_number(caller, before, sent)}
        fields = joined(before, sent)
        fields.setdefault("lengthUnit", organization["defaultLengthUnit"])
        await self.check_customer(caller, fields, changes(before, sent))
        parts = await self._parts(caller, fields, before)
        parts = await self._with_ferrules(caller, parts, ends_to_dress(before, sent))
        without_orientation(fields, parts, changes(before, sent))
        try:
            return refreshed(fields, build(fields, parts, organization))
        except Refused as refusal:
            raise await self.alternatives.added(refusal, caller.organization, fields, parts) from None

    async def _put_together(self, caller: Caller, fields: Document, parts: Parts) -> Build:
        """A build to be priced. Raises Refused with every reason and what would fit instead."""
        try:
            return build(fields, parts)
        except Refused as refusal:
            raise await self.alternatives.added(refusal, caller.organization, fields, parts) from None

    async def _parts(self, caller: Caller, fields: Document, before: Mapping[str, object] = {}) -> dict[str, Document]:
        """The parts that the fields name; a deleted one only where it stood before already.

        Raises NotFound, naming every field whose id is not one to use.
        """
        wanted = {role: str(fields[role]) for role in PARTS if fields.get(role)}
        articles = await self._catalogue.get_many(caller.organization, list(dict.fromkeys(wanted.values())))
        errors, parts = [], {}
        for role, id_ in wanted.items():
            part = articles[id_].document if id_ in articles else None
            if part is None or part["itemType"] != PARTS[role] or (part["deleted"] and before.get(role) != id_):
                errors.append(FieldError(role, f"There is no {KINDS[PARTS[role]].noun} with the id {id_}."))
            else:
                parts[role] = part
        if errors:
            raise NotFound("; ".join(f"{error.field}: {error.message}" for error in errors), errors)
        return parts

    async def organization(self, caller: Caller) -> Document:
        """The organization with its settings."""
        return (await self._organizations.get(caller.organization)).document

    async def stored_parts(self, caller: Caller, document: Document) -> dict[str, Document]:
        """The parts of a stored assembly that the catalogue has, deleted ones too."""
        wanted = {role: str(document[role]) for role in PARTS if document.get(role)}
        articles = await self._catalogue.get_many(caller.organization, list(dict.fromkeys(wanted.values())))
        return {role: articles[id_].document for role, id_ in wanted.items() if id_ in articles}

    async def _ends_by_number(self, caller: Caller, before: Document, sent: Document) -> Document:
        """The ids of ends that are named by part number only; a number that is there already names nothing new."""
        found: Document = {}
        errors = []
        for end in ENDS:
            name = f"{end}PartNumber"
            number = sent.get(name)
            if not number or sent.get(end) or fold(number) == fold(str(before.get(name) or "")):
                continue
            articles = await self._catalogue.named(caller.organization, "crimpFitting", None, number)
            chosen = own_first(articles)
            if len(chosen) == 1:
                found[end] = chosen[0].item.id
            else:
                problem = f"Several brands have a {number}" if chosen else f"There is no crimp fitting {number}"
                errors.append(FieldError(name, f"{problem}; give its id as {end}."))
        if errors:
            raise Refused.fields(errors)
        return found

    async def _with_ferrules(
        self, caller: Caller, parts: Mapping[str, Document], ends: Sequence[str]
    ) -> dict[str, Document]:
        """The parts with the ferrules that the crimp specifications of these ends name, where none was chosen."""
        found = dict(parts)
        for role, (brand, number) in ferrules_wanted(parts, ends).items():
            articles = await self._catalogue.named(caller.organization, "ferrule", brand, number)
            if len(chosen := own_first(articles)) == 1:
                found[role] = chosen[0].document
        return found

    async def check_customer(self, caller: Caller, fields: Document, sent: Document) -> None:
        """A new customer of a request must be there, and gives its name to the fields. Raises NotFound."""
        await name_customer(self._store, caller.organization, fields, sent)


def _fits(parts: Parts) -> dict[str, Document]:
    """How each end is crimped to the hose today, or why not."""
    if "hose" not in parts:
        return {}
    facts = hose_facts(parts["hose"])
    found = {end: matched(facts, parts, end) for end in ENDS if end in parts}
    return {end: fit(how, stored_spec(parts["hose"], facts, how.crimp_spec)) for end, how in found.items()}


def _with_named(document: Document, parts: Parts) -> Parts:
    """The parts, and for one that the catalogue lost altogether what the assembly itself says of it."""
    lost = {
        role: {
            "_id": document[role],
            "itemType": PARTS[role],
            "brand": str(document.get(f"{role}Brand") or ""),
            "partNumber": str(document.get(f"{role}PartNumber") or document[role]),
        }
        for role in PARTS
        if document.get(role) and role not in parts
    }
    return {**parts, **lost}


def _of_price_form(error: NotFound | Refused) -> NotFound | Refused:
    """The same refusal with the fields as the price form spells them: `end1Id` for `end1`."""
    named = [FieldError(e.field + "Id" if e.field in PARTS else e.field, e.message) for e in error.errors]
    made = type(error)("; ".join(f"{entry.field}: {entry.message}" for entry in named) or error.message, named)
    found = error.more.get("alternatives", {})
    if found:
        made.more = {"alternatives": {f"{role}Id": entries for role, entries in found.items()}}
    return made


def _visible(caller: Caller) -> Where | None:
    """What a customer may see: what is its own, and what its key made for nobody in particular."""
    if not caller.is_customer:
        return None
    made = both(equal("madeByKey", caller.id), equal("customerOrgId", None))
    return Or((equal("customerOrgId", caller.customer_id), made)) if caller.customer_id else made


def is_visible(caller: Caller, document: Document) -> bool:
    """Whether a caller may see an assembly: customers see their own, and what their key made for nobody."""
    if not caller.is_customer:
        return True
    customer = document.get("customerOrgId")
    if customer is None:
        return bool(document.get("madeByKey") == caller.id)
    return bool(customer == caller.customer_id)


async def _raw(stream: AsyncIterator[Sequence[Stored]]) -> AsyncIterator[Sequence[bytes]]:
    async for batch in stream:
        yield [entry.raw for entry in batch]
