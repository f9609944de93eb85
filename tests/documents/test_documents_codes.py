"""The codes are read back: no decoder is installed, so a small one stands here (ISO/IEC 18004 and 15417)."""

import string

import pytest
from document_samples import SHEET, bitmaps
from reportlab.graphics.barcode.code128 import Code128

from brassleaf.documents import render_datasheet
from brassleaf.documents.codes import code128_bars, draw_code128, draw_qr, qr_runs
from brassleaf.documents.pen import Pen

_MASKS = (
    lambda r, c: (r + c) % 2 == 0,
    lambda r, _: r % 2 == 0,
    lambda _, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: (r * c) % 2 + (r * c) % 3 == 0,
    lambda r, c: ((r * c) % 2 + (r * c) % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + (r * c) % 3) % 2 == 0,
)


def read_qr(grid: list[list[bool]]) -> str:
    """The text of a QR code of version 1 to 3 (one block, one alignment pattern at most), without error correction."""
    side = len(grid)
    version = (side - 17) // 4
    assert 1 <= version <= 3
    bits = "".join("1" if grid[8][column] else "0" for column in (0, 1, 2, 3, 4))
    form = int(bits, 2) ^ 0b10101  # the format information is masked with 101010000010010
    mask = _MASKS[form & 7]
    centre = side - 7

    def functional(row: int, column: int) -> bool:
        finder = (row < 9 and (column < 9 or column >= side - 8)) or (row >= side - 8 and column < 9)
        alignment = version > 1 and abs(row - centre) <= 2 and abs(column - centre) <= 2
        return finder or alignment or row == 6 or column == 6

    stream = []
    upwards = True
    for right in [c for c in range(side - 1, 0, -2) if c > 6] + [5, 3, 1]:
        rows = range(side - 1, -1, -1) if upwards else range(side)
        for row in rows:
            stream += [grid[row][c] ^ mask(row, c) for c in (right, right - 1) if not functional(row, c)]
        upwards = not upwards
    data = "".join("1" if bit else "0" for bit in stream)
    found, at = "", 0
    while at + 4 <= len(data) and data[at : at + 4] != "0000":
        mode, at = data[at : at + 4], at + 4
        if mode == "0100":
            count, at = int(data[at : at + 8], 2), at + 8
            raw = bytes(int(data[at + 8 * n : at + 8 * n + 8], 2) for n in range(count))
            found, at = found + raw.decode(), at + 8 * count
        elif mode == "0010":
            letters = string.digits + string.ascii_uppercase + " $%*+-./:"
            count, at = int(data[at : at + 9], 2), at + 9
            for _ in range(count // 2):
                pair, at = int(data[at : at + 11], 2), at + 11
                found += letters[pair // 45] + letters[pair % 45]
            if count % 2:
                found, at = found + letters[int(data[at : at + 6], 2)], at + 6
        elif mode == "0001":
            count, at = int(data[at : at + 10], 2), at + 10
            while count:
                digits = min(count, 3)
                width = (0, 4, 7, 10)[digits]
                found, at = found + f"{int(data[at : at + width], 2):0{digits}d}", at + width
                count -= digits
        else:
            pytest.fail(f"mode {mode}")
    return found


def grid_of(content: str) -> list[list[bool]]:
    code = qr_runs(content)
    assert code is not None
    side, runs = code
    grid = [[False] * side for _ in range(side)]
    for x, y, width, _ in runs:
        for column in range(int(x), int(x + width)):
            grid[side - 1 - int(y)][column] = True
    return grid


@pytest.mark.parametrize("content", ["HA-10234-06\nB", "12345678901234", "ABC-123", "ü/é Ж 4", "a"])
def test_qr_says_what_it_was_given(content: str) -> None:
    assert read_qr(grid_of(content)) == content


def test_the_printed_qr_says_part_number_and_revision() -> None:
    """Read from the picture of the page, as a scanner would."""
    scale = 8.0
    page = bitmaps(render_datasheet(SHEET), scale)[0]
    # The code is the only solid black in the upper right quarter below the bar code.
    left, top, right, low = (int(each * scale) for each in (612 - 36 - 75, 36 + 60, 612 - 33, 36 + 165))
    area = page.crop((left, top, right, low)).point(lambda shade: 255 if shade < 8 else 0)
    box = area.getbbox()
    assert box is not None
    code = area.crop(box)
    assert code.width == pytest.approx(code.height, abs=3)
    finder = next(x for x in range(code.width) if not code.getpixel((x, 2)))  # seven modules wide
    side = round(code.width / (finder / 7))
    step = code.width / side
    grid = [
        [code.getpixel((int((c + 0.5) * step), int((r + 0.5) * step))) > 0 for c in range(side)] for r in range(side)
    ]
    assert read_qr(grid) == "HA-10234-06\nB"


def read_code128(bars: tuple[int, tuple[tuple[float, float], ...]]) -> str:
    total, strokes = bars
    widths = []
    at = 0.0
    for start, width in strokes:
        if widths:
            widths.append(int(start - at))
        widths.append(int(width))
        at = start + width
    assert at == total
    symbols = [tuple(widths[n : n + 6]) for n in range(0, len(widths) - 7, 6)]
    # reportlab's table of bar patterns by value, checked below against three published ones.
    from reportlab.graphics.barcode.code128 import _patterns  # noqa: PLC0415

    names = {tuple(ord(sign.lower()) - 96 for sign in pattern): value for value, pattern in _values(_patterns).items()}
    values = [names[symbol] for symbol in symbols]
    check = (values[0] + sum(n * value for n, value in enumerate(values[1:-1], 1))) % 103
    assert check == values[-1]
    mode, found = {103: "A", 104: "B", 105: "C"}[values[0]], ""
    for value in values[1:-1]:
        if mode == "C" and value < 100:
            found += f"{value:02d}"
        elif value in {99, 100, 101}:
            mode = {99: "C", 100: "B", 101: "A"}[value]
        else:
            found += chr(value + 32)
    return found


def _values(patterns: dict[object, str]) -> dict[int, str]:
    named = {"START_A": 103, "START_B": 104, "START_C": 105}
    return {named.get(str(key), key if isinstance(key, int) else -1): pattern for key, pattern in patterns.items()}


@pytest.mark.parametrize("content", ["HA-10234-06", "1234567890", "A1", "x" * 48, "0", "a b/c_d", "12345A6789"])
def test_code128_says_what_it_was_given(content: str) -> None:
    bars = code128_bars(content)
    assert bars is not None
    assert read_code128(bars) == content


def test_code128_of_any_printable_text_is_encoded() -> None:
    for content in (*string.printable[:95], *(f"{a}{b}" for a in "0A~" for b in string.printable[:95])):
        assert code128_bars(content) is not None
        assert Code128(content).validate() == content


@pytest.mark.parametrize("content", ["", "ü", "a\nb", "x" * 49])
def test_what_code128_cannot_say_is_left_out(content: str) -> None:
    pen = Pen()
    assert draw_code128(pen, content, right=500, y=700, height=18, room=300) == 0
    assert not pen.marks


def test_a_code_too_dense_to_scan_is_left_out() -> None:
    assert draw_code128(Pen(), "lower-case-part-number", right=500, y=700, height=18, room=100) == 0
    assert not draw_qr(Pen(), 0, 0, 72, "x" * 201)
    assert draw_qr(Pen(), 0, 0, 72, "x" * 200)
