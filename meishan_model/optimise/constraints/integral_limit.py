r"""Integral limits: the weighted sum of flows over the whole time.

.. math::  LB \le \sum_{e \in F} \sum_t P_e(t) \, w_e(t) \, \tau(t) \le UB

where :math:`w_e` is the custom property of a flow that the constraint is named after, and
:math:`\tau` the length of a time step. What limits all flows with a property may as well be given
to the model, as ``Model(energy_system, {"emission_factor": 100.0})``; its price is then in
``solution.limit_price``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from oemof.solph._plumbing import sequence

from ..formulation.elements import as_array
from ..formulation.expressions import Expression
from ..formulation.values import refuse_property
from .arguments import add_limits, flows_with, for_both_backends

if TYPE_CHECKING:
    from ..model import Model


@for_both_backends
def generic_integral_limit(
    om: Model,
    keyword: str,
    flows: Iterable[Any] | None = None,
    upper_limit: float | None = None,
    lower_limit: float | None = None,
    limit: float | None = None,
    limit_name: str | None = None,
) -> Model:
    """Limit the sum of a custom property times the energy of some flows.

    Parameters
    ----------
    om
        The model.
    keyword
        The property, a number or one for each time step.
    flows
        The flows, each by its ends, all of which have it; by default all that have it. The values
        of a dictionary do not count.
    upper_limit, lower_limit
        The limits; one of them is given.
    limit
        Old name of `upper_limit`.
    limit_name
        Name of the constraint, at the front of those of its rows; ``integral_limit_`` and the
        property by default.

    Raises
    ------
    ModelError
        If a flow is unknown, has not the property or one that is no number; if no flow has it;
        if the limits are none or exclude one another, or there are rows of that name.
    """
    having = flows_with(om, keyword, flows)
    steps = np.asarray(om.energy_system.timeincrement, dtype=float)
    refuse_property(keyword, having, len(steps))
    parts = [
        om.flow(*edge) * (steps * as_array(sequence(flow.custom_properties[keyword]), len(steps)))
        for edge, flow in having.items()
    ]
    name = f"integral_limit_{keyword}" if limit_name is None else limit_name
    upper = upper_limit if limit is None else limit
    add_limits(om, name, Expression.join(parts).total(), lower_limit, upper)
    return om


@for_both_backends
def emission_limit(
    om: Model, flows: Iterable[Any] | None = None, limit: float | None = None
) -> Model:
    """Limit the emissions of some flows, by their custom property ``emission_factor``.

    Parameters
    ----------
    om
        The model.
    flows
        The flows, each by its ends; by default all that have the property.
    limit
        The most that is emitted.

    Raises
    ------
    ModelError
        As :func:`generic_integral_limit`.
    """
    return generic_integral_limit(om, "emission_factor", flows, upper_limit=limit)
