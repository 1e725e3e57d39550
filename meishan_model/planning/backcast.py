"""Backcast to a year: the slices it rests on, from the target down, each solved at most once."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import xarray as xr

from meishan_model.components.assets import Assets, AssetTable
from meishan_model.errors import InputError
from meishan_model.optimise import SolverName
from meishan_model.optimise.solvers.limits import NO_LIMITS, SolverLimits
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import Project
from meishan_model.plugins import plugins
from meishan_model.progress import Progress
from meishan_model.results.contract import SCHEMA_VERSION
from meishan_model.results.files import stored_hash, write_atomically
from meishan_model.results.runs import about, run_log, scenario_lock, stage
from meishan_model.series.build import build_profiles, faults_of_series
from meishan_model.series.demand import shape_parameters
from meishan_model.series.net_meters import measured_of
from meishan_model.series.profiles import Profiles
from meishan_model.series.weather import load_weather, weather_path
from meishan_model.series.weather_files import check_climate
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.plausibility import Doubt
from meishan_model.sheets.records import SliceInputs
from meishan_model.version import code_sha256

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SliceTask:
    """All that one slice is solved from.

    Attributes
    ----------
    inputs, profiles, assets
        Inputs, hourly series and bounded assets of the slice.
    emission_cap
        Upper limit of net emissions [tCO2/a]; infinite where there is none.
    cost_sheet
        Name of the cost sheet.
    inputs_sha256
        Hash of everything above and of the slices it rests on.
    solver
        ``highs`` or ``cbc``.
    limits
        Time and memory of the solver.
    warnings
        What is possible and hardly meant in the inputs.
    log
        File to which the solver's log is added; ``None`` for none.
    """

    inputs: SliceInputs
    profiles: Profiles
    assets: Assets
    emission_cap: float
    cost_sheet: str
    inputs_sha256: str
    solver: SolverName
    limits: SolverLimits = NO_LIMITS
    warnings: tuple[Doubt, ...] = ()
    log: Path | None = None


@dataclass(frozen=True)
class SolvedSlice:
    """A slice on disk: its year, its file, and whether this run solved it."""

    year: int
    path: Path
    solved: bool


def backcast(
    project: Project, year: int, solver: SolverName, progress: Progress
) -> tuple[SolvedSlice, ...]:
    """Solve the slices from the target year down to a year; what is up to date is not redone.

    Parameters
    ----------
    project
        The scenario with its folders.
    year
        The last slice to be solved.
    solver
        ``highs`` or ``cbc``.
    progress
        Who is told how far it is.

    Returns
    -------
    tuple of SolvedSlice
        From the target year down to ``year``.

    Raises
    ------
    InputError
        If an input is wrong, or the year is no slice of the scenario.
    InfeasibleError, SolverError, CheckError
        If a slice has no optimum that passes its checks; the slices before it are kept.
    LockError
        If another run holds the scenario.
    """
    chain, hashes = slices_down_to(project, year), slice_hashes(project, solver)
    # Hours of solving should not be needed to find a gap in the last slice's tariff.
    require_series(project, [y for y in chain if stored_hash(project.result_path(y)) != hashes[y]])
    done: list[SolvedSlice] = []
    table = project.asset_table

    def task_of(year: int) -> SliceTask:
        return slice_task(project, year, bounds(table, year), hashes[year], solver)

    with scenario_run(project):
        for found, dataset in solved_in_turn(project, chain, hashes, progress, task_of):
            table = table.solved(found.year, new_build(dataset))
            done.append(found)
            del dataset  # only its new build stays in memory while the next is solved
    return tuple(done)


@contextmanager
def scenario_run(project: Project, way: str = "") -> Iterator[Path]:
    """Hold the results of a scenario and log what is done with them; gives the folder of logs."""
    logs = project.result_path(project.years[0], way).parent / "logs"
    facts = {"way": way} if way else {}
    with scenario_lock(logs.parent), run_log(logs), about(scenario=project.scenario.name, **facts):
        yield logs


def solved_in_turn(
    project: Project,
    years: Sequence[int],
    wanted: Mapping[int, str],
    progress: Progress,
    task_of: Callable[[int], SliceTask],
    way: str = "",
) -> Iterator[tuple[SolvedSlice, xr.Dataset]]:
    """Slices in turn: from their files, or solved and written.

    Parameters
    ----------
    project
        The scenario with its folders.
    years
        The slices in the order in which they rest on each other.
    wanted
        Hash of what each is made from, by year.
    progress
        Who is told how far it is.
    task_of
        What the slice of a year is solved from; called when the slices before it are given.
    way
        Another way of planning than backwards. It has no park before the plan.
    """
    for position, year in enumerate(years, start=1):
        progress.slice_begins(year, position, len(years))
        dataset = project.result_of(wanted[year], year, way)
        found = SolvedSlice(year, project.result_path(year, way), solved=dataset is None)
        if dataset is None:
            progress.stage("making the hourly series")
            with stage("series", year=year, hours=project.hours):
                task = task_of(year)
            _solve_to_file(task, found.path, progress, has_before=not way)
            dataset = project.open_result(year, way)
        yield found, dataset
        del dataset
        progress.slice_ends(found.path, found.solved)


def _solve_to_file(task: SliceTask, path: Path, progress: Progress, *, has_before: bool) -> None:
    # solph and its solvers take seconds to import: only what is not up to date waits for them.
    from meishan_model.planning.before import with_before
    from meishan_model.planning.solve_slice import solve_slice

    year = task.inputs.year
    task = replace(task, log=path.parent / "logs" / f"{year}_{task.solver}.log")
    dataset = solve_slice(task, progress.stage, progress.log)
    if has_before:
        dataset = with_before(dataset, task, progress.stage)
    progress.stage("writing the result")
    with stage("write", year=year, hours=task.profiles.hours):
        write_atomically(dataset, path)


def require_series(project: Project, years: Iterable[int]) -> None:
    """Make the hourly series of some slices, so that a gap in a late one is told at once.

    Parameters
    ----------
    project
        The scenario with its folders.
    years
        Its slices in question.

    Raises
    ------
    InputError
        With the faults of all these slices in load shapes, tariff, weather and prices, each once.
    """
    slices = [project.slices[year] for year in years]
    where = (project.park, project.weather_folder)
    if slices and (faults := faults_of_series(*where, slices, project.hours, project.minutes)):
        raise InputError(faults)


def slices_down_to(project: Project, year: int) -> tuple[int, ...]:
    """The slices that a year rests on, from the target down to the year itself.

    A slice inherits its bounds from the slice after it.

    Raises
    ------
    InputError
        If the year is no slice of the scenario.
    """
    project.require_slice(year)
    return tuple(y for y in reversed(project.years) if y >= year)


def stored_assets(project: Project, year: int) -> AssetTable:
    """The asset table with the new build of every slice after a year, as it lies on disk.

    Raises
    ------
    InputError
        If one of these slices is not solved, or its file cannot be read.
    """
    table = project.asset_table
    for later in (y for y in project.years if y > year):
        table = table.solved(later, new_build(project.open_result(later)))
    return table


def stored_task(project: Project, year: int, inputs: SliceInputs | None = None) -> SliceTask:
    """What a slice is solved from, given the slices after it as they lie on disk.

    Parameters and errors are those of :func:`slice_task` and :func:`stored_assets`.
    """
    return slice_task(project, year, bounds(stored_assets(project, year), year), "", inputs=inputs)


def slice_hashes(project: Project, solver: SolverName) -> dict[int, str]:
    """Hash of all that each slice depends on with one solver, see :func:`hashes_by_solver`."""
    return hashes_by_solver(project, [solver])[solver]


def hashes_by_solver(
    project: Project, solvers: Iterable[SolverName] = get_args(SolverName)
) -> dict[SolverName, dict[int, str]]:
    """Hash of all that each slice depends on, by solver and from the target down.

    A slice depends on its own resolved inputs, on the stock, potentials and build rates of all
    slices (they bound the chain), on the weather and the load shapes, on the files of plug-ins
    that its year has, and on the slice after it.
    Where a number comes from, its line and its note do not matter; the contract of the results and
    the code do, since both decide what a number in the file means.
    """
    shapes, weather = shape_parameters(project.park), None
    weather_file = weather_path(project.weather_folder, project.park.site.weather_year)
    if weather_file.is_file():  # else what depends on it says so
        data = load_weather(project.weather_folder, project.park.site)
        check_climate(data, project.park_folder, weather_file)
        weather = {str(name): series.to_numpy() for name, series in data.items()}
    measured = measured_of(project.park, project.weather_folder)
    common = fingerprint(
        [
            {name: (series.means, series.days) for name, series in measured.items()},
            project.asset_table.chain(),
            shapes.numbers,
            shapes.courses,
            weather,
            (project.hours, project.minutes),
            SCHEMA_VERSION,
            code_sha256(),
        ]
    )
    own = {}
    for year in sorted(project.slices, reverse=True):
        files = [p for plugin in plugins() for p in plugin.files(project.weather_folder, year)]
        read = [path.read_bytes() if path.is_file() else None for path in files]
        own[year] = fingerprint([project.slices[year], read])
    return {solver: _chained(own, [common, solver]) for solver in solvers}


def _chained(own: Mapping[int, str], common: Sequence[str]) -> dict[int, str]:
    """Hashes of slices from their own and what all share, each on top of those of later ones."""
    hashes: dict[int, str] = {}
    later = ""
    for year, digest in own.items():
        hashes[year] = later = fingerprint([*common, digest, later])
    return hashes


def slice_task(
    project: Project,
    year: int,
    assets: Assets,
    inputs_sha256: str,
    solver: SolverName = "highs",
    *,
    inputs: SliceInputs | None = None,
) -> SliceTask:
    """Everything one slice is solved from.

    Parameters
    ----------
    project
        The scenario with its folders.
    year
        The slice.
    assets
        Bounds and costs of its assets.
    inputs_sha256
        Hash that the result shall carry.
    solver
        ``highs`` or ``cbc``.
    inputs
        Inputs of the slice, where they are not those of the project.

    Raises
    ------
    InputError
        If an input is wrong.
    """
    inputs = inputs or project.slices[year]
    where, length = (project.park, project.weather_folder), (project.hours, project.minutes)
    return SliceTask(
        inputs=inputs,
        profiles=build_profiles(inputs, *where, *length),
        assets=assets,
        emission_cap=cap_of_year(project, year),
        cost_sheet=project.cost_folder.name,
        inputs_sha256=inputs_sha256,
        solver=solver,
        limits=project.limits,
        warnings=project.warnings,
    )


def cap_of_year(project: Project, year: int) -> float:
    """Upper limit of net emissions in a year [tCO2/a]: zero in the target, infinite if not any."""
    scenario = project.scenario
    if not scenario.neutrality:
        return math.inf
    if year == scenario.target_year:
        return 0.0
    return float(project.trajectory.caps(year))


def new_build(dataset: xr.Dataset) -> dict[str, float]:
    """New build of every asset in a slice [unit of the asset], as the slice before it needs it."""
    new = dataset["capacity_new"].to_series()
    return {str(asset): float(value) for asset, value in new.items()}
