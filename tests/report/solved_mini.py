"""A small park for the tests of the report; names and sources of its sheets hold HTML."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))

import mini_park

from meishan_model.planning.project import Project
from meishan_model.planning.whole_pathway import pathway

HOURS = 336
SCRIPT = "<script>document.title=1</script>"
IMAGE = "<img src=x onerror=document.title=2>"
BOLD = "<b>a & b</b>"


@dataclass(frozen=True)
class Solved:
    """The mini park with its results."""

    root: Path
    project: Project


def solve(folder: Path) -> Solved:
    """Write the park below a folder, solve its pathway and open it anew."""
    root = mini_park.make_root(folder)
    sheets = root / mini_park.SHEETS
    mini_park.swap(sheets / "technologies.csv", "Rooftop PV", SCRIPT)
    mini_park.swap(sheets / "zones.csv", "Goldwind campus", IMAGE)
    mini_park.swap(sheets / "loads.csv", "assumption of this project", BOLD)
    project = mini_park.mini(root, HOURS)
    pathway(project, "highs", mini_park.Silence())
    return Solved(root, mini_park.mini(root, HOURS))
