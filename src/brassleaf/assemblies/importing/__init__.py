"""Hose assemblies from workbooks: part numbers become ids, rows become assemblies, released where they are complete."""
