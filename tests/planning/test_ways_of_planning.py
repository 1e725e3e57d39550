"""Backwards, forwards and with foresight on a park of three slices: when they agree, and who wins.

The constant park has flat loads and the same costs, stock and factors in every slice, no cap and
no build rate: then nothing distinguishes the years, and every way of planning builds the same.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import mini_park
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from mini_park import SHEETS, YEARS, Silence, mini, run

from meishan_model.planning.foresight import discount_rate, plan_with_foresight
from meishan_model.planning.plan_numbers import plan_numbers
from meishan_model.planning.project import Project
from meishan_model.planning.vintages import building_terms, cover, exceeded
from meishan_model.planning.ways import plan_forward

pytestmark = pytest.mark.slow
Slices = dict[int, xr.Dataset]
CONSTANT = """title: Constant
park: mini
first_year: 2020
target_year: 2030
neutrality: false
shadow_carbon: false
export: false
instruments: []
"""


def capacities(slices: Slices, name: str = "capacity_new") -> pd.DataFrame:
    """A number of every asset, years by assets."""
    return pd.DataFrame({y: slices[y][name].to_series() for y in sorted(slices)}).T


def backwards(root: Path) -> Slices:
    """The backcast of the mini park."""
    run(root)
    return {year: mini(root).open_result(year) for year in YEARS}


@pytest.fixture(scope="module")
def constant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of the park in which no year differs from another."""
    root = mini_park.make_root(tmp_path_factory.mktemp("constant"))
    sheets = root / SHEETS
    (root / "configs/scenarios/mini.yaml").write_text(CONSTANT, encoding="utf-8")
    for year in (2025, 2030):
        folder = root / "configs/costs/reference"
        shutil.copy(folder / "costs_2020.csv", folder / f"costs_{year}.csv")
    head, *loads = (sheets / "loads.csv").read_text("utf-8").splitlines(keepends=True)
    shapes = ("industry_two_shift", "buildings_base", "process_heat")
    for shape in shapes:
        loads = [line.replace(f",{shape},", ",flat,") for line in loads]
    (sheets / "loads.csv").write_text("".join([head, *loads]), encoding="utf-8")
    head, *rows = (sheets / "assets.csv").read_text("utf-8").splitlines(keepends=True)
    rows = [r.replace("potential,,3,", "potential,,300,") for r in rows if "build_rate" not in r]
    (sheets / "assets.csv").write_text("".join([head, *rows]), encoding="utf-8")
    head, *rows = (sheets / "existing_plants.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [r for r in rows if r.split(",")[1] in ("wind_onshore", "pv_rooftop", "gas_boiler")]
    parts = [r.split(",") for r in kept]
    # All stock of 2020: it outlives the target.
    new = [",".join([*p[:4], "2020", "2020", *p[6:]]) for p in parts]
    (sheets / "existing_plants.csv").write_text("".join([head, *new]), encoding="utf-8")
    return root


def test_where_nothing_changes_all_ways_of_planning_build_the_same(constant: Path) -> None:
    """New build of both later slices is equal in all three ways, and so is every cost."""
    project = mini(constant)
    plans = [
        backwards(constant),
        plan_forward(project, "highs", Silence()),
        plan_with_foresight(project, Silence()),
    ]
    built = [capacities(plan) for plan in plans]
    assert built[0].loc[2030, "pv_rooftop_campus"] > 1.0  # the case is not an empty one
    assert built[0].loc[2030, "pv_rooftop_campus"] < 290.0  # nor does the potential decide it
    for other in built:
        assert (other.loc[2020].abs() < 1e-6).all()
        assert other.loc[2025].to_numpy() == pytest.approx(other.loc[2030].to_numpy(), abs=0.05)
        assert other.to_numpy() == pytest.approx(built[0].to_numpy(), abs=0.05)
    for plan in plans:
        for year in YEARS:
            cost = float(plan[year].attrs["objective"])
            assert cost == pytest.approx(float(plans[0][year].attrs["objective"]), rel=1e-5)


@pytest.fixture(scope="module")
def changing(solved_mini: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of the mini park with its caps, rates and falling costs, solved backwards."""
    return Path(shutil.copytree(solved_mini, tmp_path_factory.mktemp("changing") / "root"))


@pytest.fixture(scope="module")
def plans(changing: Path) -> dict[str, Slices]:
    """The mini park in all ways of planning."""
    project = mini(changing)
    return {
        "backwards": backwards(changing),
        "forwards": plan_forward(project, "highs", Silence()),
        "caps": plan_with_foresight(project, Silence(), "caps"),
        "budget": plan_with_foresight(project, Silence(), "budget"),
    }


def present_objective(project: Project, slices: Slices) -> float:
    """Present value of all that was minimised, by vintages [CNY]."""
    terms = building_terms(project.asset_table)
    return plan_numbers(slices, terms, discount_rate(project))[0]["net_present_objective"]


def test_foresight_is_never_dearer(changing: Path, plans: dict[str, Slices]) -> None:
    """With the same caps, years and weights no buildable plan of the others costs less.

    One budget over all years is the weaker limit, so that it is never dearer than the caps.
    """
    project = mini(changing)
    terms = building_terms(project.asset_table)
    cost = {name: present_objective(project, plan) for name, plan in plans.items()}
    slack = 1e-6 * abs(cost["caps"])
    for name in ("backwards", "forwards"):
        needed = capacities(plans[name]) + capacities(plans[name], "capacity_bridge")
        additions = cover(terms, needed[list(terms.table.asset)].to_numpy())
        assert exceeded(terms, additions) == ()
        assert cost["caps"] <= cost[name] + slack
    assert cost["budget"] <= cost["caps"] + slack


def test_every_slice_keeps_its_cap_or_the_budget(changing: Path, plans: dict[str, Slices]) -> None:
    """Net emissions stay below the caps; with a budget below the same sum, and zero at the end."""
    project = mini(changing)
    caps = np.array([1.0, 0.5, 0.0]) * project.baseline.emissions_ledger

    def net(slices: Slices) -> np.ndarray:
        scopes = ["scope1", "scope2_market", "sink", "credit"]
        kept = {y: ds["emissions"].where(ds["scope"].isin(scopes)) for y, ds in slices.items()}
        return np.array([float(kept[y].sum()) for y in YEARS])

    for name in ("forwards", "caps"):
        assert (net(plans[name]) <= caps + 0.5).all()
    weights = np.array([2.5, 5.0, 2.5])
    assert weights @ net(plans["budget"]) <= weights @ caps + 5.0
    assert net(plans["budget"])[-1] <= 0.5


def test_pv_forwards_by_hand(plans: dict[str, Slices]) -> None:
    """PV pays at once: 5 a x 0.2 MW/a are added in 2025, the 0.7 MW that are left in 2030."""
    new = capacities(plans["forwards"])["pv_rooftop_campus"]
    assert list(new) == pytest.approx([0.0, 1.0, 1.7], abs=2e-3)


def test_earlier_build_is_owed_at_the_cost_of_its_year(
    changing: Path, plans: dict[str, Slices]
) -> None:
    """PV of 2030, forwards: 1.0 MW at the annuity of 2025 and 0.7 MW at that of 2030."""
    terms = building_terms(mini(changing).asset_table)
    early, late = terms.table.annuity[1:, terms.table.place["pv_rooftop_campus"]]
    paid = float(plans["forwards"][2030]["cost"].sel(cost_item="investment:pv_rooftop_campus"))
    assert early > late
    assert paid == pytest.approx(1.0 * early + 0.7 * late, rel=5e-3)


def test_what_is_up_to_date_is_not_solved_again(
    changing: Path, plans: dict[str, Slices], tmp_path: Path
) -> None:
    """A second run leaves every file to the byte; a lost slice of the forward plan is redone."""
    root = Path(shutil.copytree(changing, tmp_path / "root"))
    project = mini(root)
    kept = [project.result_path(y) for y in YEARS]
    kept += [
        project.result_path(y, w) for w in ("foresight_caps", "foresight_budget") for y in YEARS
    ]
    kept += [project.result_path(y, "forward") for y in (2020, 2025)]
    before = {path: path.read_bytes() for path in kept}
    lost = project.result_path(2030, "forward")
    lost.unlink()
    again = plan_forward(project, "highs", Silence())
    plan_with_foresight(project, Silence(), "caps")
    plan_with_foresight(project, Silence(), "budget")
    assert lost.is_file()
    assert {path: path.read_bytes() for path in kept} == before
    expected = float(plans["forwards"][2030].attrs["objective"])
    assert float(again[2030].attrs["objective"]) == pytest.approx(expected, rel=1e-6)
