"""The backcast without files: for trials by the hundred, of which only a few numbers are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.optimise import SolverName
from meishan_model.planning.backcast import new_build, slice_task
from meishan_model.planning.project import Project
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.sheets.fingerprint import fingerprint

NewBuild = Mapping[int, Mapping[str, float]]
"""New build of every asset [unit of the asset], by the year of the slice."""


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
    later: dict[int, Mapping[str, float]] = {}
    for year in sorted((y for y in project.years if y >= min(wanted)), reverse=True):
        if on_slice is not None:
            on_slice(year)
        found[year] = solve_one(project, year, later, solver)
        later[year] = new_build(found[year])
    return found


def new_build_after(
    project: Project, year: int, on_slice: Callable[[int], None] | None = None
) -> NewBuild:
    """New build of the slices after a year, by the scenario as it is; empty for the target.

    Raises
    ------
    InputError
        If an input is wrong, or the year is no slice of the scenario.
    InfeasibleError, SolverError, CheckError
        If a slice has no optimum that passes its checks.
    """
    refuse_strange_years(project, [year])
    after = [y for y in project.years if y > year]
    if not after:
        return {}
    slices = solve_pathway(project, years=after, on_slice=on_slice)
    return {y: new_build(ds) for y, ds in slices.items()}


def solve_one(
    project: Project, year: int, later: NewBuild, solver: SolverName = "highs"
) -> xr.Dataset:
    """Solve one slice, given the new build of the slices after it.

    Parameters
    ----------
    project
        The scenario with its folders; nothing is written to them.
    year
        The slice.
    later
        New build of every asset in each slice after it [unit of the asset]; empty for the target.
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
    missing = [y for y in project.years if y > year and y not in later]
    if missing:
        message = f"the slice {year} rests on slices whose new build is not given"
        raise InputError([Fault(project.scenario.name, message, value=str(missing))])
    digest = fingerprint([project.slices[year], later, project.hours, solver])
    return solve_slice(slice_task(project, year, later, digest, solver))


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
