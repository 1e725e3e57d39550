"""Flows of nodes that keep them by what they are for, such as ``fuel_input``.

Solph adds all of them to the inputs or outputs of the node, and states the first of each side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .builder import ModelBuilder
    from .expressions import Expression


def first_flow(node: Any, side: str) -> Any:
    """The flow that counts at a side of a node, which is the first one; ``None`` without any."""
    return next(iter(getattr(node, side).values()), None)


def flow_at(builder: ModelBuilder, node: Any, side: str) -> Expression:
    """The flow at a side of a node as terms of rows, never negative whatever else it may be.

    Parameters
    ----------
    builder
        The model with the columns of the flows.
    node
        The node.
    side
        Its attribute, which ends with ``input`` or ``output``.
    """
    graph, bus = builder.graph, next(iter(getattr(node, side)))
    e = graph.inflow(bus, node) if side.endswith("input") else graph.inflow(node, bus)
    terms, flow = builder.flow(e), graph.flows[e]
    if flow.bidirectional or flow.fix is not None:
        builder.add_rows(f"{side}({node.label})", terms, ">=", 0.0)
    return terms
