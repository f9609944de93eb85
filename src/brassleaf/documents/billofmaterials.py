"""The bill of materials as a list on paper."""

from typing import Final

from brassleaf.documents.layout import Column, table
from brassleaf.documents.letterhead import compose, draw_leftovers, draw_subject, draw_texts
from brassleaf.documents.models import BillOfMaterials, Paper
from brassleaf.documents.texts import one_line
from brassleaf.documents.typeface import RENDER_LOCK
from brassleaf.documents.units import quantity_text

_COLUMNS: Final = (
    Column("Line", 6, "right"),
    Column("Item type", 12),
    Column("Brand", 12),
    Column("Part number", 18),
    Column("Own part number", 16),
    Column("Description", 34),
    Column("Quantity per", 12, "right"),
    Column("Quantity", 12, "right"),
    Column("Unit", 7),
)


def render_bill_of_materials(bom: BillOfMaterials, *, paper: Paper = "letter") -> bytes:
    """The bill of materials as PDF; the columns' titles stand on every page. The same bill gives the same bytes."""
    with RENDER_LOCK:
        title = one_line(bom.title)[:60] or "Bill of materials"
        composer, letterhead = compose(paper, bom.shop, bom.heading, title, bom.sample_notes)
        draw_subject(composer, bom.heading, (("Quantity", quantity_text(bom.quantity)),))
        composer.space(8)
        rows = [
            [
                str(line.line_number),
                line.item_type,
                line.brand,
                line.part_number,
                line.org_part_number,
                line.description,
                quantity_text(line.quantity_per),
                quantity_text(line.quantity),
                line.unit_of_measure,
            ]
            for line in bom.lines
        ]
        if not rows:
            rows = [["", "", "", "", "", "No lines.", "", "", ""]]
        composer.flow(table(_COLUMNS, rows, width=composer.frame.width))
        draw_texts(composer, "Notes", [("Notes", bom.notes)])
        draw_leftovers(composer, letterhead)
        return composer.pdf(title=f"{title} {letterhead.subject}", author=bom.shop.name)
