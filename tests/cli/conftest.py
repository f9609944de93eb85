"""A shop that was made once and is copied for each test: `brassleaf init` costs a second."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cli_command import Shop


@dataclass(slots=True)
class Made:
    data: Path
    founded: dict[str, Any]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    data = tmp_path_factory.mktemp("made") / "data"
    founded = Shop(data).ok("init", "--json", "--organization", "Bench Shop", "--email", "Boss@shop.example").json()
    return Made(data, founded)


@pytest.fixture
def founded(made: Made) -> dict[str, Any]:
    """What `brassleaf init --json` said of the shop."""
    return made.founded


@pytest.fixture
def shop(made: Made, tmp_path: Path) -> Shop:
    """A shop with one admin and one key."""
    shutil.copytree(made.data, tmp_path / "data", copy_function=shutil.copy2)
    (tmp_path / "data").chmod(0o700)
    return Shop(tmp_path / "data")


@pytest.fixture
def nothing(tmp_path: Path) -> Shop:
    """A data folder that is not there yet."""
    return Shop(tmp_path / "data")
