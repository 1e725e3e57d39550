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

from typing import Any

import numpy as np

from .affine import NONE, OWN
from .builder import ModelBuilder
from .elements import Floats, as_number
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
        capacity = builder.capacity(e)
        if capacity is not None:
            limits = flow.positive_gradient_limit, flow.negative_gradient_limit
            add_gradients(builder, e, limits, capacity)
        if flow.nominal_capacity is not None:
            add_full_load_times(builder, e, as_number(flow.nominal_capacity), graph.weights)
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


def add_gradients(
    builder: ModelBuilder, e: int, limits: tuple[Any, Any], capacity: Expression | float
) -> None:
    """Limits of the rise and of the fall of a flow from step to step, as shares of a capacity.

    By the correction ``gradient`` a start reaches the least load, and a stop leaves from it.
    """
    graph = builder.graph
    if graph.hours < 2 or all(limit is None for limit in limits):
        return
    terms, later = builder.flow(e), np.arange(graph.hours) > 0
    earlier = np.roll(later, -1)
    rise = terms.take(later) - terms.take(earlier)
    least = graph.series(graph.flows[e].minimum)
    running = builder.status_nominal.get(e) if "gradient" in builder.corrections else None
    for name, limit, sign, on, off in (
        ("positive_gradient", limits[0], 1.0, later, earlier),
        ("negative_gradient", limits[1], -1.0, earlier, later),
    ):
        if limit is not None:
            share = graph.series(limit)[later]
            most = capacity * share
            if running is not None:
                at_rest = capacity - running.take(off)
                most = most + at_rest * np.maximum(least[on] - share, 0.0)
            _limit(builder, f"{name}({graph.name(e)})", rise * sign, "<=", most)


def add_full_load_times(
    builder: ModelBuilder, e: int, capacity: Expression | float, weight: np.ndarray | float
) -> None:
    """Limits of the energy of a flow, each step with a weight, as hours at full load."""
    flow = builder.graph.flows[e]
    for name, hours, sign in (
        ("full_load_time_max", flow.full_load_time_max, "<="),
        ("full_load_time_min", flow.full_load_time_min, ">="),
    ):
        if hours is not None:
            total = energy(builder, builder.flow(e), weight)
            full = capacity * as_number(hours)
            _limit(builder, f"{name}({builder.graph.name(e)})", total, sign, full)


def _limit(
    builder: ModelBuilder,
    name: str,
    terms: Expression,
    sign: str,
    limit: Expression | Floats | float,
) -> None:
    """Rows of a limit that is a number, or stands on a capacity."""
    if isinstance(limit, Expression):
        builder.add_rows(name, terms - limit, sign, 0.0)
    else:
        builder.add_rows(name, terms, sign, limit)


def energy(
    builder: ModelBuilder, terms: Expression, weight: np.ndarray | float = 1.0
) -> Expression:
    """Sum of a flow over all time steps as one row, each with its length and a weight."""
    return terms.times(builder.graph.increments * weight).total()
