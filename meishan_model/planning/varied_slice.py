"""One slice solved again with one number or lever changed, without solving where nothing changes.

- All else is held: an earlier slice keeps the new build of the slices after it, as the unchanged
  pathway has it. What such a slice can no longer inherit is told as a fault, not left out.
- In the target net emissions are bound by the cap, so a driver shows in cost and location-based
  emissions first.
- The objective of an optimum is unique; paid cost and emissions are those of the optimum found,
  and may differ where two plans cost the same.
- A variant is not solved where that provably gives the same optimum: where the slice's inputs
  are the same (a number of another year, of the accounts of RMI 2023, or clipped to its range), or
  where only bounds differ that bind neither before nor after (the problem is convex, so its
  optimum stays). Where only prices differ, the stated problem is repriced instead of made anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from meishan_model.accounts import checks, tables
from meishan_model.components.assets import AssetTable
from meishan_model.components.build import build_park
from meishan_model.components.catalogue import schemas
from meishan_model.errors import Fault, InputError, MeishanError
from meishan_model.optimise.conflicts.explain import explain_conflicts
from meishan_model.optimise.errors import ModelError, OptimiseError
from meishan_model.optimise.problem import LinearProblem
from meishan_model.optimise.solution import extract
from meishan_model.optimise.solvers.highs import solve_highs
from meishan_model.planning.backcast import SliceTask, slice_task, stored_assets
from meishan_model.planning.bounds import bounds
from meishan_model.planning.park_words import in_park_words
from meishan_model.planning.project import Project
from meishan_model.series.weather_files import write_synthetic_weather
from meishan_model.sheets import perturb
from meishan_model.sheets.cost_rows import read_manifest
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.trade_rows import PriceRow

METHODS = ("simplex", "hipo", "ipx")
"""A week is solved four times faster by the simplex than by an interior point."""
SLACK = 1e-3
"""Distance to a bound [unit] from which on it does not bind, the precision of capacities."""


@dataclass(frozen=True)
class Unchanged:
    """The unchanged slice that every variant is compared with.

    Attributes
    ----------
    table
        The assets of the pathway, with the new build of the slices after it.
    task
        What it was solved from.
    problem
        Its problem as the solver got it.
    accounts
        Its optimum.
    """

    table: AssetTable
    task: SliceTask
    problem: LinearProblem
    accounts: tables.Accounts

    @property
    def totals(self) -> tables.SliceTotals:
        """Its totals."""
        return tables.table_totals(self.accounts.costs, self.accounts.emissions)

    @property
    def trades(self) -> bool:
        """Whether it has certificates or credits, whose limit (a share of E_0) may bind."""
        offsets = [c for c in self.task.inputs.contracts if c.kind.is_offset]
        costs = self.accounts.costs
        bought = costs["value"][costs["component"].isin([c.contract for c in offsets])].sum()
        return bool(bought > 0.0) or any(c.parameters["price"] <= 0 for c in offsets)


@dataclass(frozen=True)
class Variation:
    """What alone differs from the unchanged slice.

    Attributes
    ----------
    what
        A series of assumed numbers, or a lever out of
        :func:`~meishan_model.sheets.scenario.levers`, which is switched off.
    change
        Relative change of the series [-].
    """

    what: perturb.Series | str
    change: float = 0.0

    @property
    def key(self) -> dict[str, str | float]:
        """What tells it apart from all others."""
        what = self.what
        if isinstance(what, perturb.Series):
            cells = {"kind": "assumption", "sheet": what.sheet}
            cells |= {"quantity": what.name, "unit": what.unit}
        else:
            cells = {"kind": "lever", "sheet": "scenario", "quantity": what, "unit": "switch"}
        return {**cells, "change": self.change}

    def __str__(self) -> str:
        """Read as ``prices: gas +20%``."""
        return "{sheet}: {quantity} {change:+.0%}".format_map(self.key)


class Outcome(NamedTuple):
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
    totals: tables.SliceTotals | None


def park_series(project: Project, sheets: Sequence[str] = ()) -> Sequence[perturb.Series]:
    """Series of the project's park and cost sheets that are marked as assumption.

    The defaults of the package that the park uses are among them.

    Parameters
    ----------
    project
        The scenario with its folders.
    sheets
        Stems of sheets, such as ``prices`` or ``costs/reference``; all where it is empty.

    Raises
    ------
    InputError
        If a sheet has no assumption or does not exist.
    """
    found = [*perturb.assumption_series(project.park_folder, _cost_folders(project), schemas())]
    for sheet, table in perturb.default_tables(project.park).items():
        found += perturb.series_of_table(sheet, table, schemas())
    known = sorted({s.sheet for s in found})
    if strange := sorted(set(sheets) - set(known)):
        message, remedy = "has no assumption", f"there are: {', '.join(known)}"
        raise InputError([Fault(name, message, remedy=remedy) for name in strange])
    return [s for s in found if not sheets or s.sheet in sheets]


def _cost_folders(project: Project) -> list[Path]:
    """The cost sheet of a project, and that from which it may inherit."""
    standard = project.root / "configs" / "costs" / "reference"
    return [f for f in dict.fromkeys([project.cost_folder, standard]) if f.is_dir()]


def split_series(
    project: Project, year: int, sheets: Sequence[str] = ()
) -> tuple[Sequence[perturb.Series], Sequence[perturb.Series]]:
    """The series whose equipment or carrier the park has in a year, and all others.

    Costs and parameters of equipment that neither stands nor may be built, and prices and factors
    of carriers that nothing takes, change nothing.

    Parameters
    ----------
    project
        The scenario with its folders.
    year
        The slice.
    sheets
        As for :func:`park_series`, which says what is raised.
    """
    found = park_series(project, sheets)
    park, inputs = project.park, project.slices[year]
    equipment = {technology for technology, _ in park.places}
    equipment |= {row.technology for row in park.network}
    carriers = {*inputs.fuels, *(bus.carrier for bus in inputs.buses), inputs.power_carrier}
    carriers |= {load.carrier for load in park.loads} | {item.carrier for item in park.baseline}
    plants = [t for t in inputs.renewables if t.technology in equipment]
    ratios = {kind.capture_ratio for kind in park.kinds.technologies.values() if kind.resource}
    prices = {*PriceRow.quantities, *(plant.kind.capture_ratio for plant in plants)} - {""}
    there = {"technology_parameters": equipment, "emission_factors": carriers}
    there |= {"conversions": equipment, "prices": prices | (carriers - ratios)}
    for folder in _cost_folders(project):
        of_sheet = read_manifest(folder).technologies
        used = {name for name, own in of_sheet.items() if equipment.intersection(own)}
        there[f"costs/{folder.name}"] = used
    acting = [s for s in found if s.key[0] in there.get(s.sheet, s.key)]
    return acting, [s for s in found if s not in acting]


def unchanged(project: Project, year: int) -> Unchanged:
    """Solve the unchanged slice, given the slices after it as they lie on disk.

    Raises
    ------
    InputError, InfeasibleError, SolverError, CheckError
        As :func:`~meishan_model.planning.solve_slice.solve_slice`.
    """
    table = stored_assets(project, year)
    task = slice_task(project, year, bounds(table, year), "")
    return Unchanged(table, task, *_solve(task))


def vary(base: Unchanged, project: Project, variation: Variation) -> Outcome:
    """Solve the slice with one series varied or one lever switched off.

    Parameters
    ----------
    base
        The unchanged slice.
    project
        The scenario that it is of; its sheets are copied, never changed.
    variation
        The series with its change, or the lever.
    """
    what = variation.what
    if isinstance(what, perturb.Series):
        with _varied_copy(project, what, variation.change) as varied:
            return _outcome(base, varied, what)
    if not getattr(project.scenario, what):
        return Outcome("same", "the scenario does not pull it", base.totals)
    scenario = project.scenario.model_copy(update={what: False})
    return _outcome(base, replace(project, scenario=scenario), None)


@contextmanager
def _varied_copy(project: Project, series: perturb.Series, change: float) -> Iterator[Project]:
    """The same project on a copy of its sheets in which a series is varied."""
    park, costs = project.scenario.park, project.cost_folder
    with tempfile.TemporaryDirectory(prefix="meishan_") as name:
        root = Path(name)
        perturb.copy_sheets(project.root, park, costs, root)
        perturb.write_defaults(project.park, root / "configs" / park)
        perturb.vary_sheets(root, park, series, change)
        yield replace(project, root=root, cost_folder=root / "configs" / "costs" / costs.name)


def _outcome(base: Unchanged, project: Project, series: perturb.Series | None) -> Outcome:
    """Solve a variant, or say why that is not needed or not possible."""
    old = base.task
    try:
        if series is not None and series.sheet == "climate":
            _make_weather(project)
        assets = bounds(project.asset_table.solved_as(base.table), old.inputs.year)
        task = slice_task(project, old.inputs.year, assets, "")
        if why := _same_optimum(base, task):
            return Outcome("same", why, base.totals)
        prices = series is not None and series.acts_on == "costs" and _same_bounds(old, task)
        _, accounts = _solve(task, base.problem if prices else None)
    except (InputError, ModelError) as error:
        return Outcome("invalid", _without(project.root, error), None)
    except (MeishanError, OptimiseError) as error:
        return Outcome("failed", _without(project.root, error), None)
    return Outcome("solved", "", tables.table_totals(accounts.costs, accounts.emissions))


def _make_weather(project: Project) -> None:
    """Make the synthetic weather of a varied climate; a measured year stands before it."""
    try:
        write_synthetic_weather(project.park_folder, project.weather_folder)
    except ValueError as error:
        # Of a climate that the generator cannot make; it says why in one line.
        raise InputError(str(error)) from error


def _without(root: Path, error: MeishanError | OptimiseError) -> str:
    """An error in one line, with paths as seen from the project's folder."""
    return error.headline.replace(f"{root}/", "")


