"""What a rule of trade costs in one slice: matching of green power, and the price of carbon.

The slices after the one in question are planned once, by the scenario as it is; the slice is then
solved for every variant with the bounds that they hand on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd
import xarray as xr

from meishan_model.accounts.tables import slice_totals
from meishan_model.components.selection import energy_of
from meishan_model.planning.backcast import slice_hashes, slice_task
from meishan_model.planning.binding import contract_limit, contract_use
from meishan_model.planning.bounds import bounds
from meishan_model.planning.in_memory import assets_after
from meishan_model.planning.project import Project
from meishan_model.planning.solve_slice import SliceTask, solve_slice
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.scenario import MATCHINGS
from meishan_model.studies.study import Given, Row, Study, Tell, Variant, run, slice_table

PRICE = "carbon_price [CNY/tCO2]"
EXPOSURE = (
    PRICE,
    "paid_cost [CNY/a]",
    "carbon_cost [CNY/a]",
    "net_emissions [tCO2/a]",
    "scope1 [tCO2/a]",
    "location_emissions [tCO2/a]",
)
"""Columns of the exposure before those of technologies and contracts."""
CHANGE = 1e-3
"""Change of a capacity [-], relative, or in its unit, from which on it is told."""


def matching_table(project: Project, year: int, tell: Tell) -> pd.DataFrame:
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
        Who is told how far it is.

    Returns
    -------
    pandas.DataFrame
        A row for each rule, from the loosest to the strictest; the last columns are the rise
        since the row before.

    Raises
    ------
    InputError, InfeasibleError, SolverError, CheckError
        As :func:`~meishan_model.planning.in_memory.solve_pathway`.
    LockError
        If another run holds the scenario.
    """

    def measure(task: SliceTask, matching: str) -> list[Row]:
        scenario = task.inputs.scenario.model_copy(update={"matching": matching})
        variant = _with_inputs(task, replace(task.inputs, scenario=scenario))
        return [_matching_row(variant, solve_slice(variant))]

    variants = [Variant({"matching": rule}, f"matching: {rule}", rule) for rule in MATCHINGS]
    study = _study(project, "matching", year, variants, measure)
    return _with_rises(run(replace(study, saved=_with_rises), tell))


def _with_rises(table: pd.DataFrame) -> pd.DataFrame:
    rises = {
        f"rise_of_{name} [CNY/a]": table[f"{name} [CNY/a]"].diff()
        for name in ("paid_cost", "objective")
    }
    return table.assign(**rises)


def _matching_row(task: SliceTask, ds: xr.Dataset) -> Row:
    totals = slice_totals(ds)
    green = [c for c in task.inputs.contracts if c.kind.follows_plant and not c.kind.is_sold]
    by_capacity = [c for c in green if not c.volumes]

    def energy(role: str) -> float:
        """Green power [MWh/a]; there may be no contract, and a rule may know no claims."""
        return energy_of(ds, role=role, way="in", may_be_empty=True)

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
    project: Project, year: int, prices: Sequence[float], tell: Tell
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
        Who is told how far it is.

    Returns
    -------
    pandas.DataFrame
        A row for each price: cost and emissions, and what stands of every technology, and
        what is bought of every contract, that the price changes. The table on disk has those as
        well that no price changes.

    Raises
    ------
    InputError, InfeasibleError, SolverError, CheckError
        As :func:`~meishan_model.planning.in_memory.solve_pathway`.
    LockError
        If another run holds the scenario.
    """

    def measure(task: SliceTask, price: float) -> list[Row]:
        priced = replace(task.inputs, prices={**task.inputs.prices, "carbon_price": price})
        variant = _with_inputs(task, priced)
        return [_exposure_row(variant, solve_slice(variant))]

    variants = [Variant({PRICE: price}, f"carbon at {price:g} CNY/t", price) for price in prices]
    study = _study(project, "exposure", year, variants, measure)
    table = run(replace(study, saved=_with_zeros), tell).pipe(_with_zeros)
    standing = table.drop(columns=list(EXPOSURE))
    spread = standing.max() - standing.min()
    same = spread[spread <= CHANGE * standing.abs().max().clip(lower=1.0)].index
    return table.drop(columns=list(same))


def _with_zeros(table: pd.DataFrame) -> pd.DataFrame:
    """A table in which nothing stands of what a variant does not have."""
    return table.fillna(0.0)


def _exposure_row(task: SliceTask, ds: xr.Dataset) -> Row:
    totals = slice_totals(ds)
    cost = ds["cost"].to_series().groupby(ds["category"].to_series()).sum()
    emission = ds["emissions"].to_series().groupby(ds["scope"].to_series()).sum()
    values = (
        totals.paid_cost,
        float(cost.get("carbon", 0.0)),
        totals.net_emissions,
        float(emission.get("scope1", 0.0)),
        totals.location_emissions,
    )
    kind = ds["asset_technology"].to_series() + " [" + ds["asset_unit"].to_series() + "]"
    standing = ds["capacity"].to_series().groupby(kind).sum()
    stands = {str(name): float(value) for name, value in standing.items()}
    bought = {
        f"{c.contract} [{contract_limit(c)[1]}]": contract_use(ds, c, task.profiles)
        for c in task.inputs.contracts
    }
    return dict(zip(EXPOSURE[1:], values, strict=True)) | stands | bought


def _study(
    project: Project,
    name: str,
    year: int,
    variants: Sequence[Variant[Given]],
    measure: Callable[[SliceTask, Given], list[Row]],
) -> Study[SliceTask, Given]:
    """A study of one slice, whose variants start from the slice as the scenario has it."""
    project.require_slices(year)
    digest = slice_hashes(project, "highs")[year]

    def prepare(tell: Callable[[str], None]) -> SliceTask:
        table = assets_after(project, year, lambda y: tell(f"slice {y}, on which {year} rests"))
        return slice_task(project, year, bounds(table, year), digest)

    return Study(slice_table(project, name, year), digest, variants, prepare, measure)


def _with_inputs(task: SliceTask, inputs: SliceInputs) -> SliceTask:
    """The task with a rule or a price changed; its hourly series and bounds stand."""
    return replace(task, inputs=inputs, inputs_sha256=fingerprint(inputs))
