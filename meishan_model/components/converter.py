"""Equipment that turns one carrier into another: boilers, heat pumps, electrolysers, chillers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from meishan_model.components.base import Component, Slice
from meishan_model.components.duty import equipment, equipment_on_duty
from meishan_model.components.flows import coordinates_of
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.views import View

if TYPE_CHECKING:
    from oemof.network import Node

    from meishan_model.sheets.records import Technology


class Converter(Component):
    """Equipment of a constant efficiency, and heat pumps whose efficiency follows the weather.

    Where its output has a network in the zone (a bus in ``buses.csv``), it is dispatched hour by
    hour; else every unit follows the duty of its own building.
    """

    name = "converter"
    side = "supply"
    kinds = (
        TechnologyKind(
            "boiler",
            efficiency="cost_sheet",
            reads_variable_cost=True,
            is_bridged=True,
            is_staged=True,
            lever="duty",
            view=View("electric equipment", "", "boiler", "锅炉", "heat"),
        ),
        TechnologyKind(
            "heat_pump",
            {
                "sink_temperature": Quantity("degC", 20, 200),
                "carnot_quality": Quantity("1", 0.1, 0.8),
                "minimum_cop": Quantity("1", 1, 5),
                "maximum_cop": Quantity("1", 1, 12),
            },
            {"source_temperature": Quantity("degC", -20, 100)},
            efficiency="lift",
            reads_variable_cost=True,
            is_bridged=True,
            is_staged=True,
            lever="duty",
            view=View("electric equipment", "", "heat pump", "热泵", "heat"),
        ),
    )
    conflict = "equipment gives no more than its capacity; on a duty every unit follows it"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """Equipment on every duty of the carrier that it gives, and on every network."""
        technologies = s.inputs.of_kind(*self.kinds)
        for duty in s.duties:
            for technology in technologies:
                asset = s.assets.get(technology.technology, duty.zone)
                if technology.carrier_out != duty.carrier or asset is None:
                    continue
                if duty.open_to(technology.technology):
                    runs = technology.carrier_in, _efficiency(s, technology)
                    yield from equipment_on_duty(s, duty, asset, *runs, _variable_om(technology))
        for technology in technologies:
            for asset in s.assets.of(technology.technology):
                bus = s.inputs.bus_of(asset.zone, technology.carrier_out)
                if bus:
                    given = coordinates_of(asset, "conversion")
                    runs = technology.carrier_in, _efficiency(s, technology)
                    yield from equipment(
                        s, asset, given, s.buses[bus], *runs, _variable_om(technology)
                    )


def _variable_om(technology: Technology) -> float:
    return technology.cost.variable_om if technology.cost else 0.0


def _efficiency(s: Slice, technology: Technology) -> float | np.ndarray:
    if technology.kind.efficiency == "lift":
        return s.profiles.cop[technology.technology]
    return technology.efficiency
