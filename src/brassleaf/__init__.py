"""Brassleaf: an open, self-hosted backend for hydraulic hose shops."""
