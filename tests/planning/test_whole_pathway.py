"""The whole pathway on the mini park: solved once, rolled forward, joined, never done twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from mini_park import REPOSITORY, Silence, mini, swap

from meishan_model.accounts.measures import earnings, group_of_assets
from meishan_model.errors import InputError
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import open_project
from meishan_model.planning.whole_pathway import WholePathway, pathway, read_reference
from meishan_model.results import pathway_file
from meishan_model.results.contract import violations

SCENARIO = Path("configs/scenarios/mini.yaml")


def whole(root: Path) -> WholePathway:
    """Plan the mini park, opened anew from disk."""
    return pathway(mini(root), "highs", Silence())


@pytest.fixture
def ds(solved_mini: Path) -> xr.Dataset:
    return mini(solved_mini).open_result("pathway")


def test_a_single_slice_is_no_pathway() -> None:
    """The campus is neutral in 2020 and has one slice: the message says what to type instead."""
    with pytest.raises(InputError, match=r"single slice.*meishan solve 2020"):
        pathway(open_project("yizhuang", REPOSITORY, hours=168), "highs", Silence())


@pytest.mark.slow
def test_the_file_keeps_the_contract(ds: xr.Dataset) -> None:
    """No violation, all agreed totals, and they are those of the tables."""
    assert violations(ds, "pathway") == []
    weights = np.array([2.5, 5.0, 2.5])
    net = ds["emissions"].where(ds["scope"].isin(["scope1", "scope2_market", "sink", "credit"]))
    located = ds["emissions"].where(
        ds["scope"].isin(["scope1", "scope2_location", "sink", "credit"])
    )
    steering = ["shadow_carbon", "shedding", "gap"]
    paid = ds["cost"].where(~ds["cost_category"].isin(steering)).sum("cost_item").to_numpy()
    attributes = ds.attrs
    assert attributes["cumulative_emissions"] == pytest.approx(
        weights @ net.sum("emission_item").to_numpy()
    )
    assert attributes["cumulative_emissions_location"] == pytest.approx(
        weights @ located.sum("emission_item").to_numpy()
    )
    discount = 1.08 ** -np.array([0.0, 5.0, 10.0])
    assert attributes["net_present_cost"] == pytest.approx((weights * discount) @ paid)
    assert attributes["emission_gap"] == pytest.approx(0.0, abs=0.1)
    assert (attributes["theta"], attributes["discount_rate"]) == (1.0, 0.08)
    difference = attributes["net_present_cost_cash"] - attributes["net_present_cost"]
    assert attributes["cash_flow_difference"] == pytest.approx(difference)


@pytest.mark.slow
def test_additions_join_the_capacities_of_the_slices(ds: xr.Dataset) -> None:
    """Capacity of a slice = of the one before + additions - retirements, for every asset."""
    change = ds["capacity"].diff("year")
    walked = (ds["addition"] - ds["retirement"]).isel(year=slice(1, None))
    assert float(abs(change - walked).max()) < 2e-2
    assert (ds["addition_by_part"] >= 0).all()
    assert (ds["retirement_by_part"] >= 0).all()


@pytest.mark.slow
def test_investment_is_the_same_in_every_table(ds: xr.Dataset) -> None:
    """Cash flow x step = phases by facility = phases by finance; new build = the measures' own."""
    flow = ds["cash_flow"]
    spent = 5.0 * float(flow.sel(category=["investment", "bridge"]).sum())
    assert float(ds["investment"].sum()) == pytest.approx(spent)
    assert float(ds["suited_finance"].sum()) == pytest.approx(spent)
    bought = (ds["addition_by_part"].sel(part="new") * ds["overnight_cost"]).sum()
    invested = 5.0 * float(flow.sel(category="investment").sum())
    assert float(bought) == pytest.approx(invested)
    assert float(ds["measure_investment"].sum()) <= invested * (1.0 + 1e-9)


