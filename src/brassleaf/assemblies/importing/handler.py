"""The import of hose assemblies: from a row to the assembly that it makes, changes or leaves as it is."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from brassleaf.assemblies.build import Build, build
from brassleaf.assemblies.fields import (
    changes,
    charges,
    components,
    ends_to_dress,
    ferrules_wanted,
    joined,
    refreshed,
    without_orientation,
)
from brassleaf.assemblies.importing.models import AssemblyImportOptions, KitAsked
from brassleaf.assemblies.importing.named import NamedParts
from brassleaf.assemblies.models import ASSEMBLIES, PARTS, AssemblyFields, Quantity
from brassleaf.assemblies.service import NEXT_NUMBER
from brassleaf.assemblies.sheet import ASSEMBLY_SHEET
from brassleaf.assemblies.versions.service import completed
from brassleaf.catalog.service import Catalogue
from brassleaf.customers.named import NamedCustomers
from brassleaf.errors import BrassleafError, FieldError, Refused
from brassleaf.imports import Change, Checking, Row
from brassleaf.imports.comparing import Comparing
from brassleaf.organizations.service import OrganizationService
from brassleaf.pricing.service import Prices, Terms
from brassleaf.revisions.lifecycle import RELEASED, UNDER_EDITING, first_version
from brassleaf.security.caller import Caller
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Repository, Store, Stored
from brassleaf.store.query import AnyOf, Query
from brassleaf.store.records import derived_id, merged

#: Makes or changes the hose kit of an import: its fields, its assemblies with their quantities, None where a row says
#: nothing of it; answers its id.
KitMaker = Callable[[Caller, KitAsked, Sequence[tuple[str, float | None]]], Awaitable[str]]

_NAMED: Final = frozenset(f"{role}{said}" for role in PARTS for said in ("Brand", "PartNumber"))
#: Columns of an import that no assembly has.
_OURS: Final = frozenset({"expectedPrice", "kitQuantity"})
_MOST_LISTED: Final = 10_000

_QUANTITY: Final[TypeAdapter[float | None]] = TypeAdapter(Quantity | None)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Planned:
    """A row on its way: what it sends with parts and customer as ids, the assembly that it means, its parts."""

    row: Row
    errors: list[FieldError] = field(default_factory=list)
    sent: Document = field(default_factory=dict)
    before: Stored | None = None
    fields: Document = field(default_factory=dict)
    parts: dict[str, Document] = field(default_factory=dict)
    document: Document | None = None
    built: Build | None = None

    @property
    def was(self) -> Document:
        return self.before.document if self.before is not None else {}


class AssemblyImport:
    """One import by one caller. `kits` makes or changes the hose kit where one is asked for."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        organizations: OrganizationService,
        prices: Prices,
        caller: Caller,
        options: AssemblyImportOptions,
        kits: KitMaker,
    ) -> None:
        self._store = store
        self._organizations = organizations
        self._prices = prices
        self._caller = caller
        self._options = options
        self._kits = kits
        self._parts = NamedParts(store, catalogue, caller.organization)
        self._customers = NamedCustomers(store, caller.organization)
        self._checking = Checking(AssemblyFields, besides=_NAMED | _OURS)
        self._comparing = Comparing(ASSEMBLY_SHEET)
        self._made: dict[int, tuple[str, float | None]] = {}
        self._good: list[tuple[str, float | None]] = []

    @property
    def sheet(self) -> Sheet:
        """The columns of assemblies."""
        return ASSEMBLY_SHEET

    @property
    def repository(self) -> Repository:
        """Where the assemblies are kept."""
        return self._store.repository(ASSEMBLIES, self._caller.organization)

    def taken(self, label: str, row: Row) -> Refused:
        """Somebody else made the same assembly, or released another version of it, since the row was read."""
        if label == "number":
            number = row.values["partNumber"]
            return Refused.field("partNumber", f"Somebody else made a {number} meanwhile. Import the row again.")
        return Refused.field("partNumber", "Another version of this assembly was released meanwhile.")

    async def plan(self, rows: Sequence[Row]) -> Sequence[Change | Refused]:
        """For each row the assembly that it makes or changes, or why it cannot."""
        organization = (await self._organizations.get(self._caller.organization)).document
        checked = self._checking.fields([row.values for row in rows])
        planned = [_read(row, sent) for row, sent in zip(rows, checked, strict=True)]
        await self._find(planned)
        for one in planned:
            self._join(one, organization)
        await self._dress(planned)
        for one in planned:
            self._make(one, organization)
        await self._check_prices(planned)
        ids = await self._ids(planned)
        return [self._change(one, id_, organization) for one, id_ in zip(planned, ids, strict=True)]

    # -- what rows name -------------------------------------------------------------------------------------------

    async def _find(self, planned: Sequence[_Planned]) -> None:
        """The assemblies, parts and customers of all rows at once."""
        numbers = tuple(sorted({fold(str(one.row.values["partNumber"]).strip()) for one in planned}))
        there: dict[tuple[str, str], Stored] = {}
        async for batch in self.repository.stream(Query(AnyOf("partNumber", numbers))):
            for stored in batch:
                key = _key(stored.document)
                if key not in there or stored["version"] > there[key]["version"]:
                    there[key] = stored
        for one in planned:
            one.before = there.get(_key(one.row.values))
        named = [
            str(value)
            for one in planned
            for role in PARTS
            if (value := one.row.values.get(f"{role}PartNumber")) is not None
        ]
        used = [str(one.was[role]) for one in planned for role in PARTS if one.was.get(role)]
        await self._parts.look_up(named, used)
        customers = (one.sent.get("customerName") for one in planned)
        await self._customers.look_up(str(text) for text in customers if text is not None)

    def _join(self, one: _Planned, organization: Document) -> None:
        """The fields that a row makes of its assembly, its parts by their ids."""
        values = one.row.values
        if one.before is not None:  # what it was found by stays as it is spelled
            one.sent.pop("partNumber", None)
            one.sent.pop("revision", None)
        for role in PARTS:
            name = f"{role}PartNumber"
            if name not in values:
                continue
            try:
                one.sent[role] = None if values[name] is None else self._parts.one(role, values)["_id"]
            except Refused as error:
                one.errors.extend(error.errors)
        self._name_customer(one)
        if one.sent.get("wrapStyle"):
            one.sent["wrapStyle"] = _styled(one.was.get("wrapStyle"), one.sent["wrapStyle"])
        one.fields = joined(one.was, one.sent)
        one.fields.setdefault("lengthUnit", organization["defaultLengthUnit"])
        needed = {"hosePartNumber": "hose", "length": "length"}
        one.errors.extend(
            FieldError(column, "Needed for a new assembly.")
            for column, name in needed.items()
            if one.fields.get(name) is None and column not in values
        )
        one.parts = {
            role: part for role in PARTS if one.fields.get(role) and (part := self._parts.get(str(one.fields[role])))
        }

    def _name_customer(self, one: _Planned) -> None:
        """A customer that is there is referred to; another name is a name and nothing more."""
        if "customerName" not in one.sent:
            return
        text = one.sent["customerName"]
        one.sent["customerOrgId"] = None
        if text is None:
            return
        try:
            customer = self._customers.one(str(text), "customerName")
        except Refused as error:
            one.errors.extend(error.errors)
            return
        if customer is not None:
            one.sent["customerOrgId"], one.sent["customerName"] = customer

    async def _dress(self, planned: Sequence[_Planned]) -> None:
        """The ferrules that crimp specifications name, for the ends of new or changed fittings."""
        wanted = [(one, ferrules_wanted(one.parts, ends_to_dress(one.was, one.sent))) for one in planned
                  if not one.errors]  # fmt: skip
        await self._parts.look_up(number for _, ferrules in wanted for _, number in ferrules.values())
        for one, ferrules in wanted:
            for role, (brand, number) in ferrules.items():
                if len(found := self._parts.found("ferrule", brand, number)) == 1:
                    one.parts[role] = found[0]

    # -- what rows make -------------------------------------------------------------------------------------------

    def _make(self, one: _Planned, organization: Document) -> None:
        if one.errors:
            return
        try:
            one.document = self._document(one, organization)
        except Refused as refusal:
            one.errors.extend(_by_column(refusal))

    def _document(self, one: _Planned, organization: Document) -> Document:
        """The assembly that a row makes. Raises Refused with every reason why it cannot be built or released."""
        before = one.was
        if before and before["status"] != UNDER_EDITING:
            if self._comparing.settled(before, merged(before, changes(before, one.sent))) is not before:
                text = f"This assembly is {before['status']}; open a new version of it before it is changed."
                raise Refused.field("partNumber", text)
            return before
        without_orientation(one.fields, one.parts, changes(before, one.sent))
        fields = one.fields
        if not before:
            own = {"itemType": "hoseAssembly", "organization": self._caller.organization, "recordSource": "import"}
            fields = {**fields, **own}
        if self._options.doNotRelease:
            one.built = build(fields, one.parts, organization)
            return refreshed(fields, one.built)
        fields = {**fields, **{role: part["_id"] for role, part in one.parts.items()}}
        made, one.built = completed(fields, one.parts, organization)
        return {**made, "status": RELEASED}

    def _change(self, one: _Planned, id_: str, organization: Document) -> Change | Refused:
        made = one.document
        if one.errors or made is None:
            return Refused.fields(one.errors)
        self._made[one.row.number] = id_, one.row.values.get("kitQuantity")
        known = one.before.document if one.before is not None else None

        def apply(before: Document | None) -> Document:
            if before is None:
                return {**first_version(id_), **made}
            if known is not None and before.get("lastModified") == known.get("lastModified"):
                return made
            again = _Planned(one.row, sent=one.sent, before=Stored(id_, 0, document=before), parts=one.parts)
            again.fields = joined(before, one.sent)
            if any(again.fields.get(role, "") != one.fields.get(role, "") for role in PARTS):
                raise Refused("Somebody changed this assembly in the meantime. Import the row again.")
            return self._document(again, organization)

        return Change(id_, apply)

    async def _ids(self, planned: Sequence[_Planned]) -> list[str]:
        """The ids of the assemblies: that of the one that is there, else one that follows from number and revision.

        An assembly that was made under the same number and renamed since keeps its id: the new one gets another.
        """
        ids = [one.before.id if one.before is not None else self._derived(one.row, 0) for one in planned]
        new = [place for place, one in enumerate(planned) if one.before is None]
        tries = 0
        while new:
            held = await self.repository.get_many([ids[place] for place in new])
            new = [place for place in new if (found := held.get(ids[place])) is not None and not found["deleted"]]
            tries += 1
            for place in new:
                ids[place] = self._derived(planned[place].row, tries)
        return ids

    def _derived(self, row: Row, tries: int) -> str:
        return derived_id(self._caller.organization, "hoseAssemblies", *_key(row.values), str(tries))

    # -- prices ---------------------------------------------------------------------------------------------------

    async def _check_prices(self, planned: Sequence[_Planned]) -> None:
        """Compare with the prices that rows expect, and where that is asked for, find parts without a price."""
        asked = [
            one
            for one in planned
            if one.document is not None
            and (self._options.checkPrices or one.row.values.get("expectedPrice") is not None)
        ]
        by_customer: dict[str | None, list[_Planned]] = {}
        for one in asked:
            by_customer.setdefault((one.document or {}).get("customerOrgId"), []).append(one)
        for customer, rows in by_customer.items():
            items = dict.fromkeys(str(part["_id"]) for one in rows for part in one.parts.values())
            terms = await self._prices.terms(self._caller, list(items), customer_id=customer)
            for one in rows:
                one.errors.extend(self._price_errors(one, terms))

    def _price_errors(self, one: _Planned, terms: Terms) -> list[FieldError]:
        fields = one.document or {}
        built = one.built or build(fields, one.parts)
        answer = self._prices.price(terms, components(built), charges(fields, built, terms.standing.shop.work))
        expected = one.row.values.get("expectedPrice")
        if answer["missing"]:
            return [
                FieldError(f"{role}PartNumber" if role in PARTS else "expectedPrice", f"There is no price for {role}.")
                for role in answer["missing"]
            ]
        if expected is not None and Decimal(str(expected)) != Decimal(str(answer["netPrice"])):
            text = f"The price of one is {answer['netPrice']} {answer['currency']}."
            return [FieldError("expectedPrice", text)]
        return []

    # -- the end --------------------------------------------------------------------------------------------------

    def settled(self, outcomes: Mapping[int, str]) -> None:
        """Note the assemblies of the good rows."""
        for number in sorted(outcomes):
            made = self._made.pop(number, None)
            if made is not None and outcomes[number] != "failed":
                self._good.append(made)

    async def conclude(self, *, dry_run: bool) -> Document:
        """The ids of the assemblies, and the hose kit that lists them."""
        found: dict[str, Any] = {"hoseAssemblies": [id_ for id_, _ in self._good[:_MOST_LISTED]], "hoseKit": None}
        if dry_run:
            found["hoseAssemblies"] = []
        kit = self._options.hoseKit
        if kit is None or dry_run or not self._good:
            return found
        try:
            found["hoseKit"] = await self._kits(self._caller, kit, self._good)
        except BrassleafError as error:
            # the assemblies are there by now: the report says what of the rest could not be done
            log.warning("The hose kit of an import was refused: %s", error.message)
            found["warnings"] = [f"The hose kit was not made or changed: {error.message}"]
        return found


