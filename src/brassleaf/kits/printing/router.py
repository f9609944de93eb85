"""The endpoints that print a hose kit or write it for another program."""

import asyncio
from typing import Annotated

from fastapi import Body
from starlette.responses import Response

from brassleaf.assemblies.bills import bill_rows
from brassleaf.assemblies.documents import length_unit
from brassleaf.assemblies.models import BillAsked, PriceFor
from brassleaf.assemblies.printing.making import marken_layout, pts_layout
from brassleaf.assemblies.printing.models import FileAsked
from brassleaf.assemblies.printing.router import CSV, TEXT, ZPL, file_name, paper_of
from brassleaf.assemblies.sheet import bill_sheet
from brassleaf.documents import render_bill_of_materials, render_kit_sheet, render_labels, render_records, render_zpl
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
            price = await prices.price_opened(caller, kit, PriceFor(currency=wanted.currency))
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
        bill = making.bill(kit, sent.quantity)
        if sent.format == "pdf":
            paper = paper_of(None, kit.organization)
            content = await asyncio.to_thread(render_bill_of_materials, bill, paper=paper)
            return answers.file(content, answers.PDF, file_name(kit.document, "pdf", "bom"))
        made = await exporter.export(_BILL, bill_rows(bill, making.items_of(kit)))
        return answers.file_stream(aiter(made), made.size, answers.XLSX, file_name(kit.document, "xlsx", "bom"))

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
        made = making.labels(kit, wanted)
        if wanted.format == "zpl":
            content = await asyncio.to_thread(render_zpl, made, wanted.labelSize, dpi=wanted.dpi)
            return answers.file(content, ZPL, file_name(kit.document, "zpl", "labels"))
        content = await asyncio.to_thread(render_labels, made, wanted.labelSize)
        return answers.file(content, answers.PDF, file_name(kit.document, "pdf", "labels"))

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
        content = render_records(records, marken_layout(kit.organization))
        return answers.file(content, TEXT, file_name(kit.document, "txt"))

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
        content = render_records(records, pts_layout(kit.organization))
        return answers.file(content, CSV, file_name(kit.document, "csv", "pts"))

    return room
