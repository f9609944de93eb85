"""What all measurements share: servers in processes of their own, wrk, rounds in turns, medians."""

import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BENCH = Path(__file__).parent
ROOT = BENCH.parent
SERVER_CORE, LOAD_CORE = 0, min(1, (os.cpu_count() or 1) - 1)
CONNECTIONS = 16
SECONDS = 1
ROUNDS = 7


@dataclass(slots=True)
class Figure:
    """One line of the result. `values` are the ratios (or values) of the rounds; their median counts."""

    name: str
    values: Sequence[float]
    target: float | None = None
    at_most: bool = False
    unit: str = ""
    note: str = ""
    cpu: Sequence[float] = ()

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.median <= self.target if self.at_most else self.median >= self.target


@dataclass(slots=True)
class Server:
    """A server under test."""

    port: int
    pid: int
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def call(
        self, method: str, path: str, body: Any = None, token: str = "", expect: Sequence[int] = (200, 201)
    ) -> bytes:
        """One request; the body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            if token:
                headers["Authorization"] = f"Bearer {token}"
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status not in expect:
            raise RuntimeError(f"{method} {path} was answered with {answer.status}: {content[:500]!r}")
        return content

    def token(self, facts: Mapping[str, Any], role: str = "admin") -> str:
        """A security token, asked for as a client does."""
        if role == "admin":
            asked = {"grantType": "client_credentials", "apiKey": facts["key"], "name": facts["keyName"]}
        else:
            asked = {"grantType": "password", "email": facts["email"], "password": facts["password"]}
        return str(json.loads(self.call("POST", "/security/v1/token", asked))["securityToken"])

    def cpu(self) -> float:
        """Seconds of CPU that the process has used, of all its threads."""
        folder = Path(f"/proc/{self.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in folder.iterdir()) / 1e9

    def memory(self) -> dict[str, int]:
        """What /proc says of its memory, in bytes."""
        return memory(self.pid)


def memory(pid: int) -> dict[str, int]:
    """What /proc says of a process's memory, in bytes; nothing for one that is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    found = (line.split() for line in lines if line.startswith(("VmHWM", "VmRSS", "RssAnon", "RssFile", "RssShmem")))
    return {name.rstrip(":"): int(value) * 1024 for name, value, *_ in found}


def _environment() -> dict[str, str]:
    """Ours, without what would change the settings of a server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BRASSLEAF_")}
    source = os.environ.get("BENCH_SRC", str(ROOT / "src"))  # another checkout's, to compare a change
    return {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT), source])}


@contextmanager
def serving(app: str, *more: object, core: int = SERVER_CORE) -> Iterator[Server]:
    """A server of `bench.serve`, pinned to its core; it is gone afterwards."""
    command = [sys.executable, "-m", "bench.serve", app, "--core", str(core), *map(str, more)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(), cwd=ROOT)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(command)} did not start; run it by hand to see why")
        yield Server(json.loads(line)["port"], process.pid)
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True, slots=True)
class Load:
    """One kind of request to one server."""

    server: Server
    path: str
    method: str = "GET"
    token: str = ""
    body: Any = None
    connections: int = CONNECTIONS
    seconds: int = SECONDS


_runs = 0


def wrk() -> str:
    """Where wrk is. Ends the program, saying how to get it, where it is not."""
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit("bench needs wrk: apt-get install wrk (Debian, Ubuntu), brew install wrk, dnf install wrk")
    return found


def send(load: Load) -> dict[str, float]:
    """Send as many requests as get answered for some time; their rate and latency. Every answer must be a good one."""
    global _runs  # noqa: PLW0603
    _runs += 1
    environment = {**os.environ, "BENCH_METHOD": load.method, "BENCH_RUN": f"{os.getpid()}-{_runs}"}
    for name, value in (("BENCH_TOKEN", load.token), ("BENCH_BODY", load.body and json.dumps(load.body))):
        environment.pop(name, None)
        if value:
            environment[name] = value
    command = [
        wrk(), "-t1", f"-c{load.connections}", f"-d{load.seconds}s",
        "-s", str(BENCH / "lua" / "request.lua"), f"http://127.0.0.1:{load.server.port}{load.path}",
    ]  # fmt: skip
    done = subprocess.run(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CORE}),
    )
    try:
        found: dict[str, float] = json.loads(done.stdout.decode().strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.decode()[-500:]}") from None
    if found["failed"] or not found["requests"]:
        raise RuntimeError(f"{load.method} {load.path}: {found['failed']:.0f} of {found['requests']:.0f} failed")
    return {**found, "rate": found["requests"] / found["seconds"]}


@dataclass(slots=True)
class Rounds:
    """What one load came to, round by round: answers a second, and CPU seconds of the server for each."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{statistics.median(self.rates):,.0f}/s"


def in_turns(loads: Mapping[str, Load], rounds: int = ROUNDS) -> dict[str, Rounds]:
    """Several loads, round by round, each round beginning with another one."""
    names = list(loads)
    found = {name: Rounds() for name in names}
    for name in names:
        for _ in range(30):
            one = loads[name]
            one.server.call(one.method, one.path, _filled(one.body), one.token)
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            before = loads[name].server.cpu()
            done = send(loads[name])
            found[name].rates.append(done["rate"])
            found[name].cpu.append((loads[name].server.cpu() - before) / done["requests"])
    return found


def compared(
    name: str, one: Rounds, other: Rounds, target: float | None = None, *, note: str = "", with_cpu: bool = True
) -> Figure:
    """How many times the rate of the other the one has, and how that would be if only CPU counted."""
    cpu = ratios(other.cpu, one.cpu) if with_cpu else ()
    return Figure(name, ratios(one.rates, other.rates), target, note=note or f"{one} against {other}", cpu=cpu)


def _filled(body: Any) -> Any:
    global _runs  # noqa: PLW0603
    if body is None:
        return None
    _runs += 1
    return json.loads(json.dumps(body).replace("@COUNT@", f"{os.getpid()}-warm-{_runs}"))


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Round by round."""
    return [one / other for one, other in zip(above, below, strict=True)]


def p99(values: Sequence[float]) -> float:
    """The value that 99 of 100 stay under."""
    return statistics.quantiles(values, n=100)[98]
