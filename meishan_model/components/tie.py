"""Controllable ties between two zones, such as a DC link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.station import row_of_element
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.views import View

if TYPE_CHECKING:
    from oemof.network import Node


class Tie(Component):
    """A link that carries power both ways; each direction is limited at its input."""

    name = "dc_tie"
    side = "demand"

    def views(self, inputs: SliceInputs) -> Iterator[tuple[str, View]]:
        """The kind of element in ``network.csv``."""
        if any(element.kind == self.name for element in inputs.network):
            yield self.name, View("grid and ties", "", "direct current tie", "直流联络")

    def nodes(self, s: Slice) -> Iterator[Node]:
        """A converter for each direction of every tie."""
        from oemof import solph

        registry = s.registry
        for element in (e for e in s.inputs.network if e.kind == self.name):
            ends = (element.from_bus, element.to_bus)
            for names in (ends, ends[::-1]):
                source, target = (s.buses[name] for name in names)
                zones = [s.inputs.bus_named(name).zone for name in names]
                title = (element.element, zones[0], "to", zones[1])
                label = registry.node(title, row_of_element(element))
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
