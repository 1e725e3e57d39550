"""An energy system is stated by one of the backends; rows that are false are explained."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias, get_args

import pandas as pd
from oemof import solph

from .conflicts.false_rows import false_rows
from .conflicts.wording import ConflictError
from .formulation import linopy_backend, pyomo_backend
from .formulation.builder import ModelBuilder
from .formulation.expressions import FalseRowError
from .problem import IntegralLimit

BackendName: TypeAlias = Literal["linopy", "pyomo"]
BACKENDS: tuple[BackendName, ...] = get_args(BackendName)


def state(
    energy_system: solph.EnergySystem,
    limits: Mapping[str, IntegralLimit],
    backend: BackendName,
    index: pd.Index,
) -> ModelBuilder | solph.Model:
    """State an energy system as a linopy model, or as a ``solph.Model``.

    Parameters
    ----------
    energy_system, limits
        The energy system and its integral limits.
    backend
        Which of the two.
    index
        Stamps of the time steps in messages.

    Raises
    ------
    ModelError
        If it cannot be stated.
    ConflictError
        If a row is false whatever is decided.
    """
    if backend == "pyomo":
        return pyomo_backend.state(energy_system, limits)
    with false_rows_explained(energy_system, limits, index):
        return linopy_backend.state(energy_system, limits)


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
