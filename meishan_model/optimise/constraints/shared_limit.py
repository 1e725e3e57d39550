r"""One limit that several components share, such as storages in one tank.

.. math::  l_{low} \le \sum_i w_i v_i(t) \le l_{up}

in every time step :math:`t`, where a content :math:`v_i(t)` is that before the step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..formulation.expressions import Expression
from .arguments import add_limits, for_both_backends

if TYPE_CHECKING:
    from ..model import Model


@for_both_backends
def shared_limit(
    model: Model,
    quantity: Callable[..., Expression],
    limit_name: str,
    components: Sequence[Any],
    weights: Sequence[float],
    lower_limit: float | None = 0,
    upper_limit: float | None = None,
) -> Model:
    """Limit the weighted sum of one quantity of several components, in every time step.

    Parameters
    ----------
    model
        The model.
    quantity
        What is limited: ``model.content`` of storages, ``model.flow`` or ``model.status`` of
        flows. Of contents, which are one more than time steps, the last one does not count.
    limit_name
        Name of the constraint, at the front of those of its rows.
    components
        The storages, or the flows, each by its ends.
    weights
        Weight of each.
    lower_limit, upper_limit
        The limits; ``None`` for none.

    Raises
    ------
    ModelError
        If there are no components or not as many weights, one of them has no such quantity, the
        limits are none or exclude one another, or there are rows of that name.
    """
    if not callable(quantity):
        raise ModelError(
            f"quantity is a method of the model, such as model.content, and no "
            f"{type(quantity).__name__}"
        )
    if not len(components) or len(components) != len(weights):
        raise ModelError(
            f"{limit_name} has {len(components)} components and {len(weights)} weights; "
            "give one weight for each component"
        )
    steps = slice(len(model.index))
    try:
        found = [quantity(*c) if isinstance(c, tuple) else quantity(c) for c in components]
    except TypeError as error:
        raise ModelError(
            f"{limit_name}: its quantity is not that of its components; give flows by their ends, "
            "and storages as nodes or labels"
        ) from error
    parts = [terms.take(steps) * w for terms, w in zip(found, weights, strict=True)]
    add_limits(model, limit_name, Expression.join(parts), lower_limit, upper_limit)
    return model
