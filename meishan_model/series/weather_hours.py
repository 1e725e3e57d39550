"""From rows of weather files to whole years of hours on the park's clock: joined, moved, filled.

What is filled is counted, and stands in the attributes of the year.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.series import BoolArray
from meishan_model.series.calendar import hourly_index, standard_offset
from meishan_model.series.solar import location_of, sun_position
from meishan_model.series.weather import VARIABLES
from meishan_model.series.weather_rows import WeatherRows
from meishan_model.sheets.park import Site
from meishan_model.sheets.units import HOURS_OF_YEAR

Report: TypeAlias = dict[str, str | int | float]

TYPICAL_YEAR = 2019
"""Year whose stamps a typical year gets, the months of which are of several years."""
LEAST_HOURS, LONGEST_YEAR = 8000, 8784
"""Hours of a year that is worth to be looked at, and of the longest year [h]."""
LONGEST_GAP = 3
"""Hours in a row that are filled between their neighbours [h]; more are refused."""
OTHER = "give beside it a file that has them, as NASA POWER has T2M and WS10M of all hours"
"""What helps where hours are missing."""
NIGHT_OFFSET = -20.0
"""Irradiance that a thermopile shows to the cold sky of the night [W/m2]; it counts as zero."""
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
