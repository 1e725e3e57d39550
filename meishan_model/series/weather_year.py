"""From rows of weather files to whole years on the park's clock: joined, moved, split, cut.

Nothing is scaled. What is changed is counted, and stands in the attributes of the year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.series import BoolArray, FloatArray
from meishan_model.series.calendar import hourly_index, standard_offset
from meishan_model.series.solar import clear_sky, extraterrestrial, location_of, sun_position
from meishan_model.series.weather import VARIABLES
from meishan_model.series.weather_clock import (
    CLEANEST_TURBIDITY,
    clear_skies,
    row_time,
    stated_minutes,
    sun_times,
)
from meishan_model.series.weather_planes import tilt_by_sun, to_horizontal
from meishan_model.series.weather_rows import WeatherRows
from meishan_model.sheets.park import Site
from meishan_model.sheets.units import HOURS_OF_YEAR

if TYPE_CHECKING:
    from pvlib.location import Location

Report: TypeAlias = dict[str, str | int | float]

TYPICAL_YEAR = 2019
"""Year whose stamps a typical year gets, the months of which are of several years."""
LEAST_HOURS, LONGEST_YEAR = 8000, 8784
"""Hours of a year that is worth to be looked at, and of the longest year [h]."""
LONGEST_GAP = 3
"""Hours in a row that are filled between their neighbours [h]; more are refused."""
NIGHT_OFFSET = -20.0
"""Irradiance that a thermopile shows to the cold sky of the night [W/m2]; it counts as zero."""
# Erbs and others take no beam this close to the horizon, where cos(zenith) amplifies noise.
GREATEST_BEAM_ZENITH = 87.0
OTHER = "give beside it a file that has them, as NASA POWER has T2M and WS10M of all hours"
"""What helps where hours are missing."""
IRRADIANCE = ("ghi", "dni", "dhi")


def hourly_years(
    files: Sequence[tuple[str, WeatherRows]], site: Site
) -> dict[int, tuple[pd.DataFrame, Report]]:
    """Whole years of hours in the park's standard time, by year.

    Files complement each other: what one lacks, in columns or in hours, another may have.

    Parameters
    ----------
    files
        Name and rows of each file.
    site
        The park.

    Returns
    -------
    dict
        By year a table of 8760 hours, columns among ``ghi``, ``dni``, ``dhi`` [W/m2],
        ``air_temperature`` [degC] and ``wind_speed`` [m/s], and what was done to it.

    Raises
    ------
    InputError
        If no whole year is there, or gaps are too long to be filled.
    """
    offset = standard_offset(site.timezone, TYPICAL_YEAR)
    names = ", ".join(name for name, _ in files)
    tables = [_on_clock(rows, offset) for _, rows in files]
    typical = [_is_typical(rows.table.index) for _, rows in files]
    if any(typical):
        if any(len(table) > LONGEST_YEAR for table in tables):
            message = "are a typical year and several years, which do not go together"
            raise InputError([Fault(names, message, remedy="give one or the others")])
        tables = [_as_typical(table) for table in tables]
    table = tables[0]
    for other in tables[1:]:
        table = _joined(table, other, names)
    stamps = pd.DatetimeIndex(table.index)
    years = {year: _whole_year(table, year) for year in sorted(set(stamps.year))}
    counts = {year: len(found.dropna(how="all")) for year, (found, _) in years.items()}
    whole = {year: years[year] for year, count in counts.items() if count > LEAST_HOURS}
    if not whole:
        best = max(counts, key=lambda year: counts[year])
        when = _when(years[best][0].isna().all(axis=1))
        message = f"has {counts[best]} of the {HOURS_OF_YEAR} hours of a year{when}"
        raise InputError([Fault(names, message, remedy=f"give every hour of a year, or {OTHER}")])
    sun = sun_position(hourly_index(TYPICAL_YEAR), offset, location_of(site))
    is_dark = sun["zenith"].to_numpy() >= 90.0
    found = {year: _filled(hours, names, is_dark) for year, (hours, _) in whole.items()}
    # One year with a fault does not take the others with it.
    faultless = {year: one for year, one in found.items() if not one[2]}
    if not faultless:
        raise InputError([fault for _, _, wrong in found.values() for fault in wrong])
    indexes = [pd.DatetimeIndex(rows.table.index) for _, rows in files]
    leaps = {year for i in indexes for year in i[(i.month == 2) & (i.day == 29)].year}
    for year, (_, report, _) in faultless.items():
        if year in leaps or (leaps and any(typical)):
            report["dropped"] = "29 February"
        if from_other_end := whole[year][1]:
            report["hours_from_other_end"] = from_other_end
    return {year: (hours, report) for year, (hours, report, _) in faultless.items()}


def _joined(table: pd.DataFrame, other: pd.DataFrame, names: str) -> pd.DataFrame:
    """What one file lacks from another; of what both have the first counts, but for irradiance."""
    hours = table.index.intersection(other.index)
    sun = [
        [n for n in one if str(n) in IRRADIANCE or str(n).startswith("plane_")]
        for one in (table, other)
    ]
    if len(hours) and all(sun):
        message = "have irradiance of the same hours in two files"
        raise InputError([Fault(names, message, remedy="give one of them")])
    return table.combine_first(other)


def _is_typical(index: pd.Index[pd.Timestamp]) -> bool:
    """Whether months are of several years that do not follow each other, each of them once."""
    stamps = pd.DatetimeIndex(index)
    if stamps.is_monotonic_increasing or stamps.is_monotonic_decreasing:
        return False
    return not stamps.strftime("%m%d%H%M").has_duplicates


def _on_clock(rows: WeatherRows, offset: float) -> pd.DataFrame:
    """Hourly means in another clock; the stamps of a typical year keep their own years.

    Where the clock is not known the stamps are taken for local ones: the sun tells whether.
    """
    table, stamps = rows.table, pd.DatetimeIndex(rows.table.index)
    moved = pd.Timedelta(hours=0.0 if rows.utc_offset is None else offset - rows.utc_offset)
    if _is_typical(stamps):
        # Its months were cut out in its own clock: the year goes round in a circle.
        table = _as_typical(table.groupby(stamps.floor("h"), sort=False).mean())
        shift = moved // pd.Timedelta(hours=1)
        return table.set_axis(np.roll(table.index, -shift)).sort_index()
    return table.groupby((stamps + moved).floor("h")).mean()


def _as_typical(table: pd.DataFrame) -> pd.DataFrame:
    """The same months, days and hours in one year; 29 February is left out."""
    index = pd.DatetimeIndex(table.index)
    kept = table[~((index.month == 2) & (index.day == 29))]
    stamps = pd.DatetimeIndex(kept.index)
    parts = {"month": stamps.month, "day": stamps.day, "hour": stamps.hour}
    moved = pd.to_datetime(pd.DataFrame({"year": TYPICAL_YEAR, **parts}))
    return kept.set_axis(pd.DatetimeIndex(moved)).groupby(level=0).mean()


def _whole_year(table: pd.DataFrame, year: int) -> tuple[pd.DataFrame, int]:
    """The hours of a year; those that another clock has cut off are those of its other end.

    The second is the number of hours that were taken from there.
    """
    hours = hourly_index(year)
    found = table.reindex(hours)
    is_cut = found.isna().any(axis=1)
    for other in (year + 1, year - 1):
        edge = table.reindex(hourly_index(other)).set_axis(hours)
        inside = np.minimum(np.arange(HOURS_OF_YEAR), np.arange(HOURS_OF_YEAR)[::-1]) < 14
        found = found.fillna(edge[inside])
    return found, int((is_cut & ~found.isna().any(axis=1)).sum())


def _filled(
    hours: pd.DataFrame, names: str, is_dark: BoolArray
) -> tuple[pd.DataFrame, Report, list[Fault]]:
    """Short gaps filled between their neighbours, nights at zero, no dark column; faults else.

    Loggers that the sun feeds write no rows at night: irradiance is none then; all else was.
    """
    report: Report = {}
    faults = []
    hours = hours.drop(columns=(dark := _dark(hours)))
    if dark:
        report["left_out"] = f"{' and '.join(dark)}, zero in all hours"
    kept = hours.copy()
    for name in hours:
        is_power = name in IRRADIANCE or str(name).startswith("plane_")
        units, *_, least, greatest = VARIABLES["ghi" if is_power else str(name)]
        least = NIGHT_OFFSET if is_power else least
        wrong = hours[name][(hours[name] < least) | (hours[name] > greatest)]
        if len(wrong):
            message = f"{len(wrong)} impossible values, first on {wrong.index[0]:%Y-%m-%d %H:%M}"
            remedy = f"allowed: {least:g} to {greatest:g} {units}; codes are missing of a mapping"
            faults.append(Fault(names, message, None, str(name), f"{wrong.iloc[0]:g}", remedy))
        series = hours[name]
        if is_power and (nights := int((series.isna() & is_dark).sum())):
            series = series.mask(series.isna() & is_dark, 0.0)
            report[f"{name}_none_at_night_hours"] = nights
        missing = series.isna()
        series = series.interpolate(limit_direction="both")
        runs = missing.groupby((~missing).cumsum()).sum()
        if (longest := int(runs.max())) > LONGEST_GAP:
            start = missing.index[missing & ((~missing).cumsum() == runs.idxmax())][0]
            message = f"{int(missing.sum())} hours are missing, {longest} in a row from {start}"
            message += _when(missing)
            remedy = f"gaps of up to {LONGEST_GAP} h are filled; {OTHER}"
            faults.append(Fault(names, message, None, str(name), remedy=remedy))
        if missing.any():
            report[f"{name}_filled_hours"] = int(missing.sum())
        kept[name] = series.clip(lower=0.0) if is_power else series
    return kept, report, faults


def _when(missing: pd.Series[bool]) -> str:
    """Hours of the day that are missing on most days, in words, where not all are."""
    share = missing.groupby(pd.DatetimeIndex(missing.index).hour).mean()
    hours = [str(hour) for hour, part in share.items() if part > 0.5]
    return f", on most days those from {', '.join(hours)} h on" if 0 < len(hours) < 24 else ""


def _dark(hours: pd.DataFrame) -> list[str]:
    """Irradiance that is zero throughout beside one that is not: a column that nobody filled."""
    sun = [name for name in IRRADIANCE if name in hours]
    dark = [name for name in sun if not (hours[name] > 0.0).any()]
    return dark if len(dark) < len(sun) else []


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
