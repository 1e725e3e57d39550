"""One frozen model for the rows of each sheet of a grid, ``configs/<park>/grid``.

The transport model of the optimiser (``network.csv``) knows capacities and losses; these sheets
know what they come from: buses, lines and transformers by standard type, who stands where.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from meishan_model.sheets.rows import Name, OptionalName, Quantity, Row, ValueRow

GridType = Annotated[str, Field(min_length=1, description="a name in the sheet of types")]


class GridRow(ValueRow):
    """A row of a sheet that a power flow cannot do without."""

    needed: ClassVar = "a power flow needs it"


class BusRow(GridRow):
    """``buses.csv``: a busbar, switching station or load node, with its nominal voltage."""

    quantities: ClassVar = {"": Quantity("kV", 0.2, 500)}
    bus: Name
    zone: OptionalName
    feeder: OptionalName
    longitude: float = Field(ge=-180, le=180, description="degrees east")
    latitude: float = Field(ge=-90, le=90, description="degrees north")


class LineRow(GridRow):
    """``lines.csv``: a line or cable with its length.

    ``normally`` is the state of the switch at its ``to_bus``; an open line is charged from the
    other end.
    """

    quantities: ClassVar = {"": Quantity("km", 1e-3, 500)}
    branch: Name
    element: OptionalName
    from_bus: Name
    to_bus: Name
    standard_type: GridType
    circuits: int = Field(ge=1, le=20, description="number of equal circuits side by side")
    normally: Literal["closed", "open"]


class TransformerRow(GridRow):
    """``transformers.csv``: equal units side by side, from the high to the low side."""

    quantities: ClassVar = {
        "units": Quantity("1", 1, 20),
        "tap_position": Quantity("1", -30, 30),
        "voltage_setpoint": Quantity("p.u.", 0.9, 1.1),
        "mean_loading": Quantity("%", 1, 100),
        "form_factor": Quantity("1", 1, 5),
    }
    transformer: Name
    element: Name
    from_bus: Name
    to_bus: Name
    standard_type: GridType
    tap_control: Literal["automatic", "fixed"]
    parameter: str


class DcLinkRow(ValueRow):
    """``dc_links.csv``: a controllable transfer between two buses."""

    quantities: ClassVar = {
        "capacity": Quantity("MW"),
        "converter_efficiency": Quantity("%", 50, 100),
    }
    link: Name
    element: Name
    from_bus: Name
    to_bus: Name
    parameter: str


class ShareRow(GridRow):
    """``shares.csv``: which part of a zone's users stands at a bus, or evenly along a feeder.

    ``group`` is ``load``, ``generation``, ``storage``, or a technology with rows of its own.
    """

    quantities: ClassVar = {"": Quantity("%", 0, 100)}
    zone: Name
    group: Name
    place: Name


class PowerFactorRow(GridRow):
    """``power_factors.csv``: cos phi of a load, a technology or a group of users.

    ``power_dependent`` is the characteristic of inverters: 1 up to half of the rating, then
    falling in a straight line to the value, under-excited, at the rating.
    """

    quantities: ClassVar = {"": Quantity("1", 0.5, 1)}
    user: Name
    rule: Literal["lagging", "leading", "power_dependent"]


class LineTypeRow(GridRow):
    """``line_types.csv``: standard types of lines and cables, per circuit."""

    quantities: ClassVar = {
        "resistance": Quantity("Ohm/km", 1e-4, 10),
        "reactance": Quantity("Ohm/km", 1e-4, 10),
        "capacitance": Quantity("nF/km", 0, 2000),
        "current_limit": Quantity("A", 1, 10000),
    }
    standard_type: GridType
    parameter: str


class LineCostRow(GridRow):
    """``line_costs.csv``: what it costs to lay one circuit of a type, money of 2020.

    Types of one ``family`` can take each other's place on a route: same voltage, same way of
    building.
    """

    quantities: ClassVar = {
        "investment": Quantity("CNY/km", 1),
        "fixed_om": Quantity("%/a", 0, 100),
        "lifetime": Quantity("a", 1, 100),
    }
    standard_type: GridType
    family: Name
    parameter: str


class TransformerTypeRow(GridRow):
    """``transformer_types.csv``: standard types of two-winding transformers, per unit."""

    quantities: ClassVar = {
        "rated_power": Quantity("MVA", 0.01, 2000),
        "high_voltage": Quantity("kV", 0.2, 500),
        "low_voltage": Quantity("kV", 0.2, 500),
        "short_circuit_voltage": Quantity("%", 0.1, 40),
        "short_circuit_resistance": Quantity("%", 0, 10),
        "no_load_loss": Quantity("kW"),
        "no_load_current": Quantity("%", 0, 10),
        "tap_step": Quantity("%", 0, 5),
        "tap_limit": Quantity("1", 0, 30),
        "phase_clock": Quantity("1", 0, 11),
    }
    standard_type: GridType
    parameter: str


class GridParameterRow(GridRow):
    """``parameters.csv`` of the grid: limits and conventions of the grid planner."""

    quantities: ClassVar = {
        "source_voltage": Quantity("p.u.", 0.9, 1.1),
        "voltage_band": Quantity("%", 0.1, 20),
        "loading_limit": Quantity("%", 1, 200),
        "contingency_loading_limit": Quantity("%", 1, 200),
        "contingency_voltage_band": Quantity("%", 0.1, 20),
        "planning_power_factor": Quantity("1", 0.5, 1),
        "feeder_circuits_limit": Quantity("1", 1, 20),
        "hosting_loading_limit": Quantity("%", 1, 200),
        "hosting_search_limit": Quantity("MW", 1, math.inf),
        "loss_tolerance": Quantity("%", 0, 100),
        "worst_hours": Quantity("1", 1, 1000),
        "contingency_hours": Quantity("1", 1, 100),
    }
    parameter: str


GRID_SHEETS: Mapping[str, type[Row]] = {
    "buses": BusRow,
    "lines": LineRow,
    "transformers": TransformerRow,
    "dc_links": DcLinkRow,
    "shares": ShareRow,
    "power_factors": PowerFactorRow,
    "line_types": LineTypeRow,
    "line_costs": LineCostRow,
    "transformer_types": TransformerTypeRow,
    "parameters": GridParameterRow,
}
"""Every sheet of a park's grid by its stem, with the model of its rows."""
