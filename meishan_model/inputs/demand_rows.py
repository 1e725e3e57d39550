"""What a park needs: loads, projects, fleets, berths, what drives them, what saves them."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from pydantic import Field

from meishan_model.inputs.rows import Name, OptionalName, Quantity, ValueRow, Year


class LoadRow(ValueRow):
    """``loads.csv``: useful energy, fixed electricity; ``loads_unrestructured.csv`` instead."""

    quantities: ClassVar = {"": Quantity("GWh/a")}
    load: Name
    zone: Name
    sector: Name
    carrier: Literal["electricity", "building_heat", "process_heat"]
    profile: Name
    year: Year


class ProjectRow(ValueRow):
    """``projects.csv``: demand that a named project adds from a year on."""

    quantities: ClassVar = {"": Quantity("GWh/a")}
    project: Name
    zone: Name
    sector: Name
    carrier: Literal["electricity", "building_heat", "process_heat"]
    profile: Name
    start_year: int = Field(ge=2000, le=2100)


class FleetRow(ValueRow):
    """``fleets.csv``: the service of a fleet and what each drivetrain needs for it."""

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
    parameter: Literal["service", "annual_use", "energy_use"]
    year: Year


class BerthRow(ValueRow):
    """``berths.csv``: berths, their ships and what these need while they lie there."""

    quantities: ClassVar = {
        "berths": Quantity("1", 1),
        "teu_per_call": Quantity("TEU", 1),
        "stay": Quantity("h", 1, 240),
        "hotel_load": Quantity("kW"),
        "boiler_load": Quantity("kW"),
        "throughput_share": Quantity("%", 0, 100),
        "connection_time": Quantity("h", 0, 24),
        "equipped_share": Quantity("%", 0, 100),
    }
    berth_group: Name
    zone: Name
    parameter: str
    year: Year


class DriverRow(ValueRow):
    """``drivers.csv``: throughput, product, population."""

    quantities: ClassVar = {
        "throughput": Quantity("million TEU/a"),
        "gdp": Quantity("billion CNY/a"),
        "population": Quantity("1"),
        "floor_area": Quantity("million m2"),
    }
    driver: Name
    year: Year

    @property
    def kind_of_value(self) -> str:
        """The driver says what the value is."""
        return self.driver


class MeasureRow(ValueRow):
    """``efficiency_measures.csv``: what saves part of a load, and at what cost."""

    quantities: ClassVar = {
        "potential": Quantity("%", 0, 100),
        "investment": Quantity("CNY/(MWh/a)"),
        "lifetime": Quantity("a", 1, 100),
        "fixed_om": Quantity("%/a", 0, 20),
    }
    measure: Name
    zone: Name
    load: Name
    parameter: Literal["potential", "investment", "lifetime", "fixed_om"]


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
