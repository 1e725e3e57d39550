"""Loads at a bus, each with its own shape, and what of them is not served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge

if TYPE_CHECKING:
    from oemof import solph
    from oemof.network import Node

    from meishan_model.sheets.buses import Bus


class Load(Component):
    """What a consumer takes from a bus of its zone, hour by hour as it comes."""

    name = "load"
    side = "demand"
    conflict = "it is served in each hour, or shed at the value of lost load"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """A sink for each load whose zone has a bus of its carrier, and what is shed there."""
        for load in s.inputs.loads:
            if name := s.inputs.bus_of(load.carrier, load.zone):
                yield s.registry.sink(
                    (load.load, load.zone),
                    s.buses[name],
                    Coordinates("load", zone=load.zone, sector=load.sector, customer=load.load),
                    *load.rows,
                    final_energy=1,
                    nominal_capacity=1.0,
                    fix=s.profiles.load(load.profile, load.energy),
                )
        for bus in s.inputs.buses:
            if bus.zone:
                yield _shedding(s, bus)


def _shedding(s: Slice, bus: Bus) -> solph.components.Source:
    """What of the demand at a bus is not served."""
    words: tuple[str, ...] = (bus.zone, bus.carrier)
    price = s.inputs.parameters["value_of_lost_load"]
    if bus.carrier == s.inputs.power_carrier:
        # Shed in the hour of a month's peak, a MWh saves that month's demand charge; it must not
        # pay.
        words, price = (bus.zone,), price + s.inputs.prices["demand_charge"]
    return s.registry.source(
        (*words, "shedding"),
        s.buses[bus.bus],
        Coordinates("shedding", zone=bus.zone),
        charges=(Charge("shedding", "_".join(words), price),),
    )
