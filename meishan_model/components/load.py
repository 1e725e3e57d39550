"""Electricity loads, each with its own shape, and what of them is not served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge

if TYPE_CHECKING:
    from oemof.network import Node


class Load(Component):
    """Electricity that a consumer takes, hour by hour as it comes."""

    name = "load"
    side = "demand"
    conflict = "it is served in each hour, or shed at the value of lost load"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """A sink for each load, and a source of what is shed in each zone."""
        for load in s.inputs.loads:
            if load.carrier == "electricity":
                yield s.registry.sink(
                    (load.load, load.zone),
                    s.bus_of("electricity", load.zone),
                    Coordinates(
                        "load",
                        "electricity",
                        zone=load.zone,
                        sector=load.sector,
                        customer=load.load,
                    ),
                    *load.rows,
                    energy=(load.sector, "electricity"),
                    nominal_capacity=1.0,
                    fix=s.profiles.load(load.profile, load.energy),
                )
        # Shed in the hour of a month's peak, a MWh saves that month's demand charge; it must not
        # pay.
        lost = s.inputs.parameters["value_of_lost_load"] + s.inputs.prices["demand_charge"]
        for zone in s.inputs.zones:
            yield s.registry.source(
                (zone, "shedding"),
                s.bus_of("electricity", zone),
                Coordinates("shedding", "electricity", zone=zone),
                charges=(Charge("shedding", zone, lost),),
            )
