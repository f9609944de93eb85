"""The command `brassleaf`."""

from brassleaf.cli.root import main

__all__ = ["main"]
