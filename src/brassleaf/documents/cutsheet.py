"""The cut sheet: what stands on the bench while an assembly is made, in the order of the work."""

from typing import Final

from brassleaf.documents.datasheet import crimp_table, tests_block
from brassleaf.documents.drawing import HEIGHT, draw_assembly, end_text
from brassleaf.documents.layout import Block, Column, Composer, facts, table
from brassleaf.documents.letterhead import compose, draw_leftovers, draw_subject, draw_texts
from brassleaf.documents.models import CutSheet, Paper
from brassleaf.documents.pen import INK
from brassleaf.documents.texts import one_line
from brassleaf.documents.typeface import RENDER_LOCK, bold, regular
from brassleaf.documents.units import (
    Lengths,
    LengthUnit,
    fine_length_text,
    length_text,
    quantity_text,
    shown_unit,
    tolerance_text,
)

TITLE: Final = "Cut sheet"
_CUT_SIZE: Final = 13.0
_BOX: Final = 32.0
_STEPS: Final = ("Cut", "Mark, skive", "Wrap on", "Crimp end 1", "Crimp end 2", "Check", "Test", "Clean, pack")


def render_cut_sheet(cut: CutSheet, *, paper: Paper = "letter", lengths: Lengths = "inch") -> bytes:
    """The cut sheet as PDF. The same sheet gives the same bytes."""
    unit = shown_unit(lengths)
    sheet = cut.sheet
    with RENDER_LOCK:
        composer, letterhead = compose(paper, sheet.shop, sheet.heading, TITLE, sheet.sample_notes)
        more = (("Quantity", quantity_text(cut.quantity)), ("Work order", cut.work_order))
        draw_subject(composer, sheet.heading, tuple(pair for pair in more if pair[1]))
        composer.space(6)
        _cut(composer, cut, unit)
        _sign_off(composer)
        composer.space(6)
        composer.ensure(HEIGHT)
        draw_assembly(composer.pen, sheet, unit, x=composer.frame.left, top=composer.y, width=composer.frame.width)
        composer.y -= HEIGHT + 5
        composer.flow(_parts(cut, composer.frame.width))
        composer.space(6)
        if sheet.crimps:
            composer.flow(crimp_table(sheet, unit, composer.frame.width))
        composer.space(6)
        composer.flow(tests_block(sheet, "bar" if unit in {"mm", "cm", "m"} else "psi", composer.frame.width))
        notes = [("Print text", sheet.print_text), ("Production notes", cut.production_notes), ("Notes", sheet.notes)]
        draw_texts(composer, "Print text and notes", notes)
        draw_leftovers(composer, letterhead)
        return composer.pdf(title=f"{TITLE} {letterhead.subject}", author=sheet.shop.name)


def _cut(composer: Composer, cut: CutSheet, unit: LengthUnit) -> None:
    """The length that the saw is set to, large; below it the finished length, and what the pieces take of the reel."""
    sheet, width = cut.sheet, composer.frame.width
    tolerance = sheet.length_tolerance.strip() or tolerance_text(sheet.tolerance_plus, sheet.tolerance_minus, unit)
    pieces = f"{quantity_text(cut.quantity)} × {length_text(sheet.cut_length, unit)}"
    columns = (Column("", 12, label=True), Column("", 88))
    composer.flow(table(columns, [["Cut", pieces]], width=width, title="Cut", header=False, size=_CUT_SIZE))
    squareness = "" if cut.squareness is None else f"within {fine_length_text(cut.squareness, unit)}"
    pairs = [
        ("Hose", " ".join(filter(None, (cut.hose, sheet.hose.standard)))),
        ("Hose in all", f"{quantity_text(cut.hose_total)} {one_line(cut.hose_unit)}, with kerf and scrap"),
        ("Finished length", f"{length_text(sheet.overall_length, unit)}  {tolerance}".strip()),
        ("Ends square", squareness),
    ]
    composer.flow(facts([pair for pair in pairs if pair[1]], width=width, share=0.24, across=2))


def _parts(cut: CutSheet, width: float) -> Block:
    sheet = cut.sheet
    ends = {"End 1": end_text(sheet.ends[0]), "End 2": end_text(sheet.ends[1])}
    rows = [
        [part.item, part.brand, part.part_number, part.own_part_number, ends.get(part.item, "") or part.description]
        for part in sheet.parts
    ]
    columns = (
        Column("Part", 10),
        Column("Brand", 16),
        Column("Part number", 22),
        Column("Own part number", 18),
        Column("Description", 34),
    )
    return table(columns, rows, width=width, title="Parts of one assembly")


def _sign_off(composer: Composer) -> None:
    """A box for each step of the work: initials and date are written by hand."""
    width = composer.frame.width / len(_STEPS)
    composer.space(4)
    composer.ensure(_BOX)
    for place, step in enumerate(_STEPS):
        x, y = composer.frame.left + place * width, composer.y - _BOX
        composer.pen.rect(x, y, width, _BOX, ink=INK, stroke=0.5)
        composer.pen.text(x + 3, y + _BOX - 8, f"{place + 1} {step}", bold(), 6.2)
        composer.pen.text(x + 3, y + 3, "initials, date", regular(), 5)
    composer.y -= _BOX
