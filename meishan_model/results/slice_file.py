"""The file of a slice, ``results/<scenario>/<year>.nc``: the hours and the tables of one year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components import selection
from meishan_model.errors import ContractError, Fault, InputError
from meishan_model.results.contract import assemble, listed, time_axis, violations
from meishan_model.results.wording import grouped_terms, reason
from meishan_model.sheets.units import HOURS_OF_YEAR

WEEK_HOURS = 168
LARGEST = 40
"""Columns for each time step above which a slice is that of a large park."""


@dataclass(frozen=True)
class SliceTables:
    """Everything one slice year leaves behind, as pandas objects.

    Attributes
    ----------
    flows
        Hours x flows [MW]; columns are ``"<source>-><target>"``, the index the real local
        stamps at the start of each hour, without a time zone.
    flow_table
        Index flow; source, target, carrier, zone, technology, unit.
    node_kind
        Node -> bus, source, sink, converter, link or storage.
    node_words
        Node -> the words that make up its title.
    storage_content
        Hours x storages [MWh], at the end of the hour.
    storage_table
        Index storage; initial_content [MWh], loss_rate [1/h], inflow_efficiency,
        outflow_efficiency [1]; where a store wears also what
        :func:`~meishan_model.accounts.stores.storage_table` tells of it.
    price
        Hours x buses [CNY/MWh], or ``None`` where the solver gives no duals.
    asset_table
        Index asset; capacity and capacity_existing, _new, _bridge, _lower, _upper [unit],
        unit, technology, zone.
    bound_terms
        Columns asset, kind (of :data:`~meishan_model.results.wording.TERMS`), year and amount
        [unit]: the terms of the bounds of each asset, in their order; infinite where there is no
        limit.
    cost_table
        Index cost_item; component, category, payer, value [CNY/a].
    emission_table
        Index emission_item; scope, carrier, value [tCO2/a].
    convention_table
        Index convention; factor_by_location, factor_by_market [tCO2/MWh], scope2_by_location,
        scope2_by_market [tCO2/a]; empty where the park has one factor of the grid alone.
    energy_table
        Index energy_item; sector, carrier, energy_mwh [MWh/a], energy_tce_equivalent and
        energy_tce_calorific [tce/a].
    limit_table
        Index limit; unit, most, and price [CNY per unit] where the solver gives duals.
    view_table
        Index thing; group, colour, name, name_zh: how things are shown, see
        :func:`~meishan_model.components.catalogue.views`.
    bill_table
        Index month, a column for each part of the bill [CNY/a]; empty where there is none.
    attributes
        Attributes of the file. ``hours`` says how many hours a trial has (8760 if absent).
        ``Conventions`` and ``schema_version`` are set here, ``title`` where it is absent.
    price_note
        Why there are no prices; needed when `price` is ``None``.
    """

    flows: pd.DataFrame
    flow_table: pd.DataFrame
    node_kind: pd.Series
    node_words: Mapping[str, tuple[str, ...]]
    storage_content: pd.DataFrame
    storage_table: pd.DataFrame
    price: pd.DataFrame | None
    asset_table: pd.DataFrame
    bound_terms: pd.DataFrame
    cost_table: pd.DataFrame
    emission_table: pd.DataFrame
    energy_table: pd.DataFrame
    attributes: Mapping[str, str | int | float]
    price_note: str = ""
    view_table: pd.DataFrame = field(default_factory=pd.DataFrame)
    limit_table: pd.DataFrame = field(default_factory=pd.DataFrame)
    bill_table: pd.DataFrame = field(default_factory=pd.DataFrame)
    convention_table: pd.DataFrame = field(default_factory=pd.DataFrame)


def slice_dataset(tables: SliceTables) -> xr.Dataset:
    """Dataset of one slice year by the contract.

    What the tables hold is carried over unchanged; whether it makes sense is the matter of
    :func:`validate_slice`. Only what cannot be written without guessing is refused.

    Parameters
    ----------
    tables
        The solved year.

    Returns
    -------
    xarray.Dataset
        All values float64, all labels str, stamps datetime64[ns].

    Raises
    ------
    ContractError
        With every column that is missing, text or number that is none, and series whose hours or
        items are others than those of the tables.
    """
    series = {"power": tables.flows, "storage_content": tables.storage_content}
    if tables.price is not None:
        series["price"] = tables.price
    if faults := [*_series_faults(tables, series)]:
        raise ContractError("the slice", faults)
    terms = tables.bound_terms
    amount = terms["amount"].astype(float)
    words = pd.Series(tables.node_words, dtype=object).reindex(tables.node_kind.index)
    rows = {
        "flow": tables.flow_table.reindex(tables.flows.columns),
        "node": tables.node_kind.to_frame("kind").assign(node_title=words.map("_".join)),
        "node_word": words.explode().rename_axis("node").reset_index(name="word"),
        "thing": tables.view_table,
        "storage": tables.storage_table.reindex(tables.storage_content.columns),
        "asset": tables.asset_table.assign(bound_reason=_reasons(tables)),
        "bound_term": terms.assign(amount=amount.where(np.isfinite(amount))),
        "cost_item": tables.cost_table,
        "emission_item": tables.emission_table,
        "energy_item": tables.energy_table,
        "limit": tables.limit_table,
    }
    if tables.price is not None:
        rows["bus"] = pd.DataFrame(index=tables.price.columns)
    arrays = {name: frame.to_numpy().T for name, frame in series.items()}
    if not tables.convention_table.empty:
        rows["convention"] = tables.convention_table
    if not tables.bill_table.empty:
        rows["month"] = pd.DataFrame(index=tables.bill_table.index)
        rows["bill_part"] = pd.DataFrame(index=tables.bill_table.columns)
        arrays["bill"] = tables.bill_table.to_numpy()
    minutes = int(tables.attributes.get("step_minutes", 60))
    arrays |= time_axis(pd.DatetimeIndex(tables.flows.index), minutes)
    return assemble("slice", rows, arrays, _attributes(tables))


def _series_faults(tables: SliceTables, series: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Series of other hours than the flows, and items that are in one of two tables only."""
    hours = tables.flows.index
    for name, frame in series.items():
        local = isinstance(hours, pd.DatetimeIndex) and hours.tz is None
        if not (local and frame.index.equals(hours)):
            yield Fault(name, "is not at the local hours of the flows, without a time zone")
    pairs = (
        ("flow", tables.flows.columns, tables.flow_table.index),
        ("storage", tables.storage_content.columns, tables.storage_table.index),
    )
    for name, one, other in pairs:
        if not (one.is_unique and other.is_unique and set(one) == set(other)):
            strange = listed(map(str, one.symmetric_difference(other)))
            yield Fault(name, "has not one row for each series", value=strange)


