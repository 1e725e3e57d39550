r"""Loads that can wait, and vehicles that stand at their charger: the resources of flexibility.

A *flexible load* is a store beside the load, as full at the end as at the start. Taking out power
is load that is put off, putting it in is load that is made up for, before or after:

.. math::

    E(t) &= (1 - \delta) E(t-1) + \eta \, P_{up}(t) - P_{down}(t) \\
    P_{down}(t) &\le \min(a(t), 1) \, P, \quad P_{up}(t) \le P, \quad 0 \le E(t) \le h \, P

with the power :math:`P` that takes part [MW], its availability :math:`a(t)` (the shape of the
load), the duration :math:`h` [h], the recovery efficiency :math:`\eta` and the standing loss
:math:`\delta` [1/h], zero where the sheet has none. Participants are paid for what they put off
[CNY/MWh].

A *reefer* holds cold in its cargo of heat capacity :math:`C` [kWh/K] within a comfort band
:math:`\Delta T` [K]: :math:`E` is the distance from its warm end in electricity, and what is
colder takes up more heat through the walls of :math:`UA` [kW/K]. With the coefficient of
performance :math:`\varepsilon` and the mean power :math:`P_1` [kW] of a box

.. math::  h = \frac{C \, \Delta T}{\varepsilon \, P_1}, \qquad \delta = \frac{UA}{C}

and its load, so its availability, follows the boxes plugged in and the temperature outside. A
*swap station* charges spare batteries before or after the trucks swap them: :math:`a(t)` is the
work of the trucks and :math:`h` the content of the spare batteries over the mean charging.

*Vehicles* are the batteries of those of a fleet that take part. The duty of the fleet holds their
charging as the drivers would do it, :math:`u(t)`, so the store beside it holds the difference that
smart charging makes. A vehicle is plugged in during the share :math:`a(t)` of the hour; what it
drives leaves its battery in the hours away, each day as much as it charges on that day:

.. math::

    d(t) &= \frac{1 - a(t)}{\sum_{day} (1 - a)} \sum_{day} u, \qquad
    C(t) = C(t-1) + u(t) - d(t), \quad \max_t C(t) = B \\
    S(t) &= S(t-1) + P_{up}(t) - P_{down}(t) / \eta \\
    P_{up}(t) &\le N \max(a(t) p_c - u(t), 0), \quad
    P_{down}(t) \le N (u(t) + a(t) p_d) \\
    rB &\le C(t) + S(t) / N - (1 - r) B \le B

with the number :math:`N` of vehicles, battery :math:`B` [MWh], reserve :math:`r`, charger
:math:`p_c` and feeding back :math:`p_d` [MW per vehicle] and the efficiency of the round trip
:math:`\eta`. :math:`C + S/N - (1-r)B` is what is in the battery; :math:`S`, the content of the
store, is never negative. With :math:`p_d = 0` nothing is fed back: charging is put off only. All
energies are those at the charger. Charging that is put off pays the round trip too, as it goes
through the same flow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from oemof import solph

from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge, Registry
from meishan_model.errors import Fault, InputError
from meishan_model.series.build import Profiles
from meishan_model.sheets.buses import bus_of_zone
from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.sheets.records import FLEXIBLE, AssetLimit, Fleet, SliceInputs, Technology

HOURS_OF_DAY = 24


def flexibility_nodes(
    registry: Registry, inputs: SliceInputs, profiles: Profiles, buses: dict[str, solph.Bus]
) -> Iterator[solph.components.GenericStorage]:
    """Every flexible load and every vehicle battery that ``assets.csv`` gives a potential.

    Parameters
    ----------
    registry, inputs, profiles
        Registry, inputs and series of the slice.
    buses
        Electricity buses by label.
    """
    for limit in inputs.assets:
        technology = inputs.technologies[limit.technology]
        if not limit.potential:
            continue
        bus, size = buses[bus_of_zone(limit.zone)], 0.0
        if technology.part in FLEXIBLE:
            size = participants(inputs, limit)
        if size > 0 and technology.part == "flexible_load":
            shape = profiles.shapes[technology.profile or "flat"]
            yield _waiting_load(registry, limit, size, technology, shape, bus)
        elif size > 0:
            batteries = vehicle_batteries(technology, fleet_of(inputs, limit), profiles)
            yield _vehicles(registry, limit, size, technology, batteries, bus)


def _waiting_load(
    registry: Registry,
    limit: AssetLimit,
    power: float,
    technology: Technology,
    shape: NDArray[np.float64],
    bus: solph.Bus,
) -> solph.components.GenericStorage:
    values = technology.parameters
    label, kind = _resource(registry, limit)
    return solph.components.GenericStorage(
        label=label,
        inputs={bus: registry.flow(bus, label, kind, nominal_capacity=power)},
        outputs={
            bus: registry.flow(
                label,
                bus,
                kind,
                charges=(Charge("flexibility", limit.technology, values["payment"]),),
                nominal_capacity=power,
                maximum=np.minimum(shape, 1.0),
            )
        },
        nominal_capacity=power * values["duration"],
        loss_rate=values.get("standing_loss", 0.0),
        inflow_conversion_factor=values["recovery_efficiency"],
        balanced=True,
    )


def _resource(registry: Registry, limit: AssetLimit) -> tuple[str, Coordinates]:
    """Label of the store of a flexible load or of vehicle batteries, and what its flows are."""
    name = resource_name(limit)
    label = registry.node(name, ("assets", limit.technology, limit.zone))
    return label, Coordinates("shift", "electricity", limit.technology, limit.zone, name)


def resource_name(limit: AssetLimit) -> str:
    """Name of a flexible load, or of the batteries of vehicles in a zone."""
    return f"{limit.technology}_{limit.zone}"


@dataclass(frozen=True)
class VehicleBatteries:
    """What the battery of one vehicle can do; energies and powers at the charger.

    Attributes
    ----------
    up, down
        Greatest additional charging, and greatest charging put off or fed back [MW], (hours,).
    least, most
        Bounds of the content of the store [MWh], (hours + 1,).
    uncontrolled
        What is in the battery without smart charging [MWh], (hours + 1,).
    """

    up: NDArray[np.float64]
    down: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    uncontrolled: NDArray[np.float64]


def fleet_of(inputs: SliceInputs, limit: AssetLimit) -> Fleet:
    """The fleet in the zone whose vehicles the technology names as its ``model``.

    Raises
    ------
    InputError
        If the zone has no such fleet.
    """
    fleets = inputs.fleets_of(limit)
    if fleets:
        return fleets[0]
    drivetrain = inputs.technologies[limit.technology].model
    message = (
        f"{limit.technology} is of {drivetrain or 'no drivetrain'}, but no fleet has it there"
    )
    remedy = "name a drivetrain of fleets.csv as model in technologies.csv, or take another zone"
    raise InputError([Fault("assets.csv", message, None, "zone", limit.zone, remedy)])


def participants(inputs: SliceInputs, limit: AssetLimit) -> float:
    """Vehicles, or power [MW], that take part in a resource.

    Its potential; where the mix of the fleet whose drivetrain it names is held, no more than there
    is of it: its vehicles, or their mean charging.
    """
    potential, technology = limit.potential or 0.0, inputs.technologies[limit.technology]
    if not technology.model:
        return potential
    fleet, drivetrain = fleet_of(inputs, limit), technology.model
    mix = inputs.mix.get(fleet.fleet)
    if mix is None:
        return potential
    batteries = technology.part == "vehicle_battery"
    whole = fleet.vehicles if batteries else fleet.mean_charging(drivetrain)
    return min(potential, mix.get(drivetrain, 0.0) * whole)


def vehicle_batteries(
    technology: Technology, fleet: Fleet, profiles: Profiles
) -> VehicleBatteries:
    """Limits of the battery of one vehicle in every hour, as the module's equations say.

    Parameters
    ----------
    technology
        Of the part ``vehicle_battery``; its profile is when vehicles are plugged in.
    fleet
        Its fleet.
    profiles
        Series of the slice.

    Raises
    ------
    InputError
        If a day's driving does not fit into the battery above its reserve.
    """
    values = technology.parameters
    battery, reserve = values["battery_capacity"], values["reserve"]
    plugged = values["plugged_in_share"] * profiles.shapes[technology.profile or "flat"]
    plugged = np.clip(plugged, 0.0, 1.0)
    yearly = fleet.annual_use * fleet.energy_use[technology.model]
    charged = yearly / HOURS_OF_YEAR * profiles.shapes[fleet.profile]
    change = np.concatenate([[0.0], np.cumsum(charged - _driven(charged, plugged))])
    content = battery - (change.max() - change)
    if content.min() < reserve * battery:
        message = f"{technology.technology}: a day's driving empties the battery below its reserve"
        used = f"{battery - content.min():.3f} MWh"
        remedy = "give a larger battery_capacity or a smaller reserve"
        place = "technology_parameters.csv"
        raise InputError([Fault(place, message, None, "parameter", used, remedy)])
    usable = (1.0 - reserve) * battery
    return VehicleBatteries(
        up=np.maximum(plugged * values["charger_power"] - charged, 0.0),
        down=charged + plugged * values["discharge_power"],
        least=reserve * battery + usable - content,
        most=battery + usable - content,
        uncontrolled=content,
    )


def _driven(charged: NDArray[np.float64], plugged: NDArray[np.float64]) -> NDArray[np.float64]:
    """Energy that leaves the battery in each hour: a day's charging, in the hours away."""
    away = (1.0 - plugged).reshape(-1, HOURS_OF_DAY)
    day = charged.reshape(-1, HOURS_OF_DAY).sum(axis=1, keepdims=True)
    total = away.sum(axis=1, keepdims=True)
    # Vehicles that never leave their chargers drive evenly through the day.
    share = np.divide(away, total, out=np.full_like(away, 1.0 / HOURS_OF_DAY), where=total > 0)
    return np.asarray(day * share).ravel()


def _vehicles(
    registry: Registry,
    limit: AssetLimit,
    number: float,
    technology: Technology,
    one: VehicleBatteries,
    bus: solph.Bus,
) -> solph.components.GenericStorage:
    values = technology.parameters
    label, kind = _resource(registry, limit)
    size = float(one.most.max())
    return solph.components.GenericStorage(
        label=label,
        inputs={bus: registry.flow(bus, label, kind, nominal_capacity=number, maximum=one.up)},
        outputs={
            bus: registry.flow(
                label,
                bus,
                kind,
                charges=(Charge("flexibility", limit.technology, values["payment"]),),
                nominal_capacity=number,
                maximum=one.down,
            )
        },
        nominal_capacity=number * size,
        min_storage_level=one.least / size,
        max_storage_level=one.most / size,
        outflow_conversion_factor=values["round_trip_efficiency"],
        balanced=True,
    )
