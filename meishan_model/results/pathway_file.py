"""The pathway file: the yearly tables of all slices, and what joins the years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import ContractError, Fault
from meishan_model.results.schema import (
    CONVENTIONS,
    PATHWAY_COORDINATES,
    PATHWAY_TABLE_COORDINATES,
    PATHWAY_TABLES,
    PATHWAY_VARIABLES,
    SCHEMA_VERSION,
    SLICE_COORDINATES,
    TABLES,
    assemble,
    number_array,
    text_array,
)
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.version import code_sha256


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
        Year -> dataset of :func:`slice_dataset`, in any order.
    additions, retirements
        Years x assets [unit of the asset]; an absent asset is 0.
    cash_flow
        Years x categories [CNY/a].
    principles
        Index indicator; value, principle_name, unit.
    attributes
        Further attributes of the file, in place of those made here.
    tables
        Further tables of :data:`~meishan_model.results.schema.PATHWAY_TABLES` with their
        coordinates; an absent asset is 0.

    Returns
    -------
    xarray.Dataset
        An asset or item that a year does not have is 0 there, and ``bound_reason`` empty.

    Raises
    ------
    ContractError
        If the slices belong to different scenarios, an asset or item means different things in
        two years, or a table's years are not the years of the slices.
    """
    ordered = {year: slices[year] for year in sorted(slices)}
    faults = _pathway_faults(ordered, {"additions": additions, "retirements": retirements})
    if sorted(cash_flow.index) != list(ordered):
        faults.append(Fault("cash_flow", "years are not those of the slices"))
    faults += [
        Fault("principles", "column is missing", column=column)
        for column in ("value", "principle_name", "unit")
        if column not in principles.columns
    ]
    faults += _table_faults(tables, list(ordered))
    if faults:
        raise ContractError("the pathway", faults)
    years = list(ordered)
    data, coordinates = _joined(ordered)
    assets = list(coordinates["asset"])
    for name, frame in {"addition": additions, "retirement": retirements}.items():
        data[name] = number_array(
            frame.reindex(index=years).reindex(columns=assets, fill_value=0.0)
        )
    data["cash_flow"] = number_array(cash_flow.reindex(years))
    data["principle"] = number_array(principles["value"])
    coordinates["category"] = text_array(cash_flow.columns)
    coordinates["indicator"] = text_array(principles.index)
    coordinates |= {n: text_array(principles[n]) for n in ("principle_name", "unit")}
    if tables is not None:
        aligned = (
            tables.reindex(asset=assets, fill_value=0.0) if "asset" in tables.dims else tables
        )
        data |= {str(n): aligned[n].to_numpy() for n in aligned.data_vars}
        coordinates |= {
            str(n): text_array(aligned[n].to_numpy())
            for n in aligned.coords
            if n not in coordinates
        }
    schema = {**PATHWAY_VARIABLES, **PATHWAY_COORDINATES}
    schema |= {**PATHWAY_TABLES, **PATHWAY_TABLE_COORDINATES}
    joined = {**_pathway_attributes(ordered), **(attributes or {})}
    return assemble(data, coordinates, schema, joined)


def _table_faults(tables: xr.Dataset | None, years: list[int]) -> list[Fault]:
    """Further tables that the contract does not know, or of other years."""
    if tables is None:
        return []
    known = {*PATHWAY_TABLES, *PATHWAY_TABLE_COORDINATES, "year", "asset"}
    faults = [
        Fault("tables", "is no table of the contract", value=str(name))
        for name in tables.variables
        if name not in known
    ]
    if "year" in tables.dims and tables["year"].to_numpy().tolist() != years:
        faults.append(Fault("tables", "years are not those of the slices"))
    return faults


def _text_coordinates(dim: str) -> dict[str, str]:
    """Text coordinates of a yearly table: name in the slice file -> in the pathway file."""
    _, texts, _ = next(table for table in TABLES.values() if table[0] == dim)
    names = [name for name in texts.values() if name in SLICE_COORDINATES]
    return {name: "cost_category" if name == "category" else name for name in names}


_YEARLY = {d: list(n.values()) for d, _, n in TABLES.values() if d not in ("flow", "storage")}


