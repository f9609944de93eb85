"""Collections and documents of the store's tests."""

import itertools
from typing import Any

from brassleaf.store.collections import Collection, Document, Field, Unique

ONE = "1" * 24
TWO = "2" * 24


def _number(document: Document) -> str:
    return (document.get("number") or "").strip()


def _domain(document: Document) -> list[str]:
    return [str(document.get("email")).rpartition("@")[2]]


def _pairs(document: Document) -> list[str]:
    return [f"{end['a']}+{end['b']}" for end in document.get("ends", [])]


HOSES = Collection(
    "hoses",
    fields=(
        Field("number", search=True),
        Field("name", search=True),
        Field("maker.name", search=True),
        Field("note"),
        Field("size", "number"),
        Field("quantity", "number"),
        Field("stocked", "time"),
        Field("active", "flag"),
        Field("tags", many=True),
        Field("lines.part", many=True),
        Field("lines.count", "number", many=True),
    ),
    unique={"number": Unique(_number)},
    trail=False,
)
USERS = Collection(
    "users",
    fields=(Field("email"), Field("domain", read=_domain)),
    unique={
        "email": Unique("email", everywhere=True),
        "badge": Unique("badge"),
    },
    order="email",
    trail=False,
)
#: What is said of hoses, by their ids; and pairs of what they hold, made by a function.
NOTES = Collection("notes", (Field("hose"), Field("good", "flag"), Field("text", search=True)), trail=False)
ENDS = Collection(
    "ends",
    (Field("kind"), Field("pair", many=True, read=_pairs)),
    trail=False,
)
#: Without a trail: it has tests of its own, and would cost each write of these another one.
COLLECTIONS = (HOSES, USERS, NOTES, ENDS)

_drawn = itertools.count(1)


def hose(**values: Any) -> dict[str, Any]:
    """A document of HOSES, created later than all before it."""
    drawn = next(_drawn)
    return {"_id": f"{drawn:024x}", "created": f"2026-01-01T00:00:00.{drawn:06d}Z", "deleted": False, **values}


def user(**values: Any) -> dict[str, Any]:
    """A document of USERS."""
    return {"_id": f"{next(_drawn):024x}", "deleted": False, **values}
