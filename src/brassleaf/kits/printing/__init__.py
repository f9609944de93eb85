"""Hose kits on paper and for other programs: data sheet, bill of materials, labels, Marken and Parker PTS files."""
