"""The rules of hose assemblies."""

from collections.abc import AsyncIterator, Mapping, Sequence

from brassleaf.assemblies.build import ENDS, Build, build, computed
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
from brassleaf.assemblies.parts import ferrule_facts, fitting_facts, hose_facts
from brassleaf.catalog.service import Catalogue
from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.organizations.service import OrganizationService
from brassleaf.pricing.service import Charge, Component, Prices
from brassleaf.revisions.lifecycle import LifeCycle
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Page, Store, Stored
from brassleaf.store.query import Contains, Ids, Or, Query, Sort, Where, both, equal
from brassleaf.store.records import Expected, Records, merged
from brassleaf.trade.matching import Match, match
from brassleaf.trade.units import Measure

NOUN = "hose assembly"
#: What is computed, and therefore goes before it is computed anew.
_COMPUTED = (
    "overallLength", "cutOff1", "cutOff2", "tolerance", "workingPressure", "workingPressureLimitedBy", "notKnown",
    "sampleData", "hoseBrand", "hosePartNumber", "end1PartNumber", "end2PartNumber",
)  # fmt: skip
Parts = Mapping[str, Document]


class AssemblyService:
    """Hose assemblies of one organization at a time."""

    def __init__(self, store: Store, catalogue: Catalogue, organizations: OrganizationService, prices: Prices) -> None:
        self._store = store
        self._catalogue = catalogue
        self._organizations = organizations
        self._prices = prices

    def _records(self, caller: Caller) -> Records:
        return Records(self._store.repository(ASSEMBLIES, caller.organization), NOUN, caller.label)

    def _life(self, caller: Caller) -> LifeCycle:
        return LifeCycle(self._records(caller), NOUN, "partNumber")

    # -- reading --------------------------------------------------------------------------------------------------

    async def page(self, caller: Caller, query: Query, *, all_versions: bool) -> Page:
        """One page of what the caller may see: the newest version of each, or all."""
        newest = None if all_versions else equal("newest", value=True)
        where = both(query.where, newest, _visible(caller))
        return await self._records(caller).repository.page(
            Query(where, query.sort, query.skip, query.limit, query.after, query.with_deleted)
        )

    async def get(self, caller: Caller, id_: str) -> Stored:
        """One assembly that the caller may see. Raises NotFound."""
        stored = await self._records(caller).get(id_)
        if caller.is_customer and not _is_visible(caller, stored.document):
            raise NotFound(f"There is no {NOUN} with the id {id_}.")
        return stored

    async def whole(self, caller: Caller, id_: str) -> tuple[Stored, Document]:
        """One assembly with its components, how each end is crimped, and the ids of its versions."""
        stored = await self.get(caller, id_)
        parts = await self._stored_parts(caller, stored.document)
        shown = {role: {n: v for n, v in part.items() if n != "crimpSpecs"} for role, part in parts.items()}
        fits = {end: _fit(match_of(parts, end), parts["hose"]) for end in ENDS if end in parts and "hose" in parts}
        chain = await self._records(caller).repository.page(
            Query(both(equal("chain", stored["chain"]), _visible(caller)), (Sort("version"),), limit=1000)
        )
        versions = [entry.id for entry in chain.items]
        return stored, {**stored.document, "components": shown, "crimpSpecs": fits, "versions": versions}

    async def exists(self, caller: Caller, asked: AssemblyRef) -> str | None:
        """The assembly that has a part number and revision (any revision when none is named)."""
        named = equal("revision", asked.revision) if asked.revision is not None else None
        where = both(equal("partNumber", asked.partNumber), named)
        page = await self._records(caller).repository.page(Query(where, (Sort("version", descending=True),), limit=1))
        return page.items[0].id if page.items else None

    async def opened(self, caller: Caller, id_: str) -> tuple[Stored, Build, Document]:
        """A stored assembly as its parts make it today, with the organization."""
        stored = await self.get(caller, id_)
        organization = (await self._organizations.get(caller.organization)).document
        parts = await self._stored_parts(caller, stored.document)
        return stored, build(stored.document, parts, organization), organization

    def exported(self, caller: Caller, asked: AssemblyExport) -> AsyncIterator[Sequence[bytes]]:
        """The chosen assemblies as JSON in batches: of all, the newest versions."""
        if asked.selectAll:
            terms = asked.search.model_dump(exclude_none=True) if asked.search else {}
            status = terms.pop("status", None)
            searches = [Contains(name, term) for name, term in terms.items() if term]
            where = both(equal("newest", value=True), equal("status", status) if status else None, *searches)
        else:
            where = Ids(tuple(asked.hoseAssemblies))
        return _raw(self._records(caller).repository.stream(Query(where, (Sort("partNumber"),))))

    # -- writing --------------------------------------------------------------------------------------------------

    async def create(self, caller: Caller, sent: NewAssembly) -> Stored:
        """Keep a new assembly. Raises Refused with every reason why it cannot be built, NotFound for unknown ids."""
        fields = sent.model_dump(exclude_unset=True)
        fields.pop("status", None)
        if caller.is_customer:
            fields["customerOrgId"] = caller.customer_id
            fields["madeByKey"] = caller.id
        document = await self._built(caller, {}, fields)
        return await self._life(caller).create(
            {**document, "itemType": "hoseAssembly", "organization": caller.organization}
        )

    async def update(self, caller: Caller, id_: str, sent: AssemblyFields, expected: Expected) -> Stored:
        """Change an assembly under editing: absent fields stay, null clears; what is computed is computed anew."""
        fields = sent.model_dump(exclude_unset=True)
        fields.pop("status", None)
        cleared = [name for name in ("partNumber", "hose", "length") if name in fields and fields[name] is None]
        if cleared:
            raise Refused.fields([FieldError(name, "This field cannot be cleared.") for name in cleared])

        async def apply(before: Document) -> Document:
            return await self._built(caller, before, fields)

        return await self._life(caller).change(id_, apply, expected)

    async def delete(self, caller: Caller, id_: str, expected: Expected) -> None:
        """Mark an assembly under editing deleted."""
        await self._life(caller).delete(id_, expected)

    async def release(self, caller: Caller, id_: str, expected: Expected) -> Stored:
        """Make an assembly final: with hose, length and both ends, none of them deleted, and all of them fitting."""

        async def incomplete(document: Document) -> list[FieldError]:
            errors = [FieldError(name, "Needed for a release.") for name in ("hose", *ENDS) if not document.get(name)]
            parts = await self._stored_parts(caller, document)
            gone = [role for role in PARTS if document.get(role) and (role not in parts or parts[role].get("deleted"))]
            errors.extend(FieldError(role, "This part is not in the catalogue any more.") for role in gone)
            if not errors:
                try:
                    build(document, parts, (await self._organizations.get(caller.organization)).document)
                except Refused as refusal:
                    errors.extend(refusal.errors)
            return errors

        return await self._life(caller).release(id_, incomplete, expected)

    async def forget_customer(self, organization: str, customer_id: str, by: str) -> None:
        """Take a deleted customer off the assemblies that refer to it."""
        repository = self._store.repository(ASSEMBLIES, organization)
        records = Records(repository, NOUN, by)
        async for batch in repository.stream(Query(equal("customerOrgId", customer_id))):
            for stored in batch:
                await records.change(stored.id, lambda before: merged(before, {"customerOrgId": None}))

    # -- pricing --------------------------------------------------------------------------------------------------

    async def price(self, caller: Caller, asked: PriceAsked) -> Document:
        """Price an assembly that is not stored."""
        unit = asked.lengthUnit.unit if isinstance(asked.lengthUnit, UnitGiven) else asked.lengthUnit
        fields = {
            **{role: getattr(asked, f"{role}Id") for role in PARTS if getattr(asked, f"{role}Id")},
            "length": asked.length,
            "lengthUnit": unit,
            "lengthConvention": asked.lengthConvention,
            "definedByCutLength": asked.definedByCutLength,
            "wrapStyle": asked.wrapStyle.model_dump(exclude_none=True) if asked.wrapStyle else None,
            "proofTest": asked.proofTest,
            "burstTest": asked.burstTest,
        }
        organization = (await self._organizations.get(caller.organization)).document
        parts = await self._parts(caller, fields, "Id")
        built = build(fields, parts, organization)
        return await self._priced(caller, fields, built, organization, asked)

    async def price_stored(self, caller: Caller, id_: str, asked: StoredPriceAsked) -> Document:
        """Price a stored assembly; for its own customer where no other is named."""
        stored, built, organization = await self.opened(caller, id_)
        return await self.price_built(caller, stored.document, built, organization, asked)

    async def price_built(
        self, caller: Caller, fields: Document, built: Build, organization: Document, asked: StoredPriceAsked
    ) -> Document:
        """Price a stored assembly that was put together already."""
        customer = asked.customerOrgId or await self._live_customer(caller, fields.get("customerOrgId"))
        named = asked.model_copy(update={"customerOrgId": customer})
        return await self._priced(caller, fields, built, organization, named)

    async def _priced(
        self,
        caller: Caller,
        fields: Document,
        built: Build,
        organization: Document,
        asked: PriceAsked | StoredPriceAsked,
    ) -> Document:
        items = [str(part["_id"]) for part in built.parts.values()]
        terms = await self._prices.terms(
            caller, organization, items, customer_id=asked.customerOrgId, currency=asked.currency
        )
        stated = Measure.of(fields["length"], str(fields["lengthUnit"]), "length")
        lengths = {"hose": built.cut or stated, "wrap": built.wrap_length or stated}
        parts = [Component(role, built.parts[role], lengths.get(role)) for role in PARTS if role in built.parts]
        answer = self._prices.price(terms, parts, _charges(fields, built, organization), asked.quantity)
        if built.cut is None:
            text = "The cut length is not known ({}): the hose is priced at the stated length."
            answer["warnings"].append(text.format(", ".join(built.lengths.missing)))
        return answer

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _built(self, caller: Caller, before: Document, sent: Document) -> Document:
        """The document that the fields of a request make of the one before, put together and computed."""
        organization = (await self._organizations.get(caller.organization)).document
        fields = _joined(before, sent)
        fields.setdefault("lengthUnit", organization["defaultLengthUnit"])
        await self._check_customer(caller, fields, sent)
        asked_for = {name: sent[name] for name in ("end1PartNumber", "end2PartNumber") if sent.get(name)}
        await self._find_ends(
            caller, fields, {name: value for name, value in asked_for.items() if not sent.get(name[:4])}
        )
        parts = await self._parts(caller, fields)
        no_ferrule = {f"ferrule{end[-1]}" for end in ENDS if sent.get(f"ferrule{end[-1]}", "") is None}
        parts = await self._with_ferrules(caller, parts, no_ferrule)
        built = build(fields, parts, organization)
        return merged(fields, computed(built, fields))

    async def _parts(self, caller: Caller, fields: Document, suffix: str = "") -> dict[str, Document]:
        """The parts that the fields name. Raises NotFound, naming every field whose id is not one to use."""
        wanted = {role: str(fields[role]) for role in PARTS if fields.get(role)}
        articles = await self._catalogue.get_many(caller.organization, list(dict.fromkeys(wanted.values())))
        errors, parts = [], {}
        for role, id_ in wanted.items():
            article = articles.get(id_)
            if article is None or article.item["deleted"] or article.item["itemType"] != PARTS[role]:
                text = f"There is no {_NOUNS[PARTS[role]]} with the id {id_}."
                errors.append(FieldError(role + suffix, text))
            else:
                parts[role] = article.document
        if errors:
            raise NotFound("; ".join(f"{error.field}: {error.message}" for error in errors), errors)
        return parts

    async def _stored_parts(self, caller: Caller, document: Document) -> dict[str, Document]:
        wanted = {role: str(document[role]) for role in PARTS if document.get(role)}
        articles = await self._catalogue.get_many(caller.organization, list(dict.fromkeys(wanted.values())))
        return {role: articles[id_].document for role, id_ in wanted.items() if id_ in articles}

    async def _find_ends(self, caller: Caller, fields: Document, numbers: Mapping[str, str]) -> None:
        for name, number in numbers.items():
            found = await self._catalogue.named(caller.organization, "crimpFitting", None, number)
            live = [article for article in found if not article.item["deleted"]]
            own = [article for article in live if article.custom] or live
            if len(own) != 1:
                problem = f"There is no crimp fitting {number}" if not own else f"Several brands have a {number}"
                raise Refused.field(name, f"{problem}; give its id as {name[:4]}.")
            fields[name[:4]] = own[0].item.id

    async def _with_ferrules(
        self, caller: Caller, parts: dict[str, Document], without: set[str]
    ) -> dict[str, Document]:
        """The parts with the ferrules that the crimp specifications name, where none was chosen or declined."""
        found = dict(parts)
        for end in ENDS:
            role = f"ferrule{end[-1]}"
            if end not in parts or role in parts or role in without or parts[end].get("onePiece"):
                continue
            spec = match_of(parts, end).crimp_spec
            if spec is None or not spec.ferrule_part_number:
                continue
            brand = spec.ferrule_brand or spec.coupling_series_brand
            articles = await self._catalogue.named(caller.organization, "ferrule", brand, spec.ferrule_part_number)
            if articles and not articles[0].item["deleted"]:
                found[role] = articles[0].document
        return found

    async def _check_customer(self, caller: Caller, fields: Document, sent: Document) -> None:
        id_ = sent.get("customerOrgId")
        if not id_:
            return
        customer = await self._store.repository(CUSTOMERS, caller.organization).get(str(id_))
        if customer is None or customer["deleted"]:
            text = f"There is no customer with the id {id_}."
            raise NotFound(text, [FieldError("customerOrgId", text)])
        if not sent.get("customerName") and customer["name"]:
            fields["customerName"] = customer["name"]

    async def _live_customer(self, caller: Caller, id_: str | None) -> str | None:
        if id_ is None:
            return None
        customer = await self._store.repository(CUSTOMERS, caller.organization).get(id_)
        return id_ if customer is not None and not customer["deleted"] else None


