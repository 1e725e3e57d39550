"""The example park of hydrogen, cold and heat: its stock serves what its first slice needs."""

from __future__ import annotations

import shutil
from pathlib import Path

from mini_park import REPOSITORY, swap

from meishan_model.planning.backcast import backcast
from meishan_model.planning.project import open_project
from meishan_model.progress import Progress as Silence
from meishan_model.results.wording import findings_of

HUB = "energy_hub"
WEEKS = 3 * 168
"""Weeks of March, July and November: days on which it heats and on which it cools."""


def test_the_first_slice_serves_its_demands(tmp_path: Path) -> None:
    """Planned alone, as the park is found: all is served, in summer and in winter."""
    for folder in (f"configs/{HUB}", "configs/costs", f"timeseries/{HUB}"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    scenario = tmp_path / "configs" / "scenarios" / f"{HUB}.yaml"
    scenario.parent.mkdir()
    shutil.copy(REPOSITORY / "configs" / "scenarios" / scenario.name, scenario)
    first = open_project(HUB, tmp_path).years[0]
    swap(scenario, "target_year: 2050", f"target_year: {first}\nneutrality: false")
    project = open_project(HUB, tmp_path, hours=WEEKS)
    (only,) = backcast(project, first, "highs", Silence())
    ds = project.open_result(first)
    assert only.solved
    assert findings_of(ds) == []
    assert float(ds["cost"].where(ds["category"] == "shedding").sum()) == 0.0
    carriers = {load.carrier for load in project.slices[first].loads}
    assert carriers == {"electricity", "district_heat", "cold", "hydrogen"}
