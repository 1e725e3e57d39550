"""What crosses the fence: prices, markets, contracts and the carbon in each carrier."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from meishan_model.sheets.money_rows import PricedRow
from meishan_model.sheets.rows import (
    YEAR_OF_ROW,
    CalendarYear,
    Name,
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
from meishan_model.sheets.tariff_rows import (
    DEMAND_CHARGE,
    NETWORK_CHARGE,
    EndHour,
    Months,
    StartHour,
)

_RETAIL = "industry pays 300 to 1500"


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
        "network_charge": NETWORK_CHARGE,
        "market_price": Quantity("CNY/MWh", 0, 2e4, (50, 2000), "mean of a year of a market"),
        "demand_charge": DEMAND_CHARGE,
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
        "demand_charge": DEMAND_CHARGE,
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
