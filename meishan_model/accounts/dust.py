"""What a solver cannot tell from zero, cleaned once, when the solution of a slice is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from meishan_model.optimise.problem import Floats
from meishan_model.optimise.solution import Solution

DUST = 1e-6
"""Power, energy or capacity that a solver cannot tell from zero [MW, MWh, unit].

An interior point leaves up to 5e-7 in flows that are not used, and nothing between that and 7e-3
in a year of Meishan.
"""


def without_dust(solution: Solution) -> Solution:
    """The solution of a slice without flows, contents and capacities that are no more than dust.

    Parameters
    ----------
    solution
        The optimum; its objective, prices and duals stay as they are.
    """
    first = solution.initial_content
    return replace(
        solution,
        flow=_frame(solution.flow),
        storage_content=_frame(solution.storage_content),
        initial_content=first.where(first.abs() >= DUST, 0.0),
        flow_investment={k: _number(v) for k, v in solution.flow_investment.items()},
        storage_investment={k: _number(v) for k, v in solution.storage_investment.items()},
    )


def cleaned(values: Floats) -> Floats:
    """Series, shape (steps, items), without what a solver cannot tell from zero.

    A series that never is farther from zero than :data:`DUST` is zero, and so is what lies that
    near below zero in any series. What is small in some steps of a series that is used stays: the
    balances need it.
    """
    unused = np.abs(values).max(axis=0, initial=0.0) < DUST
    return np.where(unused | ((values < 0.0) & (values > -DUST)), 0.0, values)


def _frame(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(cleaned(frame.to_numpy()), frame.index, frame.columns)


def _number(value: float) -> float:
    return 0.0 if abs(value) < DUST else value
