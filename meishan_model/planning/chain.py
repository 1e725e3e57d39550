"""One asset on its way back from the target: its budgets, its room and its place in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class ChainState:
    """One asset on its way back from the target: what the slice to be solved next inherits.

    Attributes
    ----------
    first_year, step_years
        Year of slice 0 and length of a step [a].
    steps
        Number of steps K; there are K + 1 slices.
    lifetime_steps
        Lifetime L in steps, at least 1.
    build_rate
        Largest yearly build [unit/a]; infinite where the sheet has no row.
    budgets
        What each residue class c = k mod L can still build in a step [unit]; L values.
    potential, stock
        Largest total standing and surviving stock in slices 0..K [unit].
    phase_out
        The target abandons this technology, so it is never new build.
    position
        Index k of the slice to be solved next; -1 when the chain is closed.
    later
        New build n_(k+1) of the slice after it [unit]; ``None`` when k is the target.
    unit
        Unit of the asset, for the sentences.
    """

    first_year: int
    step_years: int
    steps: int
    lifetime_steps: int
    build_rate: float
    budgets: tuple[float, ...]
    potential: tuple[float, ...]
    stock: tuple[float, ...]
    phase_out: bool
    position: int
    later: float | None
    unit: str

    def year(self, index: int | None = None) -> int:
        """Year of slice ``index``, of the slice to be solved next by default [a]."""
        return self.first_year + self.step_years * (self.position if index is None else index)

    def ceiling(self, index: int) -> float:
        """Largest new build of slice ``index`` beside the stock that still stands [unit]."""
        if index == 0 or self.phase_out:
            return 0.0
        return float(room_for_new_build(self.potential[index], self.stock[index]))


def lifetime_in_steps(lifetime: float, step_years: int, steps: int) -> int:
    """Lifetime in whole steps, halves up, at least 1 and at most the horizon.

    Beyond the horizon nothing is rebuilt, so a longer lifetime changes nothing.

    Parameters
    ----------
    lifetime
        Technical lifetime [a]; may be infinite.
    step_years
        Length of a step [a].
    steps
        Number of steps of the horizon.

    Returns
    -------
    int
        L, from 1 to ``steps``.
    """
    return int(min(max(1.0, math.floor(min(lifetime, 1e9) / step_years + 0.5)), steps))


def step_budget(
    build_rate: ArrayLike, lifetime: ArrayLike, step_years: int
) -> NDArray[np.float64]:
    """Capacity that one step of building can leave standing at its end.

    A unit that does not live through a step is rebuilt within it, which takes its share of the
    build rate: only the last ``lifetime`` years of building stand at the end.

    Parameters
    ----------
    build_rate
        Largest yearly build [unit/a].
    lifetime
        Technical lifetime [a].
    step_years
        Length of a step [a].

    Returns
    -------
    numpy.ndarray
        Rate x min(step, lifetime) [unit].
    """
    years = np.minimum(np.asarray(lifetime, dtype=np.float64), step_years)
    return np.asarray(np.asarray(build_rate, dtype=np.float64) * years, dtype=np.float64)


def room_for_new_build(potential: ArrayLike, stock: ArrayLike) -> NDArray[np.float64]:
    """Potential less surviving stock, never below zero.

    Parameters
    ----------
    potential
        Largest total standing capacity [unit]; infinite where the sheet has no row.
    stock
        Surviving stock, committed plants included [unit].

    Returns
    -------
    numpy.ndarray
        Upper limit of the new build [unit].
    """
    room = np.asarray(potential, dtype=np.float64) - np.asarray(stock, dtype=np.float64)
    return np.asarray(np.maximum(room, 0.0), dtype=np.float64)
