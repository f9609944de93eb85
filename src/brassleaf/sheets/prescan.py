"""What is looked at in a foreign workbook before anything parses it; runs in the child process of `reader`.

A workbook is a zip of XML parts. Every part is unpacked once, a piece at a time and counted, and searched as bytes for
what no honest workbook has: a document type, a cell far outside, a text longer than any cell. What this misses ends at
the limits of the process.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO
from xml.etree import ElementTree as ET

from brassleaf.sheets.cellscan import CellScan, Marks, Unreadable, damaged

MOST_PARTS = 2_000
MOST_SHEETS = 200
LARGEST_DIRECTORY = 1_000_000  # bytes of the zip's own table of contents
LARGEST_PLAN = 2_000_000  # bytes of the parts that say where the sheets are
LARGEST_STYLES = 10_000_000
MOST_UNPACKED = 600_000_000
UNSUSPICIOUS = 20_000_000  # unpacked bytes; beyond it, no more than RATIO times the packed ones
RATIO = 200  # Excel's own files unpack to some 10 times their size, a bomb of zeros to 1,000 times
PIECE = 1 << 20
_RUN = 1 << 18  # every so many bytes there is a tag: a cell's 32,767 characters take at most 8 bytes each

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END_OF_DIRECTORY = b"PK\x05\x06"
_SHEET_PART = re.compile(r"xl/worksheets/[^/\\]+\.xml", re.IGNORECASE)
_OTHER_SHEET = re.compile(r"xl/chartsheets/[^/\\]+\.xml", re.IGNORECASE)  # nothing is read of these
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)")
_NOT_A_WORKBOOK = "The file is no Excel workbook (.xlsx)."


@dataclass(slots=True)
class Scanned:
    """What a workbook has: the marks of each sheet by the name of its tab."""

    marks: dict[str, Marks]


def scan(file: IO[bytes]) -> Scanned:
    """Look through a whole file. Raises Unreadable."""
    size = file.seek(0, 2)
    file.seek(0)
    _check_kind(file.read(4_096), size)
    _check_directory(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            return _scan(archive, size)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, UnicodeError) as error:
        raise damaged() from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise damaged() from error
        raise


def _check_kind(start: bytes, size: int) -> None:
    """Say what the file is, if it is no zip."""
    if not size:
        raise Unreadable("The file is empty.")
    if start.startswith(_OLE):
        raise Unreadable(
            "The file is an old .xls workbook or protected with a password. "
            "Save it without a password as an Excel workbook (.xlsx)."
        )
    if start.startswith(b"PK"):
        return
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:100].lower()
    if text.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise Unreadable("The file is a web page or XML, whatever its name says. Save it as an Excel workbook (.xlsx).")
    if not any(byte < 9 for byte in start):
        raise Unreadable("The file is text, such as CSV. Open it in Excel and save it as a workbook (.xlsx).")
    raise Unreadable(_NOT_A_WORKBOOK)


def _check_directory(file: IO[bytes], size: int) -> None:
    """Check how large the zip's table of contents says it is, before it is read as a whole."""
    file.seek(max(0, size - 65_557))
    tail = file.read()
    place = tail.rfind(_END_OF_DIRECTORY)
    if place < 0 or len(tail) - place < 22:
        raise damaged()
    parts = int.from_bytes(tail[place + 10 : place + 12], "little")
    length = int.from_bytes(tail[place + 12 : place + 16], "little")
    if parts > MOST_PARTS or length > LARGEST_DIRECTORY:
        raise Unreadable(f"The file has more than {MOST_PARTS:,} parts; no workbook of ours needs so many.")


def _scan(archive: zipfile.ZipFile, size: int) -> Scanned:
    parts = archive.infolist()
    _check_parts(archive, parts)
    if sum(part.compress_size for part in parts) > size:
        raise damaged()  # parts that share their bytes
    looked_at = [part for part in parts if part.filename.lower().endswith((".xml", ".rels", ".vml"))]
    budget = _Budget(sum(part.compress_size for part in looked_at))
    found: dict[str, Marks] = {}
    padded: dict[str, int] | None = None
    looked_at.sort(key=lambda part: _SHEET_PART.fullmatch(part.filename) is not None)  # the styles before the sheets
    for part in looked_at:  # pictures and the like are never unpacked
        cells = None
        if _SHEET_PART.fullmatch(part.filename):
            padded = _padded(archive) if padded is None else padded
            cells = CellScan(padded)
        own = _Budget(part.compress_size)
        with archive.open(part) as unpacked:
            for window in _windows(unpacked, (budget, own)):
                _check_xml(window)
                if cells is not None:
                    cells.look(window)
        if cells is not None:
            cells.check_reach()
            found[part.filename.lower()] = cells.marks
    return Scanned(_by_sheet(archive, found))


def _check_parts(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.lower() for part in parts]
    known = set(names)
    if len(parts) > MOST_PARTS:
        raise Unreadable(f"The file has more than {MOST_PARTS:,} parts; no workbook of ours needs so many.")
    if len(known) < len(names):
        raise Unreadable("The file has two parts of one name. Open it in Excel and save it anew.")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("The file is protected with a password. Save it without one.")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise Unreadable("The file is packed in a way that Excel does not use. Open it in Excel and save it anew.")
    if "mimetype" in known and "content.xml" in known:
        raise Unreadable("The file is an OpenDocument file (.ods). Save it as an Excel workbook (.xlsx).")
    if "xl/workbook.bin" in known:
        raise Unreadable("The file is a binary workbook (.xlsb). Save it as an Excel workbook (.xlsx).")
    if "xl/workbook.xml" not in known or "[content_types].xml" not in known:
        raise Unreadable(_NOT_A_WORKBOOK)
    types = _small(archive, "[content_types].xml").lower()
    if b"macroenabled" in types or any(
        name.endswith("vbaproject.bin") or name.startswith(("xl/macrosheets/", "xl/dialogsheets/")) for name in names
    ):
        raise Unreadable("The workbook has macros. Save it as an Excel workbook without them (.xlsx).")
    if sum(_SHEET_PART.fullmatch(name) is not None for name in names) > MOST_SHEETS:
        raise Unreadable(f"The workbook has more than {MOST_SHEETS} sheets. Leave only the one to import.")


