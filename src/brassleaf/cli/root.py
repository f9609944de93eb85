"""The command and its subcommands, and how each of them ends when something goes wrong."""

import os
import sys
from typing import Annotated

import typer

import brassleaf
from brassleaf.cli import archives, importing, people, serving, setup
from brassleaf.cli.terminal import FAILED, MISUSED, fail, say
from brassleaf.errors import BrassleafError
from brassleaf.settings import SettingsError

app = typer.Typer(
    name="brassleaf",
    help="Backend for hydraulic hose shops that speaks the GoldLeaf API.",
    epilog="Settings are variables BRASSLEAF_…, or lines of a file brassleaf.env. See docs/operating.md.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer passes the value of an option this way
    if wanted:
        say(f"brassleaf {brassleaf.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command("serve")(serving.serve)
app.command("init")(setup.init)
app.command("demo")(serving.demo)
app.command("doctor")(setup.doctor)
app.command("backup")(archives.backup)
app.command("restore")(archives.restore)
app.command("openapi")(setup.openapi)
app.command("import")(importing.import_workbook)
app.add_typer(people.keys, name="keys")
app.add_typer(people.users, name="users")


def main() -> None:
    """Run the command. Whatever is wrong is said in a sentence on standard error."""
    try:
        app()
    except SettingsError as error:
        fail(str(error), MISUSED)
    except BrassleafError as error:
        fail(error.message)
    except BrokenPipeError:
        # the reader of a pipe has gone: nothing is left to say, and nothing to flush into it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(FAILED) from None
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
