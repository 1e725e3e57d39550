"""Read a graph of oemof.solph; refuse by name what this backend does not state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from oemof import solph

from ..errors import ModelError
from ..problem import Edge

Floats: TypeAlias = NDArray[np.float64]

SUPPORTED = (
    solph.Bus,
    solph.components.Source,
    solph.components.Sink,
    solph.components.Converter,
    solph.components.Link,
    solph.components.GenericStorage,
)


@dataclass(frozen=True)
class Graph:
    """A graph with its flows in a fixed order.

    Attributes
    ----------
    nodes
        All nodes.
    edges
        ``(source, target)`` nodes of each flow.
    flows
        The ``solph.Flow`` of each edge.
    increments
        Length of each time step [h], shape (hours,).
    position
        Position of a flow by the labels of its ends.
    """

    nodes: tuple[Any, ...]
    edges: tuple[tuple[Any, Any], ...]
    flows: tuple[Any, ...]
    increments: Floats
    position: dict[Edge, int] = field(default_factory=dict)

    @property
    def hours(self) -> int:
        """Number of time steps."""
        return len(self.increments)

    def of(self, kind: type) -> list[Any]:
        """Nodes of one class, in the order of the graph."""
        return [node for node in self.nodes if type(node) is kind]

    def name(self, position: int) -> str:
        """Name of a flow by its position, for rows and messages."""
        return flow_name(self.edges[position])

    def inflow(self, source: Any, node: Any) -> int:
        """Position of the flow from a source into a node."""
        return self.position[str(source.label), str(node.label)]

    def series(self, sequence: Any, default: float = 0.0) -> Floats:
        """Values of one of solph's sequences in every time step; a scalar holds for all."""
        return as_array(sequence, self.hours, default)


def labels_of(edge: tuple[Any, Any]) -> Edge:
    """Labels of the nodes at the ends of a flow."""
    source, target = edge
    return str(source.label), str(target.label)


def flow_name(edge: tuple[Any, Any]) -> str:
    """Name of a flow by the nodes at its ends."""
    return "->".join(labels_of(edge))


def as_array(sequence: Any, length: int, default: float = 0.0) -> Floats:
    """Turn one of solph's sequences into an array.

    Parameters
    ----------
    sequence
        Array, or solph's stand-in for a scalar, or ``None``.
    length
        Number of values.
    default
        What ``None`` stands for.

    Raises
    ------
    ModelError
        If there are fewer values than needed.
    """
    if sequence is None:
        return np.full(length, default)
    if isinstance(sequence, np.ndarray):
        if len(sequence) < length:
            raise ModelError(f"a series has {len(sequence)} values, {length} are needed")
        return np.asarray(sequence[:length], dtype=float)
    return np.full(length, float(sequence[0]))


def read_graph(energy_system: solph.EnergySystem) -> Graph:
    """Read a graph.

    Parameters
    ----------
    energy_system
        The graph.

    Raises
    ------
    ModelError
        With everything in it that this backend does not state.
    """
    nodes = tuple(energy_system.nodes)
    flows = energy_system.flows()
    refused = [
        *_refused_settings(energy_system),
        *(reason for node in nodes for reason in _refused_node(node)),
        *(reason for edge, flow in flows.items() for reason in _refused_flow(edge, flow)),
    ]
    if refused:
        raise ModelError(
            "the linopy backend does not state: " + "; ".join(refused) + "; use backend pyomo"
        )
    edges = tuple(flows)
    return Graph(
        nodes=nodes,
        edges=edges,
        flows=tuple(flows.values()),
        increments=np.asarray(energy_system.timeincrement, dtype=float),
        position={labels_of(edge): i for i, edge in enumerate(edges)},
    )


def _refused_settings(energy_system: solph.EnergySystem) -> list[str]:
    names = Counter(str(node.label) for node in energy_system.nodes)
    refused = [f"{count} nodes named {name}" for name, count in names.items() if count > 1]
    flows = Counter(flow_name(edge) for edge in energy_system.flows())
    refused += [f"{count} flows named {name}" for name, count in flows.items() if count > 1]
    ends = {str(n.label) for node in energy_system.nodes for n in (*node.inputs, *node.outputs)}
    refused += [f"{name}: is connected but not in the graph" for name in sorted(ends - set(names))]
    if energy_system.periods is not None:
        refused.append("several periods")
    if energy_system.tsa_parameters is not None:
        refused.append("time series aggregation")
    return refused


def _refused_node(node: Any) -> list[str]:
    if type(node) not in SUPPORTED:
        return [f"{node.label}: {type(node).__name__}"]
    if type(node) is solph.components.Link:
        return [
            f"{node.label}: factor of {flow_name(pair)}, for which it has no flows"
            for pair in node.conversion_factors
            if pair[0] not in node.inputs or pair[1] not in node.outputs
        ]
    if type(node) is not solph.components.GenericStorage:
        return []
    refused = [
        f"{node.label}: {name}"
        for name in ("constant_soc_until", "lifetime_inflow", "lifetime_outflow")
        if getattr(node, name) is not None
    ]
    if node.investment is None and node.nominal_storage_capacity is None:
        refused.append(f"{node.label}: no capacity")
    if np.any(as_array(node.fixed_costs, 1) != 0):
        refused.append(f"{node.label}: fixed_costs")
    least = node.min_storage_level
    series = node.investment is not None and isinstance(least, np.ndarray)
    if series and least.any() and not least[:-1].sum() > 0:
        # solph drops all of them where those before the last one add up to nothing.
        refused.append(f"{node.label}: min_storage_level at the last point only")
    return refused + _refused_investment(str(node.label), node.investment)


def _refused_flow(edge: tuple[Any, Any], flow: Any) -> list[str]:
    name = flow_name(edge)
    refused = [
        f"{name}: {attribute}"
        for attribute in ("nonconvex", "lifetime", "age", "fixed_costs")
        if getattr(flow, attribute) is not None
    ]
    if flow.bidirectional:
        refused.append(f"{name}: negative minimum")
    least = flow.minimum
    series = flow.investment is not None and isinstance(least, np.ndarray)
    if series and least.any() and least.min() == 0:
        # solph drops all of them where one is zero.
        refused.append(f"{name}: minimum with investment that is zero in some time steps")
    gradients = (flow.positive_gradient_limit, flow.negative_gradient_limit)
    if flow.nominal_capacity is None and any(g is not None for g in gradients):
        kind = "with investment" if flow.investment is not None else "without nominal_capacity"
        refused.append(f"{name}: gradient limit {kind}")
    if flow.investment is not None and flow.integer:
        refused.append(f"{name}: integer with investment")
    return refused + _refused_investment(name, flow.investment)


def _refused_investment(name: str, investment: Any) -> list[str]:
    if investment is None:
        return []
    refused = [
        f"{name}: {attribute} of the investment"
        for attribute in ("overall_maximum", "overall_minimum", "lifetime", "fixed_costs")
        if getattr(investment, attribute) is not None
    ]
    if investment.age:
        refused.append(f"{name}: age of the investment")
    return refused
