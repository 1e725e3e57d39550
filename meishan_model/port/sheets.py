"""The sheets of a container port: their rows, and what these must say of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from meishan_model.errors import Fault
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.park import Park
from meishan_model.sheets.rows import (
    CARRIER_AT_BUS,
    Name,
    OptionalName,
    Profile,
    Quantity,
    Refers,
    Row,
    ValueRow,
    Year,
    Zone,
)
from meishan_model.sheets.scenario import Scenario
from meishan_model.sheets.tariff_rows import Months
from meishan_model.sheets.views import View

_SHIP_VOLTAGE = Quantity("kV", 0.1, 15, (0.3, 12), "0.4 to 11 aboard")
SHORE_POWER = TechnologyKind(
    "shore_power",
    {
        "voltage": _SHIP_VOLTAGE,
        "socket_power": Quantity("kW", 1, 20000, (10, 16000), "from a tug to a cruise ship"),
    },
    efficiency="cost_sheet",
    refers={
        "carrier_in": CARRIER_AT_BUS,
        "carrier_out": Refers("berth_group", "berths.csv", is_needed=True),
    },
    lever="stock",
    view=View("electric equipment", "", "shore power", "岸电", "heat"),
)
"""Sockets of a voltage at a group of berths."""
ENGINE = TechnologyKind(
    "auxiliary_engine",
    {
        "engine_efficiency": Quantity("%", 5, 100, (25, 55), "of engines aboard"),
        "boiler_efficiency": Quantity("%", 5, 100, (20, 98), "of boilers aboard"),
    },
    is_built=False,
    view=View("fuels", "", "auxiliary engines of ships", "船舶辅机"),
)
"""The ships' own engines; what they give is the carrier of what ships need at berth."""


class PortScenario(Scenario):
    """A scenario that says whether ships count."""

    ships_at_berth: Literal["inside", "memo"] = Field(
        default="inside",
        description="fuel of ships at berth: counted in scope 1, or reported only",
    )


class BerthRow(ValueRow):
    """``berths.csv``: berths of a group; the rows with a ship class say which ships call there.

    ``sector`` is that of the ships, whose energy is counted there.

    Weights are relative: those of all groups make the throughput, those of a group's ship classes
    its calls. ``acceptance_share`` is the part of the calls of a class that connect to shore power
    where the berth has a socket: ships without a plug, short stays and dear power leave the rest
    to the ships' own engines.
    """

    about: ClassVar = ("berth_group",)
    alike: ClassVar = ("zone", "sector")
    is_demand: ClassVar = True
    of_ships: ClassVar = {
        "call_weight": Quantity("1", 0, 1e6, (0.1, 1e4), "shares of calls, of any sum"),
        "teu_per_call": Quantity("TEU", 1, 48000, (50, 24000), "feeder to all of a giant"),
        "stay": Quantity("h", 1, 240, (3, 120), "hours of work, half a shift to days"),
        "acceptance_share": Quantity("%", 0, 100, (0.1, 100), "few ships today to all"),
    }
    quantities: ClassVar = {
        "berths": Quantity("1", 1, 500, (1, 100), "of a terminal"),
        "equipped_berths": Quantity("1", 0, 500, (1, 100), "of a terminal"),
        "throughput_weight": Quantity("1", 0, 1e6, (0.1, 1e4), "shares, of any sum"),
        "connection_time": Quantity("h", 0, 24, (0.1, 6), "plugs take 0.5 to 2"),
        "boiler_share": Quantity("%", 0, 100, (0.5, 100), "of ships"),
        **of_ships,
    }
    berth_group: Name
    zone: Zone
    sector: Name
    ship_class: Annotated[OptionalName, Refers("ship_class", "ship_classes.csv")]
    parameter: str
    year: Year

    @field_validator("parameter")
    @classmethod
    def _of_the_ships_or_of_the_berths(cls, parameter: str, info: ValidationInfo) -> str:
        ship_class = info.data.get("ship_class")
        if ship_class is not None and parameter in cls.quantities:
            if parameter in cls.of_ships and not ship_class:
                raise ValueError("is one of a ship class, which the row does not name")
            if parameter not in cls.of_ships and ship_class:
                raise ValueError("is one of the berths, so the row names no ship class")
        return parameter


