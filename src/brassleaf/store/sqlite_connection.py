"""Connections to the file of the embedded store, all alike: WAL, and what is committed is on disk."""

import sqlite3
from pathlib import Path

#: Kibibytes of pages: of who writes, and of those who read, mostly from the mapped file.
LARGE_CACHE, SMALL_CACHE = 32_768, 8_192


def connect(path: Path, cache: int = SMALL_CACHE) -> sqlite3.Connection:
    """A connection that keeps so many kibibytes of pages."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA mmap_size = 268435456")
    connection.execute(f"PRAGMA cache_size = -{cache}")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    # a page that many commits change goes from the log to its place once for them all
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    return connection
