"""Exports run in a child process that knows no secrets, and leave nothing behind whatever happens to them."""

import asyncio
import gc
import io
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
import uvloop
from child_processes import children

from brassleaf.errors import Refused, TooMany
from brassleaf.sheets import export, writer
from brassleaf.sheets.columns import Column, Sheet
from brassleaf.sheets.export import Exporter, ExportFailed, SheetFile

SHEET = Sheet("Numbers", (Column("Number", "number", "integer"), Column("Text", "text")))
A_CHILDS = 1_000  #: rows from which on a child writes
Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    return asyncio.run if request.param == "asyncio" else uvloop.run


@pytest.fixture(autouse=True, scope="module")
def what_is_there_for_good() -> None:
    """Neither the application nor the tests are looked through again at each collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """After each test: no file, no open descriptor, no child."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "exports").mkdir()
    uvloop.run(asyncio.sleep(0))  # opens what it keeps open for good
    gc.collect()  # what other tests left to the collector would be missed afterwards
    before = _descriptors()
    others = children()  # of other tests, such as a database server
    yield
    gc.collect()
    assert [path.name for path in tmp_path.rglob("*")] == ["exports"]
    assert _descriptors() <= before
    assert children() == others


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def _exporter(**options: Any) -> Exporter:
    return Exporter(folder=Path(tempfile.gettempdir()) / "exports", **options)


async def _rows(count: int, batch: int = 700) -> AsyncIterator[list[bytes]]:
    for start in range(0, count, batch):
        yield [orjson.dumps({"number": n, "text": f"-{n}"}) for n in range(start, min(start + batch, count))]


