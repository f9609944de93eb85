"""The template filled in by LibreOffice is read; an export that LibreOffice saved anew changes nothing."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from foreign import SHEET
from partshop import COLLECTIONS, PartImport, admin

from brassleaf.imports.engine import Importer
from brassleaf.sheets import workbook
from brassleaf.sheets.export import Exporter
from brassleaf.store.sqlite import SqliteStore


async def _exported() -> bytes:
    async def rows() -> Any:
        yield [
            orjson.dumps(
                {
                    "number": f"-{n:02}",
                    "price": n / 8,
                    "pieces": n % 12,
                    "available": n % 2 == 0,
                    "validFrom": "2026-01-31",
                    "cost": 0.1,
                }
            )
            for n in range(50)
        ]

    made = await Exporter().export(SHEET, rows())
    return b"".join([piece async for piece in made])


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template and an export, saved anew as a person would in LibreOffice, which is started once for both."""
    command = shutil.which("soffice") or shutil.which("libreoffice")
    if command is None:
        reason = "LibreOffice is not here: apt-get install --no-install-recommends libreoffice-calc"
        if os.environ.get("BRASSLEAF_REQUIRE_OFFICE") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("office")
    (folder / "template.xlsx").write_bytes(workbook.template(SHEET))
    (folder / "export.xlsx").write_bytes(asyncio.run(_exported()))
    files = [str(folder / f"{name}.xlsx") for name in ("template", "export")]
    profile = f"-env:UserInstallation=file://{folder}/profile"
    options = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out")]
    subprocess.run([command, profile, *options, *files], check=True, timeout=180, stdout=subprocess.DEVNULL)
    return folder


def _import(folder: Path, *files: Path) -> list[dict[str, Any]]:
    async def inside() -> list[dict[str, Any]]:
        store = SqliteStore(folder / "shop.sqlite")
        await store.open(COLLECTIONS)
        try:
            reports = []
            for path in files:
                with path.open("rb") as file:
                    reports.append((await Importer().run(file, PartImport(store, admin()), "office")).report)
            return reports
        finally:
            await store.close()

    return asyncio.run(inside())


def test_the_template_filled_in(saved: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(saved / "out" / "template.xlsx")
    page = book.worksheets[0]
    page.append(["-08", "A hose", 12.5, 3, True, "2026-01-31", "a; b", "Leeds", 7])
    filled = tmp_path / "filled.xlsx"
    book.save(filled)
    (report,) = _import(tmp_path, filled)
    assert (report["created"], report["failed"]) == (1, 0), report


def test_a_round_trip_through_libreoffice_changes_nothing(saved: Path, tmp_path: Path) -> None:
    first, again = _import(tmp_path, saved / "export.xlsx", saved / "out" / "export.xlsx")
    assert first["created"] == 50, first
    assert (again["unchanged"], again["failed"]) == (50, 0), again
