"""The life cycle of hose assemblies: what is complete, what a copy takes over, what an assembly in use refuses."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from brassleaf.assemblies.build import Build, build, fit
from brassleaf.assemblies.fields import refreshed
from brassleaf.assemblies.fitness import ENDS
from brassleaf.assemblies.models import PARTS
from brassleaf.assemblies.service import AssemblyService
from brassleaf.assemblies.versions.models import CopyAsked
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.revisions.lifecycle import RolledBack, copied
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Stored
from brassleaf.store.records import Expected, merged

#: Names the released documents that use an assembly: organization and id of the assembly in, words out.
UsedBy = Callable[[str, str], Awaitable[Sequence[str]]]

#: What a copy under another number leaves behind: whom the original was for.
_OF_ONE_CUSTOMER = (
    "customerOrgId", "customerName", "customerPartNumber", "customerRevision", "customers", "madeByKey",
)  # fmt: skip


class AssemblyVersions:
    """Releases and versions of hose assemblies. `used_by` are asked before one is taken back to editing."""

    def __init__(self, assemblies: AssemblyService, used_by: Sequence[UsedBy] = ()) -> None:
        self._assemblies = assemblies
        self._used_by = used_by

    async def release(self, caller: Caller, id_: str, expected: Expected) -> Stored:
        """Make an assembly final: with hose, length and both ends, none of them deleted, and all of them fitting.

        What was checked is what is kept: figures and crimp data are those of the parts at this moment.
        """

        async def complete(document: Document) -> Document:
            parts = await self._assemblies.stored_parts(caller, document)
            try:
                return completed(document, parts, await self._assemblies.organization(caller))[0]
            except Refused as refusal:
                found = self._assemblies.alternatives
                raise await found.added(refusal, caller.organization, document, parts) from None

        return await self._assemblies.life(caller).release(id_, complete, expected)

    async def unrelease(self, caller: Caller, id_: str, expected: Expected) -> Stored:
        """Take a released assembly back to editing, unless a later version or a released document needs it.

        A document that is released with it between the check and the write takes it back: it is as it was before.
        """
        before: Document = {}

        async def reopened(document: Document) -> Document:
            await self._check_unused(caller, id_)
            before.update(document)
            return _without_release(document)

        async def as_before(document: Document) -> Document:
            return {**document, **before}

        life = self._assemblies.life(caller)
        stored = await life.unrelease(id_, reopened, expected)
        if not before:  # the first try of this request, whose answer got lost, did it
            return stored
        try:
            await self._check_unused(caller, id_)
        except Refused:
            await life.release(id_, as_before, None)
            raise
        return stored

    async def _check_unused(self, caller: Caller, id_: str) -> None:
        uses = [use for used_by in self._used_by for use in await used_by(caller.organization, id_)]
        if uses:
            text = f"This hose assembly is used by {', '.join(uses)}."
            raise Refused(text, [FieldError("status", text)])

    async def obsolete(self, caller: Caller, id_: str, expected: Expected) -> Stored:
        """Offer an assembly no longer; documents that have it keep it."""
        return await self._assemblies.life(caller).obsolete(id_, expected)

    async def new_version(self, caller: Caller, id_: str, expected: Expected, revision: str | None = None) -> Stored:
        """Open the next version of a released assembly, with the same parts and under a new revision if one is named.

        Its figures stay until it is changed or released: what has become of its parts shows then.
        """

        async def copy(document: Document) -> Document:
            return _without_release(document)

        return await self._assemblies.life(caller).new_version(id_, copy, expected, revision)

    async def rollback(self, caller: Caller, id_: str, expected: Expected) -> RolledBack:
        """Take the open version back. Raises NotFound for one that cannot be, as the contract has it."""
        try:
            return await self._assemblies.life(caller).rollback(id_, expected, alone=True)
        except Refused as refusal:
            raise NotFound(refusal.message, refusal.errors) from refusal

    async def save_as(self, caller: Caller, id_: str, asked: CopyAsked) -> Stored:
        """Copy an assembly of any status under another number: version 1, for nobody unless a customer is named."""
        source = await self._assemblies.get(caller, id_)
        sent = asked.model_dump(exclude_unset=True)
        kept = _without_release(copied(source.document))
        for name in (*_OF_ONE_CUSTOMER, "revision"):
            kept.pop(name, None)
        await self._assemblies.check_customer(caller, kept, {"customerOrgId": None, **sent})
        if sent.get("description"):
            kept["manualDescription"] = True
        # what the check says of the customer stands before an empty field of the request
        fields = merged(kept, {name: value for name, value in sent.items() if value is not None or name not in kept})
        return await self._assemblies.life(caller).create(fields)


def completed(document: Document, parts: Mapping[str, Document], organization: Document) -> tuple[Document, Build]:
    """An assembly as its release keeps it, and its build. Raises Refused with everything that speaks against it."""
    errors = [FieldError(name, "Needed for a release.") for name in ("hose", *ENDS) if not document.get(name)]
    gone = [role for role in PARTS if document.get(role) and (role not in parts or parts[role].get("deleted"))]
    errors.extend(FieldError(role, "This part is not in the catalogue any more.") for role in gone)
    if errors:
        raise Refused.fields(errors)
    built = build(document, parts, organization)
    crimped = {end: fit(built.matches[end], built.specs[end]) for end in ENDS}
    return {**refreshed(document, built), "crimpSpecs": crimped}, built


def _without_release(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "crimpSpecs"}
