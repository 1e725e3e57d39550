"""All hourly series of one year of the real park, as the benchmark measures them."""

from __future__ import annotations

import time
from typing import Any


def series(year: int) -> dict[str, Any]:
    """Ship calls, loads, weather-driven plants, prices: every series of all zones, 8760 h."""
    from benchmarks.real_slice import ROOT
    from meishan_model.planning.project import open_project
    from meishan_model.series.build import build_profiles

    project = open_project("balanced", ROOT)
    inputs = project.slices[year]
    began = time.perf_counter()
    made = build_profiles(inputs, project.park, project.weather_folder)
    named = (made.shapes, made.capacity_factor, made.cop, made.green_power)
    return {
        "seconds": time.perf_counter() - began,
        "series": sum(map(len, named)) + 3 * sum(map(len, made.of_plugins.values())),
        "loads": len(inputs.loads) + len(inputs.fleets),
    }
