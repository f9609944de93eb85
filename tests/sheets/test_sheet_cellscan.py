"""The quick look at a window of a sheet sees what the walk from cell to cell sees."""

import random
from collections.abc import Iterator

import pytest

from brassleaf.sheets.cellscan import CellScan, Unreadable
from brassleaf.sheets.writer import column_name


def sheet(seed: int, rows: int = 2_500) -> tuple[list[bytes], dict[str, dict[int, int]], tuple[int, int]]:
    """Windows of a sheet, and what is in it: formulas, errors, how far it reaches."""
    dice = random.Random(seed)
    columns = dice.choice([3, 27, 60])
    start = dice.choice([1, 9_500, 99_000])
    special = dice.choice([0, 0.0005])
    marks: dict[str, dict[int, int]] = {"formulas": {}, "errors": {}}
    written: list[str] = []
    widest = 1

    def note(kind: str, row: int, column: int) -> None:
        marks[kind][row] = marks[kind].get(row, 0) | 1 << column

    for row in range(start, start + rows):
        written.append(f'<row r="{row}">')
        for column in range(columns):
            if row > start and dice.random() < 0.7:
                continue
            where = f' r="{column_name(column)}{row}"'
            widest = max(widest, column + 1)
            if dice.random() >= special:
                written.append(f'<c{where} t="inlineStr"><is><t>{dice.randrange(9)}</t></is></c>')
                continue
            tag = dice.choice(["<c s='1'{}", "<x:c{}", "<c  {}", "<c{}"]).format(where)
            if dice.random() < 0.5:
                written.append(f"{tag} t='e'><v>#N/A</v></c>".replace("x:", ""))
                note("errors", row, column)
            else:
                written.append(f"{tag}> <f>1</f><v>1</v></{'x:' if ':' in tag else ''}c>")
                note("formulas", row, column)
        written.append("</row>")
    whole = "".join(written).encode()
    return list(_cut(whole, dice)), marks, (start + rows - 1, widest)


def _cut(whole: bytes, dice: random.Random) -> Iterator[bytes]:
    begin = 0
    while begin < len(whole):
        end = whole.rfind(b"</", begin, begin + dice.randrange(20_000, 200_000))
        end = end if end > begin else len(whole)
        yield whole[begin:end]
        begin = end


@pytest.mark.parametrize("seed", range(8))
def test_marks_and_reach_of_sheets_of_all_kinds(seed: int) -> None:
    windows, marks, (rows, columns) = sheet(seed)
    scan = CellScan()
    for window in windows:
        scan.look(window)
    assert scan.marks.formulas == marks["formulas"]
    assert scan.marks.errors == marks["errors"]
    assert scan._columns == columns
    assert rows <= scan._rows <= rows * 1.2 + 10_000
    filled = sum(window.count(b"</c>") + window.count(b"</x:c>") for window in windows)
    assert abs(scan._filled - filled) <= len(windows)  # a cell that ends in the next window is counted in one of them


def test_a_cell_of_a_usual_sheet_that_stands_elsewhere_is_seen() -> None:
    """However it is spelled, and though its neighbours are as usual."""
    usual = "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(1, 2_000))
    for odd in ('<c r="ZZ999999">', "<c r='ZZ999999'>", '<c s="1" r = "zz999999">', '<x:c r="ZZ999999">'):
        scan = CellScan()
        scan.look(usual.encode())
        scan.look((usual[: len(usual) // 2] + odd + "<v>1</v></c>" + usual[len(usual) // 2 :]).encode())
        with pytest.raises(Unreadable, match="column ZZ and about row 999,999"):
            scan.check_reach()


def test_blank_cells_reach_nowhere() -> None:
    """Excel writes a formatted cell without a value wherever somebody formatted one."""
    scan = CellScan()
    scan.look(
        b'<row r="1" s="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row><row r="1048576"><c r="B1048576"/></row>'
    )
    scan.check_reach()
    assert (scan._rows, scan._columns, scan._filled) == (1, 1, 1)