def _reasons(tables: SliceTables) -> list[str]:
    """What the terms of each asset say in English; empty where an asset has none."""
    columns = (tables.bound_terms[name] for name in ("asset", "kind", "year", "amount"))
    found, units = grouped_terms(*columns), tables.asset_table["unit"]
    return [reason(found[asset], str(unit)) for asset, unit in units.items()]


def _attributes(tables: SliceTables) -> dict[str, Any]:
    given = tables.attributes
    title = f"Hourly operation of {given.get('scenario', '?')} in {given.get('year', '?')}"
    unavailable = {} if tables.price is not None else {"price_unavailable": tables.price_note}
    return {"title": title, **given, **unavailable}


def validate_slice(ds: xr.Dataset) -> list[str]:
    """Violations of the contract by the dataset of one slice year.

    Parameters
    ----------
    ds
        Dataset of :func:`slice_dataset`, or one that was read.

    Returns
    -------
    list of str
        One sentence per violation; empty if the dataset keeps the contract. What the hours, flows
        and nodes mean is only asked where names, dimensions and types are right.
    """
    return violations(ds, "slice") or [*_hours(ds), *_nodes(ds), *_prices(ds)]


def _hours(ds: xr.Dataset) -> Iterator[str]:
    """Time steps that are not as many as is said, or none of the model year."""
    stamps, minutes = pd.DatetimeIndex(ds["time"].to_numpy()), selection.minutes_of_step(ds)
    expected = ds.attrs.get("hours", HOURS_OF_YEAR) * 60 // minutes
    if len(stamps) != expected:
        yield f"time has {len(stamps)} steps instead of {expected}"
    if (stamps != stamps.floor(f"{minutes}min")).any():
        yield f"time has stamps that are not the start of a step of {minutes} min"
    if ((stamps.month == 2) & (stamps.day == 29)).any():
        yield "time holds 29 February"
    if strange := set(stamps.year) - {ds.attrs["year"]}:
        yield f"time holds {listed(map(str, strange))}, the year is {ds.attrs['year']}"
    if not np.array_equal(ds["time_bnds"].to_numpy(), time_axis(stamps, minutes)["time_bnds"]):
        yield "time_bnds is not the stamp and one step later"


