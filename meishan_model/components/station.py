r"""A station: the transformers of a zone and the 110 kV line that feeds them.

Both directions of the power draw on one capacity :math:`S` on a bus of its own. Line and
transformers lie in series, so the least of them is the station's, and each is reinforced for
itself:

.. math::

    P_{down}(t) + P_{up}(t) \le S \le \min(T + n_T, \; L + n_L)

with what stands (:math:`T, L`) and what is built (:math:`n_T, n_L`) [MW at n-1]. What can be
carried in one hour can be carried in all: the capacities are fixed flows, one decision each
instead of one an hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from oemof import solph
from oemof.network import Node

from meishan_model.components.assets import AssetBounds, Assets
from meishan_model.components.book import Book, Kind
from meishan_model.sheets.buses import zone_of_bus
from meishan_model.sheets.records import NetworkElement

TRANSFORMER, SUPPLY_LINE = "transformer", "supply_line"
"""Kinds of elements in a station, and the technologies of their assets."""


def directions_of(zone: str) -> tuple[str, str]:
    """Labels of what passes power down to a zone, and up from it."""
    return f"{zone}_step_down", f"{zone}_step_up"


def station(
    book: Book,
    transformer: NetworkElement,
    line: NetworkElement | None,
    assets: Assets,
    buses: Mapping[str, solph.Bus],
) -> Iterator[Node]:
    """The nodes of a station.

    Parameters
    ----------
    book, assets
        Book and assets of the slice.
    transformer
        The transformers between the 110 kV bus and the 20 kV bus of a zone.
    line
        The line that feeds them. Where none is given, or where it carries as it stands whatever
        the transformers could become, they alone limit the power.
    buses
        Electricity buses by label.
    """
    zone = zone_of_bus(transformer.to_bus)
    asset = assets.get(TRANSFORMER, zone)
    parts = [(transformer, asset)]
    most = transformer.capacity if asset is None else _most(asset)
    if line is not None and most > line.capacity:
        parts.append((line, assets.get(SUPPLY_LINE, zone)))
    rooms = [solph.Bus(label=f"{element.element}_capacity") for element, _ in parts]
    for (element, asset), room in zip(parts, rooms, strict=True):
        yield from _capacity(book, element, asset, room, zone)
    if len(rooms) > 1:
        rooms.append(solph.Bus(label=f"{zone}_station_capacity"))
        yield _least(book, rooms, zone, most)
    yield from rooms
    for room in rooms:
        yield _unused(book, room, zone, hourly=room is rooms[-1])
    # Where it limits or not, the line lies in series: what it loses is lost.
    passed = (1.0 - transformer.loss) * (1.0 - (line.loss if line is not None else 0.0))
    high, low = buses[transformer.from_bus], buses[transformer.to_bus]
    for label, ends in zip(directions_of(zone), ((high, low), (low, high)), strict=True):
        yield _direction(book, label, ends, rooms[-1], zone, passed)


def _unused(book: Book, room: solph.Bus, zone: str, *, hourly: bool) -> solph.components.Sink:
    """Capacity that is left: the station's differs by the hour, a part's beyond it does not."""
    label = f"{room.label.removesuffix('_capacity')}_unused"
    if hourly:
        idle = book.flow(room.label, label, _kind(zone))
    else:
        idle = _steady(book, room.label, label, zone, solph.Investment())
    return solph.components.Sink(label=label, inputs={room: idle})


def _direction(
    book: Book,
    label: str,
    ends: tuple[solph.Bus, solph.Bus],
    room: solph.Bus,
    zone: str,
    passed: float,
) -> solph.components.Converter:
    """Power from one end to the other; each MW that enters takes a MW of the capacity."""
    source, target = ends
    power = Kind("electricity", TRANSFORMER, zone=zone)
    return solph.components.Converter(
        label=label,
        inputs={
            source: book.flow(source.label, label, power),
            room: book.flow(room.label, label, _kind(zone)),
        },
        outputs={target: book.flow(label, target.label, power)},
        conversion_factors={source: 1.0, room: 1.0, target: passed},
    )


def _kind(zone: str) -> Kind:
    return Kind("transformer_capacity", TRANSFORMER, zone=zone, unit="MW of capacity")


def _steady(
    book: Book, source: str, target: str, zone: str, size: float | solph.Investment
) -> solph.Flow:
    """A flow of capacity, the same in all hours."""
    always = np.ones(book.hours)
    return book.flow(source, target, _kind(zone), nominal_capacity=size, fix=always)


def _most(asset: AssetBounds) -> float:
    """All that may ever stand of an asset in the slice [MW]."""
    return asset.owned + asset.upper + asset.bridge_upper


def _capacity(
    book: Book, element: NetworkElement, asset: AssetBounds | None, room: solph.Bus, zone: str
) -> Iterator[solph.components.Source]:
    """What gives transformers or a line their capacity: what stands, what is built, bridges."""
    label = element.element
    sizes: dict[str, float | solph.Investment] = {label: element.capacity}
    if asset is not None:
        sizes[label] = book.invest_on_stock(asset, (label, room.label))
        if asset.bridge_upper > 0:
            bridge = f"{label}_bridge"
            sizes[bridge] = book.invest(asset, "bridge", (bridge, room.label))
    for source, size in sizes.items():
        flow = _steady(book, source, room.label, zone, size)
        yield solph.components.Source(label=source, outputs={room: flow})


def _least(
    book: Book, rooms: list[solph.Bus], zone: str, most: float
) -> solph.components.Converter:
    """The station's capacity draws on that of both its parts; it is one decision too."""
    *parts, own = rooms
    label = f"{zone}_station"
    whole = _steady(book, label, own.label, zone, solph.Investment(maximum=most))
    return solph.components.Converter(
        label=label,
        inputs={part: book.flow(part.label, label, _kind(zone)) for part in parts},
        outputs={own: whole},
        conversion_factors=dict.fromkeys(rooms, 1.0),
    )
