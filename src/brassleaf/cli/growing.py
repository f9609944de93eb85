"""What `demo` and `init --demo` share: growing the demo's catalogue to any size."""

import time
from typing import Annotated

import typer

from brassleaf.cli.terminal import note, progress
from brassleaf.store.port import Store

#: So many items may be asked for: some tens of gigabytes on disk.
MOST = 10_000_000

Items = Annotated[
    int,
    typer.Option(
        metavar="N",
        min=0,
        max=MOST,
        help="Load N more items of invented brands: a catalogue at scale.",
        show_default=False,
    ),
]


async def grow(store: Store, items: int) -> None:
    """Load what is missing of so many items, and say how long that took."""
    if not items:
        return
    from brassleaf.demo.shop import load_copies  # noqa: PLC0415 - only the commands that need it wait for it

    start = time.perf_counter()
    with progress("Making items") as step:
        added = await load_copies(store, items, step)
    seconds = time.perf_counter() - start
    there = f"; {items - added:,} were there" if added < items else ""
    note(f"Made {added:,} items of invented brands in {seconds:.0f} s{there}.")
