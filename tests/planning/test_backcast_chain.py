"""The whole backcast on a park of three slices: bounds by hand, forward walk, what is redone."""

from __future__ import annotations

import csv
import math
import shutil
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from mini_park import REPOSITORY, SHEETS, YEARS, Silence, mini, run, solved_years, swap

from meishan_model.planning.backcast import backcast
from meishan_model.planning.project import open_project
from meishan_model.planning.walk import Walk, check_walk, walk_forward
from meishan_model.sheets.costs import load_costs

pytestmark = pytest.mark.slow
BALANCED_YEARS = (2050, 2045, 2040, 2035)


@pytest.fixture(scope="module")
def slices(solved_mini: Path) -> dict[int, xr.Dataset]:
    """The three results."""
    return {year: mini(solved_mini).open_result(year) for year in YEARS}


def table(slices: dict[int, xr.Dataset], name: str) -> pd.DataFrame:
    """A number of every asset, years by assets."""
    rows = {year: slices[year][name].to_series() for year in sorted(slices)}
    return pd.DataFrame.from_dict(rows, orient="index")


def raw_rates(root: Path, park: str) -> dict[str, float]:
    """Build rates straight from the sheet, by asset."""
    with (root / "configs" / park / "assets.csv").open(encoding="utf-8", newline="") as file:
        return {
            f"{row['technology']}_{row['zone']}": float(row["value"])
            for row in csv.DictReader(file)
            if row["parameter"] == "build_rate"
        }


def forward(root: Path, park: str, slices: dict[int, xr.Dataset], new: pd.DataFrame) -> Walk:
    """Walk forward with lifetimes of the cost sheet and rates of the sheet.

    Measures have neither rate nor a row of costs; their lifetime does not matter to the walk as
    long as it has none, so they are left to live beyond the horizon.
    """
    costs = load_costs(root / "configs" / "costs" / "reference", max(slices)).technologies
    technology = slices[max(slices)]["asset_technology"].to_series()
    lives = {a: costs[t].technical_lifetime if t in costs else 1e3 for a, t in technology.items()}
    rates = raw_rates(root, park)
    return walk_forward(
        new,
        pd.Series(lives).reindex(new.columns),
        pd.Series({a: rates.get(str(a), math.inf) for a in new.columns}),
    )


def test_pv_by_hand(slices: dict[int, xr.Dataset]) -> None:
    """PV pays at once, so that its new build is as large as the chain allows: 0, 1.0, 1.7 MW.

    Potential 3 MW, stock 1.3 MW, 0.2 MW/a: a step builds 1 MW. 2030: min(3 - 1.3, 2 x 1) = 1.7.
    2025: between 1.7 - 1 = 0.7 and min(1.7, 1) = 1. 2020: 0.
    """
    asset = "pv_rooftop_campus"
    assert list(table(slices, "capacity_existing")[asset]) == pytest.approx([1.3] * 3)
    assert list(table(slices, "capacity_new")[asset]) == pytest.approx([0, 1.0, 1.7], abs=1e-3)
    lower = table(slices, "capacity_lower")[asset]
    assert list(lower) == pytest.approx([1.3, 1.3 + 0.7, 1.3])
    assert float(slices[2030]["capacity_upper"].sel(asset=asset)) == pytest.approx(3.0)
    reason = str(slices[2025]["bound_reason"].sel(asset=asset).item())
    assert "at least 0.7 MW, the 1.7 of 2030 less 1 that the step to 2030 can still add" in reason
    assert "at most 1 MW" in reason


def test_new_build_lies_in_the_bounds_that_were_handed_on(slices: dict[int, xr.Dataset]) -> None:
    """n_2020 = 0, n_y <= n_(y+5), and the totals lie between the bounds of the file."""
    new = table(slices, "capacity_new")
    assert (new.loc[2020] == 0).all()
    assert (new.diff().iloc[1:] >= -2e-3).all(axis=None)
    for ds in slices.values():
        total = ds["capacity_existing"] + ds["capacity_new"] + ds["capacity_bridge"]
        xr.testing.assert_allclose(total, ds["capacity"])
        assert (ds["capacity"] >= ds["capacity_lower"] - 1e-3).all()
        assert (ds["capacity"] <= ds["capacity_upper"] + 1e-3).all()
        assert (ds["capacity_bridge"] >= -1e-6).all()


def test_the_new_build_can_be_walked_forward(
    solved_mini: Path, slices: dict[int, xr.Dataset]
) -> None:
    """With vintages and replacements every addition keeps its sign and its build rate."""
    new = table(slices, "capacity_new")
    check_walk(forward(solved_mini, "mini", slices, new), new, tolerance=2e-3)


def test_new_build_and_bridges_together_keep_the_build_rate(
    solved_mini: Path, slices: dict[int, xr.Dataset]
) -> None:
    """In the first step nothing but its own building can stand: new + bridge <= 5 a x rate."""
    rates = raw_rates(solved_mini, "mini")
    built = slices[2025]["capacity_new"] + slices[2025]["capacity_bridge"]
    most = {asset: 5 * rates.get(asset, math.inf) for asset in built["asset"].to_numpy()}
    assert all(float(built.sel(asset=asset)) <= most[asset] + 2e-3 for asset in most)


def test_every_slice_keeps_its_cap_without_findings(slices: dict[int, xr.Dataset]) -> None:
    """Net emissions lie below E_0, E_0 / 2 and 0; nothing is shed and no gap is paid."""
    for year, share in zip(YEARS, (1.0, 0.5, 0.0), strict=True):
        ds = slices[year]
        cap = share * float(ds.attrs["baseline_emissions"])
        assert float(ds.attrs["emission_cap"]) == pytest.approx(cap)
        counted = ds["scope"].isin(["scope1", "scope2_market", "sink", "credit"])
        assert float(ds["emissions"].where(counted).sum()) <= cap + 0.1
        for category in ("shedding", "gap"):
            assert abs(float(ds["cost"].where(ds["category"] == category).sum())) < 1.0


