"""Where the parks of the tests are, as in their ``park.yaml``."""

from __future__ import annotations

from pathlib import Path

from pvlib.location import Location

ROOT = Path(__file__).parents[2]
PLACES = {
    "meishan": Location(29.8, 121.9, "Asia/Shanghai", 5.0),
    "yizhuang": Location(39.8, 116.5, "Asia/Shanghai", 30.0),
}
