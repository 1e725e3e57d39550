"""Fleets: yard trucks, yard machines, cars, buses, heavy trucks, each by drivetrain.

A fleet has a service to perform [km/h or h/h]; a vehicle of any drivetrain takes the same share of
it in every hour. The fleet's profile says when its energy is taken.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from oemof import solph
from oemof.network import Node

from meishan_model.components.assets import Assets
from meishan_model.components.duty import Duty, duty_nodes, equipment, split
from meishan_model.components.flows import Registry
from meishan_model.series.build import Profiles
from meishan_model.sheets.buses import bus_of_zone
from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.sheets.records import Fleet, SliceInputs


def fleet_nodes(
    registry: Registry,
    inputs: SliceInputs,
    profiles: Profiles,
    assets: Assets,
    buses: dict[str, solph.Bus],
) -> Iterator[Node]:
    """Service of each fleet and its drivetrains; the service buses are added to ``buses``.

    Parameters
    ----------
    registry, inputs, profiles, assets
        Registry, inputs, series and assets of the slice.
    buses
        Electricity and fuel buses by label.
    """
    lost = inputs.parameters["value_of_lost_load"]
    parts = (
        (fleet, duty)
        for fleet in inputs.fleets
        for duty in split(fleet_duty(fleet, profiles), inputs.mix.get(fleet.fleet, {}))
    )
    for fleet, duty in parts:
        bus = buses[duty.name] = registry.bus(duty.name, *duty.rows)
        # Undone service is priced as the energy of the drivetrain that needs most of it.
        yield from duty_nodes(
            registry, duty, bus, lost, mwh_per_unit=max(fleet.energy_use.values())
        )
        for name, energy_use in fleet.energy_use.items():
            technology, asset = inputs.technologies[name], assets.get(name, fleet.zone)
            if asset is None or not duty.open_to(name):
                continue
            electric = technology.carrier_in == "electricity"
            fuel = bus_of_zone(fleet.zone) if electric else technology.carrier_in
            yield from equipment(
                registry,
                duty,
                bus,
                asset,
                fuel=buses[fuel],
                fuel_carrier=technology.carrier_in,
                efficiency=1.0 / energy_use,
            )


def fleet_duty(fleet: Fleet, profiles: Profiles) -> Duty:
    """The service of a fleet; a unit of capacity is one vehicle."""
    shape = profiles.shapes[fleet.profile]
    return Duty(
        name=f"{fleet.fleet}_service",
        carrier=f"{fleet.fleet}_service",
        zone=fleet.zone,
        sector=fleet.sector,
        unit="km/h or h/h",
        unit_profile=np.asarray(fleet.annual_use / HOURS_OF_YEAR * shape),
        demand=np.asarray(fleet.service / HOURS_OF_YEAR * shape),
        rows=(("fleets", fleet.fleet),),
    )
