"""Slices of other ways of planning, kept beside those of the backcast and never over them.

They lie in ``results/<scenario>/<way>[@<sheet>][~<hours>h]/<year>.nc`` and keep the contract of a
slice.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import xarray as xr

from meishan_model.optimise import SolverName
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.project import Project
from meishan_model.results.files import (
    open_if_made_of,
    open_results,
    result_path,
    write_atomically,
)
from meishan_model.sheets.fingerprint import fingerprint

Way = Literal["forward", "foresight_caps", "foresight_budget"]
"""A way of planning other than backwards."""


def plan_folder(project: Project) -> Path:
    """Folder in which the other ways of planning a scenario lie."""
    return project.results_folder / project.scenario.name


def plan_path(project: Project, way: Way, year: int) -> Path:
    """Where a slice of another way of planning lies."""
    return result_path(plan_folder(project), way, year, project.overlay, project.hours)


def open_plan(project: Project, way: Way, year: int) -> xr.Dataset:
    """A slice of another way of planning, read into memory."""
    return open_results(way, year, plan_folder(project), project.overlay, project.hours)


def plan_hash(project: Project, way: Way, solver: SolverName) -> str:
    """Hash of all that a plan depends on: the inputs of every slice, and the way of planning."""
    return way_hash(way, slice_hashes(project, solver)[project.years[0]])


def way_hash(way: Way, first_sha256: str) -> str:
    """Hash of a plan by the hash of its first slice, which rests on all the others."""
    return fingerprint([way, first_sha256])


def stored(project: Project, way: Way, year: int, wanted: str) -> xr.Dataset | None:
    """A slice that lies there whole and is made from these inputs, else ``None``.

    Parameters
    ----------
    project, way, year
        As in :func:`plan_path`.
    wanted
        Hash of the plan's inputs, see :func:`plan_hash`.
    """
    return open_if_made_of(wanted, way, year, plan_folder(project), project.overlay, project.hours)


def stored_or_solved(
    project: Project, way: Way, year: int, wanted: str, solve: Callable[[], xr.Dataset]
) -> tuple[xr.Dataset, bool]:
    """A slice from its file, or solved and written; says whether it was solved.

    Parameters
    ----------
    project, way, year, wanted
        As in :func:`stored`.
    solve
        Solves the slice.
    """
    found = stored(project, way, year, wanted)
    if found is not None:
        return found, False
    write_atomically(solve(), plan_path(project, way, year))
    return open_plan(project, way, year), True
