"""Load shapes of the container terminal, each an hourly series of mean 1 [1].

A yearly energy [MWh/a] divided by 8760 h, times the shape, is the hourly load [MW].
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pvlib.location import Location

from meishan_model.series.numerics import FloatArray, mean_one
from meishan_model.series.ships import handled_teu, hourly_mean_of_intervals
from meishan_model.series.solar import sun_position


def crane_shape(calls: pd.DataFrame, base_share: float) -> FloatArray:
    """Load of quay and yard cranes, following the containers handled in the hour.

    Parameters
    ----------
    calls
        Table of `meishan_model.series.ships.ship_calls`.
    base_share
        Share of the yearly energy that does not follow the moves [1]: drives on standby, control.

    Returns
    -------
    FloatArray
        ``(8760,)``, mean 1.
    """
    if not 0.0 <= base_share <= 1.0:
        raise ValueError("base_share is a fraction of 1")
    return base_share + (1.0 - base_share) * mean_one(handled_teu(calls), "port_cranes")


def reefer_count(calls: pd.DataFrame, dwell: float) -> FloatArray:
    """Reefers plugged in, relative to their mean; ``(8760,)``, mean 1.

    Every call leaves reefers in proportion to its containers, which stay in the yard from its
    departure for the dwell time [h].
    """
    departure = calls["departure"].to_numpy(dtype=np.float64)
    teu = calls["teu"].to_numpy(dtype=np.float64)
    return mean_one(hourly_mean_of_intervals(departure, departure + dwell, teu), "port_reefers")


def reefer_shape(
    count: FloatArray,
    temperature: FloatArray,
    reference_temperature: float,
    slope: float,
    minimum: float,
) -> FloatArray:
    """Load of reefers: their number times a power that rises with the outside temperature.

    Parameters
    ----------
    count
        Reefers plugged in, any scale, ``(8760,)``.
    temperature
        Air temperature [degC], ``(8760,)``.
    reference_temperature
        Temperature at which the relative power is 1 [degC].
    slope
        Change of the relative power with temperature [1/K].
    minimum
        Least relative power [1]: fans and control run in the cold, too.

    Returns
    -------
    FloatArray
        ``(8760,)``, mean 1.
    """
    power = np.maximum(1.0 + slope * (temperature - reference_temperature), minimum)
    return mean_one(count * power, "port_reefers")


def lamps_on(
    stamps: pd.DatetimeIndex,
    utc_offset_hours: float,
    latitude: float,
    longitude: float,
    altitude: float,
    first_elevation: float,
    full_elevation: float,
) -> FloatArray:
    """Share of the yard's lamps that are on by the sun at the middle of the hour, ``(8760,)``.

    Parameters
    ----------
    stamps
        Starts of the hours in local standard time, ``(8760,)``.
    utc_offset_hours
        Local standard time minus UTC [h].
    latitude, longitude, altitude
        Place [deg north], [deg east], [m].
    first_elevation, full_elevation
        Elevation below which the first and all lamps are on [deg].
    """
    if full_elevation >= first_elevation:
        raise ValueError("all lamps are on at a lower sun than the first ones")
    place = Location(latitude, longitude, altitude=altitude)
    sun = sun_position(stamps, utc_offset_hours, place)
    elevation = sun["elevation"].to_numpy(dtype=np.float64)
    on = (first_elevation - elevation) / (first_elevation - full_elevation)
    return np.asarray(np.clip(on, 0.0, 1.0), dtype=np.float64)


def lamp_saving(lamps: float, old_power: float, new_power: float, on: FloatArray) -> float:
    """Electricity that new lamps save in a year [MWh/a].

    Parameters
    ----------
    lamps
        Number of lamps.
    old_power, new_power
        Power of a lamp before and after [W].
    on
        Share of the lamps that are on in each hour of the year [1], ``(8760,)``.

    Examples
    --------
    >>> lamp_saving(10, 1000.0, 400.0, np.full(8760, 0.5))
    26.28
    """
    return float(lamps * (old_power - new_power) * 1e-6 * on.sum())
