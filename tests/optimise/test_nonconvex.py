"""Flows that are on or off: small cases solved on paper, by HiGHS and by CBC.

A source of 4 that is at 2 at least while it is on serves a demand beside one at 100 without limit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from oemof import solph
from plain_solph import quietly
from small_graphs import system, with_source

from meishan_model.optimise import (
    SOLVERS,
    InfeasibleError,
    Model,
    ModelError,
    SolverError,
    SolverLimits,
    SolverName,
)
from meishan_model.optimise.solvers import branch_and_bound
from meishan_model.optimise.solvers.highs_model import HighsSettings, new_highs


class Case(NamedTuple):
    """Demand, price of the source in each step, what it has of ``NonConvex``, and the cost."""

    demand: tuple[float, ...]
    price: Any
    nonconvex: dict[str, Any]
    cost: float
    flow: dict[str, Any] = {}  # noqa: RUF012


CASES = {
    # 1 is below the least load: 100. Then 3 at 1, and 5 for being on.
    "activity_costs": Case((1, 3), 1.0, {"activity_costs": 5.0}, 100 + 3 + 5),
    # The same, and 7 for being off in the first step.
    "inactivity_costs": Case((1, 3), 1.0, {"inactivity_costs": 7.0}, 100 + 7 + 3),
    # Off where nothing is wanted, so two starts.
    "startup_costs": Case((3, 0, 3), 1.0, {"startup_costs": 30.0}, 3 + 30 + 3 + 30),
    # On before, so the first is no start.
    "initial_status": Case(
        (3, 0, 3), 1.0, {"startup_costs": 30.0, "initial_status": 1}, 3 + 3 + 30
    ),
    # One stop, in the second step; what is off before the first step has not stopped.
    "shutdown_costs": Case((3, 0, 3), 1.0, {"shutdown_costs": 30.0}, 3 + 30 + 3),
    # One of the two starts is left.
    "maximum_startups": Case((3, 0, 3), 1.0, {"maximum_startups": 1}, 3 + 300),
    # It would have to stop, so it serves the last step alone.
    "maximum_shutdowns": Case((3, 0, 3), 1.0, {"maximum_shutdowns": 0}, 300 + 3),
    # For the two cheap steps it stays on in the dear one: a start in the last would not last.
    "minimum_uptime": Case((3, 2, 3), [1, 150, 1], {"minimum_uptime": 2}, 3 + 300 + 3),
    # Only what starts in the first step has to last.
    "minimum_uptime by step": Case(
        (3, 2, 3), [1, 150, 1], {"minimum_uptime": [2, 1, 1]}, 3 + 2 * 150 + 3
    ),
    # It stays on at its least load instead of resting for two steps.
    "minimum_downtime": Case(
        (3, 3, 3),
        [1, 150, 1],
        {"minimum_downtime": 2, "initial_status": 1},
        3 + (2 * 150 + 100) + 3,
    ),
    # Held off for as long as its minimum downtime, as it was off before.
    "initial downtime": Case((3, 3, 3), 1.0, {"minimum_downtime": 2}, 300 + 300 + 3),
    # Held on for as long as its minimum uptime, as it was on before.
    "initial uptime": Case(
        (3, 3), 150.0, {"minimum_uptime": 1, "initial_status": 1}, (2 * 150 + 100) + 300
    ),
    # Being off earns 200 a step, more than the source saves.
    "earned by rest": Case((3,), 1.0, {"inactivity_costs": -298.0}, 300 - 298),
    # A start that earns 3 is there without one, in each step; being on is for two steps.
    "paid starts": Case((0, 0, 0), 1.0, {"startup_costs": -3.0, "minimum_uptime": 2}, -9.0),
    # The rise from 1 to 3 is 2, half of the capacity; a quarter is less.
    "positive_gradient_limit": Case(
        (2, 4), 1.0, {}, 2 + 3 + 100, {"positive_gradient_limit": 0.25}
    ),
    # Energy of 4 in all: 3 in one step would leave 1, below the least load; so 2 and 2.
    "full_load_time_max": Case((3, 3), 1.0, {}, 2 * 2 + 2 * 100, {"full_load_time_max": 1.0}),
    # Three is worth nine for each unit of capacity; in the first step it cannot be on.
    "investment": Case(
        (1, 4),
        1.0,
        {},
        100 + 4 * 10 + 4,
        {"nominal_capacity": solph.Investment(ep_costs=10.0, maximum=5.0)},
    ),
    # The offset is paid once: without it the capacity would cost 40 more than it saves.
    "investment with offset": Case(
        (1, 4),
        1.0,
        {},
        100 + 50 + 4 * 10 + 4,
        {
            "nominal_capacity": solph.Investment(
                ep_costs=10.0, maximum=5.0, nonconvex=True, offset=50.0
            )
        },
    ),
}


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("name", CASES)
def test_solved_on_paper(name: str, solver: SolverName) -> None:
    """The cost is that of the comment beside the case."""
    case = CASES[name]
    known = {"nominal_capacity": 4.0, "minimum": 0.5, "variable_costs": case.price, **case.flow}
    nodes = with_source(case.demand, nonconvex=solph.NonConvex(**case.nonconvex), **known)
    found = Model(system(nodes, [1.0] * len(case.demand))).solve(solver=solver)
    assert found.objective == pytest.approx(case.cost, rel=1e-7)


def commitment(seed: int = 0) -> solph.EnergySystem:
    """Sixteen steps of a load that moves, and four units with starts that cost."""
    load = np.random.default_rng(seed).integers(15, 75, 16).tolist()
    nodes = with_source(load, nominal_capacity=1.0)
    bus = nodes[0]
    for number, (size, price, start) in enumerate(
        ((30, 11.0, 90.0), (22, 13.0, 70.0), (17, 15.5, 40.0), (14, 19.0, 20.0))
    ):
        running = solph.NonConvex(
            startup_costs=start, minimum_uptime=3, minimum_downtime=2, activity_costs=7.0
        )
        flow = solph.Flow(
            nominal_capacity=size, minimum=0.45, variable_costs=price, nonconvex=running
        )
        nodes.append(solph.components.Source(f"unit{number}", outputs={bus: flow}))
    return system(nodes, [1.0] * len(load))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("seed", range(6))
def test_gap(seed: int, solver: SolverName) -> None:
    """Branch and bound ends within the gap that it is given, and tells it and how it ended.

    The optimum of 1e-9 lies between the bound that the gap of the other solution promises, and
    it. What a wide gap leaves open, the rest beside the integers, is the best for them.
    """
    model = Model(quietly(lambda: commitment(seed)))
    best = model.solve(solver=solver)
    assert best.gap <= 1e-9
    for gap in (0.5, 0.05):
        loose = model.solve(solver=solver, limits=SolverLimits(gap=gap))
        assert loose.gap <= gap
        assert loose.objective * (1.0 - loose.gap) <= best.objective + 1e-6
        assert best.objective <= loose.objective + 1e-6
        assert "branch and bound: Optimal" in loose.history[0]
        assert loose.history[1].startswith("with integers fixed, for the duals: ")


def test_best_at_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is cut off gives the best that it has, with its gap; here after the first.

    Cut off before there is any it is an error, and not tried again.
    """

    def after_one(settings: HighsSettings) -> Any:
        solver = new_highs(settings)
        solver.setOptionValue("mip_max_improving_sols", 1)
        return solver

    model = Model(quietly(lambda: commitment(3)))
    best = model.solve()
    with monkeypatch.context() as patched:
        patched.setattr(branch_and_bound, "new_highs", after_one)
        found = model.solve()
    assert 1e-6 < found.gap < 1.0
    assert found.objective * (1.0 - found.gap) <= best.objective + 1e-6 < found.objective
    assert found.history[0].startswith("branch and bound: Solution limit reached, within ")
    with pytest.raises(SolverError, match=r"optimum: branch and bound: Time limit reached$"):
        model.solve(limits=SolverLimits(time=1e-9))