def _same_bounds(old: SliceTask, new: SliceTask) -> bool:
    """Whether the assets of two slices differ in their costs only."""
    costs = ["annuity", "bridge_annuity", "fixed_om"]
    before, after = (task.assets.frame().drop(columns=costs) for task in (old, new))
    return before.equals(after) and old.emission_cap == new.emission_cap


def _same_optimum(base: Unchanged, task: SliceTask) -> str:
    """Why the optimum of the base is that of the variant as well; empty if nobody can say."""
    seen, was_seen = (
        fingerprint([_graph_content(base, t.inputs), t.profiles, t.emission_cap])
        for t in (task, base.task)
    )
    before, after = base.task.assets.frame(), task.assets.frame()
    if seen != was_seen or not before.index.equals(after.index):
        return ""
    if before.equals(after) and task.assets.terms == base.task.assets.terms:
        return "the slice does not see this number"
    choice = base.accounts.assets["capacity_new"]
    return "only bounds differ that do not bind" if _same_choice(before, after, choice) else ""


def _graph_content(base: Unchanged, inputs: SliceInputs) -> SliceInputs:
    """The inputs without what reaches the problem by a bound that is judged apart.

    Potentials, build rates and stock are in the bounds of the assets. E_0 is in the cap, which is
    compared, and in the limit of certificates and credits, which does not bind where the base
    buys none (a limit of any height allows that).
    """
    flexible = {t.technology for t in inputs.flexible}
    return replace(
        inputs,
        plants=(),
        assets=tuple(a for a in inputs.assets if a.technology in flexible),
        measures=tuple(
            replace(m, numbers={**m.numbers, "potential": 0.0}) for m in inputs.measures
        ),
        baseline_emissions=inputs.baseline_emissions if base.trades else 0.0,
    )


