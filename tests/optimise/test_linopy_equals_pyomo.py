"""The linopy backend states the same problem as ``solph.Model``: random graphs, both optima.

``HYPOTHESIS_MAX_EXAMPLES`` sets how many graphs are drawn.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from oemof import solph
from pyomo.common.errors import InfeasibleConstraintException
from random_graphs import Plan, build, plans
from random_units import with_units

from meishan_model.optimise.errors import InfeasibleError
from meishan_model.optimise.formulation import linopy_backend, pyomo_backend
from meishan_model.optimise.problem import Columns, LinearProblem, RawSolution, limit_range
from meishan_model.optimise.solvers.highs import solve_highs

OBJECTIVE = 1e-6
"""Relative tolerance of objectives."""
QUANTITY = 1e-6
"""Tolerance of flows, contents and capacities, relative above one; HiGHS has 1e-7."""
HELD = 1e-5
"""How far held values may move; branch and bound calls narrower ones infeasible at times."""

_WISHED = os.environ.get("HYPOTHESIS_MAX_EXAMPLES")
drawn = settings(
    max_examples=int(_WISHED or 25),
    derandomize="HYPOTHESIS_RANDOM" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

Found = tuple[LinearProblem, RawSolution]


def found_by(backend: ModuleType, plan: Plan) -> Found | None:
    """Problem and optimum of a plan; ``None`` where there is none."""
    try:
        problem = backend.state_problem(build(plan), plan.limits)
        return problem, optimum(problem)
    except (InfeasibleError, InfeasibleConstraintException):
        # The second is what pyomo says of a row that no unknown can change.
        return None


def optimum(problem: LinearProblem) -> RawSolution:
    """Optimum by the simplex method."""
    return solve_highs(problem, methods=("simplex",), threads=1, time_limit=60.0)


def found_by_both(plan: Plan) -> tuple[Found, Found] | None:
    """Both optima, which must agree; ``None`` where both say that there is none."""
    lean, reference = found_by(linopy_backend, plan), found_by(pyomo_backend, plan)
    assert (lean is None) == (reference is None), "one backend finds a solution, the other none"
    event("infeasible" if lean is None else "feasible")
    if lean is None or reference is None:
        return None
    close(lean[1].objective, reference[1].objective, OBJECTIVE)
    return lean, reference


def close(actual: Any, expected: Any, tolerance: float) -> None:
    """Assert equality within a tolerance, relative above one."""
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


def variables(problem: LinearProblem) -> dict[tuple[str, Any], Columns]:
    """All named variables of a problem."""
    groups: Mapping[str, Mapping[Any, Columns]] = {
        "flow": problem.labels.flow,
        "content": problem.labels.storage_content,
        "flow_investment": problem.labels.flow_investment,
        "storage_investment": problem.labels.storage_investment,
    }
    return {(kind, name): c for kind, group in groups.items() for name, c in group.items()}


def named_values(found: Found) -> dict[tuple[str, Any], Any]:
    """Values of all named variables of a solution."""
    problem, raw = found
    return {name: c.values(raw.column_values) for name, c in variables(problem).items()}


def pinned_at(problem: LinearProblem, values: Mapping[tuple[str, Any], Any]) -> LinearProblem:
    """The problem with its named unknowns held at values, within the tolerance."""
    lower, upper = problem.column_lower.copy(), problem.column_upper.copy()
    for name, columns in variables(problem).items():
        factors = np.ones(len(columns.positions)) if columns.factors is None else columns.factors
        there = (columns.positions >= 0) & (factors != 0)
        place = columns.positions[there]
        at = (values[name] - columns.constants)[there] / factors[there]
        slack = HELD * np.maximum(1.0, np.abs(at))
        lower[place] = np.maximum(lower[place], at - slack)
        upper[place] = np.minimum(upper[place], at + slack)
        assert (lower[place] <= upper[place]).all(), f"{name} is outside its bounds"
    return replace(problem, column_lower=lower, column_upper=upper)


def series(sequence: Any, steps: int) -> Any:
    """Values of one of solph's sequences, read one by one as solph does."""
    return np.array([0.0 if sequence is None else sequence[t] for t in range(steps)], dtype=float)


