"""What `brassleaf doctor` looks at: whether this machine can run the server, and whether its data are sound."""

import contextlib
import errno
import http.client
import importlib
import os
import shutil
import socket
import sqlite3
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from brassleaf.errors import BrassleafError
from brassleaf.operations.archive import first_document
from brassleaf.operations.folder import opened
from brassleaf.operations.people import organizations
from brassleaf.settings import Settings, misspelled
from brassleaf.store.collections import Collection, Field
from brassleaf.store.mongo_deployment import timeouts
from brassleaf.store.sqlite_schema import column, quoted

State = Literal["ok", "warn", "fail"]

_GIGABYTE = 1_000_000_000
#: This software was not there before: a clock that says otherwise is wrong.
_FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and what to do about it."""

    name: str
    state: State
    found: str
    advice: str = ""


def check_settings() -> Iterator[Check]:
    """Variables that are no settings."""
    found = misspelled()
    for text in found:
        yield Check("settings", "warn", text, "Correct the name or remove the variable.")
    if not found:
        yield Check("settings", "ok", "all are known and can be used")


def check_libraries() -> Iterator[Check]:
    """Python, SQLite, and the libraries that documents and sheets need."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", "ok", f"{version}, SQLite {sqlite3.sqlite_version}")
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE t USING fts5(a, tokenize='trigram case_sensitive 1')")
        except sqlite3.Error as error:
            yield Check("sqlite", "fail", f"no trigram index: {error}", "Use a Python with SQLite 3.38 or later.")
    for module, purpose in (("openpyxl", "Excel sheets"), ("reportlab.pdfgen.canvas", "PDF documents")):
        name = module.partition(".")[0]
        try:
            found = importlib.import_module(module)
        except ImportError as error:
            yield Check(name, "fail", f"cannot be loaded: {error}", "Install again: scripts/install")
        else:
            version = getattr(found, "__version__", "") or getattr(sys.modules[name], "Version", "")
            yield Check(name, "ok", f"{version} ({purpose})".strip())
    yield _check_fonts()


def _check_fonts() -> Check:
    advice = "Install again: scripts/install"
    try:
        from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 - whether it can be loaded is the question

        fonts = [Path(str(entry)) for entry in (files("brassleaf") / "documents" / "fonts").iterdir()]
        read = [TTFont(font.stem, str(font)) for font in fonts if font.suffix == ".ttf"]
    except Exception as error:  # noqa: BLE001 - whatever goes wrong with a font file is the finding
        return Check("fonts", "fail", f"cannot be read: {error}", advice)
    if not read:
        return Check("fonts", "fail", "none are there", advice)
    return Check("fonts", "ok", ", ".join(str(font.fontName) for font in read))


def check_clock() -> Iterator[Check]:
    """Whether the clock can be right: tokens and audit fields depend on it."""
    moment = datetime.now(UTC)
    text = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    if moment < _FIRST_DAY:
        yield Check("clock", "fail", text, "Set the clock, for example with NTP.")
    else:
        yield Check("clock", "ok", text)


