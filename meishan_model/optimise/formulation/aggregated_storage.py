r"""Storages of aggregated time series: a content between periods, and its change within each.

The original periods :math:`i = 0 \ldots N - 1` are typical periods :math:`k_i` of :math:`T` time
steps each. A storage has a content :math:`E_{inter}(i)` before each original period, and in each
typical period a change :math:`\Delta_k(g)` since its beginning, which is the same whenever the
period occurs. With :math:`t = k T + g`, the time step of a typical period,

.. math::

    \Delta_k(0) &= 0 \\
    \Delta_k(g+1) &= \Delta_k(g) (1 - \beta(t))^{\tau(t)} + \eta_i(t) P_i(t) \tau(t)
              - P_o(t) \tau(t) / \eta_o(t) - \gamma(t) E_{total} \tau(t) - \delta(t) \tau(t) \\
    E_{inter}(i+1) &= E_{inter}(i) \, \lambda_{k_i} + \Delta_{k_i}(T), \qquad E_{inter}(i) \ge 0

What is there at a step :math:`g` of an original period is the sum of what is left of the content
before it and of the change, which has its levels at each of the original steps
:math:`t_i = i T + g`,

.. math::

    c_{min}(t_i) E_{total} \le E_{inter}(i) (1 - \beta(t_i))^{g \, \tau(k_i T + g)}
              + \Delta_{k_i}(g) \le c_{max}(t_i) E_{total}

so that a series of losses or levels has a value for each original step. What is kept over a whole
period is

.. math::

    \lambda_k = \prod_g (1 - \beta(k T + g))^{\tau(k T + g)}, \qquad
    \lambda_k = (1 - \beta(k T + T - 1))^{\tau(k T + T - 1) \, T}

with a capacity that is a number, and with one that is invested into; the former without
:math:`\tau` where there are no segments. A capacity that is a number may have an initial content,
:math:`E_{inter}(0) = c_0 E_{nom}`, and be balanced, :math:`E_{inter}(N) = E_{inter}(0)`. One that
is invested into is never balanced. All of this is as in ``solph.Model``, also where steps are not
of one length, for which its exponents are not the time that has passed.

The method is that of Kotzur, Markewitz, Robinius and Stolten, Time series aggregation for energy
system design: modeling seasonal storage, Applied Energy 213, 2018, 123-135.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from oemof import solph

from .builder import ModelBuilder
from .elements import Floats, as_array, as_number
from .expressions import Expression, Labels, unknown
from .storage import (
    add_balance,
    add_balanced,
    add_relations,
    add_storage_capacity,
    total_capacity,
)
from .typical_periods import TypicalPeriods


def add_aggregated_storages(builder: ModelBuilder, typical: TypicalPeriods) -> None:
    """Columns and rows of all storages of aggregated time series.

    Parameters
    ----------
    builder
        The model with the columns of the flows.
    typical
        The typical periods of the graph.
    """
    for node in builder.graph.of(solph.components.GenericStorage):
        add_storage_capacity(builder, node)
        between, change = _contents(builder, node, typical)
        add_balance(builder, node, change[:, :-1].ravel(), change[:, 1:].ravel())
        _add_periods(builder, node, typical, between, change)
        _add_levels(builder, node, typical, between, change)
        if node.balanced is True and node.investment is None:
            add_balanced(builder, node, between)
        add_relations(builder, node)


def _contents(builder: ModelBuilder, node: Any, typical: TypicalPeriods) -> tuple[Labels, Labels]:
    """Columns of the contents between periods, and of the changes, shape (periods, points)."""
    name, points = str(node.label), len(typical.order) + 1
    lower, upper = np.zeros(points), np.full(points, np.inf)
    if node.initial_storage_level is not None:  # never with an investment
        initial = as_number(node.initial_storage_level)
        lower[0] = upper[0] = initial * as_number(node.nominal_storage_capacity)
    between = builder.variable(f"inter_storage_content({name})", lower, upper)
    builder.keep(name, inter_storage_content=unknown(between, points))
    endless = np.full((typical.count, typical.steps), np.inf)
    change = np.full((typical.count, typical.steps + 1), -1, dtype=np.int64)
    change[:, 1:] = builder.variable(f"intra_storage_delta({name})", -endless, endless)
    return between, change


def _add_periods(
    builder: ModelBuilder, node: Any, typical: TypicalPeriods, between: Labels, change: Labels
) -> None:
    """Rows from the content before each original period to that after it."""
    count = len(typical.order)
    shape = typical.count, typical.steps
    kept = 1.0 - builder.graph.series(node.loss_rate).reshape(shape)
    lasts = builder.graph.increments.reshape(shape)
    if node.investment is not None:
        left = kept[:, -1] ** (lasts[:, -1] * typical.steps)
    else:
        left = np.prod(kept ** (lasts if typical.segmented else 1.0), axis=1)
    after = unknown(between[1:], count) - unknown(between[:-1], count, left[typical.order])
    changed = unknown(change[typical.order, -1], count)
    builder.add_rows(f"inter_balance({node.label})", after - changed, "=", 0.0)


def _add_levels(
    builder: ModelBuilder, node: Any, typical: TypicalPeriods, between: Labels, change: Labels
) -> None:
    """Rows that keep the content at each original step within its levels."""
    rows = typical.step_of.size

    def original(sequence: Any) -> Floats:
        return as_array(sequence, rows)

    passed = np.arange(typical.steps) * builder.graph.increments[typical.step_of]
    left = (1.0 - original(node.loss_rate)) ** passed.ravel()
    changed = change[typical.order, :-1].ravel()
    content = unknown(np.repeat(between[:-1], typical.steps), rows, left) + unknown(
        changed, rows, (changed >= 0).astype(float)
    )
    for row, sign, level in (
        ("max_content", "<=", node.max_storage_level),
        ("min_content", ">=", node.min_storage_level),
    ):
        limit = total_capacity(builder, node, rows, original(level))
        invested = Expression(limit.labels, -limit.coefficients, np.zeros(rows))
        builder.add_rows(f"{row}({node.label})", content + invested, sign, limit.constant)
