"""The files that an assembly, and what is made of assemblies, is printed as: rendered, and named after it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from starlette.responses import Response

from brassleaf.assemblies.bills import bill_rows
from brassleaf.assemblies.models import BillAsked
from brassleaf.assemblies.printing.making import marken_layout, pts_layout
from brassleaf.assemblies.printing.models import LabelAsked
from brassleaf.documents import render_bill_of_materials, render_labels, render_records, render_zpl
from brassleaf.documents.labels import Label
from brassleaf.documents.models import BillOfMaterials, Paper
from brassleaf.documents.records import Value
from brassleaf.http import answers
from brassleaf.sheets.columns import Sheet
from brassleaf.sheets.export import Exporter
from brassleaf.store.collections import Document

ZPL = "application/zpl"
_TEXT = "text/plain; charset=utf-8"
_CSV = "text/csv; charset=utf-8"


async def bill_file(
    bill: BillOfMaterials,
    items: Iterable[Document],
    document: Document,
    organization: Document,
    *,
    asked: BillAsked,
    sheet: Sheet,
    exporter: Exporter,
) -> Response:
    """A bill of materials of these items as PDF, or as a workbook with the columns of `sheet`."""
    if asked.format == "pdf":
        paper = paper_of(None, organization)
        content = await asyncio.to_thread(render_bill_of_materials, bill, paper=paper)
        return answers.file(content, answers.PDF, file_name(document, "pdf", "bom"))
    made = await exporter.export(sheet, bill_rows(bill, items))
    return answers.file_stream(aiter(made), made.size, answers.XLSX, file_name(document, "xlsx", "bom"))


async def labels_file(labels: Sequence[Label], asked: LabelAsked, document: Document, name: str) -> Response:
    """Labels as PDF, one a page, or as ZPL; `name` ends the file's name."""
    if asked.format == "zpl":
        content = await asyncio.to_thread(render_zpl, labels, asked.labelSize, dpi=asked.dpi)
        return answers.file(content, ZPL, file_name(document, "zpl", name))
    content = await asyncio.to_thread(render_labels, labels, asked.labelSize)
    return answers.file(content, answers.PDF, file_name(document, "pdf", name))


def marken_file(records: Sequence[Mapping[str, Value]], document: Document, organization: Document) -> Response:
    """Records for a hose marking printer, in the columns of the organization."""
    return answers.file(render_records(records, marken_layout(organization)), _TEXT, file_name(document, "txt"))


def pts_file(records: Sequence[Mapping[str, Value]], document: Document, organization: Document) -> Response:
    """Records for the Parker Tracking System, in the columns of the organization."""
    return answers.file(render_records(records, pts_layout(organization)), _CSV, file_name(document, "csv", "pts"))


def paper_of(asked_for: Paper | None, organization: Document) -> Paper:
    """The paper that was asked for, else the organization's."""
    return asked_for or ("a4" if organization.get("defaultPaper") == "a4" else "letter")


def file_name(document: Document, ending: str, *more: str) -> str:
    """A file by the number and revision of what it is about."""
    named = [str(document["partNumber"]), *([str(document["revision"])] if document.get("revision") else []), *more]
    return "_".join(named) + "." + ending
