"""The types of items, as GoldLeaf spells them, and what else is priced like a type."""

from collections.abc import Sequence
from typing import Literal, get_args

ItemType = Literal["hose", "crimpFitting", "ferrule", "wrap", "adaptor", "otherItem"]
ITEM_TYPES: tuple[ItemType, ...] = get_args(ItemType)
#: Work is priced beside the items, by defaults of its own.
LABOUR = "labour"
PRICED_TYPES = (*ITEM_TYPES, LABOUR)


def item_type_named(text: str, names: Sequence[str] = ITEM_TYPES) -> str:
    """The one of `names` that a text says, in any case. Raises ValueError."""
    found = next((name for name in names if name.casefold() == text.strip().casefold()), None)
    if found is None:
        raise ValueError(f"Use one of {', '.join(names)}.")
    return found
