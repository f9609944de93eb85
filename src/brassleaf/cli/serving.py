"""`brassleaf serve` and `brassleaf demo`: the server in the foreground."""

import asyncio
import logging
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

import brassleaf
from brassleaf.cli.growing import Items, grow
from brassleaf.cli.terminal import FAILED, fail, note, say, settings_in_force
from brassleaf.operations.checks import listening
from brassleaf.operations.collector import calm_collector
from brassleaf.operations.folder import in_use, opened
from brassleaf.operations.people import organizations
from brassleaf.settings import Settings, load, misspelled

if TYPE_CHECKING:
    from fastapi import FastAPI

log = logging.getLogger("brassleaf")

_GRACE_SECONDS = 30
_METRICS = "metrics-"

Host = Annotated[str, typer.Option(metavar="HOST", help="Address to listen at; 0.0.0.0 for every one of this machine.")]
Port = Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="Port to listen at; 0 for any free one.")]


def application() -> "FastAPI":
    """What each worker process serves."""
    return _application(load())


def _application(settings: Settings) -> "FastAPI":
    # imported here: several workers need a variable set before the metrics are made, and `--help` needs none of it
    from brassleaf.app import create_app  # noqa: PLC0415
    from brassleaf.http.kernel import set_up_log  # noqa: PLC0415

    app = create_app(settings, report=set_up_log(settings.log))
    calm_collector()
    return app


def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Processes that answer requests.")] = 1,
) -> None:
    """Serve the API in the foreground until Ctrl+C or SIGTERM."""
    settings = load()
    with in_use(settings.data), listening(host, port) as listener:
        if workers == 1:
            app: Any = _application(settings)
            _warn(settings)
            _run(app, listener, lambda: _announce(host, listener))
            return
        with _shared_metrics(settings.data):
            from brassleaf.http.kernel import set_up_log  # noqa: PLC0415 - as above

            set_up_log(settings.log)
            _warn(settings)
            _announce(host, listener)
            config = _config(f"{__name__}:application", factory=True, workers=workers)
            supervisor = Multiprocess(config, [listener])
            supervisor.run()
            if any(process.exitcode not in (0, -signal.SIGTERM) for process in supervisor.processes):
                fail("a worker did not start; its own message stands above.")


def _warn(settings: Settings) -> None:
    """Look at the store before the server does: what is wrong with it is then said in a sentence."""
    from brassleaf.app import COLLECTIONS  # noqa: PLC0415 - as above

    async def look() -> bool:
        async with opened(settings, COLLECTIONS) as store:
            await store.ping()
            return bool(await organizations(store))

    for text in misspelled():
        log.warning("%s", text)
    if not asyncio.run(look()):
        log.warning("There is no organization yet. Make one, also while the server runs: brassleaf init")


def _config(app: Any, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who the client is, is read from the headers by our own rules
        timeout_graceful_shutdown=_GRACE_SECONDS,
        **{"workers": 1, **more},
    )


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def _run(app: Any, listener: socket.socket, ready: Callable[[], None]) -> None:
    server = _Server(_config(app), ready)

    # uvicorn raises the signal that ended it once more: by then it has done all that the signal asked for
    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.run([listener])
    if not server.started:
        raise typer.Exit(FAILED)


def _address(host: str, listener: socket.socket) -> str:
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    name = f"[{here}]" if ":" in here else here
    return f"http://{name}:{listener.getsockname()[1]}"


def _announce(host: str, listener: socket.socket) -> None:
    address = _address(host, listener)
    where = address if host in address else f"every address of this machine, such as {address}"
    say(f"Brassleaf {brassleaf.__version__} listens at {where} (documentation: {address}/docs)")


@contextmanager
def _shared_metrics(data: Path) -> Iterator[None]:
    """A fresh folder in which the workers add up their metrics; those of servers that were killed are removed."""
    from brassleaf.http.health import SHARED_METRICS  # noqa: PLC0415 - as above

    for left in data.glob(_METRICS + "*"):
        if not _runs(left.name.removeprefix(_METRICS)):
            shutil.rmtree(left, ignore_errors=True)
    folder = data / f"{_METRICS}{os.getpid()}"
    folder.mkdir()
    os.environ[SHARED_METRICS] = str(folder.absolute())
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _runs(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return int(process) != os.getpid()


def demo(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the demo shop. [default: demo in BRASSLEAF_DATA]")
    ] = None,
    items: Items = 0,
) -> None:
    """Serve a demo shop of its own, and print a tour of requests to paste into a shell."""
    from brassleaf.app import COLLECTIONS  # noqa: PLC0415 - as above
    from brassleaf.demo.shop import open_shop  # noqa: PLC0415 - as above
    from brassleaf.demo.tour import tour  # noqa: PLC0415 - as above

    outer = settings_in_force()
    settings = outer.model_copy(update={"data": data or outer.data / "demo", "store": "", "log": "off"})
    with listening(host, port) as listener:
        note(f"The demo shop is in {settings.data.absolute()}.")

        async def prepare() -> str:
            async with opened(settings, COLLECTIONS) as store:
                shop = await open_shop(store)
                await grow(store, items)
                return await tour(store, shop, _address(host, listener))

        text = asyncio.run(prepare())
        with in_use(settings.data):
            _run(_application(settings), listener, lambda: say(text))
