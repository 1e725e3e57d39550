"""A park's electrical grid, ``configs/<park>/grid``: the models of its rows, and all its sheets.

The transport model of the optimiser (``network.csv``) knows capacities and losses; these sheets
know what they come from: buses, lines and transformers by standard type, who stands where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from meishan_model.sheets.rows import (
    Name,
    OptionalName,
    OptionalZone,
    Quantity,
    Refers,
    ValueRow,
    Zone,
    sheets_of,
)
from meishan_model.sheets.units import in_project_unit

_TYPE = Field(min_length=1, description="a name in the sheet of types")
LineType = Annotated[str, _TYPE, Refers("standard type of lines", "line_types.csv")]
TransformerType = Annotated[
    str, _TYPE, Refers("standard type of transformers", "transformer_types.csv")
]
BusName = Annotated[Name, Refers("bus", "buses.csv")]
Element = Refers("element", "network.csv")
_VOLTAGE = Quantity("p.u.", 0.9, 1.1, (0.95, 1.07), "of a grid in order")
_BAND = Quantity("%", 0.1, 20, (2, 15), "rules allow 5 to 10")
_LOADING = Quantity("%", 1, 200, (40, 150), "of the rating")
_LINES = "of lines and cables"
USERS = ("load", "generation", "storage")
"""Groups of users that stand somewhere in every zone."""


class GridRow(ValueRow):
    """A row of a sheet that a power flow cannot do without."""

    needed: ClassVar = "a power flow needs it"


class BusRow(GridRow):
    """``buses.csv``: a busbar, switching station or load node, with its nominal voltage."""

    about: ClassVar = ("bus",)
    alike: ClassVar = ("line",)
    quantities: ClassVar = {"": Quantity("kV", 0.2, 500, (0.38, 400), "of grids")}
    bus: Name
    zone: OptionalZone
    feeder: OptionalName
    longitude: float = Field(ge=-180, le=180)
    """degrees east"""
    latitude: float = Field(ge=-90, le=90)
    """degrees north"""


class LineRow(GridRow):
    """``lines.csv``: a line or cable with its length.

    ``normally`` is the state of the switch at its ``to_bus``; an open line is charged from the
    other end.
    """

    about: ClassVar = ("branch",)
    alike: ClassVar = ("line",)
    quantities: ClassVar = {"": Quantity("km", 1e-3, 500, (0.01, 60), "lines of a park")}
    branch: Name
    element: Annotated[OptionalName, Element]
    from_bus: BusName
    to_bus: BusName
    standard_type: LineType
    circuits: int = Field(ge=1, le=20)
    """number of equal circuits side by side"""
    normally: Literal["closed", "open"]


class TransformerRow(GridRow):
    """``transformers.csv``: equal units side by side, from the high to the low side."""

    about: ClassVar = ("transformer",)
    alike: ClassVar = ("element", "from_bus", "to_bus", "standard_type", "tap_control")
    quantities: ClassVar = {
        "units": Quantity("1", 1, 20, (1, 6), "of a station"),
        "tap_position": Quantity("1", -30, 30, (-17, 17), "steps of usual changers"),
        "voltage_setpoint": _VOLTAGE,
        "mean_loading": Quantity("%", 1, 100, (5, 90), "of its rating"),
        "form_factor": Quantity("1", 1, 5, (1, 2.5), "root mean square over mean"),
    }
    required: ClassVar = tuple(quantities)
    transformer: Name
    element: Annotated[Name, Element]
    from_bus: BusName
    to_bus: BusName
    standard_type: TransformerType
    tap_control: Literal["automatic", "fixed"]
    parameter: str


class DcLinkRow(ValueRow):
    """``dc_links.csv``: a controllable transfer between two buses."""

    about: ClassVar = ("link",)
    alike: ClassVar = ("element", "from_bus", "to_bus")
    quantities: ClassVar = {
        "capacity": Quantity("MW", 0, 1e4, (0.05, 2000), "of a link"),
        "converter_efficiency": Quantity("%", 50, 100, (90, 99.8), "of converters"),
    }
    required: ClassVar = tuple(quantities)
    link: Name
    element: Annotated[Name, Element]
    from_bus: BusName
    to_bus: BusName
    parameter: str


class ShareRow(GridRow):
    """``shares.csv``: which part of a zone's users stands at a bus, or evenly along a feeder.

    ``group`` is ``load``, ``generation``, ``storage``, or a technology with rows of its own.
    """

    quantities: ClassVar = {"": Quantity("%", 0, 100, (0.1, 100), "of a feeder")}
    zone: Zone
    group: Annotated[Name, Refers("group of users or technology")]
    place: Annotated[Name, Refers("bus or feeder", "buses.csv")]


class PowerFactorRow(GridRow):
    """``power_factors.csv``: cos phi of a load, a technology or a group of users.

    ``power_dependent`` is the characteristic of inverters: 1 up to half of the rating, then
    falling in a straight line to the value, under-excited, at the rating.
    """

    about: ClassVar = ("user",)
    alike: ClassVar = ("line",)
    quantities: ClassVar = {"": Quantity("1", 0.5, 1, (0.7, 1), "of usual loads")}
    user: Name
    rule: Literal["lagging", "leading", "power_dependent"]


class LineTypeRow(GridRow):
    """``line_types.csv``: standard types of lines and cables, per circuit."""

    about: ClassVar = ("standard_type",)
    quantities: ClassVar = {
        "resistance": Quantity("Ohm/km", 1e-4, 10, (5e-3, 3), _LINES),
        "reactance": Quantity("Ohm/km", 1e-4, 10, (0.03, 0.6), _LINES),
        "capacitance": Quantity("nF/km", 0, 2000, (3, 1000), "lines 10, cables to 500"),
        "current_limit": Quantity("A", 1, 10000, (50, 4000), "of a conductor"),
    }
    required: ClassVar = tuple(quantities)
    standard_type: Annotated[str, _TYPE]
    parameter: str


class LineCostRow(GridRow):
    """``line_costs.csv``: what it costs to lay one circuit of a type, money of 2020.

    Types of one ``family`` can take each other's place on a route: same voltage, same way of
    building.
    """

    about: ClassVar = ("standard_type",)
    alike: ClassVar = ("family",)
    quantities: ClassVar = {
        "investment": Quantity("CNY/km", 1, 1e10, (5e4, 5e7), "a line 0.3, a cable to 10 million"),
        "fixed_om": Quantity("%/a", 0, 100, (0.1, 10), "of the investment"),
        "lifetime": Quantity("a", 1, 100, (15, 80), "of lines and cables"),
    }
    required: ClassVar = tuple(quantities)
    standard_type: LineType
    family: Name
    parameter: str


class TransformerTypeRow(GridRow):
    """``transformer_types.csv``: standard types of two-winding transformers, per unit."""

    about: ClassVar = ("standard_type",)
    quantities: ClassVar = {
        "rated_power": Quantity("MVA", 0.01, 2000, (0.05, 1000), "of a transformer"),
        "high_voltage": Quantity("kV", 0.2, 500, (3, 500), "of transformers"),
        "low_voltage": Quantity("kV", 0.2, 500, (0.3, 230), "of transformers"),
        "short_circuit_voltage": Quantity("%", 0.1, 40, (3, 25), "usually 4 to 18"),
        "short_circuit_resistance": Quantity("%", 0, 10, (0.1, 3), "usually 0.3 to 1"),
        "no_load_loss": Quantity("kW", 0, 1e4, (0.05, 1000), "0.1 % of the rating"),
        "no_load_current": Quantity("%", 0, 10, (0.02, 5), "of the rating"),
        "tap_step": Quantity("%", 0, 5, (0.3, 5), "usually 1.25 or 2.5"),
        "tap_limit": Quantity("1", 0, 30, (1, 20), "usually 8 either way"),
        "phase_clock": Quantity("1", 0, 11, (0, 11), "an hour of the clock"),
    }
    required: ClassVar = tuple(quantities)
    standard_type: Annotated[str, _TYPE]
    parameter: str


class GridParameterRow(GridRow):
    """``parameters.csv`` of the grid: limits and conventions of the grid planner."""

    about: ClassVar = ("parameter",)
    quantities: ClassVar = {
        "source_voltage": _VOLTAGE,
        "voltage_band": _BAND,
        "loading_limit": _LOADING,
        "contingency_loading_limit": _LOADING,
        "contingency_voltage_band": _BAND,
        "planning_power_factor": Quantity("1", 0.5, 1, (0.8, 1), "of parks"),
        "feeder_circuits_limit": Quantity("1", 1, 20, (1, 10), "side by side"),
        "hosting_loading_limit": _LOADING,
        "hosting_search_limit": Quantity("MW", 1, 1e6, (5, 1e4), "far above what a feeder hosts"),
        "loss_tolerance": Quantity("%", 0, 100, (1, 60), "of the losses"),
        "worst_hours": Quantity("1", 1, 1000, (3, 500), "some of a year"),
        "contingency_hours": Quantity("1", 1, 100, (1, 50), "some of a year"),
    }
    required: ClassVar = tuple(quantities)
    parameter: str


DISTRIBUTION_KV = 20.0
"""GB/T 12325 limits the voltage up to this level [kV]; its lines are the park's feeders."""


