"""The rules of pictures: whose they are, who may see and set them, and how one replaces another."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from brassleaf.errors import Forbidden, NotFound, Overtaken, Refused, Stale
from brassleaf.http.lists import stamp
from brassleaf.images.formats import TYPES, recognise
from brassleaf.images.models import IMAGE_PARTS, IMAGES
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Duplicate, Store, Stored
from brassleaf.store.query import And, Not, Or, Range, equal
from brassleaf.store.records import Expected, Records, check_expected, new_document, new_id, tag

#: Bytes of a picture, and of a part: far below what a document may have in MongoDB, also as base64.
LIMIT = 5_000_000
PART = 750_000
#: Parts that no picture has after so long were left by a crash.
_ORPHANED = timedelta(hours=1)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Owner:
    """A resource whose records may have a picture. `find` raises NotFound for what the caller may not see."""

    find: Callable[[Caller, str], Awaitable[object]]
    customers: bool = False
    admin_only: bool = False


class Images:
    """Pictures of the records of one organization at a time, and of the shared catalogue."""

    def __init__(self, store: Store, owners: Sequence[Owner]) -> None:
        self._store = store
        self._owners = owners

    async def properties(self, caller: Caller, id_: str) -> tuple[Document, Stored]:
        """What is known of a record's picture. Raises NotFound."""
        stored = await self._picture(caller, id_)
        return _shown(stored), stored

    async def content(self, caller: Caller, id_: str, *, unless: str | None = None) -> tuple[Document, bytes | None]:
        """A picture and its bytes; without the bytes where the caller has them: `unless` is the tag of those."""
        for _ in range(_TRIES):
            stored = await self._picture(caller, id_)
            if unless is not None and tag_of(stored.document) in unless:
                return stored.document, None
            parts = self._store.repository(IMAGE_PARTS, caller.organization, shared=True)
            found = [await parts.get(part) for part in stored["parts"]]
            if all(found):  # else the picture was replaced while it was read
                return stored.document, b"".join(base64.b64decode(str(part["data"])) for part in found if part)
        raise NotFound(f"There is no picture of {id_}.")

    async def put(self, caller: Caller, id_: str, content: bytes, expected: Expected) -> tuple[Document, Stored]:
        """Give a record a picture, in the place of the one that it had. Raises NotFound, Forbidden, Refused, Stale.

        The parts come first, then what is known of them in one write, then the parts of the old picture go: whoever
        reads meanwhile gets the one or the other whole, and a crash leaves parts that the next picture takes along.
        """
        owner = await self._owner(caller, id_)
        if owner.admin_only and caller.role != "admin":
            raise Forbidden(f"The role {caller.role} may not set this picture; it takes admin.")
        try:
            found = await asyncio.to_thread(recognise, content)  # one of millions of tiny blocks takes a moment
        except ValueError as error:
            raise Refused.field("body", str(error)) from None
        there = await self._own(caller, id_)
        expected = _states(expected, there)
        check_expected(expected, tag(there))  # before anything is written
        picture = new_id()
        fields = {
            "belongsTo": id_,
            "name": f"{id_}.{TYPES[found.media_type]}",
            "contentType": found.media_type,
            "size": len(content),
            "width": found.width,
            "height": found.height,
            "sha256": hashlib.sha256(content).hexdigest(),
            "picture": picture,
            "parts": await self._keep_parts(caller, id_, picture, content),
        }
        parts = self._store.repository(IMAGE_PARTS, caller.organization)
        try:
            stored, before = await self._keep(caller, id_, fields, expected)
        except (Stale, Overtaken):
            await parts.purge(equal("picture", picture))
            raise
        old = stamp(datetime.now(UTC) - _ORPHANED)
        orphaned = And((equal("belongsTo", id_), Range("created", at_most=old), Not(equal("picture", picture))))
        gone = orphaned if before is None else Or((orphaned, equal("picture", before)))
        await parts.purge(gone)
        return _shown(stored), stored

    async def delete(self, caller: Caller, id_: str, expected: Expected) -> None:
        """Take a record's picture away. Raises NotFound, Forbidden, Stale."""
        owner = await self._owner(caller, id_)
        if owner.admin_only and caller.role != "admin":
            raise Forbidden(f"The role {caller.role} may not take this picture away; it takes admin.")
        stored = await self._own(caller, id_)
        if stored is None:
            raise NotFound(f"There is no picture of {id_}.")
        await self._records(caller).remove(stored.id, _states(expected, stored))
        await self._store.repository(IMAGE_PARTS, caller.organization).purge(equal("picture", stored["picture"]))

    async def _picture(self, caller: Caller, id_: str) -> Stored:
        await self._owner(caller, id_)
        stored = await self._store.repository(IMAGES, caller.organization, shared=True).holder("belongsTo", id_)
        if stored is None:
            raise NotFound(f"There is no picture of {id_}.")
        return stored

    async def _owner(self, caller: Caller, id_: str) -> Owner:
        for owner in self._owners:
            if owner.customers or not caller.is_customer:
                try:
                    await owner.find(caller, id_)
                except NotFound:
                    continue
                return owner
        raise NotFound(f"There is no record with the id {id_} that could have a picture.")

    async def _own(self, caller: Caller, id_: str) -> Stored | None:
        return await self._store.repository(IMAGES, caller.organization).holder("belongsTo", id_)

    async def _keep_parts(self, caller: Caller, id_: str, picture: str, content: bytes) -> list[str]:
        repository = self._store.repository(IMAGE_PARTS, caller.organization)
        ids = []
        for start in range(0, len(content), PART):
            data = base64.b64encode(content[start : start + PART]).decode()
            document = new_document({"belongsTo": id_, "picture": picture, "data": data}, caller.label)
            try:
                await repository.insert(document)
            except Duplicate as error:
                if error.label != "_id":  # a repeated request has the ids and the bytes of the first
                    raise
            ids.append(str(document["_id"]))
        return ids

    async def _keep(self, caller: Caller, id_: str, fields: Document, expected: Expected) -> tuple[Stored, str | None]:
        records = self._records(caller)
        while True:
            stored = await self._own(caller, id_)
            if stored is not None:
                replaced: list[str] = []

                def apply(document: Document, replaced: list[str] = replaced) -> Document:
                    replaced[:] = [str(document["picture"])]
                    return {**document, **fields}

                changed = await records.change(stored.id, apply, expected)
                return changed, replaced[0] if replaced[0] != fields["picture"] else None
            check_expected(expected, tag(None))
            try:
                return await records.create(fields), None
            except Duplicate:
                continue  # another picture of the record was faster

    def _records(self, caller: Caller) -> Records:
        return Records(self._store.repository(IMAGES, caller.organization), "picture", caller.label)


def _states(expected: Expected, stored: Stored | None) -> Expected:
    """The expected states: whoever read the bytes expects them by their own tag, which stands for the present state."""
    if expected is None or stored is None or tag_of(stored.document).strip('"') not in expected:
        return expected
    return expected | {tag(stored)}


def tag_of(document: Document) -> str:
    """Names the bytes of a picture, as in ETag."""
    return f'"{str(document["sha256"])[:32]}"'


def _shown(stored: Stored) -> Document:
    hidden = ("sha256", "picture", "parts")
    shown = {name: value for name, value in stored.document.items() if name not in hidden}
    return {**shown, "url": f"/api/v1/image/{stored['belongsTo']}"}
