"""The comparison as a whole: all pathways, and the recommended one planned in other ways.

Each plan keeps its own slices on disk, so that a run that was stopped goes on where it ended. A
plan without an optimum is a finding: a line that says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import xarray as xr

from meishan_model.errors import CheckError
from meishan_model.optimise import SolverName
from meishan_model.optimise.errors import InfeasibleError, SolverError
from meishan_model.planning.backcast import Progress, open_slice, slice_hashes
from meishan_model.planning.binding import binding_limits
from meishan_model.planning.foresight import Emissions, plan_with_foresight
from meishan_model.planning.project import Project, open_project
from meishan_model.planning.vintages import building_terms
from meishan_model.planning.ways import plan_forward
from meishan_model.planning.whole_pathway import REFERENCE, offered_potential, pathway
from meishan_model.results.files import write_table
from meishan_model.series.build import build_profiles
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.studies.comparison import Line, plan_line, tidy, with_abatement_cost

logger = logging.getLogger(__name__)

PATHWAYS = (REFERENCE, "carbon_trading", "supply_side", "sink_offset", "balanced")
"""In the order of the table; business as usual is the reference of the others."""
RECOMMENDED = "balanced"
"""The pathway that is also planned in other ways."""
SHORT_HOURS = 336
"""All years in one problem are solved on so many hours of each."""


@dataclass(frozen=True)
class Job:
    """A plan to be made: its name in the table, its project and how it is made."""

    plan: str
    project: Project
    make: Callable[[], dict[int, xr.Dataset]]


def compare(
    root: Path,
    cost_folder: Path | None,
    hours: int,
    solver: SolverName,
    progress: Progress,
    on_plan: Callable[[str, int], None] | None = None,
    short_hours: int = SHORT_HOURS,
) -> tuple[list[Line], Path]:
    """Make all plans and save their numbers in one table.

    Parameters
    ----------
    root
        Folder of the project.
    cost_folder
        Another cost sheet than those of the scenarios.
    hours
        Hours of each year of the pathways; the comparison with foresight has ``short_hours``.
    solver
        ``highs`` or ``cbc``.
    progress
        Who is told how far it is.
    on_plan
        Called with the name and the hours of each plan as it begins.
    short_hours
        Hours of each year where all years are one problem; at most ``hours``.

    Returns
    -------
    tuple
        The lines, and where the table lies: ``results/comparison[@<sheet>][~<hours>h].csv``.

    Raises
    ------
    InputError
        If an input is wrong.
    LockError
        If another run holds a plan.
    """
    short = min(short_hours, hours)
    lines, hashes = [], []
    for job in jobs(root, cost_folder, hours, short, solver, progress):
        if on_plan is not None:
            on_plan(job.plan, job.project.hours)
        hashes.append(slice_hashes(job.project, solver)[job.project.years[0]])
        lines.append(make_line(job))
    lines = with_abatement_cost(lines, REFERENCE)
    sheet = "" if cost_folder is None else f"@{cost_folder.name}"
    stem = f"comparison{sheet}" + ("" if hours == HOURS_OF_YEAR else f"~{hours}h")
    path = root / "results" / f"{stem}.csv"
    write_table(tidy(lines), path, fingerprint(hashes))
    return lines, path


def jobs(
    root: Path,
    cost_folder: Path | None,
    hours: int,
    short: int,
    solver: SolverName,
    progress: Progress,
) -> Iterator[Job]:
    """The plans of the comparison, in the order of the table.

    Pathways without a scenario file are left out.

    Parameters
    ----------
    root, cost_folder, hours, solver, progress
        As in :func:`compare`.
    short
        Hours of each year where all years are one problem.
    """
    known = [n for n in PATHWAYS if (root / "configs" / "scenarios" / f"{n}.yaml").is_file()]
    projects = {name: open_project(name, root, cost_folder, hours) for name in known}
    for name, project in projects.items():
        yield Job(name, project, _backwards(project, solver, progress))
    if RECOMMENDED not in projects:
        return
    whole = projects[RECOMMENDED]
    for project in [whole] if short == hours else [whole, replace(whole, hours=short)]:
        if project is not whole:
            name = f"{RECOMMENDED}, backwards"
            yield Job(name, project, _backwards(project, solver, progress))
        make = partial(plan_forward, project, solver, progress)
        yield Job(f"{RECOMMENDED}, forwards", project, make)
    yield from _with_foresight(replace(whole, hours=short), progress)


def _with_foresight(project: Project, progress: Progress) -> Iterator[Job]:
    ways: tuple[Emissions, ...] = ("caps", "budget")
    for emissions in ways:
        make = partial(plan_with_foresight, project, progress, emissions)
        yield Job(f"{RECOMMENDED}, foresight, {emissions}", project, make)


def _backwards(
    project: Project, solver: SolverName, progress: Progress
) -> Callable[[], dict[int, xr.Dataset]]:
    def make() -> dict[int, xr.Dataset]:
        pathway(project, solver, progress)
        return {year: open_slice(project, year) for year in project.years}

    return make


def make_line(job: Job) -> Line:
    """Make a plan and its line; a plan without an optimum has a line that says why.

    Parameters
    ----------
    job
        The plan.
    """
    try:
        slices = job.make()
    except InfeasibleError as error:
        logger.warning("%s is infeasible: %s", job.plan, error)
        return Line(job.plan, job.project.hours, failure=f"infeasible: {error.headline}")
    except (SolverError, CheckError) as error:
        logger.warning("%s has no result: %s", job.plan, error)
        return Line(job.plan, job.project.hours, failure=f"no result: {error}")
    inputs = job.project.slices
    return plan_line(
        job.plan,
        slices,
        inputs,
        building_terms(job.project.asset_table),
        offered_potential(job.project),
        _limits(job.project, slices),
    )


def _limits(project: Project, slices: dict[int, xr.Dataset]) -> tuple[str, ...]:
    """What holds the target slice, where it has a gap."""
    last = max(slices)
    ds, inputs = slices[last], project.slices[last]
    if float(ds["emissions"].where(ds["scope"] == "gap").sum()) <= 0.0:
        return ()
    profiles = build_profiles(inputs, project.park, project.weather_folder, project.hours)
    return binding_limits(ds, inputs, profiles)
