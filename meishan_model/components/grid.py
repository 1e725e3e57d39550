"""The grid of the park: connection, stations, DC ties, the loads on it, and shedding."""

from __future__ import annotations

from collections.abc import Iterator

from oemof import solph
from oemof.network import Node

from meishan_model.components.assets import Assets
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge, Registry
from meishan_model.components.station import SUPPLY_LINE, TRANSFORMER, station
from meishan_model.series.build import Profiles
from meishan_model.sheets.buses import HUB, UPSTREAM, bus_of_zone, zone_of_bus
from meishan_model.sheets.records import NetworkElement, SliceInputs

BILLED_DEMAND = "billed_demand"
CONNECTION = "connection"
"""Kind of the element through which all purchase comes and all export goes."""
LOCAL_GREEN = "local_green"
"""One MWh for every MWh of local renewables fed in; an export needs as much of it."""


def grid_buses(registry: Registry, inputs: SliceInputs) -> dict[str, solph.Bus]:
    """All electricity buses by name: upstream, 110 kV, 20 kV of each zone, billed demand."""
    names = (UPSTREAM, HUB, BILLED_DEMAND, *(bus_of_zone(zone) for zone in inputs.zones))
    return {name: registry.bus(name) for name in names}


def grid_nodes(
    registry: Registry, inputs: SliceInputs, assets: Assets, buses: dict[str, solph.Bus]
) -> Iterator[Node]:
    """Connection, stations, ties and shedding.

    Parameters
    ----------
    registry, inputs, assets
        Registry, inputs and assets of the slice.
    buses
        Electricity buses by label.
    """
    lines = {element.to_bus: element for element in inputs.network if element.kind == SUPPLY_LINE}
    for element in inputs.network:
        if element.kind == CONNECTION:
            yield _connection(registry, element, buses)
        elif element.kind == TRANSFORMER:
            yield from station(registry, element, lines.get(element.to_bus), assets, buses)
        elif element.kind == "dc_tie":
            yield from _tie(registry, element, buses)
    # Shed in the hour of a month's peak, a MWh saves that month's demand charge; it must not pay.
    lost = inputs.parameters["value_of_lost_load"] + inputs.prices["demand_charge"]
    for zone in inputs.zones:
        yield _shedding(registry, zone, lost, buses[bus_of_zone(zone)])


def _connection(
    registry: Registry, element: NetworkElement, buses: dict[str, solph.Bus]
) -> solph.components.Converter:
    """Purchase passes here; each MW also needs a MW of billed demand, which the tariff sells."""
    upstream, hub, billed = buses[element.from_bus], buses[element.to_bus], buses[BILLED_DEMAND]
    label = registry.node(element.element, ("network", element.element))
    power = Coordinates("transport", "electricity", CONNECTION, asset=element.element)
    demand = Coordinates("billing", BILLED_DEMAND, unit="MW of billed demand")
    return solph.components.Converter(
        label=label,
        inputs={
            upstream: registry.flow(upstream, label, power, nominal_capacity=element.capacity),
            billed: registry.flow(billed, label, demand),
        },
        outputs={hub: registry.flow(label, hub, power)},
        conversion_factors={upstream: 1.0, billed: 1.0, hub: 1.0 - element.loss},
    )


def _tie(
    registry: Registry, element: NetworkElement, buses: dict[str, solph.Bus]
) -> Iterator[solph.components.Converter]:
    """A controllable tie between two zones; each direction is limited at its input."""
    ends = (element.from_bus, element.to_bus)
    for names in (ends, ends[::-1]):
        source, target = (buses[name] for name in names)
        zones = tuple(zone_of_bus(name) for name in names)
        label = registry.node(
            f"{element.element}_{zones[0]}_to_{zones[1]}", ("network", element.element)
        )
        power = Coordinates(
            "transport", "electricity", element.kind, zones[0], asset=element.element
        )
        sent = registry.flow(source, label, power, nominal_capacity=element.capacity)
        yield solph.components.Converter(
            label=label,
            inputs={source: sent},
            outputs={target: registry.flow(label, target, power)},
            conversion_factors={target: 1.0 - element.loss},
        )


def _shedding(
    registry: Registry, zone: str, price: float, bus: solph.Bus
) -> solph.components.Source:
    return registry.source(
        f"{zone}_shedding",
        bus,
        Coordinates("shedding", "electricity", "shedding", zone),
        charges=(Charge("shedding", zone, price),),
    )


def load_nodes(
    registry: Registry, inputs: SliceInputs, profiles: Profiles, buses: dict[str, solph.Bus]
) -> Iterator[solph.components.Sink]:
    """Electricity loads, each with its own shape."""
    for load in inputs.loads:
        if load.carrier == "electricity":
            yield registry.sink(
                f"{load.load}_{load.zone}",
                buses[bus_of_zone(load.zone)],
                Coordinates(
                    *("load", "electricity", "load"),
                    zone=load.zone,
                    sector=load.sector,
                    customer=load.load,
                ),
                *load.rows,
                energy=(load.sector, "electricity"),
                nominal_capacity=1.0,
                fix=profiles.load(load.profile, load.energy),
            )
