"""The four steps as one: backcast to the first year, roll forward, join the years in one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from meishan_model.accounts import checks, measures, principles, tables
from meishan_model.components.assets import AssetTable
from meishan_model.errors import CheckError, ContractError, Fault, InputError, MeishanError, warned
from meishan_model.optimise import SolverName
from meishan_model.planning.backcast import SolvedSlice, backcast
from meishan_model.planning.input_warnings import with_warnings
from meishan_model.planning.pathway_tables import further_tables, money_attributes, tables_by_year
from meishan_model.planning.project import Project
from meishan_model.planning.roll_forward import cash_flow, roll_forward, running_cost
from meishan_model.planning.ways import plan_forward
from meishan_model.progress import Progress
from meishan_model.results.contract import violations
from meishan_model.results.files import stored_hash, write_atomically
from meishan_model.results.pathway_file import pathway_dataset, pathway_hash
from meishan_model.results.runs import scenario_lock
from meishan_model.results.wording import Finding, finding_attributes, findings_of, of_years
from meishan_model.sheets.plausibility import warning_attributes
from meishan_model.sheets.resolve import resolve
from meishan_model.sheets.resolver import placeholder_attributes, placeholders
from meishan_model.sheets.scenario import plan_title

if TYPE_CHECKING:
    from meishan_model.planning.foresight import Emissions

Findings = Iterable[Finding]


@dataclass(frozen=True)
class WholePathway:
    """A pathway on disk.

    Attributes
    ----------
    path
        Its file.
    slices
        Its slices, from the target down, with what this run solved.
    written
        Whether this run wrote the file; otherwise it lay there, up to date.
    """

    path: Path
    slices: tuple[SolvedSlice, ...]
    written: bool


def pathway(project: Project, solver: SolverName, progress: Progress) -> WholePathway:
    """Solve what is missing of a pathway, roll it forward and write ``pathway.nc``.

    Parameters
    ----------
    project
        The scenario with its folders.
    solver
        ``highs`` or ``cbc``.
    progress
        Who is told how far it is.

    Returns
    -------
    WholePathway
        Where the file lies, and what was done.

    Raises
    ------
    InputError
        If the scenario has a single slice, or an input is wrong.
    InfeasibleError, SolverError, LockError
        As in :func:`~meishan_model.planning.backcast.backcast`.
    CheckError
        If a slice fails its checks, or the pathway cannot be built.
    ContractError
        If a file would break the contract.
    """
    if len(project.years) == 1:
        message = "has a single slice: there is no way to plan"
        commands = (project.command(goal) for goal in (f"solve {project.years[0]}", "report"))
        remedy = f"use: {', then '.join(commands)}; or give a later target_year"
        raise InputError([Fault(project.scenario.name, message, remedy=remedy)])
    slices = backcast(project, project.years[0], solver, progress)
    path = project.result_path("pathway")
    wanted = pathway_hash({s.year: stored_hash(s.path) or "" for s in slices})
    reference = read_reference(project)
    if _up_to_date(project, wanted, reference):
        progress.stage(f"the pathway is up to date, {path}")
        return WholePathway(path, slices, written=False)
    progress.stage("rolling forward")
    solved = {year: project.open_result(year) for year in project.years}
    dataset = join_pathway(project, solved, reference)
    progress.stage("writing the pathway")
    with scenario_lock(path.parent):
        write_atomically(dataset, path)
    return WholePathway(path, slices, written=True)


def read_reference(project: Project) -> principles.Reference | None:
    """Cost and emissions of the reference with the hash of its file, if it lies on disk.

    Only a pathway of the same park, cost sheet, hours and years can be compared.
    """
    reference = project.scenario.reference
    if reference is None or reference == project.scenario.name:
        return None
    path = project.result_path("pathway", scenario=reference)
    digest = stored_hash(path)
    if digest is None:
        return None
    with warned(f"{path} cannot be read and is no reference", MeishanError):
        ds = project.open_result("pathway", scenario=reference)
        of_file = ds.attrs["park"], ds.attrs["cost_sheet"], *ds["year"].to_numpy()
        if of_file == (project.park.site.name, project.cost_folder.name, *project.years):
            totals = ("net_present_cost", "cumulative_emissions")
            cost, emitted = (float(ds.attrs[name]) for name in totals)
            return principles.Reference(reference, cost, emitted, digest)
    return None


def _up_to_date(project: Project, wanted: str, reference: principles.Reference | None) -> bool:
    """Whether the file is whole and made of these slices and of this reference."""
    ds = project.result_of(wanted, "pathway")
    digest = "" if reference is None else reference.sha256
    if ds is None or ds.attrs.get("reference_sha256", "") != digest:
        return False
    return not violations(ds, "pathway") and not checks.pathway_failures(ds)


def join_pathway(
    project: Project, slices: tables.Slices, reference: principles.Reference | None = None
) -> xr.Dataset:
    """Make the dataset of a pathway from its solved slices, checked against the contract.

    Parameters
    ----------
    project
        The scenario with its inputs.
    slices
        All slices by year.
    reference
        Business as usual with the hash of its file.

    Raises
    ------
    CheckError
        If the pathway cannot be built, or fails its checks.
    ContractError
        If its dataset breaks the contract.
    """
    inputs = project.slices
    rolled = roll_forward(slices, inputs, project.asset_table)
    earned = measures.earnings_by_year(slices, inputs, sold_stock(project.asset_table))
    avoided = pd.DataFrame({year: table["avoided"] for year, table in earned.items()}).T
    offered = offered_potential(project)
    dataset = pathway_dataset(
        slices,
        additions=sum_of(rolled.addition),
        retirements=sum_of(rolled.retirement),
        cash_flow=cash_flow(rolled, running_cost(slices)),
        principles=principles.principle_table(slices, inputs, avoided, offered, reference),
        attributes=pathway_attributes(project, slices, reference)
        | money_attributes(rolled, slices, inputs)
        | _told(project, slices, rolled.findings, principles.untaken_findings(slices, inputs)),
        tables=further_tables(rolled, slices, inputs, earned),
    )
    if broken := violations(dataset, "pathway"):
        raise ContractError("the pathway", broken)
    if failures := checks.pathway_failures(dataset):
        raise CheckError("the pathway fails its checks: " + "; ".join(failures))
    return dataset


def plan_tables(project: Project) -> xr.Dataset:
    """What a page and exports show: the pathway or, of a single slice, the tables of its year.

    A single year has no steps, so that there is nothing in it that sums over years: no cash flow,
    present value, cumulative emissions, measures or principles.

    Parameters
    ----------
    project
        The scenario with its folders.

    Raises
    ------
    InputError
        If the pathway, or the slice, is missing; the command that makes it is named.
    """
    if len(project.years) > 1:
        return with_warnings(project, project.open_result("pathway"))
    (year,) = project.years
    slices = {year: project.open_result(year)}
    none = pd.DataFrame(index=pd.Index([year], name="year"))
    joined = pathway_dataset(
        slices,
        additions=none,
        retirements=none,
        cash_flow=none,
        principles=pd.DataFrame(columns=["principle_name", "unit", "principle"]),
        attributes=pathway_attributes(project, slices, None) | _told(project, slices),
        tables=tables_by_year(slices, project.slices),
    )
    return joined.drop_vars(["addition", "retirement"]).drop_dims(["category", "indicator"])


def sold_stock(table: AssetTable) -> dict[int, dict[str, float]]:
    """Stock whose power is sold to the grid company, by slice and asset [unit]."""
    return {
        year: dict(zip(table.asset, sold.tolist(), strict=True))
        for year, sold in zip(table.years, table.sold, strict=True)
    }


def offered_potential(project: Project) -> float:
    """PV and wind that the place offers in the target year, before any lever is pulled [MW]."""
    last = project.years[-1]
    start = project.baseline_emissions
    sheet = resolve(project.park, project.scenario, project.costs(last), last, start)
    return principles.renewable_potential(sheet)


def sum_of(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Sum of the parts of additions or retirements, slices x assets."""
    return sum(list(parts.values())[1:], start=next(iter(parts.values())))


