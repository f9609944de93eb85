"""Backups: a gzip file of JSON lines. A header, one line a document, and a last line that proves it whole.

{"format": "brassleaf-backup", "formatVersion": 1, "product": "0.1.0", "created": "2026-01-31T12:00:00.000Z"}
{"collection": "customers", "organization": "…", "revision": 3, "document": {…}}
{"end": true, "documents": 1, "collections": {"customers": 1}, "sha256": "of every byte before this line"}
"""

import contextlib
import gzip
import hashlib
import os
import re
import tempfile
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

import brassleaf
from brassleaf.errors import BrassleafError, Refused
from brassleaf.store.port import Dumped, Store
from brassleaf.store.records import now

FORMAT = "brassleaf-backup"
VERSION = 1
#: Longer than any document that either store takes.
_LONGEST_LINE = 64_000_000
_BATCH = 500
_EVERY = 200
_ID = re.compile("^[0-9a-f]{24}$")

#: Told how far the work is: how much is done, and of how much (None where nobody knows).
Progress = Callable[[int, int | None], None]


class Damaged(BrassleafError):
    """A file that is no whole, unaltered backup."""


def quiet(_done: int, _total: int | None) -> None:
    """No progress shown."""


@dataclass(slots=True)
class Contents:
    """What an archive or a store holds; two with the same documents are equal, whatever their order."""

    collections: Counter[str] = field(default_factory=Counter)
    fingerprint: int = 0

    def add(self, entry: Dumped) -> None:
        """Count a document."""
        self.collections[entry.collection] += 1
        parts = [entry.collection, entry.organization, entry.revision, entry.document]
        digest = hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).digest()
        self.fingerprint = (self.fingerprint + int.from_bytes(digest)) % (1 << 256)

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return self.collections.total()


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup that was read to its end and found whole."""

    created: str
    product: str
    contents: Contents


async def contents_of(store: Store, progress: Progress = quiet, total: int | None = None) -> Contents:
    """What a store holds."""
    contents = Contents()
    async for entry in store.dump():
        contents.add(entry)
        if contents.documents % _EVERY == 0:
            progress(contents.documents, total)
    return contents


# -- writing ----------------------------------------------------------------------------------------------------------


async def write(store: Store, target: Path, *, replace: bool = False, progress: Progress = quiet) -> Archive:
    """Write a backup, read it back and put it in its place. What stood there before stays until then.

    Raises Refused where the file is there and may not be replaced, or cannot be written.
    """
    with _in_place_of(target, replace=replace) as file:
        written = await _fill(store, file, progress)
        file.flush()
        os.fsync(file.fileno())
        found = verify(file, set(written.collections), progress)
        if found.contents != written:
            raise Damaged("The backup does not read back as it was written. Check the disk.")
    return found


@contextlib.contextmanager
def _in_place_of(target: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """A file beside the target that takes its place when all went well, and is gone otherwise."""
    if target.exists() and not replace:
        raise Refused(f"{target} is there already. Choose another name, or allow it to be replaced with --force.")
    part: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        part = Path(name)
        with os.fdopen(handle, "w+b") as file:
            yield file
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise Refused(f"{target} cannot be written: {error.strerror or error}.") from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


async def _fill(store: Store, file: BinaryIO, progress: Progress) -> Contents:
    contents, digest = Contents(), hashlib.sha256()
    with gzip.GzipFile("", "wb", compresslevel=5, fileobj=file) as packed:

        def put(line: dict[str, Any]) -> None:
            encoded = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
            digest.update(encoded)
            packed.write(encoded)

        put({"format": FORMAT, "formatVersion": VERSION, "product": brassleaf.__version__, "created": now()})
        async for entry in store.dump():
            put(_line(entry))
            contents.add(entry)
            if contents.documents % _EVERY == 0:
                progress(contents.documents, None)
        counts = dict(sorted(contents.collections.items()))
        put({"end": True, "documents": contents.documents, "collections": counts, "sha256": digest.hexdigest()})
    return contents


def _line(entry: Dumped) -> dict[str, Any]:
    return {
        "collection": entry.collection,
        "organization": entry.organization,
        "revision": entry.revision,
        "document": entry.document,
    }


def sync_folder(folder: Path) -> None:
    """Have a change of names in a folder reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -- reading ----------------------------------------------------------------------------------------------------------


