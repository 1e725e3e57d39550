"""Fuels: their supply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice, carbon_charges
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge, Emission

if TYPE_CHECKING:
    from oemof.network import Node


class FuelSupply(Component):
    """Fuel that is bought at a price; what it emits stands on its supply."""

    name = "fuel_supply"
    side = "network"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """The supply of every fuel that some equipment burns, on a bus of its name."""
        inputs = s.inputs
        for carrier in inputs.fuels:
            factor = inputs.factors.scope1[carrier]
            outside = carrier in inputs.reported_fuels
            charges: tuple[Charge, ...] = (Charge("fuel", carrier, inputs.prices[carrier]),)
            if not outside:
                charges += carbon_charges(inputs, carrier, factor, factor)
            scope = "scope3_reported" if outside else "scope1"
            yield s.registry.source(
                (carrier, "supply"),
                s.make_bus(carrier, carrier),
                Coordinates("fuel"),
                charges=charges,
                emissions=(Emission(scope, carrier, factor),),
            )
