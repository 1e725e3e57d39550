"""Where the parks of the tests are, as in their ``park.yaml``."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
# latitude [deg north], longitude [deg east], altitude [m]
PLACES = {"meishan": (29.8, 121.9, 5.0), "yizhuang": (39.8, 116.5, 30.0)}
