"""Perfect foresight: all years planned in one problem, on a few chosen weeks of each.

The equations stand in :mod:`meishan_model.planning.foresight_stack`. What the stack decides is the
additions of every step. Each slice is then solved once more by itself with what stands of them, so
that it passes the checks of every slice and lies in the same contract; that the present value of
these slices is the optimum of the stack is the proof that the stack was put together rightly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.build import build_park
from meishan_model.components.flows import NET_EMISSION
from meishan_model.errors import CheckError, Fault, InputError
from meishan_model.finance import trapezoid_weights
from meishan_model.optimise.conflicts.explain import explain_conflicts
from meishan_model.optimise.conflicts.wording import ConflictError
from meishan_model.optimise.problem import Floats
from meishan_model.optimise.solvers.highs import solve_highs
from meishan_model.planning import vintages
from meishan_model.planning.backcast import SliceTask, scenario_run, slice_task, solved_in_turn
from meishan_model.planning.foresight_stack import Budget, Part, Stack, new_build_columns, stack
from meishan_model.planning.park_words import PLAIN
from meishan_model.planning.project import Project
from meishan_model.planning.solve_slice import model_of
from meishan_model.planning.ways import Way, plan_hash
from meishan_model.progress import Progress
from meishan_model.results.runs import solver_log

Emissions = Literal["caps", "budget"]
"""A cap in every year, or one budget over all years."""

RELATIVE = 1e-5
"""Largest difference of the stack's optimum and the present value of its slices [-]."""
SLACK = 1e-6
"""Of the emissions that the budget leaves a slice [-], for the tolerance of the solver."""


@dataclass(frozen=True)
class Foresight:
    """The optimum over all years.

    Attributes
    ----------
    additions
        Additions of every step, shape (years, assets) [unit].
    present_value
        Optimum: cost of all slices with penalties and shadow carbon value, discounted to the
        first year, with what today's stock costs [CNY].
    caps
        Net emissions that each slice is left with, shape (years,) [tCO2/a].
    """

    additions: Floats
    present_value: float
    caps: Floats


def plan_with_foresight(
    project: Project, progress: Progress, emissions: Emissions = "caps"
) -> dict[int, xr.Dataset]:
    """Plan all years at once; a plan that is up to date is not redone.

    Parameters
    ----------
    project
        The scenario with its folders; ``hours`` should be few (336 or 672), since all years are
        one problem.
    progress
        Who is told how far it is.
    emissions
        ``caps``: the trajectory's cap in every slice; ``budget``: what these caps allow over all
        years, spent when it is cheapest, with neutrality in the target.

    Returns
    -------
    dict of int to xarray.Dataset
        Slices by the result contract, ascending; ``capacity_new`` is all that stands of the
        additions, used or not.

    Raises
    ------
    InputError
        If an input is wrong, or a budget is asked of a scenario without caps.
    InfeasibleError, SolverError, CheckError
        If there is no optimum, or its slices do not add up to it.
    LockError
        If another run holds the plan.
    """
    way: Way = "foresight_caps" if emissions == "caps" else "foresight_budget"
    wanted = plan_hash(project, way, "highs")
    with scenario_run(project, way) as logs:
        before = {year: project.result_of(wanted, year, way) for year in project.years}
        if all(ds is not None for ds in before.values()):
            return {year: ds for year, ds in before.items() if ds is not None}
        terms = vintages.building_terms(project.asset_table)
        progress.slice_begins(project.years[-1], len(project.years), len(project.years))
        progress.stage("planning all years in one problem: stating it")
        with solver_log(logs / "all_years_highs.log", progress.log) as listener:
            plan = foresee(project, terms, emissions, progress.stage, listener)

        def task_of(year: int) -> SliceTask:
            assets = vintages.standing_assets(terms, year, plan.additions)
            cap = float(plan.caps[project.years.index(year)])
            return replace(slice_task(project, year, assets, wanted), emission_cap=cap)

        hashes = dict.fromkeys(project.years, wanted)
        solved = solved_in_turn(project, project.years, hashes, progress, task_of, way)
        found = {one.year: ds for one, ds in solved}
    check_present_value(project, plan, found)
    return found


