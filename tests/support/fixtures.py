"""The fixtures of the generated tests; loaded as a plugin, so that all folders share one server a process."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from support.served import Served
    from support.world import World

# the application is imported where it is first needed: one that is broken fails its tests, not the whole run


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Served]":
    """The application that most tests share."""
    from support.served import serving  # noqa: PLC0415

    with serving(tmp_path_factory.mktemp("served"), failed_attempts=100_000) as made:
        yield made


@pytest.fixture(scope="session")
def world(served: "Served") -> "World":
    """Two organizations with people, keys and documents."""
    from support.world import World  # noqa: PLC0415

    return World(served)


@pytest.fixture
def client(served: "Served") -> Iterator[httpx.Client]:
    """A client without a token that checks every answer."""
    with served.client() as made:
        yield made


@pytest.fixture
def admin(served: "Served", world: "World") -> Iterator[httpx.Client]:
    """A client of organization A's admin."""
    with served.client(headers=world.a.admin.headers) as made:
        yield made
