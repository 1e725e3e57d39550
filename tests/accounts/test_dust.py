"""What a solver cannot tell from zero is zero in the solution, and nothing else is changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hand_solved import demand_on, energy_system, source
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from oemof import solph

from meishan_model.accounts.physics import failures
from meishan_model.accounts.tables import DUST, cleaned, without_dust
from meishan_model.optimise import Model
from meishan_model.optimise.solution import extract
from meishan_model.optimise.solvers.solve import solve_problem

SERIES = arrays.arrays(float, (4, 3), elements=st.floats(-3e-6, 3e-6) | st.floats(-10.0, 10.0))


def test_dust_by_hand() -> None:
    """An unused series is zero; one that is used keeps what is small above zero, not below."""
    values = np.array([[4e-7, 4e-7, -2e-6], [-9e-7, -9e-7, 5e-7], [0.0, 3.0, 0.0]])
    expected = [[0.0, 4e-7, -2e-6], [0.0, 0.0, 5e-7], [0.0, 3.0, 0.0]]
    assert cleaned(values).tolist() == expected
    assert cleaned(np.array([[5e-7, 1e-3, -1e-7]])).tolist() == [[0.0, 1e-3, 0.0]]


@given(SERIES)
def test_nothing_moves_farther_than_dust(values: np.ndarray) -> None:
    """No value changes by as much as the tolerance, what is clean stays, twice is once."""
    clean = cleaned(values)
    assert (np.abs(clean - values) < DUST).all()
    assert (clean[np.abs(values) >= DUST] == values[np.abs(values) >= DUST]).all()
    assert not ((clean < 0.0) & (clean > -DUST)).any()
    assert (cleaned(clean) == clean).all()


def test_the_solution_has_no_dust() -> None:
    """A dear plant and a dear investment are not used: what a solver leaves in them is gone."""
    bus = solph.Bus("bus")
    nodes = [bus, demand_on(bus, {"bus": [2.0, 3.0]}), source("plant", bus, variable_costs=5.0)]
    nodes.append(source("engine", bus, nominal_capacity=10.0, variable_costs=50.0))
    invest = solph.Investment(ep_costs=1000.0)
    nodes.append(source("sun", bus, nominal_capacity=invest, maximum=[1.0, 1.0]))
    problem = Model(energy_system(2, nodes)).problem
    raw = solve_problem(problem)
    index = pd.RangeIndex(2)
    exact = without_dust(extract(problem, raw, index))
    for sign in (1.0, -1.0):
        left = np.where(raw.column_values == 0.0, sign * 6e-7, raw.column_values)
        assert (left != raw.column_values).any()
        dusty = without_dust(extract(problem, replace(raw, column_values=left), index))
        assert (dusty.flow["engine", "bus"] == 0.0).all()
        assert (dusty.flow["sun", "bus"] == 0.0).all()
        assert dusty.flow_investment == exact.flow_investment == {("sun", "bus"): 0.0}
        # What balances the others takes their dust, which is below all tolerances.
        pd.testing.assert_frame_equal(dusty.flow, exact.flow, atol=3e-6)


@pytest.mark.parametrize("count", [6e-7, 3.0])
def test_what_is_dust_as_vehicles_and_in_mw_may_be_seen_in_km(count: float) -> None:
    """6e-7 vehicles drive 3.6e-6 km/h on 6e-9 MW: the distance stays, and with it the capacity."""
    grid, road = solph.Bus("grid"), solph.Bus("road")
    invest = solph.Investment(ep_costs=1000.0)
    vehicles = solph.components.Converter(
        label="vehicles",
        inputs={grid: solph.Flow()},
        outputs={road: solph.Flow(nominal_capacity=invest, fix=[6.0, 5.0])},
        conversion_factors={road: 600.0},
    )
    service = demand_on(road, {"road": [6.0 * count, 5.0 * count]})
    system = energy_system(2, [grid, road, vehicles, service, source("plant", grid)])
    problem = Model(system).problem
    found = without_dust(extract(problem, solve_problem(problem), pd.RangeIndex(2)))
    assert found.flow_investment["vehicles", "road"] == pytest.approx(count)
    assert not [*failures(system, found, {}, {})]
    found.flow["grid", "vehicles"] *= 2.0
    told = [text for text in failures(system, found, {}, {}) if "proportions" in text]
    assert bool(told) == (count > DUST)