def foresee(
    project: Project,
    terms: vintages.BuildingTerms,
    emissions: Emissions,
    tell: Callable[[str], None],
    on_log: Callable[[str], None] | None,
) -> Foresight:
    """Find the optimum over all years.

    Parameters
    ----------
    project
        The scenario with its folders; nothing is written to them.
    terms
        Terms of building.
    emissions
        As in :func:`plan_with_foresight`.
    tell, on_log
        Called with the name of each stage, and with each line of the solver's log.
    """
    if project.scenario.commitment == "binary":
        message = "all years in one problem are too many statuses"
        remedy = "plan with foresight where commitment is none"
        file, value = f"{project.scenario.name}.yaml", project.scenario.commitment
        raise InputError([Fault(file, message, None, "commitment", value, remedy)])
    # A slice may use as much new build as its room allows; where the stock is given it has none.
    given = terms.table.given_slice
    room = terms.table.room * (np.arange(len(terms.years)) > given)[:, None]
    opened = map(terms.table.in_slice, terms.years, room)
    tasks = [slice_task(project, assets.year, assets, "") for assets in opened]
    graphs = [build_park(t.inputs, t.profiles, t.assets, t.emission_cap) for t in tasks]
    problems = [model_of(graph).problem for graph in graphs]
    parts = [
        Part(problem, new_build_columns(problem, graph.registry), task.emission_cap)
        for problem, graph, task in zip(problems, graphs, tasks, strict=True)
    ]
    weights = vintages.present_weights(project.years, discount_rate(project))
    joined = stack(
        parts, terms, weights, _budget(project, parts) if emissions == "budget" else None
    )
    rows, columns = joined.problem.matrix.shape
    tell(f"planning all years in one problem: solving {columns} columns, {rows} rows")
    limits = project.limits
    # The graph's own labels with the year before them; the hours are those of every year.
    hours = pd.Index(tasks[0].profiles.stamps.strftime("%m-%d %H:%M"))
    try:
        with explain_conflicts(joined.problem, hours, tell):
            raw = solve_highs(
                joined.problem, time_limit=limits.time, memory_limit=limits.memory, on_log=on_log
            )
    except ConflictError as error:
        raise error.in_words(PLAIN, "all years in one problem") from error
    standing_cost = np.array([graph.assets.standing_cost for graph in graphs])
    return Foresight(
        additions=joined.additions(raw.column_values, terms),
        present_value=raw.objective + float(weights @ standing_cost),
        caps=_caps(joined, parts, raw.column_values, emissions),
    )


def discount_rate(project: Project) -> float:
    """The discount rate of the first year [1/a]."""
    return project.slices[project.years[0]].parameters["discount_rate"]


def check_present_value(project: Project, plan: Foresight, slices: dict[int, xr.Dataset]) -> None:
    """Check that the slices, each solved by itself, cost what the stack says.

    Raises
    ------
    CheckError
        If the present values differ by more than :data:`RELATIVE`.
    """
    weights = vintages.present_weights(project.years, discount_rate(project))
    costs = np.array([float(slices[year].attrs["objective"]) for year in project.years])
    scale = float(weights @ np.abs(costs))
    if abs(float(weights @ costs) - plan.present_value) > RELATIVE * max(scale, 1.0):
        raise CheckError(
            f"the slices cost {float(weights @ costs):.0f} CNY in present value, "
            f"the problem over all years {plan.present_value:.0f}"
        )


def _budget(project: Project, parts: list[Part]) -> Budget:
    """What the caps allow over all years [tCO2], and the years each slice stands for [a]."""
    if any(NET_EMISSION not in part.problem.labels.integral_limit for part in parts):
        message = "has no cap on emissions, so there is no budget over all years"
        raise InputError([Fault(project.scenario.name, message, column="neutrality")])
    weights = trapezoid_weights(project.years)
    return float(weights @ [part.emission_cap for part in parts]), weights


def _caps(joined: Stack, parts: list[Part], values: Floats, emissions: Emissions) -> Floats:
    caps = np.array([part.emission_cap for part in parts])
    if emissions == "caps":
        return caps
    left = np.maximum(joined.caps(values), 0.0)
    left = left + SLACK * np.maximum(left, 1.0)
    left[-1] = caps[-1]
    return left
