"""Ships at berth: shore power against their own auxiliary engines, and boilers that run on.

Each group of berths has its shore-power systems, one by voltage; what the optimum builds of a
system serves its own berths and the ships of its voltage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from meishan_model.components.assets import Asset
from meishan_model.components.base import Bus, Component, Node, Nodes, Slice
from meishan_model.components.coordinates import Coordinates, Role
from meishan_model.components.flows import Registry, Row, coordinates_of, row_of
from meishan_model.port.berths import BerthSeries, shore_power_of
from meishan_model.port.sheets import ENGINE, SHORE_POWER
from meishan_model.port.year import NAME, BerthGroup, berths_of, engine_of
from meishan_model.sheets.equipment import Technology

HOTEL_LOAD = "port_ships_hotel_load"
"""Customer of the power that ships take at berth."""


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
    from oemof import solph

    registry, efficiency = ships.registry, technology.efficiency
    label = registry.node((asset.technology, asset.zone), row_of(asset))
    what = coordinates_of(asset, "conversion", sector=ships.group.sector)
    most: dict[str, Any] = {
        "nominal_capacity": 1.0,
        "maximum": ships.series.connectable / efficiency,
    }
    return solph.components.Converter(
        label=label,
        inputs={source: registry.flow(source, label, what, final_energy=1, **most)},
        outputs={ships.bus: registry.flow(label, ships.bus, what, decides=asset)},
        conversion_factors={ships.bus: efficiency},
    )


def _engines(ships: _Ships, engine: Technology, fuel: Bus) -> Node:
    from oemof import solph

    label = ships.registry.node((*ships.words, "auxiliary_engines"), row_of_berths(ships.group))
    given = ships.coordinates("conversion", technology=engine.technology)
    return solph.components.Converter(
        label=label,
        inputs={fuel: ships.registry.flow(fuel, label, given, final_energy=1)},
        outputs={ships.bus: ships.registry.flow(label, ships.bus, given)},
        conversion_factors={ships.bus: engine.parameters["engine_efficiency"]},
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
