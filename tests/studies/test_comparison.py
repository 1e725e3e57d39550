"""Numbers of a plan by hand, and what the table and the findings say."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import mini_park
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hand_terms import hand_terms
from tiny_park import contract

from meishan_model.optimise.errors import InfeasibleError, SolverError
from meishan_model.planning.limits import binding_limits
from meishan_model.planning.plan_numbers import NUMBERS, plan_numbers, restate
from meishan_model.planning.whole_pathway import WAYS
from meishan_model.results.wording import sentence
from meishan_model.series.build import build_profiles
from meishan_model.studies.compare import Comparison

YEARS = (2020, 2025, 2030)
HOURS = 168
COLUMNS = ["plan", "hours", "quantity", "value", "unit", "text"]

ROLES = {"forest": "sink", "wetland": "sink", "ccer": "credit"}
"""Roles of the flows of contracts."""


def one_slice(
    new: float,
    bridge: float = 0.0,
    cost: dict[str, float] | None = None,
    emissions: dict[str, float] | None = None,
    flows: dict[str, float] | None = None,
) -> xr.Dataset:
    """A slice with one plant, costs by category, emissions by scope, flows by contract."""
    paid, emitted, sources = cost or {}, emissions or {"scope1": 0.0}, flows or {"none": 0.0}
    return xr.Dataset(
        {
            "capacity_new": ("asset", [new]),
            "capacity_bridge": ("asset", [bridge]),
            "capacity": ("asset", [new + bridge]),
            "cost": ("cost_item", list(paid.values())),
            "emissions": ("emission_item", list(emitted.values())),
            "power": (("flow", "time"), np.outer(list(sources.values()), np.ones(HOURS))),
        },
        {
            "asset": ["plant_0"],
            "category": ("cost_item", list(paid)),
            "cost_item": list(paid),
            "scope": ("emission_item", list(emitted)),
            "emission_item": list(emitted),
            "emission_carrier": ("emission_item", list(emitted)),
            "flow": list(sources),
            "contract": ("flow", list(sources)),
            "role": ("flow", [ROLES.get(name, "transport") for name in sources]),
            "time": pd.date_range("2030-01-01", periods=HOURS, freq="h"),
        },
    )


def test_a_bridge_is_paid_to_the_end_of_its_life() -> None:
    """5 needed in 2025, 2 of them a bridge, and 3 in 2030: 5 are built and stand in both years.

    Annuities 10 (2025) and 8 (2030), O&M 1. The slices say 3 x 10 + 2 x 12 = 54 and 3 x 8 = 24;
    by vintages 5 x 10 = 50 are owed in both, and in 2030 the O&M of 2 that stand idle: 52. So
    2025 pays 4 less, 2030 pays 28 more, and 2 x 8 of 2030 are for nothing.
    """
    terms = hand_terms(YEARS, annuity=[[12.0], [10.0], [8.0]], fixed_om=1.0)
    slices = {
        2020: one_slice(0.0),
        2025: one_slice(3.0, 2.0, {"investment": 30.0, "bridge": 24.0, "fuel": 100.0}),
        2030: one_slice(3.0, 0.0, {"investment": 24.0, "fuel": 70.0, "shadow_carbon": 9.0}),
    }
    plan = restate(slices, terms)
    assert plan.additions.ravel().tolist() == [0.0, 5.0, 0.0]
    assert plan.surcharge.tolist() == [0.0, -4.0, 28.0]
    assert plan.idle_cost.tolist() == [0.0, 0.0, 16.0]
    numbers, notes = plan_numbers(slices, terms, 0.0)
    # 2.5, 5 and 2.5 years: 154 and 94 by the slices, 150 and 122 by vintages.
    assert numbers["net_present_cost_by_slices"] == pytest.approx(5 * 154 + 2.5 * 94)
    assert numbers["net_present_cost"] == pytest.approx(5 * 150 + 2.5 * 122)
    assert numbers["net_present_objective"] == pytest.approx(5 * 150 + 2.5 * (122 + 9))
    assert numbers["paid_in_target"] == pytest.approx(122.0)
    assert numbers["idle_in_target"] == pytest.approx(16.0)
    assert notes == ()


def test_emissions_and_gap_by_hand() -> None:
    """100, 60 and 10 t/a net, 120, 90 and 30 by location, a gap of 10 in the target."""
    slices = {
        year: one_slice(0.0, emissions=dict(zip(scopes, values, strict=True)))
        for scopes in [("scope1", "scope2_market", "scope2_location", "sink", "gap")]
        for year, values in {
            2020: (80.0, 20.0, 40.0, 0.0, 0.0),
            2025: (50.0, 20.0, 50.0, -10.0, 0.0),
            2030: (20.0, 5.0, 25.0, -15.0, 10.0),
        }.items()
    }
    numbers, _ = plan_numbers(slices, hand_terms(YEARS), 0.08)
    assert numbers["cumulative_emissions"] == pytest.approx(2.5 * 100 + 5 * 60 + 2.5 * 10)
    assert numbers["cumulative_emissions_location"] == pytest.approx(250 + 50 + 5 * 90 + 2.5 * 30)
    assert numbers["emission_gap"] == 10.0
    assert numbers["cumulative_gap"] == pytest.approx(25.0)


def test_a_plan_that_cannot_be_built_by_vintages_says_so() -> None:
    """A bridge of 4 beside 4 of new build where a step builds 6."""
    slices = {2020: one_slice(0.0), 2025: one_slice(4.0, 4.0), 2030: one_slice(4.0)}
    _, notes = plan_numbers(slices, hand_terms(YEARS, limit=6.0), 0.08)
    assert len(notes) == 1
    assert "plant_0 in 2025" in notes[0]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of the mini park; nothing is solved."""
    return mini_park.make_root(tmp_path_factory.mktemp("mini"))


