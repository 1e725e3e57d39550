"""Synthetic weather year from published monthly climate: reproducible, persistent, labelled so.

The hours are invented; the monthly totals and means are those of the climate sheet. Nothing in
this module reads measured hours.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_args, get_type_hints

import numpy as np
import pandas as pd
import xarray as xr
from pydantic import Field

from meishan_model.errors import Fault, InputError, refuse
from meishan_model.series import FloatArray
from meishan_model.series.calendar import hourly_index, standard_offset
from meishan_model.series.solar import clear_sky, location_of, sun_position
from meishan_model.series.weather import (
    MEASURED_FILE,
    SYNTHETIC_FILE,
    made_anew,
    save_weather,
    weather_dataset,
    year_file,
)
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.park_folder import read_site
from meishan_model.sheets.row_reader import read_sheets
from meishan_model.sheets.rows import NoneIfEmpty, Quantity, ValueRow
from meishan_model.sheets.units import HOURS_OF_YEAR

if TYPE_CHECKING:
    from pvlib.location import Location

# fmt: off
DAILY_RANGE_FRACTION = np.array([
    0.82, 0.88, 0.92, 0.95, 0.98, 1.00, 0.98, 0.91, 0.74, 0.55, 0.38, 0.23,
    0.13, 0.05, 0.00, 0.00, 0.06, 0.14, 0.24, 0.39, 0.50, 0.59, 0.68, 0.75,
])
# fmt: on
"""How far the air is below the day's maximum at 0:00 ... 23:00 [share of the daily range].

