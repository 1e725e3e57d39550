"""Slices solved without files: pathways for trials by the hundred, and one slice again.

The optimiser's losses are a share of the power through an element; in the grid they grow with its
square. :func:`agree_on_losses` solves a slice, finds its AC losses, takes their share of the
energy as the new loss of each element, and solves it again until optimiser and power flow agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import xarray as xr

from meishan_model.accounts.tables import loss_difference
from meishan_model.components.assets import AssetTable
from meishan_model.optimise import SolverName
from meishan_model.planning.backcast import new_build, slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import Project
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.records import SliceInputs


def solve_pathway(
    project: Project,
    solver: SolverName = "highs",
    years: Sequence[int] | None = None,
    on_slice: Callable[[int], None] | None = None,
) -> dict[int, xr.Dataset]:
    """Solve the slices from the target down and keep them in memory.

    The slices are those of :func:`~meishan_model.planning.backcast.backcast`: a slice rests on
    all slices after it, so every slice down to the earliest of ``years`` is solved.

    Parameters
    ----------
    project
        The scenario with its folders; nothing is written to them.
    solver
        ``highs`` or ``cbc``.
    years
        Slices that are asked for; all of them where it is ``None``.
    on_slice
        Called with the year of each slice before it is solved.

    Returns
    -------
    dict of int to xarray.Dataset
        Slices by the result contract, from the target year down to the earliest year.

    Raises
    ------
    InputError
        If an input is wrong, or a year is no slice of the scenario.
    InfeasibleError, SolverError, CheckError
        If a slice has no optimum that passes its checks.
    """
    wanted = project.years if years is None else years
    project.require_slices(*wanted)
    found: dict[int, xr.Dataset] = {}
    table = project.asset_table
    for year in sorted((y for y in project.years if y >= min(wanted)), reverse=True):
        if on_slice is not None:
            on_slice(year)
        found[year] = solve_one(project, year, table, solver)
        table = table.solved(year, new_build(found[year]))
    return found


def assets_after(
    project: Project, year: int, on_slice: Callable[[int], None] | None = None
) -> AssetTable:
    """The asset table with the new build of the slices after a year, which are solved for it.

    Raises
    ------
    InputError
        If an input is wrong, or the year is no slice of the scenario.
    InfeasibleError, SolverError, CheckError
        If a slice has no optimum that passes its checks.
    """
    project.require_slices(year)
    table, after = project.asset_table, [y for y in project.years if y > year]
    slices = solve_pathway(project, years=after, on_slice=on_slice) if after else {}
    for later, ds in slices.items():
        table = table.solved(later, new_build(ds))
    return table


def solve_one(
    project: Project, year: int, table: AssetTable | None = None, solver: SolverName = "highs"
) -> xr.Dataset:
    """Solve one slice, given the new build of the slices after it.

    Parameters
    ----------
    project
        The scenario with its folders; nothing is written to them.
    year
        The slice.
    table
        The assets with the new build of each slice after it; the project's own for the target.
    solver
        ``highs`` or ``cbc``.

    Returns
    -------
    xarray.Dataset
        The slice by the result contract. Its ``inputs_sha256`` tells slices in memory apart; it
        is not that of the slice's file, which knows the files that it rests on.

    Raises
    ------
    InputError
        If an input is wrong, or the new build of a later slice is missing.
    InfeasibleError, SolverError, CheckError
        If the slice has no optimum that passes its checks.
    """
    project.require_slices(year)
    assets = bounds(table or project.asset_table, year)
    digest = fingerprint([project.slices[year], assets, project.hours, project.minutes, solver])
    return solve_slice(slice_task(project, year, assets, digest, solver))


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
        digest = fingerprint(
            [project.slices[year], task.assets, project.hours, project.minutes, solver, shares]
        )
        inputs = with_losses(task.inputs, shares)
        ds = solve_slice(replace(task, inputs=inputs, inputs_sha256=digest))


def with_losses(inputs: SliceInputs, shares: Mapping[str, float]) -> SliceInputs:
    """Inputs of a slice with other loss shares [1] for some elements of the network."""
    network = tuple(
        replace(element, loss=shares.get(element.element, element.loss))
        for element in inputs.network
    )
    return replace(inputs, network=network)
