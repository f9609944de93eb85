"""Runs of the command, forked from a process that has imported it: importing costs more than most of them do."""

import atexit
import functools
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def run(arguments: Iterable[object], environment: Mapping[str, str], folder: Path, streams: Iterable[Path]) -> int:
    """Run the command to its end, with files as its standard streams; its exit code."""
    return _ask(**_asked(arguments, environment, folder, streams), beside=False)


def start(
    arguments: Iterable[object], environment: Mapping[str, str], folder: Path, streams: Iterable[Path]
) -> "Forked":
    """Start the command, which goes on beside the tests."""
    return Forked(_ask(**_asked(arguments, environment, folder, streams), beside=True))


class Forked:
    """A run of the command beside the tests; as much of `Popen` as they use."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def is_dead(self) -> bool:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"

    def poll(self) -> int | None:
        return self.wait() if self.returncode is None and self.is_dead() else self.returncode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, timeout: float = 30) -> int:
        if self.returncode is None:
            deadline = time.monotonic() + timeout
            while not self.is_dead():
                if time.monotonic() > deadline:
                    os.kill(self.pid, signal.SIGKILL)
                    raise AssertionError("the server did not end")
                time.sleep(0.01)
            self.returncode = _ask(ended=self.pid)
        return self.returncode


@functools.cache
def _warm() -> "subprocess.Popen[str]":
    source = Path(__file__).with_name("warm_process.py")
    process = subprocess.Popen([sys.executable, source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(_end, process)
    return process


def _end(process: "subprocess.Popen[str]") -> None:
    process.communicate(timeout=30)


def _asked(
    arguments: Iterable[object], environment: Mapping[str, str], folder: Path, streams: Iterable[Path]
) -> dict[str, Any]:
    return {
        "arguments": [str(argument) for argument in arguments],
        "environment": dict(environment),
        "folder": str(folder),
        "streams": [str(stream) for stream in streams],
    }


def _ask(**asked: Any) -> int:
    """What the warm process answers to a line."""
    warm = _warm()
    assert warm.stdin is not None
    assert warm.stdout is not None
    warm.stdin.write(json.dumps(asked) + "\n")
    warm.stdin.flush()
    assert select.select([warm.stdout], [], [], 180)[0], f"brassleaf {asked} does not end"
    return int(warm.stdout.readline())
