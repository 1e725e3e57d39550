r"""Vehicles that stand at their charger, as a store of electricity.

*Vehicles* are the batteries of those of a fleet that take part. The duty of the fleet holds their
charging as the drivers would do it, :math:`u(t)`, so the store beside it holds the difference that
smart charging makes. A vehicle is plugged in during the share :math:`a(t)` of the hour; what it
drives leaves its battery in the hours away, each day as much as it charges on that day:

.. math::

    d(t) &= \frac{1 - a(t)}{\sum_{day} (1 - a)} \sum_{day} u, \qquad
    C(t) = C(t-1) + u(t) - d(t), \quad \max_t C(t) = B \\
    S(t) &= S(t-1) + P_{up}(t) - P_{down}(t) / \eta \\
    P_{up}(t) &\le N \max(a(t) p_c - u(t), 0), \quad
    P_{down}(t) \le N (u(t) + a(t) p_d) \\
    rB &\le C(t) + S(t) / N - (1 - r) B \le B

with the number :math:`N` of vehicles, battery :math:`B` [MWh], reserve :math:`r`, charger
:math:`p_c` and feeding back :math:`p_d` [MW per vehicle] and the efficiency of the round trip
:math:`\eta`. :math:`C + S/N - (1-r)B` is what is in the battery; :math:`S`, the content of the
store, is never negative. With :math:`p_d = 0` nothing is fed back: charging is put off only. All
energies are those at the charger. Charging that is put off pays the round trip too, as it goes
through the same flow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.participation import PAYMENT, fleet_of, flexible_store, resources
from meishan_model.errors import Fault, InputError
from meishan_model.series import FloatArray
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.records import Fleet
from meishan_model.sheets.rows import CARRIER_AT_BUS, Quantity
from meishan_model.sheets.units import HOURS_OF_YEAR
from meishan_model.sheets.views import View

HOURS_OF_DAY = 24
_CHARGERS = "cars at home 3 to 11, trucks to 1000"


class VehicleBattery(Component):
    """The batteries of the vehicles of a fleet that take part in smart charging."""

    name = "vehicle_battery"
    side = "supply"
    kinds = (
        TechnologyKind(
            "vehicle_battery",
            {
                "battery_capacity": Quantity(
                    "kWh/vehicle", 1, 2000, (10, 1000), "cars 40 to 100, trucks to 600"
                ),
                "reserve": Quantity("%", 0, 95, (5, 80), "the next trip needs some"),
                "charger_power": Quantity("kW/vehicle", 1, 2000, (2, 1000), _CHARGERS),
                "discharge_power": Quantity("kW/vehicle", 0, 2000, (2, 1000), _CHARGERS),
                "plugged_in_share": Quantity("%", 0, 100, (5, 95), "all neither stand nor drive"),
                "round_trip_efficiency": Quantity("%", 30, 100, (70, 98), "usually 80 to 90"),
                "payment": PAYMENT,
            },
            is_built=False,
            is_flexible=True,
            refers={"carrier_in": CARRIER_AT_BUS},
            view=View("flexible loads", "", "batteries of vehicles", "车网互动"),
        ),
    )
    conflict = "vehicles drive with what is charged, above the reserve of their batteries"

    def nodes(self, s: Slice) -> Nodes:
        """Every group of vehicles that ``assets.csv`` gives a potential."""
        for limit, technology, number in resources(s, *self.kinds):
            one = vehicle_batteries(technology, fleet_of(s.inputs, limit), s.profiles)
            size = float(one.most.max())
            yield flexible_store(
                s,
                limit,
                number,
                down=one.down,
                up=one.up,
                nominal_capacity=number * size,
                min_storage_level=one.least / size,
                max_storage_level=one.most / size,
                outflow_conversion_factor=technology.parameters["round_trip_efficiency"],
            )


@dataclass(frozen=True)
class VehicleBatteries:
    """What the battery of one vehicle can do; energies and powers at the charger.

    Attributes
    ----------
    up, down
        Greatest additional charging, and greatest charging put off or fed back [MW], (steps,).
    least, most
        Bounds of the content of the store [MWh], (steps + 1,).
    """

    up: FloatArray
    down: FloatArray
    least: FloatArray
    most: FloatArray


def vehicle_batteries(
    technology: Technology, fleet: Fleet, profiles: Profiles
) -> VehicleBatteries:
    """Limits of the battery of one vehicle in every hour, as the module's equations say.

    Parameters
    ----------
    technology
        Of the part ``vehicle_battery``; its profile is when vehicles are plugged in.
    fleet
        Its fleet.
    profiles
        Series of the slice.

    Raises
    ------
    InputError
        If a day's driving does not fit into the battery above its reserve.
    """
    values = technology.parameters
    battery, reserve = values["battery_capacity"], values["reserve"]
    plugged = values["plugged_in_share"] * profiles.shapes[technology.profile or "flat"]
    plugged = np.clip(plugged, 0.0, 1.0)
    yearly = fleet.annual_use * fleet.energy_use[technology.model]
    charged = yearly / HOURS_OF_YEAR * profiles.shapes[fleet.profile]
    driven = _driven(charged, plugged, round(HOURS_OF_DAY / profiles.step))
    change = np.concatenate([[0.0], np.cumsum(charged - driven) * profiles.step])
    content = battery - (change.max() - change)
    if content.min() < reserve * battery:
        message = f"{technology.technology}: a day's driving empties the battery below its reserve"
        used = f"{battery - content.min():.3f} MWh"
        remedy = "give a larger battery_capacity or a smaller reserve"
        place = "technology_parameters.csv"
        raise InputError([Fault(place, message, None, "parameter", used, remedy)])
    usable = (1.0 - reserve) * battery
    return VehicleBatteries(
        up=np.maximum(plugged * values["charger_power"] - charged, 0.0),
        down=charged + plugged * values["discharge_power"],
        least=reserve * battery + usable - content,
        most=battery + usable - content,
    )


def _driven(charged: FloatArray, plugged: FloatArray, of_day: int) -> FloatArray:
    """Power that leaves the battery in each of the steps of a day: its charging, when away."""
    away = (1.0 - plugged).reshape(-1, of_day)
    day = charged.reshape(-1, of_day).sum(axis=1, keepdims=True)
    total = away.sum(axis=1, keepdims=True)
    # Vehicles that never leave their chargers drive evenly through the day.
    share = np.divide(away, total, out=np.full_like(away, 1.0 / of_day), where=total > 0)
    return np.asarray(day * share).ravel()
