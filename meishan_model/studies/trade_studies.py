"""What a rule of trade costs in one slice: matching of green power, and the price of carbon.

The slices after the one in question are planned once, by the scenario as it is; the slice is then
solved for every variant with the bounds that they hand on. Nothing but the table is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import xarray as xr

from meishan_model.components.selection import energy_of
from meishan_model.planning.backcast import slice_hashes, slice_task
from meishan_model.planning.binding import contract_limit, contract_use
from meishan_model.planning.bounds import bounds
from meishan_model.planning.in_memory import assets_after
from meishan_model.planning.project import Project
from meishan_model.planning.solve_slice import SliceTask, solve_slice
from meishan_model.planning.totals import slice_totals
from meishan_model.results.lock import scenario_lock
from meishan_model.results.table_file import write_table
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.scenario import MATCHINGS

STUDIES = ("matching", "exposure")
"""Names of the studies, as their tables have them."""
CHANGE = 1e-3
"""Change of a capacity [-], relative, or in its unit, from which on it is told."""


def matching_table(project: Project, year: int, tell: Callable[[str], None]) -> pd.DataFrame:
    """Solve a slice with every rule of matching green power.

    What a looser rule allows includes what a stricter one does, so that the objective can only
    rise from row to row.

    Parameters
    ----------
    project
        The scenario with its folders.
    year
        The slice.
    tell
        Called with each stage.

    Returns
    -------
    pandas.DataFrame
        A row for each rule, from the loosest to the strictest; the last columns are the rise
        since the row before.

    Raises
    ------
    InputError, InfeasibleError, SolverError, CheckError
        As :func:`~meishan_model.planning.in_memory.solve_pathway`.
    """
    task = _standing_task(project, year, tell)
    rows = []
    for matching in MATCHINGS:
        tell(f"matching: {matching}")
        scenario = task.inputs.scenario.model_copy(update={"matching": matching})
        variant = _with_inputs(task, replace(task.inputs, scenario=scenario))
        rows.append({"matching": matching, **_matching_row(variant, solve_slice(variant))})
    table = pd.DataFrame(rows)
    for name in ("paid_cost", "objective"):
        table[f"rise_of_{name} [CNY/a]"] = table[f"{name} [CNY/a]"].diff()
    return table


def _matching_row(task: SliceTask, ds: xr.Dataset) -> dict[str, float]:
    totals = slice_totals(ds)
    green = [c for c in task.inputs.contracts if c.kind == "green_power"]
    by_capacity = [c for c in green if not c.volumes]

    def energy(role: str) -> float:
        """Green power [MWh/a]; there may be no contract, and a rule may know no claims."""
        return energy_of(ds, role=role, carrier="electricity", way="in", may_be_empty=True)

    return {
        "paid_cost [CNY/a]": totals.paid_cost,
        "objective [CNY/a]": totals.objective,
        "contracted [MW]": sum(contract_use(ds, c, task.profiles) for c in by_capacity),
        "offered [MWh/a]": energy("offered"),
        "delivered [MWh/a]": energy("delivered"),
        "claimed [MWh/a]": energy("claimed"),
        "net_emissions [tCO2/a]": totals.net_emissions,
        "location_emissions [tCO2/a]": totals.location_emissions,
        "hourly_matched_share [-]": float(ds.attrs.get("hourly_matched_share", float("nan"))),
    }


def exposure_table(
    project: Project, year: int, prices: Sequence[float], tell: Callable[[str], None]
) -> pd.DataFrame:
    """Solve a slice at several prices of carbon.

    The price is paid on scope 1 and on market-based scope 2, beside whatever else the scenario
    asks for (cap, shadow carbon value).

    Parameters
    ----------
    project
        The scenario with its folders.
    year
        The slice.
    prices
        Prices of carbon [CNY/tCO2].
    tell
        Called with each stage.

    Returns
    -------
    pandas.DataFrame
        A row for each price: cost and emissions, and what stands of every technology, and
        what is bought of every contract, that the price changes.

    Raises
    ------
    InputError, InfeasibleError, SolverError, CheckError
        As :func:`~meishan_model.planning.in_memory.solve_pathway`.
    """
    task = _standing_task(project, year, tell)
    rows = {}
    for price in prices:
        tell(f"carbon at {price:g} CNY/t")
        priced = replace(task.inputs, prices={**task.inputs.prices, "carbon_price": price})
        variant = _with_inputs(task, priced)
        rows[price] = _exposure_row(variant, solve_slice(variant))
    table = pd.DataFrame.from_dict(rows, orient="index").fillna(0.0)
    standing = table.filter(like="standing ")
    spread = standing.max() - standing.min()
    same = spread[spread <= CHANGE * standing.abs().max().clip(lower=1.0)].index
    changed = table.drop(columns=list(same)).rename(columns=lambda c: c.removeprefix("standing "))
    return changed.rename_axis("carbon_price [CNY/tCO2]").reset_index()


def _exposure_row(task: SliceTask, ds: xr.Dataset) -> dict[str, float]:
    totals = slice_totals(ds)
    bought = {
        f"standing {c.contract} [{contract_limit(c)[1]}]": contract_use(ds, c, task.profiles)
        for c in task.inputs.contracts
    }
    cost = ds["cost"].to_series().groupby(ds["category"].to_series()).sum()
    emission = ds["emissions"].to_series().groupby(ds["scope"].to_series()).sum()
    kind = ds["asset_technology"].to_series() + " [" + ds["asset_unit"].to_series() + "]"
    standing = ds["capacity"].to_series().groupby(kind).sum()
    return {
        "paid_cost [CNY/a]": totals.paid_cost,
        "carbon_cost [CNY/a]": float(cost.get("carbon", 0.0)),
        "net_emissions [tCO2/a]": totals.net_emissions,
        "scope1 [tCO2/a]": float(emission.get("scope1", 0.0)),
        "location_emissions [tCO2/a]": totals.location_emissions,
        **{f"standing {name}": float(value) for name, value in standing.items()},
        **bought,
    }


def _standing_task(project: Project, year: int, tell: Callable[[str], None]) -> SliceTask:
    """The slice as the scenario has it, bounded by the slices after it."""
    table = assets_after(project, year, lambda y: tell(f"slice {y}, on which {year} rests"))
    return slice_task(project, year, bounds(table, year), fingerprint(project.slices[year]))


def _with_inputs(task: SliceTask, inputs: SliceInputs) -> SliceTask:
    """The task with a rule or a price changed; its hourly series and bounds stand."""
    return replace(task, inputs=inputs, inputs_sha256=fingerprint(inputs))


def study_path(project: Project, study: str, year: int) -> Path:
    """Where the table of a study of one slice lies."""
    return project.scenario_folder / f"{study}_{year}.csv"


def save_study(project: Project, study: str, year: int, table: pd.DataFrame) -> Path:
    """Save the table of a study with the hash of the slice that it is about, and say where.

    Raises
    ------
    LockError
        If another run holds the scenario.
    WriteError
        If the folder cannot be written.
    """
    path = study_path(project, study, year)
    with scenario_lock(project.scenario_folder):
        write_table(table, path, slice_hashes(project, "highs")[year])
    return path
