"""What is bought for the whole year: an even flow whose height is one decision.

Certificates and credits are limited together (:data:`~meishan_model.components.flows.OFFSET`),
certificates also by the power that nobody covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from meishan_model.components.base import Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge, Decision, Emission, Row, Series

if TYPE_CHECKING:
    from oemof.network import Node


def yearly_nodes(
    s: Slice,
    name: str,
    what: Coordinates,
    *rows: Row,
    most: float,
    charge: Charge,
    emission: Emission,
    limits: Mapping[str, Series] | None = None,
) -> Iterator[Node]:
    """A source of an even flow, whose height is one decision, and the sink that cancels it.

    Parameters
    ----------
    s
        The slice.
    name
        Name of the nodes and of the carrier.
    what
        Coordinates of the flow.
    rows
        The rows of the sheets that it comes from.
    most
        Upper bound of its height, in its unit.
    charge, emission, limits
        Its cost, its emission and its weights in limits, per unit and hour.
    """
    account = s.make_bus((name, "registry"), name, *rows)
    yield s.registry.source(
        name,
        account,
        what,
        *rows,
        charges=(charge,),
        emissions=(emission,),
        limits=limits,
        decides=Decision(upper=most),
        fix=np.ones(s.registry.steps),
    )
    yield s.registry.sink((name, "cancelled"), account, what.but(role="cancelled"), *rows)
