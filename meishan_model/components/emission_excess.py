"""Emissions above the cap of the trajectory."""

from __future__ import annotations

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.purchase import yearly_nodes


class EmissionExcess(Component):
    """What exceeds the cap, at a penalty: a finding, not a way out."""

    name = "emission_excess"
    side = "trade"

    def nodes(self, s: Slice) -> Nodes:
        """One excess, where the scenario asks for neutrality."""
        if s.inputs.scenario.neutrality:
            yield from yearly_nodes(
                s,
                self.name,
                Coordinates("excess", unit="tCO2/h"),
                most=float("inf"),
                cost=("gap", s.inputs.parameters["emission_excess_penalty"]),
                emission=("gap", 1.0),
            )
