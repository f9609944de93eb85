"""`brassleaf backup` and `brassleaf restore`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from brassleaf.cli.terminal import note, progress, say, settings_in_force
from brassleaf.operations import archive, restoring
from brassleaf.operations.folder import opened

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, such as shop-2026-01-31.ndjson.gz.")]


def backup(
    *,
    file: File,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Back up every document of the store, while a server runs, and read the backup back."""
    from brassleaf.app import COLLECTIONS  # noqa: PLC0415 - only the commands that need the whole house wait for it

    settings = settings_in_force()

    async def run() -> archive.Archive:
        async with opened(settings, COLLECTIONS) as store:
            with progress("Backing up") as step:
                return await archive.write(store, file, replace=force, progress=step)

    made = asyncio.run(run())
    say(f"{file}: {_described(made.contents)}, verified.")


def restore(
    *,
    file: File,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what the embedded store holds; that is kept.")
    ] = False,
) -> None:
    """Restore a backup into an empty store. It is verified whole before anything is written."""
    from brassleaf.app import COLLECTIONS  # noqa: PLC0415 - only the commands that need the whole house wait for it

    settings = settings_in_force()

    async def run() -> restoring.Restored:
        with progress("Restoring") as step:
            return await restoring.restore(settings, COLLECTIONS, file, replace=replace, progress=step)

    done = asyncio.run(run())
    say(f"Restored {_described(done.archive.contents)}, as of {done.archive.created}.")
    if done.before is None or done.before.documents:
        what = "a file that could not be read" if done.before is None else _described(done.before)
        note(f"It took the place of {what}, kept as {done.kept}.")


def _described(contents: archive.Contents) -> str:
    parts = ", ".join(f"{count} {name}" for name, count in sorted(contents.collections.items()))
    return f"{contents.documents} documents" + (f" ({parts})" if parts else "")
