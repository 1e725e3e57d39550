"""A pathway of three slices read forwards by hand: retirement, replacement, bridge, money.

The inputs are those of the mini park with other lives, prices and plants; no slice is solved:
the capacities are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import mini_park
import pandas as pd
import pytest
import xarray as xr
from mini_park import YEARS, mini

from meishan_model.errors import CheckError, InputError
from meishan_model.planning.asset_rows import asset_table
from meishan_model.planning.pathway_tables import by_phase, phase_of_steps
from meishan_model.planning.roll_forward import RollForward, cash_flow, roll_forward
from meishan_model.results.wording import sentence
from meishan_model.sheets.records import SliceInputs

PV, PUMP, BOILER = "pv_rooftop_campus", "heat_pump_building_campus", "gas_boiler_campus"
LIVES = {"pv_rooftop": 20.0, "heat_pump_building": 5.0, "gas_boiler": 25.0}
PRICES = {
    "pv_rooftop": {2020: 100.0, 2025: 90.0, 2030: 80.0},
    "heat_pump_building": {2020: 10.0, 2025: 9.0, 2030: 8.0},
    "gas_boiler": dict.fromkeys(YEARS, 5.0),
}
NEW = {PV: (0.0, 4.0, 6.0), PUMP: (0.0, 3.0, 4.0)}
BRIDGE = {BOILER: (0.0, 5.0, 0.0)}
# 2 MW of 2005 live to 2024; 1 MW of 2023 is committed and lives on.
STOCK = {PV: (2.0, 1.0, 1.0)}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, SliceInputs]:
    """Inputs of the mini park with the lives, prices and plants above."""
    root = mini_park.make_root(tmp_path_factory.mktemp("mini"))
    return {year: _altered(sheet) for year, sheet in mini(root).slices.items()}


def _altered(sheet: SliceInputs) -> SliceInputs:
    technologies = dict(sheet.technologies)
    for name, life in LIVES.items():
        cost = technologies[name].cost
        assert cost is not None
        changed = {"technical_lifetime": life, "investment": PRICES[name][sheet.year]}
        technologies[name] = replace(technologies[name], cost=cost.model_copy(update=changed))
    old = next(p for p in sheet.plants if p.technology == "pv_rooftop")
    plants = tuple(
        old.model_copy(update={"value": v, "commissioned_from": y, "commissioned_to": y})
        for v, y in ((2.0, 2005), (1.0, 2023))
    )
    limits = tuple(
        limit.but(build_rate=1.0) if limit.technology == "gas_boiler" else limit
        for limit in sheet.assets
    )
    limits = tuple(
        limit.but(build_rate=2.0) if limit.technology == "pv_rooftop" else limit
        for limit in limits
    )
    return replace(sheet, technologies=technologies, plants=plants, assets=limits)


def slices(
    inputs: Mapping[int, SliceInputs],
    new: Mapping[str, tuple[float, ...]] = NEW,
    bridge: Mapping[str, tuple[float, ...]] = BRIDGE,
) -> dict[int, xr.Dataset]:
    """Datasets that hold nothing but the capacities of all assets."""
    table = asset_table(inputs)
    names = list(table.asset)
    stock = dict(zip(names, table.stock.T.tolist(), strict=True))
    found = {}
    for place, year in enumerate(YEARS):
        parts = {
            "capacity_new": [new.get(n, (0.0,) * 3)[place] for n in names],
            "capacity_bridge": [bridge.get(n, (0.0,) * 3)[place] for n in names],
            "capacity_existing": [stock[n][place] for n in names],
        }
        data = {name: ("asset", values) for name, values in parts.items()}
        found[year] = xr.Dataset(data, {"asset": names}, {"year": year})
    return found


@pytest.fixture(scope="module")
def rolled(inputs: dict[int, SliceInputs]) -> RollForward:
    return roll_forward(slices(inputs), inputs, asset_table(inputs))


def test_what_is_added_and_retired(rolled: RollForward) -> None:
    """PV grows by 4 and 2; heat pumps of 2025 are rebuilt in 2030; the bridge is sold there.

    The stock of 2005 retires in the step to 2025, in which the committed plant comes.
    """
    add, retire = rolled.addition, rolled.retirement
    assert add["new"][PV].tolist() == [0.0, 4.0, 2.0]
    assert add["new"][PUMP].tolist() == [0.0, 3.0, 4.0]
    assert retire["new"][PUMP].tolist() == [0.0, 0.0, 3.0]
    assert retire["new"][PV].tolist() == [0.0, 0.0, 0.0]
    assert add["bridge"][BOILER].tolist() == [0.0, 5.0, 0.0]
    assert retire["bridge"][BOILER].tolist() == [0.0, 0.0, 5.0]
    assert add["stock"][PV].tolist() == [0.0, 1.0, 0.0]
    assert retire["stock"][PV].tolist() == [0.0, 2.0, 0.0]


def test_nothing_is_counted_twice(inputs: dict[int, SliceInputs], rolled: RollForward) -> None:
    """Additions less retirements of all parts are the change of capacity of every asset."""
    given = slices(inputs)
    parts = ("capacity_new", "capacity_bridge", "capacity_existing")
    capacity = pd.DataFrame(
        {y: sum(given[y][part].to_series() for part in parts) for y in YEARS}
    ).T
    change = sum(rolled.addition.values()) - sum(rolled.retirement.values())
    pd.testing.assert_frame_equal(
        change.iloc[1:], capacity.diff().iloc[1:], check_names=False, atol=1e-9
    )


def test_money_by_hand(rolled: RollForward) -> None:
    """Overnight cost in the year of the vintage, spread over five years.

    2025: (4 * 90 + 3 * 9) / 5 = 77.4; 2030: (2 * 80 + 4 * 8) / 5 = 38.4; bridge with its premium
    of 1 %: 5 * 5 * 1.01 / 5 = 5.05, written off in 2030; salvage of PV 4 * 90 * 15/20 + 2 * 80
    and of heat pumps 4 * 8: 462.
    """
    paid = pd.DataFrame(
        {"investment": 1e9, "bridge": 1e9, "fuel": [7.0, 6.0, 5.0]}, index=list(YEARS)
    )
    flow = cash_flow(rolled, paid)
    assert flow["investment"].tolist() == pytest.approx([0.0, 77.4, 38.4])
    assert flow["bridge"].tolist() == pytest.approx([0.0, 5.05, 0.0])
    assert flow["bridge_sale"].tolist() == pytest.approx([0.0, 0.0, 0.0])
    assert flow["salvage"].tolist() == pytest.approx([0.0, 0.0, -462.0])
    assert flow["fuel"].tolist() == [7.0, 6.0, 5.0]


def test_investment_is_additions_times_overnight_cost(rolled: RollForward) -> None:
    """The cash flow over its years is the sum of additions times overnight cost, to the last CNY.

    No annuity is left in it: what the slices pay for investment and bridges does not appear.
    """
    flow = cash_flow(rolled, pd.DataFrame({"investment": 1e9}, index=list(YEARS)))
    bought = (rolled.addition["new"] * rolled.overnight).to_numpy().sum()
    assert flow["investment"].sum() * rolled.step == pytest.approx(bought)
    bridges = (rolled.addition["bridge"] * rolled.overnight).to_numpy().sum() * 1.01
    assert flow["bridge"].sum() * rolled.step == pytest.approx(bridges)


def test_capacity_that_falls_before_its_end_of_life_cannot_be_built(
    inputs: dict[int, SliceInputs],
) -> None:
    """PV of 4 MW in 2025 lives 20 years: 1 MW in 2030 would need a negative addition."""
    with pytest.raises(CheckError, match=f"{PV} in 2030 needs a negative addition: -3"):
        roll_forward(slices(inputs, new={PV: (0.0, 4.0, 1.0)}), inputs, asset_table(inputs))


def test_a_build_rate_that_is_exceeded_is_an_error(inputs: dict[int, SliceInputs]) -> None:
    """2 MW a year allow 10 MW of PV in a step, not 11."""
    with pytest.raises(CheckError, match=f"{PV} in 2025 needs more than its build rate: 11"):
        roll_forward(slices(inputs, new={PV: (0.0, 11.0, 11.0)}), inputs, asset_table(inputs))


def test_a_bridge_beyond_the_build_rate_is_a_finding(inputs: dict[int, SliceInputs]) -> None:
    """1 MW a year allow 5 MW of boilers in a step: 6 are said, 5 are not."""
    assert roll_forward(slices(inputs), inputs, asset_table(inputs)).findings == ()
    given = slices(inputs, bridge={BOILER: (0.0, 6.0, 0.0)})
    found = roll_forward(given, inputs, asset_table(inputs)).findings
    assert len(found) == 1
    assert "the step to 2025 builds 6.000, of it 6.000 of bridges" in sentence(found[0])
    assert "allows 5.000" in sentence(found[0])


def test_one_slice_is_no_pathway(inputs: dict[int, SliceInputs]) -> None:
    """Who rolls forward half a pathway is told so."""
    with pytest.raises(InputError, match="all slices"):
        roll_forward({2030: slices(inputs)[2030]}, inputs, asset_table(inputs))


def test_phases_hold_whole_steps() -> None:
    """Ten years are two steps of five or one of ten; steps of 15 years are a phase each."""
    five = phase_of_steps([2020, 2025, 2030, 2035, 2040])
    assert five.iloc[1:].tolist() == ["2020-2030"] * 2 + ["2030-2040"] * 2
    assert phase_of_steps([2020, 2035, 2050]).iloc[1:].tolist() == ["2020-2035", "2035-2050"]
    odd = phase_of_steps([2020, 2025, 2030, 2035])
    assert odd.iloc[1:].tolist() == ["2020-2030", "2020-2030", "2030-2035"]


def test_investment_by_phase_by_hand() -> None:
    """Two steps of a phase add up, by kind, and the sum over all is the sum of the steps."""
    invested = pd.DataFrame(
        {"pv": [0.0, 5.0, 7.0, 1.0], "pump": [0.0, 2.0, 0.0, 4.0]}, [2020, 2025, 2030, 2035]
    )
    kinds = pd.Series({"pv": "new", "pump": "retrofit"})
    table = by_phase(invested, phase_of_steps(list(invested.index)), kinds, ("new", "retrofit"))
    assert table.loc["2020-2030"].to_dict() == {"new": 12.0, "retrofit": 2.0}
    assert table.loc["2030-2035"].to_dict() == {"new": 1.0, "retrofit": 4.0}
    assert table.to_numpy().sum() == invested.to_numpy().sum()


@pytest.mark.parametrize("part", ["new", "bridge"])
def test_the_first_slice_builds_nothing(inputs: dict[int, SliceInputs], part: str) -> None:
    """What the status quo builds, for the target or as a bridge, is refused."""
    given = slices(inputs, **{part: {PV: (1.0, 1.0, 1.0)}})
    with pytest.raises(InputError, match="a slice whose stock is given builds something"):
        roll_forward(given, inputs, asset_table(inputs))
