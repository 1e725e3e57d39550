r"""Links: each output a multiple of an input.

.. math::  P_o(t) = c_{i,o}(t) \, P_i(t)

for every pair with a conversion factor.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from oemof import solph

from .affine import AffineFlows
from .converter import Tie
from .reading import Graph


def pin_links(graph: Graph, affine: AffineFlows) -> list[Tie]:
    """Pin the outputs of all links to their inputs; return the pairs that need rows.

    Parameters
    ----------
    graph
        The graph.
    affine
        Linear expressions of its flows; changed in place.
    """
    ties: list[Tie] = []
    for node in graph.of(solph.components.Link):
        pairs = {
            (graph.inflow(i, node), graph.inflow(node, o)): graph.series(factor)
            for (i, o), factor in node.conversion_factors.items()
        }
        uses = Counter(o for _, o in pairs)
        for (i, o), factor in pairs.items():
            unbounded = (affine.lower[o] <= 0).all() and np.isposinf(affine.upper[o]).all()
            if uses[o] == 1 and affine.is_free(o) and unbounded and (factor >= 0).all():
                affine.derive(o, i, factor)
            else:
                ties.append((str(node.label), o, i, factor, np.ones(graph.hours)))
    return ties
