"""`brassleaf import`: straight into the store, with an exit code, the problems and the workbook with its errors."""

import asyncio
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer
from foreign import book
from partshop import CITIES, PARTS, PartImport
from typer.testing import CliRunner, Result

import brassleaf.app
from brassleaf.cli import importing
from brassleaf.operations.founding import found
from brassleaf.settings import Settings
from brassleaf.store.opening import make_store

MIXED = book([["Part number", "Price", "Colour"], ["A", 1, "red"], ["B", "1,234", "red"]])


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one organization, where parts can be imported."""
    collections = (*brassleaf.app.COLLECTIONS, PARTS, CITIES)
    monkeypatch.setattr(brassleaf.app, "COLLECTIONS", collections)
    monkeypatch.setenv("BRASSLEAF_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(importing.KINDS, "parts", lambda parts, caller: PartImport(parts.store, caller))

    async def make() -> None:
        (tmp_path / "data").mkdir()
        store = make_store(Settings(data=tmp_path / "data"))
        await store.open(collections)
        await found(store, "Shop", "admin@example.com")
        await store.close()

    asyncio.run(make())
    return tmp_path


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(importing.import_workbook)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_rows_that_fail_are_told_and_the_workbook_is_written_beside(shop: Path) -> None:
    file = shop / "parts.xlsx"
    file.write_bytes(MIXED)
    result = run(file, "--type", "parts")
    assert result.exit_code == 1, result.output
    assert result.stdout == "1 created, 0 updated, 0 unchanged, 1 failed.\n"
    assert "row 3: Price: 1,234 may mean" in result.stderr
    assert "The column Colour is not known" in result.stderr
    page = openpyxl.load_workbook(shop / "parts.errors.xlsx").worksheets[0]
    assert page["A3"].value.startswith("Price: 1,234 may mean")
    assert page["D3"].value == "red"


def test_a_good_file_ends_with_zero_and_again_with_nothing_to_do(shop: Path) -> None:
    file = shop / "parts.xlsx"
    file.write_bytes(book([["Part number"], ["A"]]))
    dry: Any = json.loads(run(file, "--type", "parts", "--dry-run", "--json").stdout)
    assert (dry["created"], dry["dryRun"], dry["errorsFile"]) == (1, True, None)
    assert run(file, "--type", "parts").stdout == "1 created, 0 updated, 0 unchanged, 0 failed.\n"
    assert run(file, "--type", "parts").stdout == "0 created, 0 updated, 1 unchanged, 0 failed.\n"
    assert [path.name for path in shop.iterdir() if path.suffix == ".xlsx"] == ["parts.xlsx"]


def test_a_type_that_is_none(shop: Path) -> None:
    result = run(shop, "--type", "bolts")
    assert result.exit_code == 2
    assert "use one of customer-items, hose-assemblies, price-lists, hoses" in result.stderr
