"""Measures Brassleaf against its targets: `python -m bench` runs everything and writes bench/RESULTS.md."""
