"""One frozen model for the rows of each sheet of a park.

Every sheet but ``technologies.csv`` is long: key columns, then ``value, unit, source, confidence,
note``. What a row may say is written here once: the parameters of a sheet, the unit of each and
the range its value must lie in.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from meishan_model.inputs.rows import Name, OptionalName, Quantity, Row, ValueRow, Year


def _month_list(text: str) -> str:
    if not all(1 <= int(month) <= 12 for month in text.split(";")):
        raise ValueError("is no list of months")
    return text


def _date(text: str) -> str:
    """A day that exists, or nothing."""
    if text:
        dt.date.fromisoformat(text)
    return text


class ZoneRow(ValueRow):
    """``zones.csv``: the parts of the park and their land area."""

    quantities: ClassVar = {"": Quantity("km2")}
    zone: Name
    name: str
    name_zh: str


class NetworkRow(ValueRow):
    """``network.csv``: connection to the grid above, transformers, controllable ties."""

    quantities: ClassVar = {"capacity": Quantity("MW"), "loss": Quantity("%", 0, 20)}
    element: Name
    kind: Literal["connection", "transformer", "dc_tie"]
    from_bus: Name
    to_bus: Name
    parameter: Literal["capacity", "loss"]


class TechnologyRow(Row):
    """``technologies.csv``: what kinds of equipment there are; numbers stand elsewhere."""

    technology: Name
    part: Literal[
        "pv",
        "wind",
        "battery_energy",
        "battery_power",
        "boiler",
        "heat_pump",
        "drivetrain",
        "shore_power",
        "auxiliary_engine",
        "transformer",
        "flexible_load",
    ]
    unit: Literal["MW", "MWh", "vehicles"]
    carrier_in: OptionalName
    carrier_out: OptionalName
    bus: Literal["20kv", "110kv", ""]
    profile: OptionalName
    model: str
    phase_out: Literal["yes", "no"]
    finance: Literal["new", "retrofit"]
    name: str
    name_zh: str
    note: str


class TechnologyParameterRow(ValueRow):
    """``technology_parameters.csv``: how a kind of equipment behaves."""

    quantities: ClassVar = {
        "tilt": Quantity("deg", 0, 90),
        "azimuth": Quantity("deg", 0, 360),
        "system_loss": Quantity("%", 0, 60),
        "inverter_efficiency": Quantity("%", 50, 100),
        "hub_height": Quantity("m", 10, 250),
        "reference_height": Quantity("m", 1, 250),
        "shear_exponent": Quantity("1", 0, 0.6),
        "array_loss": Quantity("%", 0, 40),
        "full_load_hours": Quantity("h", 500, 6000),
        "sink_temperature": Quantity("degC", 20, 200),
        "source_temperature": Quantity("degC", -20, 100),
        "carnot_quality": Quantity("1", 0.1, 0.8),
        "minimum_cop": Quantity("1", 1, 5),
        "maximum_cop": Quantity("1", 1, 12),
        "charge_efficiency": Quantity("%", 30, 100),
        "discharge_efficiency": Quantity("%", 30, 100),
        "standing_loss": Quantity("%/h", 0, 20),
        "power_share": Quantity("%", 0, 100),
        "duration": Quantity("h", 0, 168),
        "recovery_efficiency": Quantity("%", 30, 100),
        "payment": Quantity("CNY/MWh"),
        "connection_efficiency": Quantity("%", 50, 100),
        "boiler_efficiency": Quantity("%", 5, 100),
    }
    technology: Name
    parameter: str


class AssetRow(ValueRow):
    """``assets.csv``: what may stand and be built where; ``rural_potential`` is part of it."""

    quantities: ClassVar = {
        "potential": Quantity("MW|MWh|vehicles"),
        "rural_potential": Quantity("MW"),
        "build_rate": Quantity("MW/a|MWh/a|vehicles/a"),
        "last_new_build": Quantity("a", 2000, 2100),
    }
    technology: Name
    zone: Name
    parameter: Literal["potential", "rural_potential", "build_rate", "last_new_build"]
    year: Year


class PlantRow(ValueRow):
    """``existing_plants.csv``: stock, commissioned evenly over the years given.

    With the offtake ``grid`` a plant's power is sold to the grid company for its life: it occupies
    its site, but the park has neither its power nor its cost.
    """

    quantities: ClassVar = {"": Quantity("MW|MWh|vehicles")}
    plant: Name
    technology: Name
    zone: Name
    offtake: Literal["park", "grid"]
    commissioned_from: int = Field(ge=1950, le=2100)
    commissioned_to: int = Field(ge=1950, le=2100)


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


class TariffRow(ValueRow):
    """``tariff_periods.csv``: ratio of the price to the flat price by month, day and hour."""

    quantities: ClassVar = {"": Quantity("1", 0, 5)}
    tariff: Name
    valid_from: Annotated[str, AfterValidator(_date)] = Field(
        pattern=r"^\d{4}-\d{2}-\d{2}$", description="first day, YYYY-MM-DD"
    )
    valid_until: Annotated[str, AfterValidator(_date)] = Field(
        pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="last day, YYYY-MM-DD; empty: open"
    )
    months: Annotated[str, AfterValidator(_month_list)] = Field(
        pattern=r"^\d{1,2}(;\d{1,2})*$", description="months from 1 to 12, such as 1;7;8;12"
    )
    day_type: Literal["all", "holiday", "ordinary"]
    start_hour: int = Field(ge=0, le=23, description="first hour, 0 to 23")
    end_hour: int = Field(ge=1, le=24, description="hour after start_hour, up to 24")
    period: Literal["sharp", "peak", "flat", "valley", "deep_valley"]

    @field_validator("valid_until")
    @classmethod
    def _ends_after_begin(cls, valid_until: str, info: ValidationInfo) -> str:
        if valid_until and valid_until < info.data.get("valid_from", valid_until):
            raise ValueError("lies before valid_from")
        return valid_until

    @field_validator("end_hour")
    @classmethod
    def _hours_rise(cls, end_hour: int, info: ValidationInfo) -> int:
        if end_hour <= info.data.get("start_hour", -1):
            raise ValueError("is not after start_hour; split a period that crosses midnight")
        return end_hour


class PriceRow(ValueRow):
    """``prices.csv``: real prices by year."""

    quantities: ClassVar = {
        **dict.fromkeys(
            (
                "purchase_flat",
                "network_charge",
                "levies",
                "market_export",
                "lng",
                "diesel",
                "gasoline",
                "natural_gas",
                "marine_fuel",
            ),
            Quantity("CNY/MWh"),
        ),
        "demand_charge": Quantity("CNY/(MW*month)"),
        "carbon_price": Quantity("CNY/tCO2"),
    }
    item: Name
    year: Year

    @property
    def kind_of_value(self) -> str:
        """The item says what the value is."""
        return self.item


class ContractRow(ValueRow):
    """``contracts.csv``: green power, certificates, credits and sinks on offer."""

    quantities: ClassVar = {
        "green_power.capacity": Quantity("MW"),
        "green_power.price": Quantity("CNY/MWh"),
        "certificate.limit": Quantity("MWh/a"),
        "certificate.price": Quantity("CNY/MWh"),
        "credit.limit": Quantity("tCO2/a"),
        "credit.price": Quantity("CNY/tCO2"),
        "sink.area": Quantity("ha"),
        "sink.rate": Quantity("tCO2/(ha*a)", 0, 100),
        "sink.price": Quantity("CNY/(ha*a)"),
    }
    contract: Name
    kind: Literal["green_power", "certificate", "credit", "sink"]
    profile: OptionalName
    parameter: Name
    year: Year

    @property
    def kind_of_value(self) -> str:
        """A parameter means different things for different kinds of contract."""
        return f"{self.kind}.{self.parameter}"


class EmissionFactorRow(ValueRow):
    """``emission_factors.csv``: carbon and coal equivalent of each carrier."""

    quantities: ClassVar = {
        "emission_factor": Quantity("tCO2/MWh", 0, 2),
        "tce_equivalent": Quantity("tce/MWh", 0, 1),
        "tce_calorific": Quantity("tce/MWh", 0, 1),
    }
    carrier: Name
    scope: Literal["scope1", "scope2_location", "scope2_market", ""]
    parameter: Literal["emission_factor", "tce_equivalent", "tce_calorific"]
    year: Year


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


class ParameterRow(ValueRow):
    """``parameters.csv``: single numbers of the park and of the method."""

    quantities: ClassVar = {
        "discount_rate": Quantity("%", 0, 30),
        "value_of_lost_load": Quantity("CNY/MWh", 1),
        "emission_excess_penalty": Quantity("CNY/tCO2", 1),
        "shadow_carbon_value": Quantity("CNY/tCO2"),
        "bridge_premium": Quantity("%", 0.1, 100),
        "minimum_asset": Quantity("MW"),
        "minimum_asset_share": Quantity("%", 0, 5),
    }
    parameter: Name
    year: Year


SHEETS: Mapping[str, type[Row]] = {
    "zones": ZoneRow,
    "network": NetworkRow,
    "technologies": TechnologyRow,
    "technology_parameters": TechnologyParameterRow,
    "assets": AssetRow,
    "existing_plants": PlantRow,
    "loads": LoadRow,
    "loads_unrestructured": LoadRow,
    "projects": ProjectRow,
    "fleets": FleetRow,
    "berths": BerthRow,
    "drivers": DriverRow,
    "efficiency_measures": MeasureRow,
    "tariff_periods": TariffRow,
    "prices": PriceRow,
    "contracts": ContractRow,
    "emission_factors": EmissionFactorRow,
    "baseline": BaselineRow,
    "parameters": ParameterRow,
}
"""Every sheet of a park by its stem, with the model of its rows."""
