"""Labels of every size: what stands on them, that nothing leaves them, that scanners read them, that ZPL obeys us."""

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from document_samples import HOSTILE, SHEET, bitmaps, inches, pages, text, text_boxes

from brassleaf.documents import render_cut_sheet, render_datasheet, render_labels, render_records, render_zpl
from brassleaf.documents.codes import code128_bars
from brassleaf.documents.labels import SIZES, Label, LabelFace, QrMark, TextMark, layout
from brassleaf.documents.models import CutSheet, ToleranceStep, ToleranceTable
from brassleaf.documents.records import FileLayout
from brassleaf.documents.zpl import field_data

FACE = LabelFace(
    "Prairie Hose & Fitting",
    "HA-10234-06",
    "B",
    (
        ("Cust PN", "NM-778-0021-C"),
        ("Length", "36 in (914.4 mm)"),
        ("WP", "3000 psi (206.8 bar)"),
        ("Hose", "2SN-08 EN 853 2SN -08"),
        ("End 1", "08PC-08FJX90"),
        ("Desc", "Hose assembly 1/2 in 2SN, 36 in with a nylon sleeve of 14 in from end 1, both ends capped"),
    ),
    "2026-05-04 · 2605",
)
LONG = replace(FACE, part_number="W" * 48, revision="R" * 30, shop="S" * 300, facts=(("Desc", "D " * 400),) * 9)
FOREIGN = LabelFace(HOSTILE, HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),), HOSTILE, sample=True)
FACES = {"usual": FACE, "sample": replace(FACE, sample=True), "long": LONG, "foreign": FOREIGN}


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_leaves_the_label(size: Any, face: str) -> None:
    pdf = render_labels([Label(FACES[face], "3 of 12")], size)
    (image,) = bitmaps(pdf, scale=2)
    width, height = SIZES[size]
    assert abs(image.width - 2 * width) <= 2
    assert abs(image.height - 2 * height) <= 2
    inked = image.point(lambda value: 255 * (value < 160)).getbbox()
    assert inked is not None
    left, top, right, bottom = inked
    assert left >= 6
    assert top >= 4
    assert right <= image.width - 6
    assert bottom <= image.height - 4


@pytest.mark.parametrize("size", SIZES)
def test_lines_do_not_run_into_each_other_or_into_the_code(size: Any) -> None:
    for face in (FACE, LONG):
        marks = layout(face, size).marks
        lines = sorted({round(mark.y, 2): mark for mark in marks if isinstance(mark, TextMark)}.items())
        for (y, _), (below, mark) in pairwise(lines):
            assert below - y >= mark.size * 0.9
        code = next((mark for mark in marks if isinstance(mark, QrMark)), None)
        for left, low, right, high in text_boxes(render_labels([Label(face)], size))[0]:
            top, bottom = SIZES[size][1] - high, SIZES[size][1] - low
            if code is not None and bottom > code.y and top < code.y + code.side:
                assert right <= code.x or left >= code.x + code.side


@pytest.mark.parametrize("size", SIZES)
def test_what_matters_most_is_on_every_label(size: Any) -> None:
    printed = text(render_labels([Label(replace(FACE, sample=True), "3 of 12")], size))
    for expected in ("HA-10234-06-B", "Prairie Hose & Fitting", "3 of 12", "SAMPLE DATA", "NM-778-0021"):
        assert expected in printed, expected


def test_a_large_label_has_all_of_it() -> None:
    printed = text(render_labels([Label(FACE)], "4x6"))
    for _, fact in FACE.facts[:-1]:
        assert fact in printed
    assert "2026-05-04 · 2605" in printed


def test_one_label_a_page_each_with_its_own_number() -> None:
    found = pages(render_labels([Label(FACE, f"{n} of 3") for n in (1, 2, 3)], "2x3"))
    assert [re.findall(r"(\d of 3)", page) for page in found] == [["1 of 3"], ["2 of 3"], ["3 of 3"]]
    assert render_labels([Label(FACE)], "2x3") == render_labels([Label(FACE)], "2x3")


def test_markup_prints_as_it_stands() -> None:
    face = replace(FACE, facts=(("Desc", "<b>bold</b> & <para>"),))
    assert "<b>bold</b> & <para>" in text(render_labels([Label(face)], "4x6"))


@pytest.mark.parametrize("size", SIZES)
def test_scanners_read_the_codes(size: Any) -> None:
    zxing = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed")
    # 203 dpi, as the coarsest printer has it
    (image,) = bitmaps(render_labels([Label(FACE)], size), scale=203 / 72)
    found = {str(code.format).replace(" ", ""): code.text for code in zxing.read_barcodes(image)}
    assert found.pop("QRCode") == "HA-10234-06\nB"
    assert set(found.values()) <= {"HA-10234-06"}
    if size != "50x25mm":  # too narrow for eleven characters in bars that a scanner can read
        assert found


# -- ZPL --------------------------------------------------------------------------------------------------------------

COMMAND = re.compile(r"\^(XA|XZ|CI28|PW\d+|LL\d+|LH0,0|FO\d+,\d+|A0N,\d+,\d+|FH|FS|BY\d+|BCN,\d+,N,N,N|BQN,2,\d+)")


