"""The rules of organizations: settings, currencies, terms."""

from collections.abc import Sequence
from typing import Any

from brassleaf.errors import FieldError, Refused
from brassleaf.organizations.models import (
    DEFAULTS,
    ORGANIZATIONS,
    CurrencyChange,
    OrganizationChange,
    OrganizationFields,
    Terms,
)
from brassleaf.organizations.tolerances import check_own_table
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Collection, Document, fold
from brassleaf.store.port import Store, Stored
from brassleaf.store.records import Expected, Records, derived_id, merged, new_document, now

#: The version of the terms that holds; a server of one's own has no others than its operator's.
TERMS_VERSION = 1


class OrganizationService:
    """One organization at a time: the caller's own. `price_lists` are what its default price list is one of."""

    def __init__(self, store: Store, price_lists: Collection) -> None:
        self._store = store
        self._price_lists = price_lists

    async def get(self, organization: str) -> Stored:
        """The organization itself."""
        return await self._records(organization, "").get(organization)

    async def own(self, caller: Caller, id_: str) -> Stored:
        """The caller's organization, if that is its id. Raises NotFound for any other."""
        return await self._records(caller.organization, caller.label).get(id_)

    async def defaults(self, caller: Caller) -> tuple[Document, Stored]:
        """The start values of a configurator as the caller may see them, and the organization that they come from."""
        stored = await self.get(caller.organization)
        names = DEFAULTS.class_for(caller).model_fields
        return {name: stored[name] for name in names if stored[name] is not None}, stored

    async def create(self, fields: dict[str, Any], by: str) -> Stored:
        """Found an organization. Its documents live under its own id."""
        checked = OrganizationFields.model_validate(fields).model_dump(exclude_none=True)
        check_own_table(checked)
        document = new_document(checked, by)
        return await self._store.repository(ORGANIZATIONS, document["_id"]).insert(document)

    async def update(self, caller: Caller, sent: OrganizationChange, expected: Expected) -> Stored:
        """Change the settings that were sent.

        Raises Stale, and Refused where currencies do not go together or there is no such price list.
        """
        values = sent.model_dump(exclude_none=True)
        fields = {name: values.get(name) for name in sent.model_fields_set}

        async def apply(document: Document) -> Document:
            made = merged(document, fields)
            if made.get("defaultPriceList") != document.get("defaultPriceList"):
                await self._check_price_list(caller.organization, made.get("defaultPriceList"))
            if "currencies" in fields:
                made["currencies"] = _stamped(document.get("currencies") or [], fields["currencies"], caller.label)
            _check_currencies(document, made, rates_sent="currencies" in fields)
            if fields.keys() & {"lengthToleranceTable", "lengthTolerances"}:
                check_own_table(made)
            return made

        return await self._records(caller.organization, caller.label).change(caller.organization, apply, expected)

    async def _check_price_list(self, organization: str, id_: str | None) -> None:
        found = await self._store.repository(self._price_lists, organization).get(id_) if id_ else None
        if id_ and (found is None or found["deleted"]):
            raise Refused.field("defaultPriceList", f"There is no price list with the id {id_}.")

    async def price_list_deleted(self, organization: str, id_: str, by: str) -> None:
        """Let customers without a price list have none, where it was this one."""
        if (await self.get(organization))["defaultPriceList"] == id_:
            kept = {"defaultPriceList": None}
            await self._records(organization, by).change(
                organization, lambda now: merged(now, kept) if now.get("defaultPriceList") == id_ else now
            )

    async def brand_renamed(self, organization: str, old: str, new: str, by: str) -> None:
        """Let the default brands follow where a brand was renamed."""

        def apply(document: Document) -> Document:
            named = ("defaultBrand", "defaultAdaptorBrand")
            return {**document, **{n: new for n in named if fold(str(document.get(n) or "")) == fold(old)}}

        if apply((await self.get(organization)).document) != (await self.get(organization)).document:
            await self._records(organization, by).change(organization, apply)

    # -- currencies -----------------------------------------------------------------------------------------------

    async def currencies(self, caller: Caller) -> list[Document]:
        """Every currency, by code; the default one has the rate 1."""
        stored = await self.get(caller.organization)
        base = {"code": stored["defaultCurrency"], "rate": 1, "available": True}
        return sorted(
            (_shown(stored.document, entry) for entry in [base, *_rates(stored.document)]), key=lambda c: str(c["code"])
        )

    async def update_currency(self, caller: Caller, sent: CurrencyChange, expected: Expected) -> Document:
        """Add, change or delete a currency. Raises Stale, and Refused for the default one."""
        deleted, kept = bool(sent.deleted), dict[str, Any]()

        def apply(document: Document) -> Document:
            if sent.code == document["defaultCurrency"]:
                raise _refused_base(sent, deleted=deleted)
            others = [entry for entry in _rates(document) if entry["code"] != sent.code]
            before = next((entry for entry in _rates(document) if entry["code"] == sent.code), {"available": True})
            available = before["available"] if sent.available is None else sent.available
            entry = {"code": sent.code, "rate": sent.rate, "available": available}
            kept.update(_stamped([before] if "code" in before else [], [entry], caller.label)[0])
            rates = others if deleted else sorted([*others, dict(kept)], key=lambda rate: str(rate["code"]))
            return {**document, "currencies": rates}

        records = self._records(caller.organization, caller.label)
        stored = await records.change(caller.organization, apply, expected)
        return {**_shown(stored.document, kept), "deleted": deleted}

    # -- terms ----------------------------------------------------------------------------------------------------

    async def accept_terms(self, caller: Caller, sent: Terms, expected: Expected) -> None:
        """Note that the terms were accepted, or are not any more. Raises Stale."""
        accepted = {
            "acceptedTermsVersion": sent.version if sent.accepted else None,
            "acceptedTermsDate": now() if sent.accepted else None,
            "acceptedTermsBy": caller.label if sent.accepted else None,
        }
        records = self._records(caller.organization, caller.label)
        await records.change(caller.organization, lambda document: merged(document, accepted), expected)

    async def accepted_terms(self, caller: Caller) -> Document:
        """Whether the present terms were accepted, and which version was."""
        version = (await self.get(caller.organization))["acceptedTermsVersion"]
        return {"hasAcceptedTerms": version is not None and version >= TERMS_VERSION, "version": version}

    def _records(self, organization: str, by: str) -> Records:
        return Records(self._store.repository(ORGANIZATIONS, organization), "organization", by)


