"""Equipment that turns a carrier into heat: boilers, burners, electric heaters, heat pumps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from meishan_model.components.base import Component, Slice
from meishan_model.components.duty import equipment
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.views import View

if TYPE_CHECKING:
    from oemof.network import Node

    from meishan_model.sheets.records import Technology


class Converter(Component):
    """Boilers of a constant efficiency, and heat pumps whose efficiency follows the weather."""

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
    conflict = "every unit follows its duty from hour to hour"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """Equipment on every duty of the carrier that it gives."""
        for duty in s.duties:
            for technology in s.inputs.of_kind("boiler", "heat_pump"):
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
    if technology.kind.efficiency == "lift":
        return s.profiles.cop[technology.technology]
    return technology.efficiency
