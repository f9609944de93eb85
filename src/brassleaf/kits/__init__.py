"""Hose kits: assemblies, adaptors and other items that are sold together under one number."""