_NOUNS = {"hose": "hose", "crimpFitting": "crimp fitting", "ferrule": "ferrule", "wrap": "wrap"}


def match_of(parts: Parts, end: str) -> Match:
    """Whether and how an end is crimped to the hose."""
    return match(hose_facts(parts["hose"]), fitting_facts(parts[end]), ferrule_facts(parts.get(f"ferrule{end[-1]}")))


def _fit(found: Match, hose: Document) -> Document:
    spec = None
    if found.crimp_spec is not None:
        key = (found.crimp_spec.coupling_series, found.crimp_spec.ferrule_part_number, found.source)
        spec = next(
            (
                entry
                for entry in hose.get("crimpSpecs") or []
                if (entry.get("couplingSeries"), entry.get("ferrulePartNumber"), entry.get("source")) == key
            ),
            None,
        )
    return {"fits": found.fits, "reasons": [reason.sentence for reason in found.reasons], "crimpSpec": spec}


def _joined(before: Document, sent: Document) -> Document:
    """The fields of a request over those of the document; what hangs on a changed part goes with it."""
    fields = merged({name: value for name, value in before.items() if name not in _COMPUTED}, sent)
    for end in ENDS:
        changed = sent.get(end, before.get(end)) != before.get(end)
        by_number = sent.get(f"{end}PartNumber") and end not in sent
        if (changed or by_number) and f"ferrule{end[-1]}" not in sent:
            fields.pop(f"ferrule{end[-1]}", None)
    if not fields.get("definedByCutLength") or ("length" in sent and "cutLength" not in sent):
        fields.pop("cutLength", None)
    if "description" in sent and sent["description"] and "manualDescription" not in sent:
        fields["manualDescription"] = True
    if "WeightLbs" in sent:
        fields["manualWeight"] = sent["WeightLbs"] is not None
    return fields


