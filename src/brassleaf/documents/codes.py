"""Machine-readable codes: QR for part number and revision, Code 128 for the part number.

Encoded by reportlab's barcode package (ISO/IEC 18004 and 15417); drawn here as one path, ten times faster than its
shapes.
"""

from functools import lru_cache
from itertools import groupby
from typing import Any, Final

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from brassleaf.documents.pen import Pen

_QUIET_MODULES: Final = 4  # ISO/IEC 18004, 6.3.8
# Beyond this a code of an inch has modules that a phone can no longer tell apart (version 10 has 57).
_QR_BYTES: Final = 200
# The narrowest bar that common hand scanners and laser printers master: 7.5 mil (0.19 mm).
NARROWEST_BAR: Final = 0.54


@lru_cache(maxsize=256)
def qr_runs(content: str) -> tuple[int, tuple[tuple[float, float, float, float], ...]] | None:
    """Modules a side and the dark runs (x, y, width, height in modules, y upwards); None when it is too long."""
    if not content or len(content.encode()) > _QR_BYTES:
        return None
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(content)
    code.make()
    side = len(code.modules)
    runs: list[tuple[float, float, float, float]] = []
    for row, modules in enumerate(code.modules):
        column = 0
        for dark, same in groupby(map(bool, modules)):
            width = len(list(same))
            if dark:
                runs.append((column, side - 1 - row, width, 1))
            column += width
    return side, tuple(runs)


def draw_qr(pen: Pen, x: float, y: float, side: float, content: str) -> bool:
    """Draw the code with its quiet zone into a square of `side` points; False when the content is too long for it."""
    code = qr_runs(content)
    if code is None:
        return False
    modules, runs = code
    cell = side / (modules + 2 * _QUIET_MODULES)
    margin = cell * _QUIET_MODULES
    pen.cells(x + margin, y + margin, cell, runs)
    return True


@lru_cache(maxsize=256)
def code128_bars(content: str) -> tuple[int, tuple[tuple[float, float], ...]] | None:
    """Modules in all and the bars (start, width in modules); None when Code 128 can't say the content.

    Only printable ASCII is encoded: what lies beyond needs an agreement with the reader about its code page.
    """
    if not content or not content.isascii() or not content.isprintable() or len(content) > 48:
        return None
    code: Any = Code128(content, quiet=0)  # reportlab leaves its methods untyped
    code.validate()
    code.encode()
    code.decompose()
    bars: list[tuple[float, float]] = []
    at = 0
    for (
        sign
    ) in code.decomposed:  # small letters are gaps, capitals bars, as many modules wide as their place in the alphabet
        width = ord(sign.lower()) - ord("a") + 1
        if sign.isupper():
            bars.append((at, width))
        at += width
    return at, tuple(bars)


def draw_code128(pen: Pen, content: str, *, right: float, y: float, height: float, room: float) -> float:
    """Draw the bars to end at `right`, at most `room` points wide; the width drawn, 0 when that can't be read."""
    code = code128_bars(content)
    if code is None:
        return 0.0
    modules, bars = code
    cell = min(1.0, room / modules)
    if cell < NARROWEST_BAR:
        return 0.0
    pen.cells(right - modules * cell, y, cell, [(start, 0, width, height / cell) for start, width in bars])
    return modules * cell
