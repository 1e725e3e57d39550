"""Whitelist of units: what a sheet may say for a quantity, and its factor to the project's unit.

The project counts in MW, MWh, CNY of 2020 (real), tCO2 and km; fuels are on lower heating value.
A unit that is not listed here is an error, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

TCE_IN_MWH = 29.3076 / 3.6
"""Lower heating value of one tonne of coal equivalent [MWh/tce]: 29.3076 GJ (GB/T 2589-2020).

For fuels only: how much coal equivalent a MWh of electricity is worth is a convention
(calorific or equivalent value), so electricity is never given in tce.
"""

CURRENCY = "CNY"
FOREIGN_CURRENCIES = ("EUR", "USD")
"""Money may be given in these if the sheet's manifest states the exchange rate."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class UnitError(ValueError):
    """A value or unit that the whitelist does not allow; `remedy` says what is allowed."""

    def __init__(self, message: str, remedy: str):
        self.remedy = remedy
        super().__init__(message)


@dataclass(frozen=True)
class Quantity:
    """A quantity, the project's unit of it and the factors of all units that are allowed.

    Attributes
    ----------
    unit
        The project's unit.
    factors
        For every allowed unit, the number of project units in one of it.
    """

    unit: str
    factors: Mapping[str, float]


def _quantity(unit: str, **others: float) -> Quantity:
    return Quantity(unit, {unit: 1.0, **others})


def _of(unit: str, others: Mapping[str, float]) -> Quantity:
    return Quantity(unit, {unit: 1.0, **others})


def _per(money: str, units: Mapping[str, float]) -> dict[str, float]:
    return {f"{money}/{unit}": factor for unit, factor in units.items()}


# Electric and thermal power keep one column of units: which one is meant follows from the
# technology. The last spelling is technology-data's own.
_KW = dict.fromkeys(
    ("kW", "kW_e", "kW_el", "kWel", "kW_th", "kWth", "kW_th - heat output", "kW_e, 2020"), 1e3
)
_MW = dict.fromkeys(("MW", "MW_e", "MW_el", "MW_th"), 1.0)
_KWH = dict.fromkeys(("kWh", "kWh_e", "kWh_el", "kWh_th", "kWh Capacity", "kWhCapacity"), 1e3)
_MWH = dict.fromkeys(("MWh", "MWh_e", "MWh_el", "MWhel", "MWh_th", "MWhth"), 1.0)
_SHARE = {"%": 0.01, "per unit": 1.0, "p.u.": 1.0}
_TIME = {"years": 1.0, "year": 1.0, "months": 1 / 12}

