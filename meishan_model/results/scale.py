"""Units that suit the size of what is shown, and the currency of the park that it is shown in.

A table or figure is shown in one unit throughout, chosen by its largest number: that of a large
park (MW, million CNY), or a smaller one (kW, thousand CNY) in which the largest number is at least
1 and has three digits. Files that others read (NetCDF, IAMC, CSV) keep their units and are in real
CNY of 2020; what people read is converted here, numbers with their unit.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from meishan_model.console import number
from meishan_model.results.contract import SHOWN_IN
from meishan_model.sheets.park import Park
from meishan_model.sheets.units import CURRENCY, PRICE_YEAR

Amounts = TypeVar("Amounts", float, pd.Series, pd.DataFrame)

_SIZES = (
    {"billion CNY": 1e9, "million CNY": 1e6, "thousand CNY": 1e3, "CNY": 1.0},
    {"GWh": 1e3, "MWh": 1.0, "kWh": 1e-3},
    {"MW": 1.0, "kW": 1e-3},
    {"MtCO2": 1e6, "ktCO2": 1e3, "tCO2": 1.0},
    {"ktce": 1e3, "tce": 1.0},
)
"""Units of a quantity from large to small, with their sizes in the unit of the results."""


class Money(NamedTuple):
    """Currency and price year in which people read money.

    ``rate`` is what one of it is worth in CNY of 2020, in which all results count [CNY].
    """

    currency: str
    year: int
    rate: float

    def of(self, values: Amounts, unit: str) -> tuple[Amounts, str]:
        """Numbers with their unit, converted where it is one of money or a price.

        >>> Money("EUR", 2024, 8.0).of(100.0, "CNY/MWh"), Money("EUR", 2024, 8.0).of(1.0, "MW")
        ((12.5, 'EUR/MWh'), (1.0, 'MW'))
        """
        scale = scale_of((), unit, shown=self)
        return values / scale.divisor, scale.unit

    def words(self, unit: str) -> str:
        """A unit with the year of the money, as it stands in a title.

        >>> Money("EUR", 2024, 8.0).words("million EUR/a")
        'million EUR of 2024 a year'
        """
        dated = unit.replace(self.currency, f"{self.currency} of {self.year}")
        return dated.replace("/a", " a year")

    def told(self, text: str) -> str:
        """A text about money without amounts, such as the title of an axis, in this currency.

        >>> Money("EUR", 2024, 8.0).told("MCNY are million CNY of 2020")
        'MEUR are million EUR of 2024'
        """
        dated = text.replace(f"{CURRENCY} of {PRICE_YEAR}", f"{CURRENCY} of {self.year}")
        return dated.replace(CURRENCY, self.currency)


OWN = Money(CURRENCY, PRICE_YEAR, 1.0)
"""The money in which all results count."""


def money(result: xr.Dataset | Park) -> Money:
    """In which money a slice, a pathway, or what the sheets of a park say is shown.

    >>> money(xr.Dataset())
    Money(currency='CNY', year=2020, rate=1.0)
    """
    if isinstance(result, Park):
        row = result.shown_currency
        return OWN if row is None else Money(row.currency, row.price_year, row.value)
    name, year, rate = (result.attrs.get(*given) for given in zip(SHOWN_IN, OWN, strict=True))
    return Money(str(name), int(year), float(rate))


class Scale(NamedTuple):
    """A unit, and what numbers are divided by to be in it."""

    unit: str
    divisor: float


def scale_of(
    values: ArrayLike, unit: str, largest: str = "", digits: int = 2, shown: Money = OWN
) -> Scale:
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
    shown
        In which money, where the unit is one of money or a price.

    Examples
    --------
    >>> scale_of([974_600.0, -250.0], "CNY/a", "million CNY/a", 3)
    Scale(unit='thousand CNY/a', divisor=1000.0)
    >>> scale_of([0.629], "MW"), scale_of([3.2, 0.4], "MW"), scale_of([12.0], "vehicles")
    (Scale(unit='kW', divisor=0.001), Scale(unit='MW', divisor=1.0), Scale(unit='vehicles', divisor=1.0))
    >>> scale_of([80_000.0], "CNY/a", "million CNY/a", 1, Money("EUR", 2024, 8.0))
    Scale(unit='thousand EUR/a', divisor=8000.0)
    """  # noqa: E501
    (given, *_), (most, *per) = (text.split("/") for text in (unit, largest or unit))
    sizes = next((s for s in _SIZES if given in s), {given: 1.0})
    rate = shown.rate if CURRENCY in given else 1.0
    size = np.nanmax(np.abs(np.asarray(values, dtype=np.float64)), initial=0.0)
    size *= sizes[given] / rate
    names = [name for name in sizes if sizes[name] <= sizes[most]]
    least = max(1.0, 100.0 / 10.0**digits)
    suited = next((name for name in names if size >= least * sizes[name]), names[-1])
    chosen = suited if size > 0.0 else most
    told = chosen.replace(CURRENCY, shown.currency)
    return Scale("/".join([told, *per]), sizes[chosen] / sizes[given] * rate)


def power_and_energy(values: ArrayLike) -> tuple[Scale, Scale]:
    """Units of powers [MW] and energies [MWh] that are shown together, of one size.

    >>> power_and_energy([0.5, 0.2]), power_and_energy([0.5, 2.0])[1]
    ((Scale(unit='kW', divisor=0.001), Scale(unit='kWh', divisor=0.001)), Scale(unit='MWh', divisor=1.0))
    """  # noqa: E501
    power = scale_of(values, "MW")
    return power, Scale(f"{power.unit}h", power.divisor)


def short(unit: str) -> str:
    """A unit of money as it stands in a narrow column.

    >>> short("million CNY/a"), short("billion CNY"), short("kW")
    ('MCNY/a', 'bn CNY', 'kW')
    """
    for word, sign in {"billion ": "bn ", "million ": "M", "thousand ": "k"}.items():
        unit = unit.replace(word, sign)
    return unit


def amount(value: float, unit: str, largest: str = "", digits: int = 1, shown: Money = OWN) -> str:
    """A number in the unit that suits it, see :func:`scale_of`."""
    scale = scale_of(value, unit, largest, digits, shown)
    return f"{number(value / scale.divisor, digits)} {scale.unit}"


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
    both = table[units.isin(["MW", "MWh"]).to_numpy()]
    of_unit |= dict(zip(("MW", "MWh"), power_and_energy(both), strict=True))
    scales = units.map(of_unit)
    levels = levels.assign(**{str(units.name): [scale.unit for scale in scales]})
    scaled = table.div([scale.divisor for scale in scales], axis=0)
    return scaled.set_axis(pd.MultiIndex.from_frame(levels))
