"""Series of assumed numbers in the sheets, and a copy of the sheets in which one of them differs.

A series is one quantity over all its years: the rows of a sheet that differ in ``year`` and
``value`` only. Varied are those of its rows that are marked ``assumption`` or ``placeholder``;
published and derived numbers stay as they are. What is varied is the text of the sheet itself, so
that a changed number passes every check that a user's would.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from meishan_model.sheets.cost_rows import CostRow
from meishan_model.sheets.park import DEFAULTS, SHEETS, Park
from meishan_model.sheets.row_reader import Schemas, columns_of
from meishan_model.sheets.rows import PLACEHOLDER, Confidence, Effect, NumberRow, Row
from meishan_model.sheets.units import factor_of

ASSUMPTION: Confidence = "assumption"
ASSUMED = (ASSUMPTION, PLACEHOLDER)
YEARS = 5
"""By how much a calendar year is moved [a], where other numbers change by a share."""
FIRST_CALENDAR_YEAR = 1900.0
_EXPLAINED = "further description"
"""Column of a cost sheet that says in its first word how sure a number is."""
_NO_KEY = (
    *("year", "value", "unit", "source", "confidence", "note", "name", "name_zh"),
    *("price_year", "vat"),
    *(_EXPLAINED, "currency_year"),
)
_COSTS = "costs/"


@dataclass(frozen=True)
class Series:
    """One quantity of one sheet over all its years.

    Attributes
    ----------
    sheet
        Stem of a park's sheet, or ``costs/<folder>``.
    key
        The cells that name the quantity, in the order of the sheet's columns.
    unit
        Unit of its values.
    lower, upper
        Range that its values may have, in the unit of the sheet.
    rows
        Number of rows marked as assumption.
    acts_on
        What alone it acts on: what things cost; else empty.
    """

    sheet: str
    key: tuple[str, ...]
    unit: str
    rows: int
    lower: float = field(default=-np.inf)
    upper: float = field(default=np.inf)
    acts_on: Effect = ""

    @property
    def name(self) -> str:
        """The cells of the key in one text."""
        return " ".join(cell for cell in self.key if cell)


def assumption_series(
    park_folder: Path, cost_folders: Sequence[Path], schemas: Schemas
) -> tuple[Series, ...]:
    """Every series of a park's sheets and of cost sheets that has a row marked as assumption.

    Parameters
    ----------
    park_folder
        ``configs/<park>``; every sheet with a column ``confidence`` is searched.
    cost_folders
        Folders of cost sheets.
    schemas
        Models of the rows of the park's sheets.
    """
    found: list[Series] = []
    for path in sorted(park_folder.glob("*.csv")):
        found += series_of_table(path.stem, read_text(path), schemas)
    for folder in cost_folders:
        tables = [read_text(path) for path in sorted(folder.glob("costs_*.csv"))]
        sheet = _COSTS + folder.name
        found += series_of_table(sheet, pd.concat(tables, ignore_index=True), {sheet: CostRow})
    return tuple(found)


def default_tables(park: Park) -> dict[str, pd.DataFrame]:
    """The defaults of the package that a park uses, every cell as text, by stem of the sheet."""
    found = {}
    for sheet in DEFAULTS:
        rows = [row.model_dump() for row in getattr(park, sheet) if row.is_default]
        if rows:
            table = pd.DataFrame(rows, columns=columns_of(SHEETS[sheet]), dtype=object)
            found[sheet] = table.where(table.notna(), "").astype(str)
    return found


def write_defaults(park: Park, folder: Path) -> None:
    """Write the defaults that a park uses below the rows of its own sheets.

    Parameters
    ----------
    park
        The park.
    folder
        A copy of its folder, in which they can then be varied.
    """
    for sheet, table in default_tables(park).items():
        path = folder / f"{sheet}.csv"
        own = [read_text(path)] if path.exists() else []
        pd.concat([*own, table]).to_csv(path, index=False)


def read_text(path: Path) -> pd.DataFrame:
    """A sheet as it stands, every cell as text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def series_of_table(sheet: str, table: pd.DataFrame, schemas: Schemas) -> list[Series]:
    """Group the rows of a sheet to series; one that does not say what is assumed has none.

    Parameters
    ----------
    sheet
        Its name.
    table
        Its cells as text; of a cost sheet those of all years.
    schemas
        Models of the rows of sheets.
    """
    found: list[Series] = []
    if not {"confidence", _EXPLAINED} & {*table}:
        return found
    for key, rows in table.groupby(key_columns(table), sort=False):
        assumed = int(_is_assumed(rows).sum())
        if assumed:
            ends = _limits(schemas, sheet, rows.iloc[0])
            cells = tuple(map(str, key))
            unit = str(rows["unit"].iloc[0])
            effects = schemas.get(sheet, Row).effects
            acts_on = effects.get(cells[-1], effects.get("", ""))
            found.append(Series(sheet, cells, unit, assumed, *ends, acts_on))
    return found