def price_by_hand(system: solph.EnergySystem, values: Mapping[tuple[str, Any], Any]) -> float:
    """Objective of a solution from the attributes of the graph alone."""
    hours = np.asarray(system.timeincrement)
    steps, total = len(hours), 0.0

    def invested(investment: Any, capacity: float) -> float:
        built = bool(investment.nonconvex) and capacity > QUANTITY
        return float(investment.ep_costs[0] * capacity + investment.offset[0] * built)

    for (source, target), flow in system.flows().items():
        edge = (str(source.label), str(target.label))
        total += float(values["flow", edge] * hours @ series(flow.variable_costs, steps))
        if flow.investment is not None:
            total += invested(flow.investment, float(values["flow_investment", edge][0]))
    for node in system.nodes:
        if not isinstance(node, solph.components.GenericStorage):
            continue
        label = str(node.label)
        total += float(values["content", label][1:] @ series(node.storage_costs, steps))
        if node.investment is None:
            total += float(node.nominal_storage_capacity * node.fixed_costs[0])
        else:
            total += invested(node.investment, float(values["storage_investment", label][0]))
    return total


def balance_by_hand(system: solph.EnergySystem, values: Mapping[tuple[str, Any], Any]) -> None:
    """Assert that buses balance, that fixed flows are as fixed and that nothing is negative."""
    steps = len(system.timeincrement)
    for node in system.nodes:
        if isinstance(node, solph.Bus) and node.balanced:
            into = [values["flow", (str(i.label), str(node.label))] for i in node.inputs]
            out = [values["flow", (str(node.label), str(o.label))] for o in node.outputs]
            close(
                np.sum([np.zeros(steps), *into], 0), np.sum([np.zeros(steps), *out], 0), QUANTITY
            )
    for (source, target), flow in system.flows().items():
        found = values["flow", (str(source.label), str(target.label))]
        assert flow.bidirectional or (found >= -QUANTITY).all()
        if flow.fix is not None and flow.nominal_capacity is not None:
            close(found, series(flow.fix, steps) * flow.nominal_capacity, QUANTITY)


def enriched(plan: Plan, seed: int) -> Plan:
    """A plan in which some flows may go backwards and some storages saturate or have fixed costs.

    A flow with a capacity gets a minimum below zero, a storage with a capacity whose input has one
    a power of charging that falls with its content.
    """
    random = np.random.default_rng(seed)

    def turned(flow: dict[str, Any]) -> dict[str, Any]:
        capacity = flow.get("nominal_capacity")
        if capacity is None or "fix" in flow or random.random() < 0.6:
            return flow
        least = random.choice([-1.0, -0.5, 0.0], len(plan.increments))
        return {**flow, "minimum": least.tolist() if random.random() < 0.5 else -0.5}

    def saturated(keywords: dict[str, Any], inputs: Any) -> dict[str, Any]:
        capacity = keywords.get("nominal_capacity")
        if not isinstance(capacity, float) or not capacity or random.random() < 0.4:
            return keywords
        more = {**keywords, "fixed_costs": float(random.choice([0.0, 3.0]))}
        power = [flow.get("nominal_capacity") for flow in inputs.values()]
        if isinstance(power[0], float):
            more |= {"constant_soc_until": 0.4, "fraction_saturation_charging": 0.25}
        return more

    nodes = []
    for kind, label, inputs, outputs, keywords in plan.nodes:
        into = {bus: turned(flow) for bus, flow in inputs.items()}
        out = {bus: turned(flow) for bus, flow in outputs.items()}
        more = saturated(keywords, into) if kind == "GenericStorage" else keywords
        nodes.append((kind, label, into, out, more))
    return replace(plan, nodes=tuple(nodes))