class Stalled:
    """Rows that never end coming; knows whether it was closed."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.closed = False

    async def rows(self) -> AsyncIterator[Sequence[bytes]]:
        try:
            yield [b'{"number":1}'] * A_CHILDS
            self.started.set()
            await asyncio.sleep(60)
        finally:
            self.closed = True


@pytest.mark.parametrize("count", [0, 1, A_CHILDS - 1, A_CHILDS, A_CHILDS + 1, 5_000])
def test_rows_come_out_in_their_order(run: Run, count: int) -> None:
    async def go() -> None:
        file = await _exporter().export(SHEET, _rows(count))
        assert file.rows == count
        pieces = [piece async for piece in file]
        content = b"".join(pieces)
        assert len(content) == file.size
        page = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        assert list(page.iter_rows(min_row=2, values_only=True)) == [(n, f"-{n}") for n in range(count)]

    run(go())


def test_pretty_documents_and_large_ones(run: Run) -> None:
    async def rows() -> AsyncIterator[list[bytes]]:
        yield [orjson.dumps({"number": 1, "text": "a\nb"}, option=orjson.OPT_INDENT_2)] * 2
        yield []
        yield [orjson.dumps({"text": "x" * 3_000_000})]

    async def go() -> None:
        file = await _exporter().export(SHEET, rows())
        content = b"".join([piece async for piece in file])
        page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        assert [page["B2"].value, page["B3"].value] == ["a\nb"] * 2
        assert page["B4"].value.endswith(writer.CUT_MARK)

    run(go())


def test_a_file_is_sent_in_pieces_and_may_be_dropped_at_any_time(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PIECE", 1_000)

    async def go() -> None:
        exporter = _exporter()
        file = await exporter.export(SHEET, _rows(500))
        pieces = [len(piece) async for piece in file]
        assert pieces[:-1] == [1_000] * (len(pieces) - 1)
        assert len(pieces) > 3
        assert [piece async for piece in file] == []
        file.close()
        half = await exporter.export(SHEET, _rows(500))
        sending = aiter(half)
        await anext(sending)
        await sending.aclose()  # type: ignore[attr-defined]
        unsent = await exporter.export(SHEET, _rows(1))
        del unsent, half, sending

    run(go())


def test_the_child_knows_no_secrets(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spy = tmp_path / "exports" / "spy.py"
    spy.write_text(
        "import os, sys; os.write(1, repr((dict(os.environ), sys.path, os.listdir('/proc/self/fd'))).encode())"
    )
    monkeypatch.setattr(writer, "__file__", str(spy))
    monkeypatch.setenv("BRASSLEAF_SECRET_KEY", "hush")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/lib")

    async def go() -> None:
        file = await _exporter().export(SHEET, _rows(A_CHILDS))
        environment, path, descriptors = eval(b"".join([piece async for piece in file]))
        assert environment.pop("LC_CTYPE", "") in ("", "C.UTF-8")  # Python's own coercion
        assert environment == {"LD_LIBRARY_PATH": "/lib"}
        assert "/somewhere" not in path
        assert len(descriptors) == 4  # three, and the one that lists them

    run(go())
    spy.unlink()


@pytest.mark.parametrize("rows", [A_CHILDS, 200_000])
def test_a_dead_child_is_a_clear_error(
    run: Run, rows: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "exports" / "broken.py"
    broken.write_text("raise SystemExit('out of luck')")
    monkeypatch.setattr(writer, "__file__", str(broken))

    async def go() -> None:
        with pytest.raises(ExportFailed, match="could not be written"):
            await _exporter().export(SHEET, _rows(rows))

    run(go())
    broken.unlink()
    assert "out of luck" in caplog.text


def test_a_killed_child_is_a_clear_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    children = []
    start = export._start
    monkeypatch.setattr(export, "_start", lambda *given: children.append(start(*given)) or children[0])

    async def rows() -> AsyncIterator[list[bytes]]:
        yield [b"{}"] * 2_000
        children[0].kill()
        async for batch in _rows(100_000):
            yield batch

    async def go() -> None:
        with pytest.raises(ExportFailed):
            await _exporter().export(SHEET, rows())

    run(go())


@pytest.mark.parametrize("count", [1, A_CHILDS])
def test_a_document_that_is_none_is_a_clear_error(run: Run, count: int) -> None:
    async def rows() -> AsyncIterator[list[bytes]]:
        yield [b"{}"] * count + [b"{"]

    async def go() -> None:
        with pytest.raises(ExportFailed):
            await _exporter().export(SHEET, rows())

    run(go())


def test_a_short_export_starts_no_child(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_start", pytest.fail)

    async def go() -> None:
        assert (await _exporter().export(SHEET, _rows(A_CHILDS - 1))).rows == A_CHILDS - 1

    run(go())


def test_a_full_disk_is_a_clear_error(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    monkeypatch.setattr(os, "dup", lambda _: full)

    async def go() -> None:
        with pytest.raises(ExportFailed, match="could not be written"):
            await _exporter().export(SHEET, _rows(1))

    run(go())
    assert "No space left on device" in caplog.text


def test_a_cancelled_export_ends_its_child_at_once(run: Run) -> None:
    async def go() -> None:
        source = Stalled()
        task = asyncio.create_task(_exporter().export(SHEET, source.rows()))
        await source.started.wait()
        start = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - start < 20, "it waited for its rows"
        assert source.closed

    run(go())


def test_an_export_that_takes_too_long_is_ended(run: Run) -> None:
    async def go() -> None:
        source = Stalled()
        with pytest.raises(ExportFailed, match=r"longer than 0\.5 seconds"):
            await _exporter(time_limit=0.5).export(SHEET, source.rows())
        assert source.closed == source.started.is_set()

    run(go())


def test_errors_of_the_store_come_through(run: Run) -> None:
    async def rows() -> AsyncIterator[list[bytes]]:
        yield [b"{}"]
        raise TimeoutError("the store is away")

    async def go() -> None:
        with pytest.raises(TimeoutError, match="the store is away"):
            await _exporter().export(SHEET, rows())

    run(go())


def test_further_exports_wait_and_are_told_when_it_takes_too_long(run: Run) -> None:
    async def go() -> None:
        exporter = _exporter(at_once=1, patience=0.2)
        first = Stalled()
        task = asyncio.create_task(exporter.export(SHEET, first.rows()))
        await first.started.wait()
        second = Stalled()
        with pytest.raises(TooMany) as refusal:
            await exporter.export(SHEET, second.rows())
        assert refusal.value.retry_after == 60
        assert not second.started.is_set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        exporter._patience = 60
        files = await asyncio.gather(*(exporter.export(SHEET, _rows(1)) for _ in range(2)))
        assert [file.rows for file in files] == [1, 1]

    run(go())


def test_more_rows_than_a_sheet_holds_are_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 3_001)

    async def go() -> None:
        assert (await _exporter().export(SHEET, _rows(3_000))).rows == 3_000
        for count in (3_001, 100_000):
            with pytest.raises(Refused, match="no more than 3,000 rows"):
                await _exporter().export(SHEET, _rows(count))

    run(go())


def test_a_sheet_too_large_for_excel_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    small = tmp_path / "exports" / "small.py"
    small.write_text(Path(writer.__file__).read_text().replace("2_000_000_000", "20_000"))
    monkeypatch.setattr(writer, "__file__", str(small))

    async def go() -> None:
        with pytest.raises(Refused, match="narrow the filter"):
            await _exporter().export(SHEET, _rows(200_000))

    run(go())
    small.unlink()


def test_a_file_read_after_its_end_gives_nothing(tmp_path: Path) -> None:
    async def go() -> SheetFile:
        return await _exporter().export(SHEET, _rows(1))

    file = asyncio.run(go())
    file.close()
    file.close()
    assert file._read(0) == b""
