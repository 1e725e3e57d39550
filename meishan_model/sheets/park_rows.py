"""What stands in a park: zones, network, equipment, its potential and stock, single numbers."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from meishan_model.sheets.rows import Colour, Name, OptionalName, Quantity, Row, ValueRow, Year


class ZoneRow(ValueRow):
    """``zones.csv``: the parts of the park and their land area."""

    quantities: ClassVar = {"": Quantity("km2")}
    zone: Name
    name: str
    name_zh: str


class BusRow(ValueRow):
    """``buses.csv``: the buses of the park, with carrier, zone and nominal voltage.

    A bus without a zone serves the whole park. A park of one zone needs no such sheet.
    """

    quantities: ClassVar = {"": Quantity("kV", 0.1, 1100)}
    bus: Name
    carrier: Name
    zone: OptionalName


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
    """``technologies.csv``: which equipment there is, of which kind; numbers stand elsewhere."""

    technology: Name
    kind: Name
    unit: Literal["MW", "MWh", "vehicles"]
    carrier_in: OptionalName
    carrier_out: OptionalName
    bus: OptionalName
    profile: OptionalName
    model: str
    phase_out: Literal["yes", "no"]
    finance: Literal["new", "retrofit"]
    name: str = ""
    name_zh: str = ""
    group: str = ""
    colour: Colour = ""
    note: str


class NameRow(Row):
    """``names.csv``: what people call the things that other sheets name, and their colour.

    A thing is a carrier, load, contract, measure, fleet, bus or element of the network; zones and
    technologies have their names in their own sheets. What has no row is shown as it is named.
    """

    thing: Name
    name: str
    name_zh: str
    colour: Colour = ""


class TechnologyParameterRow(ValueRow):
    """``technology_parameters.csv``: how a kind of equipment behaves.

    Which numbers there are is declared by the kinds of equipment.
    """

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
