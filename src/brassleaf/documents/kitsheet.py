"""The data sheet of a kit: its lines, and in short how each of its hose assemblies is made up."""

from typing import Final

from brassleaf.documents.datasheet import draw_prices
from brassleaf.documents.layout import Column, facts, table
from brassleaf.documents.letterhead import compose, draw_leftovers, draw_subject, draw_texts
from brassleaf.documents.models import KitAssembly, KitSheet, Paper
from brassleaf.documents.texts import one_line, with_revision
from brassleaf.documents.typeface import RENDER_LOCK
from brassleaf.documents.units import (
    LengthUnit,
    length_text,
    pressure_text,
    quantity_text,
    tolerance_text,
)

TITLE: Final = "Hose kit data sheet"
DRAFT: Final = "DRAFT"
_COLUMNS: Final = (
    Column("Line", 7, "right"),
    Column("Quantity", 9, "right"),
    Column("Item type", 14),
    Column("Part number", 22),
    Column("Description", 32),
    Column("Notes", 20),
)


def render_kit_sheet(sheet: KitSheet, *, paper: Paper = "letter", lengths: LengthUnit | None = None) -> bytes:
    """The data sheet as PDF, lengths in `lengths` or each assembly's own unit. The same sheet gives the same bytes."""
    title = f"{TITLE} - {DRAFT}" if sheet.draft else TITLE
    with RENDER_LOCK:
        composer, letterhead = compose(paper, sheet.shop, sheet.heading, title, sheet.sample_notes)
        draw_subject(composer, sheet.heading)
        composer.space(8)
        width, between = composer.frame.width, sheet.shop.revision_delimiter
        rows = [
            [
                line.number,
                quantity_text(line.quantity),
                line.item,
                " ".join(filter(None, (line.brand, with_revision(line.part_number, line.revision, between)))),
                line.description,
                line.comments,
            ]
            for line in sheet.lines
        ]
        composer.flow(table(_COLUMNS, rows or [["", "", "", "", "No lines.", ""]], width=width, title="Contents"))
        for assembly in sheet.assemblies:
            composer.space(6)
            named = with_revision(assembly.part_number, assembly.revision, between)
            pairs = _pairs(assembly, lengths or assembly.unit)
            composer.flow(facts(pairs, width=width, title=one_line(named), share=0.15))
        draw_prices(composer, sheet.prices)
        draw_texts(composer, "Notes", [("Notes", sheet.notes)])
        draw_leftovers(composer, letterhead)
        return composer.pdf(title=f"{TITLE} {letterhead.subject}", author=sheet.shop.name)


def _pairs(assembly: KitAssembly, unit: LengthUnit) -> list[tuple[str, str]]:
    tolerance = assembly.length_tolerance.strip() or tolerance_text(
        assembly.tolerance_plus, assembly.tolerance_minus, unit
    )
    pairs = [
        ("Hose", assembly.hose),
        ("End 1", assembly.ends[0]),
        ("End 2", assembly.ends[1]),
        ("Overall length", f"{length_text(assembly.overall_length, unit)}  {tolerance}".strip()),
        ("Working pressure", pressure_text(assembly.pressure, assembly.pressure.unit) if assembly.pressure else ""),
        ("Print text", assembly.print_text),
        ("Notes", assembly.notes),
    ]
    return [pair for pair in pairs if pair[1].strip()]
