"""What every command shares: how it prints, asks for settings and fails."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from brassleaf.settings import Settings, load, misspelled

#: A request that cannot be served exits with 1, a command or setting that cannot be used with 2.
FAILED, MISUSED = 1, 2

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Organization = Annotated[
    str | None,
    typer.Option("--organization", metavar="ID", help="Id of the organization; needed if there are several."),
]


def say(text: str = "") -> None:
    """A line of the answer."""
    typer.echo(text)


def note(text: str) -> None:
    """A line for the person at the terminal, on standard error."""
    typer.echo(text, err=True)


def fail(text: str, code: int = FAILED) -> NoReturn:
    """End with a sentence on standard error."""
    note(f"brassleaf: {text}")
    raise SystemExit(code)


def settings_in_force(**given: object) -> Settings:
    """The settings, with a warning for variables that look like one but are none."""
    for text in misspelled():
        note(f"brassleaf: warning: {text}")
    return load(**given)


def print_json(value: Any) -> None:
    """One JSON value."""
    say(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str] | None = None) -> None:
    """A table on a terminal; in a pipe, lines with tabs between the columns."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            say("\t".join(" ".join(cell.split()) for cell in row))
        return
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for index, row in enumerate(rows):
        table.add_row(*(Text(cell) for cell in row), style=styles[index] if styles else None)
    Console(highlight=False).print(table)


@contextmanager
def progress(text: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on standard error where that is a terminal; nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(text, total=None)

        def step(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield step
