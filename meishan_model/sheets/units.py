"""Units of the sheets, their factors to those in which the project counts, and its year.

The project counts in MW, MWh, CNY of 2020 (real), tCO2 and km; fuels are on lower heating value.
Which units a quantity may have is said by the model of its rows; any other is an error, never a
guess.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

HOURS_OF_YEAR = 8760
"""Hours of the model year: 29 February is absent."""

STEPS = (60, 30, 15)
"""Minutes that the time steps of a slice may have."""

CURRENCY = "CNY"
PRICE_YEAR = 2020
"""All money of the project is in real CNY of this year."""
EXCHANGE_RATES = Path(__file__).with_name("exchange_rates.csv")
"""What other currencies were worth in that year, to know a wrong rate."""
FAR_FROM_RATE = 2.5
"""How far an exchange rate may lie from the one that is known."""
AMOUNTS: Mapping[str, str] = {"MWh": "MW", "t": "t/h", "m3": "m3/h"}
"""Units in which a carrier may be counted, with that of its flows."""

SIZES: Mapping[str, float] = {
    **{"%": 1e-2, "million": 1e6, "kgCO2": 1e-3, "months": 1 / 12},
    **{"W": 1e-6, "kW": 1e-3, "GW": 1e3, "Wh": 1e-6, "kWh": 1e-3, "GWh": 1e3},
}
"""How many of the project's units there are in one of another; 1 for all that are not here."""
OF_DEVICES = ("W", "W/m2", "W/(m2*K)", "kW")
"""Units of a park's sheets that stay as they are: models of devices and buildings take them."""
_OF_POWER = re.compile(r"(?<![A-Za-z])[kG]W(?=h?\b)")
_OF_LARGE = re.compile(r"(?<![A-Za-z])MW(?=h?\b)")
_MONEY = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?=/)")
_WORD = re.compile(r"%|[kMG]?Wh?|[A-Za-z0-9]+")


def weight_of_step(steps: int) -> float:
    """Hours of the year that one of the time steps of a slice stands for [h].

    1 in a year of hours, 0.25 in one of quarter hours; a trial of two weeks of hours stands for
    the year with 26.07 each.
    """
    return HOURS_OF_YEAR / steps


def factor_of(unit: str) -> float:
    """How many of the project's units there are in one of a sheet.

    Examples
    --------
    >>> factor_of("GWh/a"), factor_of("CNY/kWh"), factor_of("tCO2/a")
    (1000.0, 1000.0, 1.0)
    >>> factor_of("CNY/(kW*month)")
    1000.0
    """
    above, _, below = unit.partition("/")
    return _size(above) / _size(below)


def in_megawatts(unit: str) -> str:
    """The unit of a large plant for that of a small one: either may stand in a sheet.

    >>> in_megawatts("kW"), in_megawatts("CNY/kWh"), in_megawatts("CNY/(kW*month)")
    ('MW', 'CNY/MWh', 'CNY/(MW*month)')
    >>> in_megawatts("GWh/a"), in_megawatts("t/h")
    ('MWh/a', 't/h')
    """
    return _OF_POWER.sub("MW", unit)


def in_kilowatts(unit: str) -> str:
    """The unit of a small plant for that of a large one, see :func:`in_megawatts`.

    >>> in_kilowatts("MW"), in_kilowatts("CNY/(MW*month)"), in_kilowatts("t/MWh")
    ('kW', 'CNY/(kW*month)', 't/kWh')
    """
    return _OF_LARGE.sub("kW", unit)


def foreign_money(unit: str, allowed: str) -> tuple[str, str]:
    """Currency of a unit that is another than the project's, and the unit with this in its place.

    Both are empty where the unit is none of the allowed ones in another currency.

    >>> foreign_money("EUR/kWh", "CNY/MWh|CNY/t"), foreign_money("billion USD/a", "billion CNY/a")
    (('EUR', 'CNY/kWh'), ('USD', 'billion CNY/a'))
    >>> foreign_money("CNY/MWh", "CNY/MWh"), foreign_money("EUR/h", "CNY/MWh")
    (('', ''), ('', ''))
    """
    found = _MONEY.search(unit)
    own = _MONEY.sub(CURRENCY, unit, count=1)
    is_money = own in allowed.split("|") or in_megawatts(own) in allowed.split("|")
    return (found[0], own) if found and own != unit and is_money else ("", "")


def _size(unit: str) -> float:
    """Factor of a unit that is no ratio, whatever stands behind it, such as ``el`` or ``km``."""
    word = _WORD.match(unit.removeprefix("("))
    return SIZES.get(word[0], 1.0) if word else 1.0


def in_project_unit(value: float, unit: str, allowed: str = "") -> float:
    """A number of a park's sheet in the unit of the records, such as MWh/a for GWh/a.

    Which units a quantity may have is said in the schema of its sheet, ``allowed``; where MW is
    one of them, kW is a capacity and no number of a device.
    """
    of_device = unit in OF_DEVICES and "MW" not in allowed.split("|")
    return value if of_device else value * factor_of(unit)


def project_unit(unit: str) -> str:
    """Unit in which the project counts a capacity, such as MW for kW."""
    return {"kW": "MW", "kWh": "MWh"}.get(unit, unit)


def rate_fault(currency: str, rate: float) -> tuple[str, str] | None:
    """What is wrong with an exchange rate, and its remedy; nothing where none is known.

    Parameters
    ----------
    currency
        Currency, ISO 4217 code such as EUR.
    rate
        What one of it is worth [CNY].
    """
    known = _known_rates().get(currency)
    if known is None or 1 / FAR_FROM_RATE <= rate / known <= FAR_FROM_RATE:
        return None
    remedy = f"about {known:g} {CURRENCY} were paid for 1 {currency} in {PRICE_YEAR}"
    if 1 / FAR_FROM_RATE <= rate * known <= FAR_FROM_RATE:
        return f"is upside down: {CURRENCY} per {currency} is meant", remedy
    return "is far from the rate of the market", remedy


@cache
def _known_rates() -> dict[str, float]:
    with EXCHANGE_RATES.open(encoding="utf-8", newline="") as lines:
        return {row["currency"]: float(row["value"]) for row in csv.DictReader(lines)}
