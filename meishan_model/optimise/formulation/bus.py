r"""Buses: what flows in flows out.

.. math::  \sum_i P_i(t) - \sum_o P_o(t) = 0

The dual is the price: the cost of one more unit of demand.
"""

from __future__ import annotations

import numpy as np
from oemof import solph

from .builder import ModelBuilder
from .expressions import Expression, Labels


def add_bus_rows(builder: ModelBuilder) -> dict[str, Labels]:
    """Balance of every bus in every time step; returns the row labels by bus.

    Parameters
    ----------
    builder
        The model with its columns.
    """
    graph = builder.graph
    rows: dict[str, Labels] = {}
    for bus in graph.of(solph.Bus):
        label = str(bus.label)
        parts = [builder.flow(e) for e in graph.into(bus)]
        parts += [builder.flow(e).times(-1.0) for e in graph.out_of(bus)]
        if not bus.balanced or not parts:
            rows[label] = np.full(graph.hours, -1, dtype=np.int64)
            continue
        rows[label] = builder.add_rows(f"balance({label})", Expression.join(parts), "=", 0.0)
    return rows
