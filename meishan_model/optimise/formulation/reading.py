"""Read an energy system of oemof.solph: its nodes, flows and time steps in a fixed order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..problem import Edge
from .elements import Floats as Floats
from .elements import as_array as as_array
from .elements import flow_name as flow_name
from .elements import labels_of as labels_of
from .elements import stated_as
from .typical_periods import TypicalPeriods, step_weights, typical_periods

if TYPE_CHECKING:
    from oemof import solph


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
        Length of each time step [time], shape (steps,).
    weights
        How often each time step is there, shape (steps,): as often as its typical period occurs
        where the time series are aggregated, or once.
    typical
        The typical periods; ``None`` where nothing is aggregated.
    position
        Position of a flow by the labels of its ends.
    """

    nodes: tuple[Any, ...]
    edges: tuple[tuple[Any, Any], ...]
    flows: tuple[Any, ...]
    increments: Floats
    weights: Floats
    typical: TypicalPeriods | None = None
    position: dict[Edge, int] = field(default_factory=dict)

    @property
    def hours(self) -> int:
        """Number of time steps."""
        return len(self.increments)

    @cached_property
    def _of(self) -> dict[type | None, list[Any]]:
        """Nodes by the class whose rows they have, in the order of the graph."""
        found: dict[type | None, list[Any]] = defaultdict(list)
        for node in self.nodes:
            found[stated_as(node)].append(node)
        return found

    @cached_property
    def _ends(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Positions of the flows into, and out of each node by its label."""
        into: dict[str, list[int]] = defaultdict(list)
        out: dict[str, list[int]] = defaultdict(list)
        for (source, target), place in self.position.items():
            out[source].append(place)
            into[target].append(place)
        return into, out

    def of(self, kind: type) -> list[Any]:
        """Nodes that have the rows of a class of solph, in the order of the graph."""
        return self._of.get(kind, [])

    def name(self, position: int) -> str:
        """Name of a flow by its position, for rows and messages."""
        return flow_name(self.edges[position])

    def into(self, node: Any) -> list[int]:
        """Positions of the flows into a node, in the order of the graph.

        The node itself keeps them in a set, whose order is another one in every run.
        """
        return self._ends[0].get(str(node.label), [])

    def out_of(self, node: Any) -> list[int]:
        """Positions of the flows out of a node, in the order of the graph."""
        return self._ends[1].get(str(node.label), [])

    def inflow(self, source: Any, node: Any) -> int:
        """Position of the flow from a source into a node."""
        return self.position[str(source.label), str(node.label)]

    def series(self, sequence: Any, default: float = 0.0) -> Floats:
        """Values of one of solph's sequences in every time step; a scalar holds for all."""
        return as_array(sequence, self.hours, default)


def read_graph(energy_system: solph.EnergySystem) -> Graph:
    """Read a graph, in which nothing is that the linopy backend does not state.

    Parameters
    ----------
    energy_system
        The graph.
    """
    flows = energy_system.flows()
    edges = tuple(flows)
    return Graph(
        nodes=tuple(energy_system.nodes),
        edges=edges,
        flows=tuple(flows.values()),
        increments=np.asarray(energy_system.timeincrement, dtype=float),
        weights=step_weights(energy_system),
        typical=typical_periods(energy_system),
        position={labels_of(edge): i for i, edge in enumerate(edges)},
    )
