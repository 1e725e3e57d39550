"""What gives an element of the network its capacity, on a bus from which its flows draw it."""

from __future__ import annotations

import numpy as np

from meishan_model.components.assets import Asset
from meishan_model.components.base import Bus, Nodes
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Registry, row_of_element
from meishan_model.sheets.equipment import NetworkElement


def capacity(
    registry: Registry,
    element: NetworkElement,
    asset: Asset | None,
    room: Bus,
    what: Coordinates,
) -> Nodes:
    """What stands of an element, what is built, and bridges, each the same in all hours.

    Parameters
    ----------
    registry
        Where the flows are made.
    element, asset
        The element, and the asset that it is; without one its capacity stays as it is.
    room
        The bus of its capacity.
    what
        Coordinates of the flows.
    """
    name, row, always = element.element, row_of_element(element), np.ones(registry.steps)
    if asset is None:
        size = element.capacity
        yield registry.source(name, room, what, row, nominal_capacity=size, fix=always)
        return
    what = what.but(asset=asset.name)
    yield registry.source(name, room, what, row, decides=asset, fix=always)
    if asset.bridge > 0:
        bridge = what.but(stage="bridge")
        yield registry.source((name, "bridge"), room, bridge, row, decides=asset, fix=always)
