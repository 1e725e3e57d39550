"""A problem with part of its decisions taken, and what its bounds are worth.

Names of columns come from the problem's labels; what they mean is the caller's business.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from meishan_model.errors import SolverError
from meishan_model.optimise.highs import METHOD_NAMES, solve_highs
from meishan_model.optimise.lean import lean
from meishan_model.optimise.problem import (
    Columns,
    Edge,
    Floats,
    Integers,
    LinearProblem,
    RawSolution,
)


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
    SolverError
        If the flow is no unknown in one of these hours.
    """
    columns = problem.labels.flow[edge]
    at, constants = columns.positions[hours], columns.constants[hours]
    factors = np.ones(len(hours)) if columns.factors is None else columns.factors[hours]
    free = at >= 0
    if (constants[~free] > most[~free]).any() or (factors[free] <= 0).any():
        raise SolverError(f"the flow {'->'.join(edge)} is pinned: nothing can bound it")
    at, bound = at[free], (most - constants)[free] / factors[free]
    lower, upper = problem.column_lower.copy(), problem.column_upper.copy()
    upper[at] = np.maximum(np.minimum(bound, upper[at]), lower[at])
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
    """
    at = problem.labels.flow[edge].positions[hours]
    at, upper = at[at >= 0], problem.column_upper.copy()
    upper[at] = wider.column_upper[at]
    return replace(problem, column_upper=upper)


def solve_frozen(problem: LinearProblem, methods: tuple[str, ...] = METHOD_NAMES) -> RawSolution:
    """Solve with HiGHS what the rows of a problem do not determine anyway.

    Parameters
    ----------
    problem
        The problem.
    methods
        As for :func:`~meishan_model.optimise.highs.solve_highs`; ``("simplex",)`` ends in a
        corner, so that what need not move does not.
    """
    leaner = lean(problem)
    return leaner.restore(solve_highs(leaner.problem, methods=methods))


def reduced_costs(problem: LinearProblem, raw: RawSolution) -> Floats:
    """What one unit more of each column would add to the objective [CNY per unit].

    ``c - A'y``; zero between the bounds, positive at the lower and negative at the upper one.

    Raises
    ------
    SolverError
        If the solution has no duals.
    """
    return problem.cost - imputed_worth(problem, raw)


def imputed_worth(problem: LinearProblem, raw: RawSolution) -> Floats:
    """What one unit more of each column is worth to the rows it stands in, ``A'y`` [CNY per unit].

    Raises
    ------
    SolverError
        If the solution has no duals.
    """
    if raw.row_duals is None:
        raise SolverError("the solver gave no duals")
    return np.asarray(problem.matrix.T @ raw.row_duals, dtype=float)


def rent(problem: LinearProblem, raw: RawSolution, variables: Collection[Columns]) -> float:
    r"""What the bounds of some variables are worth together [CNY].

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
        Variables out of the problem's labels, none of them twice.
    """
    at = np.concatenate([_positions(columns) for columns in variables])
    return float(-(reduced_costs(problem, raw)[at] * raw.column_values[at]).sum())


def _positions(columns: Columns) -> Integers:
    return np.asarray(columns.positions[columns.positions >= 0])
