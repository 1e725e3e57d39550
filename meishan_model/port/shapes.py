"""Load shapes of the container terminal, each an hourly series of mean 1 [1].

A yearly energy [MWh/a] divided by 8760 h, times the shape, is the hourly load [MW].
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.port.calls import PortSchedule, handled_teu, hourly_mean_of_intervals
from meishan_model.port.closures import ALWAYS, WorkingTime
from meishan_model.port.year import NAME
from meishan_model.series import FloatArray
from meishan_model.series.demand import Shape, ShapeContext, circular_smooth, mean_one
from meishan_model.series.solar import stamps_of, sun_position
from meishan_model.sheets.units import HOURS_OF_YEAR


def crane_shape(
    calls: pd.DataFrame, base_share: float, working: WorkingTime = ALWAYS
) -> FloatArray:
    """Load of quay and yard cranes, following the containers handled in the hour.

    Parameters
    ----------
    calls
        Table of `meishan_model.port.calls.ship_calls`.
    base_share
        Share of the yearly energy that does not follow the moves [1]: drives on standby, control.
    working
        When the berths work; cranes stand still while the weather closes them.

    Returns
    -------
    FloatArray
        ``(8760,)``, mean 1.
    """
    if not 0.0 <= base_share <= 1.0:
        raise ValueError("base_share is a fraction of 1")
    return base_share + (1.0 - base_share) * mean_one(handled_teu(calls, working), "port_cranes")


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


def _calls(context: ShapeContext) -> tuple[pd.DataFrame, WorkingTime]:
    """Ship calls of the whole port and its working time; an error where the park has none."""
    schedule: PortSchedule = context.schedules.get(NAME, PortSchedule({}))
    if not schedule.calls:
        raise ValueError("a port shape is asked for, but the park has no ship calls")
    return pd.concat(schedule.calls.values(), ignore_index=True), schedule.working


def port_cranes(context: ShapeContext) -> FloatArray:
    """Cranes, see `crane_shape`; mean 1."""
    calls, working = _calls(context)
    return crane_shape(calls, context.parameters.number("port_cranes", "base_share"), working)


def yard_work(context: ShapeContext) -> FloatArray:
    """Yard trucks and stackers: as cranes, behind them by the time in the yard; mean 1.

    In closed hours they stand still, too.
    """
    number = context.parameters.number
    calls, working = _calls(context)
    moves = circular_smooth(handled_teu(calls, working), number("yard_work", "time_constant"))
    moves = moves * np.diff(working.worked(np.arange(HOURS_OF_YEAR + 1.0)))
    base = number("yard_work", "base_share")
    return base + (1.0 - base) * mean_one(moves, "yard_work")


def port_reefers(context: ShapeContext) -> FloatArray:
    """Reefers, see `reefer_shape`; mean 1."""
    dwell, *power = (
        context.parameters.number("port_reefers", name)
        for name in ("dwell", "reference_temperature", "slope", "minimum")
    )
    count = reefer_count(_calls(context)[0], dwell)
    return reefer_shape(count, context.temperature, *power)


def yard_lamps(context: ShapeContext) -> FloatArray:
    """Share of the yard's lamps that are on by the sun at the middle of the hour, ``(8760,)``.

    The first lamps are on below one elevation of the sun, all of them below a lower one [deg].
    """
    number = context.parameters.number
    first, full = (number("port_lighting", f"{lamps}_elevation") for lamps in ("first", "full"))
    if full >= first:
        raise ValueError("all lamps are on at a lower sun than the first ones")

    def elevation(weather: xr.Dataset) -> FloatArray:
        offset = float(weather.attrs["utc_offset_hours"])
        sun = sun_position(stamps_of(weather), offset, context.location)
        return sun["elevation"].to_numpy(np.float64)

    return np.clip((first - context.once(("elevation",), elevation)) / (first - full), 0.0, 1.0)


def port_lighting(context: ShapeContext) -> FloatArray:
    """Lighting, in proportion to the lamps that are on; mean 1."""
    return mean_one(yard_lamps(context), "port_lighting")


SHAPES: Mapping[str, Shape] = {
    "port_cranes": port_cranes,
    "port_reefers": port_reefers,
    "port_lighting": port_lighting,
    "yard_work": yard_work,
}
"""Shapes that follow ships and sun."""
