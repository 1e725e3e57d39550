"""Hours of weather placed under the sun: moved, turned, split, cut.

Nothing is scaled. What is changed is counted, and stands in the attributes of the year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from meishan_model.series import FloatArray
from meishan_model.series.solar import clear_sky, extraterrestrial, sun_position
from meishan_model.series.weather_clock import (
    CLEANEST_TURBIDITY,
    clear_skies,
    row_time,
    stated_minutes,
    sun_times,
)
from meishan_model.series.weather_hours import IRRADIANCE, Report
from meishan_model.series.weather_planes import tilt_by_sun, to_horizontal
from meishan_model.series.weather_rows import WeatherRows

if TYPE_CHECKING:
    from pvlib.location import Location

# Erbs and others take no beam this close to the horizon, where cos(zenith) amplifies noise.
GREATEST_BEAM_ZENITH = 87.0


def weather_year(
    hours: pd.DataFrame,
    report: Report,
    place: Location,
    offset: float,
    rows: WeatherRows,
) -> tuple[dict[str, FloatArray], Report]:
    """The five series of a year from hours of which some may lack, placed under the sun.

    - The rows stand for the time that their format says, where the sun agrees, else for that of
      the sun (``row_time_minutes`` after the start of the hour: 30 of means over the hour, 0 of
      instants). Other rows are interpolated to the middle of the hour, which keeps the total of
      the irradiance and the energy of the wind; what falls below the horizon is dropped
      (``below_horizon_*``). Where the rows are off by whole hours, the clock is
      (``clock_moved_hours``). Temperature and wind move with the irradiance; where a format has
      them at the stamp itself, they move by what the sun says against the format alone.
    - Irradiance above the physical limit of its hour is cut (``ghi_clipped_*``): clear sky of the
      cleanest air, at most the extraterrestrial irradiance.
    - Irradiance of a tilted plane is turned to the horizontal (``plane_tilt``).
    - Direct irradiance is what closes GHI = DHI + DNI cos(zenith) at the middle of the hour;
      what is missing of the three follows from the other two, or by Erbs from GHI alone
      (``split``).

    Parameters
    ----------
    hours
        As :func:`hourly_years` gives them.
    report
        What was done to them so far.
    place
        Place of the file, or of the park where the file says none.
    offset
        Clock of the hours [h east of UTC].
    rows
        Rows of the file that has the irradiance: its plane, its stamps, and the series that move
        with them.

    References
    ----------
    Erbs, Klein, Duffie (1982): Estimation of the diffuse radiation fraction for hourly, daily
    and monthly-average global radiation. Solar Energy 28, 293-302.
    """
    stamps = pd.DatetimeIndex(hours.index)
    given = {str(name): hours[name].to_numpy(dtype=np.float64) for name in hours}
    report = report | {
        f"{name}_as_given_kwh_m2": float(given[name].sum() / 1e3)
        for name in IRRADIANCE
        if name in given
    }
    series, minutes = _on_time(given, stamps, place, offset, rows, report)
    sun = sun_position(stamps, offset, place, dt.timedelta(minutes=minutes))
    if "plane_direct" in series:
        series = _turned(series, rows, sun, place, report)
    ghi, dhi = _global_and_diffuse(series, sun, report)
    clipped = _clipped(ghi, greatest_ghi(stamps, minutes, offset, place), report)
    ghi, dhi = (_to_middle(part, minutes) for part in (clipped, np.minimum(dhi, clipped)))
    sun = sun_position(stamps, offset, place)
    ghi, dhi = _by_daylight(ghi, dhi, sun, report)
    dni, dhi = _close_components(ghi, dhi, sun)
    found = {**series, "ghi": ghi, "dni": dni, "dhi": dhi}
    report |= {f"{name}_kwh_m2": float(found[name].sum() / 1e3) for name in IRRADIANCE}
    return found, report


def _on_time(
    series: dict[str, FloatArray],
    stamps: pd.DatetimeIndex,
    place: Location,
    offset: float,
    rows: WeatherRows,
    report: Report,
) -> tuple[dict[str, FloatArray], float]:
    """Series on the clock of the sun, and minutes after the hour that their irradiance is of."""
    behind, stated = stated_minutes(rows, offset)
    times = sun_times(_of_sun(series), clear_skies(stamps, offset, place))
    off, minutes = row_time(times.year, behind, stated)
    moved = set(series) & set(map(str, rows.table))
    if off:
        series = {n: np.roll(s, off) if n in moved else s for n, s in series.items()}
        report["clock_moved_hours"] = off
    of_stamp = 30.0 - (minutes if stated is None else stated) if rows.is_apart else 0.0
    # Of two wind speeds the mean has less energy than they: their cubes are interpolated.
    for name, power in {"air_temperature": 1.0, "wind_speed": 3.0}.items():
        if name in moved:
            middle = _to_middle(series[name] ** power, minutes + of_stamp)
            series = series | {name: middle ** (1.0 / power)}
    if stated is not None:
        report["row_time_stated_minutes"] = stated
    report |= {"row_time_minutes": minutes, "shift_minutes": 30.0 - minutes}
    report["summer_time_minutes"] = times.winter - times.summer
    return series, minutes


def _clipped(ghi: FloatArray, limit: FloatArray, report: Report) -> FloatArray:
    """Global irradiance [W/m2], at most its physical limit."""
    clipped = np.minimum(ghi, limit)
    report["ghi_clipped_hours"] = int((ghi > limit).sum())
    report["ghi_clipped_kwh_m2"] = float((ghi - clipped).sum() / 1000.0)
    return clipped


def _by_daylight(
    ghi: FloatArray, dhi: FloatArray, sun: pd.DataFrame, report: Report
) -> tuple[FloatArray, FloatArray]:
    """Global and diffuse irradiance [W/m2], none where the sun is below the horizon."""
    dark = sun["zenith"].to_numpy() >= 90.0
    report["below_horizon_hours"] = int((dark & (ghi > 0.0)).sum())
    report["below_horizon_kwh_m2"] = float(ghi[dark].sum() / 1000.0)
    return np.where(dark, 0.0, ghi), np.where(dark, 0.0, dhi)


def _of_sun(series: Mapping[str, FloatArray]) -> FloatArray:
    """What of a year follows the sun, first what tells its hour best."""
    # The direct part on a plane has its noon when the plane sees the sun, not at noon.
    return next(series[name] for name in ("ghi", "dni", "plane_diffuse") if name in series)


def _turned(
    series: Mapping[str, FloatArray],
    rows: WeatherRows,
    sun: pd.DataFrame,
    place: Location,
    report: Report,
) -> dict[str, FloatArray]:
    """Irradiance of a plane turned to the horizontal; an unknown plane faces the equator."""
    direct, diffuse = series["plane_direct"], series["plane_diffuse"]
    sky = clear_sky(sun, place, CLEANEST_TURBIDITY, "dni")
    tilt, azimuth = rows.plane
    if np.isnan(tilt):
        azimuth = 180.0 if place.latitude >= 0.0 else 0.0
        tilt = tilt_by_sun(direct, azimuth, sun, sky)
    dni, dhi = to_horizontal(direct, diffuse, (tilt, azimuth), sun, sky, rows.ground)
    report |= {"plane_tilt": tilt, "plane_kwh_m2": float((direct + diffuse).sum() / 1e3)}
    kept = {name: values for name, values in series.items() if not name.startswith("plane_")}
    return kept | {"dni": dni, "dhi": dhi}


def _global_and_diffuse(
    series: dict[str, FloatArray], sun: pd.DataFrame, report: Report
) -> tuple[FloatArray, FloatArray]:
    """Global and diffuse irradiance [W/m2] at the times of the rows, from what is there."""
    import pvlib

    if "ghi" in series and "dhi" in series:
        return series["ghi"], series["dhi"]
    beam = np.clip(np.cos(np.radians(sun["zenith"].to_numpy())), 0.0, None)
    if "dni" in series and "dhi" in series:
        return series["dhi"] + series["dni"] * beam, series["dhi"]
    if "dni" in series:
        return series["ghi"], np.clip(series["ghi"] - series["dni"] * beam, 0.0, None)
    report["split"] = "diffuse irradiance from the global one by Erbs"
    days = pd.DatetimeIndex(sun.index).day_of_year.to_numpy()
    split = pvlib.irradiance.erbs(series["ghi"], sun["zenith"].to_numpy(), days)
    return series["ghi"], np.asarray(split["dhi"], dtype=np.float64)


def greatest_ghi(
    stamps: pd.DatetimeIndex, row_minutes: float, offset: float, place: Location
) -> FloatArray:
    """Physical limit [W/m2] of the mean irradiance over the hour around each row's time."""
    limits = []
    for step in (-25, -15, -5, 5, 15, 25):
        after_stamp = dt.timedelta(minutes=row_minutes + step)
        sun = sun_position(stamps, offset, place, after_stamp)
        above_air = extraterrestrial(sun) * np.cos(np.radians(sun["zenith"].to_numpy()))
        sky = clear_sky(sun, place, CLEANEST_TURBIDITY)
        limits.append(np.minimum(sky, np.clip(above_air, 0.0, None)))
    return np.asarray(np.mean(limits, axis=0), dtype=np.float64)


def _to_middle(values: FloatArray, row_minutes: float) -> FloatArray:
    """Interpolate rows linearly to the middle of the hour; the year repeats, totals are kept."""
    position = np.arange(values.size) + (30.0 - row_minutes) / 60.0
    rows = np.arange(values.size)
    return np.asarray(np.interp(position, rows, values, period=float(values.size)), np.float64)


def _close_components(
    ghi: FloatArray, dhi: FloatArray, sun: pd.DataFrame
) -> tuple[FloatArray, FloatArray]:
    """Direct normal and diffuse irradiance [W/m2] that add up to the global one."""
    zenith = sun["zenith"].to_numpy()
    cosine = np.where(zenith < GREATEST_BEAM_ZENITH, np.cos(np.radians(zenith)), 0.0)
    dni = np.divide(ghi - dhi, cosine, out=np.zeros_like(ghi), where=cosine > 0.0)
    dni = np.clip(dni, 0.0, extraterrestrial(sun))
    # Where all is direct, a rounding would leave less than nothing.
    return dni, np.clip(ghi - dni * cosine, 0.0, None)
