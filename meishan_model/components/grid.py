"""The grid of the park: connection, 110 kV bus, stations, 20 kV buses, DC tie, shedding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from oemof import solph
from oemof.network import Node

from meishan_model.components.assets import Assets
from meishan_model.components.book import Book, Charge, Kind
from meishan_model.components.station import SUPPLY_LINE, TRANSFORMER, station
from meishan_model.sheets.buses import HUB, UPSTREAM, bus_of_zone, zone_of_bus
from meishan_model.sheets.records import NetworkElement, SliceInputs

BILLED_DEMAND = "billed_demand"
CONNECTION = "connection"
"""Kind of the element through which all purchase comes and all export goes."""
LOCAL_GREEN = "local_green"
"""One MWh for every MWh of local renewables fed in; an export needs as much of it."""


def grid_buses(inputs: SliceInputs) -> dict[str, solph.Bus]:
    """All electricity buses by label: upstream, 110 kV, 20 kV of each zone, billed demand."""
    labels = (UPSTREAM, HUB, BILLED_DEMAND, *(bus_of_zone(zone) for zone in inputs.zones))
    return {label: solph.Bus(label=label) for label in labels}


def grid_nodes(
    book: Book, inputs: SliceInputs, assets: Assets, buses: dict[str, solph.Bus]
) -> Iterator[Node]:
    """Connection, stations, ties and shedding.

    Parameters
    ----------
    book, inputs, assets
        Book, inputs and assets of the slice.
    buses
        Electricity buses by label.
    """
    lines = {element.to_bus: element for element in inputs.network if element.kind == SUPPLY_LINE}
    for element in inputs.network:
        if element.kind == CONNECTION:
            yield _connection(book, element, buses)
        elif element.kind == TRANSFORMER:
            yield from station(book, element, lines.get(element.to_bus), assets, buses)
        elif element.kind == "dc_tie":
            yield from _tie(book, element, buses)
    # Shed in the hour of a month's peak, a MWh saves that month's demand charge; it must not pay.
    lost = inputs.parameters["value_of_lost_load"] + inputs.prices["demand_charge"]
    for zone in inputs.zones:
        yield _shedding(book, zone, lost, buses[bus_of_zone(zone)])


def _connection(
    book: Book, element: NetworkElement, buses: dict[str, solph.Bus]
) -> solph.components.Converter:
    """Purchase passes here; each MW also needs a MW of billed demand, which the tariff sells."""
    upstream, hub = buses[element.from_bus], buses[element.to_bus]
    billed, label = buses[BILLED_DEMAND], element.element
    return solph.components.Converter(
        label=label,
        inputs={
            upstream: book.flow(
                upstream.label,
                label,
                Kind("electricity", CONNECTION),
                nominal_capacity=element.capacity,
            ),
            billed: book.flow(
                billed.label,
                label,
                Kind("billed_demand", unit="MW of billed demand"),
            ),
        },
        outputs={
            hub: book.flow(
                label,
                hub.label,
                Kind("electricity", CONNECTION),
            )
        },
        conversion_factors={upstream: 1.0, billed: 1.0, hub: 1.0 - element.loss},
    )


def _tie(
    book: Book, element: NetworkElement, buses: dict[str, solph.Bus]
) -> Iterator[solph.components.Converter]:
    """A controllable tie between two zones; each direction is limited at its input."""
    ends = (element.from_bus, element.to_bus)
    for source, target in (ends, ends[::-1]):
        zone = zone_of_bus(source)
        label = f"{element.element}_{zone}_to_{zone_of_bus(target)}"
        kind = Kind("electricity", element.kind, zone=zone)
        yield solph.components.Converter(
            label=label,
            inputs={
                buses[source]: book.flow(source, label, kind, nominal_capacity=element.capacity)
            },
            outputs={buses[target]: book.flow(label, target, kind)},
            conversion_factors={buses[target]: 1.0 - element.loss},
        )


def _shedding(book: Book, zone: str, price: float, bus: solph.Bus) -> solph.components.Source:
    label = f"{zone}_shedding"
    return solph.components.Source(
        label=label,
        outputs={
            bus: book.flow(
                label,
                bus.label,
                Kind("electricity", "shedding", zone=zone),
                charges=(Charge("shedding", zone, price),),
            )
        },
    )


def fixed_load(
    book: Book, label: str, zone: str, sector: str, bus: solph.Bus, demand: np.ndarray
) -> solph.components.Sink:
    """An electricity load that follows its own profile.

    Parameters
    ----------
    book
        Book of the graph.
    label
        Label of the sink.
    zone, sector
        Where and whose load.
    bus
        20 kV bus of the zone.
    demand
        Load in each hour [MW].
    """
    return solph.components.Sink(
        label=label,
        inputs={
            bus: book.flow(
                bus.label,
                label,
                Kind("electricity", "load", zone=zone),
                energy=(sector, "electricity"),
                nominal_capacity=1.0,
                fix=demand,
            )
        },
    )
