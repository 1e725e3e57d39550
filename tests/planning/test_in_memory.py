"""The backcast in memory is the backcast: the same slices as on disk, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import mini_park
import pandas as pd
import pytest
import xarray as xr
from mini_park import mini

from benchmarks.same_problems import solve_one
from meishan_model.errors import InputError
from meishan_model.planning.backcast import new_build
from meishan_model.planning.project import open_project
from meishan_model.powerflow.dispatch import slice_power_flow
from meishan_model.powerflow.indicators import losses
from meishan_model.powerflow.study import agree_on_losses, with_losses
from meishan_model.sheets.grid_folder import read_grid

REPOSITORY = Path(__file__).parents[2]


def test_only_the_named_elements_change() -> None:
    """Other losses, capacities and all else stay."""
    inputs = open_project("balanced", REPOSITORY, None, 168).slices[2050]
    changed = with_losses(inputs, {"transformer_port": 0.02})
    assert {e.element: e.loss for e in changed.network if e.element == "transformer_port"} == {
        "transformer_port": 0.02
    }
    before = [e for e in inputs.network if e.element != "transformer_port"]
    assert [e for e in changed.network if e.element != "transformer_port"] == before


@pytest.mark.slow
def test_the_losses_of_a_week_agree_within_three_rounds() -> None:
    """A real target slice of one week: the first round is off, the last within 2 %.

    What the source gives differs from what the optimiser buys less what it sells above the
    connection by the difference of the losses, those of the plants' own lines among them, and by
    nothing else.
    """
    project = open_project("balanced", REPOSITORY, None, 168)
    grid = read_grid(project.park)
    seen: list[float] = []

    def losses_of(ds: xr.Dataset) -> pd.DataFrame:
        table = losses(slice_power_flow(ds, grid), ds)
        seen.append(float(table["optimiser"].sum() / table["power_flow"].sum() - 1.0))
        return table

    standing = solve_one(project, 2050)
    found = agree_on_losses(project, standing, losses_of, grid.parameter("loss_tolerance"))
    assert len(found.differences) > 1 and found.dataset is not standing
    assert found.agreed and abs(found.differences[-1]) <= 0.02 < abs(found.differences[0])
    assert found.differences == pytest.approx(seen)
    ds = found.dataset
    flow = slice_power_flow(ds, grid)
    imported = flow.state.power[:, flow.network.branches.index.get_loc("connection_220kv")].sum()
    power, technology = ds["power"].to_numpy(), ds["technology"].to_numpy()
    bought = power[(technology == "connection") & (ds["source"] == "upstream").to_numpy()].sum()
    sold = power[(ds["role"] == "export").to_numpy()].sum()
    missing = flow.state.loss.sum() - found.table["optimiser"].sum()
    assert imported - (bought - sold) == pytest.approx(missing, abs=1e-2)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of a mini park."""
    return mini_park.make_root(tmp_path_factory.mktemp("memory"))


@pytest.mark.slow
def test_slices_are_those_of_the_files(root: Path, solved_mini: Path) -> None:
    """Same objectives and new build from the target down to 2025; no folder is made."""
    project = mini(root)
    table = project.asset_table
    for year in (2030, 2025):
        ds = solve_one(project, year, table)
        table = table.solved(year, new_build(ds))
        stored = mini(solved_mini).open_result(year)
        assert ds.attrs["objective"] == pytest.approx(stored.attrs["objective"], rel=1e-6)
        assert float(abs(ds["capacity_new"] - stored["capacity_new"]).max()) < 1e-2
    assert not (root / "results").exists()


def test_a_slice_needs_what_comes_after_it(root: Path) -> None:
    """The message names the slices whose new build is missing."""
    with pytest.raises(InputError, match=r"rests on slices.*\[2030\]|\[2030\].*rests on slices"):
        solve_one(mini(root), 2025)


def test_a_year_that_is_no_slice_is_refused(root: Path) -> None:
    """The remedy names those that are."""
    with pytest.raises(InputError, match="2020, 2025, 2030"):
        solve_one(mini(root), 2027)