def test_a_second_run_solves_nothing(own_mini: Path) -> None:
    """All three files stay as they are, to the byte."""
    before = {year: mini(own_mini).result_path(year).read_bytes() for year in YEARS}
    assert solved_years(run(own_mini)) == []
    assert before == {year: mini(own_mini).result_path(year).read_bytes() for year in YEARS}


def test_a_load_of_2025_redoes_2025_and_2020_only(own_mini: Path) -> None:
    """The slice and the one that rests on it are solved; the target's file is not touched."""
    target = mini(own_mini).result_path(2030)
    before = target.read_bytes()
    swap(own_mini / SHEETS / "loads.csv", "2025,8.43", "2025,9")
    assert solved_years(run(own_mini)) == [2025, 2020]
    assert target.read_bytes() == before


def test_a_run_to_2025_leaves_2020_alone(own_mini: Path) -> None:
    """Only what a year rests on is redone: the target and the years between."""
    first = mini(own_mini).result_path(2020)
    before = first.read_bytes()
    swap(own_mini / SHEETS / "loads.csv", "2025,8.43", "2025,9")
    assert solved_years(run(own_mini, 2025)) == [2025]
    assert first.read_bytes() == before


def test_a_lost_or_broken_file_is_redone(own_mini: Path) -> None:
    """A deleted 2025 and a 2020 cut in half are solved again, with the same new build."""
    before = table({y: mini(own_mini).open_result(y) for y in YEARS}, "capacity_new")
    mini(own_mini).result_path(2025).unlink()
    broken = mini(own_mini).result_path(2020)
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])
    assert solved_years(run(own_mini)) == [2025, 2020]
    after = table({y: mini(own_mini).open_result(y) for y in YEARS}, "capacity_new")
    pd.testing.assert_frame_equal(after, before, atol=1e-3)


def test_a_trial_never_touches_the_full_result(own_mini: Path) -> None:
    """With other hours and another cost sheet everything is written elsewhere."""
    full = own_mini / "results" / "mini" / "2030.nc"
    full.parent.mkdir()
    full.write_bytes(b"a result that took hours")
    trial = mini(own_mini).result_path(2030)
    before = trial.read_bytes()
    assert solved_years(run(own_mini, 2030, hours=336)) == [2030]
    other = mini(own_mini, sheet="low_storage")
    assert solved_years(backcast(other, 2030, "highs", Silence())) == [2030]
    assert full.read_bytes() == b"a result that took hours"
    assert trial.read_bytes() == before
    assert other.open_result(2030).attrs["cost_sheet"] == "low_storage"


@pytest.fixture(scope="module")
def balanced(tmp_path_factory: pytest.TempPathFactory) -> dict[int, xr.Dataset]:
    """The recommended pathway down to 2035, on a week."""
    root = tmp_path_factory.mktemp("balanced")
    (root / "configs").symlink_to(REPOSITORY / "configs")
    shutil.copytree(REPOSITORY / "timeseries", root / "timeseries")
    project = open_project("balanced", root, hours=168)
    done = backcast(project, 2035, "highs", Silence())
    assert [s.year for s in done] == list(BALANCED_YEARS)
    return {year: project.open_result(year) for year in BALANCED_YEARS}


@pytest.mark.thorough
def test_meishan_is_neutral_in_2050_and_on_the_way(balanced: dict[int, xr.Dataset]) -> None:
    """Net emissions of 2050 are zero or less and the caps are a straight line: half in 2035."""
    for year, ds in balanced.items():
        counted = ds["scope"].isin(["scope1", "scope2_market", "sink", "credit"])
        net = float(ds["emissions"].where(counted).sum())
        cap = (2050 - year) / 30 * float(ds.attrs["baseline_emissions"])
        assert float(ds.attrs["emission_cap"]) == pytest.approx(cap)
        assert net <= cap + 1e-6 * float(ds.attrs["baseline_emissions"])


@pytest.mark.thorough
def test_meishan_sheds_nothing_and_pays_no_gap(balanced: dict[int, xr.Dataset]) -> None:
    """The penalties that keep a slice feasible are not needed in any slice."""
    for ds in balanced.values():
        for category in ("shedding", "gap"):
            assert abs(float(ds["cost"].where(ds["category"] == category).sum())) < 1.0


@pytest.mark.thorough
def test_meishan_adds_up_and_can_be_built(balanced: dict[int, xr.Dataset]) -> None:
    """Totals are stock + new + bridge within their bounds, and a forward walk keeps the rates."""
    new = table(balanced, "capacity_new")
    for ds in balanced.values():
        total = ds["capacity_existing"] + ds["capacity_new"] + ds["capacity_bridge"]
        xr.testing.assert_allclose(total, ds["capacity"])
        assert (ds["capacity"] >= ds["capacity_lower"] - 1e-2).all()
        assert (ds["capacity"] <= ds["capacity_upper"] + 1e-2).all()
    assert (new.diff().iloc[1:] >= -1e-2).all(axis=None)
    # Slices before 2035 are not solved here; their largest new build is what the rates allow.
    rates = raw_rates(REPOSITORY, "meishan")
    first = new.loc[2035]
    assert all(first[a] <= 15 * rates.get(a, math.inf) + 1e-2 for a in first.index)
