"""The modules of fixtures that folders of tests share: each is loaded once, whichever folder is collected first."""

from collections.abc import Callable

import pytest

#: The served application, its organizations and people; and the hose shop of the worked examples with them.
FIXTURES = ("support.fixtures",)
HOSE_SHOP = (*FIXTURES, "hose_shop")


def loading(names: tuple[str, ...]) -> Callable[[pytest.Config], None]:
    """What a folder's conftest has for `pytest_configure` to load modules of fixtures."""

    def pytest_configure(config: pytest.Config) -> None:
        for name in names:
            if not config.pluginmanager.has_plugin(name):
                config.pluginmanager.import_plugin(name)

    return pytest_configure
