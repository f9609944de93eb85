"""A small resource made up for the tests, and an application that serves its import; run as a program, a server."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from foreign import SHEET
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from brassleaf.errors import BrassleafError, Refused
from brassleaf.http.fields import Number, Positive, Text
from brassleaf.http.models import Sent
from brassleaf.http.problems import internal, render
from brassleaf.imports import Change, Needed, Row, checked, merged
from brassleaf.imports import router as imports_router
from brassleaf.imports.engine import Importer
from brassleaf.imports.jobs import IMPORTS
from brassleaf.imports.router import import_route, make_imports
from brassleaf.security.caller import Caller
from brassleaf.security.replays import REPLAYS, Replays
from brassleaf.security.roles import ADMIN
from brassleaf.security.rooms import House, Room
from brassleaf.settings import Settings
from brassleaf.sheets.columns import Sheet
from brassleaf.sheets.export import Exporter
from brassleaf.store.collections import Collection, Document, Field, Unique
from brassleaf.store.port import Repository, Store
from brassleaf.store.records import derived_id
from brassleaf.store.sqlite import SqliteStore

ORGANIZATION = "a" * 24
OTHER = "b" * 24
PARTS = Collection(
    "parts",
    (Field("number"),),
    {
        "number": Unique("number"),
        "tag": Unique("tags"),
    },
    order="number",
    trail=False,
)
CITIES = Collection("cities", (Field("name"),), trail=False)
COLLECTIONS = (PARTS, CITIES, IMPORTS, REPLAYS)


class PartChange(Sent):
    """What may be sent of a part."""

    number: Text
    description: Text | None = None
    price: Positive | None = None
    pieces: int | None = None
    available: bool | None = None
    validFrom: str | None = None
    tags: list[str] | None = None
    cost: Number | None = None


class PartImport:
    """Parts are known by their numbers; one whose number begins with X does not exist."""

    def __init__(self, store: Store, caller: Caller, delay: float = 0.0) -> None:
        self._store = store
        self._caller = caller
        self._delay = delay

    @property
    def sheet(self) -> Sheet:
        return SHEET if self._caller.sees_cost else SHEET.without_cost()

    @property
    def repository(self) -> Repository:
        return self._store.repository(PARTS, self._caller.organization)

    async def plan(self, rows: Sequence[Row]) -> Sequence[Change | Refused]:
        await asyncio.sleep(self._delay)
        return [self._change(row) for row in rows]

    def _change(self, row: Row) -> Change | Refused:
        number = row.values["number"]
        if number.startswith("X"):
            return Refused.field("number", "There is no such part.")
        city = row.values.get("address.city")
        try:
            own = {name: value for name, value in row.values.items() if not name.startswith("address.")}
            fields = checked(PartChange, own).model_dump(exclude_unset=True)
        except Refused as error:
            return error
        if "address.city" in row.values:
            fields["address.city"] = city

        def apply(before: Document | None) -> Document:
            after = merged(before, fields)
            if after.get("pieces") == 13:
                raise Refused.field("pieces", "Thirteen pieces are unlucky.")
            return after

        own = self._caller.organization
        first = ()
        if city:
            cities = self._store.repository(CITIES, own)
            first = (Needed(cities, derived_id(own, "cities", city), {"name": city}),)
        return Change(derived_id(own, "parts", number), apply, first)

    def taken(self, label: str, row: Row) -> Refused:
        return Refused.field("tags" if label == "tag" else label, "Another part has it.")


class Gate:
    """Admits everybody as whom the header says."""

    async def admit(self, request: Request, *_: Any, **__: Any) -> Caller:
        role = request.headers.get("x-role", "admin")
        organization = request.headers.get("x-organization", ORGANIZATION)
        return Caller(organization, role, "user", role.ljust(24, "0"), role, f"{role}@example.com")  # type: ignore[arg-type]


def admin(organization: str = ORGANIZATION) -> Caller:
    return Caller(organization, "admin", "user", "admin".ljust(24, "0"), "admin", "admin@example.com")


def make_app(folder: Path, *, delay: float = 0.0, importer: Importer | None = None) -> FastAPI:
    store = SqliteStore(folder / "shop.sqlite")
    settings = Settings(data=folder, log="off", upload_limit=3_000_000)
    imports = make_imports(store, Exporter(), folder / "imports", importer)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await store.open(COLLECTIONS)
        yield
        await imports.jobs.close()
        await store.close()

    app = FastAPI(lifespan=lifespan, openapi_url="/openapi.json")
    app.state.store = store
    app.state.imports = imports
    house = House(Gate(), Replays(store), settings)  # type: ignore[arg-type]
    room = Room(house, "Part")
    import_route(
        room,
        "/parts/import",
        imports,
        "parts",
        allow=ADMIN,
        handler=lambda caller: PartImport(store, caller, delay),
        operation="postPartsImport",
        about="Load parts.",
    )
    for made in (room, imports_router.room(house, imports.jobs)):
        app.router.routes.extend(made.routes)

    async def answer(_: Request, error: Exception) -> Response:
        return render(error, "test") or internal("test")

    for kind in (BrassleafError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)

    async def health() -> dict[str, str]:
        return {"status": "ok"}

    app.add_api_route("/health", health)
    app.add_middleware(_Named)
    return app


class _Named:
    """Gives each request an id, as the kernel does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["request_id"] = "test"
        await self._app(scope, receive, send)


if __name__ == "__main__":
    uvicorn.run(make_app(Path(sys.argv[1]), delay=float(sys.argv[3])), port=int(sys.argv[2]), log_level="critical")
