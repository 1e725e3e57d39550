r"""Every flow as an affine form of one unknown: what a graph pins is no unknown.

.. math::  P_e(t) = f_e(t) \, u_e(t) + c_e(t)

The unknown :math:`u_e` is the flow itself, another flow of the same converter or link, or the
capacity that has been invested into; a fixed flow has none. In solph each of these is a column
and a row in every time step that a solver's presolve has to find and remove again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from oemof import solph

from .elements import as_number
from .reading import Floats, Graph

OWN, CAPACITY, NONE = 0, 1, 2
"""Kinds of unknown: one of each time step (of the flow ``root``), an invested capacity, none."""


@dataclass
class AffineFlows:
    """Linear expressions of all flows, before the unknowns have columns.

    Attributes
    ----------
    kind, root
        Kind of unknown, and the flow that owns it, shape (flows,).
    factor, constant
        Of the form, shape (flows, steps).
    lower, upper
        Bounds of the flow's own value, shape (flows, steps).
    """

    kind: NDArray[np.int64]
    root: NDArray[np.int64]
    factor: Floats
    constant: Floats
    lower: Floats
    upper: Floats

    def is_free(self, flow: int) -> bool:
        """Whether a flow is its own unknown, and no other flow's.

        A flow between two converters or links belongs to both; only one of them may pin it.
        """
        own = bool(self.kind[flow] == OWN and self.root[flow] == flow)
        return own and int(np.count_nonzero(self.root == flow)) == 1

    def derive(self, flow: int, base: int, ratio: Floats) -> None:
        """Make a free flow the multiple ``ratio`` of another one, whose form is known."""
        self.kind[flow], self.root[flow] = self.kind[base], self.root[base]
        self.factor[flow] = self.factor[base] * ratio
        self.constant[flow] = self.constant[base] * ratio


def affine_flows(graph: Graph) -> AffineFlows:
    """Linear expressions of all flows by their own attributes; relations of nodes come after.

    Parameters
    ----------
    graph
        The graph.
    """
    count, hours = len(graph.flows), graph.hours
    affine = AffineFlows(
        kind=np.full(count, OWN, dtype=np.int64),
        root=np.arange(count, dtype=np.int64),
        factor=np.ones((count, hours)),
        constant=np.zeros((count, hours)),
        lower=np.zeros((count, hours)),
        upper=np.full((count, hours), np.inf),
    )
    for e, flow in enumerate(graph.flows):
        if flow.investment is not None:
            _invested(graph, affine, e, flow)
        elif flow.nominal_capacity is None:
            if flow.bidirectional:
                affine.lower[e] = -np.inf
        elif flow.fix is not None:
            affine.kind[e] = NONE
            affine.constant[e] = graph.series(flow.fix) * as_number(flow.nominal_capacity)
        else:
            capacity = as_number(flow.nominal_capacity)
            if flow.nonconvex is None:
                affine.lower[e] = graph.series(flow.minimum) * capacity
            elif flow.bidirectional:
                affine.lower[e] = -np.inf
            affine.upper[e] = graph.series(flow.maximum, 1.0) * capacity
    return affine


def _invested(graph: Graph, affine: AffineFlows, e: int, flow: solph.Flow) -> None:
    if flow.fix is not None:
        affine.kind[e] = CAPACITY
        affine.factor[e] = graph.series(flow.fix)
        affine.constant[e] = affine.factor[e] * as_number(flow.investment.existing)
        return
    # Where a share of the capacity is zero it bounds by zero, whatever is invested.
    affine.upper[e, graph.series(flow.maximum, 1.0) == 0] = 0.0
    if flow.bidirectional:
        affine.lower[e, graph.series(flow.minimum) != 0] = -np.inf


def pin_proportional(
    affine: AffineFlows, flows: list[int], ratios: list[Floats]
) -> Iterator[tuple[int, int, Floats, Floats]]:
    r"""Pin flows that stand in fixed proportions, :math:`P_a / r_a = P_b / r_b`.

    Parameters
    ----------
    affine
        Linear expressions; changed in place.
    flows
        Positions of the flows.
    ratios
        Their proportions, each of shape (steps,), all positive.

    Yields
    ------
    a, b, r_a, r_b
        Flows that are both known already, so that their proportion needs a row.
    """
    known = [i for i, e in enumerate(flows) if not affine.is_free(e)]
    base = known[0] if known else 0
    for i, flow in enumerate(flows):
        if i == base:
            continue
        if i in known:
            yield flow, flows[base], ratios[i], ratios[base]
            continue
        ratio = ratios[i] / ratios[base]
        if not known:
            # The bounds move to the flow that keeps its unknown, and leave this one.
            root = flows[base]
            affine.lower[root] = np.maximum(affine.lower[root], affine.lower[flow] / ratio)
            affine.upper[root] = np.minimum(affine.upper[root], affine.upper[flow] / ratio)
            affine.lower[flow], affine.upper[flow] = -np.inf, np.inf
        affine.derive(flow, flows[base], ratio)
