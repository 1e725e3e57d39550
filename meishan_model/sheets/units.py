"""Units of the sheets, their factors to those in which the project counts, and its year.

The project counts in MW, MWh, CNY of 2020 (real), tCO2 and km; fuels are on lower heating value.
A park's sheet has one unit for each quantity; a cost sheet may choose among several, and one that
is not listed here is an error, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

HOURS_OF_YEAR = 8760
"""Hours of the model year: 29 February is absent."""

CURRENCY = "CNY"
FOREIGN_CURRENCIES = ("EUR", "USD")
"""Money may be given in these if the sheet's manifest states the exchange rate."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


AMOUNTS: Mapping[str, str] = {"MWh": "MW", "t": "t/h", "m3": "m3/h"}
"""Units in which a carrier may be counted, with that of its flows."""


class UnitError(ValueError):
    """A value or unit that is not allowed; `remedy` says what is."""

    def __init__(self, message: str, remedy: str):
        self.remedy = remedy
        super().__init__(message)


SIZES: Mapping[str, float] = {
    **{"%": 1e-2, "million": 1e6, "kgCO2": 1e-3, "months": 1 / 12},
    **{"W": 1e-6, "kW": 1e-3, "kWh": 1e-3, "GWh": 1e3},
}
"""How many of the project's units there are in one of another; 1 for all that are not here."""
OF_DEVICES = ("W", "W/m2", "W/(m2*K)", "kW")
"""Units of a park's sheets that stay as they are: models of devices and buildings take them."""
_WORD = re.compile(r"%|[kMG]?Wh?|[A-Za-z0-9]+")


def weight_of_hour(hours: int) -> float:
    """Hours of the year that one hour of a slice of ``hours`` hours stands for [1].

    1 in a slice of the whole year; a trial of two weeks stands for the year with 26.07.
    """
    return HOURS_OF_YEAR / hours


def factor_of(unit: str) -> float:
    """How many of the project's units there are in one of a sheet.

    Examples
    --------
    >>> factor_of("GWh/a"), factor_of("CNY/kWh"), factor_of("tCO2/a")
    (1000.0, 1000.0, 1.0)
    """
    above, _, below = unit.partition("/")
    return _size(above) / _size(below)


def _size(unit: str) -> float:
    """Factor of a unit that is no ratio, whatever stands behind it, such as ``el`` or ``km``."""
    word = _WORD.match(unit)
    return SIZES.get(word[0], 1.0) if word else 1.0


def in_project_unit(value: float, unit: str) -> float:
    """A number of a park's sheet in the unit of the records, such as MWh/a for GWh/a.

    Which unit a parameter has is said in the schema of its sheet, and no other is allowed.
    """
    return value if unit in OF_DEVICES else value * factor_of(unit)


# Electric and thermal power keep one column of units: which one is meant follows from the
# technology. The last spelling is technology-data's own.
_POWERS = (
    *("MW", "MW_e", "MW_el", "MW_th"),
    *("kW", "kW_e", "kW_el", "kWel", "kW_th", "kWth", "kW_th - heat output", "kW_e, 2020"),
)
_ENERGIES = (
    *("MWh", "MWh_e", "MWh_el", "MWhel", "MWh_th", "MWhth"),
    *("kWh", "kWh_e", "kWh_el", "kWh_th", "kWh Capacity", "kWhCapacity"),
)
_PER_ENERGY = tuple(f"{CURRENCY}/{unit}" for unit in _ENERGIES)
_RATIOS = ("MWh_th/MWh", "MWh_th/MWh_el", "MWh_el/MWh_th", "MWh/MWh")

COSTS: Mapping[str, tuple[str, ...]] = {
    "investment_power": tuple(f"{CURRENCY}/{unit}" for unit in (*_POWERS, "W")),
    "investment_energy": _PER_ENERGY,
    **{f"investment_{unit}": (f"CNY/{unit}",) for unit in ("t", "m3")},
    **{f"investment_{unit}": (f"CNY/({unit})",) for unit in ("t/h", "m3/h")},
    "investment_vehicle": ("CNY/vehicle", "CNY/PKW", "CNY/LKW"),
    "fixed_om_share": ("1/a", "%/year", "%/a", "%"),
    "variable_om": (*_PER_ENERGY, "CNY/t", "CNY/m3"),
    "lifetime": ("a", "years", "year", "months"),
    "efficiency": ("1", "%", "per unit", "p.u.", *_RATIOS),
}
"""Quantities of a cost sheet with all units that are allowed, the project's own first."""

