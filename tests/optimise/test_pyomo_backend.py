"""What only the pyomo backend states: its optimum is that of solph alone, and flows are named."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
import pytest
from odd_nodes import ODD, PLANTS, odd_system, piecewise
from oemof import solph
from other_times import aggregated, built, several
from plain_solph import plain_model, plain_objective, quietly, solve_plainly
from pyomo import environ as po
from small_graphs import Nodes, served, sink, solved, source, system, with_source

from meishan_model.optimise import Model, Solution
from meishan_model.optimise.conflicts.wording import ConflictError
from meishan_model.optimise.errors import ModelError

Invest = solph.Investment
SYSTEMS: dict[str, Any] = {
    "aggregated": lambda: aggregated(content=None),
    "aggregated storage": aggregated,
    "aggregated start": lambda: aggregated(initial_storage_level=0.5),
    "aggregated investment": lambda: aggregated(
        size=Invest(ep_costs=30), content=Invest(ep_costs=1)
    ),
    "segments": lambda: aggregated(segments=True),
    "periods": lambda: several(content=None),
    "periods with storage": lambda: several(2),
    "periods with investment": lambda: several(size=built(), content=built(1.0)),
    "existing": lambda: several(size=built(existing=1.5, age=2), content=None),
    "one period": lambda: several(1, size=built(), content=built(1.0)),
    "aggregated periods": lambda: several(2, tsa=True, size=built(), content=built(1.0)),
    **{
        f"node {kind}": (lambda made: lambda: odd_system(made))(build)
        for kind, build in (ODD | PLANTS).items()
    },
}


def found(make: Any) -> Solution:
    """The optimum by the pyomo backend."""
    return quietly(lambda: Model(make(), backend="pyomo").solve())


@pytest.mark.parametrize("name", SYSTEMS)
def test_optimum_is_that_of_solph(name: str) -> None:
    """The objective, and every flow with its costs, of a model that solph alone solves."""
    made = quietly(SYSTEMS[name])
    model = plain_model(made)
    expected = solve_plainly(model)
    solution = found(SYSTEMS[name])
    assert solution.objective == pytest.approx(expected, rel=1e-5)
    names = {(str(i.label), str(o.label)) for i, o in model.FLOWS}
    assert set(solution.flow.columns) == names
    assert not solution.flow.isna().any().any()
    assert solution.to_xarray()["flow"].shape == (len(names), len(solution.flow))


@pytest.mark.parametrize("name", [name for name in SYSTEMS if "node" not in name])
def test_flows_are_a_plan_of_solph(name: str) -> None:
    """With every flow and new capacity held at what was found, solph's optimum is the same."""
    solution, model = found(SYSTEMS[name]), plain_model(quietly(SYSTEMS[name]))
    for (i, o, t), flow in model.flow.items():
        if not flow.fixed:
            _hold(model, flow, solution.flow[str(i.label), str(o.label)].iloc[t])
    period = ", period {}" if model.es.periods is not None else ""
    for (i, o, p), capacity in getattr(model.InvestmentFlowBlock, "invest", {}).items():
        edge = str(i.label), str(o.label) + period.format(p)
        _hold(model, capacity, solution.flow_investment[edge])
    stores = getattr(model, "GenericInvestmentStorageBlock", None)
    for (node, p), capacity in getattr(stores, "invest", {}).items():
        _hold(model, capacity, solution.storage_investment[str(node.label) + period.format(p)])
    assert solve_plainly(model) == pytest.approx(solution.objective, rel=1e-5)


def _hold(model: solph.Model, variable: Any, value: float) -> None:
    """Keep a variable of a model within a millionth of a value."""
    if not hasattr(model, "held"):
        model.held = po.ConstraintList()
    slack = 1e-6 * max(1.0, abs(value))
    model.held.add((float(value) - slack, variable, float(value) + slack))


def test_capacities_of_several_periods() -> None:
    """Each is named with its period: 3 at first, then one more; what is built lasts for six years.

    The demand is 1, 3 and 2, 4, and each unit that is missing costs a hundred times as much.
    """
    solution = found(lambda: several(2, size=built(), content=None))
    assert solution.flow_investment == pytest.approx(
        {("cheap", "bus, period 0"): 3.0, ("cheap", "bus, period 1"): 1.0}
    )
    assert solution.flow["cheap", "bus"].to_list() == pytest.approx([1.0, 3.0, 2.0, 4.0])
    assert solution.storage_investment == {}


def test_contents_of_aggregated_time_series_are_left_out() -> None:
    """Solph has a content between typical periods and a change within each, so none is named."""
    solution = found(aggregated)
    assert solution.storage_content.empty
    assert "storage_content" not in solution.keys()  # noqa: SIM118


