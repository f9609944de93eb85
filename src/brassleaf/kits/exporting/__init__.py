"""Hose kits as a workbook."""
