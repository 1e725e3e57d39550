"""What a backend does not state is refused by name: nothing is dropped silently.

What is said is checked by solph itself. The pyomo backend, where it is recommended, finds the
optimum that solph finds; where no backend states something solph fails as well; and where solph
takes something otherwise than it reads, it finds the optimum of what it takes it for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from odd_nodes import ODD, piecewise, with_odd
from oemof import solph
from oemof.network import Edge
from refused import LINOPY, impossible, misread, recommended, refusal
from small_graphs import (
    BACKENDS,
    Nodes,
    served,
    sink,
    solved,
    source,
    system,
    with_source,
    with_store,
)

from meishan_model.optimise import Model
from meishan_model.optimise.errors import InfeasibleError, ModelError
from meishan_model.optimise.formulation.linopy_backend import state_problem

Invest = solph.Investment


def test_fixed_flow_in_both_directions() -> None:
    """A fixed share of an investment that may be negative."""
    flow = {"nominal_capacity": Invest(ep_costs=1), "fix": [0.5, -0.5], "bidirectional": True}
    told = "cheap->bus: bidirectional with investment and fix"
    recommended(lambda: with_source((2, 2), **flow), told)


@pytest.mark.parametrize("kind", ODD)
def test_other_node(kind: str) -> None:
    """Another kind of node is refused with its label and class."""
    recommended(lambda: with_odd(ODD[kind]), f"odd: {kind}")


class OwnRows(solph.buses._bus.BusBlock):  # type: ignore[misc]
    """Somebody's own rows: those of a bus."""

    CONSTRAINT_GROUP = True


class OwnBus(solph.Bus):  # type: ignore[misc]
    """Somebody's own bus, with rows of its own."""

    def constraint_group(self) -> type:
        return OwnRows


def own_bus() -> Nodes:
    bus, nodes = OwnBus(label="own"), served(5, 5)[1]
    return [*nodes, bus, source("plant", bus, nominal_capacity=3), sink("load", bus)]


def test_node_with_rows_of_its_own() -> None:
    """A class that overrides how it is stated is refused, though it derives from a known one."""
    recommended(own_bus, "own: OwnBus, which has a constraint_group of its own")


def test_group_of_constraints_of_ones_own() -> None:
    """A grouping that brings rows is refused; one that only sorts nodes is not."""

    def built(grouping: Callable[[Any], Any]) -> solph.EnergySystem:
        index = pd.date_range("2035", periods=3, freq="h")
        own = solph.EnergySystem(index, infer_last_interval=False, groupings=[grouping])
        own.add(*with_source((1, 3), nominal_capacity=2.0))
        return own

    assert state_problem(built(lambda node: str(node.label)[0])).cost.sum() > 0.0
    with pytest.raises(ModelError, match="does not state: groupings: OwnRows; use backend pyomo"):
        state_problem(built(lambda node: OwnRows if isinstance(node, solph.Bus) else None))


def plain_edge() -> Nodes:
    bus, nodes = served(5, 5)
    return [*nodes, solph.components.Source(label="odd", outputs={bus: Edge()})]


def converter_of_converter() -> Nodes:
    bus, nodes = served(5, 5)
    first = solph.components.Converter(label="first", inputs={bus: solph.Flow()})
    second = solph.components.Converter(
        label="second", inputs={first: solph.Flow()}, outputs={bus: solph.Flow()}
    )
    return [*nodes, first, second]


def strange_link() -> Nodes:
    one, other, third = (solph.Bus(label=f"bus{i}") for i in range(3))
    link = solph.components.Link(
        label="link",
        inputs={one: solph.Flow()},
        outputs={other: solph.Flow()},
        conversion_factors={(one, other): 0.9, (one, third): 0.9},
    )
    return [one, other, third, link]


def without_truth() -> Nodes:
    bus = solph.Bus(label="bus2", balanced=pd.Series([True, False]))
    return [*served(5, 5)[1], bus, source("plant", bus)]


def source_and(**flow: Any) -> Callable[[], Nodes]:
    return lambda: with_source((5, 5), **flow)


def store_and(**store: Any) -> Callable[[], Nodes]:
    return lambda: with_store((0, 4), (20, 0), **store)


