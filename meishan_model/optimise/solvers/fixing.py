"""A problem with part of its decisions taken, and what its bounds are worth.

Names of columns come from the problem's labels; what they mean is the caller's business.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from ..errors import InfeasibleError, SolverError
from ..problem import (
    Columns,
    Edge,
    Floats,
    Integers,
    LinearProblem,
    RawSolution,
)
from .acceptance import LARGEST_VIOLATION
from .highs import solve_highs
from .substitution import substitute


def freeze(problem: LinearProblem, columns: Columns, values: Floats) -> LinearProblem:
    """Fix a variable at the values of a solution.

    Parameters
    ----------
    problem
        The problem.
    columns
        The variable, out of the problem's labels.
    values
        Values of all columns of the problem.
    """
    at = _positions(columns)
    lower, upper = problem.column_lower.copy(), problem.column_upper.copy()
    lower[at] = upper[at] = np.clip(values[at], lower[at], upper[at])
    return replace(problem, column_lower=lower, column_upper=upper)


def limit_flow(
    problem: LinearProblem, edge: Edge, hours: Integers, most: Floats, *, exact: bool = False
) -> LinearProblem:
    """Bound a flow from above in some hours.

    Where one column stands for the flow in several hours, as the capacity does that a profile is
    multiplied with, the tightest of their limits holds.

    Parameters
    ----------
    problem
        The problem.
    edge
        The flow.
    hours
        Positions of the hours.
    most
        Upper bound in each of them, in the unit of the flow.
    exact
        Whether the flow must be as high as that.

    Raises
    ------
    InfeasibleError
        If the flow cannot be so: a constant or a lower bound lies above the limit, or, if exact,
        an upper bound below it, or one column would need several values.
    SolverError
        If the flow falls as its column grows.
    """
    at, factors, constants = _stands_on(problem, edge, hours)
    slack = LARGEST_VIOLATION * np.maximum(1.0, np.abs(most))
    free = factors > 0
    lowest, highest = constants.copy(), constants.copy()
    lowest[free] += factors[free] * problem.column_lower[at[free]]
    highest[free] += factors[free] * problem.column_upper[at[free]]
    refused = (lowest > most + slack) | (exact & (highest < most - slack))
    if refused.any():
        reach = f"it is from {lowest[refused][0]:g} to {highest[refused][0]:g}"
        raise _refusal(edge, hours[refused], most[refused], exact, reach)
    at, bound = at[free], (most - constants)[free] / factors[free]
    lower, upper = problem.column_lower.copy(), problem.column_upper.copy()
    np.minimum.at(upper, at, bound)
    if exact:
        np.maximum.at(lower, at, bound)
        torn = (lower - upper)[at] * factors[free] > 2 * slack[free]
        if torn.any():
            reach = "its capacity stands for other hours too, which need another one"
            raise _refusal(edge, hours[free][torn], most[free][torn], exact, reach)
    # What a solver left beyond a bound by its tolerance is no contradiction: the bound holds.
    upper[at] = np.clip(upper[at], problem.column_lower[at], problem.column_upper[at])
    if exact:
        lower[at] = upper[at]
    return replace(problem, column_lower=lower, column_upper=upper)


def open_flow(
    problem: LinearProblem, edge: Edge, hours: Integers, wider: LinearProblem
) -> LinearProblem:
    """Give a flow in some hours the upper bounds that it has in another statement of the problem.

    Parameters
    ----------
    problem
        The problem.
    edge
        The flow.
    hours
        Positions of the hours.
    wider
        The same problem with the bounds as they shall be.

    Raises
    ------
    SolverError
        If the flow falls as its column grows, or its column stands for other hours too, which
        would be opened with these.
    """
    at, factors, _ = _stands_on(problem, edge, hours)
    at = at[factors > 0]
    others = np.setdiff1d(np.arange(len(problem.labels.flow[edge].positions)), hours)
    elsewhere, weights, _ = _stands_on(problem, edge, others)
    if np.isin(at, elsewhere[weights > 0]).any():
        raise SolverError(
            f"the flow {'->'.join(edge)} has one capacity for all its hours; "
            "it cannot be opened in some of them"
        )
    upper = problem.column_upper.copy()
    upper[at] = wider.column_upper[at]
    return replace(problem, column_upper=upper)


def _stands_on(
    problem: LinearProblem, edge: Edge, hours: Integers
) -> tuple[Integers, Floats, Floats]:
    """Columns of a flow in some hours, what they are multiplied with, and what is added.

    Where no column moves the flow the factor is zero.
    """
    columns = problem.labels.flow[edge]
    at = columns.positions[hours]
    factors = np.ones(len(hours)) if columns.factors is None else columns.factors[hours]
    factors = np.where(at >= 0, factors, 0.0)
    if (factors < 0).any():
        raise SolverError(f"the flow {'->'.join(edge)} falls as its column grows")
    return at, factors, columns.constants[hours]


def _refusal(
    edge: Edge, hours: Integers, most: Floats, exact: bool, reason: str
) -> InfeasibleError:
    """Of the first of the hours in which a flow cannot be as it should."""
    wanted = f"{'exactly' if exact else 'at most'} {most[0]:g}"
    return InfeasibleError(
        f"the flow {'->'.join(edge)} cannot be {wanted} in hour {hours[0]}: {reason}"
    )


def solve_frozen(problem: LinearProblem, methods: tuple[str, ...] | None = None) -> RawSolution:
    """Solve with HiGHS what the rows of a problem do not determine anyway.

    Parameters
    ----------
    problem
        The problem.
    methods
        As for :func:`~optimise.solvers.highs.solve_highs`; ``("simplex",)`` ends in a
        corner, so that what need not move does not.
    """
    reduction = substitute(problem)
    return reduction.restore(solve_highs(reduction.problem, methods=methods))


def reduced_costs(problem: LinearProblem, raw: RawSolution) -> Floats:
    """What one unit more of each column would add to the objective [cost per unit].

    ``c - A'y``; zero between the bounds, positive at the lower and negative at the upper one.

    Raises
    ------
    SolverError
        If the solution has no duals.
    """
    return problem.cost - imputed_worth(problem, raw)


def imputed_worth(problem: LinearProblem, raw: RawSolution) -> Floats:
    """What one unit more of each column is worth to its rows, ``A'y`` [cost per unit].

    Raises
    ------
    SolverError
        If the solution has no duals.
    """
    if raw.row_duals is None:
        raise SolverError("the solver gave no duals")
    return np.asarray(problem.matrix.T @ raw.row_duals, dtype=float)


def rent(problem: LinearProblem, raw: RawSolution, variables: Collection[Columns]) -> float:
    r"""What the bounds of some variables are worth together [cost].

    Where all bounds grow in proportion to a size :math:`N`, the optimum changes by

    .. math::  dV/dN = \frac{1}{N} \sum_j r_j x_j

    with the reduced costs :math:`r` and the values :math:`x`: a reduced cost that is not zero
    belongs to a column at a bound, whose bound then is its value. The rent is
    :math:`-\sum_j r_j x_j`.

    Parameters
    ----------
    problem, raw
        Problem and optimum.
    variables
        Variables out of the problem's labels; a column that stands for several of their values
        counts once.
    """
    at = np.unique(np.concatenate([_positions(columns) for columns in variables]))
    return float(-(reduced_costs(problem, raw)[at] * raw.column_values[at]).sum())


def _positions(columns: Columns) -> Integers:
    return np.asarray(columns.positions[columns.positions >= 0])
