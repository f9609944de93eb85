"""Customers by what stands on paper, looked up for many rows at once."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from brassleaf.app import COLLECTIONS
from brassleaf.customers.models import CUSTOMERS
from brassleaf.customers.named import NamedCustomers
from brassleaf.errors import Refused
from brassleaf.store.records import new_document
from brassleaf.store.sqlite import SqliteStore

OWN = "1" * 24
pytestmark = pytest.mark.anyio


async def test_names_erp_ids_and_ids_are_found_by_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for all of these at once, SQLite would walk all customers, for every batch of rows."""
    store = SqliteStore(tmp_path / "shop.sqlite")
    await store.open(COLLECTIONS)
    made = [new_document({"name": f"Customer {n}", "erpId": f"E{n % 3}{n}"}, "test") for n in range(20)]
    twin = new_document({"name": "customer 7", "erpId": "other"}, "test")
    await store.repository(CUSTOMERS, OWN).insert_many([*made, twin])
    statements: list[str] = []
    connect = store._connect

    def traced(*given: Any) -> sqlite3.Connection:
        connection = connect(*given)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(store, "_connect", traced)
    store.reading.set_trace_callback(statements.append)
    named = NamedCustomers(store, OWN)
    await named.look_up([" customer 3 ", "e24", str(made[5]["_id"]), "Customer 7", "nobody"])
    assert named.one(" customer 3 ", "customer") == (made[3]["_id"], "Customer 3")
    assert named.one("nobody", "customer") is None
    assert named.one(str(made[5]["_id"]), "customer") == (made[5]["_id"], "Customer 5")
    with pytest.raises(Refused, match="Several"):
        named.one("Customer 7", "customer")
    store.reading.set_trace_callback(None)
    asked = [text for text in statements if text.startswith("SELECT")]
    assert len(asked) == 3
    for text in asked:
        steps = [step[3] for step in store.reading.execute(f"EXPLAIN QUERY PLAN {text}")]
        assert any(re.search(r"f_name=\?|f_erpId=\?|id=\?", step) for step in steps), steps
    await store.close()
