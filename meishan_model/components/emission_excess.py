"""Emissions above the cap of the trajectory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge, Emission
from meishan_model.components.yearly import yearly_nodes

if TYPE_CHECKING:
    from oemof.network import Node


class EmissionExcess(Component):
    """What exceeds the cap, at a penalty: a finding, not a way out."""

    name = "emission_excess"
    side = "trade"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """One excess, where the scenario asks for neutrality."""
        if s.inputs.scenario.neutrality:
            price = s.inputs.parameters["emission_excess_penalty"]
            yield from yearly_nodes(
                s,
                self.name,
                Coordinates("excess", unit="tCO2/h"),
                most=float("inf"),
                charge=Charge("gap", self.name, price),
                emission=Emission("gap", self.name, 1.0),
            )
