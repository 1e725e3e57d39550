r"""Flows: variable costs, bounds that could not move to an unknown, gradients, full-load times.

With :math:`P(t)` the flow, :math:`P_{nom}` its nominal capacity and :math:`\tau` the time step:

.. math::

    f_{min}(t) P_{nom} \le P(t) &\le f_{max}(t) P_{nom} \\
    P(t) - P(t-1) &\le g_+(t) P_{nom}, \quad P(t-1) - P(t) \le g_-(t) P_{nom} \quad (t > 0) \\
    F_{min} P_{nom} \le \sum_t P(t) \tau &\le F_{max} P_{nom}
"""

from __future__ import annotations

import numpy as np

from meishan_model.optimise.linopy_backend.forms import NONE, OWN
from meishan_model.optimise.linopy_backend.rows import Terms, add_rows
from meishan_model.optimise.linopy_backend.statement import Statement


def add_flow_rows(statement: Statement) -> None:
    """Rows and costs of all flows.

    Parameters
    ----------
    statement
        The model with its columns.
    """
    graph = statement.graph
    for e, flow in enumerate(graph.flows):
        terms = statement.flow(e)
        price = graph.series(flow.variable_costs)
        if np.any(price):
            statement.add_cost(terms, price * graph.increments)
        _bounds(statement, e, terms)
        if flow.nominal_capacity is not None:
            _gradients(statement, e, terms)
            _full_load_time(statement, e, terms, flow.nominal_capacity)
        if flow.integer:
            whole = statement.variable(
                f"integer_flow_{e}", np.zeros(graph.hours), np.inf, integer=True
            )
            tie = Terms.join([terms, Terms(whole[:, None], -np.ones((len(whole), 1)), 0 * price)])
            add_rows(statement.model, f"integer_flow({graph.name(e)})", tie, "=", 0.0)


def _bounds(statement: Statement, e: int, terms: Terms) -> None:
    """Bounds of flows whose unknown is not their own."""
    forms = statement.forms
    if forms.kind[e] == OWN and forms.root[e] == e:
        return
    if forms.kind[e] == NONE and statement.graph.flows[e].fix is not None:
        return  # whatever it is fixed at, also below zero
    name = statement.graph.name(e)
    if np.isfinite(forms.upper[e]).any():
        add_rows(statement.model, f"upper({name})", terms, "<=", forms.upper[e])
    # Capacities are not negative: a flow with factors and constants above zero is neither.
    below = (forms.factor[e] < 0).any() or (forms.constant[e] < forms.lower[e]).any()
    if below and np.isfinite(forms.lower[e]).any():
        add_rows(statement.model, f"lower({name})", terms, ">=", forms.lower[e])


def _gradients(statement: Statement, e: int, terms: Terms) -> None:
    graph, flow = statement.graph, statement.graph.flows[e]
    later = np.arange(graph.hours) > 0
    now, before = terms.take(later), terms.take(np.roll(later, -1))
    for name, limit, sign in (
        ("positive_gradient", flow.positive_gradient_limit, 1.0),
        ("negative_gradient", flow.negative_gradient_limit, -1.0),
    ):
        if limit is None or graph.hours < 2:
            continue
        change = Terms.join([now.times(sign), before.times(-sign)])
        most = graph.series(limit)[later] * flow.nominal_capacity
        add_rows(statement.model, f"{name}({graph.name(e)})", change, "<=", most)


def _full_load_time(statement: Statement, e: int, terms: Terms, capacity: float) -> None:
    flow = statement.graph.flows[e]
    for name, hours, sign in (
        ("full_load_time_max", flow.full_load_time_max, "<="),
        ("full_load_time_min", flow.full_load_time_min, ">="),
    ):
        if hours is not None:
            total = yearly(statement, terms)
            label = f"{name}({statement.graph.name(e)})"
            add_rows(statement.model, label, total, sign, float(hours) * capacity)


def yearly(statement: Statement, terms: Terms, weight: np.ndarray | float = 1.0) -> Terms:
    """Sum of a flow over all time steps as one row, each with its length and a weight."""
    weighted = terms.times(statement.graph.increments * weight)
    return Terms(
        weighted.labels.reshape(1, -1),
        weighted.coefficients.reshape(1, -1),
        np.array([weighted.constant.sum()]),
    )
