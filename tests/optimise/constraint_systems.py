"""Small systems whose flows, capacities and plants that are on or off are limited."""

from __future__ import annotations

from typing import Any

from oemof import solph
from small_graphs import source, system, with_source

from meishan_model.optimise import Model

CHEAP, DEAR, OTHER = (("cheap", "bus"), ("dear", "bus"), ("other", "bus"))


def plants(demand: tuple[float, ...] = (3, 6), steps: tuple[float, ...] = (1, 1)) -> Model:
    """A demand, a plant at 1, another at 2, and a dear one at 100."""
    properties = {"emission_factor": 1.0, "ours": True}
    nodes = with_source(demand, variable_costs=1.0, custom_properties=properties)
    properties = {"emission_factor": [1.0] * len(demand)}
    nodes.append(source("other", nodes[0], variable_costs=2.0, custom_properties=properties))
    nodes[2].outputs[nodes[0]].custom_properties["theirs"] = 0
    return Model(system(nodes, steps))


def built(**more: Any) -> Model:
    """A demand of 2 and 4, a source that is built at 3 a unit, and a dear one at 100."""
    size = solph.Investment(ep_costs=3.0, custom_properties={"space": 2.0}, **more)
    return Model(system(with_source((2, 4), nominal_capacity=size), (1.0, 1.0)))


def on_or_off(demand: tuple[float, ...], **flow: Any) -> Model:
    """Plants of 3 at 1 and at 2 that are on or off, and a dear one at 100."""
    flow |= {"nominal_capacity": 3.0, "custom_properties": {"running": 1}}
    nodes = with_source(demand, nonconvex=solph.NonConvex(), variable_costs=1.0, **flow)
    nodes.append(
        source("other", nodes[0], nonconvex=solph.NonConvex(), variable_costs=2.0, **flow)
    )
    return Model(system(nodes, [1.0] * len(demand)))
