"""Put the parts of the park together into one graph.

Adding a kind of component is one new file in this folder and one line in :func:`build_park`.
"""

from __future__ import annotations

import math

import pandas as pd
from oemof import solph

from meishan_model.components.assets import Assets
from meishan_model.components.buildings import heat_nodes
from meishan_model.components.efficiency import measure_nodes
from meishan_model.components.flexibility import flexibility_nodes
from meishan_model.components.flows import (
    CERTIFICATE_SURPLUS,
    NET_EMISSION,
    OFFSET,
    ParkGraph,
    Registry,
)
from meishan_model.components.fuels import fuel_carriers
from meishan_model.components.generation import generation_nodes
from meishan_model.components.grid import grid_buses, grid_nodes, load_nodes
from meishan_model.components.port import berth_nodes
from meishan_model.components.storage import storage_nodes
from meishan_model.components.trade import trade_nodes
from meishan_model.components.transport import fleet_nodes
from meishan_model.series.build import Profiles
from meishan_model.sheets.records import SliceInputs


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
    hours = len(profiles.hours)
    registry = Registry(hours=hours, weight=profiles.weight)
    buses = grid_buses(registry, inputs)
    buses |= {carrier: registry.bus(carrier) for carrier in fuel_carriers(inputs)}
    nodes = [
        *buses.values(),
        *grid_nodes(registry, inputs, assets, buses),
        *generation_nodes(registry, inputs, profiles, assets, buses),
        *storage_nodes(registry, inputs, assets, buses),
        *load_nodes(registry, inputs, profiles, buses),
        *heat_nodes(registry, inputs, profiles, assets, buses),
        *fleet_nodes(registry, inputs, profiles, assets, buses),
        *berth_nodes(registry, inputs, profiles, assets, buses),
        *measure_nodes(registry, inputs, profiles, assets, buses),
        *flexibility_nodes(registry, inputs, profiles, buses),
        *trade_nodes(registry, inputs, profiles, buses),
    ]
    energy_system = solph.EnergySystem(
        # A synthetic year: a real leap year without its 29 February would make a 25-hour step.
        timeindex=pd.date_range("2023-01-01", periods=hours + 1, freq="h"),
        infer_last_interval=False,
    )
    energy_system.add(*nodes)
    _set_limits(registry, inputs, energy_system, emission_cap)
    return ParkGraph(energy_system, registry, assets)


def _set_limits(
    registry: Registry, inputs: SliceInputs, energy_system: solph.EnergySystem, emission_cap: float
) -> None:
    share = inputs.scenario.offset_share
    limits = {
        NET_EMISSION: None if math.isinf(emission_cap) else emission_cap,
        OFFSET: None if share is None else share * inputs.baseline_emissions,
        CERTIFICATE_SURPLUS: 0.0,
    }
    used = {key for flow in energy_system.flows().values() for key in flow.custom_properties}
    for keyword, limit in limits.items():
        if limit is not None and keyword in used:
            registry.limit(keyword, limit)
