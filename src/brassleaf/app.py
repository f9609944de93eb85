"""create_app(settings): the one place where parts are joined."""

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import brassleaf
from brassleaf.assemblies import router as assemblies
from brassleaf.assemblies.models import ASSEMBLIES
from brassleaf.assemblies.service import AssemblyService
from brassleaf.catalog import router as catalog
from brassleaf.catalog.crimpfittings import router as crimpfittings
from brassleaf.catalog.hoses import router as hoses
from brassleaf.catalog.models import ITEM_PROPERTIES, ITEMS
from brassleaf.catalog.service import Catalogue
from brassleaf.customers import router as customers
from brassleaf.customers.models import CUSTOMERS
from brassleaf.customers.service import CustomerService
from brassleaf.errors import BrassleafError
from brassleaf.http.documentation import document, documentation_routes
from brassleaf.http.health import health_routes
from brassleaf.http.kernel import Kernel
from brassleaf.http.path_index import PathIndex
from brassleaf.http.problems import internal, render
from brassleaf.organizations import router as organizations
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.organizations.service import OrganizationService
from brassleaf.pricing.models import CUSTOMER_ITEMS, PRICE_LIST_ITEMS, PRICE_LISTS
from brassleaf.pricing.service import Prices
from brassleaf.security import signin
from brassleaf.security.gate import Gate
from brassleaf.security.principals import API_KEYS, USERS
from brassleaf.security.replays import REPLAYS, Replays
from brassleaf.security.rooms import House, Room
from brassleaf.security.signin import SignIn
from brassleaf.security.tokens import SYSTEM, Tokens, signing_key
from brassleaf.settings import Settings
from brassleaf.sheets.export import Exporter
from brassleaf.store.collections import Collection
from brassleaf.store.opening import make_store
from brassleaf.store.port import Store

log = logging.getLogger("brassleaf")

#: Every collection of the house.
COLLECTIONS: tuple[Collection, ...] = (
    SYSTEM,
    ORGANIZATIONS,
    API_KEYS,
    USERS,
    REPLAYS,
    CUSTOMERS,
    ITEMS,
    ITEM_PROPERTIES,
    PRICE_LISTS,
    PRICE_LIST_ITEMS,
    CUSTOMER_ITEMS,
    ASSEMBLIES,
)


class Parts:
    """The services and rooms of one application, joined."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.store = store
        self.tokens = Tokens()
        self.gate = Gate(store, self.tokens, CUSTOMERS)
        self.replays = Replays(store)
        self.house = House(self.gate, self.replays, settings)
        self.exporter = Exporter()
        self.organizations = OrganizationService(store)
        self.catalogue = Catalogue(store)
        self.prices = Prices(store)
        self.assemblies = AssemblyService(store, self.catalogue, self.organizations, self.prices)
        self.customers = CustomerService(store, leaving=[self.assemblies.forget_customer])
        self.sign_in = SignIn(store, self.tokens, settings)

    def rooms(self) -> list[Room]:
        """Every endpoint, room by room."""
        return [
            signin.room(self.house, self.sign_in),
            organizations.room(self.house, self.organizations),
            customers.room(self.house, self.customers, self.exporter),
            hoses.room(self.house, self.catalogue),
            crimpfittings.room(self.house, self.catalogue),
            catalog.pick_lists(self.house, self.catalogue),
            assemblies.room(self.house, self.assemblies, self.exporter),
        ]


def create_app(settings: Settings, *, report: Callable[[bytes], None] | None = None) -> FastAPI:
    """The application. `report` takes the log line of each request."""
    store = make_store(settings)
    parts = Parts(settings, store)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        await store.open(COLLECTIONS)
        try:
            parts.tokens.use(await signing_key(store, settings))
            yield {}
        finally:
            await store.close()

    app = FastAPI(
        title="Brassleaf",
        version=brassleaf.__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        strict_content_type=False,
    )
    app.state.parts = parts
    for room in parts.rooms():
        app.router.routes.extend(room.routes)
    app.router.routes.extend([*health_routes(store, settings), *documentation_routes(app)])
    app.router.middleware_stack = PathIndex(app.router)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    for kind in (BrassleafError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)
    app.add_middleware(Kernel, report=report)
    return app


async def _answer(request: Request, error: Exception) -> Response:
    request_id = request.state.request_id
    return render(error, request_id) or internal(request_id)
