"""What the whole test suite shares: a real server that speaks MongoDB's wire protocol, one for each test process."""

import functools
import gc
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymongo
import pytest

ROOT = Path(__file__).parent.parent
MEMORY = Path("/dev/shm")

# compiling the application anew for each process that tests start, and the tests for each run, is a fifth of their time
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# in memory the thousands of commits wait for no disk; what a killed process has written outlives it there as well
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4_000_000_000:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_finish() -> None:
    """What is there for good, tests and application, need not be looked through at each collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each worker begins with a stretch of the tests of its own: what a module shares is made once, not in each."""
    from xdist.scheduler import WorkStealingScheduling  # noqa: PLC0415

    return WorkStealingScheduling(config, log) if config.option.dist == "load" else None


@dataclass(slots=True)
class Wire:
    """A server under test: its address, and whether it is a standalone."""

    url: str
    standalone: bool
    client: "pymongo.MongoClient[dict[str, object]]" = field(repr=False)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of a database of one's own, dropped afterwards."""
        name = f"test{uuid.uuid4().hex[:12]}"
        yield name
        self.client.drop_database(name)


@pytest.fixture
def anyio_backend() -> str:
    """Tests marked `anyio` run on asyncio, as the server does."""
    return "asyncio"


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """MongoDB as a replica set of one where `mongod` is there, else FerretDB, which gets slower the longer it runs."""
    folder = tmp_path_factory.mktemp("wire")
    if mongod := shutil.which("mongod"):
        port = _free_port()
        command = [mongod, "--replSet", "rs0", "--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", str(folder)]
        with _running([*command, "--quiet", "--logpath", str(folder / "log")], folder):
            yield from _replica_set(port)
        return
    with _running([str(_ferretdb()), "-data", str(folder)], folder) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address, (folder / "stderr").read_text()
        # FerretDB reads and writes in two steps: only on one connection is each of its commands atomic as in MongoDB
        url = f"{address}?maxPoolSize=1"
        with pymongo.MongoClient(url) as client:
            yield Wire(url, standalone=True, client=client)


@functools.cache
def _ferretdb() -> Path:
    binary = ROOT / ".cache" / "ferretdb"
    if shutil.which("go"):
        subprocess.run([ROOT / "scripts" / "build-ferretdb"], check=True, stdout=subprocess.DEVNULL)
    if not binary.exists():
        reason = "no MongoDB wire server: neither mongod nor .cache/ferretdb nor Go to build it"
        if os.environ.get("BRASSLEAF_REQUIRE_WIRE") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return binary


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator["subprocess.Popen[str]"]:
    with (
        (folder / "stderr").open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as server,
    ):
        try:
            yield server
        finally:
            server.terminate()


def _replica_set(port: int) -> Iterator[Wire]:
    host = f"127.0.0.1:{port}"
    with pymongo.MongoClient(f"mongodb://{host}/?directConnection=true", serverSelectionTimeoutMS=30_000) as client:
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})
        deadline = time.monotonic() + 30
        while not client.admin.command("hello")["isWritablePrimary"]:
            assert time.monotonic() < deadline, "the replica set found no primary"
            time.sleep(0.1)
        yield Wire(f"mongodb://{host}/?replicaSet=rs0", standalone=False, client=client)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
