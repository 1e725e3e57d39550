"""Stores whose power follows from their energy, on networks of heat and of cold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from tiny_park import Recipe, asset, park, technology
from tiny_solved import capacity, cost, flow, power, solved

from meishan_model.accounts.measures import asset_nodes
from meishan_model.sheets.buses import Bus

approx = pytest.approx
YEAR_OF_TWO_HOURS = 4380.0


def tank(name: str, carrier: str, loss: float, **cost: float) -> object:
    """A store of three hours."""
    parameters = {"standing_loss": loss, "duration": 3.0}
    return technology(name, "store", unit="MWh", carrier_in=carrier, parameters=parameters, **cost)


def test_heat_is_stored_with_loss_at_a_third_of_the_energy(tmp_path: Path) -> None:
    """15 MWh take 5 MW in the cheap hour and give 5 x 0.9 x 0.9 x 0.9 = 3.645 MW in the dear one.

    Of what enters, a tenth is lost on the way in, a tenth in the hour, a tenth on the way out; the
    rest of the 9 MW of heat comes from the boiler. A MWh out of the store costs 10 CNY.
    """
    recipe = Recipe(
        load=(0.0, 0.0),
        purchase_price=(100.0, 500.0),
        buses=[Bus("pipes", "building_heat", "zone")],
        heat={"homes": (0.0, 9.0)},
        technologies=[
            technology(
                *("electrode", "boiler"),
                carrier_in="electricity",
                carrier_out="building_heat",
                efficiency=1.0,
            ),
            tank("tank", "building_heat", 0.1, efficiency=0.9, variable_om=10.0),
        ],
        assets=[
            asset("electrode", existing=20.0),
            asset("tank", unit="MWh", existing=6.0, upper=9.0, annuity=100.0),
        ],
    )
    tiny = park(recipe)
    ds = solved(tiny, tmp_path)
    np.testing.assert_allclose(power(ds, "pipes->tank_zone"), [5.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(power(ds, "tank_zone->pipes"), [0.0, 3.645], atol=1e-6)
    np.testing.assert_allclose(ds["storage_content"].squeeze(), [4.5, 0.0], atol=1e-6)
    assert capacity(ds, "tank", "capacity_new") == approx(9.0)
    assert cost(ds, "investment") == approx(900.0)
    assert cost(ds, "variable") == approx(36.45 * YEAR_OF_TWO_HOURS)
    assert cost(ds, "purchase") == approx((500.0 + 5.355 * 500.0) * YEAR_OF_TWO_HOURS)
    given = ds.sel(flow=flow("tank_zone->pipes"))
    assert [given[n].item() for n in ("role", "carrier", "technology")] == [
        *("discharge", "building_heat", "tank")
    ]
    nodes = asset_nodes(ds, tiny.inputs)
    assert nodes.loc["tank_zone", "share"] == approx(9.0 / 15.0)


def test_ice_is_sized_as_an_independent_statement_sizes_it(tmp_path: Path) -> None:
    """Four hours of cold at a COP of 4, ice by night: the same plan as scipy's, written out here.

    Unknown are the power of the chiller g, what goes into the store x and out of it y, its content
    c at the end of each hour, and the energy E that is built.
    """
    need, price = np.array([1.0, 2.0, 9.0, 6.0]), np.array([200.0, 250.0, 900.0, 700.0])
    loss, eta, duration, cop, annuity, chiller = 0.02, 0.95, 3.0, 4.0, 90e3, 8.0
    recipe = Recipe(
        load=(0.0, 0.0, 0.0, 0.0),
        purchase_price=price,
        buses=[Bus("loop", "cold", "zone")],
        loads={"halls": ("cold", "zone", need)},
        technologies=[
            technology(
                *("chiller", "boiler"),
                carrier_in="electricity",
                carrier_out="cold",
                efficiency=cop,
            ),
            tank("ice", "cold", loss, efficiency=eta),
        ],
        assets=[
            asset("chiller", existing=chiller),
            asset("ice", unit="MWh", upper=100.0, annuity=annuity),
        ],
    )
    ds = solved(park(recipe), tmp_path)
    hours, weight = len(need), 8760.0 / len(need)
    one, zero, column = np.eye(hours), np.zeros((hours, hours)), np.ones((hours, 1))
    before = np.roll(one, -1, axis=1)  # the content at the end is that at the start
    kept = one - (1.0 - loss) * before
    equal = np.block(
        [[cop * one, -one, one, zero, 0 * column], [zero, -eta * one, one / eta, kept, 0 * column]]
    )
    below = np.block(
        [
            [zero, one, zero, zero, -column / duration],
            [zero, zero, one, zero, -column / duration],
            [zero, zero, zero, one, -column],
        ]
    )
    objective = np.concatenate([price * weight, np.zeros(3 * hours), [annuity]])
    other = linprog(
        objective,
        A_ub=below,
        b_ub=np.zeros(3 * hours),
        A_eq=equal,
        b_eq=np.concatenate([need, np.zeros(hours)]),
        bounds=[(0, chiller / cop)] * hours + [(0, None)] * (3 * hours + 1),
    )
    assert ds.attrs["objective"] == approx(other.fun, rel=1e-7)
    assert capacity(ds, "ice") == approx(other.x[-1], rel=1e-6)
    assert 1.0 < capacity(ds, "ice") < 100.0
