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

import numpy as np

from meishan_model.optimise.linopy_backend.flow import yearly
from meishan_model.optimise.linopy_backend.reading import as_array
from meishan_model.optimise.linopy_backend.rows import Terms, add_rows, unknown
from meishan_model.optimise.linopy_backend.statement import Statement


def add_investment(statement: Statement, name: str, investment: Any) -> int:
    """Column of an invested capacity with its bounds and costs; returns its label.

    Parameters
    ----------
    statement
        The model.
    name
        Name of what is invested into.
    investment
        ``solph.Investment``.
    """
    least, most, price, fixed = (
        float(as_array(sequence, 1)[0])
        for sequence in (
            investment.minimum,
            investment.maximum,
            investment.ep_costs,
            investment.offset,
        )
    )
    # Neither what is invested nor the sum with what exists is negative.
    lower = 0.0 if investment.nonconvex else max(least, -float(investment.existing), 0.0)
    label = int(statement.variable(f"invest({name})", [lower], [most])[0])
    capacity = unknown(label, 1)
    statement.add_cost(capacity, price)
    if investment.nonconvex:
        status = int(statement.variable(f"status({name})", [0.0], [1.0], binary=True)[0])
        statement.add_cost(unknown(status, 1), fixed)
        for row, sign, limit in (("minimum", ">=", least), ("maximum", "<=", most)):
            terms = Terms.join([capacity, unknown(status, 1, -limit)])
            add_rows(statement.model, f"{row}_invest({name})", terms, sign, 0.0)
    return label


def add_flow_investments(statement: Statement) -> None:
    """Columns of all capacities of flows."""
    for e, flow in enumerate(statement.graph.flows):
        if flow.investment is not None:
            name = statement.graph.name(e)
            statement.flow_investment[e] = add_investment(statement, name, flow.investment)


def add_capacity_rows(statement: Statement) -> None:
    """What the capacities allow their flows."""
    graph = statement.graph
    for e, flow in enumerate(graph.flows):
        if flow.investment is None:
            continue
        name = graph.name(e)
        label, existing = statement.flow_investment[e], float(flow.investment.existing)
        terms = statement.flow(e)
        if flow.fix is None:
            for row, sign, share in (
                ("max", "<=", graph.series(flow.maximum, 1.0)),
                ("min", ">=", graph.series(flow.minimum)),
            ):
                # A share of zero bounds by zero, which the flow's own bounds say already.
                steps = share != 0
                if steps.any():
                    part = unknown(label, int(steps.sum()), -share[steps])
                    add_rows(
                        statement.model,
                        f"{row}({name})",
                        Terms.join([terms.take(steps), part]),
                        sign,
                        share[steps] * existing,
                    )
        for row, sign, hours in (
            ("full_load_time_max", "<=", flow.full_load_time_max),
            ("full_load_time_min", ">=", flow.full_load_time_min),
        ):
            if hours is not None:
                total = Terms.join([yearly(statement, terms), unknown(label, 1, -float(hours))])
                bound = float(hours) * existing
                add_rows(statement.model, f"{row}({name})", total, sign, np.array([bound]))
