"""From a linear problem to its optimum: solvers, their order, and what is believed of them."""

from typing import Literal, TypeAlias, get_args

SolverName: TypeAlias = Literal["highs", "cbc"]
SOLVERS: tuple[SolverName, ...] = get_args(SolverName)
