"""One slice solved again with one number or lever changed, without solving where nothing changes.

- All else is held: an earlier slice keeps the new build of the slices after it, as the unchanged
  pathway has it. What such a slice can no longer inherit is told as a fault, not left out.
- In the target net emissions are bound by the cap, so a driver shows in cost and location-based
  emissions first.
- The objective of an optimum is unique; paid cost and emissions are those of the optimum found,
  and may differ where two plans cost the same.
- A variant is not solved where that provably gives the same optimum: where the slice's inputs
  are the same (a number of another year, of the seed's own accounts, or clipped to its range), or
  where only bounds differ that bind neither before nor after (the problem is convex, so its
  optimum stays). Where only prices differ, the stated problem is repriced instead of made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from meishan_model.accounts.checks import check_slice
from meishan_model.accounts.tables import (
    Accounts,
    SliceTotals,
    account,
    table_totals,
    without_dust,
)
from meishan_model.components.assets import AssetTable
from meishan_model.components.build import build_park
from meishan_model.components.flows import ParkGraph
from meishan_model.errors import InputError, MeishanError
from meishan_model.optimise.conflicts.explain import explain_conflicts
from meishan_model.optimise.errors import ModelError, OptimiseError
from meishan_model.optimise.problem import LinearProblem
from meishan_model.optimise.solution import extract
from meishan_model.optimise.solvers.highs import solve_highs
from meishan_model.optimise.solvers.standing import reprice
from meishan_model.planning.backcast import slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.park_words import in_park_words
from meishan_model.planning.project import Project
from meishan_model.planning.solve_slice import SliceTask
from meishan_model.planning.stating import GAP, model_of
from meishan_model.series.climate import write_synthetic_weather
from meishan_model.series.weather import MEASURED_FILE
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.perturb import Series, varied_sheets
from meishan_model.sheets.records import SliceInputs

METHODS = ("simplex", "hipo", "ipx")
"""A week is solved four times faster by the simplex than by an interior point."""
SLACK = 1e-3
"""Distance to a bound [unit] from which on it does not bind, the precision of capacities."""


@dataclass(frozen=True)
class Reference:
    """The unchanged slice that every variant is compared with.

    Attributes
    ----------
    project
        The scenario, read from a copy of its sheets.
    year
        The slice.
    table
        The assets of the pathway, with the new build of the slices after it.
    task
        What it was solved from.
    problem
        Its problem as the solver got it.
    new_build
        Its optimal new build by asset [unit].
    totals
        Its totals.
    trades
        Whether it buys certificates or credits, so that their limit (a share of E_0) may bind.
    """

    project: Project
    year: int
    table: AssetTable
    task: SliceTask
    problem: LinearProblem
    new_build: Mapping[str, float]
    totals: SliceTotals
    trades: bool


@dataclass(frozen=True)
class Outcome:
    """What a variant gave.

    Attributes
    ----------
    status
        ``solved``; ``same`` where the optimum provably stays; ``invalid`` where the sheets refuse
        the number; ``failed`` where there is no optimum or it fails its checks.
    message
        Why it is the same, invalid or failed.
    totals
        Totals of the slice, ``None`` if it is invalid or failed.
    """

    status: str
    message: str
    totals: SliceTotals | None


def reference(project: Project, year: int, table: AssetTable) -> Reference:
    """Solve the unchanged slice.

    Raises
    ------
    InputError, InfeasibleError, SolverError, CheckError
        As :func:`~meishan_model.planning.in_memory.solve_one`.
    """
    task = _task(project, year, table, None)
    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    problem = _stated(task, graph)
    accounts = _solve(task, graph, problem)
    built = {str(k): float(v) for k, v in accounts.assets["capacity_new"].items()}
    totals = table_totals(accounts.costs, accounts.emissions)
    offsets = [c for c in task.inputs.contracts if c.kind.is_offset]
    of_offsets = accounts.costs["component"].isin([c.contract for c in offsets])
    bought = accounts.costs["value"].where(of_offsets, 0.0).sum()
    free = any(c.parameters["price"] <= 0 for c in offsets)
    trades = bool(bought > 0.0) or free
    return Reference(project, year, table, task, problem, built, totals, trades)


def vary_series(base: Reference, series: Series, change: float) -> Outcome:
    """Solve the slice with one series varied.

    Parameters
    ----------
    base
        The unchanged slice; the sheets of its project are varied on disk and put back, so they
        must be a copy of :func:`~meishan_model.sheets.perturb.copy_sheets`.
    series
        What is varied.
    change
        Relative change [-].
    """
    project = replace(base.project)  # without what it has read so far
    with varied_sheets(project.root, project.scenario.park, series, change):
        if series.sheet != "climate":
            return _outcome(base, project, series)
        folder = project.weather_folder
        if (folder / MEASURED_FILE).is_file():
            return Outcome("same", "the weather year is measured", base.totals)
        before = {path: path.read_bytes() for path in folder.glob("*.nc")}
        try:
            write_synthetic_weather(project.park_folder, folder)
            return _outcome(base, project, series)
        except (MeishanError, OptimiseError) as error:
            return Outcome("invalid", _without(project.root, error), None)
        except ValueError as error:
            # Of a climate that the generator cannot make; it says why in one line.
            return Outcome("invalid", str(error), None)
        finally:
            for path, content in before.items():
                path.write_bytes(content)


def switch_off(base: Reference, lever: str) -> Outcome:
    """Solve the slice with a lever of the scenario switched off.

    Parameters
    ----------
    base
        The unchanged slice.
    lever
        One of :func:`~meishan_model.sheets.scenario.levers`.
    """
    scenario = base.project.scenario
    if not getattr(scenario, lever):
        return Outcome("same", "the scenario does not pull it", base.totals)
    changed = scenario.model_copy(update={lever: False})
    return _outcome(base, replace(base.project, scenario=changed), None)


def _outcome(base: Reference, project: Project, series: Series | None) -> Outcome:
    """Solve a variant, or say why that is not needed or not possible."""
    shaped = series is not None and series.acts_on == "shapes"
    try:
        task = _task(project, base.year, base.table, None if shaped else base)
        why = _same_optimum(base, task, shaped)
        if why:
            return Outcome("same", why, base.totals)
        graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
        if series is not None and series.acts_on == "costs" and _same_bounds(base.task, task):
            problem = reprice(base.problem, graph.energy_system)
        else:
            problem = _stated(task, graph)
        accounts = _solve(task, graph, problem)
    except (InputError, ModelError) as error:
        return Outcome("invalid", _without(project.root, error), None)
    except (MeishanError, OptimiseError) as error:
        return Outcome("failed", _without(project.root, error), None)
    return Outcome("solved", "", table_totals(accounts.costs, accounts.emissions))


def _same_bounds(old: SliceTask, new: SliceTask) -> bool:
    """Whether the assets of two slices differ in their costs only."""
    costs = ["annuity", "bridge_annuity", "fixed_om"]
    before, after = (task.assets.frame().drop(columns=costs) for task in (old, new))
    return before.equals(after) and old.emission_cap == new.emission_cap


def _without(root: Path, error: MeishanError | OptimiseError) -> str:
    """An error in one line, with paths as seen from the project's folder."""
    return error.headline.replace(f"{root}/", "")


