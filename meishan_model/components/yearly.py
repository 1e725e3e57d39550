"""What is bought for the whole year: an even flow whose height is one decision.

Certificates and credits are limited together (:data:`~meishan_model.components.flows.OFFSET`),
certificates also by the power that nobody covers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from meishan_model.components.base import Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge, Decision, Emission, Series


def yearly_nodes(
    s: Slice,
    name: str,
    what: Coordinates,
    *,
    most: float,
    cost: tuple[str, float],
    emission: tuple[str, float],
    limits: Mapping[str, Series] | None = None,
) -> Nodes:
    """A source of an even flow, whose height is one decision, and the sink that cancels it.

    Parameters
    ----------
    s
        The slice.
    name
        Name of the nodes and of the carrier.
    what
        Coordinates of the flow, with the contract that it comes from.
    most
        Upper bound of its height, in its unit.
    cost
        Category and price of it, per unit and hour.
    emission
        Scope and amount of what it emits, per unit and hour.
    limits
        Its weights in limits, per unit and hour.
    """
    rows = (("contracts", what.contract),) if what.contract else ()
    account = s.make_bus((name, "registry"), name, *rows)
    yield s.registry.source(
        name,
        account,
        what,
        *rows,
        charges=(Charge(cost[0], name, cost[1]),),
        emissions=(Emission(emission[0], name, emission[1]),),
        limits=limits,
        decides=Decision(upper=most),
        fix=np.ones(s.registry.steps),
    )
    yield s.registry.sink((name, "cancelled"), account, what.but(role="cancelled"), *rows)
