"""Ships at berth: their calls and series, and shore power against their own auxiliary engines.

Each group of berths has its shore-power systems, one by voltage; what the optimum builds of a
system serves its own berths and the ships of its voltage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from meishan_model.components.assets import Asset
from meishan_model.components.base import Bus, Component, Node, Nodes, Slice
from meishan_model.components.coordinates import Coordinates, Role
from meishan_model.components.flows import Registry, Row, coordinates_of, row_of
from meishan_model.errors import Fault, InputError
from meishan_model.port.call_list import call_list_path, read_call_list
from meishan_model.port.calls import (
    CallPattern,
    PortSchedule,
    arrival_rate,
    connectable_load,
    load_at_berth,
    ship_calls,
)
from meishan_model.port.closures import WorkingTime, draw_events
from meishan_model.port.sheets import ENGINE, SHORE_POWER
from meishan_model.port.year import NAME, BerthGroup, berths_of, engine_of
from meishan_model.series import FloatArray, IntArray
from meishan_model.series.demand import ShapeParameters
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.units import HOURS_OF_YEAR

HOTEL_LOAD = "port_ships_hotel_load"
"""Customer of the power that ships take at berth."""
Connection = tuple[str, float]
"""A group of berths and a voltage of the shore connection [kV]."""


@dataclass(frozen=True)
class BerthSeries:
    """Ships of one voltage at a group of berths [MW], each ``(hours,)``.

    Hotel load, the part of it that shore power could carry, and the fuel of their boilers.
    """

    hotel_load: FloatArray
    connectable: FloatArray
    boiler_fuel: FloatArray

    def at(self, hours: IntArray) -> BerthSeries:
        """The same series in some hours of the year."""
        return BerthSeries(
            self.hotel_load[hours], self.connectable[hours], self.boiler_fuel[hours]
        )


def slice_calls(
    inputs: SliceInputs, parameters: ShapeParameters, calendar: pd.DataFrame, folder: Path
) -> PortSchedule:
    """Calls of a slice by group of berths: those of the list of the year, else generated ones.

    A list has the weather of its year in it: no closures are drawn beside it.

    Parameters
    ----------
    inputs
        The slice; a park without berths has no calls.
    parameters
        Numbers of ``profiles.csv``.
    calendar
        Table of `meishan_model.series.calendar.day_types` of the year.
    folder
        ``timeseries/<park>``, where the list of a year may lie.

    Returns
    -------
    PortSchedule
        Calls and working time.

    Raises
    ------
    InputError
        If the list is wrong, the weather leaves no time, or the berths cannot hold the ships.
    """
    if not berths_of(inputs):
        return PortSchedule({})
    throughput = inputs.drivers["throughput"]
    path = call_list_path(folder, inputs.year)
    if path.is_file():
        return PortSchedule(read_call_list(path, inputs.year, berths_of(inputs), throughput))
    *of_rate, lateness, spread, seed = (
        parameters.number("ship_calls", name)
        for name in (
            *("weekend_factor", "holiday_factor", "season_amplitude", "season_peak"),
            *("lateness", "size_spread", "seed"),
        )
    )
    rate = arrival_rate(calendar, *of_rate)
    working = _working_time(inputs)
    found = {}
    for place, group in enumerate(berths_of(inputs)):
        pattern = CallPattern(rate, lateness, spread, int(seed) + place)
        teu = throughput * group.throughput_share
        try:
            found[group.berth_group] = ship_calls(inputs.year, teu, group, pattern, working)
        except ValueError as error:
            remedy = "more berths, shorter stays, larger calls or less throughput"
            fault = Fault("berths.csv", str(error), None, "berth_group", group.berth_group, remedy)
            raise InputError([fault]) from error
    return PortSchedule(found, working)


def _working_time(inputs: SliceInputs) -> WorkingTime:
    """When the weather of ``closures.csv`` lets the berths work."""
    try:
        return WorkingTime.of(draw_events(berths_of(inputs)[0].closures))
    except ValueError as error:
        fault = Fault("closures.csv", str(error), remedy="fewer or shorter events")
        raise InputError([fault]) from error


def berth_series(
    inputs: SliceInputs, calls: Mapping[str, pd.DataFrame]
) -> dict[Connection, BerthSeries]:
    """Hourly series of the ships by group of berths and voltage, ``(8760,)`` each.

    Without a shore-power system of its voltage at its berths a ship cannot connect.

    Parameters
    ----------
    inputs
        The slice.
    calls
        Its calls by group of berths.
    """
    found = {}
    for group in berths_of(inputs):
        of_ships = pd.DataFrame(group.ships).set_index("ship_class")
        of_group = calls[group.berth_group]
        loads = of_ships.loc[of_group["ship_class"]]
        efficiency = engine_of(inputs).parameters["boiler_efficiency"]
        for voltage in group.voltages:
            mine = (loads["voltage"] == voltage).to_numpy()
            hotel, boiler = loads.loc[mine, ["hotel_load", "boiler_load"]].to_numpy(float).T
            table = of_group[mine]
            shore = shore_power_of(inputs, group.berth_group, voltage)
            socket = 0.0 if shore is None else shore.parameters["socket_power"]
            found[group.berth_group, voltage] = BerthSeries(
                load_at_berth(table, hotel),
                connectable_load(table, hotel, group.connection_time, socket),
                load_at_berth(table, boiler * group.boiler_share) / efficiency,
            )
    return found


def shore_power_of(inputs: SliceInputs, berth_group: str, voltage: float) -> Technology | None:
    """The shore-power system of a voltage [kV] at a group of berths; at most one, checked."""
    for technology in inputs.of_kind(SHORE_POWER):
        if (technology.carrier_out, technology.parameters["voltage"]) == (berth_group, voltage):
            return technology
    return None


def berth_use(inputs: SliceInputs, calls: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How busy the berths are and how long ships wait for them.

    Parameters
    ----------
    inputs
        The slice.
    calls
        Its calls by group of berths.

    Returns
    -------
    pandas.DataFrame
        Index berth_group and ship_class (``all`` for the whole group): ``calls`` [1/a], ``teu``
        [TEU/a], ``stay`` [h], ``use`` (ship hours over berth hours [1]), ``mean_wait``,
        ``late_wait`` (exceeded by one call in twenty) and ``longest_wait`` [h], ``connected``
        (share of the calls with ship and berth equipped [1]).
    """
    rows = {}
    for group in berths_of(inputs):
        table = calls[group.berth_group]
        classes = dict(iter(table.groupby("ship_class", sort=False)))
        for name in ("all", *(s.ship_class for s in group.ships if s.ship_class in classes)):
            mine = table if name == "all" else classes[name]
            stay, wait = mine["departure"] - mine["berthing"], mine["berthing"] - mine["arrival"]
            rows[group.berth_group, name] = {
                "calls": len(mine),
                "teu": mine["teu"].sum(),
                "stay": stay.mean(),
                "use": stay.sum() / (group.berths * HOURS_OF_YEAR),
                "mean_wait": wait.mean(),
                "late_wait": wait.quantile(0.95),
                "longest_wait": wait.max(),
                "connected": mine["shore_power"].mean(),
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["berth_group", "ship_class"])


