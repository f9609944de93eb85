"""Backup and restore: what comes back is what was there; what is not whole is refused before anything is written."""

import asyncio
import gzip
import hashlib
import json
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from urllib.parse import quote

import pytest
from cli_command import Shop

from brassleaf.app import COLLECTIONS
from brassleaf.errors import BrassleafError
from brassleaf.operations.restoring import restore
from brassleaf.settings import load


def rows(data):
    """Every document of a store, with organization and revision."""
    with closing(sqlite3.connect(data / "brassleaf.sqlite")) as store:
        names = [name for (name,) in store.execute("SELECT collection FROM schema ORDER BY collection")]
        return {
            name: store.execute(f'SELECT id, org, rev, CAST(doc AS TEXT) FROM "{name}" ORDER BY id').fetchall()
            for name in names
        }


def fill(shop, customers):
    with shop.serving() as server:
        _, token = server.token(shop.key, "admin")
        for name in customers:
            assert server.call("/api/v1/customers/create", {"name": name}, token)[0] == 201


@pytest.fixture(scope="session")
def made_filled(made, tmp_path_factory):
    """A data folder with customers, with text of several scripts."""
    data = tmp_path_factory.mktemp("filled") / "data"
    shutil.copytree(made.data, data)
    fill(FilledShop(data, made.founded["apiKey"]), ["Müller & Söhne", "油圧ホース", "Quarry \U0001f529", 'a "b" \\ c'])
    return data


@pytest.fixture
def filled(made_filled, founded, tmp_path):
    """A shop of one's own with these customers."""
    shutil.copytree(made_filled, tmp_path / "data")
    return FilledShop(tmp_path / "data", founded["apiKey"])


class FilledShop(Shop):
    def __init__(self, data, key):
        super().__init__(data)
        self.key = key


def test_round_trip_into_a_fresh_folder(filled, tmp_path):
    file = tmp_path / "shop.gz"
    assert "verified" in filled.ok("backup", file).out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = rows(filled.data)
    assert len(before["customers"]) == 4
    lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    assert (lines[0]["format"], lines[0]["formatVersion"]) == ("brassleaf-backup", 1)
    assert lines[-1]["documents"] == len(lines) - 2 == sum(map(len, before.values()))
    assert lines[-1]["collections"]["customers"] == 4
    fresh = Shop(tmp_path / "fresh" / "data")
    fresh.data.parent.mkdir()
    assert "Restored" in fresh.ok("restore", file).out
    assert rows(fresh.data) == before
    assert sorted(path.name for path in fresh.data.iterdir()) == ["brassleaf.lock", "brassleaf.sqlite"]
    with fresh.serving() as server:
        _, token = server.token(filled.key, "admin")
        _, found = server.call("/api/v1/customers?search.name=" + quote("ホース"), token=token)
        assert [customer["name"] for customer in found["items"]] == ["油圧ホース"]


def test_a_file_is_replaced_only_when_that_is_allowed(shop, tmp_path):
    file = tmp_path / "shop.gz"
    file.write_text("precious")
    assert "--force" in shop.refused("backup", file)
    assert file.read_text() == "precious"
    shop.ok("backup", file, "--force")
    assert file.read_bytes()[:2] == b"\x1f\x8b"
    file.unlink()
    file.mkdir()
    assert "shop.gz" in shop.refused("backup", file, "--force")
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_restore_replaces_only_when_told_and_keeps_what_was_there(filled, tmp_path):
    first = tmp_path / "first.gz"
    filled.ok("backup", first)
    old = rows(filled.data)
    fill(filled, ["Later"])
    later = rows(filled.data)
    assert "--replace" in filled.refused("restore", first)
    assert rows(filled.data) == later
    done = filled.ok("restore", first, "--replace")
    assert "5 customers" in done.err
    assert rows(filled.data) == old
    kept = filled.data / "brassleaf.sqlite.before-restore"
    assert str(kept) in done.err
    aside = tmp_path / "aside"
    aside.mkdir()
    shutil.copy(kept, aside / "brassleaf.sqlite")
    assert rows(aside) == later
    again = asyncio.run(restore(load(data=filled.data), COLLECTIONS, first, replace=True))
    assert again.kept == kept.with_name(kept.name + "-2")  # what was kept is never overwritten