SATURATED = {"nominal_capacity": 9, "constant_soc_until": 0.5, "into": {"nominal_capacity": 3}}
FULL = {**SATURATED, "fraction_saturation_charging": 0.1}
IMPOSSIBLE: dict[str, tuple[Callable[[], Nodes], str]] = {
    "gradient": (
        source_and(positive_gradient_limit=0.1),
        "cheap->bus: gradient limit without nominal_capacity",
    ),
    "invested gradient": (
        source_and(nominal_capacity=Invest(), negative_gradient_limit=0.1),
        "cheap->bus: gradient limit with investment",
    ),
    "negative gradient": (
        source_and(nominal_capacity=3, negative_gradient_limit=[-0.1, 1.0]),
        "cheap->bus: gradient limit below zero",
    ),
    "product": (
        source_and(nominal_capacity=3, nonconvex=solph.NonConvex(positive_gradient_limit=0.1)),
        "cheap->bus: positive_gradient_limit of nonconvex, a product of flow and status",
    ),
    "no nonconvex": (
        source_and(nominal_capacity=3, nonconvex=False),
        "cheap->bus: nonconvex is False",
    ),
    "integer": (
        source_and(nominal_capacity=3, integer=pd.Series([True, False])),
        "cheap->bus: integer is a Series",
    ),
    "balanced": (without_truth, "bus2: balanced is a Series"),
    "edge": (plain_edge, "odd->bus: Edge that is no solph.Flow"),
    "factor": (converter_of_converter, "first: no conversion factor of second"),
    "link": (strange_link, "link: factor of bus0->bus2, for which it has no flows"),
    "piecewise": (
        lambda: with_odd(lambda bus: piecewise(bus, "SOS2")),
        "odd: PiecewiseLinearConverter by SOS2",
    ),
    "no capacity": (store_and(), "store: no capacity"),
    "no outflow": (
        store_and(nominal_capacity=9, outflow_conversion_factor=0),
        "store: outflow_conversion_factor of zero",
    ),
    "no fraction": (
        store_and(**SATURATED),
        "store: constant_soc_until without fraction_saturation_charging",
    ),
    "no power": (
        store_and(**{**FULL, "into": {}}),
        "store: constant_soc_until with an input that has no nominal_capacity",
    ),
    "no size": (
        store_and(**{**FULL, "nominal_capacity": 0}),
        "store: constant_soc_until with a capacity of zero",
    ),
    "no level": (
        store_and(**FULL, max_storage_level=0),
        "store: constant_soc_until with a max_storage_level of zero",
    ),
    "until full": (
        store_and(**{**FULL, "constant_soc_until": 1}),
        "store: constant_soc_until of one",
    ),
    "one label": (
        lambda: [*served(5, 5)[1], solph.Bus(label="7"), solph.Bus(label=7)],
        "2 nodes named 7",
    ),
    "not added": (lambda: served(5, 5)[1][:2], "dear: is connected but not in the graph"),
}


