"""The five pathways of Meishan on two weeks: feasible, and with the gaps one finds on paper."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import xarray as xr

from benchmarks.same_problems import solve_one
from meishan_model.accounts.emissions import baseline
from meishan_model.components.selection import energy_of
from meishan_model.errors import InputError
from meishan_model.planning.backcast import cap_of_year, slice_hashes
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import Project, open_project
from meishan_model.planning.trajectory import cumulative_emissions
from meishan_model.results.contract import variables
from meishan_model.sheets.resolve import resolve_factors

REPOSITORY = Path(__file__).parents[2]
PATHWAYS = ("balanced", "business_as_usual", "carbon_trading", "sink_offset", "supply_side")
NOTHING = 100.0
"""Shedding below this [CNY/a] is dust of the solver: 3 kWh in a year."""
TRIAL, LONG_TRIAL = 336, 1344
"""Two weeks, and the eight weeks that are needed where yearly sums shall be those of a year."""


def project(name: str, hours: int = TRIAL, **choices: object) -> Project:
    """A pathway of the repository, with other choices if any."""
    found = open_project(name, REPOSITORY, hours=hours)
    scenario = found.scenario.model_copy(update=choices)
    return Project(found.root, scenario, found.cost_folder, hours)


def scopes(ds: xr.Dataset) -> dict[str, float]:
    """Emissions by scope [tCO2/a], zero where there are none."""
    found = ds["emissions"].to_series().groupby(ds["scope"].to_series()).sum()
    return {scope: float(found.get(scope, 0.0)) for scope in variables("slice")["scope"].texts}


def cost(ds: xr.Dataset, category: str) -> float:
    """Cost of a category [CNY/a]."""
    return float(ds["cost"].to_numpy()[ds["category"].to_numpy() == category].sum())


@pytest.fixture(scope="module")
def targets() -> dict[str, xr.Dataset]:
    """The target slice of every pathway, on two weeks."""
    return {name: solve_one(project(name), 2050) for name in PATHWAYS}


@pytest.mark.slow
def test_every_pathway_serves_its_demand_in_the_target(targets: dict[str, xr.Dataset]) -> None:
    """Nothing is shed: every duty finds its equipment and every zone its power."""
    assert all(cost(ds, "shedding") < NOTHING for ds in targets.values())


@pytest.mark.slow
def test_the_sinks_leave_the_gap_that_paper_gives(targets: dict[str, xr.Dataset]) -> None:
    """Gap of sink_offset = gross emissions - what is added to forest and marsh since 2020.

    3000 ha of tended forest at 1.2, 300 ha of new wood at 6 and 300 ha of marsh at 9 t/(ha*a).
    """
    found = scopes(targets["sink_offset"])
    gross = found["scope1"] + found["scope2_market"]
    assert found["sink"] == pytest.approx(-(3000 * 1.2 + 300 * 6.0 + 300 * 9.0), rel=1e-6)
    assert found["credit"] == 0.0
    assert found["gap"] == pytest.approx(gross - 8_100.0, rel=1e-6)
    assert found["gap"] > 1e5


@pytest.mark.slow
def test_trade_buys_all_that_is_left_without_a_gap(targets: dict[str, xr.Dataset]) -> None:
    """Credits of carbon_trading are scope 1 and the uncovered power, so that nothing remains."""
    found = scopes(targets["carbon_trading"])
    assert found["gap"] == pytest.approx(0.0, abs=1.0)
    assert found["sink"] == 0.0
    assert -found["credit"] == pytest.approx(found["scope1"] + found["scope2_market"], rel=1e-6)
    usual = scopes(targets["business_as_usual"])
    assert found["scope1"] == pytest.approx(usual["scope1"], rel=0.01)


@pytest.mark.slow
def test_renewables_alone_do_not_reach_the_fuels(targets: dict[str, xr.Dataset]) -> None:
    """The gap of supply_side is all that is emitted; scope 1 is as usual.

    Scope 2 falls with the purchase, of which no contract covers any.
    """
    found, usual = scopes(targets["supply_side"]), scopes(targets["business_as_usual"])
    assert found["sink"] == found["credit"] == 0.0
    assert found["gap"] == pytest.approx(found["scope1"] + found["scope2_market"], rel=1e-6)
    assert found["scope1"] == pytest.approx(usual["scope1"], rel=0.01)
    bought, before = (
        energy_of(targets[name], role="purchase", carrier="electricity")
        for name in ("supply_side", "business_as_usual")
    )
    assert bought < before
    share = found["scope2_market"] / usual["scope2_market"]
    assert share == pytest.approx(bought / before, rel=1e-6)


@pytest.mark.slow
def test_business_as_usual_has_no_cap_and_balanced_no_gap(targets: dict[str, xr.Dataset]) -> None:
    """The reference emits what it emits, the recommended pathway nothing on balance."""
    usual, balanced = targets["business_as_usual"], targets["balanced"]
    assert "emission_cap" not in usual.attrs
    assert scopes(usual)["gap"] == 0.0
    assert scopes(usual)["scope1"] > 1e5
    found = scopes(balanced)
    assert found["gap"] == pytest.approx(0.0, abs=1.0)
    net = sum(found[s] for s in ("scope1", "scope2_market", "sink", "credit"))
    assert net == pytest.approx(0.0, abs=1.0)


@pytest.mark.slow
def test_as_usual_the_mix_of_yard_trucks_is_that_of_2025(targets: dict[str, xr.Dataset]) -> None:
    """132, 132 and 102 of the 366 trucks that are given are the shares of those of 2050."""
    ds = targets["business_as_usual"]
    trucks = {
        kind: float(ds["capacity"].sel(asset=f"yard_truck_{kind}_port"))
        for kind in ("diesel", "lng", "electric")
    }
    total = sum(trucks.values())
    for kind, number in (("diesel", 132), ("lng", 132), ("electric", 102)):
        assert trucks[kind] / total == pytest.approx(number / 366, rel=1e-4)
    assert float(ds["capacity_new"].where(ds["asset_technology"] == "pv_rooftop").sum()) == 0.0


@pytest.mark.thorough
@pytest.mark.slow
def test_without_a_lever_of_the_seed_the_target_is_dearer_but_feasible() -> None:
    """Less roof, no buyer or more industrial demand can only cost; no demand is shed for it."""
    levers = ("industrial_restructuring", "rural_pv", "export")
    whole = solve_one(project("balanced", 168), 2050).attrs["objective"]
    for lever in levers:
        ds = solve_one(project("balanced", 168, **{lever: False}), 2050)
        assert cost(ds, "shedding") < NOTHING
        assert ds.attrs["objective"] >= whole * (1 - 1e-6), lever
        assert lever == "export" or ds.attrs["objective"] > whole * 1.0001, lever


@pytest.mark.slow
def test_the_status_quo_emits_the_start_of_the_trajectory() -> None:
    """2020 as usual and E_0 of the ledger agree within 2 %: two ways to the same year.

    The slice adds up demand by use, the ledger supply by source; both count sold wind and
    uncertified contracts with the grid's factor.
    """
    usual = project("business_as_usual", LONG_TRIAL)
    table = usual.asset_table
    for year in usual.years[:0:-1]:
        table = table.solved(year, dict.fromkeys(table.asset, 0.0))
    found = scopes(solve_one(usual, 2020, table))
    ledger = usual.baseline.emissions_ledger
    assert found["scope1"] + found["scope2_market"] == pytest.approx(ledger, rel=0.02)


def test_what_the_baseline_calls_sold_is_sold_in_the_stock() -> None:
    """The plants with offtake grid generate the sold rows of baseline.csv, at their full load."""
    usual = project("business_as_usual")
    status_quo = usual.slices[2020]
    hours = {n: t.parameters.get("full_load_hours") for n, t in status_quo.technologies.items()}
    farms = [p for p in usual.park.existing_plants if p.offtake == "grid"]
    sold = sum(farm.value * hours[farm.technology] for farm in farms)
    factors = resolve_factors(usual.park, usual.scenario, 2020)
    rows = baseline(usual.park, factors, usual.scenario).rows
    ledger = rows.loc[rows["accounting"] == "sold_green", "energy_mwh"].sum()
    assert sold == pytest.approx(ledger, rel=0.01)


def test_a_sold_farm_occupies_its_site_until_it_retires() -> None:
    """Chuanshan: 45 MW of 2011 are sold for 25 years; then 60 MW may stand there."""
    balanced = project("balanced")
    table = balanced.asset_table
    place = table.place["wind_chuanshan_baifeng"]
    by_year = dict(zip(balanced.years, table.sold[:, place].tolist(), strict=True))
    assert by_year == {
        2020: 45.0, 2025: 45.0, 2030: 45.0, 2035: 45.0, 2040: 0.0, 2045: 0.0, 2050: 0.0
    }  # fmt: skip
    assert table.stock[:, place].tolist() == table.sold[:, place].tolist()
    assets = bounds(table, 2050).frame()
    ridge = assets.loc["wind_chuanshan_baifeng"]
    assert (ridge["existing"], ridge["owned"], ridge["upper"]) == (0.0, 0.0, 60.0)
    port = assets.loc["wind_port_port"]
    assert port["owned"] == port["existing"]


def test_a_budget_fixes_the_trajectory() -> None:
    """The caps of the slices add up to the budget by the trapezoid rule, to 0.1 %."""
    budget = 7.0e6
    given = project("balanced", cumulative_budget=budget)
    start = given.baseline.emissions_ledger
    assert cumulative_emissions(start, 2020, 2050, given.trajectory.theta) == pytest.approx(
        budget, rel=1e-3
    )
    caps = [cap_of_year(given, year) for year in given.years]
    assert 5 * (sum(caps) - (caps[0] + caps[-1]) / 2) == pytest.approx(budget, rel=1e-3)
    assert project("balanced").trajectory.theta == 1.0


def test_a_budget_that_no_trajectory_meets_names_the_scenario() -> None:
    """The fault gives the attainable range and stands at the scenario's own file."""
    with pytest.raises(InputError, match=r"balanced.yaml.*cumulative_budget.*choose more than"):
        _ = project("balanced", cumulative_budget=1.0).trajectory


def test_an_edited_base_redoes_every_slice(tmp_path: Path) -> None:
    """What a pathway takes from its base is part of its slices; a title of either is not."""
    (tmp_path / "timeseries").symlink_to(REPOSITORY / "timeseries")
    shutil.copytree(REPOSITORY / "configs", tmp_path / "configs")
    base = tmp_path / "configs" / "scenarios" / "balanced.yaml"

    def hashes() -> dict[int, str]:
        return slice_hashes(open_project("sink_offset", tmp_path, hours=168), "highs")

    before, text = hashes(), base.read_text(encoding="utf-8")
    base.write_text(text.replace("Balanced pathway", "Another title"), encoding="utf-8")
    assert hashes() == before
    other = text.replace("market_factor: provincial_average", "market_factor: fossil_only")
    base.write_text(other, encoding="utf-8")
    assert not set(hashes().values()) & set(before.values())
