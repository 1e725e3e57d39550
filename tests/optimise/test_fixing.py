"""Decisions taken and flows bounded: bounds on paper, whatever a column stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hand_solved import demand_on, energy_system, source
from oemof import solph

from meishan_model.optimise.errors import InfeasibleError, SolverError
from meishan_model.optimise.formulation.linopy_backend import state_problem
from meishan_model.optimise.problem import Columns, LinearProblem, RawSolution
from meishan_model.optimise.solvers.fixing import freeze, limit_flow, open_flow, rent, solve_frozen

EDGE = ("plant", "bus")
BOTH = np.array([0, 1])
GRID_PRICE, PLANT_PRICE = 10.0, 1.0


def problem(demand: tuple[float, float] = (9.0, 9.0), **plant: object) -> LinearProblem:
    """Two hours of a demand that a dear grid and a cheap plant serve."""
    bus = solph.Bus(label="bus")
    nodes = [
        bus,
        demand_on(bus, {"bus": demand}),
        source("grid", bus, variable_costs=GRID_PRICE),
        source("plant", bus, variable_costs=PLANT_PRICE, **plant),
    ]
    return state_problem(energy_system(2, nodes))


def profile(shape: tuple[float, float], **investment: float) -> LinearProblem:
    """The plant is a profile times a capacity, one column for both hours; a unit costs 1."""
    size = solph.Investment(ep_costs=1.0, **investment)
    return problem(nominal_capacity=size, fix=list(shape))


def flows(found: LinearProblem) -> list[float]:
    """What the plant gives at the optimum."""
    raw = solve_frozen(found, methods=("simplex",))
    values = found.labels.flow[EDGE].values(raw.column_values)
    return [float(value) for value in values]


def limited(found: LinearProblem, *most: float, exact: bool = False) -> LinearProblem:
    """The plant bounded in both hours."""
    return limit_flow(found, EDGE, BOTH, np.array(most), exact=exact)


def test_a_flow_with_a_column_an_hour_is_bounded_hour_by_hour() -> None:
    """At most 1 and 5; the capacity of 8 bounds it where no hour is named."""
    free = problem(nominal_capacity=8.0)
    assert flows(limited(free, 1.0, 5.0)) == pytest.approx([1.0, 5.0])
    assert flows(limit_flow(free, EDGE, np.array([1]), np.array([5.0]))) == pytest.approx([8, 5])
    assert flows(limited(free, 20.0, 5.0)) == pytest.approx([8.0, 5.0])


@pytest.mark.parametrize("most", [(1.0, 5.0), (5.0, 1.0)])
def test_the_tightest_hour_bounds_a_capacity(most: tuple[float, float]) -> None:
    """A profile of 0.5 and 1: 1 and 5 allow a capacity of 2 and 5, the other way of 10 and 1."""
    found = limited(profile((0.5, 1.0)), *most)
    capacity = min(most[0] / 0.5, most[1])
    assert flows(found) == pytest.approx([0.5 * capacity, capacity])


def test_what_exists_is_part_of_the_flow() -> None:
    """2 of 4 MW stand: a limit of 3 leaves 1 MW to be built, one of 1 cannot be kept."""
    park = profile((1.0, 1.0), existing=2.0)
    assert flows(limited(park, 3.0, 4.0)) == pytest.approx([3.0, 3.0])
    with pytest.raises(InfeasibleError, match=r"plant->bus cannot be at most 1 in hour 1: it is "):
        limited(park, 3.0, 1.0)


def test_an_hour_without_profile_bounds_nothing() -> None:
    """At night the flow is zero whatever is built, and a limit of zero holds."""
    assert flows(limited(profile((0.0, 1.0)), 0.0, 5.0)) == pytest.approx([0.0, 5.0])
    with pytest.raises(InfeasibleError, match="exactly 1 in hour 0: it is from 0 to 0"):
        limited(profile((0.0, 1.0)), 1.0, 5.0, exact=True)


def test_a_limit_below_the_least_flow_is_refused() -> None:
    """Limit 0 on a flow of at least 3 and 1."""
    least = problem(nominal_capacity=10.0, minimum=[0.3, 0.1])
    with pytest.raises(InfeasibleError, match=r"at most 0 in hour 0: it is from 3 to 10"):
        limited(least, 0.0, 0.0)
    with pytest.raises(InfeasibleError, match=r"at most 0 in hour 1: it is from 1 to 10"):
        limited(least, 4.0, 0.0)


def test_a_constant_keeps_a_limit_or_breaks_it() -> None:
    """A flow fixed at 2: at most 2 and exactly 2 hold, at most 1 and exactly 5 do not."""
    fixed = problem(nominal_capacity=2.0, fix=[1.0, 1.0])
    for exact in (False, True):
        assert flows(limited(fixed, 2.0, 2.0, exact=exact)) == pytest.approx([2.0, 2.0])
    assert flows(limited(fixed, 3.0, 3.0)) == pytest.approx([2.0, 2.0])
    with pytest.raises(InfeasibleError, match="at most 1 in hour 0: it is from 2 to 2"):
        limited(fixed, 1.0, 2.0)
    with pytest.raises(InfeasibleError, match="exactly 5 in hour 0: it is from 2 to 2"):
        limited(fixed, 5.0, 5.0, exact=True)


def test_exact_is_exact_or_refused() -> None:
    """Up to the capacity of 3 it is met, even against the cost; 4 is refused."""
    small = problem(nominal_capacity=3.0)
    assert flows(limited(small, 1.0, 3.0, exact=True)) == pytest.approx([1.0, 3.0])
    dear = replace(small, cost=np.where(small.cost == PLANT_PRICE, 99.0, small.cost))
    assert flows(limited(dear, 1.0, 3.0, exact=True)) == pytest.approx([1.0, 3.0])
    with pytest.raises(InfeasibleError, match="exactly 4 in hour 1: it is from 0 to 3"):
        limited(small, 1.0, 4.0, exact=True)


def test_one_capacity_cannot_be_exactly_two() -> None:
    """A profile of 0.5 and 1 gives exactly 2 and 4, but not 1 and 5."""
    park = profile((0.5, 1.0))
    assert flows(limited(park, 2.0, 4.0, exact=True)) == pytest.approx([2.0, 4.0])
    with pytest.raises(InfeasibleError, match="exactly 1 in hour 0: its capacity stands for"):
        limited(park, 1.0, 5.0, exact=True)


@pytest.mark.parametrize("exact", [False, True])
def test_the_tolerance_of_a_solver_is_no_contradiction(exact: bool) -> None:
    """A limit of what a solver found, 1e-8 beyond a bound, ends on the bound."""
    low = problem(nominal_capacity=3.0, minimum=1.0 / 3.0)
    found = limited(low, 1.0 - 1e-8, 3.0 + 1e-8, exact=exact)
    at = found.labels.flow[EDGE].positions
    assert found.column_upper[at].tolist() == pytest.approx([1.0, 3.0], abs=1e-15)
    assert found.column_lower[at].tolist() == ([1.0, 3.0] if exact else [1.0, 1.0])


def falling() -> LinearProblem:
    """A flow that is 8 less its column."""
    free = problem(nominal_capacity=8.0)
    columns = free.labels.flow[EDGE]
    fallen = Columns(columns.positions, np.full(2, 8.0), np.full(2, -1.0))
    return replace(free, labels=replace(free.labels, flow={**free.labels.flow, EDGE: fallen}))


@pytest.mark.parametrize(
    "change",
    [
        lambda found: limited(found, 1.0, 1.0),
        lambda found: open_flow(found, EDGE, BOTH, found),
    ],
    ids=["limit", "open"],
)
def test_a_falling_flow_is_refused(change: Callable[[LinearProblem], LinearProblem]) -> None:
    """Its bound from above would be one of the column from below."""
    with pytest.raises(SolverError, match="plant->bus falls as its column grows"):
        change(falling())


def test_a_flow_is_opened_in_the_hours_named() -> None:
    """At rest in both hours, it may work in the second one up to its capacity again."""
    whole = problem(nominal_capacity=8.0)
    opened = open_flow(limited(whole, 0.0, 0.0), EDGE, np.array([1]), whole)
    assert flows(opened) == pytest.approx([0.0, 8.0])
    pinned = problem(nominal_capacity=2.0, fix=[1.0, 1.0])
    assert flows(open_flow(pinned, EDGE, BOTH, pinned)) == pytest.approx([2.0, 2.0])


def test_a_capacity_is_opened_for_all_its_hours_or_not_at_all() -> None:
    """One column for both hours: opened in both it is whole again, in one it is refused."""
    whole = profile((0.5, 1.0), maximum=6.0)
    resting = limited(whole, 0.0, 0.0)
    assert flows(resting) == pytest.approx([0.0, 0.0])
    assert flows(open_flow(resting, EDGE, BOTH, whole)) == pytest.approx([3.0, 6.0])
    with pytest.raises(SolverError, match="plant->bus has one capacity for all its hours"):
        open_flow(resting, EDGE, np.array([1]), whole)
    night = profile((0.0, 1.0), maximum=6.0)
    opened = open_flow(limited(night, 0.0, 0.0), EDGE, np.array([1]), night)
    assert flows(opened) == pytest.approx([0.0, 6.0])


def test_freezing_keeps_a_capacity_and_its_bounds() -> None:
    """A capacity held at 4 serves 2 and 4; one at 99 is held at its bound of 6."""
    park = profile((0.5, 1.0), maximum=6.0)
    size = park.labels.flow_investment[EDGE]
    for value, held in ((4.0, 4.0), (99.0, 6.0)):
        values = np.full(park.matrix.shape[1], value)
        assert flows(freeze(park, size, values)) == pytest.approx([0.5 * held, held])


def test_the_rent_of_a_capacity_counts_once() -> None:
    """A MW more earns 0.5 + 1 MWh of grid less its own 1.5 and 1: 12.5, times 6 MW."""
    park = profile((0.5, 1.0), maximum=6.0)
    raw: RawSolution = solve_frozen(park, methods=("simplex",))
    worth = 6.0 * (1.5 * (GRID_PRICE - PLANT_PRICE) - 1.0)
    labels = park.labels
    assert rent(park, raw, [labels.flow_investment[EDGE]]) == pytest.approx(worth)
    assert rent(park, raw, [labels.flow[EDGE]]) == pytest.approx(worth)