QUANTITIES: Mapping[str, Quantity] = {
    # money for capacity, on cost sheets
    "investment_power": _of("CNY/MW", _per("CNY", {**_KW, **_MW, "W": 1e6})),
    "investment_energy": _of("CNY/MWh", _per("CNY", {**_KWH, **_MWH})),
    "investment_vehicle": _of("CNY/vehicle", {"CNY/PKW": 1.0, "CNY/LKW": 1.0}),
    "investment_saving": _of("CNY/(MWh/a)", {"CNY/(kWh/a)": 1e3}),
    "fixed_om_share": _of("1/a", {"%/year": 0.01, "%/a": 0.01, "%": 0.01}),
    "variable_om": _of("CNY/MWh", _per("CNY", {**_KWH, **_MWH})),
    "lifetime": _of("a", _TIME),
    "efficiency": _of(
        "1",
        {**_SHARE, "MWh_th/MWh": 1.0, "MWh_th/MWh_el": 1.0, "MWh_el/MWh_th": 1.0, "MWh/MWh": 1},
    ),
    # money for energy and carbon
    "energy_price": _of("CNY/MWh", {"CNY/kWh": 1e3, "CNY/GJ": 3.6}),
    "demand_charge": _of("CNY/(MW*month)", {"CNY/(kW*month)": 1e3}),
    "mass_price": _of("CNY/t", {"CNY/kg": 1e3}),
    "carbon_price": _of("CNY/tCO2", {"CNY/t": 1.0}),
    "land_price": _of("CNY/(ha*a)", {"CNY/(m2*a)": 1e4}),
    # energy and emissions
    "energy_per_year": _of("MWh/a", {"GWh/a": 1e3, "TWh/a": 1e6, "kWh/a": 1e-3}),
    "fuel_per_year": _of(
        "MWh/a", {"GWh/a": 1e3, "tce/a": TCE_IN_MWH, "ktce/a": 1e3 * TCE_IN_MWH, "TJ/a": 1e3 / 3.6}
    ),
    "emissions_per_year": _of("tCO2/a", {"ktCO2/a": 1e3}),
    "emission_factor": _of(
        "tCO2/MWh", {"kgCO2/kWh": 1.0, "gCO2/kWh": 1e-3, "tCO2/TJ": 3.6e-3, "kgCO2/GJ": 3.6e-3}
    ),
    "coal_equivalent": _of("tce/MWh", {"kgce/kWh": 1.0, "gce/kWh": 1e-3}),
    "sink_rate": _quantity("tCO2/(ha*a)"),
    # capacities and their yearly build
    "capacity_power": _of("MW", {"kW": 1e-3, "GW": 1e3}),
    "capacity_energy": _of("MWh", {"kWh": 1e-3, "GWh": 1e3}),
    "capacity_vehicles": _of("vehicles", {"vehicle": 1.0}),
    "build_power": _of("MW/a", {"kW/a": 1e-3}),
    "build_energy": _of("MWh/a", {"kWh/a": 1e-3}),
    "build_vehicles": _quantity("vehicles/a"),
    # transport and ships
    "service_distance": _of("km/a", {"million km/a": 1e6}),
    "service_time": _of("h/a", {"million h/a": 1e6}),
    "energy_per_distance": _of("MWh/km", {"kWh/km": 1e-3, "kWh/100km": 1e-5}),
    "energy_per_time": _of("MWh/h", {"kWh/h": 1e-3}),
    "load_power": _of("MW", {"kW": 1e-3}),
    "duration": _of("h", {"min": 1 / 60}),
    "throughput": _of("TEU/a", {"million TEU/a": 1e6}),
    "call_size": _quantity("TEU"),
    "gross_product": _of("CNY/a", {"million CNY/a": 1e6, "billion CNY/a": 1e9}),
    # places, weather, plant parameters
    "land_area": _of("km2", {"ha": 0.01}),
    "sink_area": _of("ha", {"km2": 100.0}),
    "length": _of("m", {"km": 1e3}),
    "distance": _of("km", {"m": 1e-3}),
    "angle": _quantity("deg"),
    "temperature": _quantity("degC"),
    "wind_speed": _quantity("m/s"),
    "irradiation": _of("kWh/m2/d", {"kWh/(m2*d)": 1.0, "Wh/m2/d": 1e-3}),
    # bare numbers
    "share": _of("1", _SHARE),
    "ratio": _of("1", _SHARE),
    "number": _quantity("1"),
    "rate": _of("1/a", {"%/a": 0.01, "%/year": 0.01, "%": 0.01}),
    "year": _quantity("a"),
}
"""Every quantity that a sheet can hold, by name."""

_INVESTMENTS = {
    "investment_power": "MW",
    "investment_energy": "MWh",
    "investment_vehicle": "vehicles",
}


def allowed_units(kind: str) -> tuple[str, ...]:
    """Units that a sheet may use for a quantity, the project's own first.

    Money is listed in CNY; where a manifest states an exchange rate, EUR or USD may stand in its
    place.

    Parameters
    ----------
    kind
        A key of `QUANTITIES`.

    Raises
    ------
    KeyError
        If there is no such quantity: a fault of the program, not of a sheet.
    """
    return tuple(QUANTITIES[kind].factors)


def project_unit(kind: str) -> str:
    """Return the project's unit of a quantity, for instance ``"MWh/a"``; see `allowed_units`."""
    return QUANTITIES[kind].unit


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
        if domestic in QUANTITIES[kind].factors:
            return kind, capacity_unit
    known = [unit for kind in _INVESTMENTS for unit in allowed_units(kind)]
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
    """Convert a value to the project's unit.

    Parameters
    ----------
    value
        The number, in `unit`.
    unit
        A unit of the whitelist; letters count in the case given there.
    kind
        The quantity, a key of `QUANTITIES`.
    exchange_rates
        CNY per unit of a foreign currency, for instance ``{"EUR": 7.87}``. Only the currency is
        changed, never the price year.

    Returns
    -------
    float
        The number in ``project_unit(kind)``.

    Raises
    ------
    UnitError
        If the unit is not allowed for the quantity or its currency has no exchange rate.

    Examples
    --------
    >>> convert(650.0, "CNY/kWh", "investment_energy")
    650000.0
    """
    quantity = QUANTITIES[kind]
    domestic, currency = _split_currency(unit)
    if domestic not in quantity.factors:
        message = f"unit not allowed for {kind.replace('_', ' ')}"
        raise UnitError(message, f"allowed are {', '.join(quantity.factors)}")
    factor = quantity.factors[domestic]
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
