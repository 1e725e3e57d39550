r"""Storages: content, losses, what capacity allows, relations between power and content.

.. math::

    E(t+1) &= E(t) (1 - \beta(t))^{\tau} + \eta_i(t) P_i(t) \tau - P_o(t) \tau / \eta_o(t)
              - \gamma(t) E_{total} \tau - \delta(t) \tau \\
    c_{min}(t) E_{total} &\le E(t) \le c_{max}(t) E_{total} \\
    E(0) &= c_0 E_{total} \;\text{where given}, \qquad E(T) = E(0) \;\text{where balanced}

with :math:`E_{total}` the nominal capacity, or :math:`E_{invest} + E_{exist}`, and

.. math::

    P_{i,total} = r_{cap,in} E_{total}, \quad P_{o,total} = r_{cap,out} E_{total}, \quad
    P_{i,total} = r_{in,out} P_{o,total}
"""

from __future__ import annotations

from typing import Any

import numpy as np
from oemof import solph

from .builder import ModelBuilder
from .expressions import Expression, unknown
from .investment_flow import add_investment
from .reading import Floats, as_array


def add_storages(builder: ModelBuilder) -> None:
    """Columns and rows of all storages.

    Parameters
    ----------
    builder
        The model with the columns of the flows.
    """
    for node in builder.graph.of(solph.components.GenericStorage):
        if node.investment is not None:
            builder.storage_investment[str(node.label)] = add_investment(
                builder, str(node.label), node.investment
            )
        _content(builder, node)
        _balance(builder, node)
        _relations(builder, node)


def _total(builder: ModelBuilder, node: Any, rows: int, factor: Floats | float) -> Expression:
    """The capacity of a storage, times a factor, in each of some rows [MWh]."""
    factors = np.broadcast_to(np.asarray(factor, dtype=float), (rows,))
    if node.investment is None:
        nothing = np.zeros((rows, 1))
        capacity = float(node.nominal_storage_capacity)
        return Expression(np.full((rows, 1), -1, dtype=np.int64), nothing, factors * capacity)
    label = builder.storage_investment[str(node.label)]
    terms = unknown(label, rows, factors)
    return Expression(terms.labels, terms.coefficients, factors * float(node.investment.existing))


def _content(builder: ModelBuilder, node: Any) -> None:
    name, points = str(node.label), builder.graph.hours + 1
    least, most = (as_array(s, points) for s in (node.min_storage_level, node.max_storage_level))
    initial = node.initial_storage_level
    if node.investment is None:
        capacity = float(node.nominal_storage_capacity)
        lower, upper = least * capacity, most * capacity
        if initial is not None:
            lower[0] = upper[0] = float(initial) * capacity
        builder.storage_content[name] = builder.variable(f"content({name})", lower, upper)
    else:
        labels = builder.variable(f"content({name})", np.zeros(points), np.inf)
        builder.storage_content[name] = labels
        content, most_content = unknown(labels, points), _total(builder, node, points, most)
        above = Expression.join([content, most_content.times(-1.0)])
        builder.add_rows(f"max_content({name})", above, "<=", 0.0)
        if least.any():
            least_content = _total(builder, node, points, least)
            below = Expression.join([content, least_content.times(-1.0)])
            builder.add_rows(f"min_content({name})", below, ">=", 0.0)
        first = Expression.join(
            [
                unknown(labels[:1], 1),
                _total(builder, node, 1, 1.0 if initial is None else initial).times(-1.0),
            ]
        )
        sign = "<=" if initial is None else "="
        builder.add_rows(f"initial_content({name})", first, sign, 0.0)
    if node.storage_costs is not None:
        price = as_array(node.storage_costs, points - 1)
        labels = builder.storage_content[name]
        builder.add_cost(unknown(labels[1:], points - 1), price)


def _balance(builder: ModelBuilder, node: Any) -> None:
    graph, name = builder.graph, str(node.label)
    step, labels = graph.increments, builder.storage_content[name]
    keep = (1.0 - graph.series(node.loss_rate)) ** step
    source, target = next(iter(node.inputs), None), next(iter(node.outputs), None)
    parts = [unknown(labels[1:], graph.hours), unknown(labels[:-1], graph.hours, -keep)]
    if source is not None:
        gain = graph.series(node.inflow_conversion_factor) * step
        parts.append(builder.flow(graph.inflow(source, node)).times(-gain))
    if target is not None:
        drain = step / graph.series(node.outflow_conversion_factor)
        parts.append(builder.flow(graph.inflow(node, target)).times(drain))
    relative = graph.series(node.fixed_losses_relative)
    if relative.any():
        parts.append(_total(builder, node, graph.hours, relative * step))
    lost = graph.series(node.fixed_losses_absolute) * step
    builder.add_rows(f"storage_balance({name})", Expression.join(parts), "=", -lost)
    if node.balanced:
        ends = Expression.join([unknown(labels[-1:], 1), unknown(labels[:1], 1, -1.0)])
        builder.add_rows(f"balanced({name})", ends, "=", 0.0)


def _relations(builder: ModelBuilder, node: Any) -> None:
    graph, name = builder.graph, str(node.label)
    power = {
        "in": [graph.inflow(source, node) for source in node.inputs],
        "out": [graph.inflow(node, target) for target in node.outputs],
    }

    def total_power(side: str, factor: float) -> Expression:
        e = power[side][0]
        terms = unknown(builder.flow_investment[e], 1, factor)
        existing = float(graph.flows[e].investment.existing) * factor
        return Expression(terms.labels, terms.coefficients, np.array([existing]))

    for row, relation, side in (
        ("input_capacity", node.invest_relation_input_capacity, "in"),
        ("output_capacity", node.invest_relation_output_capacity, "out"),
    ):
        if relation is not None and node.investment is not None:
            ratio = float(as_array(relation, 1)[0])
            terms = Expression.join([total_power(side, 1.0), _total(builder, node, 1, -ratio)])
            builder.add_rows(f"{row}({name})", terms, "=", 0.0)
    if node.invest_relation_input_output is not None:
        ratio = float(as_array(node.invest_relation_input_output, 1)[0])
        terms = Expression.join([total_power("in", 1.0), total_power("out", -ratio)])
        builder.add_rows(f"input_output({name})", terms, "=", 0.0)
