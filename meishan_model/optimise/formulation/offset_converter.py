r"""Offset converters: flows that are affine in one flow, which is on or off.

.. math::

    P(t) = P_{ref}(t) \, m(t) + \hat P_{ref}(t) \, y_{0,normed}(t)

for every other flow of the node, with :math:`\hat P_{ref}(t) = Y_{ref}(t) P_{nom,ref}` the status
times the capacity of the flow of reference, which is the one that is ``NonConvex``. A straight
line beside the origin makes an efficiency that depends on the load.

Nothing else holds such a line at part load: a converter whose flow of reference may be zero while
it is on gives :math:`\hat P_{ref} y_{0,normed}` of an output without taking anything. That is how
``solph.Model`` states it, and so it is stated here; :func:`gives_without_taking` finds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from oemof import solph

from .elements import as_array

if TYPE_CHECKING:
    from .builder import ModelBuilder
    from .reading import Graph


def add_offset_converters(builder: ModelBuilder) -> None:
    """Rows of all offset converters.

    Parameters
    ----------
    builder
        The model with the columns of the flows and their statuses.
    """
    graph = builder.graph
    for node in graph.of(solph.components.OffsetConverter):
        reference = _reference(graph, node)
        load, running = builder.flow(reference), builder.status_nominal[reference]
        ends = [(e, graph.edges[e][0]) for e in graph.into(node)]
        ends += [(e, graph.edges[e][1]) for e in graph.out_of(node)]
        for e, bus in ends:
            if e == reference:
                continue
            slope = graph.series(node.conversion_factors[bus])
            offset = graph.series(node.normed_offsets[bus])
            line = load.times(slope) + running.times(offset)
            builder.add_rows(f"relation({graph.name(e)})", builder.flow(e) - line, "=", 0.0)


def _reference(graph: Graph, node: Any) -> int:
    """Position of the flow to which the factors of a node refer."""
    other = node._reference_node
    at_input = node._reference_node_at_input
    return graph.inflow(other, node) if at_input else graph.inflow(node, other)


def gives_without_taking(node: Any, steps: int) -> bool:
    """Whether an offset converter can be on, take nothing and give something.

    Parameters
    ----------
    node
        An ``OffsetConverter``.
    steps
        Number of time steps.

    Notes
    -----
    Inputs and outputs per unit of capacity are straight lines over the load of reference. Where no
    input is above zero is an interval of loads, and an output that is above zero anywhere in it is
    so at one of its ends.
    """
    reference, at_input = node._reference_node, node._reference_node_at_input
    flow = (node.inputs if at_input else node.outputs)[reference]
    least, most = as_array(flow.minimum, steps), as_array(flow.maximum, steps, 1.0)
    if flow.fix is not None:
        least = most = as_array(flow.fix, steps)
    slopes, offsets = node.conversion_factors, node.normed_offsets
    lines = {
        side: [
            (as_array(slopes[bus], steps), as_array(offsets[bus], steps))
            for bus in buses
            if bus != reference
        ]
        for side, buses in (("inputs", node.inputs), ("outputs", node.outputs))
    }
    lines["inputs" if at_input else "outputs"].append((np.ones(steps), np.zeros(steps)))
    for slope, offset in lines["inputs"]:
        zero = -offset / np.where(slope == 0.0, 1.0, slope)
        most = np.where(slope > 0.0, np.minimum(most, zero), most)
        least = np.where(slope < 0.0, np.maximum(least, zero), least)
        most = np.where((slope == 0.0) & (offset > 0.0), -np.inf, most)
    given = [
        slope * load + offset > 0.0
        for slope, offset in lines["outputs"]
        for load in (least, np.maximum(most, least))
    ]
    return bool(((least <= most) & np.any(given, axis=0)).any())
