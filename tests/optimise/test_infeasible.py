"""Problems without optimum: what is said is proven, on paper and by solving again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hand_solved import WAYS, Demand, Nodes, demand_on, energy_system, source, stamps
from hypothesis import given, settings
from hypothesis import strategies as st
from oemof import solph

from meishan_model.errors import InfeasibleError
from meishan_model.optimise.conflict import Conflict, find_conflict
from meishan_model.optimise.highs import solve_highs
from meishan_model.optimise.irreducible import IrreducibleSet, irreducible_set
from meishan_model.optimise.problem import NO_LABELS, IntegralLimit, LinearProblem
from meishan_model.optimise.relaxation import smallest_relaxation
from meishan_model.optimise.solve import BackendName, SolverName, optimise
from meishan_model.optimise.wording import GRAPH, ConflictError, conflict_lines

HOURS = pd.date_range("2035-07-14 17:00", periods=3, freq="h")
Way = tuple[BackendName, SolverName]


def said(
    nodes: Nodes, way: Way, limits: Mapping[str, IntegralLimit] | None = None
) -> ConflictError:
    """The error of a graph of three hours."""
    backend, solver = way
    with pytest.raises(ConflictError) as raised:
        optimise(energy_system(3, nodes), HOURS, limits, solver=solver, backend=backend)
    assert raised.value.exit_code == 3
    return raised.value


def port_behind_a_line(demand: Demand) -> Nodes:
    """A hub with power without end and a port behind a line of 20 MW."""
    hub, port = solph.Bus(label="hub"), solph.Bus(label="port")
    line = solph.components.Converter(
        label="line",
        inputs={hub: solph.Flow(nominal_capacity=20.0)},
        outputs={port: solph.Flow()},
        conversion_factors={port: 1.0},
    )
    return [hub, port, source("plant", hub, variable_costs=1.0), line, demand_on(port, demand)]


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_full_line(way: Way) -> None:
    """32.4 MW behind a line of 20 MW: 12.4 MW short at the port at 19:00, and the line is full.

    At 17:00 and 18:00 the line suffices, so neither hour is named.
    """
    error = said(port_behind_a_line({"port": (18.0, 20.0, 32.4)}), way)
    text = str(error)
    assert "12.4 MW short at port, 2035-07-14 19:00" in text
    assert "hub->line is full at 20 MW, 2035-07-14 19:00" in text
    assert "port->port_demand is exactly 32.4 MW, 2035-07-14 19:00" in text
    assert "17:00" not in text
    assert "18:00" not in text
    (shortage,) = error.conflict.shortages
    assert shortage.amount == pytest.approx(12.4)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_hours_of_one_place_are_summed(way: Way) -> None:
    """Short by 2, 0 and 5 MW: the worst hour is told, with two hours and 7 MWh in all."""
    error = said(port_behind_a_line({"port": (22.0, 20.0, 25.0)}), way)
    assert "5 MW short at port, 2035-07-14 19:00, the most of 2 hours with 7 MWh in all" in str(
        error
    )


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_more_than_is_wanted(way: Way) -> None:
    """A plant that runs at 3 MW at least on a demand of 1 MW is 2 MW too much, with its bound."""
    bus = solph.Bus(label="bus")
    plant = source("plant", bus, nominal_capacity=10.0, minimum=0.3)
    error = said([bus, plant, demand_on(bus, {"bus": (5.0, 1.0, 5.0)})], way)
    assert "2 MW too much at bus, 2035-07-14 18:00" in str(error)
    assert "plant->bus is at least 3 MW, 2035-07-14 18:00" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_capacity_that_may_not_be_built(way: Way) -> None:
    """9 MW of demand on at most 4 MW of new build beside 2 MW that stand: 3 MW short."""
    bus = solph.Bus(label="bus")
    size = solph.Investment(maximum=4.0, existing=2.0, ep_costs=1.0)
    plant = source("plant", bus, nominal_capacity=size)
    error = said([bus, plant, demand_on(bus, {"bus": (1.0, 9.0, 1.0)})], way)
    assert "3 MW short at bus, 2035-07-14 18:00" in str(error)
    assert "plant->bus is at most 4 MW" in str(error)
    assert "capacity limit of plant->bus" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_limit_over_all_hours(way: Way) -> None:
    """12 MWh at 0.5 t/MWh emit 6 t where 4 t are allowed; 2 t are fewer than 4 MWh.

    The demands of 4 and 5 MW alone emit 4.5 t; no other two hours break the limit.
    """
    bus = solph.Bus(label="bus")
    flow = solph.Flow(custom_properties={"emission": 0.5})
    plant = solph.components.Source(label="plant", outputs={bus: flow})
    nodes = [bus, plant, demand_on(bus, {"bus": (4.0, 5.0, 3.0)})]
    error = said(nodes, way, {"emission": 4.0})
    assert "2 above the limit at emission" in str(error).replace("-", "")
    assert "emission is at most 4" in str(error)
    assert "what flows into bus flows out, in 2 hours" in str(error)


def test_a_limit_that_nothing_can_change() -> None:
    """Fixed flows of 12 MWh emit 12 of at most 1: it is the limit that is told, not a row or hour.

    So is the total of a flow that is fixed at less than its full-load hours.
    """
    bus = solph.Bus(label="bus")

    def nodes(**flow: float) -> Nodes:
        weight = {"emission": 1.0}
        shape = [4.0, 5.0, 3.0]
        fixed = solph.Flow(nominal_capacity=1.0, fix=shape, custom_properties=weight, **flow)
        plant = solph.components.Source(label="plant", outputs={bus: fixed})
        return [bus, plant, demand_on(bus, {"bus": (4.0, 5.0, 3.0)})]

    error = said(nodes(), ("linopy", "highs"), {"emission": 1.0})
    assert "11 above the limit at emission" in str(error)
    assert "2035" not in str(error)
    error = said(nodes(full_load_time_min=20.0), ("linopy", "highs"))
    assert "8 short at plant->bus" in str(error)
    assert "2035" not in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_lower_limit_over_all_hours(way: Way) -> None:
    """12 MWh at 0.5 per MWh are 6 where at least 7 are wanted, and nobody takes more."""
    bus = solph.Bus(label="bus")
    flow = solph.Flow(custom_properties={"green": 0.5})
    plant = solph.components.Source(label="plant", outputs={bus: flow})
    nodes = [bus, plant, demand_on(bus, {"bus": (4.0, 5.0, 3.0)})]
    error = said(nodes, way, {"green": (7.0, np.inf)})
    assert "1 below the limit at green" in str(error)
    assert "green is at least 7" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_store_that_is_too_small(way: Way) -> None:
    """A store full with 4 MWh serves three hours of 3 MW: 5 MWh short, all that is missing."""
    bus = solph.Bus(label="bus")
    store = solph.components.GenericStorage(
        label="store",
        inputs={bus: solph.Flow(nominal_capacity=0.0)},
        outputs={bus: solph.Flow(nominal_capacity=9.0)},
        nominal_capacity=4.0,
        initial_storage_level=1.0,
        balanced=False,
    )
    error = said([bus, store, demand_on(bus, {"bus": (3.0, 3.0, 3.0)})], way)
    assert sum(s.amount for s in error.conflict.shortages) == pytest.approx(5.0)
    assert "storage balance of store" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_flows_that_are_all_fixed(way: Way) -> None:
    """A river of 2, 3, 2 MW on a mill that takes 2, 4, 2 MW: 1 MW short at 18:00.

    No flow is free there, so that the row has no unknown; the other bus is in order.
    """
    bus, weir = solph.Bus(label="bus"), solph.Bus(label="weir")
    river = source("river", weir, nominal_capacity=1.0, fix=[2.0, 3.0, 2.0])
    mill = solph.Flow(nominal_capacity=1.0, fix=[2.0, 4.0, 2.0])
    nodes = [bus, source("plant", bus), demand_on(bus, {"bus": (1.0, 1.0, 1.0)})]
    nodes += [weir, river, solph.components.Sink(label="mill", inputs={weir: mill})]
    error = said(nodes, way)
    assert "1 MW short at weir, 2035-07-14 18:00" in str(error)
    assert "river->weir is exactly 3 MW" in str(error)
    assert "weir->mill is exactly 4 MW" in str(error)
    assert "plant" not in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_demand_that_nobody_serves(way: Way) -> None:
    """A bus with a demand of 1, 2, 3 MW and nothing else: 6 MWh short, 3 MW at the worst."""
    bus = solph.Bus(label="bus")
    error = said([bus, demand_on(bus, {"bus": (1.0, 2.0, 3.0)})], way)
    assert "3 MW short at bus, 2035-07-14 19:00, the most of 3 hours with 6 MWh" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_plant_that_cannot_follow(way: Way) -> None:
    """From 1 MW at 17:00 a plant can rise by 0.3 MW an hour to 1.6 of the 3 MW at 19:00."""
    bus = solph.Bus(label="bus")
    plant = source("plant", bus, nominal_capacity=3.0, positive_gradient_limit=0.1)
    error = said([bus, plant, demand_on(bus, {"bus": (1.0, 1.3, 3.0)})], way)
    assert sum(abs(s.amount) for s in error.conflict.shortages) == pytest.approx(1.4)
    assert "change of plant->bus" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_hours_of_a_year_that_are_used_up(way: Way) -> None:
    """A plant of 2 MW for two hours at full load gives 4 of the 6 MWh that are wanted."""
    bus = solph.Bus(label="bus")
    plant = source("plant", bus, nominal_capacity=2.0, full_load_time_max=2.0)
    error = said([bus, plant, demand_on(bus, {"bus": (2.0, 2.0, 2.0)})], way)
    assert sum(s.amount for s in error.conflict.shortages) == pytest.approx(2.0)
    assert "total of plant->bus is at most 4" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_bounds_that_cross(way: Way) -> None:
    """A flow of at least 2.4 and at most 2 MW is refused with both numbers, whatever else runs."""
    bus = solph.Bus(label="bus")
    strange = {"nominal_capacity": 4.0, "minimum": [0.1, 0.6, 0.1], "maximum": [1.0, 0.5, 1.0]}
    nodes = [bus, source("odd", bus, **strange), source("plant", bus)]
    error = said([*nodes, demand_on(bus, {"bus": (5.0, 5.0, 5.0)})], way)
    assert "odd->bus is at least 2.4 MW, 2035-07-14 18:00" in str(error)
    assert "odd->bus is full at 2 MW, 2035-07-14 18:00" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_money_pump(way: Way) -> None:
    """Buying at 10 and selling at 12 earns 2 CNY for each MWh without end, in the second hour.

    In the other hours the sale earns less than the purchase costs.
    """
    bus = solph.Bus(label="bus")
    sale = solph.Flow(variable_costs=[-9.0, -12.0, -9.0])
    nodes = [bus, source("purchase", bus, variable_costs=10.0)]
    nodes += [solph.components.Sink(label="sale", inputs={bus: sale})]
    error = said([*nodes, demand_on(bus, {"bus": (1.0, 1.0, 1.0)})], way)
    assert "each unit of this earns 2 CNY, without end" in str(error)
    assert "1 MW more of bus->sale, 2035-07-14 18:00" in str(error)
    assert "1 MW more of purchase->bus, 2035-07-14 18:00" in str(error)
    assert "17:00" not in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_capacity_that_earns_by_being_built(way: Way) -> None:
    """A subsidy above the annuity and no largest size: the capacity is the endless gain."""
    bus = solph.Bus(label="bus")
    size = solph.Investment(ep_costs=-3.0)
    nodes = [bus, source("plant", bus, nominal_capacity=size)]
    error = said([*nodes, demand_on(bus, {"bus": (1.0, 1.0, 1.0)})], way)
    assert "each unit of this earns 3 CNY" in str(error)
    assert "1 MW more of plant->bus" in str(error)


def test_places_are_found_in_a_year() -> None:
    """One short hour among 8760 is found in seconds, with the line of that hour alone."""
    demand = np.full(8760, 15.0)
    demand[4700] = 21.5
    hours = pd.date_range("2035-01-01", periods=8760, freq="h")
    nodes = port_behind_a_line({"port": tuple(demand)})
    with pytest.raises(ConflictError, match=r"1\.5 MW short at port, 2035-07-15 20:00") as raised:
        optimise(energy_system(8760, nodes), hours)
    assert {b[0].place.hour for b in raised.value.conflict.bounds} == {4700}


def feasible(problem: LinearProblem) -> bool:
    """Whether a problem has a solution, asked of the simplex without any explanation."""
    bare = replace(problem, cost=np.zeros_like(problem.cost))
    try:
        solve_highs(bare, methods=("simplex",), threads=1, time_limit=60.0)
    except InfeasibleError:
        return False
    return True


@st.composite
def small_problems(draw: st.DrawFn) -> LinearProblem:
    """Problems of a few rows whose bounds often contradict each other."""
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    numbers = st.integers(-3, 3).map(float)
    matrix = np.array(draw(st.lists(numbers, min_size=rows * columns, max_size=rows * columns)))
    right = np.array(draw(st.lists(numbers, min_size=rows, max_size=rows)))
    kinds = np.array(draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows)))
    upper = np.array(draw(st.lists(st.integers(0, 2), min_size=columns, max_size=columns)))
    return LinearProblem(
        matrix=sp.csc_array(matrix.reshape(rows, columns)),
        row_lower=np.where(kinds == 0, -np.inf, right),
        row_upper=np.where(kinds == 1, np.inf, right),
        column_lower=np.zeros(columns),
        column_upper=upper.astype(float),
        cost=np.zeros(columns),
        cost_offset=0.0,
        integer=np.zeros(columns, dtype=bool),
        labels=NO_LABELS,
    )


def only(problem: LinearProblem, held: IrreducibleSet) -> LinearProblem:
    """The problem with the bounds of a set and no others."""
    sides = {"at least": (True, False), "at most": (False, True), "exactly": (True, True)}

    def bounds(count: int, chosen: dict[int, str]) -> tuple[np.ndarray, np.ndarray]:
        lower, upper = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        for position, side in chosen.items():
            lower[position], upper[position] = sides[side]
        return lower, upper

    rows, columns = problem.matrix.shape
    row_low, row_up = bounds(rows, dict(held.rows))
    low, up = bounds(columns, dict(held.columns))
    return replace(
        problem,
        row_lower=np.where(row_low, problem.row_lower, -np.inf),
        row_upper=np.where(row_up, problem.row_upper, np.inf),
        column_lower=np.where(low, problem.column_lower, -np.inf),
        column_upper=np.where(up, problem.column_upper, np.inf),
    )


@settings(max_examples=150, deadline=None)
@given(problem=small_problems())
def test_what_is_told_is_true(problem: LinearProblem) -> None:
    """The relaxation suffices and is needed; the set is in conflict and nothing in it is spare.

    Widening the rows by the amounts makes the problem feasible, by 0.9 of them it does not (the
    sum is the smallest one, and the violations of a linear problem shrink in proportion). The
    bounds of the set alone have no solution, and without any one of them they have.
    """
    if feasible(problem):
        assert not len(smallest_relaxation(problem, np.inf).rows)
        return
    relaxation = smallest_relaxation(problem, np.inf)

    def widened(share: float) -> LinearProblem:
        lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
        amounts = share * relaxation.amounts
        lower[relaxation.rows] -= np.maximum(amounts, 0.0)
        upper[relaxation.rows] += np.maximum(-amounts, 0.0)
        return replace(problem, row_lower=lower, row_upper=upper)

    assert feasible(widened(1.0 + 1e-9))
    assert not feasible(widened(0.9))
    found = irreducible_set(problem, None, relaxation.duals, np.inf)
    assert found is not None
    assert not feasible(only(problem, found))
    for row in found.rows:
        rest = {r: s for r, s in found.rows.items() if r != row}
        assert feasible(only(problem, IrreducibleSet(rest, found.columns)))
    for column in found.columns:
        rest = {c: s for c, s in found.columns.items() if c != column}
        assert feasible(only(problem, IrreducibleSet(found.rows, rest)))


def test_a_problem_with_an_optimum_has_no_conflict() -> None:
    """Nothing is made up where nothing is wrong, and no time is no explanation."""
    problem = LinearProblem(
        matrix=sp.csc_array(np.ones((1, 2))),
        row_lower=np.ones(1),
        row_upper=np.full(1, np.inf),
        column_lower=np.zeros(2),
        column_upper=np.full(2, np.inf),
        cost=np.ones(2),
        cost_offset=0.0,
        integer=np.zeros(2, dtype=bool),
        labels=NO_LABELS,
    )
    assert find_conflict(problem) is None
    infeasible = replace(problem, column_upper=np.full(2, 0.25))
    assert isinstance(find_conflict(infeasible), Conflict)
    assert find_conflict(infeasible, seconds=0.0) is None


def test_a_set_that_is_too_large_is_not_told() -> None:
    """A limit over 2500 hours is broken by all of them: the limit is told, not 2500 balances."""
    hours = pd.date_range("2035-01-01", periods=2500, freq="h")
    bus = solph.Bus(label="bus")
    flow = solph.Flow(custom_properties={"emission": 0.5})
    plant = solph.components.Source(label="plant", outputs={bus: flow})
    graph = energy_system(2500, [bus, plant, demand_on(bus, {"bus": (4.0,) * 2500})])
    with pytest.raises(ConflictError, match="1,000 above the limit at emission") as raised:
        optimise(graph, hours, {"emission": 4000.0})
    assert not raised.value.conflict.bounds
    assert "too much to tell" in str(raised.value)


def test_stamps_need_not_be_times() -> None:
    """A graph whose hours are numbered is explained by number."""
    graph = energy_system(3, port_behind_a_line({"port": (18.0, 20.0, 32.4)}))
    with pytest.raises(ConflictError, match=r"12\.4 MW short at port, step 2"):
        optimise(graph, pd.RangeIndex(3))
    assert len(stamps(3)) == 3


@pytest.mark.parametrize(("allowed", "optimum"), [(6.0, True), (4.0, False)])
def test_nothing_is_left_to_be_decided(allowed: float, optimum: bool) -> None:
    """One plant serves one demand: every flow is given, 12 MWh cost 24 CNY and emit 6 t, or not.

    The limit has a term an hour, too many to leave the problem with a column.
    """
    hours = pd.date_range("2035-01-01", periods=100, freq="h")
    bus = solph.Bus(label="bus")
    flow = solph.Flow(variable_costs=2.0, custom_properties={"emission": 0.5})
    plant = solph.components.Source(label="plant", outputs={bus: flow})
    demand = tuple(np.full(100, 0.12))
    graph = energy_system(100, [bus, plant, demand_on(bus, {"bus": demand})])
    if optimum:
        solution, _ = optimise(graph, hours, {"emission": allowed})
        assert solution.objective == pytest.approx(24.0)
        assert float(solution.flow["plant", "bus"].sum()) == pytest.approx(12.0)
    else:
        with pytest.raises(ConflictError, match="2 above the limit at emission"):
            optimise(graph, hours, {"emission": allowed})


def test_bounds_that_cross_without_a_name() -> None:
    """A problem that no graph stands behind is explained by the amount alone."""
    nameless = LinearProblem(
        matrix=sp.csc_array(np.ones((1, 2))),
        row_lower=np.zeros(1),
        row_upper=np.ones(1),
        column_lower=np.array([0.0, 2.0]),
        column_upper=np.array([1.0, 0.5]),
        cost=np.ones(2),
        cost_offset=0.0,
        integer=np.zeros(2, dtype=bool),
        labels=NO_LABELS,
    )
    conflict = find_conflict(nameless)
    assert conflict is not None
    assert [s.amount for s in conflict.shortages] == [-1.5]
    (first, *rest) = conflict_lines(conflict, HOURS, GRAPH)
    assert first == "the smallest relaxation is"
    assert "1.5 too much at a row without unknowns" in rest[0]
