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

Where the power of charging falls from a share :math:`s` of the content on, to the fraction
:math:`f` of its maximum :math:`f_{max}(t) P_{nom}` in a full storage,

.. math::

    P_i(t) \le f_{max}(t) P_{nom} \left( f + \frac{1 - f}{1 - s}
              \left( 1 - \frac{E(t+1)}{c_{max}(t) E_{nom}} \right) \right)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from oemof import solph

from .builder import ModelBuilder
from .elements import Floats, as_array, as_number, first_of
from .expressions import Expression, unknown
from .investment_flow import add_investment


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
        if node.constant_soc_until is not None:
            _saturation(builder, node)


def _total(builder: ModelBuilder, node: Any, rows: int, factor: Floats | float) -> Expression:
    """The capacity of a storage, times a factor, in each of some rows [energy]."""
    factors = np.broadcast_to(np.asarray(factor, dtype=float), (rows,))
    if node.investment is None:
        nothing = np.zeros((rows, 1))
        capacity = as_number(node.nominal_storage_capacity)
        return Expression(np.full((rows, 1), -1, dtype=np.int64), nothing, factors * capacity)
    label = builder.storage_investment[str(node.label)]
    terms = unknown(label, rows, factors)
    existing = as_number(node.investment.existing)
    return Expression(terms.labels, terms.coefficients, factors * existing)


def _content(builder: ModelBuilder, node: Any) -> None:
    name, points = str(node.label), builder.graph.hours + 1
    least, most = (as_array(s, points) for s in (node.min_storage_level, node.max_storage_level))
    given = node.initial_storage_level
    initial = None if given is None else as_number(given)
    if node.investment is None:
        capacity = as_number(node.nominal_storage_capacity)
        lower, upper = least * capacity, most * capacity
        if initial is not None:
            lower[0] = upper[0] = initial * capacity
        if node.fixed_costs is not None:
            builder.cost_offset += first_of(node.fixed_costs) * capacity
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
    parts = [unknown(labels[1:], graph.hours), unknown(labels[:-1], graph.hours, -keep)]
    gain = graph.series(node.inflow_conversion_factor) * step
    drain = step / graph.series(node.outflow_conversion_factor)
    parts += [builder.flow(e).times(-gain) for e in graph.into(node)]
    parts += [builder.flow(e).times(drain) for e in graph.out_of(node)]
    relative = graph.series(node.fixed_losses_relative)
    if relative.any():
        parts.append(_total(builder, node, graph.hours, relative * step))
    lost = graph.series(node.fixed_losses_absolute) * step
    builder.add_rows(f"storage_balance({name})", Expression.join(parts), "=", -lost)
    if node.balanced is True:  # as solph has it; what else is true is refused
        ends = Expression.join([unknown(labels[-1:], 1), unknown(labels[:1], 1, -1.0)])
        builder.add_rows(f"balanced({name})", ends, "=", 0.0)


def _relations(builder: ModelBuilder, node: Any) -> None:
    graph, name = builder.graph, str(node.label)
    power = {"in": graph.into(node), "out": graph.out_of(node)}

    def total_power(side: str, factor: float) -> Expression:
        e = power[side][0]
        terms = unknown(builder.flow_investment[e], 1, factor)
        existing = as_number(graph.flows[e].investment.existing) * factor
        return Expression(terms.labels, terms.coefficients, np.array([existing]))

    for row, relation, side in (
        ("input_capacity", node.invest_relation_input_capacity, "in"),
        ("output_capacity", node.invest_relation_output_capacity, "out"),
    ):
        if relation is not None and node.investment is not None:
            ratio = first_of(relation)
            terms = Expression.join([total_power(side, 1.0), _total(builder, node, 1, -ratio)])
            builder.add_rows(f"{row}({name})", terms, "=", 0.0)
    if node.invest_relation_input_output is not None:
        ratio = first_of(node.invest_relation_input_output)
        terms = Expression.join([total_power("in", 1.0), total_power("out", -ratio)])
        builder.add_rows(f"input_output({name})", terms, "=", 0.0)


def _saturation(builder: ModelBuilder, node: Any) -> None:
    """The power of charging falls with the content after the step, above a share of it."""
    graph, name = builder.graph, str(node.label)
    least, start = as_number(node.fraction_saturation_charging), as_number(node.constant_soc_until)
    power = as_number(node.max_charge_capacity) * graph.series(node.relative_charge_limit, 1.0)
    full = as_number(node.nominal_storage_capacity) * graph.series(node.max_storage_level)
    fall = power * (1.0 - least) / (1.0 - start)
    content = unknown(builder.storage_content[name][1:], graph.hours, fall / full)
    charged = Expression.join([builder.flow(graph.into(node)[0]), content])
    builder.add_rows(f"saturation({name})", charged, "<=", fall + power * least)
