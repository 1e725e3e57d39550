"""The real slice that is measured: the graph of 2035, bounded by the slices after it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from meishan_model.components.build import build_park
from meishan_model.components.flows import ParkGraph
from meishan_model.planning.backcast import cap_of_year, stored_assets
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import open_project
from meishan_model.series.build import build_profiles

ROOT = Path(__file__).resolve().parents[1]


def real_slice(
    year: int, hours: int, scenario: str = "balanced", bounds_from: int = 8760
) -> tuple[ParkGraph, pd.Index]:
    """Graph of a slice and its hours.

    Parameters
    ----------
    year, hours
        The slice and how many hours it has.
    scenario
        The scenario.
    bounds_from
        Hours of the results whose new build bounds this slice; they must have been solved.
    """
    project = open_project(scenario, ROOT, hours=hours)
    solved = open_project(scenario, ROOT, hours=bounds_from)
    inputs = project.slices[year]
    profiles = build_profiles(inputs, project.park, project.weather_folder, hours)
    assets = bounds(stored_assets(solved, year), year)
    return build_park(inputs, profiles, assets, cap_of_year(project, year)), profiles.stamps
