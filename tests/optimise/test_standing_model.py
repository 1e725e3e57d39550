"""A standing model ends where a fresh one does, and refuses what needs a new one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from oemof import solph

from meishan_model.optimise.errors import InfeasibleError, SolverError
from meishan_model.optimise.formulation.linopy_backend import state_problem
from meishan_model.optimise.solvers.highs import solve_highs
from meishan_model.optimise.solvers.standing import StandingModel, reprice


def small_park(
    *, price: float = 50.0, annuity: float = 2.0, demand: float = 10.0, limit: float = 40.0
) -> tuple[solph.EnergySystem, dict[str, float]]:
    """Four hours: purchase that emits 1 t/MWh, PV to be built, a battery to be built, a load."""
    bus = solph.Bus(label="bus")
    index = pd.date_range("2023-01-01", periods=5, freq="h")
    system = solph.EnergySystem(timeindex=index, infer_last_interval=False)
    flow, invest = solph.Flow, solph.Investment
    system.add(
        bus,
        solph.components.Source(
            label="purchase",
            outputs={
                bus: flow(variable_costs=[price, 90, 90, price], custom_properties={"co2": 1.0})
            },
        ),
        solph.components.Source(
            label="pv",
            outputs={
                bus: flow(
                    nominal_capacity=invest(maximum=30, existing=1, ep_costs=annuity),
                    fix=[0, 1, 0.5, 0],
                )
            },
        ),
        solph.components.Sink(label="spill", inputs={bus: flow()}),
        solph.components.Sink(
            label="load", inputs={bus: flow(nominal_capacity=demand, fix=[1, 1, 1, 1])}
        ),
        solph.components.GenericStorage(
            label="battery",
            inputs={bus: flow(nominal_capacity=10)},
            outputs={bus: flow(nominal_capacity=10, variable_costs=0.1)},
            nominal_capacity=invest(maximum=20, ep_costs=3.0),
            storage_costs=0.01,
        ),
    )
    return system, {"co2": limit}


def test_repricing_is_restating() -> None:
    """The cost vector at other prices is that of a graph stated anew, and so is the optimum."""
    first = state_problem(*small_park())
    again = state_problem(*small_park(price=20.0, annuity=70.0))
    repriced = reprice(first, small_park(price=20.0, annuity=70.0)[0])
    np.testing.assert_allclose(repriced.cost, again.cost, rtol=1e-12)
    assert repriced.cost_offset == pytest.approx(again.cost_offset, rel=1e-12)
    standing = StandingModel(first)
    standing.solve()
    assert standing.change(repriced) == ("cost",)
    fresh = solve_highs(again, methods=("simplex",))
    assert standing.solve().objective == pytest.approx(fresh.objective, rel=1e-9)


def test_sweep_of_ten_price_sheets_costs_one_model() -> None:
    """Ten prices one after the other in one standing model give what ten fresh models give."""
    first = state_problem(*small_park())
    standing = StandingModel(first)
    for price in np.linspace(5, 95, 10):
        system, limits = small_park(price=price)
        standing.change(reprice(first, system))
        fresh = solve_highs(state_problem(system, limits), methods=("simplex",))
        assert standing.solve().objective == pytest.approx(fresh.objective, rel=1e-9)


def test_right_hand_sides_and_limits_go_in() -> None:
    """A larger load and a tighter limit change rows only; the optimum is that of a fresh model."""
    standing = StandingModel(state_problem(*small_park()))
    standing.solve()
    other = state_problem(*small_park(demand=12.0, limit=20.0))
    assert standing.change(other) == ("row bounds",)
    fresh = solve_highs(other, methods=("simplex",))
    assert standing.solve().objective == pytest.approx(fresh.objective, rel=1e-9)


def test_impossible_limit_is_infeasible() -> None:
    """A limit below what the night needs has no solution, and the standing model says so."""
    standing = StandingModel(state_problem(*small_park()))
    standing.solve()
    standing.change(state_problem(*small_park(limit=-1.0)))
    with pytest.raises(InfeasibleError, match="infeasible"):
        standing.solve()


def test_another_matrix_is_refused() -> None:
    """A graph with another coefficient needs a new model, and the standing one stays as it was."""
    system, limits = small_park()
    standing = StandingModel(state_problem(system, limits))
    before = standing.solve().objective
    changed, _ = small_park()
    battery = next(n for n in changed.nodes if str(n.label) == "battery")
    battery.inflow_conversion_factor = 0.5
    with pytest.raises(SolverError, match="matrix"):
        standing.change(state_problem(changed, limits))
    assert standing.solve().objective == before
