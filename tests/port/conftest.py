"""The tiny park, the parks of the series and the baseline by hand serve the port too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meishan_model.planning.project import open_project
from meishan_model.series.build import shape_context
from meishan_model.series.demand import ShapeContext

ROOT = Path(__file__).parents[2]

sys.path[:0] = [
    str(Path(__file__).parent.parent / folder) for folder in ("components", "series", "sheets")
]


@pytest.fixture(scope="session")
def context() -> ShapeContext:
    """What the shapes of Meishan depend on in 2020."""
    project = open_project("balanced", ROOT)
    return shape_context(project.slices[2020], project.park, project.weather_folder)