def _same_choice(old: pd.DataFrame, new: pd.DataFrame, choice: pd.Series[float]) -> bool:
    """Whether the optimal new build of every asset stays optimal between its new bounds."""
    built = choice.reindex(old.index)
    same = old.eq(new)
    elsewhere = same.drop(columns=["lower", "upper"]).all(axis=1) & built.notna()
    lower_slack = built >= np.maximum(old["lower"], new["lower"]) + SLACK
    upper_slack = built <= np.minimum(old["upper"], new["upper"]) - SLACK
    free = (same["lower"] | lower_slack) & (same["upper"] | upper_slack)
    return bool((same.all(axis=1) | (elsewhere & free)).all())


def _solve(
    task: SliceTask, standing: LinearProblem | None = None
) -> tuple[LinearProblem, tables.Accounts]:
    """State, solve, account and check; no dataset is made of a variant.

    Parameters
    ----------
    task
        What is solved.
    standing
        A problem that differs in prices only; ``None`` if there is none.
    """
    # What states a problem takes seconds to import, which only solving has to wait for.
    from meishan_model.optimise.solvers.standing import reprice
    from meishan_model.planning.solve_slice import GAP, model_of

    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    if standing is None:
        problem = model_of(graph, task.inputs.scenario.backend).problem
    else:
        problem = reprice(standing, graph.energy_system)
    hours = task.profiles.stamps
    with in_park_words(graph, task.inputs), explain_conflicts(problem, hours):
        raw = solve_highs(problem, methods=METHODS, threads=1, mip_gap=GAP)
    # Nobody reads prices of a variant; those of hours without any demand are no numbers.
    solution = tables.without_dust(replace(extract(problem, raw, hours), bus_price=None))
    accounts = tables.account(graph, solution, task.inputs.factors)
    checks.check_slice(graph, solution, accounts)
    return problem, accounts
