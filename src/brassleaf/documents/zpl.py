"""Labels in ZPL II, the language of Zebra's thermal printers and of those that imitate them.

Whatever comes from outside stands in field data (^FD) behind ^FH: every character but letters, digits, blanks and a
few signs is written as the hex of its UTF-8 bytes (^CI28), so that no text can begin a command with ^ or ~. Line breaks
and control characters are cleaned before. Source: ZPL II Programming Guide (Zebra), commands ^CI, ^FD, ^FH, ^BC, ^BQ.
"""

import math
from collections.abc import Sequence
from typing import Final, Literal

from brassleaf.documents.codes import code128_bars, qr_runs
from brassleaf.documents.labels import SIZES, BarMark, Label, LabelSize, Mark, QrMark, TextMark, layout
from brassleaf.documents.texts import one_line
from brassleaf.documents.typeface import bold, regular

Dpi = Literal[203, 300, 600]
_PLAIN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,-/()+")
#: Modules of Code 128 in subset B: start, check and stop are 35, each character 11 (ISO/IEC 15417).
_FRAME, _CHARACTER = 35, 11
_LEAST_DOTS = {203: 2, 300: 2, 600: 4}


def render_zpl(labels: Sequence[Label], size: LabelSize, *, dpi: Dpi = 203) -> bytes:
    """Labels as ZPL, one format (^XA to ^XZ) a label. The same labels give the same bytes."""
    width, height = (round(each / 72 * dpi) for each in SIZES[size])
    found = []
    for label in labels:
        made = layout(label.face, size)
        marks = [command for mark in made.marks for command in _commands(mark, dpi)]
        if piece := one_line(label.piece):
            right, y, points = made.piece
            room = bold().width(piece, points)
            marks += _text(TextMark(max(right - room, 0.0), y, piece, points, strong=True, room=room), dpi)
        found.append("\n".join(["^XA", "^CI28", f"^PW{width}", f"^LL{height}", "^LH0,0", *marks, "^XZ"]))
    return ("\n".join(found) + "\n").encode("ascii")


def field_data(text: str) -> str:
    """A text for ^FD behind ^FH: what could be taken for anything but itself is written as hex."""
    return "".join(
        letter if letter in _PLAIN else "".join(f"_{byte:02X}" for byte in letter.encode("utf-8", "replace"))
        for letter in one_line(text)
    )


def _commands(mark: Mark, dpi: Dpi) -> list[str]:
    match mark:
        case TextMark():
            return _text(mark, dpi)
        case BarMark():
            return _bars(mark, dpi)
        case QrMark():
            return _qr(mark, dpi)


def _text(mark: TextMark, dpi: Dpi) -> list[str]:
    """Font 0 in the height of the layout, narrowed where the printer's letters would need more room than ours."""
    height = round(mark.size / 72 * dpi)
    x, y = round(mark.x / 72 * dpi), round((mark.y - mark.size * 0.95) / 72 * dpi)
    face = bold() if mark.strong else regular()
    # font 0 is about as wide as ours at nine tenths of its height (0.5 em against 0.55 em on average)
    share = min(1.0, mark.room / max(face.width(mark.text, mark.size), 1.0)) * 0.9
    wide = max(1, math.floor(height * share))
    return [f"^FO{max(x, 0)},{max(y, 0)}^A0N,{height},{wide}^FH^FD{field_data(mark.text)}^FS"]


def _bars(mark: BarMark, dpi: Dpi) -> list[str]:
    """Code 128 in subset B; nothing where its bars would be too thin for the printer (the QR code says the same)."""
    code = code128_bars(mark.content)
    room = mark.module / 72 * dpi * code[0] if code else 0
    modules = _FRAME + _CHARACTER * len(mark.content)
    dots = min(10, math.floor(room / modules))
    if dots < _LEAST_DOTS[dpi]:
        return []
    x, y, height = (round(each / 72 * dpi) for each in (mark.x, mark.y, mark.height))
    # in ^BC the sign > begins an invocation; >0 is the sign itself
    data = ">:" + ">0".join(map(_bar_data, mark.content.split(">")))
    return [f"^FO{x},{y}^BY{dots}^BCN,{height},N,N,N^FH^FD{data}^FS"]


def _bar_data(text: str) -> str:
    """A part of a bar code's content: printable ASCII as it is, without a look at runs of blanks."""
    return "".join(letter if letter in _PLAIN else f"_{ord(letter):02X}" for letter in text)


def _qr(mark: QrMark, dpi: Dpi) -> list[str]:
    """Model 2, error correction M; the printer chooses the same version, the modules are whole dots."""
    code = qr_runs(mark.content)
    dots = min(10, math.floor(mark.side / 72 * dpi / code[0])) if code else 0
    if dots < 2:
        return []
    x, y = round(mark.x / 72 * dpi), round(mark.y / 72 * dpi)
    data = "_0A".join(map(field_data, mark.content.split("\n")))
    return [f"^FO{x},{max(y - 10, 0)}^BQN,2,{dots}^FH^FDMA,{data}^FS"]  # the printer leaves ten dots above the code