Part of the method, not of a park: ASHRAE Handbook - Fundamentals (2009), chapter 14, Climatic
design information, table 6, Fraction of daily temperature range; its hour 24 stands here at 0:00.
"""

Months = tuple[float, ...]
"""Twelve numbers."""


_CORRELATION = Quantity("1", 0, 0.999, (0.02, 0.99), "of a correlation")
_SPREAD = Quantity("1", 0, 5, (0.05, 3), "of a logit")


@dataclass(frozen=True)
class Climate:
    """Monthly climate of a place and the statistics of its hours.

    Its fields are the parameters of ``climate.csv``, with their units there and their ranges.
    """

    ghi: Annotated[Months, Quantity("kWh/m2/d", 0.05, 12.0, (0.2, 9), "polar winter to desert")]
    """Mean daily global irradiation."""
    temperature: Annotated[Months, Quantity("degC", -60.0, 60.0, (-40, 45), "of months")]
    """Mean air temperature."""
    wind_speed: Annotated[Months, Quantity("m/s", 0.1, 40.0, (0.5, 15), "basin to coast")]
    """Mean wind speed at the reference height."""
    diurnal_range: Annotated[Months, Quantity("K", 0.0, 40.0, (1, 25), "sea to desert")]
    """Range of the mean daily course of the temperature."""
    seed: Annotated[int, Quantity("1", 0, 2.0**32, (0, 1e8), "any number")]
    """Seed of the random numbers."""
    reference_year: Annotated[int, Quantity("a", 1900, 2200, (1970, 2100), "any of today")]
    """Year without 29 February whose stamps and sun are used."""
    reference_height: Annotated[float, Quantity("m", 1, 200, (2, 200), "of masts and reanalyses")]
    """Height of the wind speed above ground."""
    weibull_k: Annotated[float, Quantity("1", 0.5, 10, (1, 4), "usually 1.5 to 2.5")]
    """Shape of the Weibull distribution of the windy hours."""
    calm_share: Annotated[float, Quantity("%", 0, 90, (0.05, 40), "of the hours")]
    """Share of calms."""
    wind_persistence: Annotated[float, _CORRELATION]
    """Correlation of the wind from hour to hour."""
    wind_diurnal_share: Annotated[float, Quantity("1", 0, 0.95, (0.01, 0.9), "of a correlation")]
    """Correlation of the daily cycle with the Gaussian behind the wind."""
    windiest_hour: Annotated[float, Quantity("h", 0, 24, (0, 24), "an hour of the day")]
    """Hour at which that cycle has its maximum."""
    clearness_minimum: Annotated[float, Quantity("1", 0, 0.5, (0.005, 0.4), "dark days")]
    """Least irradiance over clear sky."""
    clearness_maximum: Annotated[float, Quantity("1", 0.5, 1.5, (0.7, 1.3), "clouds add some")]
    """Most irradiance over clear sky."""
    clearness_spread: Annotated[float, _SPREAD]
    """Deviation of the logit of the clearness from day to day."""
    clearness_persistence: Annotated[float, _CORRELATION]
    """Its correlation from day to day."""
    hourly_clearness_spread: Annotated[float, _SPREAD]
    """Deviation of the logit of the clearness from hour to hour."""
    hourly_clearness_persistence: Annotated[float, _CORRELATION]
    """Its correlation from hour to hour."""
    synoptic_deviation: Annotated[float, Quantity("K", 0, 20, (0.2, 10), "of days")]
    """Deviation of the temperature through the weather."""
    synoptic_persistence: Annotated[float, _CORRELATION]
    """Its correlation from day to day."""


_FIELDS = {n: get_args(hint) for n, hint in get_type_hints(Climate, include_extras=True).items()}
"""Type and quantity of each parameter."""
_ROWS: Mapping[str, Sequence[int | None]] = {
    name: range(1, 13) if kind == Months else (None,) for name, (kind, _) in _FIELDS.items()
}
"""Months of which each parameter has a row; none of one that has a single row."""
Month = Annotated[Annotated[int, Field(ge=1, le=12)] | None, NoneIfEmpty]


class ClimateRow(ValueRow):
    """``climate.csv``: a value of a month, or a single number."""

    needed: ClassVar = "the synthetic weather is made of it; a measured year needs none"
    quantities: ClassVar = {name: quantity for name, (_, quantity) in _FIELDS.items()}
    month: Month = Field(description="1 to 12, or empty for a number without month")
    parameter: str


def read_climate(path: Path) -> Climate:
    """Read and check a climate sheet.

    Raises
    ------
    InputError
        With every fault: form, missing, doubled or unknown rows, wrong units, values out of
        range.
    """
    tables, faults = read_sheets(path.parent, {path.stem: ClimateRow})
    rows = [row for row in tables[path.stem] if isinstance(row, ClimateRow)]
    values = {(row.parameter, row.month): row.value for row in rows}
    # A row that is at fault is not missing as well.
    faults = faults or list(_climate_faults(path, rows, values))
    refuse(faults)
    content: dict[str, Any] = {
        name: tuple(values[name, month] for month in _ROWS[name])
        if kind == Months
        else kind(values[name, None])
        for name, (kind, _) in _FIELDS.items()
    }
    return Climate(**content)


def _climate_faults(
    path: Path, rows: Sequence[ClimateRow], values: Mapping[tuple[str, int | None], float]
) -> Iterator[Fault]:
    """Rows with a month too many, rows that are missing, and a reference year that leaps."""
    for row in rows:
        if row.month not in _ROWS[row.parameter]:
            monthly = None not in _ROWS[row.parameter]
            message = f"{row.parameter} is given {'by month' if monthly else 'once for the year'}"
            remedy = "give a month from 1 to 12" if monthly else "leave the month empty"
            yield row.fault("month", message, remedy)
    for name, month in ((name, month) for name, months in _ROWS.items() for month in months):
        if (name, month) not in values:
            message = f"no row for {name}" + (f" in month {month}" if month else "")
            yield Fault(str(path), message, None, "parameter", name, "add the row")
    for row in rows:
        if row.parameter == "reference_year" and isleap(int(row.value)):
            yield row.fault("value", "is a leap year", "give a year without 29 February")


def synthetic_weather(climate: Climate, location: Location) -> xr.Dataset:
    """Generate the synthetic weather year of a place.

    Irradiance: clear sky times a logit-normal clearness that is autocorrelated from day to day
    and from hour to hour, shifted month by month until the irradiation is the sheet's; split by
    Erbs. Temperature: daily cycle, larger on clear days (assumption: in proportion), plus
    autocorrelated weather, plus a seasonal course that makes the monthly means exact. Wind: ranks
    of an autocorrelated Gaussian with a daily cycle, mapped to calms and a Weibull distribution
    month by month (Gaussian copula), so that the monthly means are exact.

    Parameters
    ----------
    climate
        Monthly climate and hourly statistics.
    location
        Place of the year, in whose standard time the stamps are.

    Returns
    -------
    xarray.Dataset
        ``ghi``, ``dni``, ``dhi`` [W/m2], ``air_temperature`` [degC], ``wind_speed`` [m/s] over
        ``time`` (8760); attributes say that it is synthetic, with seed and source.

    Raises
    ------
    InputError
        If a month's irradiation is beyond what the clear sky of the place allows.

    References
    ----------
    Erbs, Klein, Duffie (1982): Estimation of the diffuse radiation fraction for hourly, daily
    and monthly-average global radiation. Solar Energy 28, 293-302.
    """
    import pvlib

    stamps = hourly_index(climate.reference_year)
    offset = standard_offset(location.tz, climate.reference_year)
    for_sun, for_temperature, for_wind = np.random.default_rng(climate.seed).spawn(3)
    sun = sun_position(stamps, offset, location)
    month = stamps.month.to_numpy() - 1
    zenith = sun["zenith"].to_numpy(dtype=np.float64)
    # Refraction lifts the sun over the horizon a little early; the components need its true place.
    ceiling = np.where(zenith < 90.0, clear_sky(sun, location), 0.0)
    ghi = _clearness(climate, for_sun, ceiling, month) * ceiling
    split = pvlib.irradiance.erbs(ghi, zenith, stamps.day_of_year.to_numpy())
    clearness = ghi.reshape(365, 24).sum(axis=1) / ceiling.reshape(365, 24).sum(axis=1)
    return weather_dataset(
        stamps,
        {
            "ghi": ghi,
            "dni": np.asarray(split["dni"], dtype=np.float64),
            "dhi": np.asarray(split["dhi"], dtype=np.float64),
            "air_temperature": _temperature(climate, for_temperature, clearness, month),
            "wind_speed": _wind_speed(climate, for_wind, month),
        },
        {
            "title": "Synthetic weather year",
            "kind": "synthetic",
            "comment": "Hours are generated, not measured; monthly totals and means match the "
            "climate sheet.",
            "source": "monthly climate of climate.csv; Ineichen clear sky with Linke turbidity "
            "climatology, Erbs split (pvlib)",
            "seed": climate.seed,
            "utc_offset_hours": offset,
            "latitude": location.latitude,
            "longitude": location.longitude,
            "altitude": location.altitude,
            "wind_reference_height": climate.reference_height,
        },
    )


def _clearness(
    climate: Climate, generator: np.random.Generator, ceiling: FloatArray, month: np.ndarray
) -> FloatArray:
    """Irradiance over clear sky [1] with exact monthly irradiation, (8760,)."""
    days = _noise(generator, 365, climate.clearness_persistence)
    hours = _noise(generator, HOURS_OF_YEAR, climate.hourly_clearness_persistence)
    logit = climate.clearness_spread * np.repeat(days, 24)
    logit += climate.hourly_clearness_spread * hours
    least, greatest = climate.clearness_minimum, climate.clearness_maximum
    possible = _means(ceiling, month) * 24.0 / 1000.0
    faults = []
    for of_month, (ghi, top) in enumerate(zip(climate.ghi, possible, strict=True), 1):
        if not least * top < ghi < greatest * top:
            message = f"ghi of month {of_month} is outside what the clear sky allows"
            remedy = f"{least * top:.2f} to {greatest * top:.2f} kWh/m2/d"
            faults.append(Fault("climate.csv", message, None, "value", f"{ghi:g}", remedy))
    refuse(faults)
    share = np.empty(HOURS_OF_YEAR)
    for index, mean in enumerate((climate.ghi / possible - least) / (greatest - least)):
        mine = month == index
        share[mine] = _logistic_of_mean(logit[mine], ceiling[mine], mean)
    return least + (greatest - least) * share


def _means(values: FloatArray, month: np.ndarray) -> FloatArray:
    """Mean of each month."""
    return np.asarray(np.bincount(month, weights=values) / np.bincount(month))


def _logistic_of_mean(logit: FloatArray, weight: FloatArray, mean: float) -> FloatArray:
    """Logistic of a logit [1] that is shifted until its weighted mean is as wanted."""
    from scipy.optimize import brentq
    from scipy.special import expit

    def excess(shift: float) -> float:
        return float(expit(logit + shift) @ weight / weight.sum()) - mean

    return np.asarray(expit(logit + brentq(excess, -50.0, 50.0, xtol=1e-14)))


def _noise(generator: np.random.Generator, length: int, persistence: float) -> FloatArray:
    """Stationary Gaussian AR(1) series of zero mean and unit variance, ``(length,)``.

    ``x[t] = p x[t-1] + sqrt(1 - p^2) e[t]`` with ``x[0] = e[0]``.
    """
    from scipy.signal import lfilter

    noise = generator.standard_normal(length)
    noise[1:] *= np.sqrt(1.0 - persistence**2)
    return np.asarray(lfilter([1.0], [1.0, -persistence], noise))


def _temperature(
    climate: Climate, generator: np.random.Generator, clearness: FloatArray, month: np.ndarray
) -> FloatArray:
    """Air temperature [degC] with exact monthly means, (8760,)."""
    of_day = month[::24]
    usual = _means(clearness, of_day)[of_day]
    daily_range = np.asarray(climate.diurnal_range)[of_day] * clearness / usual
    noons = np.arange(365) * 24.0 + 12.0
    hours = np.arange(HOURS_OF_YEAR) + 0.5
    # Interpolated from noon to noon, so that no midnight has a step.
    hourly_range = np.interp(hours, noons, daily_range, period=float(HOURS_OF_YEAR))
    at_stamps = -DAILY_RANGE_FRACTION
    cycle = 0.5 * (at_stamps + np.roll(at_stamps, -1))
    cycle = np.tile((cycle - cycle.mean()) / np.ptp(cycle), 365)
    weather = climate.synoptic_deviation * _noise(
        generator, HOURS_OF_YEAR, climate.synoptic_persistence ** (1.0 / 24.0)
    )
    course = hourly_range * cycle + weather
    missing = np.asarray(climate.temperature) - _means(course, month)
    # Piecewise linear through the middles of the months, with nodes that give the means exactly.
    edges = np.concatenate([[0.0], np.cumsum(np.bincount(month))])
    middles = 0.5 * (edges[1:] + edges[:-1])
    year = float(HOURS_OF_YEAR)
    weights = np.stack([np.interp(hours, middles, unit, period=year) for unit in np.eye(12)], 1)
    means = np.stack([weights[month == index].mean(axis=0) for index in range(12)])
    return np.asarray(course + weights @ np.linalg.solve(means, missing), dtype=np.float64)


def _wind_speed(climate: Climate, generator: np.random.Generator, month: np.ndarray) -> FloatArray:
    """Wind speed [m/s] at the reference height with exact monthly means, (8760,)."""
    share = climate.wind_diurnal_share
    hour = np.arange(HOURS_OF_YEAR) % 24 + 0.5
    cycle = np.sqrt(2.0) * np.cos(2.0 * np.pi * (hour - climate.windiest_hour) / 24.0)
    noise = _noise(generator, HOURS_OF_YEAR, climate.wind_persistence)
    gaussian = pd.Series(share * cycle + np.sqrt(1.0 - share**2) * noise)
    length = np.bincount(month)[month]
    level = (gaussian.groupby(month).rank().to_numpy() - 0.5) / length
    calm = climate.calm_share / 100.0
    windy = np.clip((level - calm) / (1.0 - calm), 0.0, None)
    speed = (-np.log1p(-windy)) ** (1.0 / climate.weibull_k)
    scale = np.asarray(climate.wind_speed) * np.bincount(month) / np.bincount(month, weights=speed)
    return np.asarray(scale[month] * speed, dtype=np.float64)


def write_synthetic_weather(park_folder: Path, weather_folder: Path) -> tuple[Path, list[str]]:
    """Generate the synthetic weather year of a park from its climate sheet and use it.

    Measured years that lie there are removed, so that the synthetic one is used again.

    Parameters
    ----------
    park_folder
        ``configs/<park>`` with ``park.yaml`` and ``climate.csv``.
    weather_folder
        ``timeseries/<park>``.

    Returns
    -------
    path, notes
        The file, and what a person should know of it.
    """
    site, climate = read_site(park_folder), read_climate(park_folder / "climate.csv")
    dataset = synthetic_weather(climate, location_of(site))
    path = weather_folder / SYNTHETIC_FILE
    save_weather(dataset.assign_attrs(climate_sha256=fingerprint(climate)), path)
    for measured in (weather_folder / MEASURED_FILE, *weather_folder.glob(year_file("[0-9]*"))):
        measured.unlink(missing_ok=True)
    notes = [f"synthetic: {dataset.attrs['source']}"]
    if site.weather_year is not None:
        notes.append(f"park.yaml still names weather_year {site.weather_year}: take it out")
    return path, notes


def check_climate(weather: xr.Dataset, park_folder: Path, file: Path) -> None:
    """Check that a synthetic year is that of the climate sheet of today.

    Raises
    ------
    InputError
        If it was made of another climate, or the sheet is wrong.
    """
    sheet, made_of = park_folder / "climate.csv", weather.attrs.get("climate_sha256")
    if made_of is None or not sheet.is_file():
        return
    if made_of != fingerprint(read_climate(sheet)):
        message = "was made of another climate.csv"
        raise InputError([Fault(str(file), message, remedy=made_anew(file))])
