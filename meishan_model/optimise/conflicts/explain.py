"""Turn the finding that there is no optimum into an error that says why."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pandas as pd

from ..errors import InfeasibleError
from ..problem import LinearProblem
from .conflict import find_conflict
from .wording import ConflictError


@contextlib.contextmanager
def explain_conflicts(
    problem: LinearProblem, index: pd.Index, on_stage: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Say of a problem that is found to be infeasible inside what is in conflict in it.

    Parameters
    ----------
    problem
        The problem as it was stated.
    index
        Stamps of its time steps.
    on_stage
        Called with the stage, should it come to it.

    Raises
    ------
    ConflictError
        In place of an :class:`~optimise.errors.InfeasibleError`, in the problem's labels; where
        no conflict is found in time the error stays as it is.
    """
    try:
        yield
    except InfeasibleError as error:
        on_stage("finding out what is in conflict")
        conflict = find_conflict(problem)
        if conflict is None:
            raise
        raise ConflictError(str(error), conflict, index) from error
