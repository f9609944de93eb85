"""Sheets that the tests of documents draw, and readers for what came out."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pypdfium2 as pdfium
from pypdf import PdfReader

from brassleaf.documents.models import (
    BillLine,
    BillOfMaterials,
    Crimp,
    DataSheet,
    End,
    Heading,
    Hose,
    OrderedTests,
    Part,
    PriceLine,
    Prices,
    Rating,
    Shop,
    Wrap,
)
from brassleaf.documents.units import Length, Pressure, Temperature, Weight


def inches(value: str) -> Length:
    return Length(Decimal(value), "in")


def mm(value: str) -> Length:
    return Length(Decimal(value), "mm")


SHOP = Shop("Prairie Hose & Fitting", ("1420 Industrial Parkway", "Saskatoon SK S7K 3P4"))
HEADING = Heading(
    "HA-10234-06",
    "B",
    "released",
    3,
    date(2026, 5, 4),
    "Northfield Mining Ltd.",
    "NM-778-0021",
    "C",
    "Hose assembly 1/2 in 2SN, 36 in",
)
HOSE = Hose(
    "EN 853 2SN",
    "8",
    "1/2",
    "12",
    mm("12.7"),
    mm("22.1"),
    mm("180"),
    Temperature(-40, "C"),
    Temperature(100, "C"),
    Pressure(4000, "psi"),
    "2 wire braids",
)
STRAIGHT = End("JIC 37°", "female", "straight", "8", swivel=True, thread="3/4-16 UNF", material="steel", torque="50 Nm")
ELBOW = End("JIC 37°", "female", "90 elbow", "8", swivel=True, drop_length=inches("2.1"))
BEND = End("ORFS", "female", "45", "8", swivel=True)
FLANGE = End("SAE flange Code 62", "", "straight", "16")
CRIMP = Crimp(
    "FER-2SN-08",
    "P32/22",
    "SR-4",
    mm("24.60"),
    mm("0.15"),
    mm("0.10"),
    mm("38"),
    mm("27"),
    mm("4.5"),
    mm("1.5"),
)
PARTS = (
    Part("1", Decimal("2.6875"), "ft", "Northline", "2SN-08", "H-0812", "Hose 1/2 in black", "hose"),
    Part("2", 1, "ea", "Northline", "08PC-08FJX90", "F-2201", "Elbow fitting", "end1"),
    Part("3", 1, "ea", "Northline", "08PC-08FFORX45", "F-2209", "Bent fitting", "end2"),
    Part("4", 2, "ea", "Northline", "FER-2SN-08", "FE-77", "Ferrule", "ferrule1"),
    Part("5", Decimal("1.25"), "ft", "Safeguard", "NS-32", "W-32", "Nylon sleeve", "wrap"),
)
SHEET = DataSheet(
    shop=SHOP,
    heading=HEADING,
    hose=HOSE,
    ends=(ELBOW, BEND),
    parts=PARTS,
    overall_length=inches("36"),
    cut_length=inches("32.25"),
    tolerance_plus=inches("0.25"),
    tolerance_minus=inches("0.125"),
    offset_angle=225,
    offset_tolerance=5,
    wrap=Wrap("nylon sleeve", "black", "from end 1", ((inches("0"), inches("14")),)),
    crimps=(CRIMP, replace(CRIMP, die="P32/23")),
    rating=Rating(Pressure(3000, "psi"), "end 1", "", Pressure(6000, "psi")),
    tests=OrderedTests(proof=True, proof_hold_seconds=60, others=("Cleanliness ISO 4406",)),
    weight=Weight(Decimal("1.40625"), "lb"),
    print_text="PRAIRIE HA-10234-06 WP 3000 PSI 2605",
    notes="Cap both ends.",
    prices=Prices(
        "CAD",
        (PriceLine("Hose", Decimal("2.6875"), "ft", Decimal("6.4"), Decimal("17.2")),),
        Decimal("1042.1"),
        "Net prices.",
    ),
    sample_notes=("Northline 2SN-08: ratings", "Northline 08PC: crimp data"),
)
HOSTILE = (
    "<b>bold</b> &amp; <para backColor='exec'>\x00\x01\x1b[31m\r\nnext\u2028line\u202e txet \u05e9\u05dc\u05d5\u05dd "
    "\u0645\u0631\u062d\u0628\u0627 \U0001f692\ufe0f\u200d \u4e2d\u6587 \ud800 ){Tj}( \\ % ET Q \u0416 e\u0301"
)


def bill(lines: int) -> BillOfMaterials:
    return BillOfMaterials(
        SHOP,
        HEADING,
        tuple(
            BillLine(
                n, "crimpFitting", "Northline", f"PN-{n:04d}", f"OWN-{n}", f"Part number {n}", 2, Decimal("24.5"), "ea"
            )
            for n in range(1, lines + 1)
        ),
        quantity=12,
        notes="Kit in bags of six.",
        sample_notes=("PN-0001",),
    )


def pages(pdf: bytes) -> list[str]:
    """The text of each page, blanks and line breaks as single blanks."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def text(pdf: bytes) -> str:
    return " ".join(pages(pdf))


def bitmaps(pdf: bytes, scale: float = 2.0) -> list[Any]:
    """Each page as a greyscale image."""
    document = pdfium.PdfDocument(pdf)
    images = [page.render(scale=scale).to_pil().convert("L") for page in document]
    document.close()
    return images


def text_boxes(pdf: bytes) -> list[list[tuple[float, float, float, float]]]:
    """The boxes of all runs of text by page: left, bottom, right, top in points."""
    document = pdfium.PdfDocument(pdf)
    found = []
    for page in document:
        textpage = page.get_textpage()
        found.append([textpage.get_rect(index) for index in range(textpage.count_rects())])
        textpage.close()
    document.close()
    return found
