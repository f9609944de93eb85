"""What tells one type of item from another: its models, size and lists. Each type declares one Kind in its folder."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from brassleaf.catalog.models import ITEMS, ItemChange, ItemType
from brassleaf.http.lists import Filter, Listing
from brassleaf.security.roles import Allowed
from brassleaf.security.views import View
from brassleaf.store.collections import Document


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of item. `size_of` reads the hose size of a document, in sixteenths of an inch, where it has one."""

    item_type: ItemType
    noun: str
    create: type[ItemChange]
    update: type[BaseModel]
    view: View
    search: tuple[str, ...]
    editors: Allowed
    size_of: Callable[[Document], int | None]
    sorts: tuple[str, ...] = ()
    bracketed: bool = False

    @property
    def listing(self) -> Listing:
        """What the lists of this kind understand."""
        return Listing(
            ITEMS,
            search=(*self.search, "orgPartNumber"),
            filters=tuple(Filter(name, check=str) for name in ("brand", *self.sorts)),
            sorts=("brand", *self.sorts),
            bracketed=self.bracketed,
            flags=("unavailable",),
        )

    @property
    def own_fields(self) -> frozenset[str]:
        """The fields of the item itself, as against the organization's properties of it."""
        return frozenset(self.create.model_fields)

    @property
    def required(self) -> frozenset[str]:
        """The fields that no item of this kind is without."""
        return frozenset(name for name, field in self.create.model_fields.items() if field.is_required())
