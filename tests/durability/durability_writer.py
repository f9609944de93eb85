"""Writes customers through the embedded store until it is killed; not a test itself.

A parent process sends one line a round (its number); this one forks a writer, tells its process id, and says when that
is dead. Forking keeps a round short: Python and the store are loaded once. The writer notes each acknowledged write in
a file with one `os.write`, which outlives it.
"""

import asyncio
import contextlib
import os
import random
import sys
from pathlib import Path

from brassleaf.customers.models import CUSTOMERS
from brassleaf.store.port import Changed, Duplicate, Stored
from brassleaf.store.records import Records, new_document
from brassleaf.store.sqlite import SqliteStore
from brassleaf.store.trail import AUDIT

ORGANIZATION = "a" * 24
COUNTER = "c" * 24
TASKS = 24


def fields(number: int) -> dict[str, object]:
    """What a customer holds after its n-th write: the same number in several places, some of them indexed."""
    return {
        "number": number,
        "name": f"Customer of write {number} ünïcode",
        "city": f"city {number}",
        "copy": [number] * 50,
    }


async def write(folder: Path, round_: int) -> None:
    """Write with many tasks at once, for ever."""
    store = SqliteStore(folder / "brassleaf.sqlite")
    await store.open([CUSTOMERS, AUDIT])
    repository = store.repository(CUSTOMERS, ORGANIZATION)
    records = Records(repository, "customer", "writer")
    notes = os.open(folder / f"notes-{round_}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with contextlib.suppress(Duplicate):
        await repository.insert({**new_document({"counted": 0, **fields(0)}, "writer"), "_id": COUNTER})

    def note(*said: object) -> None:
        os.write(notes, (" ".join(map(str, said)) + "\n").encode())

    async def task(number: int) -> None:
        chance = random.Random(f"{round_}-{number}")
        mine: Stored | None = None
        written = 0
        while True:
            match chance.randrange(10):
                case 0 | 1 | 2 if mine is not None:
                    mine = await records.change(mine.id, lambda before: {**before, **fields(int(before["number"]) + 1)})
                    note("update", mine.id, mine["number"])
                case 3 if mine is not None:
                    await records.remove(mine.id)
                    note("delete", mine.id)
                    mine = None
                case 4:
                    await repository.increment(COUNTER, "counted", 1)
                    note("count")
                case 5:
                    made = await repository.insert_many(
                        [
                            new_document({**fields(0), "erpId": f"{round_}-{chance.randrange(500)}"}, "writer")
                            for _ in range(3)
                        ]
                    )
                    for entry in made:
                        if isinstance(entry, Stored):
                            note("create", entry.id)
                case _:
                    try:
                        written += 1
                        erp = f"{round_}-{chance.randrange(500)}" if chance.random() < 0.5 else None
                        mine = await records.create({**fields(0), **({"erpId": erp} if erp else {})})
                        note("create", mine.id)
                    except (Duplicate, Changed):
                        note("refused")

    await asyncio.gather(*(task(number) for number in range(TASKS)))


def main() -> None:
    """Fork a writer for each line that comes in."""
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(write(folder, int(line)))
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("dead", flush=True)


if __name__ == "__main__":
    main()
