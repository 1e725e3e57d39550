"""The connection to the grid above: purchase, the demand that is billed, and the park's buses.

Emissions stand on the purchase of electricity and on the supply of a fuel. The shadow carbon value
lies on the location-based figure, that is scope 1 and all purchase, contracted or not, so that
reduction at the source comes before contracts and credits.
"""

from __future__ import annotations

import math
from typing import Any

from meishan_model.components.base import Component, Node, Nodes, Slice
from meishan_model.components.coordinates import Coordinates, LimitMeaning
from meishan_model.components.flows import CERTIFICATE_SURPLUS, Charge, row_of_element
from meishan_model.components.purchase import BILLED_DEMAND, DEMAND, billed_demand, carbon_of
from meishan_model.sheets.equipment import NetworkElement
from meishan_model.sheets.kinds import NetworkKind
from meishan_model.sheets.views import View


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

    def nodes(self, s: Slice) -> Nodes:
        """The connection, and what is bought beyond it."""
        billed = s.make_bus(BILLED_DEMAND, BILLED_DEMAND)
        yield _connection(s, s.inputs.connection)
        yield _purchase(s)
        price = s.profiles.demand_charge
        yield from billed_demand(s, billed, (BILLED_DEMAND,), price, DEMAND)


def _connection(s: Slice, element: NetworkElement) -> Node:
    """Purchase passes here; each MW also needs a MW of billed demand, which the tariff sells."""
    registry, buses = s.registry, s.buses
    upstream, hub, billed = buses[element.from_bus], buses[element.to_bus], buses[BILLED_DEMAND]
    row = row_of_element(element)
    power = Coordinates("transport", element.shown_as, asset=element.element)
    limits = {}
    if element.limit < math.inf:
        name = f"purchase through {element.element}"
        limits[name] = 1.0
        registry.limit(name, element.limit, LimitMeaning(name, "MWh", rows=(row,)))
    taken: dict[str, Any] = {"limits": limits, "nominal_capacity": element.capacity}
    if element.ramp < math.inf:
        # solph's limit is one from step to step.
        change = element.ramp * s.profiles.step
        taken |= dict.fromkeys(("positive_gradient_limit", "negative_gradient_limit"), change)
    return registry.converter(
        element.element,
        row,
        inputs={upstream: (power, taken), billed: DEMAND},
        outputs={hub: power},
        factors={hub: 1.0 - element.loss},
    )


def _purchase(s: Slice) -> Node:
    """Power that no contract covers, at the time-of-use price."""
    emissions, charges = carbon_of(s, s.inputs.power_carrier)
    return s.registry.source(
        "grid_purchase",
        s.buses[s.inputs.connection.from_bus],
        Coordinates("purchase"),
        charges=(Charge("purchase", "time_of_use", s.profiles.purchase_price), *charges),
        emissions=emissions,
        limits={CERTIFICATE_SURPLUS: -1.0},
    )
