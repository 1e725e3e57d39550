"""What can go wrong between a graph and its optimum."""

from __future__ import annotations

import copyreg


class OptimiseError(Exception):
    """Base of all errors of this package.

    It is pickled by its content, so that it comes whole out of another process.
    """

    @property
    def headline(self) -> str:
        """The error in one line, for tables."""
        return str(self).partition("\n")[0]

    def __reduce__(self) -> tuple[object, ...]:
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class ModelError(OptimiseError):
    """The energy system or an argument cannot be stated; says what and where."""


class InfeasibleError(OptimiseError):
    """The optimisation problem has no optimum: it is infeasible or unbounded."""


class SolverError(OptimiseError):
    """The solver is missing, stopped early or returned something other than an optimum."""
