r"""How many of some flows are on at the same time.

.. math::  N_{min} \le \sum_{e \in F} Y_e(t) \le N_{max}

where :math:`Y_e(t)` is the status of a flow with ``NonConvex``, 1 or 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..formulation.expressions import Expression
from .arguments import add_limits, flows_with, for_both_backends, known_edges

if TYPE_CHECKING:
    from ..model import Model


@for_both_backends
def limit_active_flow_count(
    model: Model,
    constraint_name: str,
    flows: Iterable[Any],
    lower_limit: float | None = 0,
    upper_limit: float | None = None,
) -> Model:
    """Limit how many of some flows are on, in every time step.

    Parameters
    ----------
    model
        The model.
    constraint_name
        Name of the constraint, at the front of those of its rows.
    flows
        The flows, each by its ends; all of them have a ``NonConvex``.
    lower_limit, upper_limit
        Least and largest number of flows that are on; ``None`` for no limit.

    Raises
    ------
    ModelError
        If there is no flow, a flow is unknown or has no ``NonConvex``, the limits are none or
        exclude one another, or there are rows of that name.
    """
    edges = dict.fromkeys(known_edges(model, flows))
    if not edges:
        raise ModelError(f"{constraint_name} has no flows to count; give some")
    active = Expression.join([model.status(*edge) for edge in edges])
    # No number of flows is below zero.
    least = None if lower_limit == 0 and upper_limit is not None else lower_limit
    add_limits(model, constraint_name, active, least, upper_limit)
    return model


@for_both_backends
def limit_active_flow_count_by_keyword(
    model: Model,
    keyword: str,
    lower_limit: float | None = 0,
    upper_limit: float | None = None,
) -> Model:
    """Limit how many of the flows with a custom property are on, in every time step.

    Parameters
    ----------
    model
        The model.
    keyword
        The property, whatever its value, and name of the constraint. Flows without ``NonConvex``
        do not count.
    lower_limit, upper_limit
        Least and largest number of flows that are on; ``None`` for no limit.

    Raises
    ------
    ModelError
        If no flow with ``NonConvex`` has the property, the limits are none or exclude one
        another, or there are rows of that name.
    """
    flows = [e for e, f in flows_with(model, keyword).items() if f.nonconvex is not None]
    if not flows:
        raise ModelError(f"no flow with NonConvex has the custom property {keyword}")
    return limit_active_flow_count(model, keyword, flows, lower_limit, upper_limit)
