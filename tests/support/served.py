"""The real application behind uvicorn on a loopback port, in a thread with an event loop of its own."""

import asyncio
import contextlib
import functools
import socket
import sqlite3
import ssl
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx
import orjson
import uvicorn
import uvloop
from fastapi import FastAPI

from brassleaf.app import create_app
from brassleaf.settings import Settings
from brassleaf.store.port import Store
from support.checking import Contract
from support.routes import document

T = TypeVar("T")
#: Nothing is encrypted here, and a context of its own would be made for each client.
_UNENCRYPTED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Kept(NamedTuple):
    """A document as it is stored; two are equal when their bytes and revisions are."""

    collection: str
    id: str
    revision: int
    raw: bytes

    @property
    def document(self) -> Any:
        return orjson.loads(self.raw)


@functools.cache
def contract() -> Contract:
    """What every answer is held against: no setting changes it, and it takes longer to make than most tests."""
    return Contract(document())


class Served:
    """An application that answers. `lines` holds the log lines of its requests."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = Settings(data=folder, log="off", **settings)
        self.lines: list[bytes] = []
        self.app: FastAPI = create_app(self.settings, report=self.lines.append)
        self.contract = contract()
        self.url = ""
        self.port = 0
        self.loop = uvloop.new_event_loop()
        self.clients: list[httpx.Client] = []
        self._reading: sqlite3.Connection | None = None
        self._dumped: dict[Any, tuple[int, list[Kept]]] = {}

    @property
    def parts(self) -> Any:
        return self.app.state.parts

    @property
    def store(self) -> Store:
        found: Store = self.parts.store
        return found

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def client(self, **options: Any) -> httpx.Client:
        """A client that checks every answer."""
        options.setdefault("timeout", 60)
        made = httpx.Client(
            base_url=self.url,
            trust_env=False,
            verify=_UNENCRYPTED,
            event_hooks={"response": [self.contract]},
            **options,
        )
        self.clients.append(made)
        return made

    def dump(self, organization: str, *, without: frozenset[str] = frozenset(), only: str | None = None) -> list[Kept]:
        """Every document of an organization, straight from the file: what a test compares costs little."""
        if self._reading is None:
            self._reading = sqlite3.connect(f"file:{self.settings.embedded_file}?mode=ro", uri=True)
        (state,) = self._reading.execute("PRAGMA data_version").fetchone()  # the same until somebody has committed
        asked = (organization, without, only)
        if asked in self._dumped and self._dumped[asked][0] == state:
            return self._dumped[asked][1]
        found: list[Kept] = []
        self._dumped[asked] = (state, found)
        for (name,) in self._reading.execute("SELECT collection FROM schema ORDER BY collection").fetchall():
            if name not in without and only in (None, name):
                rows = self._reading.execute(
                    f"SELECT '{name}', id, rev, doc FROM \"{name}\" WHERE org = ? ORDER BY seq", (organization,)
                )
                found += map(Kept._make, rows)
        return found

    def close(self) -> None:
        """Close what this side has open."""
        for client in self.clients:
            client.close()
        if self._reading is not None:
            self._reading.close()

    def from_address(self, method: str, path: str, address: str | None, **options: Any) -> httpx.Response:
        """A request as if it came from another address."""

        async def send() -> httpx.Response:
            client = None if address is None else (address, 4711)
            transport = httpx.ASGITransport(self.app, client=client)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, verify=_UNENCRYPTED, base_url="http://server") as asking:
                return await asking.request(method, path, **options)

        response = self.run(send())
        path = response.request.url.path
        self.contract.check(method, path, response.status_code, response.headers, response.content)
        return response


@contextlib.contextmanager
def serving(folder: Path, **settings: Any) -> Iterator[Served]:
    """A served application, stopped afterwards."""
    served = Served(folder, **settings)
    config = uvicorn.Config(
        served.app, log_config=None, access_log=False, lifespan="on", proxy_headers=False, server_header=False
    )
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    served.port = listening.getsockname()[1]
    served.url = f"http://127.0.0.1:{served.port}"

    def run() -> None:
        asyncio.set_event_loop(served.loop)
        try:
            served.loop.run_until_complete(server.serve(sockets=[listening]))
            served.loop.run_until_complete(served.loop.shutdown_default_executor())
        finally:
            served.loop.close()

    thread = threading.Thread(target=run, name="brassleaf-server", daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            thread.join(0.01)
        yield served
    finally:
        served.close()
        server.should_exit = True
        thread.join(30)
        listening.close()
        assert not thread.is_alive(), "the server did not stop"
