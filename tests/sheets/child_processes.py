"""What a test of child processes looks at."""

import contextlib
import os
from pathlib import Path


def children() -> set[str]:
    """The processes that this one has started and that are not gone."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    found: set[str] = set()
    for task in tasks.iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that ends meanwhile
            found.update((task / "children").read_text().split())
    return found