@pytest.mark.slow
def test_what_is_free_to_grow_earns_its_annuity(solved_mini: Path) -> None:
    """Duality on solved slices: strictly between its bounds an asset's benefit is its annuity.

    At its upper bound it is at least that. Only single assets are compared: the parts of a store
    share their benefit.
    """
    project = mini(solved_mini)
    table_of_assets = project.asset_table
    compared = 0
    for year in (2030, 2025):
        ds, inputs = project.open_result(year), project.slices[year]
        first = project.open_result(2020), project.slices[2020]
        table = earnings(ds, inputs, *first)
        assets = bounds(table_of_assets, year).frame()
        new = ds["capacity_new"].to_series()
        table_of_assets = table_of_assets.solved(year, new)
        groups = group_of_assets(ds, inputs)
        for group, names in groups.groupby(groups).groups.items():
            if len(names) > 1 or new[names[0]] < 1e-2:
                continue
            bound, built = assets.loc[str(names[0])], float(new[names[0]])
            owed = built * bound.annuity
            earned = float(table.loc[str(group), "benefit"])
            if bound.lower + 1e-3 < built < bound.upper - 1e-3:
                compared += 1
                assert earned == pytest.approx(owed, rel=1e-3), group
            elif built >= bound.upper - 1e-3 > bound.lower:
                assert earned >= owed * (1.0 - 1e-3), group
    assert compared > 0


@pytest.mark.slow
def test_a_second_run_does_nothing(own_mini: Path) -> None:
    """No slice is solved and no file is touched."""
    before = {p: p.stat().st_mtime_ns for p in own_mini.rglob("*.nc")}
    done = whole(own_mini)
    assert not done.written
    assert not any(s.solved for s in done.slices)
    assert {p: p.stat().st_mtime_ns for p in own_mini.rglob("*.nc")} == before


@pytest.mark.slow
def test_a_damaged_pathway_is_joined_again_without_solving(own_mini: Path) -> None:
    """Half a file counts as none; the slices are up to date; the new file is the old one."""
    path = mini(own_mini).result_path("pathway")
    first = mini(own_mini).open_result("pathway")
    path.write_bytes(path.read_bytes()[:2000])
    done = whole(own_mini)
    assert done.written
    assert not any(s.solved for s in done.slices)
    xr.testing.assert_identical(mini(own_mini).open_result("pathway"), first)


@pytest.mark.slow
def test_a_changed_module_that_joins_slices_solves_none(
    own_mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is joined again, once, and carries the hash of the code that made it."""
    monkeypatch.setattr(pathway_file, "code_sha256", lambda *_: "d" * 64)
    done = whole(own_mini)
    assert done.written
    assert not any(s.solved for s in done.slices)
    assert mini(own_mini).open_result("pathway").attrs["code_sha256"] == "d" * 64
    assert not whole(own_mini).written


@pytest.mark.slow
def test_a_damaged_slice_is_solved_again(own_mini: Path) -> None:
    """The slice of 2025 alone is redone: its hash is what it was, and so is the pathway's."""
    path = mini(own_mini).result_path(2025)
    path.write_bytes(path.read_bytes()[:2000])
    done = whole(own_mini)
    assert [s.year for s in done.slices if s.solved] == [2025]
    assert violations(mini(own_mini).open_result("pathway"), "pathway") == []


@pytest.mark.slow
def test_business_as_usual_becomes_the_reference(own_mini: Path) -> None:
    """With its pathway on disk the file is joined again, and the abatement cost stands in it."""
    usual = SCENARIO.with_name("business_as_usual.yaml")
    (own_mini / usual).write_text((own_mini / SCENARIO).read_text("utf-8"), encoding="utf-8")
    swap(own_mini / usual, "title: Mini", "title: Usual\nneutrality: false\ninstruments: []")
    assert read_reference(mini(own_mini)) is None
    pathway(open_project("business_as_usual", own_mini, hours=168), "highs", Silence())
    done = whole(own_mini)
    assert done.written
    assert not any(s.solved for s in done.slices)
    ds = mini(own_mini).open_result("pathway")
    reference = mini(own_mini).open_result("pathway", scenario="business_as_usual")
    cost, emitted = (
        ds.attrs[name] - reference.attrs[name]
        for name in ("net_present_cost", "cumulative_emissions")
    )
    assert float(ds["principle"].sel(indicator="abatement_cost")) == pytest.approx(-cost / emitted)
    assert not whole(own_mini).written