def _task(project: Project, year: int, table: AssetTable, base: Reference | None) -> SliceTask:
    """What a variant is solved from; series of the base are kept where nothing shapes them."""
    kept = None
    if base is not None and _shaping(project.slices[year]) == _shaping(base.task.inputs):
        kept = base.task.profiles
    assets = bounds(project.asset_table.solved_as(table), year)
    return slice_task(project, year, assets, "", profiles=kept)


def _shaping(inputs: SliceInputs) -> str:
    """Hash of what the hourly series of a slice are made of, beside ``profiles.csv``."""
    shapes = {load.profile for load in inputs.loads} | {f.profile for f in inputs.fleets}
    sells = any(c.kind.is_sold for c in inputs.contracts)
    content = [
        inputs.site,
        inputs.year,
        sorted(shapes),
        [(t.technology, t.kind, t.profile, t.model, t.parameters)
         for t in inputs.technologies.values()],
        inputs.of_plugins,
        inputs.drivers,
        # Where power is sold under contract, all prices are judged with the series.
        [c if sells else (c.contract, c.kind, c.profile) for c in inputs.contracts],
        inputs.tariff,
        inputs.markets,
        inputs.surcharges,
        inputs.prices,
        inputs.grid_factor_periods,
    ]  # fmt: skip
    return fingerprint(content)


def _same_optimum(base: Reference, task: SliceTask, shaped: bool) -> str:
    """Why the optimum of the base is that of the variant as well; empty if nobody can say."""
    old = base.task
    if shaped or task.emission_cap != old.emission_cap:
        return ""
    if _graph_content(base, task.inputs) != _graph_content(base, old.inputs):
        return ""
    before, after = old.assets.frame(), task.assets.frame()
    if before.equals(after) and task.assets.terms == old.assets.terms:
        return "the slice does not see this number"
    if before.index.equals(after.index) and _same_choice(before, after, base.new_build):
        return "only bounds differ that do not bind"
    return ""


def _graph_content(base: Reference, inputs: SliceInputs) -> str:
    """Hash of the inputs without what reaches the problem by a bound that is judged apart.

    Potentials, build rates and stock are in the bounds of the assets. E_0 is in the cap, which is
    compared, and in the limit of certificates and credits, which does not bind where the base
    buys none (a limit of any height allows that).
    """
    flexible = {t.technology for t in inputs.flexible}
    seen = replace(
        inputs,
        plants=(),
        assets=tuple(a for a in inputs.assets if a.technology in flexible),
        measures=tuple(
            replace(m, numbers={**m.numbers, "potential": 0.0}) for m in inputs.measures
        ),
        baseline_emissions=inputs.baseline_emissions if base.trades else 0.0,
    )
    return fingerprint(seen)


def _same_choice(old: pd.DataFrame, new: pd.DataFrame, new_build: Mapping[str, float]) -> bool:
    """Whether the optimal new build of every asset stays optimal between its new bounds."""
    built = pd.Series(new_build).reindex(old.index)
    same = old.eq(new)
    elsewhere = same.drop(columns=["lower", "upper"]).all(axis=1) & built.notna()
    lower_slack = built >= np.maximum(old["lower"], new["lower"]) + SLACK
    upper_slack = built <= np.minimum(old["upper"], new["upper"]) - SLACK
    free = (same["lower"] | lower_slack) & (same["upper"] | upper_slack)
    return bool((same.all(axis=1) | (elsewhere & free)).all())


def _stated(task: SliceTask, graph: ParkGraph) -> LinearProblem:
    return model_of(graph, task.inputs.scenario.backend).problem


def _solve(task: SliceTask, graph: ParkGraph, problem: LinearProblem) -> Accounts:
    """Solve, account and check; no dataset is made of a variant."""
    hours = task.profiles.hours
    with in_park_words(graph, task.inputs), explain_conflicts(problem, hours):
        raw = solve_highs(problem, methods=METHODS, threads=1, mip_gap=GAP)
    solution = without_dust(extract(problem, raw, hours))
    accounts = account(graph, solution, task.inputs.factors)
    check_slice(graph, solution, accounts)
    return accounts
