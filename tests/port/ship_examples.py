"""Berths, ships and patterns of arrival made for the tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from meishan_model.port.calls import CallPattern
from meishan_model.port.year import BerthGroup, ShipClass

STEADY = np.ones(8760)


def pattern(seed: int = 1, **other: Any) -> CallPattern:
    """Arrivals at a steady rate, on time, all of the mean size."""
    return CallPattern(**{"rate": STEADY, "lateness": 0.0, "size_spread": 0.0, **other}, seed=seed)


def ship(name: str = "mid", **other: float) -> ShipClass:
    """Ships of 2500 TEU a call that stay 20 h, with 1000 kW of hotel load at 6.6 kV."""
    numbers = {
        "call_share": 1.0,
        "teu_per_call": 2500.0,
        "stay": 20.0,
        "acceptance_share": 1.0,
        "hotel_load": 1000.0,
        "boiler_load": 400.0,
        "voltage": 6.6,
    }
    return ShipClass(name, **{**numbers, **other})


def berths(number: int = 3, *ships: ShipClass, **other: Any) -> BerthGroup:
    """Equal berths, all with a socket, where every ship connects and an hour is for the cable."""
    numbers = {
        "equipped_berths": number,
        "throughput_share": 1.0,
        "connection_time": 1.0,
        "boiler_share": 1.0,
    }
    place = {"zone": "port", "sector": "ships", "berths": number}
    return BerthGroup("quay", **{**place, **numbers, **other}, ships=ships or (ship(),))


def hand_made_calls(**columns: Any) -> pd.DataFrame:
    """One ship from 10:30 to 14:30 on 1 January with 400 TEU."""
    row = {
        "ship_class": "mid",
        "arrival": 10.0,
        "berthing": 10.5,
        "departure": 14.5,
        "berth": 1,
        "teu": 400.0,
        "shore_power": True,
    }
    return pd.DataFrame({name: [value] for name, value in {**row, **columns}.items()})