@pytest.mark.parametrize(("nodes", "told"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_no_backend_states(nodes: Callable[[], Nodes], told: str) -> None:
    """What solph itself cannot solve is told before anything is stated."""
    impossible(nodes, told)


def test_loss_of_more_than_all() -> None:
    """More than all content is lost in an hour: in half an hour that would be no real number."""
    for steps in ((1.0, 1.0), (0.5, 0.5)):
        whole = steps == (1.0, 1.0)
        for backend in BACKENDS:
            nodes = with_store((0, 4), (20, 0), nominal_capacity=9, loss_rate=1.5)
            if whole:
                assert solved(backend, nodes, steps).objective == pytest.approx(400.0)
                continue
            with pytest.raises(ModelError, match="loss_rate above one in a step that is no whole"):
                solved(backend, nodes, steps)


def test_storage_with_two_inputs() -> None:
    """Solph balances one of them, whichever comes first in a set, so that the other is free."""

    def nodes() -> Nodes:
        made = with_store((0, 4), (20, 0), nominal_capacity=9)
        store = made[-2]
        direct = solph.components.Source(label="direct", outputs={store: solph.Flow()})
        return [*made, direct]

    for backend in BACKENDS:
        assert "store: 2 inputs, of which solph takes one" in refusal(nodes, backend)


def test_two_flows_of_one_name() -> None:
    """a->b to c and a to b->c would both be a->b->c in every message."""

    def nodes() -> Nodes:
        first, second = solph.Bus(label="c"), solph.Bus(label="b->c")
        return [first, second, source("a->b", first), source("a", second)]

    for backend in BACKENDS:
        assert "2 flows named a->b->c" in refusal(nodes, backend)


MISREAD: dict[str, tuple[Callable[[], Nodes], Callable[[], Nodes], str]] = {
    "balanced": (
        store_and(nominal_capacity=9, balanced=np.True_),
        store_and(nominal_capacity=9, balanced=False),
        "store: balanced is np.True_, not True, and taken for False",
    ),
    "balanced by one": (
        store_and(nominal_capacity=Invest(ep_costs=3), balanced=1),
        store_and(nominal_capacity=Invest(ep_costs=3), balanced=False),
        "store: balanced is 1, not True, and taken for False",
    ),
    "minimum": (
        source_and(nominal_capacity=Invest(minimum=6), minimum=[0.0, 0.9], variable_costs=150),
        source_and(nominal_capacity=Invest(minimum=6), variable_costs=150),
        "cheap->bus: minimum with investment that is zero in some time steps, and taken for zero",
    ),
    "last level": (
        store_and(nominal_capacity=Invest(ep_costs=3), min_storage_level=[0, 0, 0.5]),
        store_and(nominal_capacity=Invest(ep_costs=3)),
        "store: min_storage_level at the last point only, and taken for none",
    ),
    "no capacity": (
        source_and(maximum=[1.0, 0.2]),
        source_and(),
        "cheap->bus: maximum without nominal_capacity, which limits nothing",
    ),
}


@pytest.mark.parametrize(("given", "taken", "told"), MISREAD.values(), ids=MISREAD)
def test_what_solph_takes_otherwise(
    given: Callable[[], Nodes], taken: Callable[[], Nodes], told: str
) -> None:
    """What solph drops or takes for something else is refused; the pyomo backend follows solph."""
    misread(given, taken, told)


def test_what_is_false() -> None:
    """A storage is not balanced by anything that is false, here as in solph."""
    for false in (np.False_, 0, None):
        nodes = with_store((0, 4), (20, 0), nominal_capacity=9, balanced=false)
        assert solved("linopy", nodes).objective == pytest.approx(0.0)


def test_everything_at_once() -> None:
    """All that is refused is named in one error; what is recommended states all of it."""

    def bad(**flow: Any) -> Nodes:
        end = solph.Bus(label="end", balanced=False)
        both = {"fix": [0.5, -0.5], "bidirectional": True, **flow}
        return [*own_bus(), end, source("bad", end, nominal_capacity=Invest(ep_costs=1), **both)]

    told = "bad->end: bidirectional with investment and fix"
    recommended(bad, f"own: OwnBus, which has a constraint_group of its own; {told}")
    said = refusal(lambda: bad(positive_gradient_limit=0.1))
    assert said.startswith("no backend states: bad->end: gradient limit with investment; ")
    assert LINOPY in said
    assert "use backend" not in said


def test_limit_of_nothing() -> None:
    """A limit of a property that no flow has is refused with its name."""
    for backend in BACKENDS:
        with pytest.raises(ModelError, match="custom property coal"):
            solved(backend, served(5, 5)[1], limits={"coal": 1.0})


@pytest.mark.parametrize("backend", BACKENDS)
def test_minimum_above_maximum(backend: str) -> None:
    """A flow whose minimum is above its maximum has no value, also where others could serve."""
    nodes = with_source((5, 5), nominal_capacity=4, minimum=[0.1, 0.6], maximum=[1.0, 0.5])
    with pytest.raises(InfeasibleError):
        solved(backend, nodes)


def test_row_that_nothing_can_change() -> None:
    """Fixed flows that cannot balance are infeasible, and the bus and step are named."""
    bus = solph.Bus(label="bus")
    demand = sink("demand", bus, nominal_capacity=1, fix=[5, 5])
    fixed = source("fixed", bus, nominal_capacity=1, fix=[5, 4])
    with pytest.raises(InfeasibleError, match=r"balance\(bus\) .* first in step 1, by 1"):
        solved("linopy", [bus, demand, fixed])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"solver": "gurobi"}, "there is no solver gurobi; highs and cbc are known"),
        ({"backend": "jump"}, "there is no backend jump; linopy and pyomo are known"),
        ({"methods": ()}, "no method is asked for"),
        ({"index": pd.RangeIndex(3)}, "3 stamps are given for 2 time steps"),
        ({"penalties": [("no", "where")]}, "there is no flow no->where to be a penalty"),
        ({"integral_limits": {"co2": 1.0}}, "no flow has the custom property co2"),
    ],
    ids=["solver", "backend", "methods", "index", "penalty", "limit"],
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_arguments_that_do_not_fit(backend: str, arguments: dict[str, Any], told: str) -> None:
    """Each is told before anything is stated, and nothing else is taken in its place."""
    asked = {k: v for k, v in arguments.items() if k in ("solver", "methods", "penalties")}
    stated = {k: v for k, v in arguments.items() if k not in asked}
    with pytest.raises(ModelError, match=told):
        Model(system(served(4, 4)[1], (1.0, 1.0)), **{"backend": backend, **stated}).solve(**asked)
