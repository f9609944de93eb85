"""Makes `support` importable and its fixtures known."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))


def pytest_configure(config: pytest.Config) -> None:
    """Load the shared fixtures once, whichever folder is collected first."""
    if not config.pluginmanager.has_plugin("support.fixtures"):
        config.pluginmanager.import_plugin("support.fixtures")
