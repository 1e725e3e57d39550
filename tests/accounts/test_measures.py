"""What measures earn and avoid, on a park of four hours solved for real and worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from tiny_park import (
    GAS,
    GRID_LOCATION,
    HOURS_OF_YEAR,
    PV,
    Recipe,
    TinyPark,
    asset,
    park,
    technology,
)

from meishan_model.accounts.measures import (
    asset_nodes,
    avoided_emissions,
    burns_fuel,
    carbon_value,
    duty_intensity,
    earnings,
    fixed_cost,
    flow_table,
    measure_table,
)
from meishan_model.components.selection import select, titles_of
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.sheets.buses import Bus
from meishan_model.sheets.records import Measure, SliceInputs

FLAT = (1.0, 1.0, 1.0, 1.0)
SUN = {"pv": (0.5, 0.5, 0.0, 0.0)}
LED = Measure(
    *("led", "zone", "load"),
    {"potential": 0.1, "investment": 1000.0, "lifetime": 10.0, "fixed_om": 0.02},
)
ANNUITY = 1e5


def sheet(tiny: TinyPark) -> SliceInputs:
    """The inputs of a park, with the transformer that stands in it among the technologies."""
    named = {**tiny.inputs.technologies, "transformer": technology("transformer", "transformer")}
    return replace(tiny.inputs, technologies=named)


def earned(tiny: TinyPark, first: TinyPark | None = None) -> tuple[xr.Dataset, pd.DataFrame]:
    """The solved park, and what its measures earn; the first slice is the park itself if none."""
    ds = solve_slice(tiny.task())
    base = ds if first is None else solve_slice(first.task())
    return ds, earnings(ds, sheet(tiny), base, sheet(first or tiny))


def test_a_measure_earns_the_price_of_what_it_saves() -> None:
    """0.1 MW all year at 660 CNY/MWh less 2 % of 1000 CNY/(MWh/a): 876 MWh * (660 - 20).

    It avoids 876 MWh at the grid's factor.
    """
    saving = replace(asset("led", upper=0.1), asset="led_zone_load")
    _, table = earned(park(Recipe(load=FLAT, measures=[LED], assets=[saving])))
    assert table.loc["led", "kind"] == "efficiency"
    assert table.loc["led", "benefit"] == pytest.approx(876.0 * 640.0)
    assert table.loc["led", "avoided"] == pytest.approx(876.0 * GRID_LOCATION)


def test_what_is_free_to_grow_earns_its_annuity() -> None:
    """PV is built until its last MW just pays: the benefit is the annuity, by duality.

    2 MW serve the load of the sunny hours; they avoid 4380 MWh of the grid. Their fixed cost, 2 %
    of a million, is paid first; the transformer, which nobody can build, has none.
    """
    assert PV.cost is not None
    dear = PV.cost.model_copy(update={"investment": 1e6, "fixed_om_share": 0.02})
    tiny = park(
        Recipe(
            load=FLAT,
            technologies=[replace(PV, cost=dear)],
            assets=[asset("pv", upper=9.0, annuity=ANNUITY, fixed_om=2e4)],
            capacity_factor=SUN,
        )
    )
    ds, inputs = solve_slice(tiny.task()), sheet(tiny)
    given = replace(inputs.technologies["transformer"], cost=None)
    inputs = replace(inputs, technologies={**inputs.technologies, "transformer": given})
    fixed = fixed_cost(ds, inputs)
    assert fixed.to_dict() == pytest.approx({"pv_zone": 4e4, "transformer_zone": 0.0})
    table = earnings(ds, inputs, ds, inputs)
    assert float(ds["capacity_new"].sel(asset="pv_zone")) == pytest.approx(2.0, abs=1e-6)
    assert table.loc["pv", "benefit"] == pytest.approx(2.0 * ANNUITY, rel=1e-6)
    assert table.loc["pv", "avoided"] == pytest.approx(4380.0 * GRID_LOCATION)


def test_several_nodes_of_an_asset_are_valued_as_one() -> None:
    """PV whose power comes from two nodes, half from each, earns what it earned from one."""
    plant = asset("pv", upper=9.0, annuity=ANNUITY)
    tiny = park(Recipe(load=FLAT, technologies=[PV], assets=[plant], capacity_factor=SUN))
    ds, table = earned(tiny)
    mine = (ds["flow_asset"] == "pv_zone").to_numpy()
    assert mine.sum() == 1
    halved = ds.assign(power=ds["power"] * np.where(mine, 0.5, 1.0)[:, np.newaxis])
    twin = halved[["power"]].isel(flow=mine).assign_coords(source=("flow", ["another"]))
    power = xr.concat([halved["power"], twin["power"]], "flow")
    split = halved.drop_dims("flow").assign(power=power)
    again = earnings(split, sheet(tiny), split, sheet(tiny))
    pd.testing.assert_frame_equal(again, table)


def test_nodes_that_do_not_work_as_one_asset_stay_apart() -> None:
    """In a park of two stations every flow is told by its own end that is no bus."""
    pump = technology("pump", "heat_pump", carrier_in="electricity", carrier_out="building_heat")
    second = (
        ("transformer_yard", "transformer", "grid_110kv", "yard_20kv", 9.0, 0.0, "transformer"),
        ("supply_line_yard", "supply_line", "grid_110kv", "yard_20kv", 5.0, 0.0, "supply_line"),
    )
    recipe = Recipe(
        load=FLAT,
        heat={"warmth": FLAT},
        loads={"yard": ("electricity", "yard", FLAT)},
        buses=[Bus("yard_20kv", "electricity", "yard")],
        network=second,
        supply_line=5.0,
        technologies=[PV, pump],
        assets=[asset("pv", existing=3.0), asset("pump", existing=1.0)],
        capacity_factor=SUN,
        cop={"pump": (4.0,) * 4},
    )
    ds = solve_slice(park(recipe).task())
    flows = flow_table(ds)
    is_bus = flows["source"].map(titles_of(ds)) == flows["bus"]
    ends = flows["target"].where(is_bus, flows["source"])
    assert flows["node"].tolist() == ends.tolist()
    stations = select(flows, role="capacity", asset="", way="in")
    assert stations["node"].nunique() == len(stations) == 2


def test_what_a_later_slice_imposes_may_earn_less() -> None:
    """5 MW that must stand: the power is worth nothing, and what is curtailed avoids none."""
    bounds = asset("pv", lower=5.0, upper=9.0, annuity=ANNUITY)
    recipe = Recipe(load=FLAT, technologies=[PV], assets=[bounds], capacity_factor=SUN)
    _, table = earned(park(recipe))
    assert table.loc["pv", "benefit"] == pytest.approx(0.0, abs=1.0)
    assert table.loc["pv", "avoided"] == pytest.approx(4380.0 * GRID_LOCATION)


def test_exported_power_avoids_nothing_at_home() -> None:
    """Of 5 MW * 0.5 the load takes 1 MW, 1.5 MW are sold: only the first counts."""
    tiny = park(
        Recipe(
            load=FLAT,
            export_price=300.0,
            technologies=[PV],
            assets=[asset("pv", upper=5.0)],
            capacity_factor=SUN,
        )
    )
    _, table = earned(tiny)
    assert table.loc["pv", "avoided"] == pytest.approx(4380.0 * GRID_LOCATION)


def test_a_heat_pump_avoids_the_boiler_of_the_first_slice() -> None:
    """8760 MWh of heat: gas would emit 0.2/0.9 t/MWh, the pump takes a quarter at 0.5."""
    boiler = technology(
        "boiler", "boiler", carrier_in="natural_gas", carrier_out="building_heat", efficiency=0.9
    )
    pump = technology("pump", "heat_pump", carrier_in="electricity", carrier_out="building_heat")
    common = {
        "heat": {"warmth": FLAT},
        "technologies": [boiler, pump],
        "cop": {"pump": (4.0,) * 4},
    }
    first = park(Recipe(load=FLAT, assets=[asset("boiler", existing=1.0)], **common))
    later = park(Recipe(load=FLAT, assets=[asset("pump", upper=2.0)], **common))
    ds, table = earned(later, first)
    assert float(ds["capacity_new"].sel(asset="pump_zone")) == pytest.approx(1.0)
    by_hand = HOURS_OF_YEAR * (GAS / 0.9 - GRID_LOCATION / 4.0)
    assert table.loc["pump", "avoided"] == pytest.approx(by_hand)
    flows, before = flow_table(ds), flow_table(solve_slice(first.task()))
    nodes = avoided_emissions(flows, before, sheet(later), sheet(first))
    (warm,) = select(flows, role=("load", "duty"), carrier="building_heat")["node"]
    assert nodes[warm] == 0.0  # heat is counted at what makes it, not where it is used
    served = duty_intensity(before, first.inputs, GRID_LOCATION)
    assert served.to_dict() == pytest.approx({"zone_building_heat": GAS / 0.9})
    # It is that of a unit, however few there are; of none it is not known.
    for share in (1e-6, 0.0):
        less = before.assign(energy=share * before["energy"])
        found = duty_intensity(less, first.inputs, GRID_LOCATION)
        assert found.to_dict() == pytest.approx(served.to_dict() if share else {})
    assert burns_fuel(boiler, later.inputs)
    assert not burns_fuel(pump, later.inputs)


def test_the_part_of_the_new_build_leaves_out_what_is_sold() -> None:
    """2 MW of new build beside 6 MW of stock of which 4 are sold work for a half of the node."""
    bounds = asset("pv", existing=6.0, lower=2.0, upper=2.0, sold=4.0)
    recipe = Recipe(load=(9.0,) * 4, technologies=[PV], assets=[bounds], capacity_factor=SUN)
    tiny = park(recipe)
    ds = solve_slice(tiny.task())
    nodes = asset_nodes(ds, sheet(tiny), {"pv_zone": 4.0})
    assert nodes.loc["pv_zone", "share"] == pytest.approx(0.5)
    table = earnings(ds, sheet(tiny), ds, sheet(tiny), {"pv_zone": 4.0})
    assert table.loc["pv", "benefit"] == pytest.approx(2.0 * 0.25 * HOURS_OF_YEAR * 660.0)


def test_the_carbon_value_in_the_prices() -> None:
    """Shadow value where the scenario has it, carbon price, and the dual of the cap."""
    steered = park(Recipe(scenario={"shadow_carbon": True}, prices={"carbon_price": 30.0}))
    plain = park(Recipe())
    ds = xr.Dataset(attrs={"carbon_value": 5.0})
    assert carbon_value(steered.inputs, ds) == 835.0
    assert carbon_value(plain.inputs, ds) == 5.0


def test_measure_table_by_hand() -> None:
    """At a rate of zero: 0 to 100 a year in 2025, 100 to 2030 earn 300 + 500; 500 spent, 200 left.

    NPV = 800 - 500 + 200 = 500. Avoided: (0 + 2)/2*5 + 2*5 = 15 t over the slices. Without a
    carbon value in the prices the abatement cost is -500 over the 16 t of the calendar years.
    """
    years = [2020, 2025, 2030]
    rows = [(0.0, 0.0), (100.0, 2.0), (100.0, 2.0)]
    by_year = {
        y: pd.DataFrame(
            {"kind": "efficiency", "benefit": b, "avoided": a, "carbon": 0.0}, index=["led"]
        )
        for y, (b, a) in zip(years, rows, strict=True)
    }
    groups = pd.Series({"led_a": "led", "led_b": "led"})
    spent = pd.DataFrame({"led_a": [0.0, 300.0, 0.0], "led_b": [0.0, 200.0, 0.0]}, years)
    left = pd.Series({"led_a": 150.0, "led_b": 50.0})
    row = measure_table(by_year, groups, spent, left, rate=0.0).loc["led"]
    assert (row["kind"], row["investment"]) == ("efficiency", 500.0)
    assert row["npv"] == pytest.approx(500.0)
    assert row["abatement"] == pytest.approx(15.0)
    assert row["abatement_cost"] == pytest.approx(-500.0 / 16.0)


def test_what_is_not_known_is_said() -> None:
    """Without prices there is no NPV, and the row says so instead of showing a number."""
    by_year = {
        y: pd.DataFrame(
            {"kind": "technology", "benefit": math.nan, "avoided": 0.0, "carbon": 0.0},
            index=["pv"],
        )
        for y in (2020, 2025)
    }
    spent = pd.DataFrame({"pv_zone": [0.0, 10.0]}, [2020, 2025])
    left = pd.Series({"pv_zone": 1.0})
    row = measure_table(by_year, pd.Series({"pv_zone": "pv"}), spent, left, 0.08).loc["pv"]
    assert math.isnan(row["npv"])
    assert math.isnan(row["irr"])
    assert row["note"] == "no_price avoids_nothing"