def _charges(fields: Document, built: Build, organization: Document) -> list[Charge]:
    found = [Charge("labour", "Labour", organization.get("labourPrice"), organization.get("labourCost"))]
    if fields.get("proofTest"):
        found.append(Charge("proofTest", "Proof test", organization.get("proofTestPrice")))
    if fields.get("burstTest"):
        found.append(Charge("burstTest", "Burst test, on an extra sample", organization.get("burstTestPrice")))
    if "wrap" in built.parts:
        found.append(Charge("wrapping", "Putting on the wrap", organization.get("wrapPrice")))
    return found


def _visible(caller: Caller) -> Where | None:
    """What a customer may see: what is its own, and what its key made for nobody in particular."""
    if not caller.is_customer:
        return None
    made = both(equal("madeByKey", caller.id), equal("customerOrgId", None))
    return Or((equal("customerOrgId", caller.customer_id), made)) if caller.customer_id else made


def _is_visible(caller: Caller, document: Document) -> bool:
    customer = document.get("customerOrgId")
    if customer is None:
        return bool(document.get("madeByKey") == caller.id)
    return bool(customer == caller.customer_id)


async def _raw(stream: AsyncIterator[Sequence[Stored]]) -> AsyncIterator[Sequence[bytes]]:
    async for batch in stream:
        yield [entry.raw for entry in batch]
