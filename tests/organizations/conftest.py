"""Makes the fixtures of `support` known."""

from support.plugins import FIXTURES, loading

pytest_configure = loading(FIXTURES)
