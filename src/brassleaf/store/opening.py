"""The store that the settings ask for."""

from brassleaf.settings import Settings
from brassleaf.store.port import Store
from brassleaf.store.sqlite import SqliteStore


def make_store(settings: Settings) -> Store:
    """The embedded store, or MongoDB where an address is set; not opened yet."""
    if not settings.store:
        return SqliteStore(settings.embedded_file)
    from brassleaf.store.mongo import MongoStore  # noqa: PLC0415 - the drivers cost start-up time that only MongoDB needs

    return MongoStore(settings.store, driver=settings.mongo_driver, allow_standalone=settings.mongo_standalone)
