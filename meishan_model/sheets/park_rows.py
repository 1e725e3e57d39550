"""What stands in a park: zones, network, equipment, its potential and stock, single numbers."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from meishan_model.sheets.rows import Name, OptionalName, Quantity, Row, ValueRow, Year


class ZoneRow(ValueRow):
    """``zones.csv``: the parts of the park and their land area."""

    quantities: ClassVar = {"": Quantity("km2")}
    zone: Name
    name: str
    name_zh: str


class NetworkRow(ValueRow):
    """``network.csv``: connection to the grid above, transformers, their lines, controllable ties.

    A ``supply_line`` feeds the transformers of its ``to_bus``: the two lie in series.
    """

    needed: ClassVar = "power comes in by a connection and a transformer to each zone"
    quantities: ClassVar = {"capacity": Quantity("MW"), "loss": Quantity("%", 0, 20)}
    element: Name
    kind: Literal["connection", "transformer", "supply_line", "dc_tie"]
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
        "supply_line",
        "flexible_load",
        "vehicle_battery",
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
        "temperature_coefficient": Quantity("1/K", -0.02, 0),
        "albedo": Quantity("1", 0, 1),
        "hub_height": Quantity("m", 10, 250),
        "reference_height": Quantity("m", 1, 250),
        "shear_exponent": Quantity("1", 0, 0.6),
        "diurnal_share": Quantity("1", 0, 1),
        "array_loss": Quantity("%", 0, 40),
        "full_load_hours": Quantity("h", 500, 6000),
        "sink_temperature": Quantity("degC", 20, 200),
        "source_temperature": Quantity("degC", -20, 100),
        "carnot_quality": Quantity("1", 0.1, 0.8),
        "minimum_cop": Quantity("1", 1, 5),
        "maximum_cop": Quantity("1", 1, 12),
        "standing_loss": Quantity("%/h", 0, 20),
        "duration": Quantity("h", 0, 168),
        "recovery_efficiency": Quantity("%", 30, 100),
        "payment": Quantity("CNY/MWh"),
        "battery_capacity": Quantity("kWh/vehicle", 1, 2000),
        "charger_power": Quantity("kW/vehicle", 1, 2000),
        "discharge_power": Quantity("kW/vehicle", 0, 2000),
        "plugged_in_share": Quantity("%", 0, 100),
        "reserve": Quantity("%", 0, 95),
        "round_trip_efficiency": Quantity("%", 30, 100),
        "voltage": Quantity("kV", 0.1, 15),
        "socket_power": Quantity("kW", 1, 20000),
        "boiler_efficiency": Quantity("%", 5, 100),
        "engine_efficiency": Quantity("%", 5, 100),
    }
    technology: Name
    parameter: str


class AssetRow(ValueRow):
    """``assets.csv``: what may stand and be built where; ``rural_potential`` is part of it.

    ``event_potential`` is flexibility that rests until a virtual power plant calls it.
    """

    quantities: ClassVar = {
        "potential": Quantity("MW|MWh|vehicles"),
        "rural_potential": Quantity("MW"),
        "event_potential": Quantity("MW|vehicles"),
        "build_rate": Quantity("MW/a|MWh/a|vehicles/a"),
        "last_new_build": Quantity("a", 2000, 2100),
    }
    technology: Name
    zone: Name
    parameter: Literal[
        "potential", "rural_potential", "event_potential", "build_rate", "last_new_build"
    ]
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
