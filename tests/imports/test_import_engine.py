"""The merge: what rows create, change and leave alone, what fails, and what a dry run says of all that."""

import asyncio
import io
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import foreign
import openpyxl
import pytest
import uvloop
from foreign import SHEET, book
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from partshop import CITIES, COLLECTIONS, ORGANIZATION, PARTS, PartImport, admin

from brassleaf.errors import Refused
from brassleaf.imports import Change, merged
from brassleaf.imports.engine import Ended, Importer, Outcome
from brassleaf.imports.report import Counts
from brassleaf.sheets.export import Exporter
from brassleaf.store import sqlite_bulk
from brassleaf.store.port import Stored
from brassleaf.store.query import Query
from brassleaf.store.sqlite import SqliteStore

HEADER = ["Part number", "Description", "Price", "Pieces", "Tags", "City"]


class Shop:
    """A store and an importer."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.importer = Importer()
        self.parts = store.repository(PARTS, ORGANIZATION)

    async def load(self, content: bytes, handler: Any = None, **options: Any) -> dict[str, Any]:
        return (await self.outcome(content, handler, **options)).report

    async def outcome(self, content: bytes, handler: Any = None, **options: Any) -> Outcome:
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            return await self.importer.run(file, handler or PartImport(self.store, admin()), "tester", **options)

    async def back(self, content: bytes) -> Any:
        """The sheet with the Errors column."""
        made = (await self.outcome(content, errors_to=Exporter())).errors_file
        assert made is not None
        return openpyxl.load_workbook(io.BytesIO(b"".join([piece async for piece in made]))).worksheets[0]

    async def all(self) -> dict[str, Stored]:
        stream = self.parts.stream(Query())
        return {str(entry["number"]): entry async for batch in stream for entry in batch}


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Callable[[Shop], Awaitable[None]]], None]:
    """Runs a test against a fresh store."""

    def go(work: Callable[[Shop], Awaitable[None]]) -> None:
        async def inside() -> None:
            store = SqliteStore(tmp_path / "shop.sqlite")
            await store.open(COLLECTIONS)
            try:
                await work(Shop(store))
            finally:
                await store.close()

        uvloop.run(inside())

    return go


Run = Callable[[Callable[[Shop], Awaitable[None]]], None]


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    return tuple(report[name] for name in ("created", "updated", "unchanged", "failed"))


def test_a_first_import_creates_and_a_second_one_changes_nothing(run: Run) -> None:
    async def work(shop: Shop) -> None:
        content = book([HEADER, *[[f"P-{n}", "d", n / 4, 2 * n, f"t{n}; b", "Leeds"] for n in range(3_000)]])
        assert counts(await shop.load(content)) == (3_000, 0, 0, 0)
        before = await shop.all()
        assert before["P-7"].document["price"] == 1.75
        assert before["P-7"]["createdBy"] == "tester"
        assert counts(await shop.load(content)) == (0, 0, 3_000, 0)
        assert {name: entry.raw for name, entry in (await shop.all()).items()} == {
            name: entry.raw for name, entry in before.items()
        }
        assert await shop.store.repository(CITIES, ORGANIZATION).count() == 1

    run(work)


def test_rows_of_a_process_that_dies_before_it_says_so_are_met_as_written(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brassleaf.store.sqlite.LARGE", 1)
    mute = "import os; from brassleaf.store import sqlite_bulk as b; b.pickle.dump = lambda *_: os._exit(1)"
    monkeypatch.setattr(sqlite_bulk, "_CHILD", sqlite_bulk._CHILD.replace("serve(", f"serve; {mute}; serve("))

    async def work(shop: Shop) -> None:
        assert counts(await shop.load(foreign.large(2_500))) == (0, 0, 2_500, 0)
        assert len(await shop.all()) == 2_500

    run(work)


def test_absent_and_blank_leave_alone_clear_clears_values_replace(run: Run) -> None:
    async def work(shop: Shop) -> None:
        await shop.load(book([HEADER, ["A", "first", 1, 2, "x", "Leeds"], ["B", "first", 1, 2, "y", "York"]]))
        assert counts(await shop.load(book([["Part number", "Price"], ["A", None], ["B", 3]]))) == (0, 1, 1, 0)
        report = await shop.load(book([["Part number", "Description", "City"], ["A", "__clear__", "__clear__"]]))
        assert counts(report) == (0, 1, 0, 0)
        found = await shop.all()
        assert (
            found["A"].document.items()
            >= {"number": "A", "price": 1, "pieces": 2, "tags": ["x"], "address": {}}.items()
        )
        assert "description" not in found["A"].document
        assert found["B"].document.items() >= {"description": "first", "price": 3, "address": {"city": "York"}}.items()
        assert found["B"].revision == 2

    run(work)


def test_good_rows_are_kept_when_others_fail_and_each_failure_is_named(run: Run) -> None:
    async def work(shop: Shop) -> None:
        rows = [
            ["A", "good", 1, 2, "a", None],
            ["X-1", "unknown", 1, 2, None, None],
            ["B", "bad price", "1,234", 2, None, None],
            ["C", "below zero", -1, "two", None, None],
            ["D", "unlucky", 1, 13, None, None],
            ["A", "again", 1, 2, None, None],
            ["E", "tag taken", 1, 2, "A", None],
            [None, "no number", 1, 2, None, None],
            ["F", "good", "1,5", 2, "f", None],
        ]
        report = await shop.load(book([HEADER, *rows]))
        assert counts(report) == (2, 0, 0, 7)
        assert report["message"] == "2 created, 0 updated, 0 unchanged, 7 failed."
        assert [(entry["row"], entry["column"], entry["value"]) for entry in report["errors"]] == [
            (3, "Part number", "X-1"),
            (4, "Price", "1,234"),
            (5, "Pieces", "two"),
            (6, "Pieces", "13"),
            (7, None, None),
            (8, "Tags", "A"),
            (9, "Part number", ""),
        ]
        assert report["errors"][4]["message"] == "Row 2 is about the same. Leave one of them out."
        assert report["errors"][3]["message"] == "Pieces: Thirteen pieces are unlucky."
        assert set(await shop.all()) == {"A", "F"}

    run(work)


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_row_that_cannot_be_takes_no_other_along(run: Run, dry_run: bool) -> None:
    async def work(shop: Shop) -> None:
        rows = [["D", "unlucky", 1, 13], ["D", "good", 1, 2], ["D", "again", 1, 3], ["D", "unlucky", 1, 13]]
        report = await shop.load(book([HEADER[:4], *rows]), dry_run=dry_run)
        assert counts(report) == (1, 0, 0, 3)
        assert [(entry["row"], entry["message"]) for entry in report["errors"]] == [
            (2, "Pieces: Thirteen pieces are unlucky."),
            (4, "Row 3 is about the same. Leave one of them out."),
            (5, "Row 3 is about the same. Leave one of them out."),
        ]
        assert [part["description"] for part in (await shop.all()).values()] == ([] if dry_run else ["good"])

    run(work)


def test_a_model_refuses_with_the_column_and_the_value(run: Run) -> None:
    async def work(shop: Shop) -> None:
        report = await shop.load(book([HEADER, ["A", "x" * 600, -5, 2, None, None]]))
        found = {entry["column"]: entry["reason"] for entry in report["errors"]}
        assert found == {"Description": "Give at most 500 characters.", "Price": "Give a number of at least 0."}

    run(work)


def test_a_dry_run_says_the_same_and_writes_nothing(run: Run) -> None:
    async def work(shop: Shop) -> None:
        await shop.load(book([HEADER, ["A", "old", 1, 2, "a", None], ["B", "same", 1, 2, "b", None]]))
        before = {name: entry.raw for name, entry in (await shop.all()).items()}
        content = book([HEADER, ["A", "new", 1, 2, None, "Leeds"], ["B", "same", 1, 2, "b", None], ["C"], ["X"]])
        report = await shop.load(content, dry_run=True)
        assert counts(report) == (1, 1, 1, 1)
        assert report["dryRun"]
        assert report["message"].startswith("A dry run: nothing was written.")
        assert {name: entry.raw for name, entry in (await shop.all()).items()} == before
        assert await shop.store.repository(CITIES, ORGANIZATION).count() == 0
        assert counts(await shop.load(content)) == (1, 1, 1, 1)

    run(work)


def test_a_deleted_document_is_made_anew(run: Run) -> None:
    async def work(shop: Shop) -> None:
        content = book([HEADER, ["A", "x", 1, 2, "a", None]])
        await shop.load(content)
        stored = (await shop.all())["A"]
        await shop.parts.replace(stored, {**stored.document, "deleted": True})
        assert counts(await shop.load(content)) == (1, 0, 0, 0)
        found = (await shop.all())["A"]
        assert found["deleted"] is False
        assert found.id == stored.id

    run(work)


def test_what_others_change_in_between_is_kept(run: Run) -> None:
    """A row overtaken by a change, and one overtaken by a creation, are done again on the newer state."""

    async def work(shop: Shop) -> None:
        await shop.load(book([HEADER, ["A", "old", 1, 2, "a", None]]))

        class Slow(PartImport):
            async def plan(self, rows: Sequence[Any]) -> Any:
                return [overtaken(change) for change in await super().plan(rows)]

        def overtaken(change: Change) -> Change:
            def apply(before: Any) -> Any:
                if change.id not in done:
                    done.add(change.id)
                    waiting.append(asyncio.ensure_future(other(change.id)))
                return change.apply(before)

            return Change(change.id, apply, change.first)

        done: set[str] = set()
        waiting: list[asyncio.Future[None]] = []

        async def other(id_: str) -> None:
            there = await shop.parts.get(id_)
            if there is None:
                await shop.parts.insert({"_id": id_, "number": "B", "cost": 9, "deleted": False, "created": "x"})
            else:
                await shop.parts.replace(there, {**there.document, "cost": 9})

        content = book([HEADER, ["A", "new", 1, 2, "a", None], ["B", "new", 1, 2, "b", None]])
        report = await shop.load(content, Slow(shop.store, admin()))
        await asyncio.gather(*waiting)
        assert counts(report) == (0, 2, 0, 0)
        for entry in (await shop.all()).values():
            assert entry.document.items() >= {"description": "new", "cost": 9}.items()

    run(work)


def test_what_looks_the_same_in_excel_is_unchanged(run: Run) -> None:
    """A round trip export → import changes nothing, whatever stands in the documents."""

    async def work(shop: Shop) -> None:
        odd = [
            {"number": "A", "description": {"text": "an object"}, "price": 10.0, "tags": ["a;b", "", "c"]},
            {"number": "-08", "description": "=1+1", "validFrom": "2026-01-31T00:00:00.000Z", "pieces": 5.0},
            {"number": "C", "validFrom": "2026-01-31", "available": False, "address": {"city": "Łódź", "zip": "1"}},
            {"number": "_x0041_", "validFrom": "2026-01-31T14:05:06.123456Z", "tags": ["[x"]},
            {"number": "E", "description": "x" * 40_000, "validFrom": "next week", "cost": 0.1},
        ]
        for number, fields in enumerate(odd):
            document = {"_id": f"{number:024x}", **fields, "created": "2026", "lastModified": "2026", "deleted": False}
            await shop.parts.insert(document)

        class ById(PartImport):
            async def plan(self, rows: Sequence[Any]) -> Any:
                known = {str(entry["number"]): entry.id for entry in (await shop.all()).values()}

                return [
                    Change(known[row.values["number"]], lambda before, row=row: merged(before, row.values))
                    for row in rows
                ]

        before = {name: entry.raw for name, entry in (await shop.all()).items()}

        async def rows() -> Any:
            yield [entry.raw for entry in (await shop.all()).values()]

        made = await Exporter().export(SHEET, rows())
        content = b"".join([piece async for piece in made])
        report = await shop.load(content, ById(shop.store, admin()))
        # what Excel cannot hold comes back as what it holds, and is told
        assert {entry["row"] for entry in report["errors"]} <= {6}
        assert report["created"] == report["updated"] == 0
        assert {name: entry.raw for name, entry in (await shop.all()).items()} == before

    run(work)


def test_the_workbook_comes_back_with_its_errors(run: Run, tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        rows = [
            ["A", "good", 1],
            ["X-1", "bad", "1,234"],
            [None, None, None],
            ["B", "good", 2],
            ["X-2", "__clear__", 3],
        ]
        header = ["Part number", "Description", "Price", "Note", "Note"]
        content = book([["A title"], header, *[[*row, "n", 5] for row in rows]])
        page = await shop.back(content)
        found = list(page.iter_rows(values_only=True))
        assert found[0] == ("Errors", "Part number", "Description", "Price", "Note", "Note (2)")
        assert found[1] == (None, "A", "good", 1, "n", 5)
        assert found[2][1:] == ("X-1", "bad", "1,234", "n", 5)
        assert found[2][0].startswith("Price: 1,234 may mean")
        assert found[5] == ("Part number: There is no such part.", "X-2", "__clear__", 3, "n", 5)
        # corrected, it can be imported as it is
        page["B3"] = "C"
        page["D3"] = 9
        report = await shop.load(foreign.saved(openpyxl_of(page)))
        assert report["created"] == 1

    def openpyxl_of(page: Any) -> openpyxl.Workbook:
        found: openpyxl.Workbook = page.parent
        return found

    run(work)


REFUSED = (
    ("Description", '<c r="B{row}" s="1"><v>46056</v></c>'),  # a date
    ("Description", '<c r="B{row}" s="1"><v>15</v></c>'),  # a date of January 1900
    ("Description", '<c r="B{row}" s="2"><v>46056.25</v></c>'),  # a date and time
    ("Description", '<c r="B{row}" s="3"><v>0.25</v></c>'),  # a time
    ("Description", '<c r="B{row}"><v>1234567890123456789</v></c>'),
    ("Description", '<c r="B{row}" t="e"><v>#N/A</v></c>'),
    ("Price", '<c r="C{row}" t="e"><v>#DIV/0!</v></c>'),
    ("Price", '<c r="C{row}"><f>1+1</f></c>'),
    ("Price", '<c r="C{row}"><v>1E301</v></c>'),
    ("Price", '<c r="C{row}"><v>1E400</v></c>'),
    ("Price", '<c r="C{row}" s="1"><v>46056</v></c>'),
    ("Price", '<c r="C{row}" t="b"><v>1</v></c>'),
    ("Price", '<c r="C{row}" t="inlineStr"><is><t>1,234</t></is></c>'),
    ("Valid from", '<c r="D{row}"><v>46056</v></c>'),  # a number
    ("Valid from", '<c r="D{row}" s="3"><v>0.25</v></c>'),
    ("Valid from", '<c r="D{row}" t="inlineStr"><is><t>31.12.2026</t></is></c>'),
)


def test_what_was_refused_is_refused_again_when_the_errors_file_comes_back_uncorrected(run: Run) -> None:
    def title(where: str, text: str) -> str:
        return foreign.cell(where, text)

    head = [title("A1", "Part number"), title("B1", "Description"), title("C1", "Price"), title("D1", "Valid from")]
    rows = [f'<row r="1">{"".join(head)}</row>']
    for row, (_, cell) in enumerate(REFUSED, 2):
        rows.append(f'<row r="{row}">{title(f"A{row}", f"P{row}")}{cell.format(row=row)}</row>')
    dates = '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>{}</cellXfs></styleSheet>'
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22, 20))
    content = foreign.zipped("".join(rows), parts={"xl/styles.xml": dates.format(formats).encode()})

    async def work(shop: Shop) -> None:
        for times in range(2):
            nonlocal content
            outcome = await shop.outcome(content, errors_to=Exporter())
            found = [(entry["row"], entry["column"]) for entry in outcome.report["errors"]]
            assert found == [(row, column) for row, (column, _) in enumerate(REFUSED, 2)], times
            assert all(isinstance(entry["value"], str | None) for entry in outcome.report["errors"])
            assert outcome.errors_file is not None
            content = b"".join([piece async for piece in outcome.errors_file])
        page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        assert page["C2"].value == datetime(2026, 2, 3)  # noqa: DTZ001
        assert page["C6"].value == 1.23456789012346e18
        assert page["D9"].data_type == "e"

    run(work)


def test_a_report_lists_the_first_thousand_problems_and_keeps_them_all(run: Run) -> None:
    async def work(shop: Shop) -> None:
        content = book([["Part number"], *[[f"X{n}"] for n in range(2_500)]])
        report = await shop.load(content)
        assert len(report["errors"]) == 1_000
        assert report["failed"] == 2_500
        assert "2,500 problems" in report["warnings"][0]
        cells = [cell.value for cell in (await shop.back(content))["A"]]
        assert cells == ["Errors"] + ["Part number: There is no such part."] * 2_500

    run(work)


def test_an_import_that_is_told_to_end_keeps_what_it_wrote(run: Run) -> None:
    async def work(shop: Shop) -> None:
        seen: list[int] = []

        def enough(found: Counts, rows: int) -> None:
            assert rows == 9_000
            seen.append(found.done)
            if found.done:
                raise Ended("Enough.")

        content = foreign.large(9_000)
        with pytest.raises(Ended):
            await shop.load(content, progress=enough)
        assert 0 < len(await shop.all()) < 9_000
        assert len(await shop.all()) >= seen[-1]
        report = await shop.load(content)
        assert report["created"] + report["unchanged"] == 9_000
        assert len(await shop.all()) == 9_000

    run(work)


def test_a_refusal_in_the_middle_says_what_was_imported(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(shop: Shop) -> None:
        class Failing(PartImport):
            count = 0

            async def plan(self, rows: Sequence[Any]) -> Any:
                self.count += len(rows)
                if self.count > 5_000:
                    raise Refused("The moon is full.")
                return await super().plan(rows)

        with pytest.raises(Refused, match=r"The moon is full\. [\d,]+ created.*What was imported before stays"):
            await shop.load(foreign.large(9_000), Failing(shop.store, admin()))
        assert await shop.all()

    run(work)


_CELLS = st.one_of(
    st.none(),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12),
    st.sampled_from(["__clear__", "1,5", "1,234", "yes", "2026-01-31", "a; b", "-08"]),
    st.integers(-(10**6), 10**6),
    st.floats(-1e6, 1e6).map(lambda value: round(value, 3)),
    st.booleans(),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(_CELLS, min_size=9, max_size=9), max_size=16))
def test_importing_anything_twice_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]
) -> None:
    titles = [column.header for column in SHEET.columns if not column.read_only]
    made = openpyxl.Workbook()
    page = made.worksheets[0]
    page.append(titles)
    for row in rows:
        page.append([None] * len(titles))
        for index, value in enumerate(row, 1):
            target = page.cell(page.max_row, index, None)
            if isinstance(value, str):
                target.value, target.data_type = value, "s"
            elif value is not None:
                target.value = value
    content = foreign.saved(made)

    async def inside() -> None:
        store = SqliteStore(tmp_path_factory.mktemp("any") / "shop.sqlite")
        await store.open(COLLECTIONS)
        try:
            shop = Shop(store)
            dry = await shop.load(content, dry_run=True)
            first = await shop.load(content)
            again = await shop.load(content)
            assert first["failed"] >= dry["failed"]  # a dry run does not see that two new rows want one unique tag
            assert first["created"] + first["failed"] == dry["created"] + dry["failed"]
            assert counts(again) == (0, 0, first["created"], first["failed"])
        finally:
            await store.close()

    uvloop.run(inside())
