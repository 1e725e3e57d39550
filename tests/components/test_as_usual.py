"""Business as usual by hand: a held mix, sold wind, no export, no cap."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_park import (
    EXCESS,
    GAS,
    GRID_MARKET,
    PV,
    Recipe,
    TinyPark,
    asset,
    contract,
    park,
    technology,
)
from tiny_solved import capacity, cost, emission, net_emission, power, solved

DUTY = np.array([1.0, 2.0, 4.0, 1.0])
BOILERS = (
    technology(
        "gas_boiler",
        "boiler",
        carrier_in="natural_gas",
        carrier_out="building_heat",
        efficiency=0.8,
    ),
    technology(
        "electric_boiler",
        "boiler",
        carrier_in="electricity",
        carrier_out="building_heat",
        efficiency=0.5,
    ),
)


def close(actual: object, expected: object) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6)


def two_boilers(mix: dict[str, float]) -> TinyPark:
    """A heat duty of 1, 2, 4 and 1 MW that either of two boilers could serve alone."""
    tiny = park(
        Recipe(
            heat={"heat": DUTY.tolist()},
            technologies=BOILERS,
            assets=[asset("gas_boiler", existing=4.0), asset("electric_boiler", existing=4.0)],
        )
    )
    held = {"zone_building_heat": mix} if mix else {}
    return replace(tiny, inputs=replace(tiny.inputs, mix=held))


def test_a_held_mix_is_kept_in_every_hour(tmp_path: Path) -> None:
    """A quarter of the heat stays electric, though gas is cheaper: 275 / 0.8 < 660 / 0.5.

    Gas: 3/4 of 8 MWh / 0.8 = 7.5 MWh; electricity: 10 MW of load and 1/4 of the duty / 0.5.
    """
    tiny = two_boilers({"gas_boiler": 0.75, "electric_boiler": 0.25})
    ds, w = solved(tiny, tmp_path), tiny.weight
    close(power(ds, "natural_gas->gas_boiler_zone_stock"), 0.75 * DUTY / 0.8)
    close(power(ds, "grid_purchase->upstream"), 10.0 + 0.25 * DUTY / 0.5)
    assert emission(ds, "scope1") == pytest.approx(w * 7.5 * GAS)
    assert cost(ds, "shedding") == pytest.approx(0.0, abs=1e-3)


def test_without_a_mix_the_cheaper_boiler_serves_all(tmp_path: Path) -> None:
    """The same park with a free demand side burns gas alone: 8 MWh / 0.8."""
    tiny = two_boilers({})
    ds = solved(tiny, tmp_path)
    close(power(ds, "natural_gas->gas_boiler_zone_stock"), DUTY / 0.8)
    close(power(ds, "grid_purchase->upstream"), 10.0)


@pytest.mark.parametrize(("sold", "used"), [(0.0, 6.0), (2.0, 4.0), (6.0, 0.0)])
def test_sold_plants_stand_but_feed_and_cost_nothing(
    tmp_path: Path, sold: float, used: float
) -> None:
    """Of 6 MW at full sun some are sold: the park buys what it lacks of 10 MW.

    The fixed cost of 100 CNY/MW and the certificates are those of the rest; all 6 MW stand.
    """
    pv = asset("pv", existing=6.0, sold=sold, fixed_om=100.0)
    tiny = park(
        Recipe(technologies=[PV], assets=[pv], capacity_factor={"pv": (1.0, 1.0, 1.0, 1.0)})
    )
    ds = solved(tiny, tmp_path)
    close(power(ds, "grid_purchase->upstream"), 10.0 - used)
    assert emission(ds, "scope2_market") == pytest.approx(8760 * (10.0 - used) * GRID_MARKET)
    assert capacity(ds, "pv") == capacity(ds, "pv", "capacity_existing") == 6.0
    assert cost(ds, "fixed_om") == pytest.approx(100.0 * used)
    assert float(ds.attrs["objective_constant"]) == pytest.approx(100.0 * used)
    green = (ds["carrier"] == "local_green") & (ds["way"] == "out")
    assert float(ds["power"].where(green).sum()) == pytest.approx(4 * used)


def test_new_build_beside_a_sold_plant_is_the_parks_own(tmp_path: Path) -> None:
    """The sold 6 MW stay sold; 3 MW of new build, which pay, feed the park."""
    pv = asset("pv", existing=6.0, sold=6.0, upper=3.0, annuity=10.0)
    tiny = park(
        Recipe(technologies=[PV], assets=[pv], capacity_factor={"pv": (1.0, 1.0, 1.0, 1.0)})
    )
    ds = solved(tiny, tmp_path)
    close(power(ds, "grid_purchase->upstream"), 7.0)
    assert capacity(ds, "pv") == pytest.approx(9.0)
    assert capacity(ds, "pv", "capacity_new") == pytest.approx(3.0)


@pytest.mark.parametrize("export", [True, False])
def test_a_surplus_is_sold_only_where_export_is_allowed(tmp_path: Path, export: bool) -> None:
    """15 MW of sun on 10 MW of load: 5 MW earn 100 CNY/MWh, or are lost."""
    recipe = Recipe(
        technologies=[PV],
        assets=[asset("pv", existing=15.0)],
        capacity_factor={"pv": (1.0, 1.0, 1.0, 1.0)},
        export_price=100.0,
        scenario={"export": export},
    )
    ds = solved(park(recipe), tmp_path)
    close(power(ds, "zone_renewables->zone_curtailment"), 0.0 if export else 5.0)
    assert ("export" in ds["role"]) == export
    assert cost(ds, "export") == pytest.approx(-8760 * 5.0 * 100.0 if export else 0.0)


def test_without_neutrality_nothing_limits_emissions(tmp_path: Path) -> None:
    """No cap, no attribute that says one, no excess that could be paid for, no carbon value."""
    tiny = replace(park(Recipe(scenario={"neutrality": False})), cap=math.inf)
    ds = solved(tiny, tmp_path)
    assert net_emission(ds) == pytest.approx(8760 * 10.0 * GRID_MARKET)
    assert "emission_cap" not in ds.attrs
    assert "carbon_value" not in ds.attrs
    assert "excess" not in ds["role"]


def test_the_gap_is_what_the_sinks_leave(tmp_path: Path) -> None:
    """Gap = gross - area x rate, at the penalty each: 52 560 t less 2000 ha x 4 t/ha."""
    forest = contract("forest", "sink", "", {"area": 2000.0, "rate": 4.0, "price": 450.0})
    ds = solved(park(Recipe(contracts=[forest], cap=0.0)), tmp_path)
    gross = 8760 * 10.0 * GRID_MARKET
    assert emission(ds, "sink") == pytest.approx(-8000.0)
    assert emission(ds, "gap") == pytest.approx(gross - 8000.0)
    assert cost(ds, "gap") == pytest.approx(EXCESS * (gross - 8000.0))
    assert cost(ds, "sink") == pytest.approx(2000.0 * 450.0)
