r"""Lines and pipes between two buses of one carrier.

Of what enters, the share :math:`l` is lost. What enters is limited by the capacity :math:`K`, each
way for itself; where more of it, :math:`n`, can be built, both ways draw on one capacity:

.. math::

    P_{out}(t) = (1 - l) \, P_{in}(t), \qquad P_{in}(t) \le K \quad \text{or} \quad
    P_{forth}(t) + P_{back}(t) \le K + n
"""

from __future__ import annotations

from meishan_model.components.base import Bus, Component, Node, Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Ends, row_of_element
from meishan_model.sheets.equipment import NetworkElement
from meishan_model.sheets.kinds import NetworkKind, TechnologyKind, Ways
from meishan_model.sheets.views import View

LINK_CAPACITY = "link_capacity"
"""Carrier of the buses on which capacity is drawn."""
_KINDS: tuple[tuple[str, str, Ways, str, str], ...] = (
    ("link", "link", "both", "link", "联络线"),
    ("pipe", "pipe", "both", "pipe", "管道"),
    ("one_way_link", "link", "forth", "one-way link", "单向联络线"),
    ("one_way_pipe", "pipe", "forth", "one-way pipe", "单向管道"),
)


class Transport(Component):
    """What carries power, heat, gas or anything else from bus to bus, both ways or one way."""

    name = "transport"
    side = "demand"
    kinds = tuple(
        TechnologyKind(name, is_bridged=True, view=View("grid and ties", "", en, zh, "grid"))
        for name, technology, _, en, zh in _KINDS
        if name == technology
    )
    network = tuple(
        NetworkKind(name, "transport", technology, View("grid and ties", "", en, zh), ways)
        for name, technology, ways, en, zh in _KINDS
    )
    conflict = "no more enters a link or pipe than its capacity"

    def nodes(self, s: Slice) -> Nodes:
        """Every link and pipe."""
        for element in s.inputs.network:
            if element.kind.function == "transport":
                yield from _element(s, element)


def _element(s: Slice, element: NetworkElement) -> Nodes:
    """A converter for each way, and what gives both their capacity where it can be built."""
    zone, row = s.inputs.bus_named(element.to_bus).zone, row_of_element(element)
    asset = s.assets.get(element.technology, zone)
    drawn = None
    if asset is not None:
        drawn = s.make_bus((element.element, "capacity"), LINK_CAPACITY, row)
        what = _capacity(s, element)
        yield from s.capacity(element, asset, drawn, what)
        yield s.registry.sink((element.element, "unused"), drawn, what)
    forth = element.from_bus, element.to_bus
    yield _way(s, element, *forth, drawn)
    if element.kind.ways == "both":
        yield _way(s, element, *forth[::-1], drawn)


def _way(s: Slice, element: NetworkElement, start: str, end: str, drawn: Bus | None) -> Node:
    """What goes from one bus to the other; each unit that enters draws one of the capacity."""
    source, target = s.buses[start], s.buses[end]
    sender, receiver = s.inputs.bus_named(start), s.inputs.bus_named(end)
    sent = Coordinates("transport", element.shown_as, sender.zone, asset=element.element)
    inputs: Ends = {source: (sent, {"nominal_capacity": element.capacity})}
    if drawn is not None:
        inputs = {source: sent, drawn: _capacity(s, element)}
    return s.registry.converter(
        (element.element, sender.place, "to", receiver.place),
        row_of_element(element),
        inputs=inputs,
        outputs={target: sent},
        factors={target: 1.0 - element.loss},
    )


def _capacity(s: Slice, element: NetworkElement) -> Coordinates:
    receiver = s.inputs.bus_named(element.to_bus)
    unit = f"{s.inputs.flow_units.get(receiver.carrier, 'MW')} of capacity"
    return Coordinates("capacity", element.shown_as, receiver.zone, element.element, unit=unit)
