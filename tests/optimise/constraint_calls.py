"""A call of every function of ``solph.constraints``, and an energy system that it changes.

``OWN_CALLS`` has the same calls of the engine's own functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oemof import solph
from other_times import built, several
from small_graphs import Nodes, served, sink, source, system, with_source, with_store

from meishan_model.optimise import Model, constraints

rows = solph.constraints


def _edges(model: Any, name: str) -> list[Any]:
    """Ends of the flows out of a source."""
    return [edge for edge in model.flows if str(edge[0].label) == name]


def _flows(model: Any, name: str) -> dict[Any, Any]:
    return {edge: model.flows[edge] for edge in _edges(model, name)}


def _node(model: Any, name: str) -> Any:
    return next(node for node in model.nodes if str(node.label) == name)


def invested() -> solph.EnergySystem:
    """A source that is invested into at 3 per unit, with properties to limit."""
    size = solph.Investment(ep_costs=3.0, custom_properties={"space": 2.0})
    properties = {"emission_factor": 1.0, "first": True}
    nodes = with_source((2, 4), nominal_capacity=size, custom_properties=properties)
    nodes[2].outputs[nodes[0]].custom_properties["second"] = True
    return system(nodes, (1.0, 1.0))


def on_or_off() -> solph.EnergySystem:
    """Two sources that are on or off."""
    flow = {"nominal_capacity": 3.0, "minimum": 0.1, "custom_properties": {"running": 1}}
    nodes = with_source((2, 4), nonconvex=solph.NonConvex(), variable_costs=1.0, **flow)
    other = source("other", nodes[0], nonconvex=solph.NonConvex(), variable_costs=2.0, **flow)
    return system([*nodes, other], (1.0, 1.0))


def stored() -> solph.EnergySystem:
    """A storage that holds 4."""
    return system(with_store((0, 4), (20, 0), nominal_capacity=9.0), (1.0, 1.0))


def layered() -> solph.EnergySystem:
    """A storage on a bus without balance, filled and emptied at levels of its own."""
    bus, nodes = served(1, 3)
    layers = solph.Bus(label="layers", balanced=False)
    tank = solph.components.GenericStorage(
        label="tank",
        inputs={layers: solph.Flow()},
        outputs={layers: solph.Flow()},
        nominal_capacity=4.0,
        initial_storage_level=0.5,
        storage_costs=[0.5, 0.5],
    )
    nodes += [layers, tank, sink("end", bus)]
    nodes.append(source("filler", layers, nominal_capacity=1.0, variable_costs=0.25))
    nodes.append(sink("tap", layers, nominal_capacity=2.0, variable_costs=-3.0))
    return system(nodes, (1.0, 1.0))


def periods() -> solph.EnergySystem:
    """Two periods with an investment and a property to limit."""
    made = several(2, size=built(), content=None)
    for flow in _named(made, "cheap"):
        flow.custom_properties["emission_factor"] = 1.0
    return made


def _named(made: solph.EnergySystem, name: str) -> Nodes:
    return [f for node in made.nodes if str(node.label) == name for f in node.outputs.values()]


CALLS: Mapping[str, tuple[Callable[[], solph.EnergySystem], Callable[[Any], Any]]] = {
    "generic_integral_limit": (
        invested,
        lambda m: rows.generic_integral_limit(
            m, "emission_factor", _flows(m, "cheap"), upper_limit=3.0, limit_name="own"
        ),
    ),
    "emission_limit": (invested, lambda m: rows.emission_limit(m, _flows(m, "cheap"), 3.0)),
    "investment_limit": (invested, lambda m: rows.investment_limit(m, limit=6.0)),
    "additional_investment_flow_limit": (
        invested,
        lambda m: rows.additional_investment_flow_limit(m, "space", limit=5.0),
    ),
    "equate_flows": (
        invested,
        lambda m: rows.equate_flows(m, _edges(m, "cheap"), _edges(m, "dear"), 0.5, "own"),
    ),
    "equate_flows_by_keyword": (
        invested,
        lambda m: rows.equate_flows_by_keyword(m, "first", "second", 0.5, "own"),
    ),
    "equate_variables": (
        invested,
        lambda m: rows.equate_variables(
            m, *(m.flow[(*_edges(m, name)[0], 1)] for name in ("cheap", "dear")), 0.5, "own"
        ),
    ),
    "shared_limit": (
        stored,
        lambda m: rows.shared_limit(
            *(m, m.GenericStorageBlock.storage_content, "own", [_node(m, "store")], [0.5]),
            *(0, 1.0),
        ),
    ),
    "limit_active_flow_count": (
        on_or_off,
        lambda m: rows.limit_active_flow_count(m, "own", _edges(m, "cheap"), 0, 0),
    ),
    "limit_active_flow_count_by_keyword": (
        on_or_off,
        lambda m: rows.limit_active_flow_count_by_keyword(m, "running", 0, 1),
    ),
    "storage_level_constraint": (
        layered,
        lambda m: rows.storage_level_constraint(
            *(m, "own", _node(m, "tank"), _node(m, "layers")),
            *({_node(m, "filler"): 0.25}, {_node(m, "tap"): 0.75}),
        ),
    ),
    "generic_periodical_integral_limit": (
        periods,
        lambda m: rows.generic_periodical_integral_limit(m, "emission_factor", limit=[2, 5]),
    ),
    "emission_limit_per_period": (
        periods,
        lambda m: rows.emission_limit_per_period(m, limit=[2, 5]),
    ),
    "investment_limit_per_period": (
        periods,
        lambda m: rows.investment_limit_per_period(m, limit=[20, 90]),
    ),
}


CHEAP, DEAR_ONE = [("cheap", "bus")], [("dear", "bus")]
OWN_CALLS: Mapping[str, Callable[[Model], Model]] = {
    "generic_integral_limit": lambda m: constraints.generic_integral_limit(
        m, "emission_factor", CHEAP, upper_limit=3.0, limit_name="own"
    ),
    "emission_limit": lambda m: constraints.emission_limit(m, CHEAP, 3.0),
    "investment_limit": lambda m: constraints.investment_limit(m, limit=6.0),
    "additional_investment_flow_limit": lambda m: constraints.additional_investment_flow_limit(
        m, "space", limit=5.0
    ),
    "equate_flows": lambda m: constraints.equate_flows(m, CHEAP, DEAR_ONE, 0.5, "own"),
    "equate_flows_by_keyword": lambda m: constraints.equate_flows_by_keyword(
        m, "first", "second", 0.5, "own"
    ),
    "equate_variables": lambda m: constraints.equate_variables(
        m, m.flow("cheap", "bus")[1], m.flow("dear", "bus")[1], 0.5, "own"
    ),
    "shared_limit": lambda m: constraints.shared_limit(
        m, m.content, "own", ["store"], [0.5], 0, 1.0
    ),
    "limit_active_flow_count": lambda m: constraints.limit_active_flow_count(
        m, "own", CHEAP, 0, 0
    ),
    "limit_active_flow_count_by_keyword": lambda m: constraints.limit_active_flow_count_by_keyword(
        m, "running", 0, 1
    ),
    "storage_level_constraint": lambda m: constraints.storage_level_constraint(
        m, "own", "tank", "layers", {"filler": 0.25}, {"tap": 0.75}
    ),
}
