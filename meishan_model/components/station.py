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

import numpy as np

from meishan_model.components.base import Bus, Component, Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Decision, row_of_element
from meishan_model.sheets.equipment import NetworkElement
from meishan_model.sheets.kinds import NetworkKind, TechnologyKind
from meishan_model.sheets.views import View

CAPACITY = "transformer_capacity"
"""Carrier of the buses on which capacity is drawn."""
_TRANSFORMER = View("grid and ties", "", "transformer", "变压器", "grid")
_LINE = View("grid and ties", "", "supply line", "供电线路", "grid")


class Station(Component):
    """The transformers of a zone in series with the line that feeds them."""

    name = "transformer"
    side = "demand"
    kinds = (
        TechnologyKind("transformer", is_bridged=True, view=_TRANSFORMER),
        TechnologyKind("supply_line", is_bridged=True, view=_LINE),
    )
    network = (
        NetworkKind("transformer", "transformer", "transformer", _TRANSFORMER, ways="both"),
        NetworkKind("supply_line", "line", "supply_line", _LINE, ways="both"),
    )
    conflict = (
        "power and what loads feed back pass the transformers of a zone and the line before them"
    )

    def nodes(self, s: Slice) -> Nodes:
        """The nodes of every station."""
        lines = {e.to_bus: e for e in s.inputs.network if e.kind.function == "line"}
        for element in s.inputs.network:
            if element.kind.function == "transformer":
                yield from _station(s, element, lines.get(element.to_bus))


def _station(s: Slice, transformer: NetworkElement, line: NetworkElement | None) -> Nodes:
    """The nodes of a station.

    Where no line is given, or where it carries as it stands whatever the transformers could
    become, they alone limit the power.
    """
    registry, assets, buses, always = s.registry, s.assets, s.buses, np.ones(s.registry.steps)
    zone = s.inputs.bus_named(transformer.to_bus).zone
    technology = transformer.shown_as
    asset = assets.get(transformer.technology, zone)
    parts = [(transformer, asset)]
    # All that may ever stand in the slice.
    most = transformer.capacity if asset is None else asset.owned + asset.upper + asset.bridge
    if line is not None and most > line.capacity:
        parts.append((line, assets.get(line.technology, zone)))
    kind = Coordinates("capacity", technology, zone, unit="MW of capacity")
    rooms: list[tuple[tuple[str, ...], Bus]] = []
    for element, own in parts:
        room = s.make_bus((element.element, "capacity"), CAPACITY, row_of_element(element))
        yield from s.capacity(element, own, room, kind.but(asset=element.element))
        rooms.append(((element.element,), room))
    _, drawn = rooms[-1]
    if len(rooms) > 1:
        drawn = s.make_bus((zone, "station", "capacity"), CAPACITY)
        # The station's capacity draws on that of both its parts; it is one decision too.
        yield registry.converter(
            (zone, "station"),
            inputs={room: kind for _, room in rooms},
            outputs={drawn: (kind, {"decides": Decision(upper=most), "fix": always})},
        )
        rooms.append(((zone, "station"), drawn))
    for title, room in rooms:
        # Capacity that is left: the station's differs by the hour, a part's beyond it does not.
        left, unused = kind.but(asset="_".join(title)), (*title, "unused")
        if room is drawn:
            yield registry.sink(unused, room, left)
        else:
            yield registry.sink(unused, room, left, decides=Decision(), fix=always)
    # Where it limits or not, the line lies in series: what it loses is lost.
    passed = (1.0 - transformer.loss) * (1.0 - (line.loss if line is not None else 0.0))
    rows = tuple(row_of_element(e) for e in (transformer, line) if e is not None)
    high, low = buses[transformer.from_bus], buses[transformer.to_bus]
    for way, (source, target) in (("down", (high, low)), ("up", (low, high))):
        power = Coordinates("transport", technology, zone, transformer.element)
        # Each MW that enters takes a MW of the capacity.
        yield registry.converter(
            (zone, f"step_{way}"),
            *rows,
            inputs={source: power, drawn: kind},
            outputs={target: power},
            factors={target: passed},
        )
