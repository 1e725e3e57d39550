r"""Flows: variable costs, bounds that could not move to an unknown, gradients, full-load times.

With :math:`P(t)` the flow, :math:`P_{nom}` its nominal capacity and :math:`\tau` the time step:

.. math::

    f_{min}(t) P_{nom} \le P(t) &\le f_{max}(t) P_{nom} \\
    P(t) - P(t-1) &\le g_+(t) P_{nom}, \quad P(t-1) - P(t) \le g_-(t) P_{nom} \quad (t > 0) \\
    F_{min} P_{nom} \le \sum_t P(t) \tau w(t) &\le F_{max} P_{nom}

and the cost :math:`\sum_t c(t) P(t) \tau w(t)`. The weight :math:`w(t)` is how often a step is
there: once, or as often as its typical period where the time series are aggregated.
"""

from __future__ import annotations

import numpy as np

from .affine import NONE, OWN
from .builder import ModelBuilder
from .elements import as_number
from .expressions import Expression


def add_flow_rows(builder: ModelBuilder) -> None:
    """Rows and costs of all flows.

    Parameters
    ----------
    builder
        The model with its columns.
    """
    graph = builder.graph
    for e, flow in enumerate(graph.flows):
        terms = builder.flow(e)
        price = graph.series(flow.variable_costs)
        if np.any(price):
            builder.add_cost(terms, price * graph.increments * graph.weights)
        _bounds(builder, e, terms)
        if flow.nominal_capacity is not None:
            _gradients(builder, e, terms)
            _full_load_time(builder, e, terms, as_number(flow.nominal_capacity))
        if flow.integer:
            whole = builder.variable(
                f"integer_flow_{e}", np.zeros(graph.hours), np.inf, integer=True
            )
            tie = Expression.join(
                [terms, Expression(whole[:, None], -np.ones((len(whole), 1)), 0 * price)]
            )
            builder.add_rows(f"integer_flow({graph.name(e)})", tie, "=", 0.0)


def _bounds(builder: ModelBuilder, e: int, terms: Expression) -> None:
    """Bounds of flows whose unknown is not their own."""
    affine = builder.affine
    if affine.kind[e] == OWN and affine.root[e] == e:
        return
    if affine.kind[e] == NONE and builder.graph.flows[e].fix is not None:
        return  # whatever it is fixed at, also below zero
    name = builder.graph.name(e)
    if np.isfinite(affine.upper[e]).any():
        builder.add_rows(f"upper({name})", terms, "<=", affine.upper[e])
    # Capacities and most flows are not negative: with factors and constants above zero neither is
    # what stands on them.
    below = (affine.factor[e] < 0).any() or (affine.constant[e] < affine.lower[e]).any()
    if affine.kind[e] == OWN:
        below |= (affine.lower[affine.root[e]] < 0).any()
    if below and np.isfinite(affine.lower[e]).any():
        builder.add_rows(f"lower({name})", terms, ">=", affine.lower[e])


def _gradients(builder: ModelBuilder, e: int, terms: Expression) -> None:
    graph, flow = builder.graph, builder.graph.flows[e]
    later = np.arange(graph.hours) > 0
    now, before = terms.take(later), terms.take(np.roll(later, -1))
    for name, limit, sign in (
        ("positive_gradient", flow.positive_gradient_limit, 1.0),
        ("negative_gradient", flow.negative_gradient_limit, -1.0),
    ):
        if limit is None or graph.hours < 2:
            continue
        change = Expression.join([now.times(sign), before.times(-sign)])
        most = graph.series(limit)[later] * as_number(flow.nominal_capacity)
        builder.add_rows(f"{name}({graph.name(e)})", change, "<=", most)


def _full_load_time(builder: ModelBuilder, e: int, terms: Expression, capacity: float) -> None:
    flow = builder.graph.flows[e]
    for name, hours, sign in (
        ("full_load_time_max", flow.full_load_time_max, "<="),
        ("full_load_time_min", flow.full_load_time_min, ">="),
    ):
        if hours is not None:
            total = energy(builder, terms, builder.graph.weights)
            label = f"{name}({builder.graph.name(e)})"
            builder.add_rows(label, total, sign, as_number(hours) * capacity)


def energy(
    builder: ModelBuilder, terms: Expression, weight: np.ndarray | float = 1.0
) -> Expression:
    """Sum of a flow over all time steps as one row, each with its length and a weight."""
    return terms.times(builder.graph.increments * weight).total()
