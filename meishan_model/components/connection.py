"""The connection to the grid above: purchase, the demand that is billed, and the park's buses.

Emissions stand on the purchase of electricity and on the supply of a fuel. The shadow carbon value
lies on the location-based figure, that is scope 1 and all purchase, contracted or not, so that
reduction at the source comes before contracts and credits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from meishan_model.components.base import Component, Slice, carbon_charges, located_factor
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import (
    CERTIFICATE_SURPLUS,
    Charge,
    Decision,
    Emission,
    row_of_element,
)
from meishan_model.sheets.kinds import NetworkKind
from meishan_model.sheets.records import NetworkElement
from meishan_model.sheets.views import View

if TYPE_CHECKING:
    from oemof import solph
    from oemof.network import Node

BILLED_DEMAND = "billed_demand"


class Connection(Component):
    """Where the park draws power from the grid above, at a tariff with a demand charge."""

    name = "connection"
    side = "network"
    network = (
        NetworkKind(
            "connection", "connection", view=View("grid and ties", "", "connection", "联络")
        ),
    )
    conflict = "all that is bought passes the connection"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """The connection, and what is bought beyond it."""
        s.make_bus(BILLED_DEMAND, BILLED_DEMAND)
        yield _connection(s, s.inputs.connection)
        yield _purchase(s)
        yield from _billed_demand(s)


def _connection(s: Slice, element: NetworkElement) -> solph.components.Converter:
    """Purchase passes here; each MW also needs a MW of billed demand, which the tariff sells."""
    from oemof import solph

    registry, buses = s.registry, s.buses
    upstream, hub, billed = buses[element.from_bus], buses[element.to_bus], buses[BILLED_DEMAND]
    label = registry.node(element.element, row_of_element(element))
    power = Coordinates("transport", element.kind.name, asset=element.element)
    demand = Coordinates("billing", unit="MW of billed demand")
    return solph.components.Converter(
        label=label,
        inputs={
            upstream: registry.flow(upstream, label, power, nominal_capacity=element.capacity),
            billed: registry.flow(billed, label, demand),
        },
        outputs={hub: registry.flow(label, hub, power)},
        conversion_factors={upstream: 1.0, billed: 1.0, hub: 1.0 - element.loss},
    )


def _purchase(s: Slice) -> solph.components.Source:
    """Power that no contract covers, at the time-of-use price."""
    paid, located = s.inputs.factors.grid_market, located_factor(s.inputs, s.profiles)
    power = s.inputs.power_carrier
    return s.registry.source(
        "grid_purchase",
        s.buses[s.inputs.connection.from_bus],
        Coordinates("purchase"),
        charges=(
            Charge("purchase", "time_of_use", s.profiles.purchase_price),
            *carbon_charges(s.inputs, power, located, paid),
        ),
        emissions=(
            Emission("scope2_location", power, located),
            Emission("scope2_market", power, paid),
        ),
        limits={CERTIFICATE_SURPLUS: -1.0},
    )


def _billed_demand(s: Slice) -> Iterator[solph.components.Source]:
    """The highest hour of each month is paid for: one decision a month, masked to its hours."""
    bus, months = s.buses[BILLED_DEMAND], np.unique(s.profiles.month)
    # In a trial with few months each stands for its share of the year.
    price = s.inputs.prices["demand_charge"] * 12.0 / len(months)
    for month in months:
        title = (BILLED_DEMAND, f"{month:02d}")
        name = "_".join(title)
        yield s.registry.source(
            title,
            bus,
            Coordinates("billing", unit="MW of billed demand"),
            decides=Decision(charge=Charge("demand_charge", name, price)),
            maximum=(s.profiles.month == month).astype(float),
        )
