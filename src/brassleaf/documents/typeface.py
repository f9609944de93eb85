"""The two faces that documents are set in, embedded so that a sheet looks the same on every machine.

DejaVu Sans Condensed covers Latin, Greek, Cyrillic, Hebrew and Arabic; its licence stands beside it. reportlab cuts a
subset of the font for every document, in Python. Here the first 256 characters (Latin, the signs of the trade) are one
fixed subset that is cut and compressed once a process: this takes two thirds off the time of a sheet.
"""

import threading
import zlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace

# reportlab keeps the reading position of a font file and its registry in shared objects.
RENDER_LOCK: Final = threading.RLock()

_SIGNS: Final = (  # typographic marks, arithmetic, units, arrows
    "–—‘’“”„†•…‹›€™−×÷°±²³¼½¾ØøµΩ⌀≤≥≈≠→←↑↓″′‰√∅"
)
# Letters of the languages that are written in Latin script in Europe and the Americas.
_LETTERS: Final = "ĀāĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĹĺĻļĽľŁłŃńŅņŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŪūŮůŰűŲųŸŹźŻżŽž"
_ASCII: Final = [chr(code) for code in range(32, 127)]
_LATIN1: Final = [chr(code) for code in range(0xA1, 0x100) if code != 0xAD]


def _base_alphabet() -> list[int]:
    """The fixed subset: position in the embedded font to Unicode; 0 is the missing glyph, 32 to 126 are ASCII."""
    extra = iter(dict.fromkeys(letter for letter in (*_LATIN1, *_SIGNS, *_LETTERS) if ord(letter) > 127))
    free = [*range(1, 32), *range(127, 256)]
    positions = {ord(letter): ord(letter) for letter in _ASCII}
    # zip stops at the shorter side: letters past the 255th find their place in a later subset.
    positions.update({place: ord(letter) for place, letter in zip(free, extra, strict=False)})
    last = max(positions)
    return [positions.get(place, 0 if place == 0 else 32) for place in range(last + 1)]


def _literal(place: int) -> str:
    """One byte of a PDF string in the form that survives every encoding (ISO 32000-1, 7.3.4.2)."""
    character = chr(place)
    if character in "()\\":
        return f"\\{character}"
    return character if 32 <= place < 127 else f"\\{place:03o}"


@lru_cache(maxsize=32)
def _written(widths: tuple[int, ...]) -> bytes:
    """An array as PDF writes it; reportlab passes bytes through."""
    return f"[{' '.join(map(str, widths))}]".encode("ascii")


class Face(TTFontFace):
    """A parsed font file that keeps the subsets it has cut, compressed."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        # Whole thousandths of an em, as most producers write them: reportlab formats fractions slowly, and what is
        # measured here is what the viewer advances by.
        self.charWidths: dict[int, int] = {code: round(width) for code, width in self.charWidths.items()}
        self.defaultWidth = round(self.defaultWidth)
        self._cut = lru_cache(maxsize=32)(self._cut_subset)

    def _cut_subset(self, subset: tuple[int, ...]) -> tuple[bytes, int]:
        font = self.makeSubset(subset)
        return zlib.compress(font, 9), len(font)

    def addSubsetObjects(self, doc: Any, fontname: str, subset: Sequence[int]) -> Any:  # noqa: N802  # reportlab's name
        """What reportlab does for a subset, with the compressed file taken from the cache."""
        packed, length = self._cut(tuple(subset))
        stream = pdfdoc.PDFStream(content=packed, filters=[])
        stream.dictionary["Filter"] = pdfdoc.PDFName("FlateDecode")
        stream.dictionary["Length1"] = length
        descriptor = pdfdoc.PDFDictionary(
            {
                "Type": "/FontDescriptor",
                "Ascent": self.ascent,
                "CapHeight": self.capHeight,
                "Descent": self.descent,
                "Flags": (self.flags & ~32) | 4,  # symbolic: it has its own encoding (ISO 32000-1, table 123)
                "FontBBox": pdfdoc.PDFArray(self.bbox),
                "FontName": pdfdoc.PDFName(fontname),
                "ItalicAngle": self.italicAngle,
                "StemV": self.stemV,
                "FontFile2": doc.Reference(stream, f"fontFile:{fontname}"),
                "MissingWidth": self.defaultWidth,
            }
        )
        return doc.Reference(descriptor, f"fontDescriptor:{fontname}")


class Typeface(TTFont):
    """A TrueType font with a fixed first subset, its widths at hand and its compressed file kept."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, path, shapable=False)
        self.face = Face(path)
        known = self.face.charToGlyph
        self.alphabet = [code if code in known else 32 for code in _base_alphabet()]
        self.places = {code: place for place, code in enumerate(self.alphabet) if place == code or code != 32}
        self.places[32] = 32
        self._literals = {code: _literal(place) for code, place in self.places.items()}
        self._base = frozenset(map(chr, self.places))
        self._em: dict[str, float] = {chr(code): width / 1000 for code, width in self.face.charWidths.items()}

    def has(self, character: str) -> bool:
        """Whether the face can draw the character."""
        return ord(character) in self.face.charToGlyph

    def width(self, text: str, size: float) -> float:
        """Width of a cleaned text in points."""
        em = self._em
        return sum([em.get(character, 0.6) for character in text]) * size

    def operators(self, text: str, size: float, document: Any) -> str:
        """The PDF operators that choose the font and show the text (ISO 32000-1, 9.3 and 9.4)."""
        self._open(document)
        if self._base.issuperset(text):
            resource = self.getSubsetInternalName(0, document)
            return f"{resource} {size:g} Tf ({text.translate(self._literals)}) Tj"
        return " ".join(
            f"{self.getSubsetInternalName(subset, document)} {size:g} Tf ({''.join(map(_literal, run))}) Tj"
            for subset, run in self.splitString(text, document)
        )

    def addObjects(self, doc: Any) -> None:  # noqa: N802  # reportlab's name
        """What reportlab adds to a document for a font, with the widths written from the cache."""
        names = [self.getSubsetInternalName(subset, doc)[1:] for subset in range(len(self.state[doc].subsets))]
        super().addObjects(doc)
        fonts = doc.idToObject["BasicFonts"].dict
        for name in names:
            fonts[name].Widths = _written(tuple(fonts[name].Widths.sequence))

    def _open(self, document: Any) -> None:
        """Start a document with the fixed subset, so that its file is the same in every document."""
        if document in self.state:
            return
        state: Any = TTFont.State(asciiReadable=True, ttf=self)
        self.state[document] = state
        state.assignments = {0: 0, **self.places}
        state.subsets = [list(self.alphabet)]
        state.nextCode = len(self.alphabet)


@lru_cache(maxsize=2)
def _load(name: str) -> Typeface:
    with RENDER_LOCK:
        font = Typeface(name, str(files("brassleaf.documents") / "fonts" / f"{name}.ttf"))
        pdfmetrics.registerFont(font)
    return font


def regular() -> Typeface:
    """The face of plain text; parsed at first use."""
    return _load("DejaVuSansCondensed")


def bold() -> Typeface:
    """The face of titles and labels; parsed at first use."""
    return _load("DejaVuSansCondensed-Bold")
