"""The optimum of an energy system by solph alone: its own model and its own way to a solver."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TypeVar

from oemof import solph

Built = TypeVar("Built")


def quietly(build: Callable[[], Built]) -> Built:
    """What a function returns, without the warnings of solph and its dependencies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build()


def plain_model(system: solph.EnergySystem) -> solph.Model:
    """The ``solph.Model`` of an energy system."""
    return quietly(lambda: solph.Model(system))


def solve_plainly(model: solph.Model) -> float:
    """Objective of a model as solph solves it with HiGHS."""
    quietly(lambda: model.solve(solver="highs"))
    return float(model.objective())


def plain_objective(system: solph.EnergySystem) -> float:
    """Objective of an energy system as solph states and solves it."""
    return solve_plainly(plain_model(system))
