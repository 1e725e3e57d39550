"""Files that other people use: the IAMC format by pyam, an Excel workbook, CSV tables."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pandas as pd
import xarray as xr
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from meishan_model.errors import Fault, InputError
from meishan_model.results.files import write_table
from meishan_model.results.pathway_file import capacities, indicator_rows, rows_of_years, yearly
from meishan_model.version import __version__
from meishan_model.whole_file import whole_file

if TYPE_CHECKING:
    import pyam

MODEL = f"meishan_model {__version__}"

_ACRONYMS = ("pv", "lng", "led", "om", "ccer")
_SCOPES = {
    "scope1": "Scope 1",
    "scope2_market": "Scope 2|Market-based",
    "scope2_location": "Scope 2|Location-based",
    "sink": "Sinks",
    "credit": "Credits",
    "gap": "Gap",
    "scope3_reported": "Scope 3|Reported",
}
_TOTALS = (
    ("net_emissions", "Emissions|CO2|Net", "kt CO2/yr", 1e-3),
    ("emission_cap", "Emissions|CO2|Cap", "kt CO2/yr", 1e-3),
    ("carbon_value", "Price|Carbon", "CNY_2020/t CO2", 1.0),
)
"""Totals of a year: their name in the file, variable, unit and factor."""


def iamc_table(ds: xr.Dataset) -> pd.DataFrame:
    """Yearly results in the long IAMC format.

    Units are those that pyam's unit registry knows: MW, MWh, GWh/yr, kt CO2/yr. Money is given as
    ``million CNY_2020/yr``, a label: the registry has no yuan. Capacities stand for the park and
    for each of its zones, ``<park>|<zone>``; all else for the park.

    Parameters
    ----------
    ds
        A pathway by the result contract.

    Returns
    -------
    pandas.DataFrame
        model, scenario, region, variable, unit, year, value.
    """
    rows = [
        pd.DataFrame({"region": region, "variable": variable, "unit": unit, "value": values})
        for region, variable, unit, values in _variables(ds)
    ]
    table = pd.concat(rows).rename_axis("year").reset_index().dropna(subset="value")
    table = table.assign(model=MODEL, scenario=str(ds.attrs["scenario"]))
    return table[["model", "scenario", "region", "variable", "unit", "year", "value"]]


def _variables(ds: xr.Dataset) -> Iterator[tuple[str, str, str, pd.Series[float]]]:
    """Region, name, unit and yearly values of all variables that the file has."""
    park = str(ds.attrs["park"])
    for (technology, unit), values in rows_of_years(capacities(ds)):
        yield park, f"Capacity|{_words(technology)}", unit, values
    by_zone = yearly(ds, "capacity", "asset_zone", "asset_technology", "asset_unit")
    for (zone, technology, unit), values in rows_of_years(by_zone):
        if zone:
            yield f"{park}|{zone}", f"Capacity|{_words(technology)}", unit, values
    use = yearly(ds, "energy_mwh", "sector", "energy_carrier") / 1e3
    for (sector, carrier), values in rows_of_years(use):
        yield park, f"Final Energy|{_words(sector)}|{_words(carrier)}", "GWh/yr", values
    for (sector,), values in rows_of_years(use.groupby(level=0).sum()):
        yield park, f"Final Energy|{_words(sector)}", "GWh/yr", values
    yield park, "Final Energy", "GWh/yr", use.sum()
    for (scope,), values in rows_of_years(yearly(ds, "emissions", "scope") / 1e3):
        yield park, f"Emissions|CO2|{_SCOPES[scope]}", "kt CO2/yr", values
    for (category,), values in rows_of_years(yearly(ds, "cost", "cost_category") / 1e6):
        yield park, f"Cost|{_words(category)}", "million CNY_2020/yr", values
    for name, variable, unit, scale in _TOTALS:
        if name in ds:
            yield park, variable, unit, ds[name].to_series() * scale
    for row in indicator_rows(ds):
        yield park, f"Indicator|{_words(row.name)}", _iamc_unit(row.unit), row.by_year


def _iamc_unit(unit: str) -> str:
    """Unit as pyam's unit registry reads it: without one is empty, a year is ``yr``."""
    return "" if unit == "1" else unit.replace("/a", "/yr")


def _words(name: str) -> str:
    """Part of a variable's name; ``|`` would divide it."""
    words = name.replace("_", " ").replace("|", "/").split(" ")
    return " ".join(w.upper() if w in _ACRONYMS else w.title() for w in words)


def iamc_frame(ds: xr.Dataset) -> pyam.IamDataFrame:
    """Yearly results as a data frame of pyam.

    Raises
    ------
    InputError
        If pyam is not installed.
    """
    # pyam and what it brings along use what others will give up, and warn of it.
    try:
        with warnings.catch_warnings(action="ignore"):
            import pyam
    except ImportError as error:
        remedy = "install it: pip install 'meishan-model[iamc]'"
        raise InputError([Fault("pyam", "is not installed", remedy=remedy)]) from error
    with warnings.catch_warnings(action="ignore"):
        return pyam.IamDataFrame(iamc_table(ds))


