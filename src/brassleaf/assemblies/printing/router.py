"""The endpoints that print a hose assembly or write it for another program."""

import asyncio
from typing import Annotated

from fastapi import Body
from starlette.responses import Response

from brassleaf.assemblies import documents
from brassleaf.assemblies.bills import bill, bill_rows
from brassleaf.assemblies.models import BillAsked, DatasheetAsked, StoredPriceAsked
from brassleaf.assemblies.printing import making
from brassleaf.assemblies.printing.models import CutSheetAsked, FileAsked, LabelAsked
from brassleaf.assemblies.service import AssemblyService
from brassleaf.assemblies.sheet import BILL_SHEET
from brassleaf.documents import (
    render_bill_of_materials,
    render_cut_sheet,
    render_datasheet,
    render_labels,
    render_records,
    render_zpl,
)
from brassleaf.documents.models import Paper
from brassleaf.http import answers
from brassleaf.http.fields import Id
from brassleaf.security.roles import EVERYONE, READERS
from brassleaf.security.rooms import CallerOf, House, Room
from brassleaf.sheets.export import Exporter
from brassleaf.store.collections import Document

ZPL = "application/zpl"
TEXT = "text/plain; charset=utf-8"
CSV = "text/csv; charset=utf-8"


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
        if sent.format == "pdf":
            content = render_bill_of_materials(made_of, paper=paper_of(None, organization))
            return answers.file(content, answers.PDF, file_name(stored.document, "pdf", "bom"))
        made = await exporter.export(BILL_SHEET, bill_rows(made_of, built.parts.values()))
        return answers.file_stream(aiter(made), made.size, answers.XLSX, file_name(stored.document, "xlsx", "bom"))

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
        if wanted.format == "zpl":
            content = await asyncio.to_thread(render_zpl, labels, wanted.labelSize, dpi=wanted.dpi)
            return answers.file(content, ZPL, file_name(stored.document, "zpl", "label"))
        content = await asyncio.to_thread(render_labels, labels, wanted.labelSize)
        return answers.file(content, answers.PDF, file_name(stored.document, "pdf", "label"))

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
        record = making.marken_record(stored.document, built, wanted.quantity, wanted.workOrder)
        content = render_records([record], making.marken_layout(organization))
        return answers.file(content, TEXT, file_name(stored.document, "txt"))

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
        content = render_records([record], making.pts_layout(organization))
        return answers.file(content, CSV, file_name(stored.document, "csv", "pts"))


def paper_of(asked_for: Paper | None, organization: Document) -> Paper:
    """The paper that was asked for, else the organization's."""
    return asked_for or ("a4" if organization.get("defaultPaper") == "a4" else "letter")


def file_name(document: Document, ending: str, *more: str) -> str:
    """A file by the number and revision of what it is about."""
    named = [str(document["partNumber"]), *([str(document["revision"])] if document.get("revision") else []), *more]
    return "_".join(named) + "." + ending
