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
from .expressions import Expression, Labels, unknown
from .investment_flow import add_investment


def add_storages(builder: ModelBuilder) -> None:
    """Columns and rows of all storages.

    Parameters
    ----------
    builder
        The model with the columns of the flows.
    """
    for node in builder.graph.of(solph.components.GenericStorage):
        add_storage_capacity(builder, node)
        _content(builder, node)
        labels = builder.storage_content[str(node.label)]
        add_balance(builder, node, labels[:-1], labels[1:])
        if node.balanced is True:  # as solph has it; what else is true is refused
            add_balanced(builder, node, labels)
        add_relations(builder, node)
        if node.constant_soc_until is not None:
            _saturation(builder, node)


def add_storage_capacity(builder: ModelBuilder, node: Any) -> None:
    """Column of the capacity of a storage if it is invested into, or its fixed costs.

    Parameters
    ----------
    builder
        The model.
    node
        The storage.
    """
    if node.investment is not None:
        name = str(node.label)
        builder.storage_investment[name] = add_investment(builder, name, node.investment)
    elif node.fixed_costs is not None:
        capacity = as_number(node.nominal_storage_capacity)
        builder.cost_offset += first_of(node.fixed_costs) * capacity


def total_capacity(
    builder: ModelBuilder, node: Any, rows: int, factor: Floats | float
) -> Expression:
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
        builder.storage_content[name] = builder.variable(f"content({name})", lower, upper)
    else:
        labels = builder.variable(f"content({name})", np.zeros(points), np.inf)
        builder.storage_content[name] = labels
        content, most_content = (
            unknown(labels, points),
            total_capacity(builder, node, points, most),
        )
        above = Expression.join([content, most_content.times(-1.0)])
        builder.add_rows(f"max_content({name})", above, "<=", 0.0)
        if least.any():
            least_content = total_capacity(builder, node, points, least)
            below = Expression.join([content, least_content.times(-1.0)])
            builder.add_rows(f"min_content({name})", below, ">=", 0.0)
        first = Expression.join(
            [
                unknown(labels[:1], 1),
                total_capacity(builder, node, 1, 1.0 if initial is None else initial).times(-1.0),
            ]
        )
        sign = "<=" if initial is None else "="
        builder.add_rows(f"initial_content({name})", first, sign, 0.0)
    if node.storage_costs is not None:
        price = as_array(node.storage_costs, points - 1)
        labels = builder.storage_content[name]
        builder.add_cost(unknown(labels[1:], points - 1), price)


def add_balance(builder: ModelBuilder, node: Any, before: Labels, after: Labels) -> None:
    """Rows from the content before each time step to that after it.

    Parameters
    ----------
    builder
        The model.
    node
        The storage.
    before, after
        Columns of the content, shape (steps,); -1 where it is zero.
    """
    graph, name = builder.graph, str(node.label)
    step = graph.increments
    keep = np.where(before >= 0, (1.0 - graph.series(node.loss_rate)) ** step, 0.0)
    parts = [unknown(after, graph.hours), unknown(before, graph.hours, -keep)]
    gain = graph.series(node.inflow_conversion_factor) * step
    drain = step / graph.series(node.outflow_conversion_factor)
    parts += [builder.flow(e).times(-gain) for e in graph.into(node)]
    parts += [builder.flow(e).times(drain) for e in graph.out_of(node)]
    relative = graph.series(node.fixed_losses_relative)
    if relative.any():
        parts.append(total_capacity(builder, node, graph.hours, relative * step))
    lost = graph.series(node.fixed_losses_absolute) * step
    builder.add_rows(f"storage_balance({name})", Expression.join(parts), "=", -lost)


def add_balanced(builder: ModelBuilder, node: Any, content: Labels) -> None:
    """Row that ties the last content of a storage, of those in some columns, to the first."""
    ends = unknown(content[-1:], 1) - unknown(content[:1], 1)
    builder.add_rows(f"balanced({node.label})", ends, "=", 0.0)


def add_relations(builder: ModelBuilder, node: Any) -> None:
    """Rows of the relations between the capacities of a storage and of its flows."""
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
            terms = Expression.join(
                [total_power(side, 1.0), total_capacity(builder, node, 1, -ratio)]
            )
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
