"""Make optimiser and power flow agree on the losses of the grid, slice by slice.

The optimiser's losses are a share of the power through an element; in the grid they grow with its
square. So a slice is solved, its AC losses are found, their share of the energy becomes the new
loss of each element, and the slice is solved again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd
import xarray as xr

from meishan_model.accounts.tables import loss_difference
from meishan_model.components.assets import AssetTable
from meishan_model.optimise import SolverName
from meishan_model.planning.backcast import slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import Project
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.records import SliceInputs

ROUNDS = 3

LossesOf = Callable[[xr.Dataset], pd.DataFrame]
"""Losses of a slice by element: columns optimiser, power_flow [MWh], share [1]."""


@dataclass(frozen=True)
class LossAgreement:
    """A slice with losses that the power flow confirms, or as near as the rounds came.

    Attributes
    ----------
    dataset
        The slice of the last round.
    table
        Losses by element in that round.
    differences
        Of each round: all losses of the optimiser less those of the power flow, over these [1].
    agreed
        Whether the last difference is within the tolerance.
    """

    dataset: xr.Dataset
    table: pd.DataFrame
    differences: tuple[float, ...]
    agreed: bool


def agree_on_losses(
    project: Project,
    standing: xr.Dataset,
    asset_table: AssetTable,
    losses_of: LossesOf,
    tolerance: float,
    solver: SolverName = "highs",
    rounds: int = ROUNDS,
) -> LossAgreement:
    """Solve a slice again with the losses of its own power flow, until they agree.

    Parameters
    ----------
    project, asset_table, solver
        As for :func:`~meishan_model.planning.in_memory.solve_one`.
    standing
        The slice as it was solved; the first round.
    losses_of
        The power flow of a slice, such as that of
        :func:`~meishan_model.powerflow.indicators.losses`; the caller brings it, so that planning
        knows no power flow.
    tolerance
        Difference of all losses that is small enough [1].
    rounds
        Most slices to be looked at, the standing one among them.

    Returns
    -------
    LossAgreement

    Raises
    ------
    InfeasibleError, SolverError, CheckError
        If a round has no optimum that passes its checks.
    """
    year = int(standing.attrs["year"])
    task = slice_task(project, year, bounds(asset_table, year), "", solver)
    ds = standing
    differences: list[float] = []
    while True:
        table = losses_of(ds)
        differences.append(loss_difference(table))
        agreed = abs(differences[-1]) <= tolerance
        if agreed or len(differences) >= rounds:
            return LossAgreement(ds, table, tuple(differences), agreed)
        used = table["share"][table["share"] > 0]
        shares = {str(element): float(share) for element, share in used.items()}
        digest = fingerprint([project.slices[year], task.assets, project.hours, solver, shares])
        inputs = with_losses(task.inputs, shares)
        ds = solve_slice(replace(task, inputs=inputs, inputs_sha256=digest))


def with_losses(inputs: SliceInputs, shares: Mapping[str, float]) -> SliceInputs:
    """Inputs of a slice with other loss shares [1] for some elements of the network."""
    network = tuple(
        replace(element, loss=shares.get(element.element, element.loss))
        for element in inputs.network
    )
    return replace(inputs, network=network)
