"""What is strange about a weather year: place, clock, closure, swapped columns, dead sensors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.series import FloatArray
from meishan_model.series.climate import Climate
from meishan_model.series.solar import clear_sky
from meishan_model.series.weather_clock import CLEANEST_TURBIDITY, FARTHEST
from meishan_model.series.weather_hours import IRRADIANCE, Report
from meishan_model.series.weather_rows import WeatherRows
from meishan_model.sheets.contradictions import distances
from meishan_model.sheets.park import Site

if TYPE_CHECKING:
    from pvlib.location import Location

FAR, TOO_FAR = 60.0, 250.0
"""Distance from the park of which is told, and which is refused [km]."""
GREATEST_HEIGHT = 300.0
"""Difference in height of which is told [m]: 2 K of temperature."""
SUMMER_TIME = 30.0
"""Minutes by which rows may stand for another time in winter than in summer: half of what a clock
makes that is put forward; a season whose afternoons lose a fifth of their light makes 20."""
POOR_CLOSURE = 0.08
"""Mean miss of GHI = DHI + DNI cos(zenith) over mean GHI of which is told [-]."""
GREATEST_CUT = 0.03
"""Share of the irradiation above the clear sky of which is told [-]."""
LEAST_CLEAR = 0.5
"""Share of the clear sky of the cleanest air that one hour in fifty has at any place [-]."""
LEAST_YEAR, GREATEST_YEAR = 500.0, 2800.0
"""Global irradiation that the Earth has [kWh/(m2*a)]: Arctic islands, the Atacama."""
LONGEST_RUN = {"air_temperature": 24, "wind_speed": 24, "ghi": 5, "dni": 24, "dhi": 24}
"""Hours in a row for which a value may stay the same; zeros count of the temperature alone.
Irradiance that stays for a day, over the night, is none."""
MOST_AT_TOP = 0.1
"""Share of the lit hours that may have the greatest global or direct irradiance of a year [-]: a
sensor that saturates does so on few days."""
WINDIEST = 10.5
"""Mean wind speed above which no land has it at 10 m, and the sea hardly at 100 m [m/s]."""
LONGEST_CALM = 96
"""Hours in a row without wind of which is told."""
MONTHS = {"ghi": (0.6, 1.6), "wind_speed": (0.5, 2.0)}
"""Mean of a month over that of the climate sheet, within which nothing is told [-]."""
MONTHS_APART = 5.0
"""The same of temperatures [K]."""


class WeatherFinding(NamedTuple):
    """Something strange, with its number and what to do; what cannot be used is an error."""

    name: str
    message: str
    remedy: str
    is_error: bool = False

    def __str__(self) -> str:
        """In one line."""
        return f"{self.name}: {self.message}; {self.remedy}"


CODE = "see whether it is a code for a missing value, which a mapping says by missing"
NO_WIND = WeatherFinding(
    "weather_wind_synthetic",
    "the files have no wind speed; that of the synthetic year is taken",
    "give another file that has it, before a plan for wind turbines rests on it",
)


def stored_findings(weather: xr.Dataset) -> list[WeatherFinding]:
    """What was found strange in a measured weather year when it was read."""
    told = weather.attrs.get("findings", "[]")
    try:
        return [WeatherFinding(*terms) for terms in json.loads(told)]
    except (ValueError, TypeError):
        remedy = "read the files again: meishan weather FILE ..."
        message = f"the file is of an older version, which found: {told or 'nothing strange'}"
        return [WeatherFinding("weather_file_old", message.replace("\n", "; "), remedy)]


def place_findings(rows: WeatherRows, site: Site) -> Iterator[WeatherFinding]:
    """A file of another place, or of none."""
    latitude, longitude, altitude = rows.place
    if np.isnan(latitude):
        remedy = "see that it is of the park's place"
        yield WeatherFinding("weather_place_unknown", "the file names no place", remedy)
        return
    (distance,) = distances((latitude, longitude), np.array([[site.latitude, site.longitude]]))
    if distance > FAR:
        message = f"{distance:.0f} km from {site.name} (at {latitude:g}, {longitude:g})"
        remedy = f"take a place within {FAR:g} km, or correct park.yaml"
        yield WeatherFinding("weather_place_far", message, remedy, bool(distance > TOO_FAR))
    if abs(altitude - site.altitude) > GREATEST_HEIGHT:
        message = f"{altitude:.0f} m high, {site.name} {site.altitude:.0f} m"
        remedy = "temperature falls by 6.5 K a kilometre: take a place of the park's height"
        yield WeatherFinding("weather_height_differs", message, remedy)


def wind_findings(rows: WeatherRows) -> Iterator[WeatherFinding]:
    """A wind speed of which nobody says how high above ground it blows, or at which time."""
    if rows.is_assumed and not {*rows.table} & {*IRRADIANCE}:
        message = "stamps of a wind speed without irradiance are taken to begin their rows"
        yield WeatherFinding("weather_stamps_unsaid", message, "say stamps in the mapping")
    if np.isnan(rows.wind_height):
        message = "the file does not say the height of its wind speed"
        remedy = "reference_height of technology_parameters.csv has to be that height"
        yield WeatherFinding("weather_wind_height_unknown", message, remedy)


def clock_findings(report: Report, rows: WeatherRows) -> Iterator[WeatherFinding]:
    """A clock or a convention that the sun contradicts, a clock that is put forward in summer."""
    off = int(report.get("clock_moved_hours", 0))
    if off and rows.utc_offset is not None:
        message = f"the sun stands {off:+d} h from the clock of the file, UTC{rows.utc_offset:+g}"
        message += ", and all series were moved by as much" if abs(off) == 1 else ""
        remedy = f"see whether its hours are those of UTC{rows.utc_offset - off:+g}"
        yield WeatherFinding("weather_clock_moved", message, remedy, abs(off) > 1)
    elif rows.utc_offset is None:
        message = f"no clock is stated; the sun stands {off:+d} h from the park's"
        message += ", and all series were moved by as much" if off else ""
        yield WeatherFinding("weather_clock_unknown", message, "see that it is local time")
    yield from _row_time_findings(report, rows)
    saving = float(report["summer_time_minutes"])
    if abs(saving) >= SUMMER_TIME:
        message = f"rows stand for {saving:+.0f} min in winter against summer"
        remedy = "give the whole year in standard time, without daylight saving"
        yield WeatherFinding("weather_clock_changes", message, remedy, is_error=True)


def _row_time_findings(report: Report, rows: WeatherRows) -> Iterator[WeatherFinding]:
    """Rows that stand for another time by the sun than their format or their mapping says."""
    found = float(report["row_time_minutes"])
    late = float(report.get("row_time_stated_minutes", found)) - found
    if not late:
        return
    hours = round(late / 60.0)
    clock = "" if rows.utc_offset is None else f"UTC{rows.utc_offset + hours:+g}"
    if rows.is_assumed:
        half = float(rows.row_minutes or np.nan)
        stamps = {2.0 * half: "end", half: "instant"}.get(late, "start, end or instant")
        message = f"by the sun all rows are {abs(late):.0f} min {'late' if late > 0 else 'early'}"
        message += ", if their stamps begin their hours, and all series were moved by as much"
        remedy = f"say stamps: {stamps} in the mapping"
        remedy += f", or see whether its hours are those of {clock}" if hours else ""
        yield WeatherFinding("weather_stamps_unsaid", message, remedy)
        return
    message = f"by the sun the rows are {abs(late):.0f} min {'late' if late > 0 else 'early'}"
    message += " against what their format says"
    if is_guess := rows.is_apart and abs(late) > FARTHEST:
        message += "; whether temperature and wind are too nobody knows"
        remedy = f"see whether its hours are those of {clock}, get the file anew, or give it as a "
        remedy += "CSV file with a mapping that says stamps"
    else:
        message += ", and all series were moved by as much"
        remedy = f"see whether its hours are those of {clock}" if clock and hours else ""
        remedy = remedy or "see whether its rows are instants; where all of it is so, correct it"
    yield WeatherFinding("weather_row_time_differs", message, remedy, is_guess)


def irradiance_findings(
    given: Mapping[str, FloatArray], sun: pd.DataFrame, place: Location, report: Report
) -> Iterator[WeatherFinding]:
    """Components that do not add up, columns that are swapped, planes that are tilted.

    Parameters
    ----------
    given
        Irradiance as the file has it [W/m2], on the right clock.
    sun
        Position of the sun at the times of the rows.
    place
        Place of the file.
    report
        What was done to them.
    """
    year = float(report["ghi_kwh_m2"])
    if "plane_tilt" in report:
        turned = f"{report['plane_kwh_m2']:.0f} to {year:.0f} kWh/m2"
        message = f"irradiance of a plane of {report['plane_tilt']:g} deg was turned, {turned}"
        remedy = "better ask for global and diffuse irradiance on the horizontal plane"
        yield WeatherFinding("weather_plane_turned", message, remedy)
    if not LEAST_YEAR < year < GREATEST_YEAR:
        message = f"{year:.0f} kWh/m2 a year of global irradiance"
        remedy = f"the Earth has {LEAST_YEAR:g} to {GREATEST_YEAR:g}: see unit and column"
        yield WeatherFinding("weather_irradiance_impossible", message, remedy, is_error=True)
        return
    zenith = sun["zenith"].to_numpy()
    high = zenith < 80.0
    if "ghi" in given:
        clear = np.quantile(
            given["ghi"][high] / clear_sky(sun, place, CLEANEST_TURBIDITY)[high], 0.98
        )
        if clear < LEAST_CLEAR:
            message = f"the brightest hours have {clear:.0%} of the irradiance of a clear sky"
            remedy = f"of any site they have {LEAST_CLEAR:.0%}: see unit and column"
            yield WeatherFinding("weather_irradiance_impossible", message, remedy, is_error=True)
    beam = np.cos(np.radians(zenith[high]))
    if set(IRRADIANCE) <= set(given):
        misses = {
            order: _miss([given[name][high] for name in order], beam)
            for order in permutations(IRRADIANCE)
        }
        stated, best = misses[IRRADIANCE], min(misses, key=lambda order: misses[order])
        if stated > POOR_CLOSURE and misses[best] < stated / 2.0:
            pairs = [f"{a} in {b}" for a, b in zip(IRRADIANCE, best, strict=True) if a != b]
            message = f"columns are swapped: {', '.join(pairs)} closes to {misses[best]:.0%}"
            remedy = f"as they stand they miss by {stated:.0%}: put the columns right"
            yield WeatherFinding("weather_columns_swapped", message, remedy, is_error=True)
        elif stated > POOR_CLOSURE:
            message = f"global less diffuse and direct misses by {stated:.0%} of the global"
            change = (report["dni_as_given_kwh_m2"], report["dni_kwh_m2"])
            remedy = "direct irradiance was made to close, {:.0f} to {:.0f} kWh/m2: ".format(
                *change
            )
            yield WeatherFinding("weather_closure", message, remedy + "see the columns")
    if {"ghi", "dhi"} <= set(given):
        direct = given["ghi"][high] - given["dhi"][high]
        most = clear_sky(sun, place, CLEANEST_TURBIDITY, "dni")[high] * beam
        excess = np.clip(direct - 1.05 * most, 0.0, None).sum() / max(direct.sum(), 1.0)
        if excess > 0.02:
            message = f"{excess:.0%} of the direct irradiance is more than a clear sky gives"
            remedy = "it is that of a tilted plane: ask for a horizontal one"
            yield WeatherFinding("weather_plane_tilted", message, remedy, is_error=True)
    cut = float(report["ghi_clipped_kwh_m2"]) / year
    if cut > GREATEST_CUT:
        message = f"{cut:.1%} of the irradiation is above the clear sky and was cut"
        remedy = f"see unit and clock, {report['ghi_clipped_kwh_m2']:.0f} of {year:.0f} kWh/m2"
        yield WeatherFinding("weather_clipped", message, remedy)


def _miss(components: Sequence[FloatArray], beam: FloatArray) -> float:
    """Mean miss of GHI = DHI + DNI cos(zenith) over the mean of GHI [-]."""
    ghi, dni, dhi = components
    return float(np.abs(ghi - dhi - dni * beam).mean() / max(ghi.mean(), 1e-9))


def sensor_findings(
    series: Mapping[str, FloatArray], noon: FloatArray
) -> Iterator[WeatherFinding]:
    """Values that stay, days without light, a wind that never blows, copied days.

    Parameters
    ----------
    series
        The series of the year.
    noon
        Height of the sun at its highest, by day [deg], shape (365,).
    """
    for name, longest in LONGEST_RUN.items():
        run, start = _longest_run(series[name], is_free=name == "air_temperature")
        value, values = series[name][start], series[name]
        count, lit = int((values == value).sum()), int((values > 0.0).sum())
        is_top = name in ("ghi", "dni") and value == values.max() and count > MOST_AT_TOP * lit
        is_code = is_top or (name in IRRADIANCE and run > 24)
        if run > longest or is_code:
            message = f"{name} is {value:g} for {run} hours from hour {start}, {count} in the year"
            remedy = CODE if is_code else "a sensor that is stuck: take another year"
            yield WeatherFinding("weather_sensor_stuck", message, remedy, is_code)
    calm = np.diff(np.flatnonzero(np.r_[True, series["wind_speed"] > 0.0, True])).max() - 1
    if calm > LONGEST_CALM:
        message, remedy = f"no wind for {calm} hours in a row", "see whether the sensor was dead"
        yield WeatherFinding("weather_wind_dead", message, remedy, calm > 30 * 24)
    if (mean := float(series["wind_speed"].mean())) > WINDIEST:
        message, remedy = f"the mean wind speed is {mean:.1f} m/s", "see its unit: km/h, kn or mph"
        yield WeatherFinding("weather_wind_strong", message, remedy)
    days = series["ghi"].reshape(-1, 24)
    dark = np.flatnonzero((days.sum(axis=1) < 50.0) & (noon > 10.0))
    if dark.size:
        message = f"{dark.size} days without light, the first is day {dark[0] + 1} of the year"
        remedy = "see whether the sensor was dead"
        yield WeatherFinding("weather_dark_days", message, remedy, dark.size > 10)
    lit = days[1:].sum(axis=1) > 50.0
    same = int(((np.abs(np.diff(days, axis=0)).max(axis=1) < 1e-9) & lit).sum())
    if same > 2:
        message, remedy = f"{same} days are copies of the day before", "give measured days"
        yield WeatherFinding("weather_days_copied", message, remedy)


def _longest_run(values: FloatArray, is_free: bool) -> tuple[int, int]:
    """Length and first hour of the longest run of one value; of zeros only where it is free."""
    changes = np.flatnonzero(np.r_[True, np.diff(values) != 0.0, True])
    lengths = np.where(is_free | (values[changes[:-1]] != 0.0), np.diff(changes), 0)
    place = int(np.argmax(lengths))
    return int(lengths[place]), int(changes[place])


def climate_findings(
    series: Mapping[str, FloatArray], month: np.ndarray, climate: Climate, height: float
) -> Iterator[WeatherFinding]:
    """Months that are far from those of the climate sheet of the park.

    Wind is compared at one height only, and never refused: stations are sheltered or free.
    """
    means = {
        name: np.bincount(month, series[name])[1:] / np.bincount(month)[1:] for name in series
    }
    usual = {"ghi": np.asarray(climate.ghi) * 1e3 / 24.0, "wind_speed": climate.wind_speed}
    remedy = "see place, unit and column, or correct climate.csv"
    for name, (least, greatest) in MONTHS.items():
        if name == "wind_speed" and height != climate.reference_height:
            continue
        ratio = means[name] / np.asarray(usual[name])
        strange = np.flatnonzero((ratio < least) | (ratio > greatest))
        if strange.size:
            worst = strange[np.argmax(np.abs(np.log(np.maximum(ratio[strange], 1e-6))))]
            message = (
                f"{name} is {ratio[worst]:.2f} times that of the climate in month {worst + 1}"
            )
            message += f" and strange in {strange.size} months"
            is_error = name == "ghi" and strange.size > 6
            yield WeatherFinding(f"weather_months_{name}", message, remedy, is_error)
    apart = means["air_temperature"] - np.asarray(climate.temperature)
    if (strange := np.flatnonzero(np.abs(apart) > MONTHS_APART)).size:
        worst = strange[np.argmax(np.abs(apart[strange]))]
        message = f"air_temperature is {apart[worst]:+.1f} K from the climate in month {worst + 1}"
        message += f" and strange in {strange.size} months"
        yield WeatherFinding("weather_months_air_temperature", message, remedy, strange.size > 6)
