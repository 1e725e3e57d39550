"""A week of a pathway, in two runs and by two solvers: the same cost and the same plants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from mini_park import Silence, make_root, mini

from benchmarks.same_problems import solve_one
from meishan_model.optimise import SolverName
from meishan_model.planning.backcast import backcast
from meishan_model.planning.project import open_project

REPOSITORY = Path(__file__).parents[2]
WEEK = 168
OBJECTIVE = 1e-6
CAPACITY = 2e-3
"""Two units of the last digit in which capacities are handed on [unit of the asset]."""


def slices(root: Path, solver: SolverName) -> dict[int, xr.Dataset]:
    """The mini park with its ties broken, from the target down to 2025."""
    scenario = make_root(root) / "configs" / "scenarios" / "mini.yaml"
    scenario.write_text(f"{scenario.read_text(encoding='utf-8')}tie_break: true\n")
    project = mini(root, WEEK)
    backcast(project, 2025, solver, Silence())
    return {year: project.open_result(year) for year in (2030, 2025)}


@pytest.mark.thorough
@pytest.mark.slow
def test_a_pathway_by_two_runs_and_two_solvers(tmp_path: Path) -> None:
    """A second run gives every number again; the other solver the cost to 1e-6 and the plants."""
    first, again, other = (
        slices(tmp_path / name, solver)
        for name, solver in (("first", "highs"), ("again", "highs"), ("other", "cbc"))
    )
    for year, ds in first.items():
        for name in ds.data_vars:
            if ds[name].dtype.kind == "f":
                np.testing.assert_array_equal(ds[name], again[year][name], err_msg=str(name))
        same_plan(ds, other[year])


def same_plan(one: xr.Dataset, other: xr.Dataset) -> None:
    """The same objective and the same capacities."""
    assert one.attrs["solver"] != other.attrs["solver"]
    assert one.attrs["objective"] == pytest.approx(other.attrs["objective"], rel=OBJECTIVE)
    np.testing.assert_allclose(one["capacity"], other["capacity"], rtol=1e-5, atol=CAPACITY)


@pytest.mark.thorough
@pytest.mark.slow
def test_the_target_of_the_park_by_two_solvers(tmp_path: Path) -> None:
    """Meishan in 2050, a week: HiPO and CBC find the same cost and, ties broken, one plan.

    Without the tie-break batteries of two zones serve as well as one another, and the solvers
    divide them differently.
    """
    for folder in ("configs", "timeseries"):
        (tmp_path / folder).symlink_to(REPOSITORY / folder)
    project = open_project("balanced", tmp_path, hours=WEEK)
    scenario = project.scenario.model_copy(update={"tie_break": True})
    project = replace(project, scenario=scenario)
    same_plan(*(solve_one(project, 2050, solver=solver) for solver in ("highs", "cbc")))