class ShipsAtBerth(Component):
    """Hotel load of ships at berth: shore power, auxiliary engines and boilers.

    Shore power serves at most the load of ships that are equipped and connected, and at most its
    capacity. Auxiliary engines belong to the ships: they need no decision and are always there.
    """

    name = "ships_at_berth"
    side = "demand"
    kinds = (SHORE_POWER, ENGINE)

    def nodes(self, s: Slice) -> Nodes:
        """The ships of each group of berths by the voltage of their connection."""
        for group in berths_of(s.inputs):
            engine = engine_of(s.inputs)
            fuel = s.buses[engine.carrier_in]
            for voltage in group.voltages:
                series = s.profiles.of_plugins[NAME][group.berth_group, voltage]
                words, row = _words(group.berth_group, voltage), row_of_berths(group)
                ships = _Ships(
                    s.registry, group, words, s.make_bus(words, engine.carrier_out, row), series
                )
                yield s.registry.sink(
                    (*words, "hotel_load"),
                    ships.bus,
                    ships.coordinates("load", customer=HOTEL_LOAD),
                    row,
                    nominal_capacity=1.0,
                    fix=series.hotel_load,
                )
                shore = shore_power_of(s.inputs, group.berth_group, voltage)
                asset = None if shore is None else s.assets.get(shore.technology, group.zone)
                if shore is not None and asset is not None:
                    yield _shore_power(ships, shore, asset, s.bus_of(shore.carrier_in, group.zone))
                yield _engines(ships, engine, fuel)
                yield _boilers(ships, fuel)


@dataclass(frozen=True)
class _Ships:
    """The ships of one voltage at a group of berths, and their bus."""

    registry: Registry
    group: BerthGroup
    words: tuple[str, ...]
    bus: Bus
    series: BerthSeries

    def coordinates(self, role: Role, **other: str) -> Coordinates:
        """What a flow of the ships is."""
        zone, sector = self.group.zone, self.group.sector
        return Coordinates(role, zone=zone, sector=sector).but(**other)


def row_of_berths(group: BerthGroup) -> Row:
    """The row of the sheet in which a group of berths stands."""
    return "berths", group.berth_group


def _words(berth_group: str, voltage: float) -> tuple[str, ...]:
    """Words of the bus of the ships of a voltage [kV], such as ``quay_ships_6_6kv``."""
    return berth_group, "ships", f"{voltage:g}kv".replace(".", "_")


def _shore_power(ships: _Ships, technology: Technology, asset: Asset, source: Bus) -> Node:
    efficiency = technology.efficiency
    what = coordinates_of(asset, "conversion", sector=ships.group.sector)
    most = {"nominal_capacity": 1.0, "maximum": ships.series.connectable / efficiency}
    return ships.registry.converter(
        (asset.technology, asset.zone),
        row_of(asset),
        inputs={source: (what, {"final_energy": 1, **most})},
        outputs={ships.bus: (what, {"decides": asset})},
        factors={ships.bus: efficiency},
    )


def _engines(ships: _Ships, engine: Technology, fuel: Bus) -> Node:
    given = ships.coordinates("conversion", technology=engine.technology)
    return ships.registry.converter(
        (*ships.words, "auxiliary_engines"),
        row_of_berths(ships.group),
        inputs={fuel: (given, {"final_energy": 1})},
        outputs={ships.bus: given},
        factors={ships.bus: engine.parameters["engine_efficiency"]},
    )


def _boilers(ships: _Ships, fuel: Bus) -> Node:
    """Boilers give steam, which shore power does not bring: their fuel is no decision."""
    return ships.registry.sink(
        (*ships.words, "boilers"),
        fuel,
        ships.coordinates("load", customer="ship_boilers"),
        row_of_berths(ships.group),
        final_energy=1,
        nominal_capacity=1.0,
        fix=ships.series.boiler_fuel,
    )