def test_values_beside_one_another() -> None:
    """Status, starts and stops are those of one another and of the flow."""
    found = Model(quietly(commitment)).solve()
    flow, on = found.frame("flow"), found.frame("status")
    before = on.shift(fill_value=0.0)
    starts = found.frame("startup")
    for unit in on.columns:
        assert ((flow[unit] > 1e-6) == (on[unit] > 0.5)).all()
        assert (starts[unit].to_numpy() == (on[unit] - before[unit]).clip(lower=0.0)).all()


@pytest.mark.parametrize(
    ("keywords", "told"),
    [
        ({"minimum_uptime": 1.5}, "minimum_uptime that is no whole number of steps"),
        ({"minimum_downtime": 9}, "a minimum time that is longer than all steps"),
        (
            {"initial_status": None, "startup_costs": 2.0},
            "initial_status of None with starts, stops or minimum times",
        ),
    ],
)
def test_impossible(keywords: dict[str, Any], told: str) -> None:
    """What no status can be is refused with the flow's name, as ``solph.Model`` fails with it."""
    nodes = with_source((3, 3), nominal_capacity=4.0, nonconvex=solph.NonConvex(**keywords))
    with pytest.raises(ModelError, match=f"no backend states: cheap->bus: {told}"):
        Model(system(nodes, (1.0, 1.0)))
    with pytest.raises(Exception):  # noqa: B017
        quietly(lambda: solph.Model(system(nodes, (1.0, 1.0))))


@pytest.mark.parametrize(
    "steps", [2, np.int64(2), 2.0, [2, 2, 2], (2, 2, 2), np.array([2, 1, 1]), pd.Series([2, 2, 1])]
)
def test_minimum_time_of_any_type(steps: Any) -> None:
    """A whole number, or one for each step: the second step at 150 is kept for the first."""
    nonconvex = solph.NonConvex(minimum_uptime=steps)
    prices = {"variable_costs": [1.0, 150.0, 150.0], "minimum": 0.5}
    nodes = with_source((4, 2, 0), nominal_capacity=4.0, nonconvex=nonconvex, **prices)
    found = Model(system(nodes, [1.0] * 3)).solve()
    assert found.objective == pytest.approx(4.0 + 2 * 150.0)


def test_fixed_below_zero() -> None:
    """A flow that is on or off is not below zero where its least load is not."""
    nodes = with_source((3, 3), nominal_capacity=4.0, fix=[0.2, -0.3], nonconvex=solph.NonConvex())
    with pytest.raises(InfeasibleError):
        Model(system(nodes, (1.0, 1.0))).solve()


def test_negative_capacity() -> None:
    """Solph never lets it be on; here it is refused."""
    nodes = with_source((3, 3), nominal_capacity=-4.0, nonconvex=solph.NonConvex())
    with pytest.raises(ModelError, match="nominal_capacity below zero with nonconvex"):
        Model(system(nodes, (1.0, 1.0)))


def test_initial_status_is_0_or_1() -> None:
    """Solph takes any number, and counts no start after a status of two."""
    nodes = with_source((3, 3), nominal_capacity=4.0, nonconvex=solph.NonConvex(initial_status=2))
    with pytest.raises(ModelError, match="cheap->bus: initial_status is 2, neither 0 nor 1"):
        Model(system(nodes, (1.0, 1.0)))
