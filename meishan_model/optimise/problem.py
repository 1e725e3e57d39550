"""The waist of the engine: a linear problem in arrays, and what its columns and rows mean.

A backend turns a graph into a :class:`LinearProblem`, a solver turns that into a
:class:`RawSolution`, and :mod:`~optimise.solution` turns both into series with the
graph's own names. Backends and solvers need not know one another.

The units of costs, powers and energies are those of the graph; ``[cost]``, ``[power]`` and
``[energy]`` stand for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from .errors import ModelError

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Edge: TypeAlias = tuple[str, str]
IntegralLimit: TypeAlias = float | tuple[float, float]
"""Of the weighted sum of flows over all steps: the upper limit, or the lower and the upper one, of
which either may be infinite."""
Name: TypeAlias = str | Edge
"""Label of a node, or of both ends of a flow."""


def limit_range(keyword: str, limit: IntegralLimit) -> tuple[float, float]:
    """The lower and the upper limit of a sum.

    Parameters
    ----------
    keyword, limit
        The custom property whose sum is limited, and its limit.

    Raises
    ------
    ModelError
        If the lower limit is above the upper one, or one of them is not a number.
    """
    lower, upper = limit if isinstance(limit, tuple) else (-np.inf, limit)
    if not lower <= upper:
        raise ModelError(
            f"the sum of {keyword} is limited to at least {lower:g} and at most {upper:g}; "
            "give the lower limit first"
        )
    return float(lower), float(upper)


@dataclass(frozen=True)
class Columns:
    """The values of one variable of the graph: ``factors * x[positions] + constants``.

    Attributes
    ----------
    positions
        Column of each value in the problem; -1 where the value is no unknown.
    constants
        What is added, and the value where ``positions`` is -1.
    factors
        What the column is multiplied with; ``None`` for one.
    """

    positions: Integers
    constants: Floats
    factors: Floats | None = None

    def values(self, column_values: Floats) -> Floats:
        """Take this variable's values out of a solution.

        Parameters
        ----------
        column_values
            Values of all columns.
        """
        if not len(column_values):
            return self.constants.copy()
        picked = np.where(self.positions >= 0, column_values[np.maximum(self.positions, 0)], 0.0)
        return self.constants + (picked if self.factors is None else self.factors * picked)


@dataclass(frozen=True)
class Labels:
    """The graph's names for columns and rows.

    Attributes
    ----------
    flow
        One value a time step for each ``(source, target)`` [power].
    storage_content
        One value for each of the steps plus one, the first being the initial content [energy];
        none of aggregated time series.
    flow_investment, storage_investment
        One value for the new capacity of a flow [power] or storage [energy].
    bus_balance
        Rows of the balance of each bus, one a time step.
    integral_limit, integral_minimum
        Row of each upper, and of each lower integral limit.
    rows
        Rows of each block by its name; -1 where the block has no row.
    own_rows
        Rows that a user added to those of the energy system, by their name.
    further
        Further variables of the graph by their name in oemof.solph, each by node or flow; one
        value a time step, or one in all.
    """

    flow: Mapping[Edge, Columns]
    storage_content: Mapping[str, Columns]
    flow_investment: Mapping[Edge, Columns]
    storage_investment: Mapping[str, Columns]
    bus_balance: Mapping[str, Integers]
    integral_limit: Mapping[str, int]
    integral_minimum: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, Integers] = field(default_factory=dict)
    own_rows: Mapping[str, Integers] = field(default_factory=dict)
    further: Mapping[str, Mapping[Name, Columns]] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """Number of time steps; zero of a graph without flows."""
        return len(next(iter(self.flow.values())).positions) if self.flow else 0


NO_LABELS = Labels({}, {}, {}, {}, {}, {})
"""Of a problem that stands for another one; the names belong to that."""


@dataclass(frozen=True)
class LinearProblem:
    """Minimise ``cost @ x + cost_offset`` subject to bounds on ``matrix @ x`` and on ``x``.

    Attributes
    ----------
    matrix
        Coefficients, shape (rows, columns), compressed by column.
    row_lower, row_upper
        Bounds of the rows; infinite where there is none.
    column_lower, column_upper
        Bounds of the columns.
    cost
        Cost of each column [cost per unit].
    cost_offset
        Constant part of the objective [cost].
    integer
        True where a column must be integer.
    labels
        What columns and rows mean.
    """

    matrix: sp.csc_array
    row_lower: Floats
    row_upper: Floats
    column_lower: Floats
    column_upper: Floats
    cost: Floats
    cost_offset: float
    integer: NDArray[np.bool_]
    labels: Labels

    @property
    def is_mixed_integer(self) -> bool:
        """Whether any column must be integer."""
        return bool(self.integer.any())

    def rows_alone(self, rows: Integers) -> tuple[LinearProblem, Integers]:
        """Some rows with the columns in them, at no cost and without integers.

        Where these have no solution the whole has none.

        Parameters
        ----------
        rows
            Positions of the rows.

        Returns
        -------
        LinearProblem, array
            The part, and the positions of its columns.
        """
        part = sp.csr_array(self.matrix)[rows]
        columns = np.unique(part.indices)
        alone = replace(
            self,
            matrix=sp.csc_array(part[:, columns]),
            row_lower=self.row_lower[rows],
            row_upper=self.row_upper[rows],
            column_lower=self.column_lower[columns],
            column_upper=self.column_upper[columns],
            cost=np.zeros(len(columns)),
            cost_offset=0.0,
            integer=np.zeros(len(columns), dtype=bool),
            labels=NO_LABELS,
        )
        return alone, columns


@dataclass(frozen=True)
class RawSolution:
    """What a solver returns.

    Attributes
    ----------
    column_values
        Value of each column.
    row_duals
        Dual of each row in the sense d objective / d right-hand side; ``None`` where the solver
        cannot give it.
    objective
        Value of the objective including its offset [cost].
    gap
        Relative difference of primal and dual objective (of the best bound with integers).
    solver
        Name, version and method.
    iterations
        Iterations of the method that ended the solve.
    history
        One sentence for each attempt, in order.
    method
        Name of the method that ended the solve, where the solver has several.
    """

    column_values: Floats
    row_duals: Floats | None
    objective: float
    gap: float
    solver: str
    iterations: int
    history: tuple[str, ...]
    method: str = ""
