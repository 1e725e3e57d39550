"""Loads on a network, each with its own shape."""

from __future__ import annotations

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.coordinates import Coordinates


class Load(Component):
    """What a consumer takes from a bus, hour by hour as it comes: power, and heat of a network."""

    name = "load"
    side = "demand"
    conflict = "it is served in each hour, or shed at the value of lost load"

    def nodes(self, s: Slice) -> Nodes:
        """A sink for each load."""
        for load in s.inputs.loads:
            bus = s.inputs.bus_of(load.zone, load.carrier)
            if not bus:
                continue  # the equipment of a duty serves it
            yield s.registry.sink(
                (load.load, load.zone),
                s.buses[bus],
                Coordinates("load", zone=load.zone, sector=load.sector, customer=load.load),
                *load.rows,
                final_energy=1,
                nominal_capacity=1.0,
                fix=s.profiles.load(load.profile, load.energy),
            )
