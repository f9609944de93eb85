"""`brassleaf import`: a workbook straight into the store, through the same service as the endpoints."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brassleaf.catalog.components.router import importing as components
from brassleaf.catalog.registry import KINDS as ITEM_KINDS
from brassleaf.cli.terminal import (
    FAILED,
    MISUSED,
    Json,
    Organization,
    fail,
    note,
    print_json,
    progress,
    say,
    settings_in_force,
)
from brassleaf.imports import Handler
from brassleaf.imports.engine import Importer, Outcome
from brassleaf.imports.errors_file import save
from brassleaf.imports.report import Counts
from brassleaf.operations.folder import opened
from brassleaf.operations.people import the_organization
from brassleaf.security.caller import Caller
from brassleaf.sheets.export import Exporter

if TYPE_CHECKING:
    from brassleaf.app import Parts

BY = "command line"
_SHOWN = 20  # problems that are printed; the errors file has all


def _components(item_type: str, parts: "Parts", caller: Caller) -> Handler:
    return components(parts.store, caller, item_type)


#: What can be imported: the handler of each, from the parts of the house.
KINDS: "dict[str, Callable[[Parts, Caller], Handler]]" = {
    "customer-items": lambda parts, caller: parts.customer_items.importing(caller),
    "hose-assemblies": lambda parts, caller: parts.assembly_import(caller),
    "price-lists": lambda parts, caller: parts.price_lists.importing(caller),
    **{kind.paths.many: partial(_components, kind.item_type) for kind in ITEM_KINDS.values()},
}


def import_workbook(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The workbook, such as prices.xlsx.")],
    kind: Annotated[str, typer.Option("--type", metavar="TYPE", help=f"What it holds: {' or '.join(KINDS)}.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would happen, write nothing.")] = False,
    organization: Organization = None,
    json: Json = False,
) -> None:
    """Import a workbook into the store, also while a server runs; exit with 1 if a row fails.

    Where rows fail, the workbook is written beside the file once more, with a column Errors. Importing a file again
    changes nothing, and completes an import that was interrupted.
    """
    from brassleaf.app import COLLECTIONS, Parts  # noqa: PLC0415 - only the commands that need the whole house wait

    if kind not in KINDS:
        fail(f"--type {kind}: use one of {', '.join(KINDS)}.", MISUSED)
    settings = settings_in_force()

    async def run() -> tuple[Outcome, Path | None]:
        async with opened(settings, COLLECTIONS) as store:
            own = await the_organization(store, organization)
            caller = Caller(own, "admin", "user", "0" * 24, BY, BY)
            handler = KINDS[kind](Parts(settings, store), caller)
            importer = Importer()
            with file.open("rb") as opened_file, progress("Importing") as step:

                def show(counts: Counts, rows: int) -> None:
                    step(counts.done, max(rows, counts.done))

                outcome = await importer.run(
                    opened_file, handler, BY, dry_run=dry_run, errors_to=Exporter(), progress=show
                )
            if outcome.errors_file is None:
                return outcome, None
            beside = file.with_name(f"{file.stem}.errors.xlsx")
            await save(outcome.errors_file, beside)
            return outcome, beside

    outcome, beside = asyncio.run(run())
    _print(outcome, beside, json=json)
    if outcome.failed:
        raise typer.Exit(FAILED)


def _print(outcome: Outcome, beside: Path | None, *, json: bool) -> None:
    report = outcome.report
    if json:
        print_json({**report, "errorsFile": str(beside) if beside else None})
        return
    for warning in report["warnings"]:
        note(f"brassleaf: warning: {warning}")
    for entry in report["errors"][:_SHOWN]:
        value = f" ({entry['value']})" if entry["value"] else ""
        note(f"row {entry['row']}: {entry['message']}{value}")
    if len(report["errors"]) > _SHOWN:
        note("…")
    say(report["message"])
    if beside:
        note(f"The rows with their errors are in {beside}.")
