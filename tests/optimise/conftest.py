"""The tiny park of the graph's tests serves the engine too."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "components"))
