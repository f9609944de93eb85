"""The endpoints of components."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

import orjson
from pydantic import Field
from starlette.responses import Response

from brassleaf.catalog.components.importing import ComponentImport
from brassleaf.catalog.components.models import (
    ComponentExport,
    ComponentSearch,
    ComponentTemplate,
)
from brassleaf.catalog.items.models import ItemRowPage
from brassleaf.catalog.items.router import item_rows
from brassleaf.catalog.models import ITEMS
from brassleaf.catalog.registry import KINDS
from brassleaf.catalog.service import Article, Catalogue
from brassleaf.errors import Refused
from brassleaf.http import answers
from brassleaf.http.lists import Filter, Listing, ListQuery
from brassleaf.http.models import Sent
from brassleaf.imports.router import Imports, import_route
from brassleaf.security.caller import Caller
from brassleaf.security.roles import ADMIN, READERS
from brassleaf.security.rooms import CallerOf, House, Room, asked
from brassleaf.sheets import workbook
from brassleaf.sheets.export import Exporter
from brassleaf.store.port import Store
from brassleaf.store.query import Contains, Ids, Sort, Where, both
from brassleaf.trade.itemtypes import ITEM_TYPES, item_type_named

LIST = Listing(
    ITEMS,
    search=(*ComponentSearch.model_fields, "available"),
    filters=(
        Filter("componentType", "itemType", description=f"One or several of {', '.join(ITEM_TYPES)}; none: all."),
    ),
    sorts=("brand",),
    bracketed=True,
    flags=("unavailable",),
)


class ComponentImportOptions(Sent):
    """What comes with the workbook."""

    componentType: str | None = Field(None, description="Of which type.", json_schema_extra={"enum": list(ITEM_TYPES)})


def importing(store: Store, caller: Caller, componentType: str | None) -> ComponentImport:
    """One import of a type of item by a caller. Raises Refused for a type that is none."""
    try:
        return ComponentImport(store, KINDS[item_type_named(componentType or "")], caller)
    except ValueError as error:
        raise Refused.field("componentType", str(error)) from None


def room(house: House, catalogue: Catalogue, store: Store, exporter: Exporter, imports: Imports) -> Room:
    """Components: list, template, export, import."""
    room = Room(house, "Component")

    @room.get("/organization/components", allow=READERS, answers=ItemRowPage, listing=LIST)
    async def get_organization_components(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through the items that the organization can use, of chosen types or of all."""
        unavailable = "unavailable" in query.flags
        articles, page = await catalogue.page(caller, None, query.query, unavailable=unavailable)
        return item_rows(articles, page, query, caller)

    @room.post("/components/exceltemplate", allow=ADMIN, answers=bytes, writes=False, produces=[answers.XLSX])
    async def post_components_excel_template(caller: CallerOf, sent: ComponentTemplate) -> Response:
        """An empty workbook with the columns of a type of item."""
        kind = KINDS[sent.componentType]
        sheet = kind.sheet if caller.sees_cost else kind.sheet.without_cost()
        return answers.file(workbook.template(sheet), answers.XLSX, f"{kind.paths.many}-template.xlsx")

    @room.post(
        "/components/export",
        allow=ADMIN,
        answers=bytes,
        writes=False,
        produces=[answers.XLSX],
        operation="postComponentsExports",
    )
    async def export(caller: CallerOf, sent: ComponentExport) -> Response:
        """The chosen items of a type, or all that a search finds (`selectAll`), those that are switched off too."""
        kind = KINDS[sent.componentType]
        named = sent.search.model_dump(exclude_none=True) if sent.search else {}
        parts: list[Where] = [Contains(name, text) for name, text in named.items() if text]
        if not sent.selectAll:
            parts.append(Ids(tuple(id_ for id_ in sent.components if id_)))
        where = await catalogue.asked(caller, kind, both(*parts))
        found = catalogue.articles(caller, where, sort=(Sort("partNumber"),), usable=False)
        sheet = kind.sheet if caller.sees_cost else kind.sheet.without_cost()
        made = await exporter.export(sheet, _encoded(found))
        return answers.file_stream(aiter(made), made.size, answers.XLSX, f"{kind.paths.many}.xlsx")

    def handler(caller: Caller, options: ComponentImportOptions) -> ComponentImport:
        return importing(store, caller, options.componentType)

    import_route(
        room,
        "/components/import",
        imports,
        "components",
        allow=ADMIN,
        handler=handler,
        operation="postComponentsImport",
        about="Load items of one type from a workbook: new ones become the organization's own.",
        form=ComponentImportOptions,
    )
    return room


async def _encoded(batches: AsyncIterator[list[Article]]) -> AsyncIterator[Sequence[bytes]]:
    async for batch in batches:
        yield [orjson.dumps(article.document) for article in batch]
