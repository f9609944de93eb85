"""Brassleaf: an open, self-hosted backend for hydraulic hose shops."""

from importlib.metadata import version

__version__ = version("brassleaf")