def check_folder(settings: Settings) -> Iterator[Check]:
    """The data folder: there, writable, private, with room left."""
    folder = settings.data
    if not folder.exists():
        yield Check("data folder", "warn", f"{folder.absolute()} is not there yet", "Made by: brassleaf init")
        folder = next(parent for parent in folder.absolute().parents if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = f"Give the user of the server write access to {folder}, or set BRASSLEAF_DATA."
        yield Check("data folder", "fail", f"{folder} cannot be written to: {error.strerror}", advice)
        return
    if settings.data.exists():
        yield Check("data folder", "ok", f"{folder.absolute()} can be written to")
        yield from _check_permissions(folder)
    free = shutil.disk_usage(folder).free
    state: State = "fail" if free < _GIGABYTE / 10 else "warn" if free < _GIGABYTE else "ok"
    yield Check("free space", state, f"{free / _GIGABYTE:.1f} GB", "" if state == "ok" else "Make room on the disk.")


def _check_permissions(folder: Path) -> Iterator[Check]:
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        found = f"{folder.absolute()} is open to other users of this machine ({mode:o})"
        yield Check("permissions", "warn", found, f"chmod 700 {folder.absolute()}")
    else:
        yield Check("permissions", "ok", f"{mode:o}")


async def check_store(settings: Settings, collections: Sequence[Collection]) -> list[Check]:
    """Whether the store opens and answers, and whether its data are sound."""
    if not settings.store and not settings.embedded_file.exists():
        return [Check("store", "warn", f"{settings.embedded_file} is not there yet", "Make it: brassleaf init")]
    found = list(check_mongodb(settings)) if settings.store else []
    try:
        async with opened(settings, collections) as store:
            started = time.perf_counter()
            await store.ping()
            spent = (time.perf_counter() - started) * 1000
            found.append(Check("store", "ok", f"opens, and took a write in {spent:.1f} ms"))
            known = await organizations(store)
            if known:
                found.append(Check("organizations", "ok", str(len(known))))
            elif await first_document(store, ("system",)) is None:
                found.append(Check("organizations", "warn", "none yet", "Make one: brassleaf init"))
            ahead = [entry.document["name"] for entry in known if _is_ahead(entry.document.get("lastModified"))]
            if ahead:
                text = f"the clock is behind the last change of {ahead[0]}"
                found.append(Check("clock", "warn", text, "Set the clock, for example with NTP."))
    except BrassleafError as error:
        found.append(Check("store", "fail", error.message, "See docs/operating.md, When the store does not open."))
    if not settings.store:
        found.extend(check_file(settings.embedded_file, collections))
    return found


def _is_ahead(moment: object) -> bool:
    if not isinstance(moment, str):
        return False
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(moment) > datetime.now(UTC) + timedelta(minutes=5)
    return False


def check_file(path: Path, collections: Sequence[Collection]) -> Iterator[Check]:
    """SQLite's own check of the file, and whether the kept counts are those of the documents."""
    advice = "Restore the last backup: brassleaf restore FILE --replace"
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("BEGIN")  # all that follows is of one moment, while a server writes
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
            if problems:
                yield Check("integrity", "fail", "; ".join(problems), advice)
                return
            yield Check("integrity", "ok", f"{path.stat().st_size / 1_000_000:.1f} MB, no damage")
            wrong = [collection.name for collection in collections if not _tally_is_right(connection, collection)]
    except sqlite3.Error as error:
        yield Check("integrity", "fail", str(error), advice)
        return
    if wrong:
        text = f"the totals of {', '.join(wrong)} are not those of the documents"
        yield Check("consistency", "fail", text, "Back up, then restore that: brassleaf restore FILE --replace")
    else:
        yield Check("consistency", "ok", "kept totals are those of the documents")


def _tally_is_right(connection: sqlite3.Connection, collection: Collection) -> bool:
    dead = column(Field("deleted", "flag"))
    counted = connection.execute(
        f"SELECT org, count(*) - sum({dead}), sum({dead}) FROM {quoted(collection.name)} GROUP BY org"  # noqa: S608 - our own names
    ).fetchall()
    kept = connection.execute(
        "SELECT org, live, dead FROM tally WHERE collection = ? AND live + dead > 0", (collection.name,)
    ).fetchall()
    return sorted(counted) == sorted(kept)


def check_mongodb(settings: Settings) -> Iterator[Check]:
    """What the MongoDB server says of itself."""
    try:
        with MongoClient[dict[str, Any]](settings.store, **timeouts(settings.store)) as client:
            hello = client.admin.command("hello")
            version = str(client.server_info().get("version", ""))
    except (PyMongoError, ValueError, TypeError) as error:
        text = "it does not answer" if isinstance(error, PyMongoError) else "its address is not valid"
        yield Check("mongodb", "fail", text, "Start it, or correct BRASSLEAF_STORE.")
        return
    yield Check("mongodb", "ok", f"version {version}")
    yield _replication(hello, standalone_allowed=settings.mongo_standalone)
    local = hello.get("localTime")
    if isinstance(local, datetime):
        apart = abs((local.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds())
        if apart > 5:
            yield Check(
                "clock", "warn", f"{apart:.0f} s apart from MongoDB's", "Set both clocks, for example with NTP."
            )


def _replication(hello: dict[str, Any], *, standalone_allowed: bool) -> Check:
    if hello.get("msg") == "isdbgrid":
        return Check("replica set", "ok", "a sharded cluster")
    if "setName" not in hello:
        state: State = "warn" if standalone_allowed else "fail"
        advice = "Start it with --replSet (one member is enough) and rs.initiate()."
        return Check("replica set", state, "none: a standalone can lose acknowledged writes", advice)
    members = len(hello.get("hosts", []))
    name = f"{hello['setName']}, {members} member{'s' if members != 1 else ''}"
    if not hello.get("primary"):
        return Check("replica set", "fail", f"{name}, no primary", "Look at rs.status() in mongosh.")
    return Check("replica set", "ok", f"{name}, primary {hello['primary']}")


def check_port(host: str, port: int) -> Iterator[Check]:
    """Whether the server can listen there, or does so already."""
    try:
        with listening(host, port):
            yield Check("port", "ok", f"{host}:{port} is free")
            return
    except BrassleafError as error:
        refusal = error.message
    if _brassleaf_answers(host, port):
        yield Check("port", "ok", f"a Brassleaf server answers at {host}:{port}")
    else:
        yield Check("port", "warn", refusal, "Choose another: brassleaf serve --port")


def _brassleaf_answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=3)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status == 200 and b'"ready"' in answer.read(1000)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class CannotListen(BrassleafError):
    """The server cannot listen at an address."""


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises CannotListen, with what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise CannotListen(f"{host} is no address of this machine: {error.strerror}.") from error
    found = socket.socket(family, kind, protocol)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(2048)  # now, not later: of two servers that start at once, one must be refused
    except OSError as error:
        found.close()
        raise CannotListen(_refusal(host, port, error)) from error
    found.set_inheritable(True)
    return found


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} at {host} is in use by another program. Stop it, or choose another: --port"
    if error.errno == errno.EACCES:
        return f"Port {port} at {host} may not be used by this user. Choose one above 1023: --port"
    return f"{host}:{port} cannot be used: {os.strerror(error.errno or 0)}."


async def everything(settings: Settings, collections: Sequence[Collection], host: str, port: int) -> list[Check]:
    """Every check, in the order in which a reader wants them."""
    return [
        *check_settings(),
        *check_libraries(),
        *check_clock(),
        *check_folder(settings),
        *await check_store(settings, collections),
        *check_port(host, port),
    ]
