"""Names of the buses of electricity: the grid above, the 110 kV bus, a 20 kV bus in each zone."""

from __future__ import annotations

UPSTREAM = "upstream"
"""The far side of the park's connection, where the grid above holds the voltage."""
HUB = "grid_110kv"
"""The 110 kV bus on the park's side of the connection."""
POWER_MARKET = "power_market"
"""Where an export arrives, beyond the connection."""
ZONE_ENDING = "_20kv"
"""End of the name of every zone's bus."""
BUSBAR_ENDING = "_renewables"
"""End of the name of every busbar on which plants meet before they feed in."""


def bus_of_zone(zone: str) -> str:
    """Name of the 20 kV bus of a zone."""
    return f"{zone}{ZONE_ENDING}"


def zone_of_bus(bus: str) -> str:
    """Zone of a 20 kV bus; any other bus goes by its own name."""
    return bus.removesuffix(ZONE_ENDING)


def busbar_of(place: str) -> str:
    """Name of the busbar that gathers the plants of a zone, or of a bus of electricity."""
    return f"{zone_of_bus(place)}{BUSBAR_ENDING}"
