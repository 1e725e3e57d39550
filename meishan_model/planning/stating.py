"""The problem of a slice as the engine states it."""

from __future__ import annotations

import pandas as pd

from meishan_model.components.flows import ParkGraph
from meishan_model.optimise import BackendName, Correction, Model

CORRECTIONS: tuple[Correction, ...] = ("gradient", "late_start")
"""Ramps are shares of what is built too, and minimum times may reach beyond the last hour."""
GAP = 1e-4
"""Relative distance from the best bound at which a slice with statuses may end [-]."""


def model_of(
    graph: ParkGraph, backend: BackendName = "linopy", hours: pd.Index | None = None
) -> Model:
    """The problem of a slice; by the backend pyomo without :data:`CORRECTIONS`, as solph has it.

    Parameters
    ----------
    graph
        The graph of the slice.
    backend
        How it is stated.
    hours
        Stamps of the hours.
    """
    corrections = CORRECTIONS if backend == "linopy" else ()
    limits = graph.registry.integral_limits
    return Model(
        graph.energy_system, limits, backend=backend, index=hours, corrections=corrections
    )