def fields(zpl: bytes) -> list[str]:
    """What is printed, with the hex of ^FH read as the printer does. Everything else must be our own commands."""
    found = []
    for line in zpl.decode("ascii").splitlines():
        before, _, data = line.partition("^FD")
        assert COMMAND.sub("", before) == "", line
        if data:
            assert data.endswith("^FS")
            data = data.removesuffix("^FS")
            assert not set("^~") & set(data), line
            raw = re.sub(rb"_([0-9A-F]{2})", lambda code: bytes([int(code[1], 16)]), data.encode())
            found.append(raw.decode("utf-8"))
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_zpl_says_what_the_pdf_says(size: Any, dpi: Any) -> None:
    zpl = render_zpl([Label(FACE, "1 of 2"), Label(FACE, "2 of 2")], size, dpi=dpi)
    assert zpl.count(b"^XA") == zpl.count(b"^XZ") == 2
    printed = fields(zpl)
    assert {"HA-10234-06-B", "1 of 2", "2 of 2", "NM-778-0021-C"} <= set(printed)
    assert "MA,HA-10234-06\nB" in printed
    width, height = (round(side / 72 * dpi) for side in SIZES[size])
    assert f"^PW{width}\n^LL{height}\n".encode() in zpl
    for x, y in re.findall(rb"\^FO(\d+),(\d+)", zpl):
        assert int(x) < width
        assert int(y) < height


@pytest.mark.parametrize(
    "text", [HOSTILE, "^XA^JUF^XZ", "~JR", "a\r\n^FS^XZ\n~DG", "_5E_7E", "\x10\x1b^\x00~", ">;>8<^"]
)
def test_no_text_commands_the_printer(text: str) -> None:
    face = LabelFace(text, text, text, ((text, text),), text)
    zpl = render_zpl([Label(face, text)], "4x6")
    assert zpl.count(b"^XA") == zpl.count(b"^XZ") == 1
    assert b"~" not in zpl
    assert re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", zpl) is None
    fields(zpl)


def test_field_data_keeps_what_it_was_given() -> None:
    assert field_data("A_1^~\\") == "A_5F1_5E_7E_5C"
    assert field_data("Ø 37°\nx") == "_C3_98 37_C2_B0 x"


def test_the_bars_of_zpl_escape_the_sign_of_an_invocation() -> None:
    zpl = render_zpl([Label(replace(FACE, part_number="A>B", revision=""))], "4x6").decode()
    (bars,) = [line for line in zpl.splitlines() if "^BC" in line]
    assert "^FD>:A>0B^FS" in bars
    assert code128_bars("A>B") is not None


# -- records, cut sheet, tolerance table ------------------------------------------------------------------------------


def test_records_are_lines_whatever_stands_in_them() -> None:
    layout_ = FileLayout(("Text", "Length", "Note"), ";", header=True)
    rows = [
        {"Text": 'a;b "c"\r\nd\x00\x1b', "Length": Decimal("32.250"), "Note": None},
        {"Text": "=1+1", "Length": 1e-7},
    ]
    made = render_records(rows, layout_).decode()
    assert made == 'Text;Length;Note\r\n"a;b ""c"" d";32.25;\r\n=1+1;0;\r\n'


TABLE = ToleranceTable(
    "SAE",
    (
        ToleranceStep(12, Decimal("0.125"), Decimal("0.125"), "in"),
        ToleranceStep(36, Decimal("0.25"), Decimal("0.25"), "in", in_force=True),
        ToleranceStep(None, 1, Decimal("0.5"), "in", percent=True),
    ),
    "Not confirmed.",
)


def test_the_data_sheet_shows_the_table_in_force() -> None:
    printed = text(render_datasheet(replace(SHEET, tolerance_table=TABLE)))
    assert "Length tolerances: table SAE" in printed
    assert "±0.25 in (applies)" in printed
    assert "+1 / -0.5 %" in printed
    assert "Not confirmed." in printed
    many = ToleranceTable("own", tuple(ToleranceStep(n, n, n, "mm", in_force=n == 40) for n in range(1, 60)))
    shown = text(render_datasheet(replace(SHEET, tolerance_table=many)))
    assert "±40 mm (applies)" in shown
    assert "up to 59 mm" not in shown


def test_the_cut_sheet_says_what_to_do() -> None:
    cut = CutSheet(SHEET, 12, "Northline 2SN-08", Decimal("32.375"), "ft", "WO-1", "Blow <out> & bag.", inches("0.063"))
    first, *_ = pages(render_cut_sheet(cut))
    assert "Blow <out> & bag." in text(render_cut_sheet(cut))
    assert "PRAIRIE HA-10234-06" in text(render_cut_sheet(cut))
    expected = (
        "12 × 32.25 in (32-1/4 in, 819.2 mm)", "32.375 ft", "0.063 in", "WO-1", "P32/22", "P32/23", "24.6 mm",
        "6000 psi", "1 Cut", "8 Clean, pack",
    )  # fmt: skip
    for part in expected:
        assert part in first, part
    assert "1042.1" not in first  # prices stay in the office


def test_a_cut_sheet_of_anything_stays_on_its_paper() -> None:
    hostile = replace(SHEET, notes=HOSTILE * 40, print_text=HOSTILE, crimps=())
    cut = CutSheet(hostile, 1e9, HOSTILE, 0, HOSTILE, HOSTILE, HOSTILE * 60)
    for boxes in text_boxes(render_cut_sheet(cut, paper="a4", lengths="metric")):
        assert all(left >= 35 and right <= 596 - 35 for left, _, right, _ in boxes)
