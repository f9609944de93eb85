"""Help, version, init, openapi, settings and doctor, by the real command."""

import json
import re
import sqlite3
import stat
import subprocess
from contextlib import closing

import pytest
from cli_command import COMMAND, ITEMS, free_port
from typer.testing import CliRunner

from brassleaf.cli.root import app

COMMANDS = [
    [], ["serve"], ["init"], ["demo"], ["doctor"], ["backup"], ["restore"], ["openapi"],
    ["keys"], ["keys", "list"], ["keys", "create"], ["keys", "trust"], ["keys", "delete"],
    ["users"], ["users", "list"], ["users", "create"], ["users", "role"], ["users", "password"], ["users", "delete"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_a_help_text(command):
    done = CliRunner().invoke(app, [*command, "--help"], prog_name="brassleaf", env={"COLUMNS": "100"})
    assert done.exit_code == 0
    assert " ".join(["Usage: brassleaf", *command]) in done.output
    # what it does stands in a sentence below the usage
    assert re.search(r"^ [A-Z].*\.", done.output.partition("\n\n")[2] or done.output.partition(" \n ")[2], re.MULTILINE)


def test_help_version_and_mistakes(nothing):
    assert "Usage: brassleaf" in nothing.ok("--help").out
    assert nothing.ok("--version").out.startswith("brassleaf 0.")
    assert "No such command" in nothing.refused("bogus", code=2)


def test_init_prints_one_json_object(nothing):
    done = nothing.ok("init", "--json")
    found = done.json()
    assert list(found) == ["organizationId", "email", "password", "apiKeyName", "apiKey"]
    assert len(found["organizationId"]) == 24
    assert found["apiKeyName"] == "admin"
    assert found["apiKey"].startswith("blk_")
    assert len(found["password"]) >= 20
    assert stat.S_IMODE(nothing.data.stat().st_mode) == 0o700
    for file in nothing.data.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert found["password"].encode() not in file.read_bytes()
        assert found["apiKey"].encode() not in file.read_bytes()


def test_a_second_init_with_the_address_is_refused(shop):
    before = shop.ok("keys", "list", "--json").out
    error = shop.refused("init", "--json", "--email", "boss@SHOP.example", "--organization", "Another")
    assert "boss@SHOP.example" in error
    assert "nothing was changed" in error
    assert shop.ok("keys", "list", "--json").out == before


def test_a_second_organization_has_to_be_chosen_from_then_on(shop, founded):
    other = shop.ok("init", "--json", "--organization", "Other", "--email", "other@shop.example").json()
    error = shop.refused("keys", "list")
    assert founded["organizationId"] in error
    assert other["organizationId"] in error
    assert "--organization" in error
    listed = shop.ok("users", "list", "--json", "--organization", other["organizationId"].upper()).json()
    assert [user["email"] for user in listed] == ["other@shop.example"]


def test_init_with_the_demo_shop(nothing):
    nothing.ok("init", "--json", "--demo")
    with closing(sqlite3.connect(nothing.data / "brassleaf.sqlite")) as store:
        (items,) = store.execute("SELECT count(*) FROM items").fetchone()
        (customers,) = store.execute("SELECT count(*) FROM customers").fetchone()
    assert (items, customers) == (ITEMS, 12)


def test_without_an_organization_the_way_to_one_is_said(nothing):
    assert "brassleaf init" in nothing.refused("keys", "list")


def test_a_setting_that_cannot_be_used_is_named(nothing):
    nothing.variables |= {"BRASSLEAF_LOG": "loud", "BRASSLEAF_STORE": "postgres://x"}
    error = nothing.refused("users", "list", code=2)
    assert "BRASSLEAF_LOG" in error
    assert "BRASSLEAF_STORE" in error
    assert not nothing.data.exists()


def test_a_misspelled_setting_is_warned_of(shop):
    shop.variables["BRASSLEAF_DTA"] = "x"
    assert "BRASSLEAF_DTA is not a setting; did you mean BRASSLEAF_DATA?" in shop.ok("users", "list").err


def test_a_data_folder_that_cannot_be_made_is_said(nothing):
    nothing.data.parent.joinpath("file").write_text("")
    nothing.variables["BRASSLEAF_DATA"] = "file/data"
    assert "BRASSLEAF_DATA" in nothing.refused("init")


def test_openapi_is_always_the_same_and_opens_no_store(nothing, tmp_path):
    file = tmp_path / "made" / "openapi.json"
    nothing.ok("openapi", "--output", file)
    nothing.variables["BRASSLEAF_STORE"] = "mongodb://nowhere.invalid/x"
    printed = nothing.ok("openapi").out
    assert file.read_text() == printed
    document = json.loads(printed)
    assert document["openapi"].startswith("3.")
    assert printed == json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert not nothing.data.exists()


def states(done):
    return {entry["check"]: entry["state"] for entry in done.json()}


def test_doctor_finds_nothing_wrong_with_a_fresh_shop(shop):
    found = states(shop.ok("doctor", "--json", "--port", free_port()))
    assert set(found.values()) == {"ok"}
    assert {"settings", "fonts", "openpyxl", "reportlab", "clock", "data folder", "permissions", "store"} <= set(found)
    assert {"integrity", "consistency", "port", "free space"} <= set(found)


def test_doctor_warns_and_creates_nothing(nothing):
    nothing.variables["BRASSLEAF_DTA"] = "x"
    done = nothing.ok("doctor")
    assert "did you mean BRASSLEAF_DATA" in done.out
    assert "warn\tstore\t" in done.out
    assert not nothing.data.exists()


def test_doctor_sees_open_permissions_wrong_totals_and_damage(shop):
    shop.data.chmod(0o755)
    path = shop.data / "brassleaf.sqlite"
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("UPDATE tally SET live = live + 1 WHERE collection = 'users'")
    done = shop.run("doctor", "--json", "--port", free_port())
    assert (done.code, states(done)["consistency"], states(done)["permissions"]) == (1, "fail", "warn")
    path.write_bytes(b"x" * 5000)
    done = shop.run("doctor", "--json")
    assert (done.code, states(done)["store"], states(done)["integrity"]) == (1, "fail", "fail")


def test_doctor_fails_on_a_setting(nothing):
    nothing.variables["BRASSLEAF_LOG"] = "loud"
    done = nothing.run("doctor", "--json")
    assert (done.code, states(done)) == (1, {"settings": "fail"})
    assert "BRASSLEAF_LOG" in done.json()[0]["found"]


def test_doctor_says_that_mongodb_does_not_answer(nothing):
    nothing.variables["BRASSLEAF_STORE"] = (
        f"mongodb://somebody:hunter2@127.0.0.1:{free_port()}/x?serverSelectionTimeoutMS=300"
    )
    done = nothing.run("doctor", "--json")
    assert (done.code, states(done)["mongodb"]) == (1, "fail")
    assert "hunter2" not in done.out + done.err


def test_a_reader_that_goes_away_is_no_error(shop):
    command = f"{COMMAND} openapi | true"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=shop.environment, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
