"""Makes the fixtures of `support` and the hose shop of the worked examples known."""

from support.plugins import HOSE_SHOP, loading

pytest_configure = loading(HOSE_SHOP)
