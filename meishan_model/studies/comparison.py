"""The comparison: all pathways, and the recommended one planned in other ways, in one table."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from meishan_model.errors import CheckError
from meishan_model.optimise import SolverName
from meishan_model.optimise.errors import InfeasibleError, SolverError
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.binding import binding_limits
from meishan_model.planning.foresight import plan_with_foresight
from meishan_model.planning.project import Project, open_project, scenarios_of
from meishan_model.planning.vintages import building_terms
from meishan_model.planning.ways import plan_forward
from meishan_model.planning.whole_pathway import offered_potential, pathway
from meishan_model.progress import Progress
from meishan_model.series.build import build_profiles
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.units import HOURS_OF_YEAR
from meishan_model.studies.plan_numbers import NUMBERS, Slices, indicators, plan_numbers
from meishan_model.studies.study import Row, Study, Tell, Variant, run

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """A plan to be made: its project and the function that makes its slices."""

    project: Project
    make: Callable[[], Slices]


def compare(
    project: Project,
    short_hours: int,
    solver: SolverName,
    progress: Progress,
    tell: Tell,
) -> tuple[pd.DataFrame, Path]:
    """Make all plans and save their numbers in one table.

    Each plan keeps its own slices on disk, so that a run that was stopped goes on where it ended.
    A plan without an optimum is a finding: a row that says so.

    Parameters
    ----------
    project
        The scenario that is also planned in other ways. Compared are all scenarios of its park
        and years.
    short_hours
        Hours of each year where all years are one problem; at most those of the project.
    solver
        ``highs`` or ``cbc``.
    progress
        Who is told how far a plan is.
    tell
        Who is told how far the study is.

    Returns
    -------
    tuple
        The table, one value or text a row (plan, hours, quantity, value, unit, text; a limit, a
        note and a failure are texts), and where it lies:
        ``results/comparison[@<sheet>][~<hours>h].csv``.

    Raises
    ------
    InputError
        If an input is wrong.
    LockError
        If another run holds a plan.
    """
    hours, sheet = project.hours, project.overlay
    plans = tuple(_plans(project, min(short_hours, hours), solver, progress))
    hashes = [slice_hashes(v.given.project, solver)[v.given.project.years[0]] for v in plans]
    stem = "comparison" + (f"@{sheet}" if sheet else "")
    stem += "" if hours == HOURS_OF_YEAR else f"~{hours}h"
    saved = partial(with_abatement_cost, reference=project.scenario.reference)
    study = Study(
        path=project.results_folder / f"{stem}.csv",
        inputs_sha256=fingerprint(hashes),
        variants=plans,
        prepare=lambda _: None,
        measure=lambda _, plan: plan_rows(plan),
        saved=saved,
        resumed=False,
    )
    return saved(run(study, tell)), study.path


def _plans(
    project: Project, short: int, solver: SolverName, progress: Progress
) -> Iterator[Variant[Plan]]:
    """The plans in the order of the table: the reference first, the project's own last."""

    def variant(
        name: str, planned: Project, make: Callable[..., Slices], *how: Any
    ) -> Variant[Plan]:
        key: Row = {"plan": name, "hours": planned.hours}
        title = f"{name}, {planned.hours} hours a year"
        return Variant(key, title, Plan(planned, partial(make, planned, *how)))

    name, sheet = project.scenario.name, project.cost_folder if project.overlay else None
    others = scenarios_of(project.root, project.scenario.park)
    named = {s.name: open_project(s.name, project.root, sheet, project.hours) for s in others}
    beside = [n for n, p in named.items() if n != name and p.years == project.years]
    for other in sorted(beside, key=lambda n: n != project.scenario.reference):
        yield variant(other, named[other], _backwards, solver, progress)
    yield variant(name, project, _backwards, solver, progress)
    trial = replace(project, hours=short)
    if short != project.hours:
        yield variant(f"{name}, forwards", project, plan_forward, solver, progress)
        yield variant(f"{name}, backwards", trial, _backwards, solver, progress)
    yield variant(f"{name}, forwards", trial, plan_forward, solver, progress)
    for way in ("caps", "budget"):
        yield variant(f"{name}, foresight, {way}", trial, plan_with_foresight, progress, way)


def _backwards(project: Project, solver: SolverName, progress: Progress) -> Slices:
    pathway(project, solver, progress)
    return {year: project.open_result(year) for year in project.years}


def plan_rows(plan: Plan) -> list[Row]:
    """Make a plan and measure it; one without an optimum has a row that says why.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    list of dict
        A row for each number, and one for each sentence: what holds the target (``limit``), what
        a reader of the numbers has to know (``note``), why there are none (``failure``).
    """
    project = plan.project
    try:
        slices = plan.make()
    except InfeasibleError as error:
        logger.warning("the plan is infeasible: %s", error)
        return [_text("failure", f"infeasible: {error.headline}")]
    except (SolverError, CheckError) as error:
        logger.warning("the plan has no result: %s", error)
        return [_text("failure", f"no result: {error}")]
    rate = project.slices[max(slices)].parameters["discount_rate"]
    numbers, notes = plan_numbers(slices, building_terms(project.asset_table), rate)
    table = indicators(slices, project.slices, offered_potential(project))
    return [
        *(_number(name, value, NUMBERS[name]) for name, value in numbers.items()),
        *(_number(str(name), row["value"], row["unit"]) for name, row in table.iterrows()),
        *(_text("limit", limit) for limit in _limits(project, slices)),
        *(_text("note", note) for note in notes),
    ]


def _number(quantity: str, value: float, unit: str) -> Row:
    return {"quantity": quantity, "value": float(value), "unit": unit, "text": ""}


def _text(kind: str, text: str) -> Row:
    return {"quantity": kind, "value": math.nan, "unit": "", "text": text}


def with_abatement_cost(table: pd.DataFrame, reference: str | None) -> pd.DataFrame:
    """Add what a tonne below the reference costs to every plan of the same hours [CNY/tCO2].

    The rise of the net present cost by vintages over the fall of the cumulative emissions; only
    where they fall.

    Parameters
    ----------
    table
        Of :func:`compare`.
    reference
        Name of the plan that is compared with.
    """
    known = table.pivot_table("value", ["plan", "hours"], "quantity", sort=False)
    if reference not in known.index.get_level_values("plan"):
        return table
    risen = known - known.xs(reference, level="plan")
    costs = -risen["net_present_cost"] / risen["cumulative_emissions"]
    falling = costs[risen["cumulative_emissions"] < 0.0].rename("value").reset_index()
    added = falling.assign(quantity="abatement_cost", unit="CNY/tCO2", text="")
    return pd.concat([table, added], ignore_index=True)


def _limits(project: Project, slices: Slices) -> tuple[str, ...]:
    """What holds the target slice, where it has a gap."""
    last = max(slices)
    ds, inputs = slices[last], project.slices[last]
    if float(ds["emissions"].where(ds["scope"] == "gap").sum()) <= 0.0:
        return ()
    profiles = build_profiles(inputs, project.park, project.weather_folder, project.hours)
    return binding_limits(ds, inputs, profiles)