def verify(file: BinaryIO, known: Collection[str], progress: Progress = quiet) -> Archive:
    """Read a whole archive. Raises Damaged, or Refused where it is of another format or holds unknown collections."""
    header: dict[str, Any] = {}
    contents = Contents()
    for entry in read(file, header, progress):
        if entry.collection not in known:
            raise Refused(
                f"The backup was made by Brassleaf {header['product']} and holds {entry.collection}, which "
                f"Brassleaf {brassleaf.__version__} does not know. Restore it with that version."
            )
        contents.add(entry)
    return Archive(str(header["created"]), str(header["product"]), contents)


def read(file: BinaryIO, header: dict[str, Any], progress: Progress = quiet) -> Iterator[Dumped]:
    """The documents of an archive, whose header is put into `header`. Raises Damaged, at its end at the latest."""
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    try:
        with gzip.GzipFile("", "rb", fileobj=file) as packed:
            yield from _entries(_lines(packed), header, lambda: progress(min(file.tell(), size), size))
    except gzip.BadGzipFile as error:
        text = "is no backup of Brassleaf" if not header else "is damaged: its checksum is wrong"
        raise Damaged(f"This file {text}.") from error
    except (EOFError, zlib.error) as error:
        raise Damaged("The backup is not whole: it was cut off or damaged.") from error


def _lines(packed: gzip.GzipFile) -> Iterator[bytes]:
    while line := packed.readline(_LONGEST_LINE):
        if not line.endswith(b"\n"):
            raise Damaged("The backup is not whole: it was cut off or damaged.")
        yield line


def _entries(lines: Iterator[bytes], header: dict[str, Any], tick: Callable[[], None]) -> Iterator[Dumped]:
    digest, counts = hashlib.sha256(), Counter[str]()
    header.update(_header(first := next(lines, b"")))
    digest.update(first)
    for number, line in enumerate(lines, start=2):
        found = _parsed(line, number)
        if found.get("end") is True:
            _check_end(found, counts, digest.hexdigest())
            if next(lines, None) is not None:
                raise Damaged("The backup was altered: something follows its end.")
            return
        digest.update(line)
        entry = _entry(found, number)
        counts[entry.collection] += 1
        if number % _EVERY == 0:
            tick()
        yield entry
    raise Damaged("The backup is not whole: its last line is missing.")


def _parsed(line: bytes, number: int) -> dict[str, Any]:
    with contextlib.suppress(orjson.JSONDecodeError):
        found = orjson.loads(line)
        if isinstance(found, dict):
            return found
    raise Damaged(f"Line {number} of the backup is damaged.")


def _header(line: bytes) -> dict[str, Any]:
    found: Any = None
    with contextlib.suppress(orjson.JSONDecodeError):
        found = orjson.loads(line)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Damaged("This file is no backup of Brassleaf.")
    if found.get("formatVersion") != VERSION:
        raise Refused(
            f"The backup is of format {found.get('formatVersion')} and was made by Brassleaf {found.get('product')}; "
            f"Brassleaf {brassleaf.__version__} reads format {VERSION}."
        )
    if not isinstance(found.get("created"), str) or not isinstance(found.get("product"), str):
        raise Damaged("Line 1 of the backup is damaged.")
    return found


def _entry(found: dict[str, Any], number: int) -> Dumped:
    collection, organization = found.get("collection"), found.get("organization")
    revision, document = found.get("revision"), found.get("document")
    if (
        isinstance(collection, str)
        and isinstance(organization, str)
        and _ID.match(organization)
        and isinstance(revision, int)
        and revision > 0
        and isinstance(document, dict)
        and isinstance(document.get("_id"), str)
    ):
        return Dumped(collection, organization, revision, document)
    raise Damaged(f"Line {number} of the backup is damaged.")


def _check_end(found: dict[str, Any], counts: Counter[str], sha256: str) -> None:
    if found.get("sha256") != sha256:
        raise Damaged("The backup was altered or damaged: its SHA-256 is another.")
    if found.get("documents") != counts.total() or found.get("collections") != dict(counts):
        raise Damaged("The backup was altered or damaged: it holds another number of documents than it says.")


async def load(store: Store, entries: Iterator[Dumped]) -> None:
    """Put the documents of an archive into a store."""
    batch: list[Dumped] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == _BATCH:
            await store.load(batch)
            batch = []
    if batch:
        await store.load(batch)


async def first_document(store: Store, but: Collection[str]) -> Dumped | None:
    """Some document of a store that is not of these collections; None where there is none."""
    entries: AsyncIterator[Dumped]
    async with contextlib.aclosing(store.dump()) as entries:  # type: ignore[type-var]
        async for entry in entries:
            if entry.collection not in but:
                return entry
    return None
