"""The endpoints that print a hose kit or write it for another program."""

import asyncio
from typing import Annotated

from fastapi import Body
from starlette.responses import Response

from brassleaf.assemblies.documents import length_unit
from brassleaf.assemblies.models import BillAsked, StoredPriceAsked
from brassleaf.assemblies.printing.answers import (
    ZPL,
    bill_file,
    file_name,
    labels_file,
    marken_file,
    paper_of,
    pts_file,
)
from brassleaf.assemblies.printing.models import FileAsked
from brassleaf.assemblies.sheet import bill_sheet
from brassleaf.documents import render_kit_sheet
from brassleaf.http import answers
from brassleaf.http.fields import Id
from brassleaf.kits.opening import OpenedKits
from brassleaf.kits.pricing.service import KitPrices
from brassleaf.kits.printing import making
from brassleaf.kits.printing.datasheet import kit_sheet
from brassleaf.kits.printing.models import KitLabelAsked, KitSheetAsked
from brassleaf.security.roles import EVERYONE, READERS
from brassleaf.security.rooms import CallerOf, House, Room
from brassleaf.sheets.export import Exporter

_BILL = bill_sheet("kit")


def room(house: House, kits: OpenedKits, prices: KitPrices, exporter: Exporter) -> Room:
    """Data sheet, bill of materials, labels, Marken and Parker PTS files."""
    room = Room(house, "Hose kit")

    @room.post(
        "/hosekit/{hoseKitId}/getHoseKitDataSheet",
        allow=EVERYONE,
        answers=bytes,
        writes=False,
        produces=[answers.PDF],
    )
    async def hose_kit_data_sheet(
        caller: CallerOf, hoseKitId: Id, sent: Annotated[KitSheetAsked | None, Body()] = None
    ) -> Response:
        """The data sheet of a hose kit as PDF; prices on request, costs never. One under editing is marked a draft."""
        wanted = sent or KitSheetAsked()
        kit = await kits.kit(caller, hoseKitId)
        price = None
        if wanted.includePrice:
            price = await prices.price_opened(caller, kit, StoredPriceAsked(currency=wanted.currency))
        sheet = await asyncio.to_thread(kit_sheet, caller, kit, assemblies=wanted.includeHoseAssemblies, price=price)
        lengths = length_unit(wanted.lengthUnit) if wanted.lengthUnit else None
        paper = paper_of(wanted.paper, kit.organization)
        content = await asyncio.to_thread(render_kit_sheet, sheet, paper=paper, lengths=lengths)
        return answers.file(content, answers.PDF, file_name(kit.document, "pdf"))

    @room.post(
        "/hosekit/{hoseKitId}/getBillOfMaterials",
        allow=READERS,
        answers=bytes,
        writes=False,
        produces=[answers.PDF, answers.XLSX],
    )
    async def hose_kit_bill_of_materials(caller: CallerOf, hoseKitId: Id, sent: BillAsked) -> Response:
        """The bill of materials of a hose kit, as PDF or Excel: its assemblies taken apart, equal parts merged."""
        kit = await kits.kit(caller, hoseKitId)
        bill, items = making.bill(kit, sent.quantity), making.items_of(kit)
        return await bill_file(bill, items, kit.document, kit.organization, asked=sent, sheet=_BILL, exporter=exporter)

    @room.post(
        "/hosekit/{hoseKitId}/labels",
        allow=READERS,
        answers=bytes,
        writes=False,
        produces=[answers.PDF, ZPL],
        operation="postHoseKitIdLabels",
    )
    async def labels(caller: CallerOf, hoseKitId: Id, sent: Annotated[KitLabelAsked | None, Body()] = None) -> Response:
        """Labels of the hose assemblies of a kit, one a page: as PDF, or as ZPL for thermal printers."""
        wanted = sent or KitLabelAsked()
        kit = await kits.kit(caller, hoseKitId)
        return await labels_file(making.labels(kit, wanted), wanted, kit.document, "labels")

    @room.post(
        "/hosekit/{hoseKitId}/getmarkenfile", allow=READERS, answers=bytes, writes=False, produces=["text/plain"]
    )
    async def hose_kit_marken_file(
        caller: CallerOf, hoseKitId: Id, sent: Annotated[FileAsked | None, Body()] = None
    ) -> Response:
        """A line for each hose assembly of a kit for the hose marking printer, as for a single assembly."""
        wanted = sent or FileAsked()
        kit = await kits.kit(caller, hoseKitId)
        records = making.marken_records(kit, wanted.quantity, wanted.workOrder)
        return marken_file(records, kit.document, kit.organization)

    @room.post(
        "/hosekit/{hoseKitId}/getparkerptsfile", allow=READERS, answers=bytes, writes=False, produces=["text/csv"]
    )
    async def hose_kit_parker_pts_file(
        caller: CallerOf, hoseKitId: Id, sent: Annotated[FileAsked | None, Body()] = None
    ) -> Response:
        """A line for each assembly of a kit that is Parker's for the Parker Tracking System; refused where none is."""
        wanted = sent or FileAsked()
        kit = await kits.kit(caller, hoseKitId)
        records = making.pts_records(kit, wanted.quantity, wanted.workOrder)
        return pts_file(records, kit.document, kit.organization)

    return room
