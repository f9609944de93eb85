"""The endpoints of brands."""

from typing import Annotated

from starlette.responses import Response

from brassleaf.catalog.brands.models import (
    BRAND,
    Brand,
    BrandChange,
    BrandExport,
    BrandName,
    BrandPage,
    DefaultBrand,
)
from brassleaf.catalog.brands.service import Brands
from brassleaf.catalog.brands.table import named
from brassleaf.catalog.models import BRANDS
from brassleaf.http import answers
from brassleaf.http.answers import Done, without
from brassleaf.http.fields import Id
from brassleaf.http.lists import Listing, ListQuery
from brassleaf.security.roles import ADMIN, EVERYONE, READERS
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room, asked
from brassleaf.sheets.export import Exporter

LIST = Listing(BRANDS, search=("name",), bracketed=True)
#: The pick lists: of which type of item each is.
_PICKED = {
    "hosebrands": ("hose", "getHoseBrands"),
    "adaptorbrands": ("adaptor", "getAdaptorBrands"),
    "wrapbrands": ("wrap", "getWrapBrands"),
    "otheritembrands": ("otherItem", "getOtherItemBrands"),
    "brandnames": (None, "getBrandNames"),
}


def room(house: House, brands: Brands, exporter: Exporter) -> Room:
    """Brands: table, pick lists, defaults, update, delete, Excel."""
    room = Room(house, "Brand")

    @room.get("/brands", allow=READERS, answers=BrandPage, listing=LIST, operation="getBrands")
    async def list_brands(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through the brands of the items that are there, with what the organization says of each."""
        rows, page = await brands.page(caller, query.query)
        hidden = BRAND.hidden_from(caller)
        return answers.page_of([without(row, hidden) for row in rows], page, query, BRANDS)

    for path, (item_type, operation) in _PICKED.items():
        _pick_list(room, brands, path, item_type, operation)

    @room.get("/organization/defaultbrand", allow=EVERYONE, answers=DefaultBrand)
    async def get_organization_default_brand(caller: CallerOf) -> Response:
        """The hose brand that is chosen beforehand for a new hose assembly."""
        return answers.json_answer(await brands.default(caller, "defaultBrand"))

    @room.get("/organization/defaultadaptorbrand", allow=EVERYONE, answers=DefaultBrand)
    async def get_organization_default_adaptor_brand(caller: CallerOf) -> Response:
        """The brand that is chosen beforehand where adaptors are looked for."""
        return answers.json_answer(await brands.default(caller, "defaultAdaptorBrand"))

    @room.post("/brand/{brandId}/update", allow=ADMIN, answers=Brand)
    async def post_brand_update(caller: CallerOf, brandId: Id, sent: BrandChange, expected: IfMatch) -> Response:
        """Change what the organization says of a brand. A new name of its own brand moves items and references."""
        shown, stored = await brands.update(caller, brandId, sent, expected)
        return answers.tagged(shown, stored)

    @room.post("/brand/{brandId}/delete", allow=ADMIN, answers=Done)
    async def post_brand_delete(caller: CallerOf, brandId: Id, expected: IfMatch) -> Response:
        """Remove a brand that no item is of, no crimp specification names, and that is no default."""
        await brands.delete(caller, brandId, expected)
        return answers.done("The brand was deleted.")

    @room.post("/brands/export", allow=ADMIN, answers=bytes, writes=False, produces=[answers.XLSX])
    async def post_brands_export(caller: CallerOf, sent: BrandExport) -> Response:
        """The chosen brands, or all (`selectAll`), as a workbook."""
        made = await exporter.export(brands.sheet(caller), await brands.exported(caller, sent))
        return answers.file_stream(aiter(made), made.size, answers.XLSX, "brands.xlsx")

    return room


def _pick_list(room: Room, brands: Brands, path: str, item_type: str | None, operation: str) -> None:
    of_type = f"with an item of the type {item_type}" if item_type else "with an item"

    @room.get(
        f"/{path}",
        allow=EVERYONE,
        answers=list[BrandName],
        operation=operation,
        description=f"Id and name of the brands {of_type} that the organization can use, by name.",
    )
    async def pick(caller: CallerOf) -> Response:
        return answers.json_answer(named(await brands.in_use(caller, item_type)))
