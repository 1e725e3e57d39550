r"""Lines and pipes between two buses of one carrier.

Of what enters, the share :math:`l` is lost; what enters is limited by the capacity :math:`K`, each
way for itself:

.. math::

    P_{out}(t) = (1 - l) \, P_{in}(t), \qquad 0 \le P_{in}(t) \le K
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import row_of_element
from meishan_model.sheets.kinds import NetworkKind, Ways
from meishan_model.sheets.records import NetworkElement
from meishan_model.sheets.views import View

if TYPE_CHECKING:
    from oemof import solph
    from oemof.network import Node


_KINDS: tuple[tuple[str, Ways, str, str], ...] = (
    ("link", "both", "link", "联络线"),
    ("pipe", "both", "pipe", "管道"),
    ("one_way_link", "forth", "one-way link", "单向联络线"),
    ("one_way_pipe", "forth", "one-way pipe", "单向管道"),
)


class Transport(Component):
    """What carries power, heat, gas or anything else from bus to bus, both ways or one way."""

    name = "transport"
    side = "demand"
    network = tuple(
        NetworkKind(name, "transport", way, view=View("grid and ties", "", en, zh))
        for name, way, en, zh in _KINDS
    )
    conflict = "no more enters a link or pipe than its capacity"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """A converter for each way of every link and pipe."""
        for element in (e for e in s.inputs.network if e.kind.function == "transport"):
            forth = element.from_bus, element.to_bus
            for ends in (forth, forth[::-1]) if element.kind.ways == "both" else (forth,):
                yield _way(s, element, *ends)


def _way(s: Slice, element: NetworkElement, start: str, end: str) -> solph.components.Converter:
    """What goes from one bus to the other."""
    from oemof import solph

    source, target = s.buses[start], s.buses[end]
    sender, receiver = s.inputs.bus_named(start), s.inputs.bus_named(end)
    title = (element.element, sender.place, "to", receiver.place)
    label = s.registry.node(title, row_of_element(element))
    sent = Coordinates("transport", element.kind.name, sender.zone, asset=element.element)
    capacity = element.capacity
    return solph.components.Converter(
        label=label,
        inputs={source: s.registry.flow(source, label, sent, nominal_capacity=capacity)},
        outputs={target: s.registry.flow(label, target, sent)},
        conversion_factors={target: 1.0 - element.loss},
    )
