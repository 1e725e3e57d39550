"""Loads on a network, each with its own shape, and what of them is not served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge

if TYPE_CHECKING:
    from oemof import solph
    from oemof.network import Node


class Load(Component):
    """What a consumer takes from a bus, hour by hour as it comes: power, and heat of a network."""

    name = "load"
    side = "demand"
    conflict = "it is served in each hour, or shed at the value of lost load"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """A sink for each load, and a source of what is shed of each carrier in each zone."""
        power = s.inputs.power_carrier
        served = [(zone, power) for zone in s.inputs.zones]
        for load in s.inputs.loads:
            bus = s.inputs.bus_of(load.zone, load.carrier)
            if not bus:
                continue  # the equipment of a duty serves it
            served.append((load.zone, load.carrier))
            yield s.registry.sink(
                (load.load, load.zone),
                s.buses[bus],
                Coordinates("load", zone=load.zone, sector=load.sector, customer=load.load),
                *load.rows,
                final_energy=1,
                nominal_capacity=1.0,
                fix=s.profiles.load(load.profile, load.energy),
            )
        for zone, carrier in dict.fromkeys(served):
            words = (zone,) if carrier == power else (zone, carrier)
            yield _shedding(s, carrier, zone, words)


def _shedding(
    s: Slice, carrier: str, zone: str, words: tuple[str, ...]
) -> solph.components.Source:
    """What is not served of a carrier in a zone."""
    # Shed in the hour of a month's peak, a MWh saves that month's demand charge; it must not pay.
    lost = s.inputs.parameters["value_of_lost_load"] + s.inputs.demand_charge
    return s.registry.source(
        (*words, "shedding"),
        s.bus_of(carrier, zone),
        Coordinates("shedding", zone=zone),
        charges=(Charge("shedding", "_".join(words), lost),),
    )
