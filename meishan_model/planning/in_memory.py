"""The backcast without files: for trials by the hundred, of which only a few numbers are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import xarray as xr

from meishan_model.components.assets import AssetTable
from meishan_model.errors import Fault, InputError
from meishan_model.optimise import SolverName
from meishan_model.planning.backcast import new_build, slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import Project
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.sheets.fingerprint import fingerprint


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
    refuse_strange_years(project, wanted)
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
    refuse_strange_years(project, [year])
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
    refuse_strange_years(project, [year])
    assets = bounds(table or project.asset_table, year)
    digest = fingerprint([project.slices[year], assets, project.hours, solver])
    return solve_slice(slice_task(project, year, assets, digest, solver))


def refuse_strange_years(project: Project, years: Sequence[int]) -> None:
    """Refuse years that are no slices of the scenario, and no years at all.

    Raises
    ------
    InputError
        With the slices that there are.
    """
    strange = sorted(set(years) - set(project.years))
    if strange or not years:
        remedy = f"its slices are {', '.join(map(str, project.years))}"
        message = "is no slice of this scenario" if strange else "no slice is asked for"
        value = ", ".join(map(str, strange))
        raise InputError([Fault(project.scenario.name, message, None, "year", value, remedy)])
