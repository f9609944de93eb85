"""Prices: which rule decides, and what a list of parts comes to."""