def _joined(slices: Mapping[int, xr.Dataset]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Yearly tables over the union of the items, in the order of their first appearance."""
    data: dict[str, Any] = {}
    coordinates: dict[str, Any] = {"year": np.array(list(slices), dtype=np.int64)}
    for dim, names in _YEARLY.items():
        items = list(
            dict.fromkeys(label for ds in slices.values() for label in ds[dim].to_numpy())
        )
        coordinates[dim] = text_array(items)
        for name in names:
            rows = [ds[name].to_series().reindex(items, fill_value=0.0) for ds in slices.values()]
            data[name] = np.stack([row.to_numpy(dtype=np.float64) for row in rows])
        for name, target in _text_coordinates(dim).items():
            found = {
                label: text
                for ds in slices.values()
                for label, text in zip(ds[dim].to_numpy(), ds[name].to_numpy(), strict=True)
            }
            coordinates[target] = text_array(found[item] for item in items)
    reasons = [
        dict(zip(ds["asset"].to_numpy(), ds["bound_reason"].to_numpy(), strict=True))
        for ds in slices.values()
    ]
    assets = coordinates["asset"]
    data["bound_reason"] = np.stack([text_array(r.get(a, "") for a in assets) for r in reasons])
    data["term_amount"] = np.concatenate([ds["term_amount"] for ds in slices.values()])
    for name in ("term_asset", "term_kind"):
        texts = (ds[name].to_numpy() for ds in slices.values())
        coordinates[name] = text_array(text for column in texts for text in column)
    coordinates["term_year"] = np.concatenate([ds["term_year"] for ds in slices.values()])
    coordinates["term_slice"] = np.repeat(
        coordinates["year"], [ds.sizes["bound_term"] for ds in slices.values()]
    )
    return data, coordinates


def _pathway_faults(
    slices: Mapping[int, xr.Dataset], by_asset: Mapping[str, pd.DataFrame]
) -> list[Fault]:
    """Slices that do not belong together, and tables that do not belong to the slices."""
    if not slices:
        return [Fault("slices", "there are none")]
    faults = [
        Fault("slices", f"dataset is of the year {ds.attrs.get('year')}", value=str(year))
        for year, ds in slices.items()
        if ds.attrs.get("year") != year
    ]
    for name in ("scenario", "park", "cost_sheet", "schema_version"):
        found = {str(ds.attrs.get(name)) for ds in slices.values()}
        if len(found) > 1:
            faults.append(Fault("slices", f"differ: {sorted(found)}", column=name))
    for dim in _YEARLY:
        for name in _text_coordinates(dim):
            pairs = pd.concat([ds[name].to_series() for ds in slices.values()])
            texts = pairs.groupby(level=0).unique()
            faults += [
                Fault("slices", f"{name} differs between years: {sorted(t)}", value=str(item))
                for item, t in texts.items()
                if len(t) > 1
            ]
    known = {asset for ds in slices.values() for asset in ds["asset"].to_numpy()}
    for table, frame in by_asset.items():
        if sorted(frame.index) != list(slices):
            faults.append(Fault(table, "years are not those of the slices"))
        strange = [asset for asset in frame.columns if asset not in known]
        faults += [Fault(table, "asset is in no slice", value=str(asset)) for asset in strange]
    return faults


def pathway_hash(hashes: Mapping[int, str]) -> str:
    """Hash of a pathway: that of the hashes of its slices.

    Parameters
    ----------
    hashes
        ``inputs_sha256`` of every slice by year.
    """
    return fingerprint(hashes)


def _pathway_attributes(slices: Mapping[int, xr.Dataset]) -> dict[str, str | int | float]:
    """Attributes that the slices share; the hash is that of the hashes of the slices."""
    first = next(iter(slices.values())).attrs
    versions = sorted({str(ds.attrs["model_version"]) for ds in slices.values()})
    return {
        "Conventions": CONVENTIONS,
        "title": f"Pathway of {first['scenario']}, {min(slices)} to {max(slices)}",
        **{name: first[name] for name in ("park", "scenario", "cost_sheet")},
        "inputs_sha256": pathway_hash({y: ds.attrs["inputs_sha256"] for y, ds in slices.items()}),
        "code_sha256": code_sha256(),
        "model_version": ", ".join(versions),
        "history": f"joined from the slices {', '.join(map(str, slices))}",
        "schema_version": SCHEMA_VERSION,
    }
