"""What a park needs: loads, projects, fleets, what drives them, what saves them."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from pydantic import Field

from meishan_model.sheets.rows import Name, OptionalName, Quantity, ValueRow, Year


class LoadRow(ValueRow):
    """``loads.csv``: useful energy, fixed electricity."""

    about: ClassVar = ("load", "zone")
    alike: ClassVar = ("sector", "carrier", "profile")
    is_demand: ClassVar = True
    quantities: ClassVar = {"": Quantity("GWh/a")}
    load: Name
    zone: Name
    sector: Name
    carrier: Name
    profile: Name
    year: Year


class UnrestructuredLoadRow(LoadRow):
    """``loads_unrestructured.csv``: loads without the restructuring of industry."""

    is_demand: ClassVar = False


class BuildingRow(ValueRow):
    """``buildings.csv``: floor area of a type of building by zone, and what a m2 of it needs."""

    about: ClassVar = ("building", "zone")
    is_demand: ClassVar = True
    quantities: ClassVar = {
        "floor_area": Quantity("million m2"),
        "appliances": Quantity("kWh/(m2*a)", 0, 2000),
        "cooling": Quantity("kWh/(m2*a)", 0, 1000),
        "electric_heating": Quantity("kWh/(m2*a)", 0, 1000),
        "space_heating": Quantity("kWh/(m2*a)", 0, 1000),
        "hot_water": Quantity("kWh/(m2*a)", 0, 1000),
    }
    building: Name
    zone: OptionalName
    parameter: Literal[
        "floor_area", "appliances", "cooling", "electric_heating", "space_heating", "hot_water"
    ]
    year: Year


class LifeCycleRow(ValueRow):
    """``building_life_cycle.csv``: carbon of new buildings by stage, and what the plan asks for.

    ``reference`` is usual practice for each m2 built (for operation: for each m2 and year),
    ``reduction`` what new buildings of the year save of it (for operation: of what the park's
    buildings emit in the year), ``target`` what the building plan asks of their whole life.
    """

    quantities: ClassVar = {
        "reference": Quantity("kgCO2/m2|kgCO2/(m2*a)", 0, 20000),
        "reduction": Quantity("%", 0, 100),
        "new_floor_area": Quantity("million m2/a"),
        "demolished_floor_area": Quantity("million m2/a"),
        "service_life": Quantity("a", 1, 200),
        "target": Quantity("%", 0, 100),
    }
    stage: Literal["design", "materials", "construction", "operation", "demolition", ""]
    parameter: Literal[
        "reference",
        "reduction",
        "new_floor_area",
        "demolished_floor_area",
        "service_life",
        "target",
    ]
    year: Year


class HeatRow(ValueRow):
    """``heats.csv``: kinds of heat by the temperature at which they are needed."""

    quantities: ClassVar = {"": Quantity("degC", 20, 1500)}
    heat: Name


class ProjectRow(ValueRow):
    """``projects.csv``: demand that a named project adds from a year on."""

    about: ClassVar = ("project", "zone")
    alike: ClassVar = ("line",)
    is_demand: ClassVar = True
    quantities: ClassVar = {"": Quantity("GWh/a")}
    project: Name
    zone: Name
    sector: Name
    carrier: Name
    profile: Name
    start_year: int = Field(ge=2000, le=2100)


class FleetRow(ValueRow):
    """``fleets.csv``: the service of a fleet and what each drivetrain needs for it."""

    about: ClassVar = ("fleet",)
    alike: ClassVar = ("zone", "sector", "profile")
    is_demand: ClassVar = True
    quantities: ClassVar = {
        "service": Quantity("million km/a|million h/a"),
        "annual_use": Quantity("km/a|h/a"),
        "energy_use": Quantity("kWh/km|kWh/h"),
    }
    fleet: Name
    zone: Name
    sector: Name
    profile: Name
    technology: OptionalName
    parameter: str
    year: Year


class DriverRow(ValueRow):
    """``drivers.csv``: what the demand of the park grows with, such as population."""

    quantities: ClassVar = {
        "gdp": Quantity("billion CNY/a"),
        "population": Quantity("1"),
    }
    driver: Name
    year: Year

    @property
    def kind_of_value(self) -> str:
        """The driver says what the value is."""
        return self.driver


class MeasureRow(ValueRow):
    """``efficiency_measures.csv``: what saves part of a load, and at what cost.

    A measure without a zone is on offer in every zone that has the load and no rows of its own.
    """

    quantities: ClassVar = {
        "potential": Quantity("%", 0, 100),
        "investment": Quantity("CNY/(MWh/a)"),
        "lifetime": Quantity("a", 1, 100),
        "fixed_om": Quantity("%/a", 0, 20),
    }
    measure: Name
    zone: OptionalName
    load: Name
    parameter: Literal["potential", "investment", "lifetime", "fixed_om"]


class EventRow(ValueRow):
    """``events.csv``: what a virtual power plant is called for.

    An event asks either for a ``power`` or for a ``reduction`` of what the park draws from the
    grid, from its hour of the day on, for its duration; ``payment`` is what the caller pays.
    """

    quantities: ClassVar = {
        "power": Quantity("MW", 0.001),
        "reduction": Quantity("%", 0.1, 100),
        "start_hour": Quantity("h", 0, 23),
        "duration": Quantity("h", 1, 24),
        "payment": Quantity("CNY/MWh"),
    }
    event: Name
    parameter: Literal["power", "reduction", "start_hour", "duration", "payment"]


class BaselineRow(ValueRow):
    """``baseline.csv``: the balance of the baseline year, row by row."""

    quantities: ClassVar = {"": Quantity("GWh/a|ktce/a", -math.inf)}
    item: Name
    sector: OptionalName
    zone: OptionalName
    carrier: Name
    accounting: Literal[
        "grid_purchase",
        "own_renewable",
        "sold_green",
        "contracted_zero_carbon",
        "fuel",
        "unexplained",
        "memo",
    ]
