"""Makes `support` and the workbooks of `tests/sheets` importable."""

import sys
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "sheets"), str(Path(__file__).parent)]
