"""Local renewables: PV on the 20 kV buses, wind at 110 kV, what is fed in and what is curtailed.

All plants of a bus feed one busbar. What leaves it is either fed in, and then carries one MWh of
``local_green`` that an export needs, or curtailed.
"""

from __future__ import annotations

from collections.abc import Iterator

from oemof import solph

from meishan_model.components.assets import Assets
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import (
    CERTIFICATES,
    Registry,
    coordinates_of,
    row_of,
    variable_om,
)
from meishan_model.components.grid import LOCAL_GREEN
from meishan_model.series.build import Profiles
from meishan_model.sheets.buses import HUB, bus_of_zone, busbar_of, zone_of_bus
from meishan_model.sheets.records import SliceInputs


def generation_nodes(
    registry: Registry,
    inputs: SliceInputs,
    profiles: Profiles,
    assets: Assets,
    buses: dict[str, solph.Bus],
) -> Iterator[
    solph.Bus | solph.components.Source | solph.components.Sink | solph.components.Converter
]:
    """Plants, busbars, feed-in and curtailment.

    Parameters
    ----------
    registry, inputs, profiles, assets
        Registry, inputs, series and assets of the slice.
    buses
        Electricity buses by label.
    """
    busbars: dict[str, solph.Bus] = {}
    for technology in inputs.part("pv", "wind"):
        for asset in assets.of(technology.technology):
            target = HUB if technology.bus == "110kv" else bus_of_zone(asset.zone)
            if target not in busbars:
                busbars[target] = registry.bus(busbar_of(target))
            yield registry.source(
                asset.asset,
                busbars[target],
                coordinates_of(asset, "generation"),
                row_of(asset),
                charges=variable_om(technology),
                decides=asset,
                fix=profiles.capacity_factor[technology.technology],
            )
    if busbars:
        green = buses[LOCAL_GREEN] = registry.bus(LOCAL_GREEN)
        yield green
        at_home = Coordinates("retire", LOCAL_GREEN, unit=CERTIFICATES)
        yield registry.sink("green_used_at_home", green, at_home)
        for target, busbar in busbars.items():
            yield busbar
            yield from _busbar(registry, target, busbar, buses[target], green)


def _busbar(
    registry: Registry, name: str, busbar: solph.Bus, target: solph.Bus, green: solph.Bus
) -> Iterator[solph.components.Converter | solph.components.Sink]:
    place = zone_of_bus(name)
    zone = "" if name == HUB else place
    power = Coordinates("feed_in", "electricity", "feed_in", zone)
    issued = Coordinates("issue", LOCAL_GREEN, zone=zone, unit=CERTIFICATES)
    feed_in = registry.node(f"{place}_feed_in")
    yield solph.components.Converter(
        label=feed_in,
        inputs={busbar: registry.flow(busbar, feed_in, power)},
        outputs={
            target: registry.flow(feed_in, target, power),
            green: registry.flow(feed_in, green, issued),
        },
    )
    curtailed = Coordinates("curtailment", "electricity", "curtailment", zone)
    yield registry.sink(f"{place}_curtailment", busbar, curtailed)