@dataclass(frozen=True)
class GridSheets:
    """All rows of a park's grid sheets, as they stand on disk.

    Attributes
    ----------
    folder
        ``configs/<park>/grid``; named in messages.
    zones, photovoltaics
        Zones of the park, and its technologies that are PV.
    source_bus, network_buses
        The far side of the park's connection, and all buses of electricity of the park.
    supply_lines
        Element of ``network.csv`` that is the line to a zone, by zone.
    buses and the rest
        The rows of the sheet of that name.
    """

    folder: Path
    zones: tuple[str, ...]
    photovoltaics: tuple[str, ...]
    source_bus: str
    network_buses: tuple[str, ...]
    supply_lines: Mapping[str, str]
    buses: tuple[BusRow, ...]
    lines: tuple[LineRow, ...]
    transformers: tuple[TransformerRow, ...]
    dc_links: tuple[DcLinkRow, ...]
    shares: tuple[ShareRow, ...]
    power_factors: tuple[PowerFactorRow, ...]
    line_types: tuple[LineTypeRow, ...]
    line_costs: tuple[LineCostRow, ...]
    transformer_types: tuple[TransformerTypeRow, ...]
    parameters: tuple[GridParameterRow, ...]

    def path(self, sheet: str) -> str:
        """Path of a sheet for messages."""
        return str(self.folder / f"{sheet}.csv")

    def parameter(self, name: str) -> float:
        """A number of ``parameters.csv`` in the project's unit; a percentage is a fraction."""
        row = next(row for row in self.parameters if row.parameter == name)
        return in_project_unit(row.value, row.unit)


GRID_SHEETS = sheets_of(GridSheets)
"""Every sheet of a park's grid by its stem, with the model of its rows."""


def values_by_name(rows: Sequence[ValueRow], name: str) -> dict[str, dict[str, float]]:
    """Numbers of a long sheet by the name in a column and by parameter, in units of the sheet."""
    table: dict[str, dict[str, float]] = {}
    for row in rows:
        table.setdefault(str(getattr(row, name)), {})[row.kind_of_value] = row.value
    return table
