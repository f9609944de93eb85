"""Answers, encoded once: one document, a page, a file, a done. A list of stored JSON is passed through unread."""

import hashlib
import urllib.parse
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import orjson
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from brassleaf.http.lists import ListQuery, order_key, write_cursor
from brassleaf.http.problems import header_text
from brassleaf.store.collections import Collection, Document
from brassleaf.store.port import Page, Stored
from brassleaf.store.records import tag

JSON = "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"

#: Fields to leave out of an answer, entered where they hold objects or lists: `{"cost": {}, "rows": {"margin": {}}}`.
Hidden = Mapping[str, Any]
NOTHING: Hidden = {}
#: Who did something: sign-in names and keys of the shop's own people.
_PEOPLE = ("createdBy", "lastModifiedBy", "deletedBy")
_PEOPLE_WORDS = tuple(name.encode() for name in _PEOPLE)


class Done(BaseModel):
    """What a call answers that has nothing to show."""

    success: bool
    message: str


def without(document: Any, hidden: Hidden) -> Any:
    """A copy of a document without what is hidden."""
    if not hidden:
        return document
    if isinstance(document, list):
        return [without(entry, hidden) for entry in document]
    if not isinstance(document, dict):
        return document
    return {
        name: without(value, hidden[name]) if name in hidden else value
        for name, value in document.items()
        if name not in hidden or hidden[name]
    }


def _strip(node: Any, hidden: Hidden) -> None:
    """Take what is hidden out of documents that nobody else holds."""
    if isinstance(node, list):
        for entry in node:
            _strip(entry, hidden)
    elif isinstance(node, dict):
        for name, deeper in hidden.items():
            if not deeper:
                node.pop(name, None)
            elif name in node:
                _strip(node[name], deeper)


def without_people(response: Response) -> Response:
    """An answer that does not tell who made, changed or deleted anything, wherever in it that stands."""
    body = b"" if isinstance(response, StreamingResponse) else bytes(response.body)
    if not response.headers.get("content-type", "").startswith(JSON) or not any(name in body for name in _PEOPLE_WORDS):
        return response
    found = orjson.loads(body)
    _take_people(found)
    response.body = orjson.dumps(found)
    response.headers["Content-Length"] = str(len(response.body))
    return response


def _take_people(node: Any) -> None:
    if isinstance(node, dict):
        for name in _PEOPLE:
            node.pop(name, None)
        node = node.values()
    elif not isinstance(node, list):
        return
    for entry in node:
        _take_people(entry)


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Any JSON."""
    return Response(orjson.dumps(body), status, headers, JSON)


def secret(body: Any) -> Response:
    """JSON with a secret in it, which is shown this once: nobody may keep it, the server's own replays neither."""
    return json_answer(body, headers={"Cache-Control": "no-store"})


def done(message: str, **named: Any) -> Response:
    """`{"success": true, "message": …}` and what the contract names."""
    return json_answer({"success": True, "message": message, **named})


def tagged(body: Any, *stored: Stored | None, status: int = 200) -> Response:
    """JSON that several stored documents together show, with the tag of their state."""
    return json_answer(body, status, {"ETag": f'"{tag(*stored)}"'})


def summed_up(body: Any) -> Response:
    """JSON that more stored documents show together than a tag could name: its tag is the digest of what it says."""
    content = orjson.dumps(body)
    return Response(content, 200, {"ETag": f'"{hashlib.sha256(content).hexdigest()[:24]}"'}, JSON)


def one(stored: Stored, *, hidden: Hidden = NOTHING, status: int = 200) -> Response:
    """One stored document, with its tag."""
    body = orjson.dumps(without(stored.document, hidden)) if hidden else stored.raw
    return Response(body, status, {"ETag": f'"{tag(stored)}"'}, JSON)


def page(result: Page, asked: ListQuery, collection: Collection, *, hidden: Hidden = NOTHING) -> Response:
    """A page of stored documents."""
    rows = result.raw
    if hidden:
        documents = orjson.loads(b"[%b]" % b",".join(rows))
        _strip(documents, hidden)
        rows = [orjson.dumps(documents)[1:-1]]
    return _envelope(rows, result, asked, collection)


def page_of(documents: Sequence[Document], result: Page, asked: ListQuery, collection: Collection) -> Response:
    """A page of documents that were put together for this answer."""
    return _envelope([orjson.dumps(documents)[1:-1]], result, asked, collection)


def page_of_rows(rows: Sequence[bytes], result: Page, asked: ListQuery, collection: Collection) -> Response:
    """A page of documents that are JSON already."""
    return _envelope(rows, result, asked, collection)


def _envelope(rows: Sequence[bytes], result: Page, asked: ListQuery, collection: Collection) -> Response:
    tail = b'],"total":%d,"page":%d,"itemsPerPage":%d' % (result.total, asked.page, asked.size)
    if result.next is not None:
        cursor = write_cursor(result.next, order_key(collection, asked.query.sort))
        tail += b',"next":' + orjson.dumps(cursor)
    if asked.stamp is not None:
        tail += b',"updatedSince":"%b"' % asked.stamp.encode()
    headers = {"X-Unknown-Fields": header_text(asked.unknown)} if asked.unknown else None
    return Response(b",".join(rows).join((b'{"items":[', tail + b"}")), 200, headers, JSON)


def attachment(name: str) -> str:
    """Content-Disposition for a file of that name (RFC 6266)."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\/;%' else "_" for letter in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{urllib.parse.quote(name, safe='')}"


def file(content: bytes, media_type: str, name: str) -> Response:
    """A file to keep."""
    return Response(content, 200, {"Content-Disposition": attachment(name)}, media_type)


def file_stream(chunks: AsyncIterator[bytes], size: int, media_type: str, name: str) -> Response:
    """A large file to keep, sent in pieces."""
    headers = {"Content-Disposition": attachment(name), "Content-Length": str(size)}
    return StreamingResponse(chunks, 200, headers, media_type)
