"""Controllable ties between two zones, such as a DC link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import row_of_element
from meishan_model.sheets.kinds import NetworkKind
from meishan_model.sheets.views import View

if TYPE_CHECKING:
    from oemof.network import Node


class Tie(Component):
    """A link that carries power both ways; each direction is limited at its input."""

    name = "dc_tie"
    side = "demand"
    network = (
        NetworkKind(
            "dc_tie", "tie", view=View("grid and ties", "", "direct current tie", "直流联络")
        ),
    )
    conflict = "a tie carries no more than its capacity each way"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """A converter for each direction of every tie."""
        from oemof import solph

        registry = s.registry
        for element in (e for e in s.inputs.network if e.kind.name == self.name):
            ends = (element.from_bus, element.to_bus)
            for names in (ends, ends[::-1]):
                source, target = (s.buses[name] for name in names)
                zones = [s.inputs.bus_named(name).zone for name in names]
                title = (element.element, zones[0], "to", zones[1])
                label = registry.node(title, row_of_element(element))
                power = Coordinates(
                    "transport", element.kind.name, zones[0], asset=element.element
                )
                sent = registry.flow(source, label, power, nominal_capacity=element.capacity)
                yield solph.components.Converter(
                    label=label,
                    inputs={source: sent},
                    outputs={target: registry.flow(label, target, power)},
                    conversion_factors={target: 1.0 - element.loss},
                )
