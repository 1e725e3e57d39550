r"""Flows with investment: the capacity to be built and what it allows.

.. math::

    P_{total} &= P_{invest} + P_{exist} \\
    f_{min}(t) P_{total} \le P(t) &\le f_{max}(t) P_{total} \\
    F_{min} P_{total} \le \sum_t P(t) \tau &\le F_{max} P_{total} \\
    P_{invest,min} \le P_{invest} &\le P_{invest,max}

or, where the investment is not convex, with the binary :math:`b`

.. math::  P_{invest,min} \, b \le P_{invest} \le P_{invest,max} \, b

and the cost :math:`c_{var} P_{invest} + c_{fix} b`. A fixed profile is no row but a form,
:math:`P(t) = f_{fix}(t) P_{total}`.
"""

from __future__ import annotations

from typing import Any

from ..problem import Name
from .builder import ModelBuilder
from .elements import as_number, first_of, labels_of
from .expressions import Expression, unknown
from .flow import add_full_load_times


def add_investment(
    builder: ModelBuilder, owner: Name, investment: Any, *, with_existing: bool = True
) -> int:
    """Column of an invested capacity with its bounds and costs; returns its label.

    Parameters
    ----------
    builder
        The model.
    owner
        Label of the storage, or of both ends of the flow, that is invested into.
    investment
        ``solph.Investment``.
    with_existing
        Whether what exists counts.
    """
    name = owner if isinstance(owner, str) else "->".join(owner)
    least, most, price, fixed = (
        first_of(sequence)
        for sequence in (
            investment.minimum,
            investment.maximum,
            investment.ep_costs,
            investment.offset,
        )
    )
    # Neither what is invested nor the sum with what exists is negative.
    there = as_number(investment.existing) if with_existing else 0.0
    lower = max(-there, 0.0) if investment.nonconvex else max(least, -there, 0.0)
    label = int(builder.variable(f"invest({name})", [lower], [most])[0])
    capacity = unknown(label, 1)
    builder.add_cost(capacity, price)
    if investment.nonconvex:
        made = builder.variable(f"invest_status({name})", [0.0], [1.0], integer=True)
        status = unknown(made, 1)
        builder.keep(owner, invest_status=status)
        builder.add_cost(status, fixed)
        for row, sign, limit in (("minimum", ">=", least), ("maximum", "<=", most)):
            terms = capacity - status.times(limit)
            builder.add_rows(f"{row}_invest({name})", terms, sign, 0.0)
    return label


def add_flow_investments(builder: ModelBuilder) -> None:
    """Columns of all capacities of flows."""
    for e, flow in enumerate(builder.graph.flows):
        if flow.investment is not None:
            builder.flow_investment[e] = add_investment(
                builder,
                labels_of(builder.graph.edges[e]),
                flow.investment,
                # As in solph, which counts none of a flow that is on or off.
                with_existing=flow.nonconvex is None,
            )


def add_capacity_rows(builder: ModelBuilder) -> None:
    """What the capacities allow their flows."""
    graph = builder.graph
    for e, flow in enumerate(graph.flows):
        if flow.investment is None or flow.nonconvex is not None:
            continue
        name = graph.name(e)
        label, existing = builder.flow_investment[e], as_number(flow.investment.existing)
        terms = builder.flow(e)
        if flow.fix is None:
            for row, sign, share in (
                ("max", "<=", graph.series(flow.maximum, 1.0)),
                ("min", ">=", graph.series(flow.minimum)),
            ):
                # A share of zero bounds by zero, which the flow's own bounds say already.
                steps = share != 0
                if steps.any():
                    part = unknown(label, int(steps.sum()), -share[steps])
                    builder.add_rows(
                        f"{row}({name})",
                        Expression.join([terms.take(steps), part]),
                        sign,
                        share[steps] * existing,
                    )
        # As in solph, which counts each step of a typical period once here.
        add_full_load_times(builder, e, unknown(label, 1) + existing, 1.0)
