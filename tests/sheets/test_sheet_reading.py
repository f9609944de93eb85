"""A foreign workbook is read in a child process: hostile ones are refused in a sentence and cost the server nothing."""

import asyncio
import gc
import io
import os
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any

import foreign
import openpyxl
import pytest
import uvloop
from child_processes import children, memory_at_most
from foreign import SHEET, book

from brassleaf.errors import Refused, TooMany
from brassleaf.sheets import workbook
from brassleaf.sheets.columns import Sheet
from brassleaf.sheets.reading import Reader
from brassleaf.sheets.writer import column_name

HOSTILE = foreign.hostile()


@pytest.fixture(autouse=True, scope="module")
def what_is_there_for_good() -> None:
    """Neither the application nor the tests are looked through again at each collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After each test: no file, no open descriptor, no child."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    uvloop.run(asyncio.sleep(0))
    gc.collect()  # what other tests left to the collector would be missed afterwards
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    others = children()  # of other tests, such as a database server
    yield
    gc.collect()
    assert list(tmp_path.rglob("*")) == []
    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208
    assert children() == others


async def _read(content: bytes, sheet: Sheet = SHEET, *, raw: bool = False, **options: Any) -> tuple[Any, list[Any]]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        async with Reader(**options).read(file, sheet, raw=raw) as reading:
            rows = [row async for batch in reading for row in batch]
    return reading, rows


def read(content: bytes, sheet: Sheet = SHEET, **options: Any) -> tuple[Any, list[Any]]:
    """The reading and its rows."""
    return uvloop.run(_read(content, sheet, **options))


def values(content: bytes, sheet: Sheet = SHEET) -> list[dict[str, Any]]:
    """The values of rows that must be good."""
    _, rows = read(content, sheet)
    assert [row[2] for row in rows] == [None] * len(rows)
    return [row[1] for row in rows]


def problems(content: bytes) -> list[tuple[Any, ...]]:
    """The problems of all rows: row, column, value, reason."""
    return [(number, *problem) for number, _, found in read(content)[1] for problem in found or ()]


def _anonymous() -> float:
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


# -- refused as a whole -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_broken_file_is_refused_in_a_sentence(name: str) -> None:
    made, expected = HOSTILE[name]
    content = made() if callable(made) else made
    gc.collect()
    before = _anonymous()
    others = children()
    worst = [0.0]
    of_child = [0.0]

    async def go() -> Refused:
        longest = 0.0

        async def watch() -> None:
            nonlocal longest
            while True:
                started = time.perf_counter()
                await asyncio.sleep(0.01)
                longest = max(longest, time.perf_counter() - started)
                worst[0] = max(worst[0], _anonymous() - before)
                of_child[0] = max(of_child[0], *(memory_at_most(child) for child in children() - others), 0)

        watching = asyncio.create_task(watch())
        begun = time.perf_counter()
        with pytest.raises(Refused) as refused:
            await _read(content)
        watching.cancel()
        # a machine that stands still for a moment is not what is meant
        assert longest < max(1.0, (time.perf_counter() - begun) / 2), "the event loop stood still"
        return refused.value

    error = uvloop.run(go())
    assert re.search(expected, error.message), error.message
    assert error.message.endswith((".", "?"))
    assert worst[0] < 150
    assert of_child[0] < 150


def test_the_limits_hold_where_the_scan_is_deceived() -> None:
    """Too little memory and too little time each end the child, not the server."""
    content = foreign.large(200_000)
    with pytest.raises(Refused, match="too much memory"):
        read(content, memory=70_000_000)
    with pytest.raises(Refused, match="too long"):
        read(foreign.large(600_000), cpu_seconds=1, most_rows=1_000_000)


def test_a_child_that_says_nothing_is_ended() -> None:
    with pytest.raises(Refused, match="too long"):
        read(foreign.large(1_000), silence=0.001)


def test_more_rows_than_allowed_are_refused_before_the_first_one_is_read() -> None:
    with pytest.raises(Refused, match=r"has 201 rows; at most 200"):
        read(foreign.large(201), most_rows=200)
    assert len(read(foreign.large(200), most_rows=200)[1]) == 200


def test_blank_rows_do_not_count() -> None:
    rows: list[list[Any]] = [["Part number"], *[[None]] * 500, ["A"], [" "], ["B"]]
    _, found = read(book(rows), most_rows=2)
    assert [row[0] for row in found] == [502, 504]


def test_two_hundred_thousand_rows() -> None:
    gc.collect()
    content = foreign.large(200_000)
    before = _anonymous()

    async def go() -> int:
        count = 0
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            async with Reader().read(file, SHEET) as reading:
                async for batch in reading:
                    count += len(batch)
                    assert _anonymous() - before < 150
        return count

    assert uvloop.run(go()) == 200_000


def test_a_slow_reader_holds_the_child_back() -> None:
    """What is not taken is not read on: the child waits, and memory stays as it is."""
    content, others = foreign.large(12_000, random.Random(1).randbytes(2_000).hex()), children()

    async def go() -> None:
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            async with Reader().read(file, SHEET) as reading:
                stream = aiter(reading)
                await anext(stream)
                before = _anonymous()
                await _standing_still(children() - others)
                assert _anonymous() - before < 36  # of 48 MB
                await stream.aclose()  # type: ignore[attr-defined]

    uvloop.run(go())


async def _standing_still(processes: set[str]) -> None:
    """Wait until processes, which are there, have computed nothing for a while."""

    def spent() -> list[list[str]]:
        return [Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split() for process in processes]

    assert processes
    last: list[list[str]] = []
    async with asyncio.timeout(20):
        while (now := spent()) != last:
            assert not any(fields[0] == "Z" for fields in now), "it read on to the end"
            last = now
            await asyncio.sleep(0.3)


def test_imports_wait_for_their_turn_and_are_refused_after_a_while() -> None:
    async def go() -> None:
        reader = Reader(at_once=1, patience=0.05)
        with tempfile.TemporaryFile() as file:
            file.write(book([["Part number"], ["A"]]))
            file.flush()
            async with reader.turn():
                for _ in range(2):
                    async with reader.read(file, SHEET):
                        pass
                with pytest.raises(TooMany):
                    async with reader.turn():
                        pass
            async with reader.turn():
                pass

    uvloop.run(go())


def test_leaving_in_the_middle_ends_the_child() -> None:
    async def go() -> None:
        in_the_middle = asyncio.Event()
        with tempfile.TemporaryFile() as file:
            file.write(foreign.large(50_000))
            file.flush()

            async def leave() -> None:
                async with Reader().read(file, SHEET) as reading:
                    async for _ in reading:
                        in_the_middle.set()
                        await asyncio.sleep(30)

            task = asyncio.create_task(leave())
            await in_the_middle.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    uvloop.run(go())


def test_a_long_and_wide_sheet_with_few_filled_cells_is_read() -> None:
    """40,000 rows with 60 columns, of which each row fills one; with all of them, one row stands far below."""
    titles = "".join(foreign.cell(f"{column_name(at)}1", f"c{at}" if at else "Part number") for at in range(60))

    def pieces() -> Iterator[bytes]:
        yield f'<row r="1">{titles}</row>'.encode()
        for number in range(2, 40_002):
            yield f'<row r="{number}">{foreign.cell(f"A{number}", f"P{number}")}</row>'.encode()
        yield f'<row r="60000">{foreign.cell("A60000", "last")}</row>'.encode()

    _, rows = read(foreign.zipped(pieces()))
    assert len(rows) == 40_001
    assert rows[-1] == [60_000, {"number": "last"}, None]


# -- columns ----------------------------------------------------------------------------------------------------------


def test_columns_in_any_order_and_case_with_blanks_and_line_breaks() -> None:
    found = values(book([[" PRICE ", None, "part\nnumber", "Address.City"], [1.5, None, "A", "Leeds"]]))
    assert found == [{"price": 1.5, "number": "A", "address.city": "Leeds"}]


def test_unknown_columns_are_named_and_ignored() -> None:
    reading, rows = read(book([["Part number", "Colour", "Errors", "Last modified"], ["A", "red", "old", 5]]))
    assert rows == [[2, {"number": "A"}, None]]
    assert reading.warnings == ["The column Colour is not known and was ignored."]


def test_cost_columns_are_unknown_to_those_who_see_no_costs() -> None:
    reading, rows = read(book([["Part number", "Cost"], ["A", 5]]), SHEET.without_cost())
    assert rows == [[2, {"number": "A"}, None]]
    assert "Cost" in reading.warnings[0]


def test_titles_above_the_header_and_a_table_that_begins_elsewhere() -> None:
    rows = [[], [None, "Parts of the year"], [], [None, None, "Part number", "Price"], [None, None, "A", 2]]
    assert read(book(rows))[1] == [[5, {"number": "A", "price": 2}, None]]


def test_merged_cells_below_the_header_are_warned_of() -> None:
    reading, rows = read(book([["Part number", "Price"], ["A", 1], ["B", None]], merge=["B2:B3"]))
    assert [row[1] for row in rows] == [{"number": "A", "price": 1}, {"number": "B"}]
    assert "as at B2" in reading.warnings[0]


def test_the_sheet_of_the_expected_name_is_read_hidden_ones_are_not() -> None:
    made = openpyxl.Workbook()
    made.worksheets[0].append(["Part number"])
    hidden = made.create_sheet("Secret")
    hidden.sheet_state = "hidden"
    second = made.create_sheet("parts")
    second.append(["Part number"])
    second.append(["B"])
    assert values(foreign.saved(made)) == [{"number": "B"}]
    second.title = "More"
    reading, rows = read(foreign.saved(made))
    assert rows == []
    assert reading.warnings == ["Only the first sheet, Sheet, was read; not read: More."]


# -- cells ------------------------------------------------------------------------------------------------------------


def test_a_row_that_leaves_out_what_identifies_it() -> None:
    assert problems(book([["Part number", "Price"], [None, 1], ["__clear__", 2]])) == [
        (2, "Part number", "", "This cell must be filled: it says what the row is about."),
        (3, "Part number", "", "This cell must be filled: it says what the row is about."),
    ]


def test_blank_leaves_alone_and_clear_clears() -> None:
    header = ["Part number", "Description", "Price", "Valid from", "Tags"]
    rows = [header, ["A", None, " ", None, ""], ["B", "__clear__", " __clear__ ", "__clear__", "__clear__"]]
    cleared = {"description": None, "price": None, "validFrom": None, "tags": None}
    assert values(book(rows)) == [{"number": "A"}, {"number": "B", **cleared}]


@pytest.mark.parametrize("mac", [False, True])
def test_real_dates_of_both_calendars_and_dates_as_text(mac: bool) -> None:
    dates = [
        date(2026, 1, 31),
        datetime(2026, 1, 31, 14, 5, 6, 123_000),  # noqa: DTZ001
        "2026-01-31",
        " 2026-01-31 14:05 ",
        "2026-01-31T14:05:06.5+02:00",
    ]
    found = values(book([["Part number", "Valid from"], *[[f"P{n}", day] for n, day in enumerate(dates)]], mac=mac))
    assert [row["validFrom"] for row in found] == [
        "2026-01-31",
        "2026-01-31T14:05:06.123Z",
        "2026-01-31",
        "2026-01-31T14:05:00.000Z",
        "2026-01-31T14:05:06.500+02:00",  # whose day another zone may not change
    ]


def test_dates_that_are_none() -> None:
    wrong = ["31.12.2026", "12/31/2026", "2026-02-30", 46_000, clock(12, 0), "soon"]
    found = problems(book([["Part number", "Valid from"], *[[f"P{n}", day] for n, day in enumerate(wrong)]]))
    assert [(row, column) for row, column, *_ in found] == [(n + 2, "Valid from") for n in range(len(wrong))]
    assert found[0][2:] == (
        "31.12.2026",
        "Give a date as 2026-01-31, or as a real date of Excel; other ways to write one are ambiguous.",
    )
    assert "Format the cell as a date" in found[3][3]


def test_formulas_need_a_value_and_errors_are_none() -> None:
    formula = '<c r="C{row}"><f>1+1</f>{value}</c>'
    rows = (
        f'<row r="1">{foreign.cell("A1", "Part number")}{foreign.cell("C1", "Price")}</row>'
        f'<row r="2">{foreign.cell("A2", "A")}{formula.format(row=2, value="<v>2</v>")}</row>'
        f'<row r="3">{foreign.cell("A3", "B")}{formula.format(row=3, value="")}</row>'
        f'<row r="4">{foreign.cell("A4", "C")}{foreign.cell("C4", "#N/A", "e")}</row>'
    )
    reading, found = read(foreign.zipped(rows))
    assert [row[1] for row in found] == [{"number": "A", "price": 2}, {"number": "B"}, {"number": "C"}]
    assert [row[2] and row[2][0][2] for row in found] == [
        None,
        "The formula has no value yet. Open the workbook in Excel and save it, or paste the value.",
        "The cell shows an error, such as #N/A. Correct it.",
    ]
    assert reading.warnings == ["1 cells hold formulas (C2); the values that Excel last showed were used."]


def test_formulas_and_errors_in_cells_without_addresses() -> None:
    """An address is optional: a cell without one follows the cell before it, a row the row before it."""
    rows = (
        "<row>"
        + "".join(f"<c t='inlineStr'><is><t>{title}</t></is></c>" for title in ("Part number", "Price"))
        + "</row>"
        '<row><c t="inlineStr"><is><t>A</t></is></c><c t="e"><v>#N/A</v></c></row>'
        '<row><c t="inlineStr"><is><t>B</t></is></c><c><f>1+1</f></c></row>'
        '<row><c t="inlineStr"><is><t>C</t></is></c><c><f>1+1</f><v>2</v></c></row>'
        '<row r="9"><c/><c r="A9" t="inlineStr"><is><t>D</t></is></c><c t="e"><v>#N/A</v></c></row>'
    )
    reading, found = read(foreign.zipped(rows))
    assert [(number, row.get("price"), [problem[0] for problem in wrong or ()]) for number, row, wrong in found] == [
        (2, None, ["Price"]),
        (3, None, ["Price"]),
        (4, 2, []),
        (9, None, ["Price"]),
    ]
    assert "formulas (B4)" in reading.warnings[0]


def test_texts_keep_what_was_typed() -> None:
    typed = ["-08", 8, 0.1, True, "00123", " x ", "1,234", "2026-01-31"]
    found = values(book([["Part number", "Description"], *[[f"P{n}", text] for n, text in enumerate(typed)]]))
    assert [row["description"] for row in found] == ["-08", "8", "0.1", "TRUE", "00123", "x", "1,234", "2026-01-31"]


def test_a_text_has_the_zeros_that_excel_shows() -> None:
    """A number in the format 00000 reads 00771 for whoever looks at it; in a column of numbers it is 771."""
    made = openpyxl.Workbook()
    page = made.worksheets[0]
    page.append(["Part number", "Price", "Description"])
    for number in (771, 1_234_567, 0.5, "7", True):
        page.append([number, 771, 771])
        page.cell(page.max_row, 1).number_format = "00000"
        page.cell(page.max_row, 2).number_format = "00000"
    content = foreign.saved(made)
    assert [row["number"] for row in values(content)] == ["00771", "1234567", "0.5", "7", "TRUE"]
    assert {(row["price"], row["description"]) for row in values(content)} == {(771, "771")}
    assert read(content, raw=True)[1][0] == [2, ["00771", 771, 771]]


def test_a_part_number_that_excel_made_a_date_of_is_refused() -> None:
    found = problems(book([["Part number"], [date(2026, 1, 2)], [1e15]]))
    assert "made a date or time of this" in found[0][3]
    assert "15 digits" in found[1][3]


def test_the_template_filled_in_is_read() -> None:
    page_of = openpyxl.load_workbook(io.BytesIO(workbook.template(SHEET)))
    page = page_of.worksheets[0]
    assert "Last modified" not in [cell.value for cell in page[1]]
    page.append(["-08", "A hose", 12.5, 3, True, datetime(2026, 1, 31), "a; b", "Leeds", 7])  # noqa: DTZ001
    assert values(foreign.saved(page_of)) == [
        {
            "number": "-08",
            "description": "A hose",
            "price": 12.5,
            "pieces": 3,
            "available": True,
            "validFrom": "2026-01-31",
            "tags": ["a", "b"],
            "address.city": "Leeds",
            "cost": 7,
        }
    ]


def test_raw_rows_are_the_cells_as_they_stand() -> None:
    rows = [["Part number", "Price", None, "Other"], ["A", "1,234", "lost", date(2026, 1, 31)], [None, None, "x", None]]
    reading, found = read(book(rows), raw=True)
    assert reading.head.titles == ["Part number", "Price", "Other"]
    assert found == [[2, ["A", "1,234", {"date": 46_053}]]]


def test_the_child_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRASSLEAF_SECRET", "x" * 40)
    from brassleaf.sheets import reading  # noqa: PLC0415

    started: list[dict[str, Any]] = []
    real: Callable[..., Any] = reading.subprocess.Popen

    def popen(command: list[str], **options: Any) -> Any:
        started.append(options)
        return real(command, **options)

    monkeypatch.setattr(reading.subprocess, "Popen", popen)
    read(book([["Part number"], ["A"]]))
    assert "BRASSLEAF_SECRET" not in started[0]["env"]
    assert not {"PATH", "HOME"} & set(started[0]["env"])
