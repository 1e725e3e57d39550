"""What can go wrong between a graph and its optimum."""

from __future__ import annotations


class OptimiseError(Exception):
    """Base of all errors of this package."""

    @property
    def headline(self) -> str:
        """The error in one line, for tables."""
        return str(self).partition("\n")[0]


class ModelError(OptimiseError):
    """The energy system or an argument cannot be stated; says what and where."""


class InfeasibleError(OptimiseError):
    """The optimisation problem has no optimum: it is infeasible or unbounded."""


class SolverError(OptimiseError):
    """The solver is missing, stopped early or returned something other than an optimum."""
