"""Equipment that turns carriers into others: boilers, heat pumps, electrolysers, gas engines."""

from __future__ import annotations

from functools import partial

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.dispatch import CARRIERS, LIMITS, PART_LOAD, RESTS_ON, converters
from meishan_model.components.duty import equipment_on_duty
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.rows import Quantity, Refers
from meishan_model.sheets.views import View

_HEAT = {"carrier_out": Refers("carrier", "heats.csv or buses.csv", is_needed=True)}
_OF_HEAT = partial(
    TechnologyKind, reads_variable_cost=True, is_bridged=True, refers=_HEAT, lever="duty"
)

_OF_FULL_LOAD = Quantity("%", 1, 200, (30, 110), "of the efficiency at full load")


class Converter(Component):
    """Equipment with a main output, whose capacity it is, and whatever else it takes and gives.

    Where the output has a network in the zone (a bus in ``buses.csv``), it is dispatched hour by
    hour; else every unit of a boiler or heat pump follows the duty of its own building, and a
    ``converter`` is refused.
    """

    name = "converter"
    side = "supply"
    kinds = (
        _OF_HEAT(
            "boiler",
            efficiency="cost_sheet",
            view=View("electric equipment", "", "boiler", "锅炉", "heat"),
        ),
        _OF_HEAT(
            "heat_pump",
            {
                "sink_temperature": Quantity("degC", 20, 200, (25, 165), "floors to steam"),
                "carnot_quality": Quantity("1", 0.1, 0.8, (0.25, 0.7), "usually 0.4 to 0.6"),
                "minimum_cop": Quantity("1", 1, 5, (1, 4), "of heat pumps"),
                "maximum_cop": Quantity("1", 1, 12, (2, 9), "of heat pumps"),
            },
            {"source_temperature": Quantity("degC", -20, 100, (-15, 90), "air to waste heat")},
            efficiency="lift",
            view=View("electric equipment", "", "heat pump", "热泵", "heat"),
        ),
        TechnologyKind(
            "converter",
            optional={**LIMITS, PART_LOAD: _OF_FULL_LOAD},
            efficiency="cost_sheet",
            reads_variable_cost=True,
            is_bridged=True,
            conversions="any",
            rests_on=RESTS_ON,
            refers=CARRIERS,
            lever="supply",
            view=View("electric equipment", "", "converter", "转换设备", "converters"),
        ),
    )
    conflict = "equipment gives no more than its capacity; on a duty every unit follows it"

    def nodes(self, s: Slice) -> Nodes:
        """Equipment on every duty of the carrier that it gives, and on every network."""
        technologies = s.inputs.of_kind(*self.kinds)
        for duty in s.duties:
            for technology in technologies:
                if technology.carrier_out == duty.carrier:
                    yield from equipment_on_duty(s, duty, technology)
        for technology in technologies:
            for asset in s.assets.of(technology.technology):
                if s.inputs.bus_of(asset.zone, technology.carrier_out):
                    yield from converters(s, technology, asset)
