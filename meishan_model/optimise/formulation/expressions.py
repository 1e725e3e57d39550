"""Linear expressions and rows from arrays of column labels and coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import InfeasibleError, ModelError
from .blocks import RowBlock
from .elements import Floats

Labels = NDArray[np.int64]
Numbers: TypeAlias = "float | Sequence[float] | NDArray[Any] | pd.Series[float]"
"""A number, or one for each row."""
TOLERANCE = 1e-9
"""Below this a row without unknowns is true [unit of the row, relative to its bound above one]."""


CANCELLED = 1e-12
"""A sum of coefficients below this share of them is zero [-]."""


class FalseRowError(InfeasibleError):
    """Rows without unknowns that are false.

    Attributes
    ----------
    name
        Name of the rows.
    steps
        Which of them are false, from 0.
    missing
        What is missing in each: positive is too little, negative too much.
    count
        How many rows have the name.
    """

    def __init__(self, name: str, steps: Labels, missing: Floats, count: int) -> None:
        self.name, self.steps, self.missing, self.count = name, steps, missing, count
        where = f" in {len(steps)} steps, first in step {int(steps[0])}," if count > 1 else ","
        super().__init__(
            f"{name} cannot hold: nothing can change it{where} by {abs(float(missing[0])):g}"
        )


@dataclass(frozen=True, eq=False)
class Expression:
    """Linear expressions, one a row: ``sum of coefficients * unknowns + constant``.

    They are added and subtracted, multiplied by numbers or by one factor a row, and taken by
    position or slice. One row stands for as many as it meets: a capacity beside a flow is the
    same in every time step.

    Attributes
    ----------
    labels
        Label of the unknown of each term, shape (rows, terms); -1 where there is none.
    coefficients
        Its coefficient, of the same shape.
    constant
        Shape (rows,).
    """

    labels: Labels
    coefficients: Floats
    constant: Floats

    # An array or a series times an expression is left to the expression.
    __array_ufunc__ = None
    __pandas_priority__ = 5000

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.constant)

    @staticmethod
    def join(parts: list[Expression]) -> Expression:
        """The sum of several expressions of as many rows, or of one row.

        Raises
        ------
        ModelError
            If they have different numbers of rows.
        """
        rows = max(len(p) for p in parts)
        others = sorted({len(p) for p in parts} - {1, rows})
        if others:
            raise ModelError(f"an expression of {others[0]} rows does not fit one of {rows} rows")
        parts = [p if len(p) == rows else p.repeated(rows) for p in parts]
        return Expression(
            np.concatenate([p.labels for p in parts], axis=1),
            np.concatenate([p.coefficients for p in parts], axis=1),
            np.sum([p.constant for p in parts], axis=0),
        )

    def repeated(self, rows: int) -> Expression:
        """An expression of one row as one of several rows."""
        return Expression(
            np.broadcast_to(self.labels, (rows, self.labels.shape[1])),
            np.broadcast_to(self.coefficients, (rows, self.labels.shape[1])),
            np.broadcast_to(self.constant, (rows,)),
        )

    def times(self, factor: Numbers) -> Expression:
        """Every row times its factor, shape (rows,) or a scalar; one row may become several.

        Raises
        ------
        ModelError
            If there are as many factors neither as rows nor as one.
        """
        given = np.asarray(factor, dtype=float)
        if given.ndim > 1 or (given.size not in (1, len(self)) and len(self) != 1):
            raise ModelError(f"{given.size} factors do not fit an expression of {len(self)} rows")
        rows = max(len(self), given.size)
        whole = self if len(self) == rows else self.repeated(rows)
        factors = np.broadcast_to(given, (rows,))
        return Expression(
            whole.labels, whole.coefficients * factors[:, None], whole.constant * factors
        )

    def total(self) -> Expression:
        """The sum of all rows, as one row."""
        return Expression(
            self.labels.reshape(1, -1),
            self.coefficients.reshape(1, -1),
            np.array([self.constant.sum()]),
        )

    def __add__(self, other: Expression | Numbers) -> Expression:
        """The sum with another expression, or with a number or one for each row."""
        return Expression.join([self, _expression(other)])

    __radd__ = __add__

    def __sub__(self, other: Expression | Numbers) -> Expression:
        """The difference from another expression, or from a number or one for each row."""
        return Expression.join([self, _expression(other).times(-1.0)])

    def __rsub__(self, other: Numbers) -> Expression:
        """The difference of a number, or of one for each row, from this."""
        return _expression(other) - self

    def __neg__(self) -> Expression:
        """Every row with the other sign."""
        return self.times(-1.0)

    def __mul__(self, factor: Numbers) -> Expression:
        """Every row times its factor."""
        return self.times(factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Numbers) -> Expression:
        """Every row divided by its divisor."""
        return self.times(1.0 / np.asarray(divisor, dtype=float))

    def __getitem__(self, rows: int | slice | NDArray[np.bool_] | Labels) -> Expression:
        """A row by its position, or several by a slice, a mask or positions."""
        if not isinstance(rows, int | np.integer):
            return self.take(rows)
        row = int(rows)
        found = self.take(slice(row, row + 1 or None))
        if not len(found):
            raise IndexError(f"no row {row} in an expression of {len(self)} rows")
        return found

    def take(self, rows: slice | NDArray[np.bool_] | Labels) -> Expression:
        """Some of the rows."""
        return Expression(self.labels[rows], self.coefficients[rows], self.constant[rows])

    def merged(self) -> Expression:
        """The same rows with one term for each unknown; terms that cancel are left out.

        Flows of one converter stand on one unknown, so that a row between them may have none.
        """
        if not self.labels.shape[1]:
            return self
        order = np.argsort(self.labels, axis=1, kind="stable")
        labels = np.take_along_axis(self.labels, order, axis=1)
        coefficients = np.take_along_axis(self.coefficients, order, axis=1)
        first = np.ones(labels.shape, dtype=bool)
        first[:, 1:] = labels[:, 1:] != labels[:, :-1]
        group = np.cumsum(first.ravel()) - 1
        total = np.bincount(group, coefficients.ravel())
        size = np.bincount(group, np.abs(coefficients.ravel()))
        total[np.abs(total) <= CANCELLED * size] = 0.0
        kept = np.zeros(labels.shape)
        kept[first] = total
        return Expression(np.where(kept != 0.0, labels, -1), kept, self.constant)


def _expression(given: Expression | Numbers) -> Expression:
    """Numbers as an expression without unknowns."""
    if isinstance(given, Expression):
        return given
    numbers = np.atleast_1d(np.asarray(given, dtype=float))
    if numbers.ndim > 1:
        raise ModelError(f"numbers of shape {numbers.shape} are not one for each row")
    nothing = np.zeros((len(numbers), 0))
    return Expression(nothing.astype(np.int64), nothing, numbers)


def unknown(labels: Labels | int, rows: int, coefficient: Floats | float = 1.0) -> Expression:
    """One unknown in each row; a scalar label stands in all of them."""
    column = np.broadcast_to(np.asarray(labels, dtype=np.int64), (rows,))
    factor = np.broadcast_to(np.asarray(coefficient, dtype=float), (rows,))
    return Expression(column[:, None], factor[:, None], np.zeros(rows))


def rows_of(name: str, terms: Expression, sign: str, bound: Floats | float) -> RowBlock:
    """The rows ``terms (sign) bound`` that say something, perhaps none.

    A row whose unknowns have all been pinned is no row: it is true, or the problem is infeasible.

    Parameters
    ----------
    name
        Name of the rows, for messages.
    terms
        Left-hand side.
    sign
        ``=``, ``<=`` or ``>=``.
    bound
        Right-hand side, shape (rows,) or a scalar.

    Raises
    ------
    FalseRowError
        If rows without unknowns are false.
    ModelError
        If a coefficient or a bound is not a number.
    """
    count = len(terms.constant)
    right = np.broadcast_to(np.asarray(bound, dtype=float), (count,)) - terms.constant
    if np.isnan(right).any() or np.isnan(terms.coefficients).any():
        raise ModelError(f"{name} holds what is not a number")
    counted = (terms.labels >= 0) & (terms.coefficients != 0)
    alive = counted.any(axis=1)
    scale = np.maximum(1.0, np.abs(right + terms.constant))
    _refuse_false(name, right, TOLERANCE * scale, sign, ~alive)
    open_bound = (sign == "<=") & np.isposinf(right) | (sign == ">=") & np.isneginf(right)
    row = np.flatnonzero(alive & ~open_bound)
    counted = counted[row]
    return RowBlock(
        row=row,
        starts=np.concatenate([[0], np.cumsum(counted.sum(axis=1))]),
        columns=terms.labels[row][counted].astype(np.int32),
        coefficients=terms.coefficients[row][counted],
        sign=sign,
        right=right[row],
    )


def _refuse_false(
    name: str, right: Floats, slack: Floats, sign: str, fixed: NDArray[np.bool_]
) -> None:
    """Raise an error where a row without unknowns, ``0 (sign) right``, is false."""
    false = fixed & ((sign != ">=") & (right < -slack) | (sign != "<=") & (right > slack))
    if false.any():
        raise FalseRowError(name, np.flatnonzero(false), right[false], len(right))