class _Budget:
    """The bytes that may still be unpacked from so many packed ones."""

    def __init__(self, packed: int) -> None:
        self._left = min(MOST_UNPACKED, max(UNSUSPICIOUS, RATIO * packed))

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise Unreadable(
                "The file unpacks to far more than its size; such a file is not read. "
                "Copy the rows into a new workbook, or import them in several files."
            )


def _windows(part: IO[bytes], budgets: Sequence[_Budget]) -> Iterator[bytes]:
    """A part's bytes, each once; a window ends before an end tag or behind an element that has none."""
    rest = b""
    first = True
    while piece := part.read(PIECE):
        for budget in budgets:
            budget.spend(len(piece))
        if first:
            _check_encoding(piece)
            first = False
        for start in range(0, len(piece) - _RUN + 1, _RUN):
            if piece.find(b"<", start, start + _RUN) < 0:
                raise Unreadable("The workbook has a text that is longer than a cell of Excel; shorten it.")
        window = rest + piece
        end = max(window.rfind(b"</"), window.rfind(b"/>") + 2)
        if end > 1:
            yield window[:end]
            rest = window[end:]
        elif len(window) > 2 * PIECE:
            raise damaged()
        else:
            rest = window
    yield rest


def _check_encoding(start: bytes) -> None:
    """Refuse what would look different to a parser than it does as bytes."""
    declared = _ENCODING.match(start.removeprefix(b"\xef\xbb\xbf")[:200])
    if start.startswith((b"\xfe\xff", b"\xff\xfe")) or (
        declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii")
    ):
        raise Unreadable("The workbook is not written in UTF-8. Open it in Excel and save it anew.")


def _check_xml(window: bytes) -> None:
    if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
        raise Unreadable("The workbook has a document type definition, which Excel does not write; it is not read.")
    if b"\0" in window:
        raise damaged()


# Styles, and which part is which sheet

_MAIN = re.compile(r"\{[^}]*\}")
_ZEROS = re.compile(r"0{2,15}")


def _padded(archive: zipfile.ZipFile) -> dict[str, int]:
    """The cell styles that show numbers with zeros before them (format `00000`): how many digits, by their numbers."""
    if not any(name.lower() == "xl/styles.xml" for name in archive.namelist()):
        return {}
    try:
        styles = ET.fromstring(_small(archive, "xl/styles.xml", LARGEST_STYLES))  # noqa: S314  has no DTD: scanned
    except ET.ParseError as error:
        raise damaged() from error
    digits: dict[str, int] = {}
    found: dict[str, int] = {}
    for group in styles:
        if _MAIN.sub("", group.tag) == "numFmts":
            digits = {
                entry.get("numFmtId", ""): len(code)
                for entry in group
                if _ZEROS.fullmatch(code := entry.get("formatCode", ""))
            }
        elif _MAIN.sub("", group.tag) == "cellXfs":
            formats = [entry.get("numFmtId", "") for entry in group]
            found = {str(style): digits[format_] for style, format_ in enumerate(formats) if format_ in digits}
    return found


def _by_sheet(archive: zipfile.ZipFile, parts: dict[str, Marks]) -> dict[str, Marks]:
    """The marks by the names of the tabs. Raises Unreadable where a parser might read a sheet that was not scanned."""
    relations = _small(archive, "xl/_rels/workbook.xml.rels")
    try:
        targets = list(ET.fromstring(relations))  # noqa: S314  has no DTD: scanned
        workbook = ET.fromstring(_small(archive, "xl/workbook.xml"))  # noqa: S314  as above
    except ET.ParseError as error:
        raise damaged() from error
    sheets = [entry for entry in workbook.iter() if _MAIN.sub("", entry.tag) == "sheet"]
    named = {value for entry in sheets for value in entry.attrib.values()}
    paths: dict[str, str] = {}
    for entry in targets:
        relation, path = entry.get("Id", ""), _path(entry.get("Target", ""))
        if relation in named or entry.get("Type", "").endswith("/worksheet"):
            if (path not in parts and not _OTHER_SHEET.fullmatch(path)) or b"&#" in relations:
                raise Unreadable(
                    "A sheet of the workbook is not where Excel puts it (xl/worksheets/….xml). "
                    "Open the workbook in Excel and save it anew."
                )
            paths[relation] = path
    found = {}
    for entry in sheets:
        relation = next((value for name, value in entry.attrib.items() if _MAIN.sub("", name) == "id"), "")
        found[entry.get("name", "")] = parts.get(paths.get(relation, ""), Marks())
    return found


def _path(target: str) -> str:
    """The part that a relationship of the workbook means, as it is spelled in comparisons."""
    target = target.lower()
    return target[1:] if target.startswith("/") else target if target.startswith("xl/") else f"xl/{target}"


def _small(archive: zipfile.ZipFile, wanted: str, most: int = LARGEST_PLAN) -> bytes:
    """A part that says how the others belong together; none of these is large."""
    for part in archive.infolist():
        if part.filename.lower() == wanted.lower():
            with archive.open(part) as unpacked:
                content = unpacked.read(most + 1)
            if len(content) > most:
                raise Unreadable(f"The part {wanted} is too large. Copy the rows into a new workbook.")
            return content
    raise Unreadable(_NOT_A_WORKBOOK)
