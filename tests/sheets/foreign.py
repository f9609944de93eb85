"""Workbooks from outside, made by hand: honest, odd and hostile ones."""

import io
import random
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from brassleaf.sheets.columns import Column, Sheet

SHEET = Sheet(
    "Parts",
    (
        Column("Part number", "number", required=True),
        Column("Description", "description"),
        Column("Price", "price", "number"),
        Column("Pieces", "pieces", "integer"),
        Column("Available", "available", "boolean"),
        Column("Valid from", "validFrom", "datetime"),
        Column("Tags", "tags", "list"),
        Column("City", "address.city"),
        Column("Cost", "cost", "number", cost=True),
        Column("Last modified", "lastModified", "datetime", read_only=True),
    ),
)

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="{target}"/></Relationships>'
)
_WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Parts" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_SHEET = (
    '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{rows}</sheetData></worksheet>"
)


def book(rows: Iterable[Sequence[Any]], *, title: str = "Parts", mac: bool = False, **more: Any) -> bytes:
    """A workbook as openpyxl makes it. `merge` are ranges to merge."""
    made = openpyxl.Workbook()
    if mac:
        made.epoch = CALENDAR_MAC_1904
    page = made.worksheets[0]
    page.title = title
    for row in rows:
        page.append(row)
    for where in more.get("merge", ()):
        page.merge_cells(where)
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def zipped(rows: str | Iterable[bytes], *, parts: Mapping[str, bytes] = {}, types: str = _TYPES) -> bytes:
    """A workbook of raw XML. `parts` come on top, or in the place of those of the same name."""
    target = io.BytesIO()
    plain = {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": _RELS.format(kind="officeDocument", target="xl/workbook.xml").encode(),
        "xl/workbook.xml": _WORKBOOK.encode(),
        "xl/_rels/workbook.xml.rels": _RELS.format(kind="worksheet", target="worksheets/sheet1.xml").encode(),
        **parts,
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in plain.items():
            archive.writestr(name, content)
        if "xl/worksheets/sheet1.xml" not in plain:
            with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
                before, _, after = _SHEET.partition("{rows}")
                sheet.write(before.encode())
                for piece in [rows.encode()] if isinstance(rows, str) else rows:
                    sheet.write(piece)
                sheet.write(after.encode())
    return target.getvalue()


def cell(where: str, value: str, kind: str = "inlineStr") -> str:
    if kind == "inlineStr":
        return f'<c r="{where}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{where}" t="{kind}"><v>{escape(value)}</v></c>'


def far_corner() -> bytes:
    """1.4 kB: two cells, as far apart as cells can be."""
    return zipped(f'<row r="1">{cell("A1", "x")}</row><row r="1048576">{cell("XFD1048576", "y")}</row>')


def long_text(megabytes: int = 250) -> bytes:
    """A text of 250 MB in about 1 MB."""

    def pieces() -> Iterable[bytes]:
        yield b'<row r="1"><c r="A1" t="inlineStr"><is><t>'
        for _ in range(megabytes):
            yield b"a" * 1_000_000
        yield b"</t></is></c></row>"

    return zipped(pieces())


def many_texts(megabytes: int = 250, parts: Mapping[str, bytes] = {}) -> bytes:
    """The same in cells that are each as long as Excel allows: only the amount is wrong."""

    def pieces() -> Iterable[bytes]:
        text = b"a" * 32_000
        for number in range(1, megabytes * 1_000_000 // len(text)):
            yield b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>%b</t></is></c></row>' % (number, number, text)

    return zipped(pieces(), parts=parts)


def bomb() -> bytes:
    """Blanks, hundreds to one, in a part that nothing needs."""
    return zipped(
        f'<row r="1">{cell("A1", "Part number")}</row>', parts={"xl/theme/theme1.xml": b"<a>" + b" " * 200_000_000}
    )


def large(count: int, padding: str = "") -> bytes:
    """A sheet of so many rows, made fast; `padding` makes each part number longer."""

    def pieces() -> Iterable[bytes]:
        yield f'<row r="1">{cell("A1", "Part number")}{cell("C1", "Price")}</row>'.encode()
        for start in range(2, count + 2, 5_000):
            yield "".join(
                f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>P-{n:06}{padding}</t></is></c>'
                f'<c r="C{n}"><v>{n / 8}</v></c></row>'
                for n in range(start, min(start + 5_000, count + 2))
            ).encode()

    return zipped(pieces())


def hostile() -> dict[str, tuple[bytes | Callable[[], bytes], str]]:
    """What must be refused as a whole: the file (or, where that takes long, what makes it), and what is said."""
    good = book([["Part number"], ["A"]])
    doctype = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>{_SHEET.partition("?>")[2]}'.format(
        rows=f'<row r="1">{cell("A1", "Part number")}</row>'
    )
    shared = (
        b'<?xml version="1.0"?><!DOCTYPE sst><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    )
    utf16 = _SHEET.format(rows=f'<row r="1">{cell("A1", "Part number")}</row>').replace("UTF-8", "UTF-16")
    macros = _TYPES.replace("spreadsheetml.sheet.main", "excel.sheet.macroEnabled.main")
    row = f'<row r="1">{cell("A1", "Part number")}</row>'
    merged = book([["Part number", "Price", None], ["A", 1, 2]], merge=["B1:C1"])
    titles = [f"c{number}" for number in range(400)]
    return {
        "empty": (b"", "is empty"),
        "not a zip": (b"\x00\x01\x02" * 500, "no Excel workbook"),
        "text": (b"Part number;Price\nA;1\n", "text, such as CSV"),
        "a web page": (b"<html><table>", "a web page"),
        "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000), "old .xls workbook or protected"),
        "cut off": (good[: len(good) // 2], "damaged or cut off"),
        "damaged inside": (_damaged(good), "damaged or cut off|cannot be read"),
        "a zip of something": (_zip({"a.txt": b"x"}), "no Excel workbook"),
        "OpenDocument": (_zip({"mimetype": b"x", "content.xml": b"<a/>"}), r"\.ods"),
        "a binary workbook": (_zip({"xl/workbook.bin": b"x"}), r"\.xlsb"),
        "macros": (zipped(row, types=macros), "has macros"),
        "a macro part": (zipped(row, parts={"xl/vbaProject.bin": b"x"}), "has macros"),
        "a document type": (zipped("", parts={"xl/worksheets/sheet1.xml": doctype.encode()}), "document type"),
        "a document type elsewhere": (zipped(row, parts={"xl/sharedStrings.xml": shared}), "document type"),
        "UTF-16": (zipped("", parts={"xl/worksheets/sheet1.xml": utf16.encode("utf-16")}), "not written in UTF-8"),
        "a far corner": (far_corner(), "XFD1048576"),
        "a far corner in other quotes": (far_corner_odd(), "XFD1048576|too much memory|cannot be read"),
        "a far row of unnumbered cells": (far_row(), "row 999,999"),
        "a wide and long sheet of two cells": (two_cells("ZZ30000"), "as far as column ZZ and about row 30,000"),
        "a narrower and longer one": (two_cells("DD200001"), "as far as column DD and about row 200,001"),
        "two cells without addresses": (two_rows(), "as far as column SR and about row 30,000"),
        "an address behind a bracket": (zipped(row + _tag('x=">" r="ZZ30000"')), "damaged or cut off"),
        "cells that never end": (zipped(row.removesuffix("</row>") + '<c r="A1" <f' * 400_000), "damaged or cut off"),
        "a sheet of another name": (elsewhere("worksheets/sheet1.dat", doctype), "not where Excel puts it"),
        "a sheet in another folder": (elsewhere("data/sheet1.xml", _SHEET.format(rows=row)), "not where Excel puts"),
        "a sheet that is not there": (elsewhere("worksheets/sheet2.dat", None), "not where Excel puts it"),
        "a picture that makes a bomb seem honest": (bomb_with_picture, "unpacks to far more"),
        "a long text": (long_text, "unpacks to far more|longer than a cell"),
        "many texts": (many_texts, "unpacks to far more"),
        "a bomb": (bomb, "unpacks to far more|longer than a cell"),
        "many parts": (_zip({f"{number}.xml": b"" for number in range(3_000)}), "parts"),
        "two parts of one name": (_zip_twice(), "two parts of one name"),
        "no sheet": (book([]), "is empty|headers"),
        "other columns": (book([["Foo", "Bar"], [1, 2]]), "has the headers of this import"),
        "a column renamed": (
            book([["Part no.", "Price"], ["A", 1]]),
            "Part number: This column is missing. Is Part no. meant",
        ),
        "a column missing": (book([["Price", "Description"], [1, "A"]]), "Part number: This column is missing"),
        "a column doubled": (book([["Part number", "Price", "price "], ["A", 1, 2]]), "there twice, as B and C"),
        "merged headers": (merged, "B1:C1 are merged"),
        "far too many columns": (book([["Price", *titles], [1]]), "Part number: This column is missing"),
    }


def far_corner_odd() -> bytes:
    odd = cell("XFD1048576", "y").replace('r="XFD1048576"', "s='r=\"A1\"'  r = 'XFD1048576'")
    return zipped(f'<row r="1">{cell("A1", "Part number")}</row><row r="1048576">{odd}</row>')


def far_row() -> bytes:
    cells_ = "<c><v>1</v></c>" * 700
    return zipped(f'<row r="1">{cell("A1", "Part number")}</row><row r="1048576">{cells_}</row>')


def two_cells(far: str) -> bytes:
    """1.5 kB that a parser makes a rectangle of 20 million cells of."""
    row = far.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return zipped(f'<row r="1">{cell("A1", "Part number")}</row><row r="{row}">{cell(far, "y")}</row>')


def two_rows() -> bytes:
    """The same with cells that say nothing of where they are."""
    rows = "<row/>" * 29_998
    return zipped(f"<row>{cell('A1', 'Part number')}</row>{rows}<row>{'<c/>' * 511}<c><v>1</v></c></row>")


def _tag(attributes: str) -> str:
    return f'<row r="2"><c {attributes}><v>1</v></c></row>'


def elsewhere(target: str, sheet: str | None) -> bytes:
    """A workbook that names another part as its sheet."""
    relations = _RELS.format(kind="worksheet", target=target).encode()
    more = {} if sheet is None else {f"xl/{target}": sheet.encode()}
    row = f'<row r="1">{cell("A1", "Part number")}</row>'
    return zipped(row, parts={"xl/_rels/workbook.xml.rels": relations, **more})


def bomb_with_picture() -> bytes:
    """A sheet that unpacks to hundreds of times its size, beside a picture that cannot be packed."""
    return many_texts(60, {"xl/media/image1.png": random.Random(1).randbytes(400_000)})


def _damaged(good: bytes) -> bytes:
    """A zip whose directory is whole and whose sheet is not."""
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 80
    return good[:place] + b"\xff" * 40 + good[place + 40 :]


def _zip(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def _zip_twice() -> bytes:
    return zipped(f'<row r="1">{cell("A1", "Part number")}</row>', parts={"xl/worksheets/SHEET1.xml": b"<a/>"})
