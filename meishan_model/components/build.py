"""The components of a park put together into one graph."""

from __future__ import annotations

import math
from collections.abc import Collection

import pandas as pd

from meishan_model.components.assets import Assets
from meishan_model.components.base import Node, Slice
from meishan_model.components.catalogue import component_types
from meishan_model.components.coordinates import Coordinates, LimitMeaning
from meishan_model.components.flows import (
    CERTIFICATE_SURPLUS,
    NET_EMISSION,
    OFFSET,
    Charge,
    ParkGraph,
    Registry,
)
from meishan_model.errors import Fault, InputError
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.buses import Bus
from meishan_model.sheets.records import SliceInputs

MOST_STATUSES = 8760
"""Decisions on being on or off that one problem may have: one unit in a whole year.

Measured with gas engines of a small park with stores, on two busy cores: 504 (three units in a
week) end within 1e-4 after 24 s of processor time, 2016 (in four weeks) after 338 s; with 2184
(one unit in thirteen weeks) the gap is 4e-4 after eight minutes. What is larger seldom ends before
the limit of time; then the best that was found counts, and its gap is told.
"""


def build_park(
    inputs: SliceInputs, profiles: Profiles, assets: Assets, emission_cap: float
) -> ParkGraph:
    """Build the graph of one slice.

    Parameters
    ----------
    inputs, profiles
        The slice and its hourly series.
    assets
        What may be built, with bounds from the pathway.
    emission_cap
        Upper limit of net emissions [tCO2/a]; infinite where there is none.

    Returns
    -------
    ParkGraph
        The energy system on a synthetic index without leap day, and its registry.
    """
    from oemof import solph

    steps, step = len(profiles.stamps), pd.Timedelta(hours=profiles.step)
    registry = Registry(steps, inputs.flow_units, profiles.step)
    s = Slice(registry, inputs, profiles, assets)
    for bus in inputs.buses:
        s.make_bus(bus.bus, bus.carrier)
    nodes: list[Node] = [_shedding(s, bus) for bus in inputs.demand_buses]
    for kind in component_types():
        registry.conflict = kind.conflict
        nodes += kind.nodes(s)
    _refuse_statuses(registry, inputs)
    energy_system = solph.EnergySystem(
        # A synthetic year: a real leap year without its 29 February would make a 25-hour step.
        timeindex=pd.date_range("2023-01-01", periods=steps + 1, freq=step),
        infer_last_interval=False,
    )
    energy_system.add(*s.buses.values(), *nodes)
    used = {key for flow in energy_system.flows().values() for key in flow.custom_properties}
    _set_limits(registry, inputs, used, emission_cap)
    return ParkGraph(energy_system, registry, assets)


def _refuse_statuses(registry: Registry, inputs: SliceInputs) -> None:
    """Refuse more decisions on being on or off than a solver ends with."""
    flows = sum(flow.status is not None for flow in registry.flows.values())
    if flows * registry.steps > MOST_STATUSES:
        message = f"{flows} units on or off in {registry.steps} steps are more than "
        message += f"{MOST_STATUSES} decisions"
        remedy = "solve fewer --hours, or take commitment: none"
        file = f"{inputs.scenario.name}.yaml"
        raise InputError([Fault(file, message, None, "commitment", "binary", remedy)])


def _shedding(s: Slice, bus: Bus) -> Node:
    """What is not served at a bus, at the value of lost load."""
    # Shed in the step of a month's peak, a MW saves that month's demand charge; it must not pay.
    lost = s.inputs.parameters["value_of_lost_load"] + s.inputs.demand_charge / s.registry.step
    other = () if bus.carrier == s.inputs.power_carrier else (bus.carrier,)
    return s.registry.source(
        (bus.place, *other, "shedding"),
        s.buses[bus.bus],
        Coordinates("shedding", zone=bus.zone),
        charges=(Charge("shedding", bus.place, lost),),
    )


_LIMITS = {
    NET_EMISSION: LimitMeaning("net emissions", "tCO2", "cap of the trajectory and neutrality"),
    OFFSET: LimitMeaning("certificates and credits", "tCO2", "offset_share"),
    CERTIFICATE_SURPLUS: LimitMeaning("certificates beyond the power that needs them", "MWh"),
}


def _set_limits(
    registry: Registry, inputs: SliceInputs, used: Collection[str], emission_cap: float
) -> None:
    share = inputs.scenario.offset_share
    offset = math.inf if share is None else share * inputs.baseline_emissions
    limits = {NET_EMISSION: emission_cap, OFFSET: offset, CERTIFICATE_SURPLUS: 0.0}
    for keyword, limit in limits.items():
        if keyword in used and not math.isinf(limit):
            registry.limit(keyword, limit, _LIMITS[keyword])
