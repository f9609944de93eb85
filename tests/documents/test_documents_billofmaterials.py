"""The bill of materials: all columns, repeated titles, no line lost."""

from dataclasses import replace

import pytest
from document_samples import HOSTILE, bill, bitmaps, pages, text

from brassleaf.documents import render_bill_of_materials

TITLES = "Line Item type Brand Part number Own part number Description Quantity per Quantity Unit"


def test_every_column_is_printed() -> None:
    printed = text(render_bill_of_materials(bill(3)))
    for expected in ("Bill of materials", "HA-10234-06-B", "Quantity 12", TITLES, "Kit in bags of six."):
        assert expected in printed
    assert "2 crimpFitting Northline PN-0002 OWN-2 Part number 2 2 24.5 ea" in printed


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_titles_stand_on_every_page_and_no_line_is_lost(paper: str) -> None:
    found = pages(render_bill_of_materials(bill(200), paper=paper))  # type: ignore[arg-type]
    assert len(found) > 3
    for number, page in enumerate(found, 1):
        assert TITLES in page
        assert "Sample data - not for production: PN-0001" in page
        assert f"Page {number} of {len(found)}" in page
    assert all(f"PN-{number:04d}" in " ".join(found) for number in range(1, 201))


def test_an_empty_bill_says_so() -> None:
    assert "No lines." in text(render_bill_of_materials(bill(0)))


def test_a_hostile_bill_stays_inside_its_frame() -> None:
    bom = bill(30)
    lines = tuple(replace(line, description=HOSTILE * 40, part_number="X" * 5000) for line in bom.lines[:3])
    pdf = render_bill_of_materials(replace(bom, lines=lines, title=HOSTILE, notes=HOSTILE * 50))
    for image in bitmaps(pdf, 1.0):
        width, height = image.size
        image.paste(255, (35, 35, width - 35, height - 35))
        assert image.getextrema() == (255, 255)
    assert text(pdf).replace(" ", "").count("X") >= 15000


def test_the_same_bill_gives_the_same_bytes() -> None:
    assert render_bill_of_materials(bill(50)) == render_bill_of_materials(bill(50))
