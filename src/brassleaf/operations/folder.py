"""The data folder: made for its owner only, and locked so that nobody swaps a file that somebody uses."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from brassleaf.errors import Refused
from brassleaf.settings import Settings
from brassleaf.store.collections import Collection
from brassleaf.store.opening import make_store
from brassleaf.store.port import Store

LOCK = "brassleaf.lock"


def make_folder(folder: Path) -> Path:
    """The data folder, made where it is missing; what it holds is nobody else's business."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"The data folder {folder} cannot be made: {error.strerror}. BRASSLEAF_DATA names it.") from error
    return folder


@contextmanager
def in_use(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the data folder while it is used, beside others, or alone. Raises Refused where that is not possible."""
    os.umask(0o077)  # what is made from now on is its owner's, in a folder that was there before too
    make_folder(folder)
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Refused(f"The data folder {folder} cannot be written to: {error.strerror}.") from error
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        if alone:
            text = f"A server or another command uses the data folder {folder}. Stop it, then try again."
        else:
            text = f"The data folder {folder} is being restored. Try again when that is done."
        raise Refused(text) from None
    try:
        yield
    finally:
        os.close(handle)


@asynccontextmanager
async def opened(settings: Settings, collections: Sequence[Collection]) -> AsyncIterator[Store]:
    """The store of the settings, open; with the embedded one the data folder is held meanwhile."""
    with in_use(settings.data):
        store = make_store(settings)
        await store.open(collections)
        try:
            yield store
        finally:
            await store.close()
