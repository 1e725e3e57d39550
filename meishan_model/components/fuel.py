"""Fuels: their supply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice, carbon_charges
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge, Emission
from meishan_model.errors import Fault, InputError
from meishan_model.sheets.records import SliceInputs

if TYPE_CHECKING:
    from oemof.network import Node


def fuel_carriers(inputs: SliceInputs) -> tuple[str, ...]:
    """Every fuel that equipment takes without a network of it; each has a bus of its name.

    Raises
    ------
    InputError
        If a fuel has no price or no emission factor.
    """
    networks = {bus.carrier for bus in inputs.buses}
    burnt = {
        t.carrier_in: t.technology
        for t in inputs.technologies.values()
        if t.carrier_in and t.carrier_in not in networks
    }
    faults = [
        Fault(f"{sheet}.csv", f"{user} burns {carrier}, which has no row", remedy="add the row")
        for carrier, user in burnt.items()
        for sheet, known in (
            ("prices", inputs.prices),
            ("emission_factors", inputs.factors.scope1),
        )
        if carrier not in known
    ]
    if faults:
        raise InputError(faults)
    return tuple(burnt)


class FuelSupply(Component):
    """Fuel that is bought at a price; what it emits stands on its supply."""

    name = "fuel_supply"
    side = "network"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """The supply of every fuel that some equipment burns."""
        inputs = s.inputs
        for carrier in fuel_carriers(inputs):
            factor = inputs.factors.scope1[carrier]
            outside = carrier in inputs.reported_fuels
            charges: tuple[Charge, ...] = (Charge("fuel", carrier, inputs.prices[carrier]),)
            if not outside:
                charges += carbon_charges(inputs, carrier, factor, factor)
            scope = "scope3_reported" if outside else "scope1"
            yield s.registry.source(
                (carrier, "supply"),
                s.make_bus(carrier),
                Coordinates("fuel", carrier),
                charges=charges,
                emissions=(Emission(scope, carrier, factor),),
            )
