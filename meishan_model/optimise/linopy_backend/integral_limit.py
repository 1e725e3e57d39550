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


def add_integral_limits(statement: Statement, limits: Mapping[str, float]) -> dict[str, int]:
    """Upper limit of the sum of each custom property; returns the row label by property.

    Parameters
    ----------
    statement
        The model with its columns.
    limits
        Upper limit by the name of the property.

    Raises
    ------
    InputError
        If no flow has the property.
    """
    rows = {}
    for keyword, limit in limits.items():
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
        name = f"integral_limit({keyword})"
        rows[keyword] = int(add_rows(statement.model, name, Terms.join(parts), "<=", limit)[0])
    return rows
