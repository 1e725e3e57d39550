"""Slices solved without files: one of a pathway, with some levers pulled, with the grid's losses.

The optimiser's losses are a share of the power through an element; in the grid they grow with its
square. :func:`agree_on_losses` solves a slice, finds its AC losses, takes their share of the
energy as the new loss of each element, and solves it again until optimiser and power flow agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import pandas as pd
import xarray as xr

from meishan_model.accounts.tables import loss_difference
from meishan_model.components.assets import AssetTable
from meishan_model.components.catalogue import kinds
from meishan_model.optimise import SolverName
from meishan_model.planning.asset_rows import asset_table
from meishan_model.planning.backcast import slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import Project
from meishan_model.planning.slice_task import SliceTask
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.records import SliceInputs


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
    project.require_slice(year)
    assets = bounds(table or project.asset_table, year)
    digest = fingerprint([project.slices[year], assets, project.hours, project.minutes, solver])
    return _solved(slice_task(project, year, assets, digest, solver))


def _solved(task: SliceTask) -> xr.Dataset:
    """A slice, solved; the solvers take seconds to import, which only solving has to wait for."""
    from meishan_model.planning.solve_slice import solve_slice

    return solve_slice(task)


ROUNDS = 3
"""Most slices to be looked at until losses agree, the standing one among them."""


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
    table: AssetTable,
    losses_of: Callable[[xr.Dataset], pd.DataFrame],
    tolerance: float,
) -> LossAgreement:
    """Solve a slice again with the losses of its own power flow, until they agree.

    Parameters
    ----------
    project, table
        As for :func:`~meishan_model.planning.in_memory.solve_one`.
    standing
        The slice as it was solved; the first round.
    losses_of
        The power flow of a slice, such as that of
        :func:`~meishan_model.powerflow.indicators.losses`; the caller brings it, so that planning
        knows no power flow.
    tolerance
        Difference of all losses that is small enough [1].

    Returns
    -------
    LossAgreement

    Raises
    ------
    InfeasibleError, SolverError, CheckError
        If a round has no optimum that passes its checks.
    """
    year = int(standing.attrs["year"])
    task = slice_task(project, year, bounds(table, year), "")
    ds = standing
    differences: list[float] = []
    while True:
        lost = losses_of(ds)
        differences.append(loss_difference(lost))
        agreed = abs(differences[-1]) <= tolerance
        if agreed or len(differences) >= ROUNDS:
            return LossAgreement(ds, lost, tuple(differences), agreed)
        used = lost["share"][lost["share"] > 0]
        shares = {str(element): float(share) for element, share in used.items()}
        seen = [task.inputs, task.assets, project.hours, project.minutes, task.solver, shares]
        inputs = with_losses(task.inputs, shares)
        ds = _solved(replace(task, inputs=inputs, inputs_sha256=fingerprint(seen)))


def with_losses(inputs: SliceInputs, shares: Mapping[str, float]) -> SliceInputs:
    """Inputs of a slice with other loss shares [1] for some elements of the network."""
    network = tuple(
        replace(element, loss=shares.get(element.element, element.loss))
        for element in inputs.network
    )
    return replace(inputs, network=network)


USUAL = {"demand_side": "as_usual", "supply_side": "as_usual", "instruments": ()}


@dataclass(frozen=True)
class Step:
    """One lever: what the scenario says of it, and of those before it.

    Attributes
    ----------
    lever
        What is pulled in this step.
    changes
        Keys of the scenario that differ from the plan's.
    measures
        Whether efficiency measures are on offer although demand stays as usual.
    """

    lever: str
    changes: Mapping[str, object]
    measures: bool = False


@cache
def steps() -> tuple[Step, ...]:
    """Levers in the order of attribution; the last step is the plan."""
    contracts = {name: kinds().contracts[name] for name in kinds().instruments}
    contracts = {name: kind for name, kind in contracts.items() if not kind.is_offset}
    sinks = tuple(name for name, kind in contracts.items() if not kind.follows_plant)
    demand = {"supply_side": "as_usual", "instruments": ()}
    return (
        Step("as usual", USUAL),
        Step("efficiency measures", USUAL, measures=True),
        Step("electrification and demand side", demand),
        Step("local renewables and storage", {"instruments": ()}),
        Step("sinks", {"instruments": sinks}),
        Step("green power", {"instruments": tuple(contracts)}),
        Step("certificates and credits", {}),
    )


def solved_with(project: Project, step: Step, price: float) -> xr.Dataset:
    """Solve the target slice with the levers of a step and of those before it.

    Parameters
    ----------
    project
        The scenario with its folders.
    step
        The step.
    price
        Of every tonne above the cap [CNY/tCO2].
    """
    year = project.scenario.target_year
    scenario = project.scenario.model_copy(update=dict(step.changes))
    slices = dict(replace(project, scenario=scenario).slices)
    if step.measures:
        offered = project.slices
        slices = {y: replace(inputs, measures=offered[y].measures) for y, inputs in slices.items()}
    parameters = {**slices[year].parameters, "emission_excess_penalty": price}
    slices[year] = inputs = replace(slices[year], parameters=parameters)
    assets = bounds(asset_table(slices), year)
    task = slice_task(project, year, assets, fingerprint(inputs), inputs=inputs)
    return _solved(task)