@drawn
@given(plans(), st.integers(0, 2**20))
def test_optima_agree(plan: Plan, seed: int) -> None:
    """Both backends find the same optimum, and each accepts the solution of the other.

    The objective is the same; with every flow, content and capacity held at the linopy solution
    ``solph.Model`` is still feasible and costs the same, and the other way round; the linopy
    solution priced and balanced by hand gives the objective. A graph is infeasible (or unbounded)
    for both or for none.
    """
    plan = enriched(plan, seed) if seed % 2 else plan
    both = found_by_both(plan)
    if both is None:
        return
    lean, _ = both
    each_accepts_the_other(*both)
    system, values = build(plan), named_values(lean)
    balance_by_hand(system, values)
    close(price_by_hand(system, values), lean[1].objective, 10 * OBJECTIVE)


def each_accepts_the_other(one: Found, another: Found) -> None:
    """Assert that the solution of each is feasible for the other, and costs the same."""
    for mine, other in ((one, another), (another, one)):
        held = optimum(pinned_at(other[0], named_values(mine)))
        close(held.objective, mine[1].objective, 10 * OBJECTIVE)


@drawn
@given(plans(), st.integers(0, 2**20))
def test_optima_with_units_agree(plan: Plan, seed: int) -> None:
    """The same where flows are on or off."""
    both = found_by_both(with_units(enriched(plan, seed) if seed % 2 else plan, seed))
    if both is not None:
        each_accepts_the_other(*both)


def cost_of(plan: Plan, more: tuple[str, int, float] | None = None) -> float | None:
    """Optimum of ``solph.Model`` with more demand; ``None`` where there is none."""
    try:
        system = build(plan, more)
        return optimum(pyomo_backend.state_problem(system, plan.limits)).objective
    except (InfeasibleError, InfeasibleConstraintException):
        return None


def between(dual: float, less: float | None, now: float, more: float | None) -> None:
    """Assert that a dual lies between the costs of one unit less and of one unit more."""
    slack = 1e-5 * max(1.0, abs(now))
    assert more is None or dual <= more - now + slack
    assert less is None or dual >= now - less - slack


@drawn
@given(plans(integers=False), st.integers(0, 7), st.integers(0, 3))
@pytest.mark.slow
def test_duals_are_prices(plan: Plan, step: int, place: int) -> None:
    """Duals of both backends are marginal costs: no duality gap, and solving again agrees.

    The optimum is convex in demand and in a limit, so the dual lies between the cost of the last
    unit and of the next, both by ``solph.Model`` of a graph with one unit less and one more;
    where the two are the same the dual is unique and both backends must have it.
    """
    both = found_by_both(plan)
    if both is None:
        return
    step, bus = step % len(plan.increments), plan.buses[place % len(plan.buses)][0]
    now = both[1][1].objective
    less, more = (cost_of(plan, (bus, step, change)) for change in (-1.0, 1.0))
    for problem, raw in both:
        assert raw.gap < OBJECTIVE
        assert raw.row_duals is not None
        row = problem.labels.bus_balance[bus][step]
        if row >= 0:
            between(raw.row_duals[row], less, now, more)
    for keyword, limit in plan.limits.items():
        for side, sign in enumerate((1.0, -1.0)):
            below, above = (
                cost_of(replace(plan, limits={**plan.limits, keyword: moved(limit, side, change)}))
                for change in (-0.5, 0.5)
            )
            for problem, raw in both:
                assert raw.row_duals is not None
                labels = problem.labels
                row = (labels.integral_minimum, labels.integral_limit)[side].get(keyword, -1)
                if row >= 0:
                    half = 0.5 * float(raw.row_duals[row])
                    assert sign * half >= -1e-9, "a wider limit never costs"
                    between(half, below, now, above)


def moved(limit: Any, side: int, change: float) -> tuple[float, float]:
    """A limit with its lower (0) or upper side (1) elsewhere."""
    sides = list(limit_range("moved", limit))
    sides[side] += change
    return sides[0], sides[1]
