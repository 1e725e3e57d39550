"""Fleets: yard trucks, stackers, cars, buses, heavy trucks, each by drivetrain.

A fleet has a service to perform [km/h or h/h]; a vehicle of any drivetrain takes the same share of
it in every hour. The fleet's profile says when its energy is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.duty import Duty, duty_nodes, equipment_on_duty
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.records import Fleet, SliceInputs
from meishan_model.sheets.units import HOURS_OF_YEAR
from meishan_model.sheets.views import View


class VehicleFleet(Component):
    """A service that vehicles of several drivetrains can perform."""

    name = "vehicle_fleet"
    side = "demand"
    kinds = (
        TechnologyKind(
            "drivetrain",
            is_bridged=True,
            lever="duty",
            view=View("electric equipment", "", "vehicles", "车辆", "vehicles"),
        ),
    )
    conflict = "the vehicles of a fleet perform just its service in each hour"

    def views(self, inputs: SliceInputs) -> Iterator[tuple[str, View]]:
        """Every drivetrain, and the service of each fleet, which is called by the fleet.

        Figures have a panel for each service, in which a drivetrain is told by its carrier.
        """
        for name, view in super().views(inputs):
            technology = inputs.technologies[name]
            service, drive = technology.carrier_out, technology.carrier_in
            yield name, replace(view, panel=service, stands_for=drive)
        for fleet in inputs.fleets:
            name_zh = inputs.names.get(fleet.fleet, View()).name_zh or fleet.fleet
            yield f"{fleet.fleet}_service", View(name_zh=f"{name_zh}·服务")

    def nodes(self, s: Slice) -> Nodes:
        """The service of each fleet, and its vehicles by drivetrain."""
        before = len(s.duties)
        for fleet in s.inputs.fleets:
            yield from duty_nodes(
                s, fleet_duty(fleet, s.profiles), s.inputs.mix.get(fleet.fleet, {})
            )
        for duty in s.duties[before:]:
            for name in duty.energy_use:
                yield from equipment_on_duty(s, duty, s.inputs.technologies[name])


def fleet_duty(fleet: Fleet, profiles: Profiles) -> Duty:
    """The service of a fleet; a unit of capacity is one vehicle."""
    shape = profiles.shapes[fleet.profile]
    return Duty(
        words=(fleet.fleet, "service"),
        carrier=f"{fleet.fleet}_service",
        zone=fleet.zone,
        sector=fleet.sector,
        unit="km/h or h/h",
        unit_profile=np.asarray(fleet.annual_use / HOURS_OF_YEAR * shape),
        demand=np.asarray(fleet.service / HOURS_OF_YEAR * shape),
        rows=(("fleets", fleet.fleet),),
        energy_use=fleet.energy_use,
        payer=fleet.payer,
    )
