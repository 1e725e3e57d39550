"""Columns and rows of a problem, stated in blocks of arrays, and the matrix that they make.

A column or row is known by its label, a number that no other one has; labels are those that a
linopy model gives the same blocks, so that one can be made of them at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
import xarray as xr
from numpy.typing import NDArray

from ..problem import Floats, Integers

if TYPE_CHECKING:
    import linopy

Axes = Mapping[str, NDArray[np.int64]]
"""Names and coordinates of the axes of a block of columns."""


@dataclass(frozen=True, eq=False)
class ColumnBlock:
    """Columns of one kind.

    Attributes
    ----------
    labels
        Label of each column, shape of the block; -1 where there is none.
    lower, upper
        Bounds, of the same shape.
    integer
        Whether they are whole numbers.
    axes
        Names and coordinates of the axes.
    """

    labels: Integers
    lower: Floats
    upper: Floats
    integer: bool
    axes: Axes

    @property
    def there(self) -> NDArray[np.bool_]:
        """Where there is a column, shape of the block."""
        return np.asarray(self.labels >= 0)


@dataclass(frozen=True, eq=False)
class RowBlock:
    """Rows of one kind: ``matrix @ x (sign) right``.

    Attributes
    ----------
    row
        Position in the block of each row that is there, shape (rows,).
    starts, columns, coefficients
        The terms row after row, those of row i from ``starts[i]`` to ``starts[i + 1]``: label of
        the column, and its coefficient.
    sign
        ``=``, ``<=`` or ``>=``.
    right
        Right-hand side, shape (rows,).
    first
        Label of the first row; those of the others follow.
    """

    row: Integers
    starts: Integers
    columns: NDArray[np.int32]
    coefficients: Floats
    sign: str
    right: Floats
    first: int = 0

    @property
    def labels(self) -> Integers:
        """Label of each row, shape (rows,)."""
        return np.arange(self.first, self.first + len(self.row))

    def padded(self) -> tuple[Integers, Floats]:
        """Labels and coefficients of the terms, shape (rows, most terms); -1 for none."""
        terms = np.diff(self.starts)
        there = np.arange(int(terms.max(initial=0))) < terms[:, None]
        columns, coefficients = np.full(there.shape, -1, dtype=np.int64), np.zeros(there.shape)
        columns[there], coefficients[there] = self.columns, self.coefficients
        return columns, coefficients


@dataclass(frozen=True, eq=False)
class Arrays:
    """All columns and rows in the order of their labels.

    Attributes
    ----------
    column_labels, row_labels
        Labels, shapes (columns,) and (rows,).
    lower, upper, integer
        Bounds of the columns, and whether they are whole numbers.
    matrix, right, is_less, is_greater
        Rows ``matrix @ x = right``, or less or greater where that is said.
    """

    column_labels: Integers
    row_labels: Integers
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    matrix: sp.csc_array
    right: Floats
    is_less: NDArray[np.bool_]
    is_greater: NDArray[np.bool_]


@dataclass
class Blocks:
    """Blocks of columns and rows by their names, in the order in which they were added.

    Attributes
    ----------
    columns, rows
        The blocks.
    next_column, next_row
        Labels that no column and no row has yet.
    """

    columns: dict[str, ColumnBlock] = field(default_factory=dict)
    rows: dict[str, RowBlock] = field(default_factory=dict)
    next_column: int = 0
    next_row: int = 0

    @property
    def column_labels(self) -> Integers:
        """Labels of all columns, rising."""
        return joined((block.labels[block.there] for block in self.columns.values()), np.int64)

    @property
    def row_labels(self) -> Integers:
        """Labels of all rows, rising."""
        return np.arange(self.next_row)

    def add_columns(
        self,
        name: str,
        lower: Floats,
        upper: Floats,
        there: NDArray[np.bool_] | None = None,
        *,
        axes: Axes,
        integer: bool = False,
    ) -> Integers:
        """Add a block of columns and return its labels.

        Parameters
        ----------
        name
            Unique among the columns.
        lower, upper
            Bounds, shape of the block.
        there
            Where there is a column, by default everywhere.
        axes, integer
            As in :class:`ColumnBlock`.
        """
        labels = np.arange(self.next_column, self.next_column + lower.size).reshape(lower.shape)
        self.next_column += lower.size
        if there is not None:
            labels[~there] = -1
        self.columns[name] = ColumnBlock(labels, lower, upper, integer, axes)
        return labels

    def add_rows(self, name: str, rows: RowBlock) -> Integers:
        """Add a block of rows under a name of its own and return the labels of its rows."""
        self.rows[name] = replace(rows, first=self.next_row)
        self.next_row += len(rows.row)
        return self.rows[name].labels

    def arrays(self) -> Arrays:
        """Put all blocks together."""
        columns, rows = list(self.columns.values()), list(self.rows.values())
        labels = self.column_labels
        sizes = [np.count_nonzero(c.there) for c in columns]
        signs = np.repeat([r.sign for r in rows] or [""], [len(r.row) for r in rows] or [0])
        terms = joined((np.diff(r.starts) for r in rows), np.int64)
        position = positions(labels)
        matrix = sp.csr_array(
            (
                joined((r.coefficients for r in rows), np.float64),
                position.astype(np.int32)[joined((r.columns for r in rows), np.int32)],
                np.concatenate([[0], np.cumsum(terms)]).astype(np.int32),
            ),
            shape=(len(terms), len(labels)),
        )
        matrix.sum_duplicates()
        matrix.eliminate_zeros()  # terms that cancel
        return Arrays(
            column_labels=labels,
            row_labels=self.row_labels,
            lower=joined((c.lower[c.there] for c in columns), np.float64),
            upper=joined((c.upper[c.there] for c in columns), np.float64),
            integer=np.repeat(np.array([c.integer for c in columns], dtype=bool), sizes),
            matrix=matrix.tocsc(),
            right=joined((r.right for r in rows), np.float64),
            is_less=signs == "<=",
            is_greater=signs == ">=",
        )

    def linopy(self) -> linopy.Model:
        """A linopy model of the same columns and rows, with the same labels and no objective."""
        import linopy

        model = linopy.Model()
        for name, block in self.columns.items():
            add_linopy_columns(model, name, block)
        for name, rows in self.rows.items():
            add_linopy_rows(model, name, rows)
        return model


def add_linopy_columns(model: linopy.Model, name: str, block: ColumnBlock) -> Integers:
    """Add a block of columns to a linopy model and return the labels it gives them."""
    dims = tuple(block.axes)
    added = model.add_variables(
        lower=xr.DataArray(block.lower, block.axes, dims),
        upper=xr.DataArray(block.upper, block.axes, dims),
        mask=None if block.there.all() else xr.DataArray(block.there, block.axes, dims),
        name=name,
        integer=block.integer,
    )
    return np.asarray(added.labels.to_numpy(), dtype=np.int64)


def add_linopy_rows(model: linopy.Model, name: str, rows: RowBlock) -> Integers:
    """Add a block of rows to a linopy model and return the labels it gives them."""
    import linopy

    columns, coefficients = rows.padded()
    data = xr.Dataset(
        {
            "coeffs": (("row", "_term"), coefficients),
            "vars": (("row", "_term"), columns),
            "sign": ("row", np.full(len(rows.row), rows.sign)),
            "rhs": ("row", rows.right),
        },
        coords={"row": rows.row},
    )
    # Stated as a constraint from the start: linopy needs as long again to make one of two sides.
    added = model.add_constraints(linopy.Constraint(data, model), name=name)
    return np.asarray(added.labels.to_numpy(), dtype=np.int64)


def arrays_of_linopy(model: linopy.Model) -> Arrays:
    """All columns and rows of a linopy model, which a user may have changed."""
    matrices = model.matrices
    sense = np.asarray(matrices.sense)
    matrix = sp.csr_array((0, len(matrices.vlabels))) if matrices.A is None else matrices.A
    return Arrays(
        column_labels=matrices.vlabels,
        row_labels=matrices.clabels,
        lower=np.asarray(matrices.lb, dtype=float),
        upper=np.asarray(matrices.ub, dtype=float),
        integer=np.isin(matrices.vtypes, ["B", "I"]),
        matrix=sp.csc_array(matrix),
        right=np.asarray(matrices.b, dtype=float),
        is_less=sense == "<",
        is_greater=sense == ">",
    )


def positions(labels: Integers) -> Integers:
    """Position of each label, by label, shape (last label + 2,); -1 for those that are not there.

    The last entry is -1, which is where the label -1 points.
    """
    found = np.full(int(labels.max(initial=-1)) + 2, -1, dtype=np.int64)
    found[labels] = np.arange(len(labels))
    return found


def joined(parts: Iterable[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    """Arrays one after the other, flat; an empty one of a kind where there is none."""
    return np.concatenate([np.empty(0, dtype=kind), *(part.ravel() for part in parts)])