def _read(row: Row, sent: Document | Refused) -> _Planned:
    """A row checked as a request would be."""
    one = _Planned(row)
    if isinstance(sent, Refused):
        one.errors.extend(sent.errors)
    else:
        one.sent = sent
    if str(row.values["partNumber"]).strip() == NEXT_NUMBER:
        one.errors.append(FieldError("partNumber", "Give the part number; an import takes none of the sequence."))
    try:
        _QUANTITY.validate_python(row.values.get("kitQuantity"))
    except ValidationError:
        one.errors.append(FieldError("kitQuantity", "Give a number above 0, at most 1,000,000."))
    return one


def _key(values: Mapping[str, Any]) -> tuple[str, str]:
    """What rows and assemblies are the same by: part number and revision."""
    return fold(str(values["partNumber"]).strip()), fold(str(values.get("revision") or "").strip())


def _styled(before: Document | None, sent: Document) -> Document | None:
    """A style of wrap with the cells that are filled over what is there; cleared ones go."""
    found = {name: value for name, value in {**(before or {}), **sent}.items() if value is not None}
    if sent.get("coverage"):
        found["coverage"] = merged((before or {}).get("coverage") or {}, sent["coverage"])
    return {name: value for name, value in found.items() if value != {}} or None


def _by_column(refusal: Refused) -> list[FieldError]:
    """The reasons of a refusal by the columns of the sheet: those of `end1` stand under End 1."""
    found = refusal.errors or (FieldError("partNumber", refusal.message),)
    return [FieldError(f"{e.field}PartNumber" if e.field in PARTS else e.field, e.message) for e in found]
