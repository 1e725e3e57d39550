"""PV and wind in the park: what they generate, what is fed in and what is curtailed.

All plants of a bus feed one busbar. What leaves it is either fed in, and then carries one MWh of
``local_green`` that an export needs, or curtailed.
"""

from __future__ import annotations

from functools import partial

from meishan_model.components.base import Bus, Component, Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import (
    CERTIFICATE_UNIT,
    LOCAL_GREEN,
    coordinates_of,
    row_of,
    variable_om,
)
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.rows import CARRIER_AT_BUS, Quantity
from meishan_model.sheets.views import View

_REFERS = {"carrier_out": CARRIER_AT_BUS}
_HOURS = Quantity("h", 500, 6000, (850, 5000), "sun inland to wind at sea")
_PLANT = partial(TechnologyKind, reads_variable_cost=True, refers=_REFERS, lever="supply")


class RenewablePlant(Component):
    """Plants whose output is given by the weather, hour by hour."""

    name = "renewable_plant"
    side = "supply"
    kinds = (
        _PLANT(
            "pv",
            {
                "tilt": Quantity("deg", 0, 90, (1, 90), "flat roof to wall"),
                "azimuth": Quantity("deg", 0, 360, (10, 350), "180 is south"),
                "system_loss": Quantity("%", 0, 60, (3, 30), "usually 10 to 15"),
                "inverter_efficiency": Quantity("%", 50, 100, (90, 99.5), "usually 96 to 98"),
                "temperature_coefficient": Quantity(
                    "1/K", -0.02, 0, (-0.006, -0.0015), "silicon -0.003 to -0.0045"
                ),
                "albedo": Quantity("1", 0, 1, (0.05, 0.9), "asphalt to snow"),
            },
            {
                "full_load_hours": _HOURS,
                "degradation": Quantity("%/a", 0, 3, (0.1, 1.5), "of the first year's yield"),
            },
            resource="sun",
            capture_ratio="capture_ratio_pv",
            view=View("pv", "", "PV", "光伏", "power"),
        ),
        _PLANT(
            "wind",
            {
                "hub_height": Quantity("m", 10, 250, (20, 200), "of turbines built today"),
                "reference_height": Quantity("m", 1, 250, (2, 200), "of masts and reanalyses"),
                "shear_exponent": Quantity("1", 0, 0.6, (0.03, 0.45), "sea 0.1, towns 0.4"),
                "diurnal_share": Quantity("1", 0, 1, (0.01, 1), "of the course near the ground"),
                "array_loss": Quantity("%", 0, 40, (0.5, 25), "wakes and outages 5 to 15"),
                "full_load_hours": _HOURS,
            },
            {
                "wind_correlation": Quantity("1", 0, 1, (0.3, 1), "with the wind of the weather"),
                "wind_site": Quantity("1", 0, 1e6, (0, 1e5), "any; farms of one have one wind"),
                "seasonal_share": Quantity("1", 0, 1, (0.05, 1), "of the months of the weather"),
                "january_gain": Quantity("1", -0.5, 0.5, (-0.3, 0.3), "of mid January"),
            },
            rests_on={
                **{"wind_correlation": "wind_site", "wind_site": "wind_correlation"},
                **{"seasonal_share": "january_gain", "january_gain": "seasonal_share"},
            },
            resource="wind",
            capture_ratio="capture_ratio_wind",
            view=View("wind", "", "wind", "风电", "power"),
        ),
    )
    conflict = "plants give what sun and wind allow; what is not fed in is curtailed"

    def nodes(self, s: Slice) -> Nodes:
        """Plants, busbars, feed-in and curtailment."""
        busbars: dict[str, Bus] = {}
        for technology in s.inputs.of_kind(*self.kinds):
            for asset in s.assets.of(technology.technology):
                target = technology.bus or s.inputs.bus_of(asset.zone, technology.carrier_out)
                if target not in busbars:
                    bus = s.inputs.bus_named(target)
                    busbars[target] = s.make_bus((bus.place, "renewables"), bus.carrier)
                yield s.registry.source(
                    (asset.technology, asset.zone),
                    busbars[target],
                    coordinates_of(asset, "generation"),
                    row_of(asset),
                    charges=variable_om(technology),
                    decides=asset,
                    fix=s.profiles.capacity_factor[technology.technology],
                )
        if busbars:
            green = s.make_bus(LOCAL_GREEN, LOCAL_GREEN)
            at_home = Coordinates("retire", unit=CERTIFICATE_UNIT)
            yield s.registry.sink("green_used_at_home", green, at_home)
        for target, busbar in busbars.items():
            yield from _busbar(s, target, busbar)


def _busbar(s: Slice, name: str, busbar: Bus) -> Nodes:
    target, green = s.buses[name], s.buses[LOCAL_GREEN]
    place, zone = s.inputs.bus_named(name).place, s.inputs.bus_named(name).zone
    power = Coordinates("feed_in", zone=zone)
    issued = Coordinates("issue", zone=zone, unit=CERTIFICATE_UNIT)
    yield s.registry.converter(
        (place, "feed_in"), inputs={busbar: power}, outputs={target: power, green: issued}
    )
    yield s.registry.sink((place, "curtailment"), busbar, Coordinates("curtailment", zone=zone))
