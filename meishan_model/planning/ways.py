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

from typing import Literal

import numpy as np
import xarray as xr

from meishan_model.accounts.tables import Slices
from meishan_model.optimise import SolverName
from meishan_model.planning import backcast
from meishan_model.planning.project import Project
from meishan_model.planning.vintages import BuildingTerms, building_terms, standing_assets
from meishan_model.progress import Progress
from meishan_model.series import FloatArray
from meishan_model.sheets.fingerprint import fingerprint

Way = Literal["forward", "foresight_caps", "foresight_budget"]
"""A way of planning other than backwards."""


def plan_hash(project: Project, way: Way, solver: SolverName) -> str:
    """Hash of all that a plan depends on: the inputs of every slice, and the way of planning."""
    return way_hash(way, backcast.slice_hashes(project, solver)[project.years[0]])


def way_hash(way: Way, first_sha256: str) -> str:
    """Hash of a plan by the hash of its first slice, which rests on all the others."""
    return fingerprint([way, first_sha256])


def plan_forward(project: Project, solver: SolverName, progress: Progress) -> Slices:
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

    def task_of(year: int) -> backcast.SliceTask:
        limits = terms.addition_limit[terms.years.index(year)]
        assets = standing_assets(terms, year, additions, limits)
        return backcast.slice_task(project, year, assets, wanted, solver)

    hashes = dict.fromkeys(project.years, wanted)
    with backcast.scenario_run(project, "forward"):
        for solved, ds in backcast.solved_in_turn(
            project, project.years, hashes, progress, task_of, "forward"
        ):
            found[solved.year] = ds
            additions = np.vstack([additions, own_additions(terms, project, solved.year, ds)])
    return found


def own_additions(terms: BuildingTerms, project: Project, year: int, ds: xr.Dataset) -> FloatArray:
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
    ds
        Its result; the capacity above its lower bound is its own addition.
    """
    above = (ds["capacity"] - ds["capacity_lower"]).to_series()
    added = above.reindex(list(terms.table.asset)).to_numpy(dtype=np.float64).round(3)
    added = np.minimum(added, terms.addition_limit[terms.years.index(year)])
    smallest = project.slices[year].parameters["minimum_asset"]
    return np.asarray(np.where(added >= smallest, added, 0.0))[None, :]