_INVESTMENTS = {
    "investment_power": "MW",
    "investment_energy": "MWh",
    "investment_vehicle": "vehicles",
    **{f"investment_{unit}": unit for unit in ("t", "m3", "t/h", "m3/h")},
}


def investment_kind(unit: str) -> tuple[str, str]:
    """Tell from the unit of an investment what one pays for.

    Parameters
    ----------
    unit
        Unit of a specific investment, in CNY or in a foreign currency.

    Returns
    -------
    kind, capacity_unit : str
        For instance ``("investment_energy", "MWh")`` for ``"EUR/kWh"``.

    Raises
    ------
    UnitError
        If the unit is not one of a specific investment.
    """
    domestic, _ = _split_currency(unit)
    for kind, capacity_unit in _INVESTMENTS.items():
        if domestic in COSTS[kind]:
            return kind, capacity_unit
    known = [unit for kind in _INVESTMENTS for unit in COSTS[kind]]
    raise UnitError("unknown unit of an investment", f"allowed are {', '.join(known)}")


def _split_currency(unit: str) -> tuple[str, str]:
    """Spell a unit of money in CNY and return the currency it was given in."""
    currency, slash, rest = unit.partition("/")
    if currency in FOREIGN_CURRENCIES:
        return f"{CURRENCY}{slash}{rest}", currency
    return unit, CURRENCY


def convert(
    value: float, unit: str, kind: str, *, exchange_rates: Mapping[str, float] | None = None
) -> float:
    """Convert a number of a cost sheet to the project's unit.

    Parameters
    ----------
    value
        The number, in `unit`.
    unit
        One of those allowed; letters count in the case given there.
    kind
        The quantity, a key of :data:`COSTS`.
    exchange_rates
        CNY per unit of a foreign currency, for instance ``{"EUR": 7.87}``. Only the currency is
        changed, never the price year.

    Returns
    -------
    float
        The number in the project's unit of the quantity.

    Raises
    ------
    UnitError
        If the unit is not allowed for the quantity or its currency has no exchange rate.

    Examples
    --------
    >>> convert(650.0, "CNY/kWh", "investment_energy")
    650000.0
    """
    domestic, currency = _split_currency(unit)
    if domestic not in COSTS[kind]:
        message = f"unit not allowed for {kind.replace('_', ' ')}"
        raise UnitError(message, f"allowed are {', '.join(COSTS[kind])}")
    factor = factor_of(domestic)
    if currency != CURRENCY:
        if exchange_rates is None or currency not in exchange_rates:
            raise UnitError(
                f"no exchange rate for {currency}",
                f"state CNY per {currency} under exchange_rates in manifest.yaml, or give CNY",
            )
        factor *= exchange_rates[currency]
    return value * factor


def parse_number(text: str) -> float:
    """Read a number as a sheet must spell it: digits, ``.`` as decimal point, perhaps ``e``.

    Raises
    ------
    UnitError
        For an empty cell, a comma, a blank inside, ``nan``, ``inf`` and any other text; Python's
        own reading would accept ``1_000``, ``nan`` and full-width digits.

    Examples
    --------
    >>> parse_number("-1.5e3")
    -1500.0
    """
    if _NUMBER.fullmatch(text):
        number = float(text)
        if abs(number) != float("inf"):
            return number
        raise UnitError("the number is too large", "check the exponent")
    if not text:
        raise UnitError("the value is missing", "give a number; a gap is never filled silently")
    if "," in text:
        raise UnitError(
            "not a number: it holds a comma",
            "write a decimal point and no thousands separator, for instance 1234.5",
        )
    raise UnitError("not a number", "write digits with a decimal point, for instance 1234.5")
