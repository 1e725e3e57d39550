r"""Integral limits: the weighted sum of flows over the whole time.

.. math::  L \le \sum_e \sum_t w_e(t) \, P_e(t) \, \tau(t) \le U

where :math:`w_e` is the custom property of a flow that names the limit, for instance an emission
factor.
"""

from __future__ import annotations

from collections.abc import Mapping

from oemof.solph._plumbing import sequence

from ..errors import ModelError
from ..problem import IntegralLimit, limit_range
from .builder import ModelBuilder
from .expressions import Expression
from .flow import energy


def add_integral_limits(
    builder: ModelBuilder, limits: Mapping[str, IntegralLimit]
) -> tuple[dict[str, int], dict[str, int]]:
    """Limits of the sum of each custom property.

    Parameters
    ----------
    builder
        The model with its columns.
    limits
        Limit by the name of the property.

    Returns
    -------
    tuple of dict
        Label of the row of each upper, and of each lower limit; -1 where it is open.

    Raises
    ------
    ModelError
        If no flow has the property, or the lower limit is above the upper one.
    """
    highest, lowest = {}, {}
    for keyword, limit in limits.items():
        lower, upper = limit_range(keyword, limit)
        parts = [
            energy(
                builder,
                builder.flow(e),
                builder.graph.series(sequence(flow.custom_properties[keyword])),
            )
            for e, flow in enumerate(builder.graph.flows)
            if keyword in flow.custom_properties
        ]
        if not parts:
            raise ModelError(f"no flow has the custom property {keyword}, which is limited")
        total = Expression.join(parts)
        highest[keyword] = int(
            builder.add_rows(f"integral_limit({keyword})", total, "<=", upper)[0]
        )
        lowest[keyword] = int(
            builder.add_rows(f"integral_minimum({keyword})", total, ">=", lower)[0]
        )
    return highest, lowest