def test_restore_refuses_a_running_server(shop, tmp_path):
    file = tmp_path / "shop.gz"
    with shop.serving() as server:
        shop.ok("backup", file)
        assert "uses the data folder" in shop.refused("restore", file, "--replace")
        assert server.call("/readyz")[0] == 200
    # a program that knows nothing of our lock is found too
    with closing(sqlite3.connect(shop.data / "brassleaf.sqlite", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM users").fetchone()
        assert "has" in shop.refused("restore", file, "--replace")
    shop.ok("restore", file, "--replace")


def test_restore_over_a_damaged_store(shop, tmp_path):
    file = tmp_path / "shop.gz"
    shop.ok("backup", file)
    whole = rows(shop.data)
    (shop.data / "brassleaf.sqlite").write_bytes(b"x" * 5000)
    assert "cannot be read" in shop.refused("restore", file)
    shop.ok("restore", file, "--replace")
    assert rows(shop.data) == whole


def signed(lines):
    """An archive of these lines with a last line that fits."""
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    counts = {}
    for line in lines[1:]:
        counts[line["collection"]] = counts.get(line["collection"], 0) + 1
    end = {"end": True, "documents": len(lines) - 1, "collections": counts, "sha256": hashlib.sha256(body).hexdigest()}
    return gzip.compress(body + json.dumps(end).encode() + b"\n")


def test_what_is_not_whole_is_refused_and_nothing_written(shop, tmp_path):
    file = tmp_path / "shop.gz"
    shop.ok("backup", file)
    packed = file.read_bytes()
    body = gzip.decompress(packed)
    lines = [json.loads(line) for line in body.splitlines()]
    documents = lines[1:-1]
    cases = {
        "cut off": (packed[: len(packed) // 2], "cut off or damaged"),
        "without its end": (gzip.compress(b"".join(body.splitlines(keepends=True)[:-1])), "last line is missing"),
        "one bit": (packed[:200] + bytes([packed[200] ^ 1]) + packed[201:], "damaged"),
        "another word": (gzip.compress(body.replace(b"Bench Shop", b"Wench Shop")), "SHA-256"),
        "a line less": (
            gzip.compress(b"".join(body.splitlines(keepends=True)[:1] + body.splitlines(keepends=True)[2:])),
            "SHA-256",
        ),
        "something behind": (gzip.compress(body + b"{}\n"), "follows its end"),
        "no archive": (b"hello" * 100, "no backup of Brassleaf"),
        "another archive": (gzip.compress(b'{"a": 1}\n'), "no backup of Brassleaf"),
        "another format": (signed([{**lines[0], "formatVersion": 99}, *documents]), "format 99"),
        "another collection": (signed([lines[0], *documents, {**documents[0], "collection": "rockets"}]), "rockets"),
        "no document": (signed([lines[0], *documents, {**documents[0], "document": 7}]), "damaged"),
        "one document twice": (signed([lines[0], *documents, documents[0]]), "duplicate"),
        "empty": (b"", "backup"),
    }
    before = rows(shop.data)
    present = {path.name for path in shop.data.iterdir()} | {"brassleaf.lock"}
    bad = tmp_path / "bad.gz"
    for name, (content, reason) in cases.items():
        bad.write_bytes(content)
        with pytest.raises(BrassleafError) as caught:
            asyncio.run(restore(load(data=shop.data), COLLECTIONS, bad, replace=True))
        assert reason in caught.value.message, name
        assert rows(shop.data) == before, name
        assert {path.name for path in shop.data.iterdir()} <= present, name
    assert "backup" in shop.refused("restore", bad, "--replace")
    assert "cannot be read" in shop.refused("restore", tmp_path / "missing.gz")


def test_backup_while_a_server_writes(shop, founded, tmp_path):
    written, stop = [], threading.Event()
    with shop.serving() as server:
        _, token = server.token(founded["apiKey"], "admin")

        def write():
            while not stop.is_set():
                status, made = server.call("/api/v1/customers/create", {"name": f"No. {len(written)}"}, token)
                assert status == 201
                written.append(made["_id"])

        writer = threading.Thread(target=write)
        writer.start()
        while len(written) < 20:
            assert writer.is_alive()
        acknowledged = set(written)
        shop.ok("backup", tmp_path / "shop.gz")
        stop.set()
        writer.join()
    entries = [json.loads(line) for line in gzip.decompress((tmp_path / "shop.gz").read_bytes()).splitlines()]
    kept = [entry["document"]["_id"] for entry in entries if entry.get("collection") == "customers"]
    assert acknowledged <= set(kept)
    # of one moment: a beginning of what was written, with no gap
    assert kept == written[: len(kept)]


def test_from_the_embedded_store_to_mongodb_and_back(filled, wire, tmp_path):
    file, back = tmp_path / "shop.gz", tmp_path / "back.gz"
    filled.ok("backup", file)
    before = rows(filled.data)
    with wire.database() as name:
        address, _, options = wire.url.partition("?")
        there = Shop(
            tmp_path / "there" / "data",
            BRASSLEAF_STORE=f"{address.rstrip('/')}/{name}?{options}",
            BRASSLEAF_MONGO_STANDALONE="true",
        )
        there.data.parent.mkdir()
        there.ok("restore", file)
        assert "holds documents already" in there.refused("restore", file)
        there.ok("backup", back)
        assert "replica set" in there.run("doctor").out
    again = Shop(tmp_path / "again" / "data")
    again.data.parent.mkdir()
    again.ok("restore", back)
    found = rows(again.data)
    assert {name: [(i, o, r, json.loads(d)) for i, o, r, d in entries] for name, entries in found.items()} == {
        name: [(i, o, r, json.loads(d)) for i, o, r, d in entries] for name, entries in before.items()
    }
