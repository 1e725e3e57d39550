"""Yearly tables of a pathway in long form, the unit in the header or in a column of its own."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import xarray as xr

TABLES: Mapping[str, tuple[tuple[str, ...], Mapping[str, str], str]] = {
    "capacity": (
        (
            *("capacity", "capacity_existing", "capacity_new", "capacity_bridge"),
            *("capacity_lower", "capacity_upper", "addition", "retirement"),
        ),
        {"asset_technology": "technology", "asset_zone": "zone", "asset_unit": "unit"},
        "asset",
    ),
    "cost": (("cost",), {"component": "component", "cost_category": "category"}, "cost_item"),
    "emissions": (
        ("emissions",),
        {"scope": "scope", "emission_carrier": "carrier"},
        "emission_item",
    ),
    "energy": (
        ("energy_mwh", "energy_tce_equivalent", "energy_tce_calorific"),
        {"sector": "sector", "energy_carrier": "carrier"},
        "energy_item",
    ),
    "cash_flow": (("cash_flow",), {}, "category"),
    "principles": (
        ("principle",),
        {"principle_name": "principle_name", "unit": "unit"},
        "indicator",
    ),
    "totals": (("net_emissions", "emission_cap", "carbon_value"), {}, "year"),
}
"""Table -> its variables, its coordinates with the names of their columns, its dimension."""


def tidy_tables(ds: xr.Dataset) -> dict[str, pd.DataFrame]:
    """Tables of a pathway, units in square brackets in the names of the columns.

    Parameters
    ----------
    ds
        A pathway by the result contract.

    Returns
    -------
    dict
        Name -> table with a row for each year and item. Where the unit differs by row it stands
        in the column ``unit``.
    """
    tables = {name: _tidy(ds, name) for name in TABLES}
    texts = {str(k): str(v) for k, v in ds.attrs.items()}
    tables["about"] = pd.DataFrame({"attribute": list(texts), "value": list(texts.values())})
    return tables


def _tidy(ds: xr.Dataset, name: str) -> pd.DataFrame:
    variables, coordinates, dim = TABLES[name]
    present = [v for v in variables if v in ds]
    part = (
        ds[present]
        .reset_coords(drop=True)
        .assign_coords({c: ds[c] for c in coordinates if c in ds.coords})
    )
    frame = part.to_dataframe().reset_index()
    frame = frame.rename(columns=dict(coordinates))
    keys = ["year"] if "year" in frame else []
    keys += [c for c in (dim, *coordinates.values()) if c in frame and c not in keys]
    frame = frame[[*keys, *present]]
    units = {v: ds[v].attrs.get("units") for v in present}
    named = {v: f"{v} [{unit}]" for v, unit in units.items() if unit}
    return frame.sort_values(keys, kind="stable", ignore_index=True).rename(columns=named)
