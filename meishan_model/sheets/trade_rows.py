"""What crosses the fence: tariffs, prices, contracts and the carbon in each carrier."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from meishan_model.sheets.money_rows import PricedRow
from meishan_model.sheets.rows import (
    YEAR_OF_ROW,
    CalendarYear,
    Name,
    NoneIfEmpty,
    OptionalName,
    OptionalProfile,
    OptionalSeries,
    Quantity,
    Refers,
    Row,
    ValueRow,
    Year,
    not_before,
)

_RETAIL = "industry pays 300 to 1500"
_NETWORK_CHARGE = Quantity("CNY/MWh", 0, 5000, (20, 800), "grids cost 50 to 400")
_DEMAND_CHARGE = Quantity(
    "CNY/(MW*month)", 0, 1e6, (8000, 2e5), "20 to 60 CNY/kW, elsewhere to 150"
)


def _month_list(text: str) -> str:
    if not all(1 <= int(month) <= 12 for month in text.split(";")):
        raise ValueError("is no list of months")
    return text


def _hours_rise(end_hour: int, info: ValidationInfo) -> int:
    if end_hour <= info.data.get("start_hour", -1):
        raise ValueError("is not after start_hour; split a period that crosses midnight")
    return end_hour


Months = Annotated[
    str,
    Field(pattern=r"^\d{1,2}(;\d{1,2})*$", description="months from 1 to 12, such as 1;7;8;12"),
    AfterValidator(_month_list),
]
StartHour = Annotated[int, Field(ge=0, le=23, description="first hour, 0 to 23")]
EndHour = Annotated[
    int,
    AfterValidator(_hours_rise),
    Field(ge=1, le=24, description="hour after start_hour, up to 24"),
]


def _day(text: object) -> object:
    """A day as ``2026-07-01``, or nothing; pydantic alone would take seconds as well."""
    try:
        return dt.date.fromisoformat(text) if isinstance(text, str) and text else text or None
    except ValueError:
        raise ValueError("is no day such as 2026-07-01") from None


ValidFrom = Annotated[
    dt.date, BeforeValidator(_day), Field(description="first day, such as 2026-07-01")
]
ValidUntil = Annotated[
    dt.date | None,
    BeforeValidator(_day),
    not_before("valid_from"),
    Field(description="last day, such as 2026-12-31; empty: open"),
]


PRICE_PARTS = ("energy", "losses", "system_fee", "network_charge", "levies")
"""Parts of what a MWh from the grid costs; levies are surcharges."""


def _part_list(text: str) -> str:
    if unknown := {*filter(None, text.split(";"))} - {*PRICE_PARTS}:
        raise ValueError(f"{', '.join(sorted(unknown))} is no part of the price")
    return text


def _of_holiday(text: str, info: ValidationInfo) -> str:
    if text and info.data.get("day_type") != "holiday":
        raise ValueError("names holidays of a period whose day_type is another")
    return text


class TariffRow(ValueRow):
    """``tariff_periods.csv``: ratio of the price to the flat price by month, day and hour.

    The province of a tariff and that of ``park.yaml`` are the same, where both are given. The
    ratio multiplies the parts of the price in ``applies_to``; all others are flat.
    """

    needed: ClassVar = "no tariff is assumed; one row with the value 1 is a flat one"
    shown: ClassVar = ("province",)
    quantities: ClassVar = {"": Quantity("1", 0, 5, (0.1, 3), "of the flat price")}
    says: ClassVar = {
        "tariff": "name of the tariff; one that `markets.csv` names as profile is that market's",
        "valid_from": "first day, such as 2026-07-01",
        "valid_until": "last day; empty: open",
        "months": "months from 1 to 12, such as 1;7;8;12",
        "day_type": "`all`; `holiday`: public holidays, on top of the others; `ordinary`: others",
        "holidays": "which of them, by English name, such as `Chinese New Year;Labor Day:3`: that "
        "and the first three days from Labour Day on; empty, or left out: all",
        "start_hour": "first hour, 0 to 23",
        "end_hour": "hour after the last, up to 24; a period that crosses midnight is two rows",
        "period": "`sharp`, `peak`, `flat`, `valley` or `deep_valley`",
        "applies_to": "parts of the price that the ratio multiplies, out of "
        + ";".join(PRICE_PARTS)
        + "; empty, or left out: all of them",
        "province": "where the tariff holds, that of `park.yaml`; may be left out",
    }
    tariff: Name
    valid_from: ValidFrom
    valid_until: ValidUntil
    months: Months
    day_type: Literal["all", "holiday", "ordinary"]
    holidays: Annotated[
        str,
        AfterValidator(_of_holiday),
        Field(pattern=r"^([^;:]+(:\d+)?(;[^;:]+(:\d+)?)*)?$"),
    ] = ""
    start_hour: StartHour
    end_hour: EndHour
    period: Literal["sharp", "peak", "flat", "valley", "deep_valley"]
    applies_to: Annotated[str, AfterValidator(_part_list)] = ""
    province: str = ""
    """where the tariff holds; may be left out"""

    @property
    def named_holidays(self) -> dict[str, int | None]:
        """Holidays by name, and how many days from their first on; ``None``: all of them."""
        pairs = (text.partition(":")[::2] for text in self.holidays.split(";") if text)
        return {name: int(days) if days else None for name, days in pairs}

    def floats(self, part: str) -> bool:
        """Whether the ratio multiplies a part of the price."""
        return not self.applies_to or part in self.applies_to.split(";")


class SurchargeRow(PricedRow):
    """``surcharges.csv``: funds on every MWh, by days; one no longer raised has the value 0."""

    quantities: ClassVar = {
        "": Quantity("CNY/MWh", 0, 1000, (0.05, 200), "funds are 0.1 to 20 % of a price")
    }
    surcharge: Name
    valid_from: ValidFrom
    valid_until: ValidUntil

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return self.surcharge


class PowerPriceRow(PricedRow):
    """``power_prices.csv``: what power from the grid costs in its parts, by days of validity.

    The parts stand in the place of ``purchase_flat``, ``network_charge`` and ``demand_charge`` of
    ``prices.csv``; the surcharges of ``surcharges.csv`` come on top. A tariff list has rows for
    several classes of customers and voltages. Those of the park are the rows of the
    ``tariff_class`` of ``park.yaml``, and of the highest ``voltage_from`` that the bus behind the
    connection reaches. What is no longer raised is a row with the value 0.
    """

    about: ClassVar = ("part", "tariff_class", "voltage_from")
    quantity_column: ClassVar = "part"
    effects: ClassVar = {"": "costs"}
    quantities: ClassVar = {
        "energy": Quantity("CNY/MWh", 0, 2e4, (50, 3000), "what generation costs on average"),
        "losses": Quantity("CNY/MWh", 0, 2000, (1, 200), "2 to 10 % of the energy"),
        "loss_share": Quantity("%", 0, 50, (0.5, 15), "of grids from 2 to 10"),
        "system_fee": Quantity("CNY/MWh", -500, 2000, (1, 300), "reserve and balancing"),
        "network_charge": _NETWORK_CHARGE,
        "demand_charge": _DEMAND_CHARGE,
        "capacity_charge": Quantity(
            "CNY/(kVA*month)", 0, 1000, (5, 150), "20 to 30 CNY/kVA in China"
        ),
    }
    says: ClassVar = {
        "part": "`energy`: what power costs without all others; `losses` of the grid, or "
        "`loss_share` of the energy; `system_fee`; `network_charge`; `demand_charge`: on the "
        "highest step of each month; `capacity_charge`: on the transformers, in its place, which "
        "is kept and not yet used",
        "valid_from": "first day, such as 2026-07-01",
        "valid_until": "last day; empty: open",
        "voltage_from": "lowest voltage of the class [kV]; empty: of all voltages",
        "tariff_class": "class of customers, by any name, such as two_part; empty: of all",
    }
    part: Name
    valid_from: ValidFrom
    valid_until: ValidUntil
    voltage_from: Annotated[Annotated[float, Field(ge=0)] | None, NoneIfEmpty]
    tariff_class: OptionalName

    @property
    def title(self) -> str:
        """What it is called in messages."""
        voltage = "" if self.voltage_from is None else f"from {self.voltage_from:g} kV on"
        return " ".join(filter(None, (self.part, self.tariff_class, voltage)))


class PriceRow(PricedRow):
    """``prices.csv``: real prices by year.

    ``purchase_flat`` is the flat price with network charge and losses, before the surcharges of
    ``surcharges.csv``; ``purchase_energy``, in its place, is the price without network charge. A
    park with ``power_prices.csv`` has neither of them.
    ``market_price`` is what even delivery earns on the market; kinds of
    equipment declare the items that say which share of it their power earns there. Any other item
    is the price of the fuel of that name. ``profile`` is a measured series, the hourly course of
    ``purchase_energy`` or ``market_price``, whose mean an empty value takes.
    """

    needed: ClassVar = "no price is assumed"
    about: ClassVar = ("item",)
    alike: ClassVar = ("profile",)
    quantity_column: ClassVar = "item"
    effects: ClassVar = {"": "costs"}
    by_hour: ClassVar = ("purchase_energy", "market_price")
    of_purchase: ClassVar = ("purchase_flat", "purchase_energy")
    quantities: ClassVar = {
        "": Quantity("CNY/MWh|CNY/t|CNY/m3", 0, 1e6, (2, 1e4), "from water to hydrogen"),
        **dict.fromkeys(of_purchase, Quantity("CNY/MWh", 0, 2e4, (100, 4000), _RETAIL)),
        "network_charge": _NETWORK_CHARGE,
        "market_price": Quantity("CNY/MWh", 0, 2e4, (50, 2000), "mean of a year of a market"),
        "demand_charge": _DEMAND_CHARGE,
        "carbon_price": Quantity("CNY/tCO2", 0, 2e4, (5, 3000), "markets pay 20 to 1000"),
    }
    capture_ratio: ClassVar = Quantity("1", 0, 1.5, (0.2, 1.3), "of the market's mean price")
    of_connection: ClassVar = ("network_charge", "demand_charge")
    required: ClassVar = ("market_price",)
    says: ClassVar = {
        "item": "`purchase_flat`: power at the ratio 1 of the tariff, network charge and losses "
        "included, surcharges not; `purchase_energy`, in its place: without network charge; "
        "`network_charge`; `demand_charge`: on the highest step of each month; `market_price`: "
        "what sold power earns; `capture_ratio_...`: share of it that a kind of plant earns; "
        "`carbon_price`; else a fuel, all that it costs where it is burnt, on lower heating value",
        "year": YEAR_OF_ROW,
        "profile": "hourly course of `purchase_energy` or `market_price`, `file:column`, whose "
        "mean an empty value takes; empty, or left out: none",
    }
    item: Annotated[Name, Refers("price of the park, nor fuel", "emission_factors.csv")]
    year: Year
    profile: OptionalSeries = ""
    """hourly course, file:column, or empty"""

    @property
    def kind_of_value(self) -> str:
        """The item says what the value is: the price of a fuel where it is the name of one."""
        return self.item if self.item in self.quantities else ""


_PRICE = Quantity("CNY/MWh|CNY/t|CNY/m3", -1e5, 1e6, (2, 1e4), "from water to hydrogen")
_CAPACITY = Quantity("MW|t/h|m3/h", 0, 1e5, (1e-3, 5000), "from a workshop to a city")
_YEARLY = Quantity("MWh/a|GWh/a|t/a|m3/a", 0, 1e9, (1, 2e7), "from a workshop to a city")


class MarketRow(PricedRow):
    """``markets.csv``: what is bought and sold outside at a bus, beside the park's connection.

    ``import_price`` is all that a unit costs at the bus, ``export_price`` what it earns there;
    ``demand_charge`` is on the highest import of each month. ``profile`` is the course of both
    prices: a tariff of ``tariff_periods.csv``, which then is not that of the connection, a shape
    of ``profiles.csv``, or a measured series such as spot prices, ``spot.csv:price``, whose mean
    an empty value takes; empty: the same in every hour.
    """

    about: ClassVar = ("market",)
    alike: ClassVar = ("bus", "profile")
    effects: ClassVar = dict.fromkeys(("import_price", "export_price", "demand_charge"), "costs")
    quantities: ClassVar = {
        "import_capacity": _CAPACITY,
        "export_capacity": _CAPACITY,
        "import_price": _PRICE,
        "export_price": _PRICE,
        "demand_charge": _DEMAND_CHARGE,
        "import_limit": _YEARLY,
        "export_limit": _YEARLY,
    }
    market: Name
    bus: Annotated[Name, Refers("bus", "buses.csv")]
    profile: OptionalProfile
    parameter: str
    year: Year


GreenContract = Annotated[Name, Refers("contract of green power", "contracts.csv")]


class ContractRow(PricedRow):
    """``contracts.csv``: green power, its export, certificates, credits and sinks on offer.

    The ``limit`` of credits is what is issued of one vintage. Used are those of the vintage
    ``age`` years before, which may not be older than ``validity``. ``rate_low`` and
    ``rate_high`` bound what a sink takes up.
    """

    about: ClassVar = ("contract",)
    alike: ClassVar = ("kind", "profile")
    agreed_prices: ClassVar = ("feed_in_price", "premium")
    """What green power is bought for, before what every MWh bears."""
    effects: ClassVar = dict.fromkeys(("price", *agreed_prices), "costs")

    contract: Name
    kind: Name
    profile: OptionalProfile
    parameter: Name
    year: Year

    @property
    def kind_of_value(self) -> str:
        """A parameter means different things for different kinds of contract."""
        return f"{self.kind}.{self.parameter}"


class ContractTermRow(Row):
    """``contract_terms.csv``: between whom and for how long green power is contracted.

    A plant without name lies outside the park and generates by the profile of the contract; an
    export to the city has none, it takes the same share of every local plant. A yearly contract
    has the price of each year, a multi-year one that of its first year.
    """

    about: ClassVar = ("contract",)
    alike: ClassVar = ("line",)

    contract: GreenContract
    market: Literal["point_to_point", "provincial_market"]
    plant: Annotated[OptionalName, Refers("plant", "existing_plants.csv")]
    """a plant of existing_plants.csv, or empty"""
    consumer: Name
    """park, a zone, or a load of loads.csv; city for an export"""
    term: Literal["yearly", "multi_year"]
    first_year: CalendarYear
    last_year: Annotated[CalendarYear, not_before("first_year")]
    source: str = Field(min_length=1)
    """where the terms come from"""
    note: str


class ContractVolumeRow(ValueRow):
    """``contract_volumes.csv``: most energy that a contract covers in a month, if limited."""

    quantities: ClassVar = {"": Quantity("MWh/month", 0, 1e8, (0.1, 2e6), "workshop to city")}
    contract: GreenContract
    month: int = Field(ge=1, le=12)
    """month, 1 to 12"""
    year: Year


class EmissionFactorRow(ValueRow):
    """``emission_factors.csv``: carbon and coal equivalent of each carrier.

    Scope 1 is that of a fuel, scope 2 that of what is bought: by location, by market, or
    ``scope2`` for both. Power may have a path for each of several conventions, of which a
    scenario chooses (``location_factor``, ``market_factor``).
    """

    about: ClassVar = ("carrier", "scope", "parameter", "convention")
    quantities: ClassVar = {
        "emission_factor": Quantity(
            "tCO2/MWh|tCO2/t|tCO2/m3", 0, 5, (0.002, 1.3), "from a clean grid to one of coal"
        ),
        "tce_equivalent": Quantity("tce/MWh", 0, 1, (0.01, 0.45), "0.123 is its heat, 0.3 coal's"),
        "tce_calorific": Quantity("tce/MWh", 0, 1, (0.01, 0.2), "0.1229 is the heat of a MWh"),
    }
    carrier: Name
    scope: Literal["scope1", "scope2", "scope2_location", "scope2_market", ""]
    parameter: str
    convention: OptionalName = Field(
        default="",
        description="which power the factor is a mean of, by any name, such as the province's; "
        "empty: the only one",
    )
    year: Year

    @property
    def is_of_grid(self) -> bool:
        """Whether it is a factor of the grid, which changes from year to year."""
        return self.scope.startswith("scope2")

    @property
    def is_of_fuel(self) -> bool:
        """Whether it is a factor of what is burnt."""
        return self.scope == "scope1"


class GridFactorRow(ValueRow):
    """``grid_factor_periods.csv``: the grid's factor by month and hour, relative to its mean."""

    quantities: ClassVar = {"": Quantity("1", 0, 3, (0.1, 2.5), "of its mean")}
    months: Months
    start_hour: StartHour
    end_hour: EndHour