def _rates(organization: Document) -> list[Document]:
    return organization.get("currencies") or []


def _stamped(before: Sequence[Document], after: Any, by: str) -> list[Document]:
    """Rates with when and by whom each was set; one that stays as it is keeps that."""
    known = {entry["code"]: entry for entry in before}
    moment, found = now(), []
    for entry in after:
        there = known.get(entry["code"], {})
        if all(there.get(name) == value for name, value in entry.items()):
            found.append(there)
            continue
        made = {"created": there.get("created", moment), "createdBy": there.get("createdBy", by)}
        found.append({**entry, **made, "lastModified": moment, "lastModifiedBy": by})
    return found


def _check_currencies(before: Document, after: Document, *, rates_sent: bool) -> None:
    base, codes = after["defaultCurrency"], [entry["code"] for entry in _rates(after)]
    errors = []
    if base != before["defaultCurrency"] and codes and not rates_sent:
        text = (
            f"The rates of {', '.join(codes)} are for one {before['defaultCurrency']}: "
            f"send `currencies` with the rates for one {base} in the same call."
        )
        errors.append(FieldError("defaultCurrency", text))
    if rates_sent and base in codes:
        text = f"{base} is the default currency; its rate is 1 and is not listed."
        errors.append(FieldError(f"currencies[{codes.index(base)}].code", text))
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        errors.append(FieldError("currencies", f"{', '.join(twice)}: give each currency once."))
    if errors:
        raise Refused.fields(errors)


def _refused_base(sent: CurrencyChange, *, deleted: bool) -> Refused:
    if deleted:
        return Refused.field("deleted", f"{sent.code} is the default currency and cannot be deleted.")
    return Refused.field("code", f"{sent.code} is the default currency; its rate is always 1.")


def _shown(organization: Document, entry: Document) -> Document:
    """A currency as the contract shows it. It is found by its code; the id is one that stays the same."""
    id_ = derived_id(organization["_id"], "currency", entry["code"])
    audit = {name: organization[name] for name in ("created", "lastModified")}
    return {"_id": id_, "organization": organization["_id"], "deleted": False, **audit, **entry}