def save_iamc(ds: xr.Dataset, path: Path) -> None:
    """Write the IAMC format as CSV or, by the ending of the name, as an Excel file.

    Parameters
    ----------
    ds
        A pathway by the result contract.
    path
        ``.csv`` or ``.xlsx``.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    frame = iamc_frame(ds)
    with whole_file(path, path.suffix) as partial, warnings.catch_warnings(action="ignore"):
        if path.suffix == ".xlsx":
            frame.to_excel(partial)
        else:
            frame.to_csv(partial)


def save_excel(ds: xr.Dataset, path: Path) -> None:
    """Write one workbook with a sheet for each table, units in the headers.

    Text is written as text: a name that begins with ``=`` is no formula.

    Parameters
    ----------
    ds
        A pathway by the result contract.
    path
        ``.xlsx`` file.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, table in tidy_tables(ds).items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for number, column in enumerate(map(str, table.columns), start=1):
            sheet.cell(1, number, column).font = Font(bold=True)
            sheet.column_dimensions[get_column_letter(number)].width = max(12, len(column) + 2)
            for line, value in enumerate(table[column].tolist(), start=2):
                if isinstance(value, str):
                    sheet.cell(line, number, value).data_type = "s"
                elif np.isfinite(value):
                    sheet.cell(line, number, value)
    with whole_file(path, path.suffix) as partial:
        book.save(partial)


def save_csv(ds: xr.Dataset, folder: Path) -> list[Path]:
    """Write each table as a CSV file.

    Parameters
    ----------
    ds
        A pathway by the result contract.
    folder
        Where they go; it is made if needed.

    Returns
    -------
    list of pathlib.Path
        The files.

    Raises
    ------
    WriteError
        If a file cannot be written.
    """
    paths = []
    for name, table in tidy_tables(ds).items():
        paths.append(folder / f"{name}.csv")
        write_table(table, paths[-1])
    return paths


TABLES: Mapping[str, tuple[str, ...]] = {
    "capacity": (
        *("capacity", "capacity_existing", "capacity_new", "capacity_bridge"),
        *("capacity_lower", "capacity_upper", "addition", "retirement"),
    ),
    "cost": ("cost",),
    "bill": ("bill", "bill_before"),
    "emissions": ("emissions",),
    "energy": ("energy_mwh", "energy_tce_equivalent", "energy_tce_calorific"),
    "cash_flow": ("cash_flow",),
    "principles": ("principle",),
    "indicators": ("indicator_by_year",),
    "totals": ("net_emissions", "emission_cap", "carbon_value"),
}
"""Table -> its variables."""
COLUMNS = {
    **{"asset_technology": "technology", "asset_zone": "zone", "asset_unit": "unit"},
    **{"component": "component", "cost_category": "category", "bill_part": "part"},
    **{"scope": "scope", "emission_carrier": "carrier", "sector": "sector"},
    **{"energy_carrier": "carrier", "principle_name": "principle_name", "unit": "unit"},
    **{"yearly_indicator_unit": "unit", "yearly_indicator_title": "title"},
}
"""Coordinates that are columns of the tables with their dimensions, and how they are called."""


def export(ds: xr.Dataset, folder: Path, formats: Sequence[str]) -> list[Path]:
    """Write a pathway in several formats.

    Parameters
    ----------
    ds
        The pathway.
    folder
        Where the files go.
    formats
        ``iamc`` for pyam, ``excel`` for one workbook, ``csv`` for a file each table.

    Returns
    -------
    list of pathlib.Path
        The files.

    Raises
    ------
    InputError
        If there is no such format, or none is named.
    """
    known = ("iamc", "excel", "csv")
    if not formats or not {*formats} <= {*known}:
        remedy = f"name at least one: {', '.join(known)}"
        fault = Fault("export", "no such format", value=", ".join(formats), remedy=remedy)
        raise InputError([fault])
    files = []
    if "iamc" in formats:
        files.append(folder / "pathway_iamc.xlsx")
        save_iamc(ds, files[-1])
    if "excel" in formats:
        files.append(folder / "pathway.xlsx")
        save_excel(ds, files[-1])
    return files + (save_csv(ds, folder / "tables") if "csv" in formats else [])


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
    there = {name: [v for v in variables if v in ds] for name, variables in TABLES.items()}
    tables = {name: _tidy(ds, present) for name, present in there.items() if present}
    texts = {str(k): str(v) for k, v in ds.attrs.items()}
    tables["about"] = pd.DataFrame({"attribute": list(texts), "value": list(texts.values())})
    return tables


def _tidy(ds: xr.Dataset, present: list[str]) -> pd.DataFrame:
    """Variables of the same dimensions as one table; the year, which is the first, leads."""
    plain, dims = ds[present].reset_coords(drop=True), ds[present[0]].dims
    own = {c: ds[c] for c in COLUMNS if c in ds.coords and {*ds[c].dims} <= {*dims}}
    frame = plain.assign_coords(own).to_dataframe().reset_index().rename(columns=COLUMNS)
    keys = [*dict.fromkeys(COLUMNS.get(str(name), str(name)) for name in (*dims, *own))]
    units = {v: ds[v].attrs.get("units") for v in present}
    named = {v: f"{v} [{unit}]" for v, unit in units.items() if unit}
    ordered = frame[[*keys, *present]].sort_values(keys, kind="stable", ignore_index=True)
    return ordered.rename(columns=named)