def comparing(root: Path, reference: str | None = None) -> Comparison:
    """The study of the mini park with another reference."""
    project = mini_park.mini(root)
    scenario = project.scenario.model_copy(update={"reference": reference})
    return Comparison(project=replace(project, scenario=scenario))


def rows_of(plan: str, hours: int = 8760, **numbers: float) -> pd.DataFrame:
    """Rows of the table of the comparison."""
    rows = [(plan, hours, name, value, NUMBERS[name], "") for name, value in numbers.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def text_of(plan: str, kind: str, text: str) -> pd.DataFrame:
    """A row with a sentence."""
    return pd.DataFrame([(plan, 336, kind, math.nan, "", text)], columns=COLUMNS)


def test_what_a_tonne_below_the_reference_costs(root: Path) -> None:
    """60 more for 20 t less are 3 a tonne; who emits more, or has other hours, has no figure."""
    table = pd.concat(
        [
            rows_of("usual", net_present_cost=100.0, cumulative_emissions=50.0),
            rows_of("a", net_present_cost=160.0, cumulative_emissions=30.0),
            rows_of("b", net_present_cost=90.0, cumulative_emissions=60.0),
            rows_of("a", 336, net_present_cost=160.0, cumulative_emissions=30.0),
            text_of("c", "failure", "infeasible"),
        ]
    )
    found = comparing(root, "usual").table(table)
    (added,) = found.iloc[len(table) :].to_dict("records")
    assert added == {
        **{"plan": "a", "hours": 8760, "quantity": "abatement_cost"},
        **{"value": pytest.approx(3.0), "unit": "CNY/tCO2", "text": ""},
    }
    again = comparing(root, "usual").table(table[table["plan"] != "usual"])
    assert "abatement_cost" not in set(again["quantity"]), "nothing to compare with"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (InfeasibleError("row 7 cannot hold"), "infeasible: row 7 cannot hold"),
        (SolverError("stopped"), "no result: stopped"),
    ],
)
def test_a_plan_without_an_optimum_is_a_finding(
    root: Path, error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a row that says why, and is told; what no solver solved is tried again."""

    def fail(*_: object) -> dict[int, xr.Dataset]:
        raise error

    monkeypatch.setitem(WAYS, "forwards", fail)
    study = comparing(root)
    (row,) = study.measure((mini_park.mini(root), "forwards"))
    assert (row["quantity"], row["text"]) == ("failure", said)
    rows = pd.DataFrame([{"plan": "sinks alone", "hours": 168, **row}])
    assert study.findings(rows) == [f"sinks alone (168 h): failure: {said}"]
    assert ("sinks alone" in study.failed(rows)) is isinstance(error, SolverError)


def test_the_table_has_a_line_for_each_plan_and_a_sentence_for_what_is_in_the_way(
    root: Path,
) -> None:
    """1.5 billion CNY, 2 Mt, a gap of 1234 t and its reason; a missing number is none."""
    numbers = {"net_present_cost": 1.5e9, "cumulative_emissions": 2e6, "emission_gap": 1234.0}
    limit = text_of("sinks alone", "limit", "sink forest at its limit of 8 ha")
    usual = rows_of("usual", 336, paid_in_target=1.0)
    rows = pd.concat([rows_of("sinks alone", 336, **numbers), limit, usual])
    study = comparing(root)
    (table,) = study.shown(rows).values()
    line = table.set_index("plan").loc["sinks alone"]
    assert line["hours"] == 336
    assert line["net_present_cost [CNY]"] == 1.5e9
    assert math.isnan(line["paid_in_target [CNY/a]"])
    assert study.findings(rows) == ["sinks alone (336 h): limit: sink forest at its limit of 8 ha"]


def test_pathways_wait_for_the_reference_that_they_are_measured_against(root: Path) -> None:
    """It stands first; ways of planning that have no reference wait for nothing."""
    scenarios = root / "configs" / "scenarios"
    text = (scenarios / "mini.yaml").read_text(encoding="utf-8")
    (scenarios / "usual.yaml").write_text(text, encoding="utf-8")
    try:
        variants = comparing(root, "usual").variants()
    finally:
        (scenarios / "usual.yaml").unlink()
    assert [v.key["plan"] for v in variants] == [
        *("usual", "mini", "mini, forwards", "mini, foresight, caps", "mini, foresight, budget")
    ]
    assert [v.after for v in variants] == ["", variants[0].name, "", "", ""]


def test_binding_limits_by_hand(root: Path) -> None:
    """A sink that is full, credits at their limit, PV at its 3 MW; a half is no limit."""
    project = mini_park.mini(root, hours=HOURS)
    inputs = project.slices[2030]
    terms = ("capacity", "feed_in_price", "premium", "delivery_risk")
    nothing = dict.fromkeys((*terms, "undelivered_paid", "untaken_paid"), 0.0)
    contracts = (
        contract("forest", "sink", "", {"area": 8.0, "rate": 10.0, "price": 1.0}),
        contract("wetland", "sink", "", {"area": 8.0, "rate": 10.0, "price": 1.0}),
        contract("ccer", "credit", "", {"limit": 8760.0, "price": 1.0}),
        contract("sea_wind", "green_power", "wind_onshore", nothing),
    )
    inputs = replace(inputs, contracts=contracts)
    profiles = build_profiles(inputs, project.park, project.weather_folder, HOURS)
    ds = one_slice(3.0, flows={"forest": 8.0, "wetland": 4.0, "ccer": 1.0})
    ds = ds.assign_coords(
        asset=["plant_0"],
        asset_technology=("asset", ["pv_rooftop"]),
        asset_zone=("asset", ["campus"]),
    )
    assert [sentence(found) for found in binding_limits(ds, inputs, profiles)] == [
        "sink forest is at its limit of 8 ha: more of it is a row of contracts.csv",
        "credit ccer is at its limit of 8,760 tCO2/a: more of it is a row of contracts.csv",
        "the potential of pv_rooftop is used up, 3 MW: more of it is a row of assets.csv",
    ]
