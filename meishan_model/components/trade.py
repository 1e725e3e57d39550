"""What crosses the fence: purchase, billed demand, export (its own file), contracts.

Emissions stand on the supply of a fuel and on the purchase of electricity. The shadow carbon value
lies on the location-based figure, that is scope 1 and all purchase, contracted or not, so that
reduction at the source comes before contracts and credits.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from oemof import solph
from oemof.network import Node

from meishan_model.components.contracts import green_power_nodes, located_factor
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.export import export_nodes
from meishan_model.components.flows import CERTIFICATE_SURPLUS, Charge, Emission, Registry, edge_of
from meishan_model.components.fuels import carbon_charges, fuel_nodes
from meishan_model.components.grid import BILLED_DEMAND
from meishan_model.components.offsets import offset_nodes
from meishan_model.series.build import Profiles
from meishan_model.sheets.buses import UPSTREAM
from meishan_model.sheets.records import SliceInputs


def trade_nodes(
    registry: Registry, inputs: SliceInputs, profiles: Profiles, buses: dict[str, solph.Bus]
) -> Iterator[Node]:
    """Everything that is bought or sold.

    Parameters
    ----------
    registry, inputs, profiles
        Registry, inputs and series of the slice.
    buses
        Electricity and fuel buses by label.
    """
    yield from fuel_nodes(registry, inputs, buses)
    yield _purchase(registry, inputs, profiles, buses[UPSTREAM])
    yield from _billed_demand(registry, inputs, profiles, buses[BILLED_DEMAND])
    yield from export_nodes(registry, inputs, profiles, buses)
    yield from green_power_nodes(registry, inputs, profiles, buses[UPSTREAM])
    yield from offset_nodes(registry, inputs)


def _purchase(
    registry: Registry, inputs: SliceInputs, profiles: Profiles, upstream: solph.Bus
) -> solph.components.Source:
    """Power that no contract covers, at the time-of-use price."""
    paid, located = inputs.factors.grid_market, located_factor(inputs, profiles)
    return registry.source(
        "grid_purchase",
        upstream,
        Coordinates("purchase", "electricity", "purchase"),
        charges=(
            Charge("purchase", "time_of_use", profiles.purchase_price),
            *carbon_charges(inputs, "electricity", located, paid),
        ),
        emissions=(
            Emission("scope2_location", "electricity", located),
            Emission("scope2_market", "electricity", paid),
        ),
        limits={CERTIFICATE_SURPLUS: -1.0},
    )


def _billed_demand(
    registry: Registry, inputs: SliceInputs, profiles: Profiles, bus: solph.Bus
) -> Iterator[solph.components.Source]:
    """The highest hour of each month is paid for: one decision a month, masked to its hours."""
    months = np.unique(profiles.month)
    # In a trial with few months each stands for its share of the year.
    price = inputs.prices["demand_charge"] * 12.0 / len(months)
    for month in months:
        name = f"billed_demand_{month:02d}"
        source = registry.source(
            name,
            bus,
            Coordinates("billing", BILLED_DEMAND, unit="MW of billed demand"),
            nominal_capacity=solph.Investment(ep_costs=price),
            maximum=(profiles.month == month).astype(float),
        )
        registry.lump(edge_of(str(source.label), bus), Charge("demand_charge", name, price))
        yield source