def _is_assumed(table: pd.DataFrame) -> pd.Series[bool]:
    """Rows whose number is assumed; one that a measured series gives stands in no sheet."""
    if _EXPLAINED in table:
        return table[_EXPLAINED].str.startswith(f"{ASSUMPTION}:")
    return table["confidence"].isin(ASSUMED) & (table["value"] != "")


def key_columns(table: pd.DataFrame) -> list[str]:
    """Columns that say which quantity a row is of."""
    return [column for column in table.columns if column not in _NO_KEY]


_NO_LIMITS = (-np.inf, np.inf)


def _limits(schemas: Schemas, sheet: str, cells: pd.Series[str]) -> tuple[float, float]:
    """Range of a row by the schema; no limits where a sheet has no schema here."""
    model = schemas.get(sheet)
    if model is None or not issubclass(model, NumberRow):
        return _NO_LIMITS
    if model is CostRow:
        # An efficiency is at most one.
        is_share = cells["parameter"] == "efficiency"
        return 0.0, 1.0 / factor_of(cells["unit"]) if is_share else np.inf
    content: dict[str, Any] = {str(column): cell for column, cell in cells.items()}
    row = model.model_construct(**content)
    quantity = model.quantities.get(row.kind_of_value)
    return _NO_LIMITS if quantity is None else (quantity.lower, quantity.upper)


def vary(values: pd.Series[float], series: Series, change: float) -> pd.Series[float]:
    """Values of a series, changed by a share and kept in their range.

    Parameters
    ----------
    values
        Values in the unit of the sheet.
    series
        The series, for its range.
    change
        Relative change [-], such as -0.2. A calendar year moves by :data:`YEARS` in the
        direction of the change instead.

    Examples
    --------
    >>> share = Series("assets", ("a", "share"), "%", 1, 0.0, 100.0)
    >>> list(vary(pd.Series([50.0, 90.0]), share, 0.2))
    [60.0, 100.0]
    """
    if series.unit == "a" and bool((values >= FIRST_CALENDAR_YEAR).all()):
        return values + float(np.sign(change)) * YEARS
    return (values * (1.0 + change)).clip(series.lower, series.upper)


def vary_table(table: pd.DataFrame, series: Series, change: float) -> pd.DataFrame:
    """A sheet in which the assumed rows of one series are varied; all other cells stay.

    Parameters
    ----------
    table
        The sheet as text.
    series
        The series; its key has one cell for each key column of the sheet.
    change
        As for :func:`vary`.
    """
    named = (table[key_columns(table)] == list(series.key)).all(axis="columns")
    chosen = named & _is_assumed(table)
    result = table.copy()
    values = vary(table.loc[chosen, "value"].astype(float), series, change)
    # Twelve digits leave no dust of the binary product and lose nothing that anybody wrote.
    result.loc[chosen, "value"] = values.map(lambda number: f"{number:.12g}")
    return result


def copy_sheets(root: Path, park: str, cost_folder: Path, target: Path) -> None:
    """Copy what a scenario is read from, so that its sheets can be varied.

    Parameters
    ----------
    root
        Folder with ``configs/`` and ``timeseries/``.
    park
        Name of the park.
    cost_folder
        Folder of the cost sheet; the reference beside ``configs/costs`` is copied with it.
    target
        Folder of the copy.
    """
    for part in (f"configs/{park}", "configs/costs", f"timeseries/{park}"):
        if (root / part).is_dir():  # a park on which no weather works has no time series
            shutil.copytree(root / part, target / part)
    own = target / "configs" / "costs" / cost_folder.name
    if not own.is_dir():
        shutil.copytree(cost_folder, own)


def vary_sheets(root: Path, park: str, series: Series, change: float) -> None:
    """Vary a series in a copy of the sheets.

    Parameters
    ----------
    root
        Copy of :func:`copy_sheets`.
    park
        Name of the park.
    series, change
        As for :func:`vary_table`.
    """
    if series.sheet.startswith(_COSTS):
        paths = sorted((root / "configs" / series.sheet).glob("costs_*.csv"))
    else:
        paths = [root / "configs" / park / f"{series.sheet}.csv"]
    for path in paths:
        vary_table(read_text(path), series, change).to_csv(path, index=False)
