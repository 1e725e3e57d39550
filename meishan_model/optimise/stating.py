"""An energy system is stated by one of the backends; rows that are false are explained."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias, get_args

import pandas as pd
from oemof import solph

from .conflicts.false_rows import false_rows
from .conflicts.wording import ConflictError
from .errors import InfeasibleError, ModelError
from .formulation import linopy_additions, linopy_backend, pyomo_additions, pyomo_backend
from .formulation.builder import ModelBuilder
from .formulation.corrections import check_corrections
from .formulation.expressions import FalseRowError
from .problem import IntegralLimit, LinearProblem

BackendName: TypeAlias = Literal["linopy", "pyomo"]
BACKENDS: tuple[BackendName, ...] = get_args(BackendName)


def state(
    energy_system: solph.EnergySystem,
    limits: Mapping[str, IntegralLimit],
    backend: BackendName,
    index: pd.Index,
    corrections: Collection[str] = (),
) -> ModelBuilder | solph.Model:
    """State an energy system in arrays, or as a ``solph.Model``.

    Parameters
    ----------
    energy_system, limits
        The energy system and its integral limits.
    backend
        Which of the two.
    index
        Stamps of the time steps in messages.
    corrections
        What is to be stated otherwise than in solph.

    Raises
    ------
    ModelError
        If it cannot be stated.
    ConflictError
        If a row is false whatever is decided.
    """
    check_corrections(energy_system, corrections, backend)
    if backend == "pyomo":
        return pyomo_backend.state(energy_system, limits)
    with false_rows_explained(energy_system, limits, index):
        return linopy_backend.state(energy_system, limits, corrections)


def compiled(
    stated: ModelBuilder | solph.Model,
    energy_system: solph.EnergySystem,
    limits: Mapping[str, IntegralLimit],
    index: pd.Index,
    own_rows: Collection[str],
) -> LinearProblem:
    """The linear problem of a stated energy system.

    Parameters
    ----------
    stated
        What :func:`state` has made, with whatever was added to it.
    energy_system, limits, index
        As for :func:`state`.
    own_rows
        Names of rows that a user added to a linopy model.

    Raises
    ------
    ModelError
        If something was added that is not linear.
    InfeasibleError
        If a row is false whatever is decided.
    """
    if isinstance(stated, ModelBuilder):
        return linopy_additions.compile_with_additions(stated, own_rows)
    try:
        problem = pyomo_backend.compile_problem(stated, tuple(limits))
    except InfeasibleError:
        # Pyomo stops at the first false row; the other backend knows all of them.
        with contextlib.suppress(ModelError):
            state(energy_system, limits, "linopy", index)
        raise
    further = pyomo_additions.further_columns(stated)
    return replace(problem, labels=replace(problem.labels, further=further))


@contextlib.contextmanager
def false_rows_explained(
    energy_system: solph.EnergySystem,
    limits: Mapping[str, IntegralLimit],
    index: pd.Index,
    is_own: bool = False,
) -> Iterator[None]:
    """Say what an energy system is in which a row is false; `is_own` if a user added the row."""
    try:
        yield
    except FalseRowError as error:
        conflict = false_rows(energy_system, error, limits, is_own)
        raise ConflictError("the problem is infeasible", conflict, index) from error
