"""The buses of a park: where its equipment and its loads connect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meishan_model.errors import Fault

if TYPE_CHECKING:
    from meishan_model.sheets.park import Park

ELECTRICITY = "electricity"


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
    """The buses of ``buses.csv``; without the sheet those of a park of one zone.

    The ends of the connection serve the whole park then, and a transformer leads to the zone.
    """
    if park.buses:
        return tuple(Bus(row.bus, row.carrier, row.zone) for row in park.buses)
    zones = park.zone_names
    found: dict[str, Bus] = {}
    for row in park.network:
        if row.kind == "connection":
            for bus in (row.from_bus, row.to_bus):
                found[bus] = Bus(bus, ELECTRICITY, "")
        elif row.kind == "transformer" and len(zones) == 1:
            found[row.to_bus] = Bus(row.to_bus, ELECTRICITY, zones[0])
    return tuple(found.values())


def bus_faults(park: Park) -> Iterator[Fault]:
    """Zones without a bus of electricity, or with more than one."""
    if not park.buses and len(park.zone_names) > 1:
        remedy = "add the sheet: bus, carrier, zone and voltage of every end in network.csv"
        message = f"says nothing of the zones {', '.join(park.zone_names)}"
        yield Fault(park.path("buses"), message, column="zone", remedy=remedy)
        return
    zones = set(park.zone_names)
    first: dict[tuple[str, str], str] = {}
    for row in park.buses:
        if row.zone and row.zone not in zones:
            continue  # told with all names that nothing defines
        known = first.setdefault((row.carrier, row.zone), row.bus) if row.zone else row.bus
        if known != row.bus:
            message = f"{known} is the bus of {row.carrier} of this zone already"
            remedy = "give the bus a zone of its own, or leave it out"
            yield Fault(park.path("buses"), message, row.line, "zone", row.zone, remedy)
    served = {zone for carrier, zone in first if carrier == ELECTRICITY}
    for zone in park.zone_names if park.buses else ():
        if zone not in served:
            remedy = "add its row"
            message = f"zone {zone} has no bus of electricity"
            yield Fault(park.path("buses"), message, column="zone", value=zone, remedy=remedy)
