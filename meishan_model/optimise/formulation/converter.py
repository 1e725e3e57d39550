r"""Converters: all flows of a node in fixed proportions.

.. math::  P_i(t) \, \eta_o(t) = P_o(t) \, \eta_i(t)

for every input i and output o. With positive factors this pins all flows to one of them and needs
no row; two flows that are pinned elsewhere already need one, and so do factors of zero.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from oemof import solph

from .affine import AffineFlows, pin_proportional
from .builder import ModelBuilder
from .expressions import Expression
from .reading import Floats, Graph

Tie = tuple[str, int, int, Floats, Floats]
"""Name, flows a and b, and the factors of ``r_b P_a = r_a P_b``."""


def pin_converters(graph: Graph, affine: AffineFlows) -> list[Tie]:
    """Pin the flows of all converters; return the proportions that need rows.

    Parameters
    ----------
    graph
        The graph.
    affine
        Linear expressions of its flows; changed in place.
    """
    ties: list[Tie] = []
    for node in graph.of(solph.components.Converter):
        into = [(e, graph.edges[e][0]) for e in graph.into(node)]
        out = [(e, graph.edges[e][1]) for e in graph.out_of(node)]
        factor = _factors(graph, node)
        if not into or not out:
            continue
        ends = [*into, *out]
        if all((factor(bus) > 0).all() for _, bus in ends):
            flows, ratios = [e for e, _ in ends], [factor(bus) for _, bus in ends]
            for a, b, r_a, r_b in pin_proportional(affine, flows, ratios):
                ties.append((str(node.label), a, b, r_a, r_b))
        else:
            ties += [
                (str(node.label), i, o, factor(input_bus), factor(output_bus))
                for o, output_bus in out
                for i, input_bus in into
            ]
    return ties


def _factors(graph: Graph, node: solph.components.Converter) -> Callable[[solph.Bus], Floats]:
    return lambda bus: graph.series(node.conversion_factors[bus])


def add_tie_rows(builder: ModelBuilder, ties: list[Tie]) -> None:
    """Rows ``r_b P_a - r_a P_b = 0`` of proportions that could not be pinned."""
    for number, (name, a, b, r_a, r_b) in enumerate(ties):
        left = builder.flow(a).times(r_b)
        right = builder.flow(b).times(-np.asarray(r_a))
        builder.add_rows(
            f"relation({name}, {number})",
            Expression.join([left, right]),
            "=",
            0.0,
        )
