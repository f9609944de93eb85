"""Putting a backup back: verified whole before the first write, and compared afterwards."""

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from brassleaf.errors import BrassleafError, Refused
from brassleaf.operations.archive import (
    Archive,
    Contents,
    Damaged,
    Progress,
    contents_of,
    first_document,
    load,
    quiet,
    read,
    sync_folder,
    verify,
)
from brassleaf.operations.folder import in_use
from brassleaf.security.tokens import SYSTEM
from brassleaf.settings import Settings
from brassleaf.store.collections import SHARED, Collection
from brassleaf.store.opening import make_store
from brassleaf.store.port import Store
from brassleaf.store.query import EVERYTHING
from brassleaf.store.sqlite import SqliteStore

#: What a server keeps for itself: a store with nothing else counts as empty.
_OWN = frozenset({SYSTEM.name})


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, what stood there before (None where it could not be read), and where that is kept."""

    archive: Archive
    before: Contents | None
    kept: Path | None


async def restore(
    settings: Settings,
    collections: Sequence[Collection],
    path: Path,
    *,
    replace: bool = False,
    progress: Progress = quiet,
) -> Restored:
    """Restore a backup into the store of the settings.

    Raises Damaged where the archive is not whole, Refused where the store holds documents or is in use.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error
    with file:
        archive = verify(file, {collection.name for collection in collections}, progress)
        if settings.store:
            if replace:
                raise Refused(
                    "A MongoDB database is never replaced. Name an empty database in BRASSLEAF_STORE, restore into it, "
                    "and drop the old one when you are sure."
                )
            await _into_database(settings, collections, file, archive, progress)
            return Restored(archive, Contents(), None)
        with in_use(settings.data, alone=True):
            before, kept = await _into_file(settings, collections, file, archive, replace=replace, progress=progress)
        return Restored(archive, before, kept)


async def _into_database(
    settings: Settings, collections: Sequence[Collection], file: BinaryIO, archive: Archive, progress: Progress
) -> None:
    store = make_store(settings)
    await store.open(collections)
    try:
        if await first_document(store, _OWN) is not None:
            raise Refused("The database holds documents already. Name an empty one in BRASSLEAF_STORE.")
        if SYSTEM.name in archive.contents.collections:
            await store.repository(SYSTEM, SHARED).purge(EVERYTHING)
        await _fill(store, file, archive, progress)
    finally:
        await store.close()


async def _fill(store: Store, file: BinaryIO, archive: Archive, progress: Progress) -> None:
    await load(store, read(file, {}, progress))
    if await contents_of(store, progress, archive.contents.documents) != archive.contents:
        raise Damaged("The store does not read back as the backup says. Nothing of it should be used.")


async def _into_file(
    settings: Settings,
    collections: Sequence[Collection],
    file: BinaryIO,
    archive: Archive,
    *,
    replace: bool,
    progress: Progress,
) -> tuple[Contents | None, Path | None]:
    """Fill a new file beside the present one, then swap them: at every moment there is a whole store in its place."""
    target = settings.embedded_file
    before = await _present(target, collections)
    if not replace and (before is None or set(before.collections) - _OWN):
        what = "a file that cannot be read" if before is None else f"{before.documents} documents"
        raise Refused(f"{target} holds {what} already. To put the backup in its place: --replace (the file is kept).")
    made = target.with_name(target.name + ".restoring")
    _remove(made)
    try:
        store = SqliteStore(made)
        await store.open(collections)
        try:
            await _fill(store, file, archive, progress)
        finally:
            await store.close()
        _settle(made)
        return before, _swap(made, target)
    finally:
        _remove(made)


async def _present(target: Path, collections: Sequence[Collection]) -> Contents | None:
    """What the present file holds; None where it cannot be read. Raises Refused where somebody has it open."""
    try:
        if not _settle(target):
            return Contents()
        store = SqliteStore(target)
        await store.open(collections)
        try:
            found = await contents_of(store)
        finally:
            await store.close()
        _settle(target)
    except Refused:
        raise
    except (BrassleafError, sqlite3.Error, ValueError):
        return None
    return found


def _settle(target: Path) -> bool:
    """Bring a file out of WAL mode: all of it is in one file then. SQLite refuses while anybody else has it open.

    False where there is no such file.
    """
    if not target.exists():
        return False
    with contextlib.closing(sqlite3.connect(target, timeout=1, isolation_level=None)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            mode = "locked"
        if mode != "delete":
            raise Refused(f"A running server or another program has {target} open. Stop it, then try again.")
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return True


def _swap(made: Path, target: Path) -> Path | None:
    """Put a file in its place; gives back where the one before is kept."""
    kept: Path | None = None
    if target.exists():
        number = 1
        kept = target.with_name(target.name + ".before-restore")
        while kept.exists():
            number += 1
            kept = target.with_name(f"{target.name}.before-restore-{number}")
        try:
            kept.hardlink_to(target)
        except OSError:  # a file system without hard links: for a moment there is no file in its place
            target.rename(kept)
        for suffix in ("-wal", "-shm"):  # left by a file that could not be settled
            with contextlib.suppress(FileNotFoundError):
                target.with_name(target.name + suffix).rename(kept.with_name(kept.name + suffix))
    made.replace(target)
    sync_folder(target.parent)
    return kept


def _remove(made: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        made.with_name(made.name + suffix).unlink(missing_ok=True)
