"""create_app(settings): the one place where parts are joined."""

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

import brassleaf
from brassleaf.assemblies import router as assemblies
from brassleaf.assemblies.customers import router as assembly_customers
from brassleaf.assemblies.customers.service import CustomersOfAssemblies
from brassleaf.assemblies.importing import router as assembly_importing
from brassleaf.assemblies.importing.handler import AssemblyImport
from brassleaf.assemblies.importing.models import AssemblyImportOptions
from brassleaf.assemblies.models import ASSEMBLIES
from brassleaf.assemblies.parsing import router as parsing
from brassleaf.assemblies.parsing.models import CHOICES
from brassleaf.assemblies.parsing.service import ParsingService
from brassleaf.assemblies.printing import router as assembly_printing
from brassleaf.assemblies.service import AssemblyService
from brassleaf.assemblies.versions import router as assembly_versions
from brassleaf.assemblies.versions.service import AssemblyVersions
from brassleaf.audit import router as audit
from brassleaf.audit.service import AuditTrail
from brassleaf.catalog import picklists
from brassleaf.catalog.adaptors import router as adaptors
from brassleaf.catalog.brands import router as brands
from brassleaf.catalog.brands.service import Brands
from brassleaf.catalog.components import router as components
from brassleaf.catalog.crimpfittings import router as crimpfittings
from brassleaf.catalog.ferrules import router as ferrules
from brassleaf.catalog.hoses import router as hoses
from brassleaf.catalog.items import router as items
from brassleaf.catalog.models import BRANDS, ITEM_PROPERTIES, ITEMS
from brassleaf.catalog.otheritems import router as otheritems
from brassleaf.catalog.service import Catalogue
from brassleaf.catalog.wraps import router as wraps
from brassleaf.customers import router as customers
from brassleaf.customers.batch import router as customer_batches
from brassleaf.customers.batch.service import CustomerBatches
from brassleaf.customers.items import router as customer_items
from brassleaf.customers.items.models import CUSTOMER_ITEMS
from brassleaf.customers.items.service import CustomerItemService
from brassleaf.customers.locations import router as customer_locations
from brassleaf.customers.locations.models import CUSTOMER_LOCATIONS
from brassleaf.customers.locations.service import CustomerLocationService
from brassleaf.customers.models import CUSTOMERS
from brassleaf.customers.service import CustomerService
from brassleaf.http.documentation import document, documentation_routes
from brassleaf.http.health import health_routes
from brassleaf.http.kernel import Kernel
from brassleaf.http.path_index import PathIndex
from brassleaf.images import router as images
from brassleaf.images.models import IMAGE_PARTS, IMAGES
from brassleaf.images.service import Images, Owner
from brassleaf.imports import router as imports
from brassleaf.imports.jobs import IMPORTS
from brassleaf.imports.router import make_imports
from brassleaf.kits import router as kits
from brassleaf.kits.contents import router as kit_contents
from brassleaf.kits.contents.service import KitContents
from brassleaf.kits.exporting import router as kit_exporting
from brassleaf.kits.exporting.service import KitExports
from brassleaf.kits.importing import KitsOfImports
from brassleaf.kits.models import KITS
from brassleaf.kits.opening import OpenedKits
from brassleaf.kits.pricing import router as kit_pricing
from brassleaf.kits.pricing.service import KitPrices
from brassleaf.kits.printing import router as kit_printing
from brassleaf.kits.service import KitService
from brassleaf.kits.versions import router as kit_versions
from brassleaf.kits.versions.service import KitVersions
from brassleaf.mail.mailer import Mailer
from brassleaf.organizations import router as organizations
from brassleaf.organizations.history import router as history
from brassleaf.organizations.history.models import API_HISTORY
from brassleaf.organizations.history.recorder import recorder
from brassleaf.organizations.history.service import History
from brassleaf.organizations.keys import router as keys
from brassleaf.organizations.keys.service import KeyService
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.organizations.records import router as records
from brassleaf.organizations.records.models import LOCATIONS, PRODUCT_GROUPS, SUPPLIERS
from brassleaf.organizations.records.service import OwnRecords
from brassleaf.organizations.sequences import Numbered, Sequences
from brassleaf.organizations.service import OrganizationService
from brassleaf.organizations.users import router as users
from brassleaf.organizations.users.service import UserService
from brassleaf.pricing.lists import router as price_lists
from brassleaf.pricing.lists.service import PriceListService
from brassleaf.pricing.models import PRICE_LIST_ITEMS, PRICE_LISTS
from brassleaf.pricing.service import Prices
from brassleaf.security import signin
from brassleaf.security.caller import Caller
from brassleaf.security.gate import Gate
from brassleaf.security.passwords import Passwords
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
from brassleaf.store.trail import AUDIT

