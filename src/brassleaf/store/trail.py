"""The audit trail: what every change of every record was, kept by the store itself, so that no resource can forget it.

The embedded store writes an entry in the same transaction as its change. MongoDB writes it right behind: a process that
dies in between loses that one entry, and the next one's `before` still shows the state that it had led to.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from brassleaf.store.collections import UNINDEXED_CHANGES, Collection, Document, Field

#: Written with every change, read now and then: only what leads to one record has an index of its own.
AUDIT = Collection(
    "audit",
    (
        Field("record"),
        Field("collection", indexed=False),
        Field("createdBy", indexed=False),
        UNINDEXED_CHANGES,  # an entry never changes: `created` says it all
    ),
    trail=False,
)

#: Fields that tell of a change instead of being changed.
_STAMPS = frozenset(
    {"_id", "created", "createdBy", "lastModified", "lastModifiedBy", "deleted", "deletedDate", "deletedBy"}
)
#: What stands for a value that nobody may read.
SECRET = "(secret)"  # noqa: S105 - it is none
_NAMES = ("name", "partNumber", "number", "description", "code", "email", "fileName", "erpId")
_LONGEST = 200


def check_kept(collections: Iterable[Collection]) -> None:
    """Raise ValueError for collections that are to be opened without the trail that tells of their changes."""
    opened = tuple(collections)
    silenced = [collection.name for collection in opened if collection.trail]
    if silenced and AUDIT not in opened:
        raise ValueError(f"open AUDIT as well: it tells of changes of {', '.join(silenced)}")


def entry(
    collection: Collection, before: Document | None, after: Document, revision: int, moment: str
) -> Document | None:
    """The entry of a change, None where nothing changed: the fields that differ, the whole record when made or deleted.

    Who did it stands in the record's own audit fields; a change that does not touch them is the server's bookkeeping
    (a sign-in, a counter) and names nobody. The id follows from the change: it is not told twice.
    """
    action, old, new = _difference(before, after)
    if not old and not new and action == "changed":
        return None
    touched = before is None or before.get("lastModified") != after.get("lastModified")
    at = str(after.get("lastModified") or moment) if touched else moment
    by = after.get("lastModifiedBy") if touched else None
    record = str(after["_id"])
    found: Document = {
        "_id": _entry_id(at, f"{collection.name}|{record}|{revision}"),
        "collection": collection.name,
        "record": record,
        "revision": revision,
        "action": action,
        "created": at,
        "lastModified": at,
        "deleted": False,
    }
    if by is not None:
        found["createdBy"] = found["lastModifiedBy"] = by
    if (name := _name(after) or _name(before or {})) is not None:
        found["name"] = name
    if old is not None:
        found["before"] = old
    if new is not None:
        found["after"] = new
    return found


def _entry_id(moment: str, change: str) -> str:
    """An id that begins with its time: an index over ids grows at its end, which costs an import least."""
    return _time_digits(moment) + hashlib.sha256(f"{moment}|{change}".encode()).hexdigest()[:13]


@lru_cache(maxsize=16)
def _time_digits(moment: str) -> str:
    """Milliseconds since 1970 as 11 hexadecimal digits, which last until the year 2527."""
    try:
        passed = int(datetime.fromisoformat(moment).timestamp() * 1000)
    except ValueError:
        passed = 0
    return f"{passed % 16**11:011x}"


def _difference(before: Document | None, after: Document) -> tuple[str, Document | None, Document | None]:
    """What was done, and the fields before and after it."""
    was, is_ = before is not None and not before.get("deleted"), not after.get("deleted")
    if before is None or (not was and is_):
        return "created", None, _shown(after)
    if was and not is_:
        return "deleted", _shown(before), None
    new = {name: value for name, value in after.items() if before.get(name, ...) != value}
    old = {name: before[name] for name in new if name in before}
    if not before.keys() <= after.keys():
        old |= {name: value for name, value in before.items() if name not in after}
    return "changed", _shown(old), _shown(new)


def _shown(document: Document) -> Document:
    """A copy without what tells of the change, and without secrets."""
    found = document.copy()
    for name in _STAMPS:
        found.pop(name, None)
    if "Hash" in "".join(found):
        for name in found:
            if name.endswith("Hash"):
                found[name] = SECRET
    return found


def _name(document: Document) -> str | None:
    """What people call a record, so that an entry can be read when the record is gone."""
    for name in _NAMES:
        if said := document.get(name):
            if document.get("brand") and document.get("partNumber"):
                said = f"{document['brand']} {document['partNumber']}"
            return str(said)[:_LONGEST]
    return None
