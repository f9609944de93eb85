"""The threaded, flanged and tube ends of fittings and adaptors: what is found, told apart and matched.

A crimp fitting has one such end, in its own fields; an adaptor has several, in `ends`. Two ends are of one kind where
style, gender, size, swivel and bulkhead agree; sizes agree by number (`-8` and `-08`), texts without regard to case.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from brassleaf.store.collections import Document, fold
from brassleaf.trade.ends import parse_end_size, spellings

#: What an end is told apart by.
PARTS = ("style", "gender", "dashSize", "swivel", "bulkhead")
#: What says that an end is without swivel or bulkhead.
WITHOUT = frozenset({"false", "no", "none", "without"})


def ends_of(item: Document) -> list[Document]:
    """The ends of an item; that of a crimp fitting's hose is not among them."""
    if item.get("itemType") == "crimpFitting":
        return [{name: item[name] for name in PARTS if item.get(name)}]
    return [end for end in item.get("ends") or [] if isinstance(end, dict)]


def end_key(end: Document) -> str:
    """What all ends of one kind share."""
    return "\n".join([_size(end) if name == "dashSize" else _text(end, name) for name in PARTS])


def end_keys(item: Document) -> Iterator[str]:
    """The kinds of an item's ends."""
    return (key for key in map(end_key, ends_of(item)) if key.strip())


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of an end, None where anything will do. With `part` a part of the style is enough."""

    style: str | None = None
    gender: str | None = None
    dashSize: str | None = None
    swivel: str | None = None
    bulkhead: str | None = None
    part: bool = False

    def suits(self, end: Document) -> bool:
        """Whether an end is as wished."""
        for name in PARTS:
            asked = getattr(self, name)
            if not asked:
                continue
            if name == "dashSize":
                suits = _size({**end, name: asked}) == _size(end)
            elif name in ("swivel", "bulkhead"):
                suits = bool(end.get(name)) != (fold(asked) in WITHOUT)
            else:
                there, wanted = _text(end, name), fold(asked.strip())
                suits = there in _ways(name, asked) or (self.part and name == "style" and wanted in there)
            if not suits:
                return False
        return True


def seats(item: Document, wishes: Sequence[Wish]) -> list[tuple[Document, ...]]:
    """Every way in which wishes are met by ends of an item, each by another one, in the order of the wishes."""
    found = permutations(ends_of(item), len(wishes))
    return [ends for ends in found if all(wish.suits(end) for wish, end in zip(wishes, ends, strict=True))]


def same_ends(one: Document, other: Document) -> bool:
    """Whether two items have ends of the same kinds, in any order."""
    return sorted(map(end_key, ends_of(one))) == sorted(map(end_key, ends_of(other)))


@lru_cache(maxsize=1024)
def _ways(name: str, asked: str) -> frozenset[str]:
    """Every way in which what is asked may be spelled."""
    return frozenset(map(fold, spellings(name, asked.strip())))


def _text(end: Document, name: str) -> str:
    return fold(str(end.get(name) or "").strip())


def _size(end: Document) -> str:
    text = str(end.get("dashSize") or "")
    dash = parse_end_size(text, end.get("style"))
    return fold(text.strip()) if dash is None else f"-{dash:02d}"
