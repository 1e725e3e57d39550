"""Cost sheets in the columns and units of PyPSA's technology-data: manifest and rows.

``manifest.yaml`` says what the format leaves open.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.files import read_yaml, validate
from meishan_model.sheets.rows import (
    Confidence,
    Frozen,
    NumberRow,
    Quantity,
    Refers,
    with_quantities,
)
from meishan_model.sheets.units import CURRENCY, PRICE_YEAR, rate_fault


class SourcedNumber(Frozen):
    """A number of the manifest and where it comes from."""

    value: float = Field(gt=0)
    source: str = Field(min_length=1)


class TaxOfSheet(Frozen):
    """Value added tax of the manifest [%], and where it comes from."""

    value: float = Field(ge=0, le=50)
    source: str = Field(min_length=1)


ParkNames = Annotated[
    tuple[str, ...],
    Field(min_length=1),
    BeforeValidator(lambda name: (name,) if isinstance(name, str) else name),
]
"""One or several technologies of the park, for one of the sheet."""


def _each_once(technologies: dict[str, ParkNames]) -> dict[str, ParkNames]:
    park = [name for names in technologies.values() for name in names]
    if twice := sorted({name for name in park if park.count(name) > 1}):
        raise ValueError(f"{', '.join(twice)} of the park is named twice")
    return technologies


class Manifest(Frozen):
    """``manifest.yaml`` of a cost sheet."""

    title: str = Field(min_length=1)
    """one line for people"""
    currency: Literal["CNY", "EUR", "USD"]
    """currency of the rows: CNY, EUR, USD"""
    price_year: int = Field(ge=1990, le=2100)
    """year of the money of all rows"""
    price_conversion: SourcedNumber | None = Field(
        default=None,
        validate_default=True,
        description=f"{PRICE_YEAR} money per money of price_year, same currency: value, source",
    )
    exchange_rate: SourcedNumber | None = Field(
        default=None,
        validate_default=True,
        description=f"{CURRENCY} per unit of a foreign currency: value, source",
    )
    vat: TaxOfSheet | None = None
    """value added tax in all money of the rows [%], 0 if there is none: value, source"""
    technologies: Annotated[dict[str, ParkNames], AfterValidator(_each_once)] = Field(min_length=1)
    """the sheet's technology -> the park's, or several of the park's"""
    absent_is_zero: tuple[Literal["FOM", "VOM"], ...] = ()
    """parameters that are 0 where a technology has no row: FOM, VOM"""
    inherits: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    """folder name of the sheet that this one is laid over"""
    technology_data: Confidence | None = Field(
        default=None,
        description="for files as technology-data publishes them, the confidence of all rows: "
        "what the project does not read is passed over, and no row needs price_year",
    )
    round_trip_efficiency: tuple[str, ...] = ()
    """park technologies whose rows give in x out; the root is taken"""

    @field_validator("price_conversion", "exchange_rate")
    @classmethod
    def _where_needed(cls, given: SourcedNumber | None, info: ValidationInfo) -> object:
        """A conversion, where the money of the sheet is another than the project's own."""
        is_price = info.field_name == "price_conversion"
        of_sheet = info.data.get("price_year" if is_price else "currency")
        own = PRICE_YEAR if is_price else CURRENCY
        if given is None and of_sheet not in (None, own):
            raise ValueError(f"is needed: the project counts in money of {own}, not {of_sheet}")
        if given is not None and of_sheet == own:
            raise ValueError(f"has nothing to convert: the sheet is in money of {own}")
        told = None if is_price or given is None else rate_fault(str(of_sheet), given.value)
        if told:
            raise ValueError("; ".join(told))
        return given

    @property
    def park_names(self) -> set[str]:
        """Technologies of the park of which the sheet has rows."""
        return {name for names in self.technologies.values() for name in names}

    @property
    def project_money(self) -> float:
        """Money of the project per money of the sheet, without value added tax."""
        conversions = (self.price_conversion, self.exchange_rate)
        worth = math.prod(number.value for number in conversions if number is not None)
        return worth / (1.0 + (self.vat.value / 100.0 if self.vat else 0.0))


def read_manifest(folder: Path) -> Manifest:
    """Read ``manifest.yaml`` of a cost sheet.

    Raises
    ------
    InputError
        If it is missing or wrong in itself; every fault is listed.
    """
    path = folder / "manifest.yaml"
    if not path.is_file():
        there = sorted(other.parent.name for other in folder.parent.glob("*/manifest.yaml"))
        remedy = f"there are the cost sheets: {', '.join(there) or 'none'}"
        raise InputError([Fault(str(path), "there is no such file", remedy=remedy)])
    return validate(Manifest, read_yaml(path), path)


CapacityUnit = Literal["MW", "MWh", "vehicles", "t/h", "t", "m3/h", "m3"]

