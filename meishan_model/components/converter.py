"""Equipment that turns a carrier into heat: boilers, burners, electric heaters, heat pumps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from meishan_model.components.base import Component, Slice
from meishan_model.components.duty import equipment

if TYPE_CHECKING:
    from oemof.network import Node

    from meishan_model.sheets.records import Technology


class Converter(Component):
    """Boilers of a constant efficiency, and heat pumps whose efficiency follows the weather."""

    name = "converter"
    side = "supply"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """Equipment on every duty of the carrier that it gives."""
        for duty in s.duties:
            for technology in s.inputs.part("boiler", "heat_pump"):
                asset = s.assets.get(technology.technology, duty.zone)
                if technology.carrier_out != duty.carrier or asset is None:
                    continue
                if duty.open_to(technology.technology):
                    yield from equipment(
                        s,
                        duty,
                        asset,
                        technology.carrier_in,
                        _efficiency(s, technology),
                        technology.cost.variable_om if technology.cost else 0.0,
                    )


def _efficiency(s: Slice, technology: Technology) -> float | np.ndarray:
    if technology.part == "heat_pump":
        return s.profiles.cop[technology.technology]
    return technology.efficiency
