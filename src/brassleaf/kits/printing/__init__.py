"""Hose kits on paper and for other programs: bill of materials, labels, Marken and Parker PTS files."""