# Electric and thermal power keep one column of units: which one is meant follows from the
# technology. The last spellings are technology-data's own.
_POWERS = (
    *("MW", "MW_e", "MW_el", "MW_th", "kW", "kW_e", "kW_el", "kWel", "kW_th", "kWth"),
    *("kW_th - heat output", "kW_e, 2020", "W"),
)
_ENERGIES = (
    *("MWh", "MWh_e", "MWh_el", "MWhel", "MWh_th", "MWhth"),
    *("kWh", "kWh_e", "kWh_el", "kWh_th", "kWh Capacity", "kWhCapacity"),
)
BOUGHT: Mapping[str, CapacityUnit] = {
    **dict.fromkeys(_POWERS, "MW"),
    **dict.fromkeys(_ENERGIES, "MWh"),
    **dict.fromkeys(("vehicle", "PKW", "LKW"), "vehicles"),
    **{"(t/h)": "t/h", "t": "t", "(m3/h)": "m3/h", "m3": "m3"},
}
"""What an investment buys one of, by what stands behind the money in its unit."""


_LIKELY: Mapping[CapacityUnit, tuple[tuple[float, float], str]] = {
    "MW": ((5e4, 1e8), "a boiler costs 200 CNY/kW, a fuel cell 50 000"),
    "MWh": ((1e3, 1e8), "a pit of hot water costs 5 CNY/kWh, a supercapacitor 50 000"),
    "vehicles": ((1e3, 2e7), "from a motor cycle to the heaviest machine"),
    "t/h": ((1e3, 1e9), "from a pump to a synthesis"),
    "t": ((10, 1e8), "from a silo to a tank of hydrogen"),
    "m3/h": ((10, 1e8), "from a pump to desalination"),
    "m3": ((10, 1e7), "from a basin to a pressure tank"),
}
"""Plausible investment in one of a unit of capacity, in CNY."""


def _per(units: Iterable[str]) -> str:
    return "|".join(f"{CURRENCY}/{unit}" for unit in units)


def _investment(capacity: CapacityUnit) -> Quantity:
    """What an investment in a unit of capacity may be."""
    likely, why = _LIKELY[capacity]
    units = sorted(name for name, bought in BOUGHT.items() if bought == capacity)
    units.sort(key=lambda name: name.strip("()") != capacity.removesuffix("s"))
    return Quantity(_per(units), 0, 1e12, likely, why)


class PublishedCostRow(NumberRow):
    """A row of a file as technology-data publishes it."""

    about: ClassVar = ("technology",)
    shown: ClassVar = ("further_description", "currency_year")
    # All that a lifetime does to a slice is in annuities and bounds.
    effects: ClassVar = {"": "costs", "efficiency": ""}
    # What efficiency a kind of equipment may have, it says itself.
    quantities: ClassVar = {
        "investment": Quantity(_per(BOUGHT), 0, 1e12, (10, 1e9), "see what it buys"),
        **{f"investment/{capacity}": _investment(capacity) for capacity in _LIKELY},
        "FOM": Quantity("%/year|%/a|%|1/a", 0, 100, (0.02, 30), "of the investment"),
        "VOM": Quantity(
            _per((*_ENERGIES, "t", "m3")), 0, 1e6, (0.01, 1000), "wear and supplies of a MWh"
        ),
        "lifetime": Quantity("a|years|year|months", 0.1, 500, (3, 100), "batteries 10, lines 60"),
        "efficiency": Quantity(
            "per unit|p.u.|1|%|MWh_th/MWh|MWh_th/MWh_el|MWh_el/MWh_th|MWh/MWh",
            *(0, 100, (0.1, 8), "from small engines to heat pumps"),
        ),
    }
    technology: Annotated[str, Refers("technology of the sheet", "manifest.yaml")]
    parameter: Literal["investment", "FOM", "VOM", "lifetime", "efficiency"]
    further_description: str = Field(alias="further description")
    currency_year: str

    @property
    def kind_of_value(self) -> str:
        """The parameter; of an investment also what it buys."""
        capacity = BOUGHT.get(self.unit.partition("/")[2], "")
        is_known = self.parameter == "investment" and capacity
        return f"investment/{capacity}" if is_known else self.parameter


class CostRow(PublishedCostRow):
    """``costs_<year>.csv``: what technologies cost, in the columns of PyPSA's technology-data."""

    further_description: str = Field(
        alias="further description", pattern=r"^(published|derived|assumption)\s*:\s*\S"
    )
    """begins with 'published: ', 'derived: ' or 'assumption: ' and explains"""


def row_model(manifest: Manifest) -> type[PublishedCostRow]:
    """Rows in the form and currency that the manifest of a sheet states."""
    own = CostRow if manifest.technology_data is None else PublishedCostRow
    return _in_currency(own, manifest.currency, manifest.project_money)


@cache
def _in_currency(
    model: type[PublishedCostRow], currency: str, project_money: float
) -> type[PublishedCostRow]:
    """Rows whose money is in a currency, of which one is so much of the project's."""
    quantities = {}
    for name, quantity in PublishedCostRow.quantities.items():
        lower, upper = quantity.likely
        if CURRENCY in quantity.unit:
            lower, upper = lower / project_money, upper / project_money
        unit = quantity.unit.replace(CURRENCY, currency)
        quantities[name] = quantity._replace(unit=unit, likely=(lower, upper))
    return with_quantities(model, quantities)
