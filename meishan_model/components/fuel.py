"""Fuels: their supply."""

from __future__ import annotations

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge
from meishan_model.components.purchase import carbon_of


class FuelSupply(Component):
    """What is bought at a price where it is used, fuels above all; its supply emits.

    Each such carrier has one bus for the whole park, which has its name.
    """

    name = "fuel_supply"
    side = "network"

    def nodes(self, s: Slice) -> Nodes:
        """The supply of every carrier that some equipment takes without a network of it."""
        inputs = s.inputs
        for carrier in inputs.fuels:
            emissions, charges = carbon_of(s, carrier)
            yield s.registry.source(
                (carrier, "supply"),
                s.make_bus(carrier, carrier),
                Coordinates("fuel"),
                charges=(Charge("fuel", carrier, inputs.prices[carrier]), *charges),
                emissions=emissions,
            )
