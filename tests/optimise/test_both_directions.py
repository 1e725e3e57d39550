"""Flows with a minimum below zero, which may go backwards: on paper and by both backends."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from oemof import solph
from small_graphs import BACKENDS, Nodes, sink, solved, source, with_source

Invest = solph.Investment

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


def surplus(*more: float, **flow: Any) -> Nodes:
    """Demand 4, 0 with more fixed supply in the second step and a source that may take it back."""
    with warnings.catch_warnings():
        # solph warns of flows in both directions.
        warnings.simplefilter("ignore")
        nodes = with_source((4, 0), **flow)
    return [*nodes, source("fixed", nodes[0], nominal_capacity=1.0, fix=list(more))]


@pytest.mark.parametrize(
    ("flow", "objective"),
    [
        ({"nominal_capacity": 3.0, "minimum": -1}, 110.0),
        ({"nominal_capacity": 3.0, "minimum": [0.0, -0.8]}, 110.0),
        ({"nominal_capacity": 3.0, "bidirectional": True}, 110.0),
        ({"minimum": -1}, 20.0),
        ({"nominal_capacity": Invest(ep_costs=3), "minimum": -0.5}, 32.0),
        ({"nominal_capacity": Invest(ep_costs=3), "minimum": [0.0, -0.25]}, 44.0),
    ],
    ids=["capacity", "series", "old way", "free", "invested", "invested series"],
)
def test_both_directions(backend: str, flow: dict[str, Any], objective: float) -> None:
    """Of 4 at 10 per unit 2 are given back at the same: 3 x 10 + 100 - 20, or 40 - 20 if free.

    A capacity at 3 per unit is 4 and may give back half of it, 20 + 12; a quarter of it would be
    2 only with 8: 20 + 24.
    """
    found = solved(backend, surplus(0, 2, variable_costs=10.0, **flow))
    assert found.objective == pytest.approx(objective)


@pytest.mark.parametrize(("back", "objective"), [(True, 10.0), (False, 74.0)])
def test_both_directions_through_a_converter(backend: str, back: bool, objective: float) -> None:
    """8 of gas at 3 make 4: 24. Of 5 too much in the second step 4 make 8 of gas again: 24 - 24.

    The fifth goes away at 10; all five do where the output of the converter has one direction.
    """
    bus = solph.Bus(label="bus")
    gas = solph.Bus(label="gas")
    both = {"nominal_capacity": 10.0, "minimum": -1}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plant = solph.components.Converter(
            label="plant",
            inputs={gas: solph.Flow(**both)},
            outputs={bus: solph.Flow(**({**both, "nominal_capacity": 4.0} if back else {}))},
            conversion_factors={bus: 0.5},
        )
        well = source("well", gas, variable_costs=3.0, nominal_capacity=20.0, minimum=-0.6)
    nodes: Nodes = [bus, gas, plant, well, sink("dump", bus, variable_costs=10.0)]
    nodes.append(sink("demand", bus, nominal_capacity=1.0, fix=[4, 0]))
    nodes.append(source("fixed", bus, nominal_capacity=1.0, fix=[0, 5]))
    assert solved(backend, nodes).objective == pytest.approx(objective)


def test_link_with_input_in_both_directions(backend: str) -> None:
    """An output stays above zero though its input may be below: 4 at 1, and 2 too much at 9."""
    bus, other = solph.Bus(label="bus"), solph.Bus(label="other")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        link = solph.components.Link(
            label="link",
            inputs={other: solph.Flow(nominal_capacity=5.0, minimum=-1)},
            outputs={bus: solph.Flow()},
            conversion_factors={(other, bus): 0.5},
        )
        far = source("far", other, nominal_capacity=9.0, minimum=-1, variable_costs=1.0)
    nodes: Nodes = [bus, other, link, far, sink("dump", bus, variable_costs=9.0)]
    nodes.append(source("fixed", bus, nominal_capacity=1.0, fix=[0, 2]))
    nodes.append(sink("demand", bus, nominal_capacity=1.0, fix=[2, 0]))
    assert solved(backend, nodes).objective == pytest.approx(4.0 + 18.0)
