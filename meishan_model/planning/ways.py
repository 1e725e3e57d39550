r"""Ways of planning other than backwards: where their slices lie, and the one forwards.

Slices of another way lie in ``results/<scenario>/<way>[@<sheet>][~<hours>h]/<year>.nc``, beside
those of the backcast and never over them, and keep the contract of a slice.

Planned forwards, somebody who sees no further than the year plans the same park year by year.

The slices are solved from the first year to the target. Slice :math:`y` knows its own demand,
prices and cap on emissions, and what stands: the surviving stock :math:`s_y` and the vintages of
earlier steps. It decides on the addition

.. math::  0 \le a_y \le \min(R \min(h, \text{lifetime}),\; P_y - s_y - S_{y-h})

with the build rate :math:`R`, the step :math:`h`, the potential :math:`P_y` and what stands of
earlier additions :math:`S_{y-h}` (:mod:`meishan_model.planning.vintages`); plants under
construction keep their place free. Nothing is known of later slices: no lower bound, no bridge.
What was built stays to the end of its life. Whether it is used is decided anew in each slice, but
its annuity, at the cost of the year in which it was built, is owed in each: it stands in the
slice's cost as a constant. What the short sight costs shows as capacity that stands and that the
target does not need, and as emissions above the cap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
import xarray as xr

from meishan_model.optimise import SolverName
from meishan_model.optimise.problem import Floats
from meishan_model.planning.backcast import slice_hashes, slice_task
from meishan_model.planning.project import Project
from meishan_model.planning.slice_task import SliceTask
from meishan_model.planning.vintages import BuildingTerms, building_terms, standing_assets
from meishan_model.progress import Progress
from meishan_model.results.files import write_atomically
from meishan_model.results.runs import about, log_folder, run_log, scenario_lock, solver_log_path
from meishan_model.sheets.fingerprint import fingerprint

Way = Literal["forward", "foresight_caps", "foresight_budget"]
"""A way of planning other than backwards."""


def plan_hash(project: Project, way: Way, solver: SolverName) -> str:
    """Hash of all that a plan depends on: the inputs of every slice, and the way of planning."""
    return way_hash(way, slice_hashes(project, solver)[project.years[0]])


def way_hash(way: Way, first_sha256: str) -> str:
    """Hash of a plan by the hash of its first slice, which rests on all the others."""
    return fingerprint([way, first_sha256])


def solved_in_turn(
    project: Project,
    way: Way,
    wanted: str,
    progress: Progress,
    task_of: Callable[[int], SliceTask],
) -> Iterator[tuple[int, xr.Dataset]]:
    """Years and slices of a plan in ascending order: from their files, or solved and written.

    Parameters
    ----------
    project, way
        The scenario with its folders, and the way.
    wanted
        Hash of the plan's inputs, see :func:`plan_hash`.
    progress
        Who is told how far it is.
    task_of
        What the slice of a year is solved from; called when the slices before it are given.
    """
    for position, year in enumerate(project.years, start=1):
        progress.slice_begins(year, position, len(project.years))
        path, found = project.result_path(year, way), project.result_of(wanted, year, way)
        if found is None:
            # Imported for what has to be solved alone, as in the backcast.
            from meishan_model.planning.solve_slice import solve_slice

            progress.stage("making the hourly series")
            task = task_of(year)
            task = replace(task, log=solver_log_path(path, year, task.solver))
            write_atomically(solve_slice(task, progress.stage, progress.log), path)
            yield year, project.open_result(year, way)
        else:
            yield year, found
        progress.slice_ends(path, found is None)


def plan_forward(
    project: Project, solver: SolverName, progress: Progress
) -> dict[int, xr.Dataset]:
    """Plan a scenario forwards; slices that are up to date are not redone.

    Parameters
    ----------
    project
        The scenario with its folders.
    solver
        ``highs`` or ``cbc``.
    progress
        Who is told how far it is.

    Returns
    -------
    dict of int to xarray.Dataset
        Slices by the result contract, ascending; ``capacity_new`` is all that stands of earlier
        additions and the slice's own.

    Raises
    ------
    InputError
        If an input is wrong.
    InfeasibleError, SolverError, CheckError
        If a slice has no optimum that passes its checks; the slices before it are kept.
    LockError
        If another run holds the plan.
    """
    terms = building_terms(project.asset_table)
    wanted = plan_hash(project, "forward", solver)
    additions = np.zeros((0, len(terms.table.asset)))
    found: dict[int, xr.Dataset] = {}

    def task_of(year: int) -> SliceTask:
        limits = terms.addition_limit[terms.years.index(year)]
        assets = standing_assets(terms, year, additions, limits)
        return slice_task(project, year, assets, wanted, solver)

    logs = log_folder(project.result_path(project.years[0], "forward"))
    named = about(scenario=project.scenario.name, way="forward")
    with scenario_lock(logs.parent), run_log(logs), named:
        for year, ds in solved_in_turn(project, "forward", wanted, progress, task_of):
            found[year] = ds
            additions = np.vstack([additions, own_additions(terms, project, year, ds)])
    return found


def own_additions(
    terms: BuildingTerms, project: Project, year: int, dataset: xr.Dataset
) -> Floats:
    """What a slice added itself, as it is handed on: without dust, shape (1, assets) [unit].

    An addition below the parameter ``minimum_asset`` is dust of a solution without crossover.

    Parameters
    ----------
    terms
        Terms of building.
    project
        The scenario with its folders.
    year
        The slice.
    dataset
        Its result; the capacity above its lower bound is its own addition.
    """
    above = (dataset["capacity"] - dataset["capacity_lower"]).to_series()
    added = above.reindex(list(terms.table.asset)).to_numpy(dtype=np.float64).round(3)
    added = np.minimum(added, terms.addition_limit[terms.years.index(year)])
    smallest = project.slices[year].parameters["minimum_asset"]
    return np.asarray(np.where(added >= smallest, added, 0.0))[None, :]
