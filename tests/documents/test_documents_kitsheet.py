"""The data sheet of a kit: lines, assemblies and prices, over any number of pages."""

from dataclasses import replace

from document_samples import HEADING, HOSTILE, SHOP, bitmaps, inches, pages, text

from brassleaf.documents import render_kit_sheet
from brassleaf.documents.models import KitAssembly, KitSheet, KitSheetLine, PriceLine, Prices
from brassleaf.documents.units import Pressure


def sheet(count: int = 2) -> KitSheet:
    lines = tuple(
        KitSheetLine(str(n), 2, "Hose assembly", f"PN-{n:04d}", "C", "Northline", f"Text {n}", f"Place {n}")
        for n in range(1, count + 1)
    )
    assemblies = tuple(
        KitAssembly(
            line.part_number, "in", "C", "2SN-08", ("FJX", "MJ"), inches("36"), inches("0.25"), inches("0.25"),
            pressure=Pressure(3000, "psi"), notes="Mind the lay line",
        )
        for line in lines
    )  # fmt: skip
    prices = Prices("USD", tuple(PriceLine(line.part_number, 2, "each", 42.1, 84.2) for line in lines), 84.2 * count)
    return KitSheet(SHOP, HEADING, lines, assemblies, draft=True, notes="Pack in one box", prices=prices)


def test_everything_is_printed_once_it_is_known() -> None:
    printed = text(render_kit_sheet(sheet()))
    for expected in (
        "Hose kit data sheet - DRAFT", "2 2 Hose assembly Northline PN-0002-C Text 2 Place 2", "PN-0001-C",
        "36 in (914.4 mm) ±0.25 in", "3000 psi (206.8 bar)", "Mind the lay line", "84.20", "168.40", "Pack in one box",
    ):  # fmt: skip
        assert expected in printed, expected
    assert "DRAFT" not in text(render_kit_sheet(replace(sheet(), draft=False)))
    metric = text(render_kit_sheet(sheet(), lengths="mm"))
    assert "914.4 mm (36 in)" in metric
    assembly = KitAssembly("PN-1", "in", overall_length=None)
    bare = text(render_kit_sheet(replace(sheet(), assemblies=(assembly,), prices=None)))
    assert "not known" in bare  # a length that nobody knows is not left out
    assert "Working pressure" not in bare
    assert "84.20" not in bare


def test_no_line_is_lost_on_many_pages() -> None:
    found = pages(render_kit_sheet(sheet(200), paper="a4"))
    assert len(found) > 10
    assert all(" ".join(found).count(f"PN-{number:04d}") == 3 for number in range(1, 201))  # line, assembly, price
    assert f"Page {len(found)} of {len(found)}" in found[-1]


def test_an_empty_kit_says_so() -> None:
    assert "No lines." in text(render_kit_sheet(KitSheet(SHOP, HEADING, ())))


def test_a_hostile_kit_stays_inside_its_frame() -> None:
    kit = sheet()
    lines = tuple(
        replace(line, description=HOSTILE * 40, part_number="X" * 5000, comments=HOSTILE) for line in kit.lines
    )
    assemblies = tuple(replace(one, hose=HOSTILE * 9, notes=HOSTILE * 9, part_number=HOSTILE) for one in kit.assemblies)
    pdf = render_kit_sheet(replace(kit, lines=lines, assemblies=assemblies, notes=HOSTILE * 50))
    for image in bitmaps(pdf, 1.0):
        width, height = image.size
        image.paste(255, (35, 35, width - 35, height - 35))
        assert image.getextrema() == (255, 255)
    assert text(pdf).replace(" ", "").count("X") >= 10_000


def test_the_same_kit_gives_the_same_bytes() -> None:
    assert render_kit_sheet(sheet(9)) == render_kit_sheet(sheet(9))
