"""The endpoints that print a hose assembly or write it for another program."""

from typing import Annotated

from fastapi import Body
from starlette.responses import Response

from brassleaf.assemblies import documents
from brassleaf.assemblies.bills import bill
from brassleaf.assemblies.models import BillAsked, DatasheetAsked, StoredPriceAsked
from brassleaf.assemblies.printing import making
from brassleaf.assemblies.printing.answers import (
    ZPL,
    bill_file,
    file_name,
    labels_file,
    marken_file,
    paper_of,
    pts_file,
)
from brassleaf.assemblies.printing.models import CutSheetAsked, FileAsked, LabelAsked
from brassleaf.assemblies.service import AssemblyService
from brassleaf.assemblies.sheet import BILL_SHEET
from brassleaf.documents import render_cut_sheet, render_datasheet
from brassleaf.http import answers
from brassleaf.http.fields import Id
from brassleaf.security.roles import EVERYONE, READERS
from brassleaf.security.rooms import CallerOf, House, Room
from brassleaf.sheets.export import Exporter


def room(house: House, assemblies: AssemblyService, exporter: Exporter) -> Room:
    """Data sheet, bill of materials, labels, cut sheet, Marken and Parker PTS files."""
    room = Room(house, "Hose assembly")

    @room.post(
        "/hoseassembly/{hoseAssemblyId}/datasheet",
        allow=EVERYONE,
        answers=bytes,
        writes=False,
        produces=[answers.PDF],
    )
    async def hose_assembly_data_sheet(
        caller: CallerOf, hoseAssemblyId: Id, sent: Annotated[DatasheetAsked | None, Body()] = None
    ) -> Response:
        """The data sheet of a hose assembly as PDF; prices on request, costs never."""
        wanted = sent or DatasheetAsked()
        stored, built, organization = await assemblies.opened(caller, hoseAssemblyId)
        priced = None
        if wanted.showPricing:
            terms = StoredPriceAsked(quantity=wanted.quantity, currency=wanted.currency)
            priced = await assemblies.price_built(caller, stored.document, built, terms)
        sheet = documents.data_sheet(
            stored.document, built, organization, crimp_data=wanted.showCrimpSpecs, price=priced
        )
        lengths = documents.length_unit(wanted.lengthUnit or built.lengths.unit)
        content = render_datasheet(sheet, paper=paper_of(wanted.paper, organization), lengths=lengths)
        return answers.file(content, answers.PDF, file_name(stored.document, "pdf"))

    @room.post(
        "/hoseassembly/{hoseAssemblyId}/getBillOfMaterials",
        allow=READERS,
        answers=bytes,
        writes=False,
        produces=[answers.PDF, answers.XLSX],
    )
    async def hose_assembly_bill_of_materials(caller: CallerOf, hoseAssemblyId: Id, sent: BillAsked) -> Response:
        """The bill of materials of a hose assembly, as PDF or Excel."""
        stored, built, organization = await assemblies.opened(caller, hoseAssemblyId)
        made_of = bill(stored.document, built, organization, sent.quantity)
        parts, document = built.parts.values(), stored.document
        return await bill_file(made_of, parts, document, organization, asked=sent, sheet=BILL_SHEET, exporter=exporter)

    @room.post(
        "/hoseassembly/{hoseAssemblyId}/cutsheet", allow=READERS, answers=bytes, writes=False, produces=[answers.PDF]
    )
    async def hose_assembly_cut_sheet(
        caller: CallerOf, hoseAssemblyId: Id, sent: Annotated[CutSheetAsked | None, Body()] = None
    ) -> Response:
        """The cut sheet for the bench as PDF: what to cut, crimp, test and sign."""
        wanted = sent or CutSheetAsked()
        stored, built, organization = await assemblies.opened(caller, hoseAssemblyId)
        cut = making.cut_sheet(stored.document, built, organization, wanted.quantity, wanted.workOrder)
        lengths = documents.length_unit(wanted.lengthUnit or built.lengths.unit)
        content = render_cut_sheet(cut, paper=paper_of(wanted.paper, organization), lengths=lengths)
        return answers.file(content, answers.PDF, file_name(stored.document, "pdf", "cut"))

    _files(room, assemblies)
    return room


def _files(room: Room, assemblies: AssemblyService) -> None:
    """What printers and other programs read."""

    @room.post(
        "/hoseassembly/{hoseAssemblyId}/label",
        allow=READERS,
        answers=bytes,
        writes=False,
        produces=[answers.PDF, ZPL],
    )
    async def hose_assembly_labels(
        caller: CallerOf, hoseAssemblyId: Id, sent: Annotated[LabelAsked | None, Body()] = None
    ) -> Response:
        """Labels of a hose assembly, one a page: as PDF, or as ZPL for thermal printers."""
        wanted = sent or LabelAsked()
        stored, built, organization = await assemblies.opened(caller, hoseAssemblyId)
        labels = making.labels(stored.document, built, organization, wanted)
        return await labels_file(labels, wanted, stored.document, "label")

    @room.post(
        "/hoseassembly/{hoseAssemblyId}/getmarkenfile",
        allow=READERS,
        answers=bytes,
        writes=False,
        produces=["text/plain"],
    )
    async def hose_assembly_marken_file(
        caller: CallerOf, hoseAssemblyId: Id, sent: Annotated[FileAsked | None, Body()] = None
    ) -> Response:
        """A line for the hose marking printer; its columns are the organization's setting `markenFile`."""
        wanted = sent or FileAsked()
        stored, built, organization = await assemblies.opened(caller, hoseAssemblyId)
        record = making.marken_record(stored.document, built, organization, wanted.quantity, wanted.workOrder)
        return marken_file([record], stored.document, organization)

    @room.post(
        "/hoseassembly/{hoseAssemblyId}/getparkerptsfile",
        allow=READERS,
        answers=bytes,
        writes=False,
        produces=["text/csv"],
    )
    async def hose_assembly_parker_pts_file(
        caller: CallerOf, hoseAssemblyId: Id, sent: Annotated[FileAsked | None, Body()] = None
    ) -> Response:
        """A line for the Parker Tracking System; its columns are the organization's setting `parkerPtsFile`.

        Refused where the hose or an end is not Parker's.
        """
        wanted = sent or FileAsked()
        stored, built, organization = await assemblies.opened(caller, hoseAssemblyId)
        record = making.pts_record(stored.document, built, organization, wanted.quantity, wanted.workOrder)
        return pts_file([record], stored.document, organization)
