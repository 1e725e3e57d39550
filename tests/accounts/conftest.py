"""The tiny park and the hand-solved graphs serve the accounts too."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).parent.parent / folder) for folder in ("components", "optimise")
]
