r"""Integral limits: the weighted sum of flows over the whole time.

.. math::  L \le \sum_e \sum_t w_e(t) \, P_e(t) \, \tau(t) \le U

where :math:`w_e` is the custom property of a flow that names the limit, for instance an emission
factor.
"""

from __future__ import annotations

from collections.abc import Mapping

from oemof.solph._plumbing import sequence

from meishan_model.errors import InputError
from meishan_model.optimise.linopy_backend.flow import yearly
from meishan_model.optimise.linopy_backend.rows import Terms, add_rows
from meishan_model.optimise.linopy_backend.statement import Statement
from meishan_model.optimise.problem import IntegralLimit, limit_range


def add_integral_limits(
    statement: Statement, limits: Mapping[str, IntegralLimit]
) -> tuple[dict[str, int], dict[str, int]]:
    """Limits of the sum of each custom property.

    Parameters
    ----------
    statement
        The model with its columns.
    limits
        Limit by the name of the property.

    Returns
    -------
    tuple of dict
        Label of the row of each upper, and of each lower limit; -1 where it is open.

    Raises
    ------
    InputError
        If no flow has the property, or the lower limit is above the upper one.
    """
    highest, lowest = {}, {}
    for keyword, limit in limits.items():
        lower, upper = limit_range(keyword, limit)
        parts = [
            yearly(
                statement,
                statement.flow(e),
                statement.graph.series(sequence(flow.custom_properties[keyword])),
            )
            for e, flow in enumerate(statement.graph.flows)
            if keyword in flow.custom_properties
        ]
        if not parts:
            raise InputError(f"no flow has the custom property {keyword}, which is limited")
        total, model = Terms.join(parts), statement.model
        highest[keyword] = int(
            add_rows(model, f"integral_limit({keyword})", total, "<=", upper)[0]
        )
        lowest[keyword] = int(
            add_rows(model, f"integral_minimum({keyword})", total, ">=", lower)[0]
        )
    return highest, lowest
