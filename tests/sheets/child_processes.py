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


def memory_at_most(process: str) -> float:
    """The most megabytes that a process has held at once so far; 0 when it is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1_024
    return 0.0
