"""The components of a park put together into one graph."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from meishan_model.components.assets import Assets
from meishan_model.components.base import Slice
from meishan_model.components.catalogue import component_types
from meishan_model.components.flows import (
    CERTIFICATE_SURPLUS,
    NET_EMISSION,
    OFFSET,
    ParkGraph,
    Registry,
)
from meishan_model.series.build import Profiles
from meishan_model.sheets.records import SliceInputs

if TYPE_CHECKING:
    from oemof import solph


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

    hours = len(profiles.hours)
    registry = Registry(hours=hours, weight=profiles.weight)
    s = Slice(registry, inputs, profiles, assets)
    nodes = [node for kind in component_types() for node in kind.nodes(s)]
    energy_system = solph.EnergySystem(
        # A synthetic year: a real leap year without its 29 February would make a 25-hour step.
        timeindex=pd.date_range("2023-01-01", periods=hours + 1, freq="h"),
        infer_last_interval=False,
    )
    energy_system.add(*s.buses.values(), *nodes)
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
