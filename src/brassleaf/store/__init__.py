"""The repository layer: a small typed port and two adapters, SQLite in one file and MongoDB."""
