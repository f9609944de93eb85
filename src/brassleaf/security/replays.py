"""Idempotency keys: the same key and request within 24 hours gets the first answer again."""

import asyncio
import base64
import hashlib
import logging
import os
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request
from starlette.responses import Response

from brassleaf.errors import BrassleafError, Clash, Refused
from brassleaf.http.lists import stamp
from brassleaf.http.problems import render
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Collection, Document
from brassleaf.store.port import Changed, Duplicate, Repository, Store, Stored
from brassleaf.store.query import Range
from brassleaf.store.records import new_document, now, seed_ids

logger = logging.getLogger(__name__)

REPLAYS = Collection("replays", trail=False)
HEADER = "Idempotency-Key"
LIFE = timedelta(hours=24)
#: A claim that was not renewed for so long has no worker any more: it is dead, and the request is done again.
ABANDONED = timedelta(seconds=60)
#: Refusals that another time, or another state, may turn into an answer, as what the server failed to do (5xx).
_TEMPORARY = frozenset({409, 412, 429})
_KEPT_HEADERS = ("content-type", "etag", "x-unknown-fields", "location")
_KEY = re.compile("[!-~]{1,200}")
_WAIT_SECONDS = 10.0
_PURGE_SECONDS = 3600.0


class Replays:
    """The first answers of writes that carried a key."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._purged: dict[str, float] = {}

    async def run(
        self, caller: Caller, key: str, request: Request, body: bytes, work: Callable[[], Awaitable[Response]]
    ) -> Response:
        """Do the work of a request, or answer as it was answered before. Raises Clash for another request."""
        if not _KEY.fullmatch(key):
            raise Refused.field(HEADER, "Give 1 to 200 visible ASCII characters.")
        digest = _digest(request.method, request.url.path, request.url.query, caller.customer_id or "", body)
        identity = _digest(caller.organization, caller.id, key)[:24]
        repository = self._store.repository(REPLAYS, caller.organization)
        await self._forget_old(repository)
        taken = await self._claim(repository, identity, digest, caller, key)
        if isinstance(taken, Response):
            return taken
        if taken.revision == 1:
            seed_ids(f"{identity}|{taken['created']}")
        else:
            seed_ids(f"{identity}|{taken['seed']}", str(taken["created"]))
        claim = _Claim(repository, taken)
        try:
            response = await work()
        except BaseException as error:
            refusal = render(error, request.state.request_id) if isinstance(error, Exception) else None
            if refusal is None:
                await claim.end({"state": "failed"})
                raise
            response = refusal
        state = "failed" if response.status_code >= 500 or response.status_code in _TEMPORARY else "done"
        await claim.end({"state": state, **_kept(response, key)})
        return response

    async def _forget_old(self, repository: Repository) -> None:
        """Once an hour, forget an organization's answers that are older than a day."""
        if time.monotonic() < self._purged.get(repository.organization, 0.0):
            return
        self._purged[repository.organization] = time.monotonic() + _PURGE_SECONDS
        oldest = stamp(datetime.now(UTC) - LIFE - ABANDONED)
        await repository.purge(Range("created", at_most=oldest))

    async def _claim(
        self, repository: Repository, identity: str, digest: str, caller: Caller, key: str
    ) -> Stored | Response:
        waited = 0.0
        while True:
            fresh = {**new_document({"digest": digest, "state": "open"}, caller.label), "_id": identity}
            try:
                return await repository.insert(fresh)
            except Duplicate:
                there = await repository.get(identity)
            if there is None:
                continue
            if _age(there) > LIFE:
                taken = await _take(repository, there, {**fresh, "seed": fresh["created"]})
            elif there["digest"] != digest:
                raise Clash(f"This {HEADER} was used for another request. Use a new key for each request.")
            elif there["state"] == "done":
                return _replayed(there, key)
            elif there["state"] == "failed" or _age(there) > ABANDONED:
                # the same seed as the first try: what that one may have created is found, not made again
                seed = there["seed"] or there["created"]
                taken = await _take(repository, there, {**fresh, "seed": seed, "created": there["created"]})
            else:
                taken = None
            if taken is not None:
                return taken
            if waited >= _WAIT_SECONDS:
                raise Clash(f"The first request with this {HEADER} is still being answered. Try again in a moment.")
            await asyncio.sleep(0.05)
            waited += 0.05


class _Claim:
    """The claim of a request that is being done, renewed until its answer is kept: nobody shall take it for dead."""

    def __init__(self, repository: Repository, stored: Stored) -> None:
        self._repository = repository
        self._stored = stored
        self._ended = asyncio.Event()
        self._renewing = asyncio.create_task(self._renew())

    async def end(self, fields: Document) -> None:
        """Keep what became of the request. Where that cannot be, its answer is given all the same: the work is done."""
        self._ended.set()
        await self._renewing  # it is never cancelled: a write of which nobody knows would have another revision
        try:
            await self._replace(fields)
        except BrassleafError as error:
            logger.warning("an answer could not be kept for its %s: %s", HEADER, error.message)

    async def _renew(self) -> None:
        while not await self._has_ended(ABANDONED / 3):
            try:
                await self._replace({})
            except Changed:  # this process was still for so long that another one has taken over
                return
            except BrassleafError as error:  # the store is away: perhaps it is back in time
                logger.warning("a claim could not be renewed for its %s: %s", HEADER, error.message)

    async def _has_ended(self, within: timedelta) -> bool:
        try:
            async with asyncio.timeout(within.total_seconds()):
                return await self._ended.wait()
        except TimeoutError:
            return False

    async def _replace(self, fields: Document) -> None:
        changed = {**self._stored.document, **fields, "lastModified": now()}
        self._stored = await self._repository.replace(self._stored, changed)


async def _take(repository: Repository, there: Stored, fresh: Document) -> Stored | None:
    try:
        return await repository.replace(there, fresh)
    except Changed:
        return None


def _age(stored: Stored) -> timedelta:
    moment = stored["created"] if stored["state"] == "done" else stored["lastModified"]
    return datetime.now(UTC) - datetime.fromisoformat(str(moment))


def _digest(*parts: str | bytes) -> str:
    joined = b"\x00".join(part.encode() if isinstance(part, str) else part for part in parts)
    return hashlib.sha256(joined).hexdigest()


def _kept(response: Response, key: str) -> Document:
    body, sealed = bytes(response.body), {}
    if response.headers.get("cache-control") == "no-store":
        # a secret is kept nowhere in clear: what opens it is the idempotency key, of which only a digest is stored
        nonce = os.urandom(12)
        body, sealed = _seal(key).encrypt(nonce, body, None), {"sealed": base64.b64encode(nonce).decode()}
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return {
        "status": response.status_code,
        "headers": headers,
        "body": base64.b64encode(body).decode(),
        **sealed,
    }


def _replayed(stored: Stored, key: str) -> Response:
    headers = {**stored["headers"], "Idempotency-Replayed": "true"}
    body = base64.b64decode(stored["body"])
    if stored["sealed"]:
        body = _seal(key).decrypt(base64.b64decode(stored["sealed"]), body, None)
        headers["Cache-Control"] = "no-store"
    return Response(body, int(stored["status"]), headers)


def _seal(key: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"replay\x00" + key.encode()).digest())
