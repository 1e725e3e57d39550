"""Units that suit the size of what is shown: kW and thousand CNY for a factory, MW for a city.

A table or figure is shown in one unit throughout, chosen by its largest number: that of a large
park, or a smaller one in which the largest number is at least 1 and has three digits. Files that
others read (NetCDF, IAMC, CSV) keep their units.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from meishan_model.console import number
from meishan_model.report.labels import money
from meishan_model.results.pathway_file import IndicatorRow
from meishan_model.sheets.units import CURRENCY

_SIZES = (
    {"billion CNY": 1e9, "million CNY": 1e6, "thousand CNY": 1e3, "CNY": 1.0},
    {"GWh": 1e3, "MWh": 1.0, "kWh": 1e-3},
    {"MW": 1.0, "kW": 1e-3},
    {"MtCO2": 1e6, "ktCO2": 1e3, "tCO2": 1.0},
)
"""Units of a quantity from large to small, with their sizes in the unit of the results."""


class Scale(NamedTuple):
    """A unit, and what numbers are divided by to be in it."""

    unit: str
    divisor: float


def scale_of(values: ArrayLike, unit: str, largest: str = "", digits: int = 2) -> Scale:
    """The unit in which numbers that belong together are shown.

    Parameters
    ----------
    values
        All numbers of a table or figure, of any shape; what is no number does not count.
    unit
        Unit in which they are given.
    largest
        Unit for large numbers, in which zeros are shown too; that in which they are given if
        empty. What is per year stays so: only the unit before a ``/`` is changed.
    digits
        Decimals that are shown.

    Examples
    --------
    >>> scale_of([974_600.0, -250.0], "CNY/a", "million CNY/a", 3)
    Scale(unit='thousand CNY/a', divisor=1000.0)
    >>> scale_of([0.629], "MW"), scale_of([3.2, 0.4], "MW"), scale_of([12.0], "vehicles")
    (Scale(unit='kW', divisor=0.001), Scale(unit='MW', divisor=1.0), Scale(unit='vehicles', divisor=1.0))
    """  # noqa: E501
    (given, *_), (most, *per) = (text.split("/") for text in (unit, largest or unit))
    sizes = next((s for s in _SIZES if given in s), {given: 1.0})
    size = np.nanmax(np.abs(np.asarray(values, dtype=np.float64)), initial=0.0) * sizes[given]
    names = [name for name in sizes if sizes[name] <= sizes[most]]
    least = max(1.0, 100.0 / 10.0**digits)
    suited = next((name for name in names if size >= least * sizes[name]), names[-1])
    chosen = suited if size > 0.0 else most
    return Scale("/".join([chosen, *per]), sizes[chosen] / sizes[given])


def money_scale(
    ds: xr.Dataset, values: ArrayLike, largest: str = "million", digits: int = 3
) -> Scale:
    """The unit of money of a table, such as thousand CNY of 2020, in the currency of the park.

    Parameters
    ----------
    ds
        A slice or a pathway, which says in which currency it is shown.
    values
        All numbers of the table [CNY].
    largest, digits
        ``million`` or ``billion``, and decimals, as for :func:`scale_of`.
    """
    shown = money(ds)
    own = np.asarray(values, dtype=np.float64) * shown.factor
    unit, divisor = scale_of(own, CURRENCY, f"{largest} {CURRENCY}", digits)
    return Scale(unit.replace(CURRENCY, shown.label), divisor / shown.factor)


def money_amount(ds: xr.Dataset, value: float) -> str:
    """An amount of money [CNY] in the unit and currency that suit it, see :func:`money_scale`."""
    scale = money_scale(ds, value)
    return f"{number(value / scale.divisor, 3)} {scale.unit}"


def short(unit: str) -> str:
    """A unit of money as it stands in a narrow column.

    >>> short("million CNY/a"), short("billion CNY"), short("kW")
    ('MCNY/a', 'bn CNY', 'kW')
    """
    for word, sign in {"billion ": "bn ", "million ": "M", "thousand ": "k"}.items():
        unit = unit.replace(word, sign)
    return unit


def amount(value: float, unit: str, largest: str = "", digits: int = 1) -> str:
    """A number in the unit that suits it, see :func:`scale_of`."""
    scale = scale_of(value, unit, largest, digits)
    return f"{number(value / scale.divisor, digits)} {scale.unit}"


def in_suited_unit(row: IndicatorRow) -> IndicatorRow:
    """An indicator of every year in the unit that suits it."""
    scale = scale_of(row.by_year, row.unit)
    return row._replace(unit=scale.unit, by_year=row.by_year / scale.divisor)


def in_suited_units(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose last level of the index is a unit, its rows of a unit in one that suits them.

    Parameters
    ----------
    table
        Numbers in the units of their rows, such as capacities by technology and unit.
    """
    levels = table.index.to_frame(index=False)
    units = levels.iloc[:, -1]
    of_unit = {u: scale_of(table[(units == u).to_numpy()], str(u)) for u in units.unique()}
    scales = units.map(of_unit)
    levels = levels.assign(**{str(units.name): [scale.unit for scale in scales]})
    scaled = table.div([scale.divisor for scale in scales], axis=0)
    return scaled.set_axis(pd.MultiIndex.from_frame(levels))
