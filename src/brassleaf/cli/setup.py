"""`brassleaf init`, `doctor` and `openapi`."""

import asyncio
from pathlib import Path
from typing import Annotated

import orjson
import typer

from brassleaf.cli.growing import Items, grow
from brassleaf.cli.terminal import FAILED, Json, note, print_json, print_table, say, settings_in_force
from brassleaf.operations import checks
from brassleaf.operations.folder import opened
from brassleaf.operations.founding import Founded, found
from brassleaf.settings import SettingsError, load


def init(
    *,
    organization: Annotated[str, typer.Option(metavar="NAME", help="Name of the organization.")] = "Hose Shop",
    email: Annotated[
        str, typer.Option(metavar="ADDR", help="E-mail address of its first admin.")
    ] = "admin@example.com",
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo shop's catalogue and customers too.")] = False,
    items: Items = 0,
    json: Json = False,
) -> None:
    """Make an organization, its first admin and an API key; print their secrets, this once."""
    from brassleaf.app import COLLECTIONS  # noqa: PLC0415 - only the commands that need the whole house wait for it
    from brassleaf.demo.shop import load_shop  # noqa: PLC0415 - as above

    if items and not demo:
        raise typer.BadParameter("Items belong to the demo shop: add --demo.", param_hint="'--items'")
    settings = settings_in_force()

    async def run() -> None:
        async with opened(settings, COLLECTIONS) as store:
            founded = await found(store, organization, email)
            _print_founded(founded, json=json)  # at once: nobody can look it up later
            if demo:
                await load_shop(store, founded.organization_id)
                await grow(store, items)

    asyncio.run(run())


def _print_founded(founded: Founded, *, json: bool) -> None:
    fields = {
        "organizationId": founded.organization_id,
        "email": founded.email,
        "password": founded.password,
        "apiKeyName": founded.key_name,
        "apiKey": founded.key,
    }
    if json:
        print_json(fields)
        return
    for name, value in fields.items():
        say(f"{name:<14}  {value}")
    note("Keep password and apiKey now: they are not shown again. The key may be used from this machine; for others:")
    note(f"brassleaf keys trust {founded.key_name} ADDRESS")


def doctor(
    *,
    host: Annotated[str, typer.Option(metavar="HOST", help="Where the server shall listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=1, max=65535, help="At which port.")] = 8000,
    json: Json = False,
) -> None:
    """Check settings, data folder, store, libraries and port; exit with 1 if something fails."""
    from brassleaf.app import COLLECTIONS  # noqa: PLC0415 - only the commands that need the whole house wait for it

    try:
        settings = load()
    except SettingsError as error:
        found = [checks.Check("settings", "fail", line, "Correct the variable.") for line in str(error).splitlines()]
    else:
        found = asyncio.run(checks.everything(settings, COLLECTIONS, host, port))
    if json:
        print_json([{"check": c.name, "state": c.state, "found": c.found, "advice": c.advice} for c in found])
    else:
        styles = {"ok": "", "warn": "yellow", "fail": "red"}
        rows = [[c.state, c.name, c.found, c.advice] for c in found]
        print_table(("STATE", "CHECK", "FOUND", "WHAT TO DO"), rows, [styles[c.state] for c in found])
    if any(check.state == "fail" for check in found):
        raise typer.Exit(FAILED)


def openapi(
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file. [default: standard output]")
    ] = None,
) -> None:
    """Print the OpenAPI document, always in the same order."""
    from brassleaf.app import create_app  # noqa: PLC0415 - only the commands that need the whole house wait for it

    document = create_app(load(store="")).openapi()
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    if output is None:
        say(text.decode().rstrip("\n"))
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    part = output.with_name(f".{output.name}.part")
    try:
        part.write_bytes(text)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    note(f"Wrote {output}.")