class ShipClassRow(ValueRow):
    """``ship_classes.csv``: what a ship needs while it lies at berth, by size."""

    about: ClassVar = ("ship_class",)
    required: ClassVar = ("hotel_load", "boiler_load", "voltage")
    quantities: ClassVar = {
        "hotel_load": Quantity("kW", 0, 20000, (10, 16000), "from a tug to a cruise ship"),
        "boiler_load": Quantity("kW", 0, 20000, (5, 8000), "heat of the fuel burnt at berth"),
        "voltage": _SHIP_VOLTAGE,
    }
    ship_class: Name
    parameter: str


class HandlingRow(ValueRow):
    """``handling.csv``: electricity of a terminal's equipment by its moves.

    The load is throughput x ``moves_per_teu`` x ``energy_use``, less what regenerative drives
    give back: the ``recoverable_share`` of the energy at the ``regenerative_share`` of the drives.
    """

    about: ClassVar = ("load", "zone")
    alike: ClassVar = ("sector", "profile")
    is_demand: ClassVar = True
    required: ClassVar = ("moves_per_teu", "energy_use")
    quantities: ClassVar = {
        "moves_per_teu": Quantity("1/TEU", 0, 20, (0.002, 10), "moves of one kind of machine"),
        "energy_use": Quantity("kWh/move", 0, 2000, (0.3, 600), "yard crane to ship's"),
        "recoverable_share": Quantity("%", 0, 100, (1, 90), "of what is lifted"),
        "regenerative_share": Quantity("%", 0, 100, (1, 100), "of the machines"),
    }
    load: Name
    zone: Zone
    sector: Name
    profile: Profile
    parameter: str
    year: Year


class ClosureRow(ValueRow):
    """``closures.csv``: weather that closes the berths, by kind and season.

    Events are drawn for a year, the same for all years of a plan as its weather is; while the
    berths are closed ships wait or stay, cranes and trucks stand still, and the work is done
    afterwards. Without the sheet no weather closes them.
    """

    about: ClassVar = ("closure", "months")
    says: ClassVar = {
        "closure": "kind of weather, such as `fog`; one with several seasons has rows of each",
        "months": "months in which events of the season begin, such as 7;8;9",
    }
    quantities: ClassVar = {
        "count": Quantity(
            "1", 0, 2000, (0.1, 200), "from a rare storm to a fog on every other day"
        ),
        "duration": Quantity("h", 0.1, 720, (0.5, 120), "from a squall to some days"),
        "duration_spread": Quantity("1", 0, 1, (0.05, 1), "events differ"),
        "seed": Quantity("1", 0, 2**32 - 1, (0, 1e8), "any number, such as a date"),
    }
    closure: Name
    parameter: str
    months: Months


SHEETS: Mapping[str, type[Row]] = {
    "berths": BerthRow,
    "closures": ClosureRow,
    "ship_classes": ShipClassRow,
    "handling": HandlingRow,
}
"""The sheets by their stems."""

PER_TEU = "service_per_teu"
"""What a fleet of a port may have in place of its service."""

QUANTITIES: Mapping[str, Mapping[str, Quantity]] = {
    "drivers": {"throughput": Quantity("million TEU/a", 0, 200, (0.02, 60), "feeder to Shanghai")},
    "fleets": {PER_TEU: Quantity("km/TEU|h/TEU", 0, 1000, (0.002, 200), "in the yard and around")},
}
"""What rows of other sheets may say of a port."""


def fuels_of_ships(park: Park, scenario: Scenario) -> dict[str, bool]:
    """Fuels that the ships' own engines burn, and whether the scenario only reports them."""
    only = isinstance(scenario, PortScenario) and scenario.ships_at_berth == "memo"
    return {row.carrier_in: only for row in park.technologies if row.kind == ENGINE.name}


def port_faults(park: Park) -> Iterator[Fault]:
    """Loads and services that are given twice: as they are, and by the TEU.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    given = {(row.load, row.zone) for row in park.loads}
    given |= {(row.project, row.zone) for row in park.projects}
    for row in park.added_rows(HandlingRow):
        if (row.load, row.zone) in given:
            message, remedy = "is the name of another load of this zone", "give another name"
            yield row.fault("load", message, remedy)
    whole = {row.fleet for row in park.fleets if row.parameter == "service"}
    for fleet in park.fleets:
        if fleet.parameter == PER_TEU and fleet.fleet in whole:
            message = f"{fleet.fleet} has a row service as well"
            yield fleet.fault("parameter", message, "keep one of them")
