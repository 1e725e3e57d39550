r"""Two variables, or the sums of two groups of flows, are the same but for a factor.

.. math::

    v_1 \, f_1 &= v_2 \\
    f_1 \sum_{e \in F_1} P_e(t) &= \sum_{e \in F_2} P_e(t)

in every time step :math:`t`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from ..formulation.expressions import Expression
from .arguments import flows_with, for_both_backends, known_edges

if TYPE_CHECKING:
    from ..model import Model


@for_both_backends
def equate_variables(
    model: Model,
    var1: Expression,
    var2: Expression,
    factor1: float = 1,
    name: str | None = None,
) -> Model:
    """Set a variable times a factor equal to another one.

    Parameters
    ----------
    model
        The model.
    var1, var2
        The variables, such as ``model.new_capacity("line", "bus")``; any expression will do.
    factor1
        What the first one is multiplied with.
    name
        Name of the row; by default ``equate_variables``, and after it ``equate_variables_2``, ….

    Raises
    ------
    ModelError
        If a variable is no expression, or there are rows of that name.
    """
    for key, variable in (("var1", var1), ("var2", var2)):
        if not isinstance(variable, Expression):
            raise ModelError(
                f"{key} is no expression but {type(variable).__name__}; "
                "give one such as model.new_capacity(source, target)"
            )
    standard = (f"equate_variables{'' if n == 1 else f'_{n}'}" for n in count(1))
    name = name or next(row for row in standard if row not in model.row_names)
    model.add_rows(name, var1 * factor1 - var2, "=", 0.0)
    return model


@for_both_backends
def equate_flows(
    model: Model,
    flows1: Iterable[Any],
    flows2: Iterable[Any],
    factor1: float = 1,
    name: str = "equate_flows",
) -> Model:
    """Set the sum of some flows times a factor equal to the sum of others, in every time step.

    Parameters
    ----------
    model
        The model.
    flows1, flows2
        The flows of both groups, each by its ends; a group without flows is zero.
    factor1
        What the first sum is multiplied with.
    name
        Name of the rows.

    Raises
    ------
    ModelError
        If there are no flows, a flow is unknown, or there are rows of that name.
    """
    first, second = (known_edges(model, group) for group in (flows1, flows2))
    if not first and not second:
        raise ModelError(f"{name} has no flows in either group; give some")
    factors = [factor1] * len(first) + [-1] * len(second)
    parts = [f * model.flow(*e) for f, e in zip(factors, first + second, strict=True)]
    model.add_rows(name, Expression.join(parts), "=", np.zeros(1))
    return model


@for_both_backends
def equate_flows_by_keyword(
    model: Model,
    keyword1: str,
    keyword2: str,
    factor1: float = 1,
    name: str = "equate_flows",
) -> Model:
    """Set the sums of flows with a custom property and of those with another one equal.

    Parameters
    ----------
    model
        The model.
    keyword1, keyword2
        Custom properties of the flows of both groups, whatever their values.
    factor1
        What the first sum is multiplied with.
    name
        Name of the rows.

    Raises
    ------
    ModelError
        If no flow has one of the properties, or there are rows of that name.
    """
    first, second = (flows_with(model, keyword) for keyword in (keyword1, keyword2))
    return equate_flows(model, first, second, factor1, name)
