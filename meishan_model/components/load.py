"""Loads on a network, each with its own shape, and what of them is not served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge, Title
from meishan_model.sheets.buses import ELECTRICITY

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
        others: dict[tuple[str, str], None] = {}
        for load in s.inputs.loads:
            bus, carrier = s.inputs.bus_of(load.zone, load.carrier), load.carrier
            if not bus:
                continue  # the equipment of a duty serves it
            if carrier != ELECTRICITY:
                others[load.zone, carrier] = None
            yield s.registry.sink(
                (load.load, load.zone),
                s.buses[bus],
                Coordinates(
                    *("load", carrier),
                    zone=load.zone,
                    sector=load.sector,
                    customer=load.load,
                    unit=s.inputs.flow_unit(carrier),
                ),
                *load.rows,
                energy=None if carrier in s.inputs.counted else (load.sector, carrier),
                nominal_capacity=1.0,
                fix=s.profiles.load(load.profile, load.energy),
            )
        for zone in s.inputs.zones:
            yield _shedding(s, ELECTRICITY, zone, (zone, "shedding"))
        for zone, carrier in others:
            yield _shedding(s, carrier, zone, (zone, carrier, "shedding"))


def _shedding(s: Slice, carrier: str, zone: str, title: Title) -> solph.components.Source:
    """What is not served of a carrier in a zone."""
    # Shed in the hour of a month's peak, a MWh saves that month's demand charge; it must not pay.
    lost = s.inputs.parameters["value_of_lost_load"] + s.inputs.prices["demand_charge"]
    return s.registry.source(
        title,
        s.bus_of(carrier, zone),
        Coordinates("shedding", carrier, zone=zone, unit=s.inputs.flow_unit(carrier)),
        charges=(Charge("shedding", zone, lost),),
    )