log = logging.getLogger("brassleaf")

#: Every collection of the house.
COLLECTIONS: tuple[Collection, ...] = (
    SYSTEM,
    ORGANIZATIONS,
    API_KEYS,
    USERS,
    REPLAYS,
    AUDIT,
    API_HISTORY,
    PRODUCT_GROUPS,
    SUPPLIERS,
    LOCATIONS,
    IMAGES,
    IMAGE_PARTS,
    IMPORTS,
    CUSTOMERS,
    ITEMS,
    ITEM_PROPERTIES,
    BRANDS,
    PRICE_LISTS,
    PRICE_LIST_ITEMS,
    CUSTOMER_ITEMS,
    CUSTOMER_LOCATIONS,
    ASSEMBLIES,
    CHOICES,
    KITS,
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
        self.audit = AuditTrail(store, settings)
        self.imports = make_imports(store, self.exporter, settings.data / "imports")
        self.passwords = Passwords()
        self.mailer = Mailer(settings)
        self.history = History(store, settings)
        self.organizations = OrganizationService(store)
        self.sequences = Sequences(
            store,
            self.organizations,
            {"hoseAssembly": Numbered(ASSEMBLIES, "partNumber"), "hoseKit": Numbered(KITS, "partNumber")},
        )
        self.keys = KeyService(store)
        self.users = UserService(store, self.passwords, self.mailer, settings, CUSTOMERS)
        self.product_groups = OwnRecords(store, PRODUCT_GROUPS, "product group", needed="name")
        self.suppliers = OwnRecords(store, SUPPLIERS, "supplier", needed="name")
        self.locations = OwnRecords(store, LOCATIONS, "location")
        self.catalogue = Catalogue(store)
        self.prices = Prices(store)
        self.price_lists = PriceListService(store, self.catalogue, self.organizations)
        self.assemblies = AssemblyService(store, self.catalogue, self.organizations, self.prices, self.sequences)
        self.parsing = ParsingService(store, self.catalogue, self.organizations, self.assemblies)
        self.kits = KitService(store, self.catalogue, self.sequences)
        self.kit_contents = KitContents(self.kits)
        self.kit_exports = KitExports(self.kits)
        self.opened_kits = OpenedKits(self.kits, self.assemblies)
        self.kit_prices = KitPrices(self.opened_kits, self.prices)
        self.kit_versions = KitVersions(store, self.kits)
        self.kits_of_imports = KitsOfImports(self.kits)
        self.assembly_versions = AssemblyVersions(self.assemblies, [self.kit_versions.uses])
        self.assembly_customers = CustomersOfAssemblies(store, self.assemblies)
        self.customer_items = CustomerItemService(store, self.catalogue, self.organizations)
        self.catalogue.renamed.append(self.customer_items.item_renamed)
        self.brands = Brands(store, self.catalogue, self.organizations, [self.customer_items.brand_renamed])
        self.customer_locations = CustomerLocationService(store)
        self.customers = CustomerService(
            store,
            self.organizations,
            PRICE_LISTS,
            leaving=[
                self.customer_items.forget_customer,
                self.customer_locations.forget_customer,
                self.assembly_customers.forget_customer,
                self.kits.forget_customer,
            ],
        )
        self.customer_batches = CustomerBatches(store, self.customers)
        self.sign_in = SignIn(store, self.tokens, settings, self.passwords)
        self.images = Images(
            store,
            [
                Owner(self.catalogue.get, customers=True),
                Owner(self.assemblies.get, customers=True),
                Owner(self.kits.get, customers=True),
                Owner(self.customers.get),
                Owner(self.organizations.own, customers=True, admin_only=True),
            ],
        )

    def assembly_import(self, caller: Caller, options: AssemblyImportOptions | None = None) -> AssemblyImport:
        """The import of hose assemblies by a caller."""
        chosen = options or AssemblyImportOptions()
        return AssemblyImport(
            self.store, self.catalogue, self.organizations, self.prices, caller, chosen, self.kits_of_imports.put
        )

    def rooms(self) -> list[Room]:
        """Every endpoint, room by room."""
        return [
            signin.room(self.house, self.sign_in),
            organizations.room(self.house, self.organizations, self.sequences),
            records.room(self.house, self.product_groups, self.suppliers, self.locations),
            keys.room(self.house, self.keys),
            history.room(self.house, self.history),
            users.room(self.house, self.users, self.organizations),
            users.security_room(self.house, self.users),
            audit.room(self.house, self.audit),
            images.room(self.house, self.images),
            imports.room(self.house, self.imports.jobs),
            customers.room(self.house, self.customers, self.exporter),
            customer_batches.room(self.house, self.customer_batches),
            customer_items.room(self.house, self.customer_items, self.exporter, self.imports),
            customer_locations.room(self.house, self.customer_locations),
            price_lists.room(self.house, self.price_lists, self.exporter, self.imports),
            hoses.room(self.house, self.catalogue),
            crimpfittings.room(self.house, self.catalogue),
            ferrules.room(self.house, self.catalogue),
            wraps.room(self.house, self.catalogue),
            adaptors.room(self.house, self.catalogue),
            otheritems.room(self.house, self.catalogue),
            items.room(self.house, self.catalogue),
            components.room(self.house, self.catalogue, self.store, self.exporter, self.imports),
            brands.room(self.house, self.brands, self.exporter),
            picklists.room(self.house, self.catalogue),
            assemblies.room(self.house, self.assemblies),
            parsing.room(self.house, self.parsing),
            assembly_printing.room(self.house, self.assemblies, self.exporter),
            assembly_importing.room(self.house, self.assemblies, self.assembly_import, self.exporter, self.imports),
            assembly_versions.room(self.house, self.assembly_versions),
            assembly_customers.room(self.house, self.assembly_customers),
            kits.room(self.house, self.kits),
            kit_contents.room(self.house, self.kit_contents),
            kit_versions.room(self.house, self.kit_versions),
            kit_exporting.room(self.house, self.kit_exports, self.exporter),
            kit_pricing.room(self.house, self.kit_prices),
            kit_printing.room(self.house, self.opened_kits, self.kit_prices, self.exporter),
        ]


class Application(FastAPI):
    """FastAPI whose requests go straight to the kernel: that logs, counts and answers every error itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; what else a server asks goes FastAPI's way."""
        if scope["type"] != "http" or self.middleware_stack is None:
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        await self.middleware_stack(scope, receive, send)


def create_app(settings: Settings, *, report: Callable[[bytes], None] | None = None) -> FastAPI:
    """The application. `report` takes the log line of each request."""
    store = make_store(settings)
    parts = Parts(settings, store)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        await store.open(COLLECTIONS)
        try:
            parts.tokens.use(await signing_key(store, settings))
            parts.history.start()
            parts.audit.start()
            yield {}
        finally:
            await parts.imports.jobs.close()
            await parts.audit.stop()
            await parts.history.stop()
            await parts.users.close()
            await parts.mailer.close()
            await store.close()

    app = Application(
        title="Brassleaf",
        version=brassleaf.__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        strict_content_type=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.parts = parts
    for room in parts.rooms():
        app.router.routes.extend(room.routes)
    app.router.routes.extend([*health_routes(store, settings), *documentation_routes(app)])
    app.router.middleware_stack = PathIndex(app.router)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    kernel = Kernel(app.router, report=report, answered=recorder(parts.history, settings.trusted_proxies))
    app.build_middleware_stack = lambda: kernel  # type: ignore[method-assign]
    return app
