"""Target 4: concurrent creates that are on the disk before they are answered, with and without shared commits."""

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.seed import DATABASE
from bench.tools import Figure, Load, compared, in_turns, serving

CONCURRENT = 32


def creates(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """Two servers, each on a copy of the data, differ in how many writes may share a commit."""
    with ExitStack() as stack:
        loads = {}
        for name, most in (("shared", 0), ("single", 1)):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=data.parent)))
            shutil.copy(data / DATABASE, folder / DATABASE)
            server = stack.enter_context(serving("brassleaf", "--data", folder, "--most", most))
            body = {
                "name": "Bench @COUNT@", "erpId": "B-@COUNT@", "city": "Duluth", "email": "a@b.example.com",
                "defaultCurrency": "USD", "listPricing": True, "defaultDiscountPercentHoses": 12.5,
            }  # fmt: skip
            path = "/api/v1/customers/create"
            loads[name] = Load(server, path, "POST", server.token(facts), body, connections=CONCURRENT, seconds=2)
        found = in_turns(loads, rounds=5)
    return [
        compared(
            f"4 {CONCURRENT} concurrent durable creates / one commit a create",
            found["shared"],
            found["single"],
            1.5,
            with_cpu=False,
        )
    ]