def _nodes(ds: xr.Dataset) -> Iterator[str]:
    """Flows that are not called by their ends, storages and buses that are other nodes."""
    called = ds["source"].to_series() + "->" + ds["target"].to_series()
    if strange := [str(flow) for flow, name in called.items() if flow != name]:
        yield f"flow is not called source->target: {listed(strange)}"
    kind = ds["kind"].to_series()
    for dim in ("storage", "bus"):
        items = ds[dim].to_numpy() if dim in ds.coords else ()
        if strange := [item for item in items if kind.get(item) != dim]:
            yield f"{dim} is no node of that kind: {listed(strange)}"


def _prices(ds: xr.Dataset) -> Iterator[str]:
    """Prices without which nothing says why, and what only prices tell."""
    if ("price" in ds) == ("price_unavailable" in ds.attrs):
        yield "there is either price or price_unavailable, not both or neither"
    if "price" in ds and not np.isfinite(ds.attrs["optimality_gap"]):
        yield f"attribute optimality_gap is {ds.attrs['optimality_gap']}, which is not finite"


def is_large(ds: xr.Dataset) -> bool:
    """Whether a slice is of a large park: it is not solved a second time, and told in short."""
    return bool(ds.attrs.get("problem_columns", 0) > LARGEST * ds.sizes["time"])


def week(ds: xr.Dataset, number: int) -> xr.Dataset:
    """A slice in the hours of one week; week 1 starts with the first hour of the year.

    Weeks are 168 hours of the model year, so 29 February, which is absent, shortens none;
    week 53 is the day that is left.

    Parameters
    ----------
    ds
        A solved year.
    number
        Week, from 1.

    Returns
    -------
    xarray.Dataset
        With at most 168 hours of steps.

    Raises
    ------
    InputError
        If the year has no such week (a trial has fewer).
    """
    steps = WEEK_HOURS * 60 // selection.minutes_of_step(ds)
    last = -(-ds.sizes["time"] // steps)
    if not 1 <= number <= last:
        remedy = f"weeks are 1 to {last}"
        raise InputError([Fault("result", "no such week", value=str(number), remedy=remedy)])
    return ds.isel(time=slice((number - 1) * steps, number * steps))


def energy_balance(ds: xr.Dataset) -> pd.DataFrame:
    """Energy through every bus, flow by flow; a bus sums to zero.

    Sums over the hours in the file: those of a trial are not scaled to a year.

    Parameters
    ----------
    ds
        A solved year.

    Returns
    -------
    pandas.DataFrame
        Index (bus, flow), called by the titles of nodes; carrier, technology, zone, unit of the
        flow, and energy [unit x h, so MWh where the unit is MW], positive into the bus.
    """
    sign = np.where(ds["way"].to_numpy() == "in", 1.0, -1.0)
    energy = ds["power"].to_numpy().sum(axis=1) * sign * selection.step_of(ds)
    flows = selection.flows_of_slice(ds).assign(flow=selection.flow_titles(ds), energy=energy)
    columns = ["carrier", "technology", "zone", "unit", "energy"]
    return flows.set_index(["bus", "flow"])[columns].sort_index()
