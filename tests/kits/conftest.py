"""Makes `support` and the hose shop of the worked examples importable and their fixtures known."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
for folder in (TESTS, TESTS / "assemblies", TESTS / "kits"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def pytest_configure(config: pytest.Config) -> None:
    """Load the shared fixtures once, whichever folder is collected first."""
    for name in ("support.fixtures", "hose_shop"):
        if not config.pluginmanager.has_plugin(name):
            config.pluginmanager.import_plugin(name)
