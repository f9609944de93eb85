"""Hose assemblies: the heart of the house."""
