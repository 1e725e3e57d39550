"""The buses of a park, and the network that joins them to the grid above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meishan_model.errors import Fault
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import NetworkRow
from meishan_model.sheets.row_reader import cell_fault

DEFAULT_CARRIER = "electricity"
"""Carrier of power where ``buses.csv`` does not say it."""


@dataclass(frozen=True)
class Bus:
    """A bus with its carrier and zone; the zone is empty where it serves the whole park."""

    bus: str
    carrier: str
    zone: str

    @property
    def place(self) -> str:
        """Where it is: its zone, or its own name where it serves the whole park."""
        return self.zone or self.bus


def buses_of(park: Park) -> tuple[Bus, ...]:
    """The buses of ``buses.csv``; without those of power also those of a park of one zone.

    The ends of the connection serve the whole park then, and a transformer leads to the zone; in a
    park without transformer the connection does.
    """
    found = {row.bus: Bus(row.bus, row.carrier, row.zone) for row in park.buses}
    if _has_power(park):
        return tuple(found.values())
    zones = park.zone_names
    for row in park.network_of("connection"):
        for bus in (row.from_bus, row.to_bus):
            found[bus] = Bus(bus, DEFAULT_CARRIER, "")
    inmost = park.network_of("transformer") or park.network_of("connection")
    for row in inmost if len(zones) == 1 else ():
        found[row.to_bus] = Bus(row.to_bus, DEFAULT_CARRIER, zones[0])
    return tuple(found.values())


def _has_power(park: Park) -> bool:
    """Whether ``buses.csv`` has the buses of power: one that an element of the network joins."""
    ends = {bus for row in park.network for bus in (row.from_bus, row.to_bus)}
    return any(row.bus in ends for row in park.buses)


def power_carrier(park: Park) -> str:
    """The carrier of power: that of the bus at which the connection to the grid above ends."""
    ends = {row.to_bus for row in park.network_of("connection")}
    return next((bus.carrier for bus in buses_of(park) if bus.bus in ends), DEFAULT_CARRIER)


def bus_faults(park: Park) -> Iterator[Fault]:
    """Zones without a bus of power, or with two buses of one carrier."""
    path, power = park.path("buses"), power_carrier(park)
    described = _has_power(park)
    if not described and len(park.zone_names) > 1:
        remedy = "add the sheet: bus, carrier, zone and voltage of every end in network.csv"
        message = f"says nothing of the zones {', '.join(park.zone_names)}"
        yield Fault(path, message, column="zone", remedy=remedy)
        return
    first: dict[tuple[str, str], str] = {}
    for row in (row for row in park.buses if row.zone):
        known = first.setdefault((row.carrier, row.zone), row.bus)
        if known != row.bus:
            message = f"{known} is the bus of {row.carrier} of this zone already"
            remedy = "give the bus a zone of its own, or leave it out"
            yield cell_fault(path, row, "zone", message, remedy)
    for zone in park.zone_names if described else ():
        if (power, zone) not in first:
            message = f"zone {zone} has no bus of {power}"
            yield Fault(path, message, column="zone", value=zone, remedy="add its row")


def network_faults(park: Park) -> Iterator[Fault]:
    """Elements that join the wrong buses, run in a circle, or leave a zone or the park unfed.

    A connection leads from the grid above to the 110 kV bus, or to the only bus of a small park;
    one transformer, and one supply line in series with it, from there to each zone, a tie from one
    zone to another: so nothing but ties can close a circle. All that is bought or sold passes the
    one connection.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    yield from _wrong_ends(park)
    yield from _twice_fed(park)
    yield from _gaps(park)


def _wrong_ends(park: Park) -> Iterator[Fault]:
    path, buses = park.path("network"), buses_of(park)
    known, power = {bus.bus for bus in buses}, power_carrier(park)
    zones = {bus.bus for bus in buses if bus.zone and bus.carrier == power}
    whole = {bus.bus for bus in buses if not bus.zone and bus.carrier == power}
    # What the connection leads to is where stations begin.
    hub = {row.to_bus for row in park.network_of("connection")}
    ends = {
        "connection": {"from_bus": whole, "to_bus": whole | zones},
        "transformer": {"from_bus": hub, "to_bus": zones},
        "line": {"from_bus": hub, "to_bus": zones},
        "tie": {"from_bus": zones, "to_bus": zones},
    }
    kinds = park.kinds.network
    for row in park.network:
        for column, allowed in ends[kinds[row.kind].function].items():
            bus = getattr(row, column)
            if bus in known and bus not in allowed:  # a bus that is not known is told elsewhere
                does = "begin" if column == "from_bus" else "end"
                message = f"a {row.kind} does not {does} here"
                remedy = f"give {' or '.join(sorted(allowed))}"
                yield cell_fault(path, row, column, message, remedy)
        if row.from_bus == row.to_bus and row.from_bus in zones:
            message = f"{row.element} begins and ends at the same bus"
            yield cell_fault(path, row, "to_bus", message, "join two buses")


def _twice_fed(park: Park) -> Iterator[Fault]:
    first: dict[tuple[str, str], NetworkRow] = {}
    for row in park.network_of("connection", "transformer", "line"):
        known = first.setdefault((row.kind, row.to_bus), row)
        if known.element != row.element:
            message = f"{known.element} in row {known.line} feeds this bus already"
            remedy = "give one element their summed capacity"
            yield cell_fault(park.path("network"), row, "to_bus", message, remedy)


def _gaps(park: Park) -> Iterator[Fault]:
    """Zones and a park that no element of the network feeds."""
    path = park.path("network")
    power = power_carrier(park)
    fed = {row.to_bus for row in park.network_of("connection", "transformer")}
    for bus in buses_of(park):
        if bus.zone and bus.carrier == power and bus.bus not in fed:
            message = f"nothing in network.csv leads to {bus.bus}, the bus of this zone"
            yield Fault(path, message, column="to_bus", value=bus.bus, remedy="add a transformer")
    if not park.network_of("connection"):
        remedy = "add one from the grid above to the park"
        yield Fault(path, "there is no connection", column="kind", remedy=remedy)
