"""What a park needs: loads, projects, fleets, what drives them, what saves them."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from meishan_model.sheets.money_rows import PricedRow
from meishan_model.sheets.rows import (
    MEASURED_PATTERN,
    YEAR_OF_ROW,
    Name,
    OptionalName,
    OptionalProfile,
    OptionalZone,
    Profile,
    Quantity,
    Refers,
    Row,
    ValueRow,
    Year,
    Zone,
)
from meishan_model.sheets.units import factor_of

_CARRIER = Refers("carrier", "heats.csv or buses.csv")
DemandCarrier = Annotated[Name, _CARRIER]
OptionalCarrier = Annotated[OptionalName, _CARRIER]
_BY_YEAR = "from 1 MWh of a workshop to a city, by year"
_DEMAND = Quantity("GWh/a|MWh/a|t/a|m3/a", 0, 1e7, (1e-3, 1e4), _BY_YEAR)
_BUILT = Quantity("million m2/a", 0, 100, (1e-5, 5), "from a house to a city")
_DEVICES = "lamps and machines, homes 15, data centres far more"
_ROOMS = "per floor area, passive house to glass house"
_LOADS = "loads.csv, buildings.csv or a sheet of a plug-in"


class SeriesRow(Row):
    """``series.csv``: what a file does not say of a measured series that other sheets name."""

    about: ClassVar = ("series",)
    alike: ClassVar = ("line",)
    series: str = Field(pattern=MEASURED_PATTERN)
    """file:column, with the file in timeseries/<park>"""
    unit: str = ""
    """W, kW, MW, Wh, kWh, MWh, 1, %, CNY/MWh; empty: as its head says"""
    quantity: Literal["", "power", "energy", "register"] = ""
    """mean power or energy of a step, or reading of a register"""
    stamps: Literal["", "start", "end"] = ""
    """which end of its step a stamp is; empty: as first and last tell"""
    multiplier: Annotated[float, BeforeValidator(lambda text: text or 1.0)] = Field(
        default=1.0, gt=0.0
    )
    """ratio of the instrument transformers, or empty"""
    longest_gap: Annotated[float, BeforeValidator(lambda text: text or 3.0)] = Field(
        default=3.0, gt=0.0, le=168.0
    )
    """hours that are filled by a straight line"""
    days: Literal["", "as_is"] = ""
    """as_is: day by day; empty: by weekday and festival"""
    net_of: OptionalProfile = Field(
        default="",
        description="plant of existing_plants.csv behind the meter, or file:column of its output; "
        "empty: gross, the meter has measured all that is used",
    )
    note: str = ""
    """anything a reader should know"""


class LoadRow(ValueRow):
    """``loads.csv``: useful energy, fixed electricity; empty: what the series measured."""

    about: ClassVar = ("load", "zone")
    alike: ClassVar = ("sector", "carrier", "profile")
    is_demand: ClassVar = True
    quantities: ClassVar = {"": _DEMAND}
    says: ClassVar = {
        "load": "name of the demand",
        "zone": "zone in which it is",
        "sector": "who needs it, by any name: accounts are kept by sector",
        "carrier": "what is needed: a carrier of `buses.csv`, or a heat of `heats.csv`",
        "profile": "its hourly course: a shape of `profiles.csv`, a default of the package, "
        "`flat`, or a measured series, `meter.csv:kW`, which gives an empty value too",
        "year": YEAR_OF_ROW,
    }
    load: Name
    zone: Zone
    sector: Name
    carrier: DemandCarrier
    profile: Profile
    year: Year


class UnrestructuredLoadRow(LoadRow):
    """``loads_unrestructured.csv``: loads without the restructuring of industry."""

    is_demand: ClassVar = False
    load: Annotated[Name, Refers("load", "loads.csv or projects.csv", within="zone")]


class BuildingRow(ValueRow):
    """``buildings.csv``: floor area of a type of building by zone, and what a m2 of it needs.

    A row of an area names the zone and the sector, a row of a need the carrier that it takes.
    """

    about: ClassVar = ("building", "zone")
    is_demand: ClassVar = True
    quantities: ClassVar = {
        "floor_area": Quantity("million m2", 0, 1000, (1e-4, 50), "from a house to a city"),
        "appliances": Quantity("kWh/(m2*a)", 0, 2000, (2, 600), _DEVICES),
        "cooling": Quantity("kWh/(m2*a)", 0, 1000, (1, 300), _ROOMS),
        "electric_heating": Quantity("kWh/(m2*a)", 0, 1000, (0.5, 200), _ROOMS),
        "space_heating": Quantity("kWh/(m2*a)", 0, 1000, (0.5, 400), _ROOMS),
        "hot_water": Quantity("kWh/(m2*a)", 0, 1000, (0.5, 200), "from offices to hotels"),
    }
    building: Name
    zone: OptionalZone
    sector: OptionalName
    carrier: OptionalCarrier
    parameter: str
    year: Year


class LifeCycleRow(ValueRow):
    """``building_life_cycle.csv``: carbon of new buildings by stage, and what the plan asks for.

    ``reference`` is usual practice for each m2 built (for operation: for each m2 and year),
    ``reduction`` what new buildings of the year save of it (for operation: of what the park's
    buildings emit in the year), ``target`` what the building plan asks of their whole life.
    """

    about: ClassVar = ("stage",)
    quantities: ClassVar = {
        "reference": Quantity(
            "kgCO2/m2|kgCO2/(m2*a)", 0, 20000, (0.5, 1500), "of materials, of operation by year"
        ),
        "reduction": Quantity("%", 0, 100, (0.5, 100), "what a plan can save"),
        "new_floor_area": _BUILT,
        "demolished_floor_area": _BUILT,
        "service_life": Quantity("a", 1, 200, (15, 120), "buildings stand 30 to 100 years"),
        "target": Quantity("%", 0, 100, (1, 100), "what a plan asks for"),
    }
    stage: Literal["design", "materials", "construction", "operation", "demolition", ""]
    parameter: str
    year: Year


class HeatRow(ValueRow):
    """``heats.csv``: kinds of heat by the temperature at which they are needed."""

    about: ClassVar = ("heat",)
    quantities: ClassVar = {
        "": Quantity("degC", 20, 1500, (25, 1200), "from heated floors to furnaces")
    }
    says: ClassVar = {
        "heat": "name of the heat: a carrier of demands, and `carrier_out` of what makes it"
    }
    heat: Name


class ProjectRow(ValueRow):
    """``projects.csv``: demand that a named project adds from a year on."""

    about: ClassVar = ("project", "zone")
    alike: ClassVar = ("line",)
    is_demand: ClassVar = True
    quantities: ClassVar = {"": _DEMAND}
    project: Name
    zone: Zone
    sector: Name
    carrier: DemandCarrier
    profile: Profile
    start_year: int = Field(ge=2000, le=2100)


class FleetRow(ValueRow):
    """``fleets.csv``: the service of a fleet and what each drivetrain needs for it.

    ``payer`` pays for the vehicles and their fuel; the park does where it is empty.
    """

    about: ClassVar = ("fleet",)
    alike: ClassVar = ("zone", "sector", "profile", "payer", "unit_of_service")
    says: ClassVar = {
        "payer": "who pays for the vehicles and their fuel, such as `residents`, whose costs are "
        "told apart; empty, or left out: the park",
    }
    is_demand: ClassVar = True
    quantities: ClassVar = {
        "service": Quantity(
            "million km/a|million h/a", 0, 1e5, (1e-3, 5000), "from one truck to all of a city"
        ),
        "annual_use": Quantity("km/a|h/a", 1, 1e6, (500, 3e5), "at most day and night"),
        "energy_use": Quantity("kWh/km|kWh/h", 1e-3, 5000, (0.05, 1000), "scooter to excavator"),
    }
    required: ClassVar = ("annual_use", "energy_use")
    fleet: Name
    zone: Zone
    sector: Name
    profile: Profile
    payer: OptionalName = ""
    technology: Annotated[OptionalName, Refers("technology", "technologies.csv")]
    parameter: str
    year: Year

    @property
    def unit_of_service(self) -> str:
        """What the service of the fleet, the use of a vehicle and its energy are counted by."""
        return "h" if "h" in re.split("[ /]", self.unit) else "km"


class DriverRow(ValueRow):
    """``drivers.csv``: what the demand of the park grows with, such as population."""

    about: ClassVar = ("driver",)
    quantity_column: ClassVar = "driver"
    quantities: ClassVar = {
        "gdp": Quantity("billion CNY/a", 0, 1e5, (0.01, 1e4), "from a works to a city"),
        "population": Quantity("1", 0, 1e8, (10, 3e7), "from a works to a city"),
    }
    driver: Name
    year: Year


class MeasureRow(PricedRow):
    """``efficiency_measures.csv``: what saves part of a load, and at what cost.

    A measure without a zone is on offer in every zone that has the load and no rows of its own.
    """

    about: ClassVar = ("measure", "zone", "load")
    # All that a lifetime does to a slice is in annuities and bounds.
    effects: ClassVar = {"": "costs", "potential": ""}
    quantities: ClassVar = {
        "potential": Quantity("%", 0, 100, (0.5, 80), "no measure saves all of a load"),
        "investment": Quantity(
            "CNY/(MWh/a)", 0, 1e6, (50, 5e4), "energy of a year costs 300 to 1000"
        ),
        "lifetime": Quantity("a", 1, 100, (3, 60), "from controls to walls"),
        "fixed_om": Quantity("%/a", 0, 20, (0.05, 10), "of the investment"),
    }
    required: ClassVar = tuple(quantities)
    measure: Name
    zone: OptionalZone
    load: Annotated[Name, Refers("load", _LOADS, within="zone")]
    parameter: str


class EventRow(ValueRow):
    """``events.csv``: what a virtual power plant is called for.

    An event asks either for a ``power`` or for a ``reduction`` of what the park draws from the
    grid, from its hour of the day on, for its duration; ``payment`` is what the caller pays.
    """

    about: ClassVar = ("event",)
    quantities: ClassVar = {
        "power": Quantity("MW", 0.001, 1e4, (0.01, 1000), "part of a park's load"),
        "reduction": Quantity("%", 0.1, 100, (1, 60), "a park cannot do without most of it"),
        "start_hour": Quantity("h", 0, 23, (0, 23), "an hour of the day", whole=True),
        "duration": Quantity("h", 1, 24, (1, 12), "calls last 1 to 8 hours", whole=True),
        "payment": Quantity("CNY/MWh", 0, 1e6, (100, 20000), "several times the price of power"),
    }
    required: ClassVar = ("start_hour", "duration", "payment")
    event: Name
    parameter: str


class BaselineRow(ValueRow):
    """``baseline.csv``: the balance of the baseline year, row by row."""

    quantities: ClassVar = {"": Quantity("GWh/a|MWh/a|ktce/a", -1e6, 1e6, (-1e4, 1e4), _BY_YEAR)}
    item: Name
    sector: OptionalName
    zone: OptionalZone
    carrier: Annotated[Name, Refers("carrier with tce_equivalent", "emission_factors.csv")]
    accounting: Literal[
        "grid_purchase",
        "own_renewable",
        "sold_green",
        "contracted_zero_carbon",
        "fuel",
        "unexplained",
        "memo",
    ]

    def energy(self, tce_equivalent: float) -> float:
        """The energy of the item [MWh/a], given the coal equivalent of its carrier [tce/MWh]."""
        if self.unit == "ktce/a":
            return self.value * 1e3 / tce_equivalent
        return self.value * factor_of(self.unit)
