"""The lines of hose kits one by one, and as they are listed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from brassleaf.assemblies.models import HIDDEN_FROM_CUSTOMERS
from brassleaf.assemblies.service import is_visible
from brassleaf.catalog.items.models import ITEM_ROW
from brassleaf.catalog.service import answered, natural
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.http.answers import without
from brassleaf.kits.contents.models import AddedLine, ChangedLine
from brassleaf.kits.lines import Items, lines_of, noun, with_lines
from brassleaf.kits.models import LINES
from brassleaf.kits.service import NOUN, KitService
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Stored
from brassleaf.store.records import Expected, merged, new_id

#: What a line shows of its item.
_TOLD = ("partNumber", "revision", "description", "status", "brand", "orgPartNumber")


@dataclass(frozen=True, slots=True)
class LinesAsked:
    """What a list of lines is to show; without a size all of them. `types` are item types."""

    page: int | None = None
    size: int | None = None
    sort: str = "order"
    descending: bool = False
    part_number: str = ""
    types: tuple[str, ...] = ()


class KitContents:
    """Lists, adds, changes and takes off the lines of kits."""

    def __init__(self, kits: KitService) -> None:
        self._kits = kits

    # -- reading --------------------------------------------------------------------------------------------------

    async def listed(self, caller: Caller, id_: str, asked: LinesAsked) -> Document:
        """Those of a kit's lines that were asked for, with their items, as a page."""
        stored = await self._kits.get(caller, id_)
        items = await self._kits.items.of(caller.organization, stored.document)
        wanted = fold(asked.part_number.strip())
        found = [
            line
            for kind, _, line in lines_of(stored.document)
            if (not asked.types or LINES[kind] in asked.types)
            and wanted in fold(str(items.get(line["item"], {}).get("partNumber") or ""))
        ]
        found.sort(key=_SORTS[asked.sort](items), reverse=asked.descending)
        page = asked.page or 1
        size = asked.size or (10 if asked.page else max(len(found), 1))
        kinds = {line["_id"]: kind for kind, _, line in lines_of(stored.document)}
        shown = [_shown(caller, kinds[line["_id"]], line, items) for line in found[(page - 1) * size : page * size]]
        return {"items": shown, "total": len(found), "page": page, "itemsPerPage": size}

    # -- writing --------------------------------------------------------------------------------------------------

    async def add(self, caller: Caller, id_: str, kind: str, sent: AddedLine, expected: Expected) -> Stored:
        """Put an item on a kit under editing. Raises Refused where it stands there already, NotFound."""
        # drawn before the kit is read, so that a request that is sent again finds the line that it made
        line = {
            "_id": new_id(),
            "item": sent.itemId,
            "number": sent.itemNumber,
            "quantity": sent.quantity,
            "comments": sent.comments,
        }

        async def apply(before: Document) -> Document:
            if any(made["_id"] == line["_id"] for _, _, made in lines_of(before)):
                return before
            try:
                await self._kits.check_lines(caller, {kind: [line]})
                return with_lines(before, {kind: [line]})
            except (Refused, NotFound) as error:
                raise _of_call(error, kind) from error

        return await self._kits.life(caller).change(id_, apply, expected)

    async def update(
        self, caller: Caller, id_: str, kind: str, item_id: str, sent: ChangedLine, expected: Expected
    ) -> Stored:
        """Change a line of a kit under editing. `item_id` is its item, or the line's own id."""

        async def apply(before: Document) -> Document:
            found = _found(before, (kind,), item_id, noun(kind))
            if sent.itemId != item_id:
                raise Refused.field("itemId", "Give the itemId of the path.")
            said = {"number": sent.itemNumber, "quantity": sent.quantity, "comments": sent.comments}
            if "comments" not in sent.model_fields_set:
                del said["comments"]
            return _changed(before, found, lambda line: merged(line, said))

        return await self._kits.life(caller).change(id_, apply, expected)

    async def take_off(self, caller: Caller, id_: str, item_id: str, expected: Expected) -> Stored:
        """Take a line of any kind off a kit under editing; named by its item, or by its own id."""
        records = self._kits.records(caller)
        there = await records.get(id_)
        if not there["deleted"] and records.done_before(there) and not _places(there.document, tuple(LINES), item_id):
            return there  # the first try of this request, whose answer got lost, took it off

        async def apply(before: Document) -> Document:
            return _changed(before, _found(before, tuple(LINES), item_id, "item"), lambda _: None)

        return await self._kits.life(caller).change(id_, apply, expected)


def _places(kit: Document, kinds: tuple[str, ...], id_: str) -> list[str]:
    return [line["_id"] for kind, _, line in lines_of(kit) if kind in kinds and id_ in (line["item"], line["_id"])]


def _found(kit: Document, kinds: tuple[str, ...], id_: str, what: str) -> str:
    """The id of a kit's line. Raises NotFound."""
    if not (found := _places(kit, kinds, id_)):
        raise NotFound(f"There is no {what} {id_} in this {NOUN}.")
    return found[0]


def _changed(kit: Document, line_id: str, change: Callable[[Document], Document | None]) -> Document:
    """A kit with one line as `change` makes it; without it where that is None."""
    made = dict(kit)
    for kind in LINES:
        lines = [change(line) if line["_id"] == line_id else line for line in kit[kind]]
        made[kind] = [line for line in lines if line is not None]
    return made


def _of_call(error: Refused | NotFound, kind: str) -> Refused | NotFound:
    """The same refusal with the field as this call spells it."""
    made = Refused.fields(
        [FieldError("itemId" if e.field.startswith(f"{kind}[") else e.field, e.message) for e in error.errors]
    )
    return made if isinstance(error, Refused) else NotFound(made.message, made.errors)


def _shown(caller: Caller, kind: str, line: Document, items: Items) -> Document:
    item = items.get(line["item"])
    found: Document = {
        "_id": line["_id"],
        "itemId": line["item"],
        "itemNumber": line["number"],
        "itemType": LINES[kind],
        "quantity": line["quantity"],
        "order": line["order"],
    }
    if line.get("comments"):
        found["comments"] = line["comments"]
    if item is None:
        return found
    found.update((name, item[name]) for name in _TOLD if item.get(name) is not None)
    if kind != "hoseAssemblies":
        found["item"] = without(answered(item), ITEM_ROW.hidden_from(caller))
    elif is_visible(caller, item):
        found["item"] = without(item, HIDDEN_FROM_CUSTOMERS) if caller.is_customer else item
    return found


def _by_part_number(items: Items) -> Callable[[Document], Any]:
    return lambda line: natural(str(items.get(line["item"], {}).get("partNumber") or ""))


_SORTS: Mapping[str, Callable[[Items], Callable[[Document], Any]]] = {
    "order": lambda _: lambda line: (line["order"], natural(line["number"])),
    "number": lambda _: lambda line: (natural(line["number"]), line["order"]),
    "partNumber": _by_part_number,
}
