"""Runs the real command, in a process of its own and with a data folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brassleaf.demo.shop import catalogue
from support import warm

#: How many items and hoses the demo's catalogue has.
ITEMS = len(found := list(catalogue()))
HOSES = sum(item["itemType"] == "hose" for item in found)
COMMAND = str(Path(sys.executable).parent / "brassleaf")


@dataclass(slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


class Shop:
    """A data folder, and the command upon it."""

    def __init__(self, data: Path, **variables: str) -> None:
        self.data = data
        self.variables = variables

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BRASSLEAF_")}
        return {**kept, "BRASSLEAF_DATA": str(self.data), "COLUMNS": "100", **self.variables}

    def run(self, *arguments: object, stdin: str = "") -> Done:
        with tempfile.TemporaryDirectory() as folder:
            streams = [Path(folder) / name for name in ("in", "out", "err")]
            for stream, text in zip(streams, (stdin, "", ""), strict=True):
                stream.write_text(text)
            code = warm.run(arguments, self.environment, self.data.parent, streams)
            done = Done(code, streams[1].read_text(), streams[2].read_text())
        assert "Traceback" not in done.err, done.err
        assert "\x1b" not in done.out + done.err
        return done

    def ok(self, *arguments: object, stdin: str = "") -> Done:
        done = self.run(*arguments, stdin=stdin)
        assert done.code == 0, done.err
        return done

    def refused(self, *arguments: object, code: int = 1) -> str:
        done = self.run(*arguments)
        assert (done.code, done.out) == (code, ""), done
        return done.err

    @contextmanager
    def serving(self, *arguments: object) -> Iterator["Server"]:
        """A server on a free port, forked from the warm process; it must end gracefully when it is asked to."""
        streams = [self.data.parent / name for name in ("serve.in", "serve.out", "serve.log")]
        for stream in streams:
            stream.write_text("")
        _, said, log = streams
        process = warm.start(["serve", "--port", 0, *arguments], self.environment, self.data.parent, streams)
        with _ending(process, log):
            while not (line := said.read_text()).endswith("\n"):
                assert not process.is_dead(), log.read_text()
                time.sleep(0.01)
            yield _server(line, process, log)

    @contextmanager
    def starting(self, *arguments: object) -> Iterator["Server"]:
        """The same as a process that starts from nothing."""
        log = self.data.parent / "serve.log"
        with (
            log.open("w") as errors,
            subprocess.Popen(
                [COMMAND, "serve", "--port", "0", *map(str, arguments)],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=self.environment,
                cwd=self.data.parent,
            ) as process,
            _ending(process, log),
        ):
            assert process.stdout is not None
            yield _server(process.stdout.readline(), process, log)


@contextmanager
def _ending(process: "warm.Forked | subprocess.Popen[str]", log: Path) -> Iterator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        code = process.wait(30)
    assert code == 0, log.read_text()


def _server(line: str, process: "warm.Forked | subprocess.Popen[str]", log: Path) -> "Server":
    assert "http://" in line, log.read_text()
    return Server(line.split(" at ")[1].split(" ", maxsplit=1)[0], process, log)


@dataclass(slots=True)
class Server:
    """A running server."""

    address: str
    process: "warm.Forked | subprocess.Popen[str]"
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def call(self, path: str, body: Any = None, token: str = "", **headers: str) -> tuple[int, Any]:
        """Ask the server; gives back status and JSON (or text)."""
        request = urllib.request.Request(self.address + path, headers={"Content-Type": "application/json", **headers})
        if body is not None:
            request.data = json.dumps(body).encode()
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, content = error.code, error.read()
        try:
            return status, json.loads(content)
        except ValueError:
            return status, content.decode()

    def token(self, key: str, name: str) -> tuple[int, Any]:
        body = {"grantType": "client_credentials", "apiKey": key, "name": name}
        status, answer = self.call("/security/v1/token", body)
        return status, answer.get("securityToken", answer)

    def user_token(self, email: str, password: str) -> tuple[int, Any]:
        status, answer = self.call(
            "/security/v1/token", {"grantType": "password", "email": email, "password": password}
        )
        return status, answer.get("securityToken", answer)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
