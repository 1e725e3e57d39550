"""The file of a pathway, ``results/<scenario>/pathway.nc``: yearly tables, what joins years."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import ContractError, Fault
from meishan_model.results.contract import SHOWN_IN, assemble, table_of, variables
from meishan_model.results.scale import money, scale_of
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.version import PATHWAY, code_sha256

YEARLY = ("asset", "cost_item", "emission_item", "energy_item", "thing", "convention")
"""Dimensions of the tables that every slice has."""


def pathway_dataset(
    slices: Mapping[int, xr.Dataset],
    additions: pd.DataFrame,
    retirements: pd.DataFrame,
    cash_flow: pd.DataFrame,
    principles: pd.DataFrame,
    attributes: Mapping[str, str | int | float] | None = None,
    tables: xr.Dataset | None = None,
) -> xr.Dataset:
    """Yearly tables of all slices with a leading year, and what joins the years.

    Parameters
    ----------
    slices
        Year -> dataset of :func:`~meishan_model.results.slice_file.slice_dataset`, in any order.
    additions, retirements
        Years x assets [unit of the asset]; an absent asset is 0.
    cash_flow
        Years x categories [CNY/a].
    principles
        Index indicator; value, principle_name, unit.
    attributes
        Further attributes of the file, in place of those made here.
    tables
        Optional variables of the contract with their coordinates; an absent asset is 0.

    Returns
    -------
    xarray.Dataset
        An asset or item that a year does not have is 0 there, and ``bound_reason`` empty.

    Raises
    ------
    ContractError
        If the slices belong to different scenarios, an asset or item means different things in
        two years, or a table's years or assets are not those of the slices.
    """
    ordered = {year: slices[year] for year in sorted(slices)}
    years = list(ordered)
    further = tables if tables is not None else xr.Dataset()
    of_years: dict[str, Iterable[int]] = {
        "additions": additions.index,
        "retirements": retirements.index,
        "cash_flow": cash_flow.index,
        "tables": further.get("year", xr.DataArray(years)).to_numpy(),
    }
    faults = [*_slice_faults(ordered)]
    faults += [
        Fault(name, "years are not those of the slices")
        for name, found in of_years.items()
        if sorted(found) != years
    ]
    if faults:
        raise ContractError("the pathway", faults)
    rows, arrays = _joined(ordered)
    assets = rows["asset"].index
    for name, frame in (("addition", additions), ("retirement", retirements)):
        faults += [
            Fault(f"{name}s", "asset is in no slice", value=str(asset))
            for asset in frame.columns.difference(assets)
        ]
        arrays[name] = frame.reindex(index=years).reindex(columns=assets, fill_value=0.0)
    if faults:
        raise ContractError("the pathway", faults)
    rows["category"] = pd.DataFrame(index=cash_flow.columns)
    rows["indicator"] = principles
    arrays["cash_flow"] = cash_flow.reindex(years)
    if "asset" in further.dims:
        further = further.reindex(asset=assets.to_numpy(), fill_value=0.0).drop_vars("asset")
    arrays |= {str(name): values.to_numpy() for name, values in further.variables.items()}
    return assemble("pathway", rows, arrays, {**_attributes(ordered), **(attributes or {})})


def _joined(slices: Mapping[int, xr.Dataset]) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Tables of the items of all years in the order of their first appearance, and year arrays."""
    rows: dict[str, pd.DataFrame] = {}
    arrays: dict[str, Any] = {"year": list(slices)}
    known = variables("pathway").values()
    for dim in [d for d in YEARLY if all(d in ds.dims for ds in slices.values())]:
        of_years = [table_of(ds, "slice", dim) for ds in slices.values()]
        together = pd.concat(of_years)
        rows[dim] = together[~together.index.duplicated()]
        for row in known:
            if row.dims == ("year", dim) and row.column in together:
                absent = "" if row.kind == "text" else 0.0
                columns = (
                    table[row.column].reindex(rows[dim].index, fill_value=absent)
                    for table in of_years
                )
                arrays[row.name] = np.stack([column.to_numpy() for column in columns])
    terms = {year: table_of(ds, "slice", "bound_term") for year, ds in slices.items()}
    rows["bound_term"] = pd.concat([t.assign(slice=year) for year, t in terms.items()])
    return rows, arrays


