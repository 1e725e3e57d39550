"""Rows of the package and stand in for what a park's own sheets do not say.

Defaults lie in ``default_sheets/<country>``, in the form of a park's sheets. Only numbers that
hold for every park of a country are among them; tariffs, prices, demand and the future of the grid
are the park's to say. A default says so in its source and is told by ``meishan check``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from meishan_model.errors import InputError
from meishan_model.sheets.row_reader import read_rows
from meishan_model.sheets.rows import ValueRow
from meishan_model.sheets.schema import SHEETS

KEYS: Mapping[str, tuple[str, ...]] = {
    "emission_factors": ("carrier", "scope", "parameter"),
    "parameters": ("parameter",),
    "profiles": ("profile",),
}
"""Sheets that have defaults, and the columns that name what a park's own rows replace whole."""


def default_path(country: str, sheet: str) -> Path:
    """File of the defaults of a country."""
    return Path(__file__).parent / "default_sheets" / country / f"{sheet}.csv"


@cache
def default_rows(country: str, sheet: str) -> tuple[ValueRow, ...]:
    """Defaults of a sheet in a country [ISO 3166]; none where the package has none."""
    rows, faults = read_rows(default_path(country, sheet), SHEETS[sheet])
    if faults:
        raise InputError(faults)
    return tuple(row.as_default() for row in rows if isinstance(row, ValueRow))


def with_defaults(rows: tuple[ValueRow, ...], country: str, sheet: str) -> tuple[ValueRow, ...]:
    """Rows of a park, and after them the defaults of everything that they do not name.

    Parameters
    ----------
    rows
        The park's own rows.
    country, sheet
        As for :func:`default_rows`.
    """
    own = {_key(sheet, row) for row in rows}
    return (*rows, *(row for row in default_rows(country, sheet) if _key(sheet, row) not in own))


def default_names(rows: tuple[ValueRow, ...], sheet: str) -> tuple[str, ...]:
    """What the defaults among the rows of a park's sheet say, by name, each once."""
    keys = (_key(sheet, row) for row in rows if row.is_default)
    return tuple(dict.fromkeys(" ".join(filter(None, key)) for key in keys))


def _key(sheet: str, row: ValueRow) -> tuple[str, ...]:
    return tuple(str(getattr(row, column)) for column in KEYS[sheet])
