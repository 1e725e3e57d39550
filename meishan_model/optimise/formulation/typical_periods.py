"""Aggregated time series: a few typical periods stand for all periods of the original series.

A typical period is there as often as the order of the original periods names it, and its time
steps count as often in what is summed over the whole time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..problem import Integers
from .elements import Floats

if TYPE_CHECKING:
    from oemof import solph


@dataclass(frozen=True, eq=False)
class TypicalPeriods:
    """The typical periods of a graph, whose time steps come one period after the other.

    Attributes
    ----------
    order
        The typical period of each original period, from 0.
    steps
        Number of time steps of each typical period.
    segmented
        Whether the steps are segments, of whatever length, of the original steps.
    """

    order: Integers
    steps: int
    segmented: bool

    @property
    def count(self) -> int:
        """Number of typical periods."""
        return int(self.order.max()) + 1

    @property
    def step_of(self) -> Integers:
        """Time step that stands for each one of each original period, shape (periods, steps)."""
        return np.asarray(self.order[:, None] * self.steps + np.arange(self.steps))


def typical_periods(energy_system: solph.EnergySystem) -> TypicalPeriods | None:
    """The typical periods of an energy system of one period; ``None`` if nothing is aggregated.

    Parameters
    ----------
    energy_system
        The energy system.
    """
    if energy_system.tsa_parameters is None:
        return None
    (given,) = energy_system.tsa_parameters
    order = np.asarray(list(given["order"]), dtype=np.int64)
    return TypicalPeriods(order, int(given["timesteps"]), "segments" in given)


def step_weights(energy_system: solph.EnergySystem) -> Floats:
    """How often each time step is there: as often as its typical period, or once.

    Parameters
    ----------
    energy_system
        The energy system, also one of several periods.
    """
    steps = len(energy_system.timeincrement)
    if energy_system.tsa_parameters is None:
        return np.ones(steps)
    weights = [
        np.repeat([given["occurrences"][k] for k in range(len(given["occurrences"]))], each)
        for given in energy_system.tsa_parameters
        for each in [given["timesteps"]]
    ]
    return np.concatenate(weights).astype(float)[:steps]


def original_steps(energy_system: solph.EnergySystem) -> int:
    """Number of time steps of all original periods, in each of which a content has its levels.

    Parameters
    ----------
    energy_system
        The energy system, with aggregated time series.
    """
    return sum(len(given["order"]) * given["timesteps"] for given in energy_system.tsa_parameters)
