"""The rules of hose kits."""

from brassleaf.assemblies.fields import changes
from brassleaf.assemblies.service import NEXT_NUMBER
from brassleaf.catalog.service import Catalogue
from brassleaf.customers.heads import name_customer
from brassleaf.errors import NotFound, Refused
from brassleaf.kits.lines import KitItems, NewLines, check_items, with_lines
from brassleaf.kits.models import KITS, LINES, KitFields, KitRef, NewKit
from brassleaf.organizations.sequences import Sequences
from brassleaf.revisions.lifecycle import LifeCycle
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Page, Store, Stored
from brassleaf.store.query import Exists, Or, Query, Sort, Where, both, equal
from brassleaf.store.records import Expected, Records, merged

NOUN = "hose kit"


class KitService:
    """Hose kits of one organization at a time."""

    def __init__(self, store: Store, catalogue: Catalogue, sequences: Sequences) -> None:
        self._store = store
        self._sequences = sequences
        self.items = KitItems(store, catalogue)

    def records(self, caller: Caller) -> Records:
        """The organization's kits."""
        return Records(self._store.repository(KITS, caller.organization), NOUN, caller.label)

    def life(self, caller: Caller) -> LifeCycle:
        """Their life cycle."""
        return LifeCycle(self.records(caller), NOUN, "partNumber")

    # -- reading --------------------------------------------------------------------------------------------------

    async def page(self, caller: Caller, query: Query, *, all_versions: bool, only_customer: bool) -> Page:
        """One page of what the caller may see: the newest version of each, or all; of all, or those for a customer."""
        newest = None if all_versions else equal("newest", value=True)
        sold = Exists("customerOrgId") if only_customer else None
        where = both(query.where, newest, sold, _visible(caller))
        return await self.records(caller).repository.page(
            Query(where, query.sort, query.skip, query.limit, query.after, query.with_deleted)
        )

    async def get(self, caller: Caller, id_: str) -> Stored:
        """One kit that the caller may see. Raises NotFound."""
        stored = await self.records(caller).get(id_)
        if caller.is_customer and (caller.customer_id is None or stored["customerOrgId"] != caller.customer_id):
            raise NotFound(f"There is no {NOUN} with the id {id_}.")
        return stored

    async def exists(self, caller: Caller, asked: KitRef) -> str | None:
        """The kit that has a part number and revision (any revision when none is named)."""
        named = equal("revision", asked.revision) if asked.revision is not None else None
        where = both(equal("partNumber", asked.partNumber), named)
        page = await self.records(caller).repository.page(Query(where, (Sort("version", descending=True),), limit=1))
        return page.items[0].id if page.items else None

    # -- writing --------------------------------------------------------------------------------------------------

    async def create(self, caller: Caller, sent: NewKit) -> Stored:
        """Keep a new kit. Raises NotFound or Refused, naming each line that it cannot have."""
        if sent.partNumber == NEXT_NUMBER:
            return await self._sequences.take(
                caller.organization,
                "hoseKit",
                lambda number: self._create(caller, sent.model_copy(update={"partNumber": number})),
            )
        return await self._create(caller, sent)

    async def _create(self, caller: Caller, sent: NewKit) -> Stored:
        fields = sent.model_dump(exclude_unset=True, exclude={"status", *LINES})
        added = {kind: [line.model_dump() for line in getattr(sent, kind) if not line.deleted] for kind in LINES}
        return await self.keep(caller, fields, added)

    async def keep(self, caller: Caller, head: Document, added: NewLines) -> Stored:
        """Keep a new kit with this head and these lines. Raises NotFound, Refused."""
        await self.check_lines(caller, added)
        fields = merged({}, head)
        await self.name_customer(caller, fields, head)
        made = with_lines({**fields, "itemType": "hoseKit", "organization": caller.organization}, added)
        return await self.life(caller).create(made)

    async def name_customer(self, caller: Caller, fields: Document, sent: Document) -> None:
        """A new customer of a request must be there, and gives its name to the fields. Raises NotFound."""
        await name_customer(self._store, caller.organization, fields, sent)

    async def check_lines(self, caller: Caller, added: NewLines) -> None:
        """Raise NotFound or Refused, naming every new line whose item a kit may not get."""
        wanted = [(kind, str(line["item"])) for kind in LINES for line in added.get(kind, ()) if line["item"]]
        check_items(added, await self.items.named(caller.organization, wanted))

    async def update(self, caller: Caller, id_: str, sent: KitFields, expected: Expected) -> Stored:
        """Change the head of a kit under editing: absent fields stay, null clears; its lines stay as they are."""
        fields = sent.model_dump(exclude_unset=True, exclude={"status"})
        if "partNumber" in fields and fields["partNumber"] is None:
            raise Refused.field("partNumber", "This field cannot be cleared.")

        renumbered = False

        async def apply(before: Document) -> Document:
            nonlocal renumbered
            made, changed = merged(before, fields), changes(before, fields)
            renumbered = "partNumber" in changed
            await self.name_customer(caller, made, changed)
            return made

        stored = await self.life(caller).change(id_, apply, expected)
        if renumbered:
            await self._sequences.given_up(caller.organization, "hoseKit")
        return stored

    async def delete(self, caller: Caller, id_: str, expected: Expected) -> None:
        """Mark a kit under editing deleted; the version before it is current again."""
        await self.life(caller).delete(id_, expected)

    async def forget_customer(self, organization: str, customer_id: str, by: str) -> None:
        """Take a deleted customer off the kits that were for it."""
        records = Records(self._store.repository(KITS, organization), NOUN, by)
        await records.change_each(equal("customerOrgId", customer_id), _for_nobody)


def _for_nobody(before: Document) -> Document:
    return merged(before, {"customerOrgId": None})


def _visible(caller: Caller) -> Where | None:
    """What a customer may see: the kits that are its own."""
    if not caller.is_customer:
        return None
    return equal("customerOrgId", caller.customer_id) if caller.customer_id else Or(())
