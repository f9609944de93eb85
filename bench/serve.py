"""One server under test, in a process of its own: `python -m bench.serve brassleaf --data DIR …`.

Prints the address that it listens at as one JSON line, then serves until it is told to end. All of them run on the
same uvicorn with the settings of `brassleaf serve`; they differ in the application only.
"""

import argparse
import json
import os
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel

from bench.routes import padded
from brassleaf.app import create_app
from brassleaf.cli.serving import _config  # the very settings of `brassleaf serve`
from brassleaf.customers.models import Customer
from brassleaf.http.kernel import set_up_log
from brassleaf.operations.collector import calm_collector
from brassleaf.settings import load
from brassleaf.store.sqlite import SqliteStore


def bare(page: Path | None) -> FastAPI:
    """What nothing can be faster than on FastAPI: one `async def` route that returns bytes it has."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    content = page.read_bytes() if page else b""

    @app.get("/ping")
    async def ping() -> Response:
        return Response(b"ok")

    @app.get("/page")
    async def stored() -> Response:
        return Response(content, media_type="application/json")

    return app


class Page(BaseModel):
    """The page of the twin."""

    items: list[Customer]
    total: int
    page: int
    itemsPerPage: int


def twin(data: Path, organization: str) -> FastAPI:
    """How a list is usually written: rows, `json.loads`, a `response_model`. Same file, same index; no token asked."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    connection = sqlite3.connect(data / "brassleaf.sqlite", check_same_thread=False)

    @app.get("/customers", response_model=Page)
    async def customers(page: int = 1, itemsPerPage: int = 10) -> dict[str, Any]:
        total = connection.execute(
            "SELECT live FROM tally WHERE collection = 'customers' AND org = ?", (organization,)
        ).fetchone()[0]
        rows = connection.execute(
            "SELECT doc FROM customers WHERE org = ? AND f_deleted = 0 ORDER BY f_name, id LIMIT ? OFFSET ?",
            (organization, itemsPerPage, (page - 1) * itemsPerPage),
        )
        items = [json.loads(doc) for (doc,) in rows]
        return {"items": items, "total": total, "page": page, "itemsPerPage": itemsPerPage}

    return app


def brassleaf(options: argparse.Namespace) -> FastAPI:
    """The real application, as `brassleaf serve` makes it."""
    settings = load(data=options.data, log=options.log)
    report = set_up_log(options.log)
    app = create_app(settings, report=report)
    if options.most:
        store: Any = app.state.parts.store
        assert isinstance(store, SqliteStore)
        store._most_in_a_commit = options.most  # noqa: SLF001  no setting: nobody but a measurement wants it
    if options.routes:
        padded(app, options.routes, indexed=not options.no_index)
    return app


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("app", choices=("brassleaf", "bare", "twin"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--organization", default="")
    parser.add_argument("--page", type=Path)
    parser.add_argument("--log", default="off")
    parser.add_argument("--most", type=int, default=0, help="Writes that may share a commit.")
    parser.add_argument("--routes", type=int, default=0, help="Pad the application to so many routes.")
    parser.add_argument("--no-index", action="store_true", help="Plain routing, without the path index.")
    parser.add_argument("--core", type=int, default=-1)
    options = parser.parse_args()
    if options.core >= 0:
        os.sched_setaffinity(0, {options.core})
    if options.app == "bare":
        app = bare(options.page)
    elif options.app == "twin":
        app = twin(options.data, options.organization)
    else:
        app = brassleaf(options)
    calm_collector()  # as `brassleaf serve` does
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    server = uvicorn.Server(_config(app))
    startup = server.startup

    async def ready(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        if server.started:
            sys.stdout.buffer.write(orjson.dumps({"port": listener.getsockname()[1]}) + b"\n")
            sys.stdout.flush()

    server.startup = ready  # type: ignore[method-assign]
    server.run([listener])


if __name__ == "__main__":
    main()