def _slice_faults(slices: Mapping[int, xr.Dataset]) -> Iterator[Fault]:
    """Slices that do not belong together."""
    if not slices:
        yield Fault("slices", "there are none")
        return
    for year, ds in slices.items():
        if ds.attrs.get("year") != year:
            yield Fault(
                "slices", f"dataset is of the year {ds.attrs.get('year')}", value=str(year)
            )
    for name in ("scenario", "park", "cost_sheet", "schema_version"):
        found = {str(ds.attrs.get(name)) for ds in slices.values()}
        if len(found) > 1:
            yield Fault("slices", f"differ: {sorted(found)}", column=name)
    # What an item is may not depend on the year.
    for row in variables("slice").values():
        if row.place == "coordinate" and len(row.dims) == 1 and row.dims[0] in YEARLY:
            if not all(row.name in ds for ds in slices.values()):
                continue
            texts = pd.concat([ds[row.name].to_series() for ds in slices.values()])
            for item, found in texts.groupby(level=0).unique().items():
                if len(found) > 1:
                    message = f"{row.name} differs between years: {sorted(found)}"
                    yield Fault("slices", message, value=str(item))


def yearly(ds: xr.Dataset, name: str, *by: str, sort: bool = True) -> pd.DataFrame:
    """A yearly table of a pathway summed over the items that share their texts.

    Parameters
    ----------
    ds
        A pathway by the result contract.
    name
        Variable with the dimension year and one of items.
    by
        Coordinates of the items, such as ``scope``; without, each item is a row of its own.
    sort
        Whether rows are sorted by their texts; in the order of the items without.

    Returns
    -------
    pandas.DataFrame
        Texts x years, in the unit of the variable.
    """
    table = pd.DataFrame(ds[name].transpose(..., "year").to_pandas())
    keys = [ds[coordinate].to_series() for coordinate in by]
    return table.groupby(keys if len(keys) > 1 else keys[0], sort=sort).sum() if by else table


def capacities(ds: xr.Dataset) -> pd.DataFrame:
    """Capacity of a pathway: technologies with their units x years."""
    return yearly(ds, "capacity", "asset_technology", "asset_unit", sort=False)


def rows_of_years(table: pd.DataFrame) -> Iterator[tuple[tuple[str, ...], pd.Series[float]]]:
    """Each row of a table of :func:`yearly`: its texts, and its values by year."""
    for key, values in table.T.items():
        yield key if isinstance(key, tuple) else (str(key),), values


class IndicatorRow(NamedTuple):
    """An indicator of every year with its unit and its titles in English and Chinese."""

    name: str
    unit: str
    title: str
    title_zh: str
    by_year: pd.Series[float]


def indicator_rows(ds: xr.Dataset) -> list[IndicatorRow]:
    """Indicators of every year of a pathway; none where its file is older than they are.

    Parameters
    ----------
    ds
        A pathway by the result contract.
    """
    if "indicator_by_year" not in ds:
        return []
    table = yearly(ds, "indicator_by_year")
    texts = (ds[f"yearly_indicator{x}"].to_numpy() for x in ("", "_unit", "_title", "_title_zh"))
    return [
        IndicatorRow(name, unit, title, title_zh, by_year)
        for name, unit, title, title_zh, (_, by_year) in zip(*texts, table.iterrows(), strict=True)
    ]


def shown_indicators(ds: xr.Dataset) -> Iterator[IndicatorRow]:
    """Indicators of every year of a pathway, each in the unit that suits it.

    Parameters
    ----------
    ds
        A pathway by the result contract.
    """
    for row in indicator_rows(ds):
        scale = scale_of(row.by_year, row.unit, shown=money(ds))
        yield row._replace(unit=scale.unit, by_year=row.by_year / scale.divisor)


def pathway_hash(hashes: Mapping[int, str]) -> str:
    """Hash of a pathway: that of the hashes of its slices and of the code that joins them.

    Parameters
    ----------
    hashes
        ``inputs_sha256`` of every slice by year.
    """
    return fingerprint([hashes, code_sha256(*PATHWAY)])


def _attributes(slices: Mapping[int, xr.Dataset]) -> dict[str, str | int | float]:
    """Attributes that the slices share, and the hashes of the pathway."""
    first = next(iter(slices.values())).attrs
    versions = sorted({str(ds.attrs["model_version"]) for ds in slices.values()})
    return {
        "title": f"Pathway of {first['scenario']}, {min(slices)} to {max(slices)}",
        **{name: first[name] for name in ("park", "scenario", "cost_sheet")},
        **{name: first[name] for name in SHOWN_IN if name in first},
        "inputs_sha256": pathway_hash({y: ds.attrs["inputs_sha256"] for y, ds in slices.items()}),
        "code_sha256": code_sha256(*PATHWAY),
        "model_version": ", ".join(versions),
        "history": f"joined from the slices {', '.join(map(str, slices))}",
    }
