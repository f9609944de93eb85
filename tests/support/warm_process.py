"""A process that has the command imported already: each run is a fork of it, a process of its own that starts at once.

Reads one JSON line a run (arguments, variables, folder, files for the standard streams) and answers with its exit code.
With `beside` the run goes on and the answer is its process id; a line with that id as `ended` asks for its exit code.
"""

import json
import os
import sys

import uvicorn  # noqa: F401  what the command imports when it is needed

import brassleaf.app  # noqa: F401
from brassleaf.cli import main


def run(asked: dict) -> None:
    """Be the command; does not come back."""
    for number, (path, flags) in enumerate(zip(asked["streams"], (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)):
        os.dup2(os.open(path, flags), number)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.argv = ["brassleaf", *asked["arguments"]]
    code = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  said as an interpreter says it
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def ended(child: int) -> int:
    """The exit code of a run, when it has ended."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


for line in sys.stdin:
    asked = json.loads(line)
    if "ended" in asked:
        answer = ended(asked["ended"])
    else:
        child = os.fork()
        if child == 0:
            run(asked)
        answer = child if asked["beside"] else ended(child)
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()
