"""Whether a change of the code leaves every stated problem as it was.

    python -m benchmarks.same_problems keep FOLDER       state all slices, and keep the problems
    python -m benchmarks.same_problems compare FOLDER    state them again and compare

``keep`` is run on the code before a change, ``compare`` on that after it. What later slices build
is solved once, by ``keep``, and held, so that a difference does not spread from slice to slice.
Problems are the same up to the order of their rows and columns: both are brought into an order of
their own by colours that are refined until no more are told apart (Weisfeiler and Leman, The
reduction of a graph to canonical form, 1968), and their numbers are compared in it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
import xarray as xr
from numpy.typing import NDArray

from benchmarks.real_slice import ROOT
from meishan_model.components.assets import AssetTable
from meishan_model.components.build import build_park
from meishan_model.optimise import Model, SolverName
from meishan_model.optimise.problem import NO_LABELS, Floats, LinearProblem
from meishan_model.planning.backcast import new_build, slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import Project, open_project
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.sheets.fingerprint import fingerprint

WEEKS, YEAR = 336, 8760
PATHWAYS = ("balanced", "business_as_usual", "carbon_trading", "sink_offset", "supply_side")
SCENARIOS = (*PATHWAYS, "yizhuang")
WHOLE_YEARS = (("balanced", 2035), ("balanced", 2050))
SAME = 1e-12
"""Relative difference of two numbers that are the same [-]."""
DIGITS = 8
"""Digits of a number that tell rows and columns apart; later ones are noise."""
SCALES = (1.0, 1.37)
ROUNDS = 40
"""How often colours are refined at most."""

Builds: TypeAlias = dict[str, dict[int, dict[str, float]]]
"""New build of each asset by scenario and year of the slice."""
Colours: TypeAlias = NDArray[np.uint64]


@dataclass(frozen=True)
class Canonical:
    """The numbers of a problem in an order of its own, and the colours that make it."""

    rows: Floats
    columns: Floats
    entries: Floats
    row_colours: Colours
    column_colours: Colours
    offset: float


def canonical(problem: LinearProblem, scale: float = 1.0) -> Canonical:
    """Bring a problem into an order that does not depend on that of its rows and columns.

    Parameters
    ----------
    problem
        The problem.
    scale
        What numbers are multiplied with before they are rounded to tell rows and columns apart.
    """
    of_rows, of_columns, rows, columns, entries = colours_of(problem, scale)
    row, column = entries.coords
    # Of what has the same colour the numbers differ by noise only: they are in their own order.
    row_order = np.lexsort((*rows.T[::-1], of_rows))
    column_order = np.lexsort((*columns.T[::-1], of_columns))
    entry_order = np.lexsort((entries.data, of_columns[column], of_rows[row]))
    return Canonical(
        rows[row_order],
        columns[column_order],
        entries.data[entry_order],
        of_rows[row_order],
        of_columns[column_order],
        problem.cost_offset,
    )


def colours_of(
    problem: LinearProblem, scale: float = 1.0, rounds: int = ROUNDS
) -> tuple[Colours, Colours, Floats, Floats, sp.coo_array]:
    """Colours of rows and columns, the same wherever they stand, and the numbers they are made of.

    Parameters
    ----------
    problem
        The problem.
    scale
        What numbers are multiplied with before they are rounded.
    rounds
        How often colours are refined at most, each time by what stands one entry further away.
    """
    entries = sp.coo_array(problem.matrix)
    entries.eliminate_zeros()
    row, column = entries.coords
    rows = np.column_stack([problem.row_lower, problem.row_upper])
    columns = np.column_stack(
        [problem.column_lower, problem.column_upper, problem.cost, problem.integer]
    )
    of_rows, of_columns = _colours(rows, scale), _colours(columns, scale)
    of_entries = _colours(entries.data[:, None], scale)
    count = 0
    for _ in range(rounds):
        of_rows = _refined(of_rows, row, _mixed(of_columns[column], of_entries))
        of_columns = _refined(of_columns, column, _mixed(of_rows[row], of_entries))
        found = len(np.unique(of_rows)) + len(np.unique(of_columns))
        if found == count:
            break
        count = found
    return of_rows, of_columns, rows, columns, entries


def difference(one: LinearProblem, other: LinearProblem) -> float:
    """Largest relative difference of two problems; infinite where they are of another pattern.

    Parameters
    ----------
    one, other
        The problems.
    """
    # A number at the edge of being rounded up is told apart from itself by noise; rounded
    # otherwise it is not.
    return min(_difference(canonical(one, s), canonical(other, s)) for s in SCALES)


def _difference(first: Canonical, second: Canonical) -> float:
    for name in ("row_colours", "column_colours"):
        if not np.array_equal(getattr(first, name), getattr(second, name)):
            return np.inf
    found = 0.0
    for a, b in (
        (first.rows, second.rows),
        (first.columns, second.columns),
        (first.entries, second.entries),
        (np.array([first.offset]), np.array([second.offset])),
    ):
        differing = a != b
        x, y = a[differing], b[differing]
        with np.errstate(invalid="ignore"):
            off = np.abs(x - y) / np.maximum(np.abs(x), np.abs(y))
        found = max(found, float(np.where(np.isnan(off), np.inf, off).max(initial=0.0)))
    return found


def _mixed(*words: Colours) -> Colours:
    """One word of 64 bits for several, such that other words give another one."""
    found = np.full(len(words[0]), 0x9E3779B97F4A7C15, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for word in words:
            found = (found ^ word) * np.uint64(0xD6E8FEB86659FD93)
            found ^= found >> np.uint64(32)
    return found


def _colours(numbers: Floats, scale: float) -> Colours:
    """A colour for each row of numbers, the same where their first digits are."""
    numbers = numbers * scale
    with np.errstate(divide="ignore", invalid="ignore"):
        power = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.abs(numbers))))
        rounded = np.where(np.isfinite(power), np.rint(numbers * power) / power, numbers)
    # Zero has no sign here.
    words = (rounded + 0.0).view(np.uint64)
    return _mixed(*words.reshape(numbers.shape).T)


def _refined(colours: Colours, places: NDArray[np.int_], words: Colours) -> Colours:
    """Colours that also tell apart what stands beside other words, in whatever order."""
    beside = np.zeros_like(colours)
    with np.errstate(over="ignore"):
        np.add.at(beside, places, words)
    return _mixed(colours, beside)


def stated(project: Project, year: int, later: Mapping[int, Mapping[str, float]]) -> LinearProblem:
    """The problem of a slice, given what the slices after it build."""
    table = project.asset_table
    for later_year, new in later.items():
        table = table.solved(later_year, new)
    task = slice_task(project, year, bounds(table, year), "")
    park = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    return Model(park.energy_system, park.registry.integral_limits).problem


def all_problems(builds: Builds) -> Iterator[tuple[str, LinearProblem]]:
    """Every slice of every scenario by its name, and two of them as whole years."""
    weeks = {scenario: open_project(scenario, ROOT, hours=WEEKS) for scenario in SCENARIOS}
    cases = [(s, year, WEEKS) for s, project in weeks.items() for year in project.years]
    for scenario, year, hours in (*cases, *((s, y, YEAR) for s, y in WHOLE_YEARS)):
        project = weeks[scenario] if hours == WEEKS else open_project(scenario, ROOT, hours=hours)
        later = {y: new for y, new in builds[scenario].items() if y > year}
        yield f"{scenario}_{year}_{hours}", stated(project, year, later)


def solve_one(
    project: Project, year: int, table: AssetTable | None = None, solver: SolverName = "highs"
) -> xr.Dataset:
    """Solve one slice, given the new build of the slices after it.

    Nothing is written; the hash of the inputs tells slices in memory apart.
    """
    project.require_slice(year)
    assets = bounds(table or project.asset_table, year)
    digest = fingerprint([project.slices[year], assets, project.hours, project.minutes, solver])
    return solve_slice(slice_task(project, year, assets, digest, solver))


def solved_builds() -> Builds:
    """What every slice of every scenario builds, by solving it for two weeks."""
    found: Builds = {}
    for scenario in SCENARIOS:
        project = open_project(scenario, ROOT, hours=WEEKS)
        table, builds = project.asset_table, dict[int, dict[str, float]]()
        for year in reversed(project.years):
            builds[year] = new_build(solve_one(project, year, table))
            table = table.solved(year, builds[year])
        found[scenario] = builds
        _say(f"{scenario}: solved")
    return found


def keep(folder: Path) -> None:
    """State all problems and keep them with the new builds that they rest on."""
    folder.mkdir(parents=True, exist_ok=True)
    builds = solved_builds()
    for name, problem in all_problems(builds):
        sp.save_npz(folder / f"{name}.matrix.npz", sp.csc_array(problem.matrix))
        vectors = {key: getattr(problem, key) for key in _VECTORS}
        np.savez_compressed(folder / f"{name}.npz", **vectors, offset=problem.cost_offset)
        _say(f"{name}: {problem.matrix.shape[1]} columns, {problem.matrix.shape[0]} rows")
    (folder / BUILDS).write_text(json.dumps(builds), encoding="utf-8")


BUILDS = "builds.json"
_VECTORS = ("row_lower", "row_upper", "column_lower", "column_upper", "cost", "integer")


def kept(folder: Path, name: str) -> LinearProblem:
    """A problem that :func:`keep` has written."""
    with np.load(folder / f"{name}.npz") as numbers:
        vectors = {key: numbers[key] for key in _VECTORS}
        offset = float(numbers["offset"])
    matrix = sp.csc_array(sp.load_npz(folder / f"{name}.matrix.npz"))
    return LinearProblem(matrix=matrix, cost_offset=offset, labels=NO_LABELS, **vectors)


def compare(folder: Path) -> bool:
    """State all problems again and say how far each is from the one that was kept."""
    read = json.loads((folder / BUILDS).read_text(encoding="utf-8"))
    builds = {s: {int(y): new for y, new in years.items()} for s, years in read.items()}
    worst = 0.0
    for name, problem in all_problems(builds):
        found = difference(kept(folder, name), problem)
        worst = max(worst, found)
        _say(f"{name}: {found:.1e}{'' if found <= SAME else '  DIFFERENT'}")
    return worst <= SAME


def main() -> int:
    """Do what the arguments say; returns the exit code."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "keep":
        keep(folder)
        return 0
    return 0 if compare(folder) else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