def test_capacity_of_a_flow_that_is_on_or_off() -> None:
    """A capacity at 30 per unit that is at least half used serves 4 and 5: 5 x 30 + 9 + 2 x 7."""
    flow = {"minimum": 0.5, "nonconvex": solph.NonConvex(activity_costs=7)}
    flow |= {"nominal_capacity": Invest(ep_costs=30, maximum=9), "variable_costs": 1.0}
    solution = found(lambda: system(with_source((4, 5), **flow), (1.0, 1.0)))
    assert solution.objective == pytest.approx(173.0)
    assert solution.flow_investment == pytest.approx({("cheap", "bus"): 5.0})


def test_prices_of_several_periods() -> None:
    """A dear unit of the second period costs 100, discounted by five years at solph's 2 %."""
    solution = found(lambda: several(2, content=None))
    assert solution.bus_price is not None
    assert solution.bus_price["bus"].iloc[3] == pytest.approx(100.0 * 1.02**-5)


def test_integral_limit() -> None:
    """Of 2 and 2 at the limit of 3 one is missing: 3 + 3 x 100 of demands 2 and 4."""
    flow = {"nominal_capacity": 2.0, "variable_costs": 1.0, "custom_properties": {"emission": 1.0}}
    solution = solved("pyomo", with_source((2, 4), **flow), limits={"emission": 3.0})
    assert solution.objective == pytest.approx(3 + 300.0)


@pytest.mark.parametrize("representation", ["MC", "DLOG", "LOG", "INC", "BIGM_BIN"])
def test_representations_of_pieces(representation: str) -> None:
    """All representations of a piecewise linear function that need no special ordered sets."""

    def build(bus: solph.Bus) -> Nodes:
        return piecewise(bus, representation)

    expected = plain_objective(odd_system(build))
    assert found(lambda: odd_system(build)).objective == pytest.approx(expected)


class Broken(solph.buses._bus.BusBlock):  # type: ignore[misc]
    """Somebody's own rows that cannot be stated."""

    CONSTRAINT_GROUP = True

    def _create(self, group: object = None) -> None:
        if group:
            raise IndexError("index 1")


def test_what_solph_fails_with() -> None:
    """Whatever stops solph while it states a model is told as one error of this engine."""
    nodes = served(1, 1)[1]
    nodes[0].constraint_group = lambda: Broken
    with pytest.raises(ModelError, match="Model does not state it, with IndexError: index 1"):
        solved("pyomo", nodes)


def test_what_is_not_linear() -> None:
    """A square in the objective is no part of a linear problem."""
    model = Model(system(served(1, 1)[1], (1.0, 1.0)), backend="pyomo")
    costs = sum(flow**2 for flow in model.pyomo.flow.values())
    model.pyomo.objective.set_value(costs)
    with pytest.raises(ModelError, match=r"solph.Model holds what is no linear problem"):
        model.solve()


def test_logging_at_debug() -> None:
    """Solph ends the program where the root logger is at debug; this engine goes on."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        assert solved("pyomo", served(1, 1)[1]).objective == pytest.approx(200.0)
    finally:
        root.setLevel(level)


def test_flow_that_is_in_no_row() -> None:
    """A flow that nothing asks for is at the bound that is nearest to zero."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        end = solph.Bus(label="end", balanced=False)
        flows = {"least": 0.5, "most": -0.25, "none": -0.5}
        ends = [
            source(name, end, nominal_capacity=4.0, minimum=low, maximum=high)
            for (name, low), high in zip(flows.items(), (1.0, -0.25, 1.0), strict=True)
        ]
    solution = solved("pyomo", [*served(1, 1)[1], end, *ends])
    held = [solution.flow[name, "end"].to_list() for name in flows]
    np.testing.assert_allclose(held, [[2.0, 2.0], [-1.0, -1.0], [0.0, 0.0]])


def test_conflict_of_several_periods() -> None:
    """What is infeasible is said of a multi-period system as of any other."""

    def short() -> solph.EnergySystem:
        made = several(2, content=None)
        bus = next(node for node in made.nodes if str(node.label) == "bus")
        made.add(sink("more", bus, nominal_capacity=1.0, fix=[0.0, 0.0, 0.0, 5.0]))
        for node in made.nodes:
            if str(node.label) == "dear":
                node.outputs[bus].nominal_capacity = 1.0
                node.outputs[bus].maximum = 1
        return made

    with pytest.raises(ConflictError, match="bus"):
        found(short)
