"""The import of components: from a row to the item that it makes or changes, and what is said of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from brassleaf.catalog.components.articles import SAID, Articles
from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.models import ITEMS
from brassleaf.catalog.named import folded
from brassleaf.catalog.service import new_item
from brassleaf.errors import FieldError, Refused
from brassleaf.imports import Change, Row, checked, put
from brassleaf.security.caller import Caller
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Document
from brassleaf.store.port import Store
from brassleaf.store.query import AnyOf, Query, both, equal
from brassleaf.store.records import derived_id

_KEYS = ("partNumber", "brand")


class ComponentImport:
    """One import of one kind of items by one caller.

    A row is found by brand and part number, the organization's own item before the shared one. Of a shared item only
    what the organization says can be changed; a row of an item that is not there makes one of the organization's own.
    """

    def __init__(self, store: Store, kind: Kind, caller: Caller) -> None:
        self._kind = kind
        self._caller = caller
        self._items = store.repository(ITEMS, caller.organization, shared=True)
        self._articles = Articles(store, caller.organization, kind)

    @property
    def sheet(self) -> Sheet:
        """The columns that the caller may import."""
        return self._kind.sheet if self._caller.sees_cost else self._kind.sheet.without_cost()

    @property
    def repository(self) -> Articles:
        """Where items are kept with what is said of them."""
        return self._articles

    async def plan(self, rows: Sequence[Row]) -> Sequence[Change | Refused]:
        """For each row the item that it makes or changes."""
        numbers = tuple(sorted({str(row.values["partNumber"]).strip() for row in rows}))
        where = both(equal("itemType", self._kind.item_type), AnyOf("partNumber", numbers))
        there: dict[tuple[str, str], str] = {}
        own: set[tuple[str, str]] = set()
        async for batch in self._items.stream(Query(where)):
            for item in batch:
                key = _key(item.document)
                if key not in own:
                    there[key] = item.id
                if item["organization"] is not None:
                    own.add(key)
        return [self._change(row, there.get(_key(row.values))) for row in rows]

    def taken(self, label: str, row: Row) -> Refused:  # noqa: ARG002  part of the protocol
        """Somebody made the same item meanwhile."""
        return Refused.field("partNumber", f"There is a {self._kind.noun} with this brand and part number already.")

    def _change(self, row: Row, there: str | None) -> Change:
        kind, organization = self._kind, self._caller.organization
        brand, number = _key(row.values)
        id_ = there or derived_id(organization, "items", kind.item_type, brand, number)

        def apply(before: Document | None) -> Document:
            if before is None:
                made = _validated(kind, new_item(kind, organization, {}), row.values)
                if missing := [name for name in kind.required if not made.get(name)]:
                    raise Refused.fields([FieldError(name, "A new item needs this.") for name in missing])
                return kind.derived(made)
            values = {name: value for name, value in row.values.items() if name not in _KEYS}
            made = _validated(kind, before, values)
            if before["custom"]:
                if missing := [name for name in kind.required if not made.get(name)]:
                    raise Refused.fields([FieldError(name, "This field cannot be cleared.") for name in missing])
                return kind.derived(made)
            wrong = [
                name for name in values if _top(name) not in SAID and made.get(_top(name)) != before.get(_top(name))
            ]
            if wrong:
                text = f"A {kind.noun} of the shared catalogue keeps its own fields; leave the cell as it was."
                raise Refused.fields([FieldError(name, text) for name in wrong])
            return made

        return Change(id_, apply)


def _key(values: Mapping[str, Any]) -> tuple[str, str]:
    return folded(str(values.get("brand") or "")), folded(str(values["partNumber"]))


def _top(path: str) -> str:
    return path.split(".", 1)[0]


def _validated(kind: Kind, before: Document, values: Mapping[str, Any]) -> Document:
    """A copy of a document with the values of a row, those fields checked as if they were sent. Raises Refused."""
    made = dict(before)
    for path, value in values.items():
        made = put(made, path.split("."), value)
    tops = dict.fromkeys(map(_top, values))
    fields = kind.update.model_fields
    sent = {fields[name].alias or name: _pruned(made.get(name)) for name in tops}
    fine = checked(kind.update, sent).model_dump(exclude_unset=True)
    result = {**made, **fine}
    return {name: value for name, value in result.items() if value is not None}


def _pruned(value: Any) -> Any:
    """A value without what was cleared inside: an object or a list of which nothing is left is none."""
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if inner is not None} or None
    if isinstance(value, list):
        return [inner for entry in value if (inner := _pruned(entry)) is not None] or None
    return value