def pathway_attributes(
    project: Project, slices: tables.Slices, reference: principles.Reference | None
) -> dict[str, str | int | float]:
    """Totals of a pathway: emissions [tCO2], gap of the target [tCO2/a], caps, discount rate."""
    scenario, last, totals = project.scenario, max(slices), tables.totals_by_year(slices)
    ends = f"{min(slices)} to {last}"
    gap = slices[last]["emissions"].where(slices[last]["scope"] == "gap").sum()
    attributes: dict[str, str | int | float] = {
        "title": plan_title(scenario.title, project.park.site.title, ends),
        "hours": project.hours,
        "step_minutes": project.minutes,
        "emission_gap": float(gap),
        **project.trajectory.attributes(),
        "discount_rate": project.slices[last].parameters["discount_rate"],
    }
    if len(slices) > 1:
        attributes |= tables.cumulated(totals)
    if project.park.baseline:
        attributes["baseline_emissions"] = project.baseline_emissions
    if reference is not None:
        attributes |= {"reference": reference.name, "reference_sha256": reference.sha256}
    return attributes


def _told(
    project: Project, slices: tables.Slices, before: Findings = (), after: Findings = ()
) -> dict[str, str | int]:
    """What a reader has to see: findings of slices among others, placeholders, warnings."""
    of_slices = of_years({year: findings_of(ds) for year, ds in slices.items()})
    return {
        **finding_attributes([*before, *of_slices, *after]),
        **placeholder_attributes(placeholders(project.park, project.years)),
        **warning_attributes(project.warnings),
    }


def _backwards(project: Project, solver: SolverName, progress: Progress) -> tables.Slices:
    pathway(project, solver, progress)
    return {year: project.open_result(year) for year in project.years}


def _with_foresight(
    emissions: Emissions, project: Project, _: SolverName, progress: Progress
) -> tables.Slices:
    from meishan_model.planning.foresight import plan_with_foresight

    return plan_with_foresight(project, progress, emissions)


BACKWARDS = "backwards"
WAYS: Mapping[str, Callable[[Project, SolverName, Progress], tables.Slices]] = {
    BACKWARDS: _backwards,
    "forwards": plan_forward,
    "foresight, caps": partial(_with_foresight, "caps"),
    "foresight, budget": partial(_with_foresight, "budget"),
}
"""Ways of planning: each gives the slices of a project by year, solved or as they lie on disk."""
