"""The grid of the park: connection, 110 kV bus, transformers, 20 kV buses, DC tie, shedding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from oemof import solph
from oemof.network import Node

from meishan_model.graph.assets import AssetBounds, Assets
from meishan_model.graph.book import Book, Charge, Kind
from meishan_model.inputs.records import NetworkElement, SliceInputs

HUB = "grid_110kv"
UPSTREAM = "upstream"
BILLED_DEMAND = "billed_demand"
LOCAL_GREEN = "local_green"
"""One MWh for every MWh of local renewables fed in; an export needs as much of it."""


def bus_of_zone(zone: str) -> str:
    """Label of the 20 kV bus of a zone."""
    return f"{zone}_20kv"


def grid_buses(inputs: SliceInputs) -> dict[str, solph.Bus]:
    """All electricity buses by label: upstream, 110 kV, 20 kV of each zone, billed demand."""
    labels = (UPSTREAM, HUB, BILLED_DEMAND, *(bus_of_zone(zone) for zone in inputs.zones))
    return {label: solph.Bus(label=label) for label in labels}


def grid_nodes(
    book: Book, inputs: SliceInputs, assets: Assets, buses: dict[str, solph.Bus]
) -> Iterator[Node]:
    """Connection, transformers, ties and shedding.

    Parameters
    ----------
    book, inputs, assets
        Book, inputs and assets of the slice.
    buses
        Electricity buses by label.
    """
    for element in inputs.network:
        if element.kind == "connection":
            yield _connection(book, element, buses)
        elif element.kind == "transformer":
            yield from _transformer(book, element, assets, buses)
        else:
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
                Kind("electricity", "connection"),
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
                Kind("electricity", "connection"),
            )
        },
        conversion_factors={upstream: 1.0, billed: 1.0, hub: 1.0 - element.loss},
    )


def _transformer(
    book: Book, element: NetworkElement, assets: Assets, buses: dict[str, solph.Bus]
) -> Iterator[Node]:
    """Both directions draw on one capacity, which stands on a bus of its own.

    ``capacity -> step_down`` and ``capacity -> step_up`` are pinned to the power through the
    transformer, so that down + up + unused = existing + new, and reinforcement serves both
    directions. What a transformer can carry it can carry in every hour: the capacity is a fixed
    flow, and one decision instead of one an hour.
    """
    high, low = buses[element.from_bus], buses[element.to_bus]
    zone = element.to_bus.removesuffix("_20kv")
    capacity = solph.Bus(label=f"{element.element}_capacity")
    kind = Kind("transformer_capacity", "transformer", zone=zone, unit="MW of capacity")
    yield capacity
    asset = assets.get("transformer", zone)
    always = np.ones(book.hours)
    for label, size in _transformer_sizes(book, element, asset, capacity.label):
        flow = book.flow(label, capacity.label, kind, nominal_capacity=size, fix=always)
        yield solph.components.Source(label=label, outputs={capacity: flow})
    unused = f"{element.element}_unused"
    idle = book.flow(capacity.label, unused, kind)
    yield solph.components.Sink(label=unused, inputs={capacity: idle})
    for label, source, target in (
        (f"{zone}_step_down", high, low),
        (f"{zone}_step_up", low, high),
    ):
        yield solph.components.Converter(
            label=label,
            inputs={
                source: book.flow(
                    source.label,
                    label,
                    Kind("electricity", "transformer", zone=zone),
                ),
                capacity: book.flow(capacity.label, label, kind),
            },
            outputs={
                target: book.flow(
                    label,
                    target.label,
                    Kind("electricity", "transformer", zone=zone),
                )
            },
            conversion_factors={source: 1.0, capacity: 1.0, target: 1.0 - element.loss},
        )


def _transformer_sizes(
    book: Book, element: NetworkElement, asset: AssetBounds | None, bus: str
) -> Iterator[tuple[str, float | solph.Investment]]:
    """Label and size of what gives a transformer its capacity."""
    label = element.element
    if asset is None:
        yield label, element.capacity
        return
    yield label, book.invest_on_stock(asset, (label, bus))
    if asset.bridge_upper > 0:
        bridge = f"{label}_bridge"
        yield bridge, book.invest(asset, "bridge", (bridge, bus))


def _tie(
    book: Book, element: NetworkElement, buses: dict[str, solph.Bus]
) -> Iterator[solph.components.Converter]:
    """A controllable tie between two zones; each direction is limited at its input."""
    ends = (element.from_bus, element.to_bus)
    for source, target in (ends, ends[::-1]):
        zone = source.removesuffix("_20kv")
        label = f"{element.element}_{zone}_to_{target.removesuffix('_20kv')}"
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
