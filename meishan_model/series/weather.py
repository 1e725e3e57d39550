"""Weather datasets: what they must hold, how they are kept, which of them a park uses."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError, refuse
from meishan_model.series import FloatArray
from meishan_model.series.calendar import hourly_index, standard_offset
from meishan_model.sheets.files import LARGEST_FILE
from meishan_model.sheets.park import Site
from meishan_model.sheets.units import HOURS_OF_YEAR
from meishan_model.whole_file import whole_file

logger = logging.getLogger(__name__)

SYNTHETIC_FILE = "weather.nc"
MEASURED_FILE = "weather_measured.nc"
MEASURED_YEARS = "weather_[1-9][0-9][0-9][0-9].nc"
"""Pattern of the files of measured years."""
FIRST_YEAR = 1000
"""What a weather year is called is a year from here on, below it the seed of a synthetic one."""


def year_file(year: int | str) -> str:
    """File of one of several weather years: a measured one, or the seed of a synthetic one."""
    return f"weather_{year}.nc"


def weather_years(folder: Path) -> dict[int, Path]:
    """Files of weather years by what they are called, in that order."""
    names = {p: p.stem.removeprefix("weather_") for p in folder.glob(year_file("[0-9]*"))}
    return dict(sorted((int(name), path) for path, name in names.items() if name.isdigit()))


def synthetic_years(folder: Path) -> dict[int, Path]:
    """Files of synthetic years beside the usual one, by their seeds."""
    return {number: p for number, p in weather_years(folder).items() if number < FIRST_YEAR}


_IRRADIANCES = {
    "ghi": ("surface_downwelling_shortwave_flux_in_air", "global horizontal irradiance"),
    "dni": ("surface_direct_along_beam_shortwave_flux_in_air", "direct normal irradiance"),
    "dhi": ("surface_diffuse_downwelling_shortwave_flux_in_air", "diffuse horizontal irradiance"),
}
# name: (units, standard name of the CF conventions, long name, least, greatest value)
VARIABLES: dict[str, tuple[str, str, str, float, float]] = {
    **{name: ("W m-2", *called, 0.0, 2000.0) for name, called in _IRRADIANCES.items()},
    "air_temperature": ("degC", "air_temperature", "air temperature", -70.0, 70.0),
    "wind_speed": ("m s-1", "wind_speed", "wind speed at the reference height", 0.0, 60.0),
}
NOON_TOLERANCE = 1.0
"""Hours by which clouds may move the centre of a year's sunshine from the sun's noon; the equation
of time is nothing over a year."""


def made_anew(file: str | Path) -> str:
    """How to make the file of a park anew; ``timeseries/<park>`` is its folder."""
    return f"make the file anew with: meishan weather --park {Path(file).absolute().parent.name}"


def weather_dataset(
    stamps: pd.DatetimeIndex,
    series: Mapping[str, FloatArray],
    attributes: Mapping[str, str | int | float],
) -> xr.Dataset:
    """Put series and attributes together as a weather dataset.

    Parameters
    ----------
    stamps
        8760 starts of hours in local standard time.
    series
        The five variables ``ghi``, ``dni``, ``dhi`` [W/m2], ``air_temperature`` [degC],
        ``wind_speed`` [m/s], each ``(8760,)``.
    attributes
        Origin of the data; at least ``kind``, ``source``, ``utc_offset_hours``.
    """
    dataset = xr.Dataset(
        {name: ("time", np.asarray(series[name], dtype=np.float64)) for name in VARIABLES},
        coords={"time": stamps},
        attrs={
            "Conventions": "CF-1.11",
            "time_convention": "mean over the hour that starts at the stamp, local standard time",
            **attributes,
        },
    )
    for name, (units, standard_name, long_name, _, _) in VARIABLES.items():
        dataset[name].attrs = {
            "units": units,
            "standard_name": standard_name,
            "long_name": long_name,
            "cell_methods": "time: mean",
        }
    return dataset


def check_weather(dataset: xr.Dataset, file: str) -> None:
    """Check that a dataset is a complete weather year.

    Raises
    ------
    InputError
        With every fault: missing variables or attributes, other units, not 8760 hours in order,
        gaps, impossible values.
    """
    missing = [(name, "variable") for name in VARIABLES if name not in dataset]
    needed = ("kind", "source", "utc_offset_hours")
    missing += [(name, "attribute") for name in needed if name not in dataset.attrs]
    faults = [
        Fault(file, f"{what} is missing", None, n, None, made_anew(file)) for n, what in missing
    ]
    faults += _time_faults(dataset, file)
    for name, (units, _, _, least, greatest) in VARIABLES.items():
        if name in dataset:
            faults += _series_faults(dataset[name], file, units, least, greatest)
    refuse(faults)


def _time_faults(dataset: xr.Dataset, file: str) -> list[Fault]:
    """Not 8760 hours, or not those of one year in their order."""
    count = dataset.sizes.get("time")
    if count != HOURS_OF_YEAR:
        message = f"a weather year has {HOURS_OF_YEAR} hours"
        remedy = "give every hour of a year without 29 February"
        return [Fault(file, message, None, "time", str(count), remedy)]
    stamps = dataset.indexes.get("time")
    remedy = "give the starts of the hours in local standard time, from 1 January 00:00"
    if not isinstance(stamps, pd.DatetimeIndex) or stamps.hasnans:
        return [Fault(file, "holds no stamps", None, "time", remedy=remedy)]
    wrong = np.flatnonzero(stamps != hourly_index(int(stamps[0].year)))
    if not wrong.size:
        return []
    message = f"is not hour {wrong[0]} of the year"
    return [Fault(file, message, None, "time", str(stamps[wrong[0]]), remedy)]


def _series_faults(
    series: xr.DataArray, file: str, units: str, least: float, greatest: float
) -> list[Fault]:
    """Another unit than the contract's, no numbers, gaps, impossible values."""
    name, found = str(series.name), str(series.attrs.get("units", ""))
    if found != units:
        return [Fault(file, "wrong unit", None, name, found, f"convert to {units}")]
    if series.dtype.kind not in "fiu" or series.dims != ("time",):
        return [Fault(file, "holds no hourly numbers", None, name, remedy=made_anew(file))]
    values = series.to_numpy().astype(np.float64)
    wrong = np.flatnonzero(~((values >= least) & (values <= greatest)))
    if not wrong.size:
        return []
    message = f"{wrong.size} missing or impossible values, first in hour {wrong[0]} of the year"
    remedy = f"allowed: {least:g} to {greatest:g} {units}"
    return [Fault(file, message, None, name, str(values[wrong[0]]), remedy)]


def check_place(dataset: xr.Dataset, site: Site, file: str) -> None:
    """Check that a weather year keeps the clock of a park.

    The centre of a year's sunshine must lie at the sun's noon of the park's longitude, and the
    file must state the park's own standard time: a year in UTC, or of another time zone, would
    put the sun into the wrong hours without a trace in any total.

    Raises
    ------
    InputError
        With both faults.
    """
    offset = standard_offset(site.timezone, 2019)
    stated = float(dataset.attrs["utc_offset_hours"])
    remedy = f"give the hours in the standard time of {site.timezone}, UTC{offset:+g} h"
    faults = []
    if stated != offset:
        message = f"is not the clock of {site.name}"
        faults.append(Fault(file, message, None, "utc_offset_hours", f"{stated:g}", remedy))
    noon = 12.0 + offset - site.longitude / 15.0
    angle = 2.0 * np.pi * (np.arange(HOURS_OF_YEAR) % 24 + 0.5 - noon) / 24.0
    sunshine = dataset["ghi"].to_numpy()
    centre = np.arctan2((sunshine * np.sin(angle)).sum(), (sunshine * np.cos(angle)).sum())
    shift = float(centre) * 12.0 / np.pi
    if abs(shift) > NOON_TOLERANCE:
        message = f"the sunshine lies {shift:+.1f} h from the sun's noon of {site.name}"
        faults.append(Fault(file, message, None, "ghi", f"{noon + shift:.1f} h", remedy))
    refuse(faults)


def save_weather(dataset: xr.Dataset, path: Path) -> None:
    """Write a weather dataset as compressed NetCDF; readers see the old file or the new one.

    Raises
    ------
    InputError
        If the dataset is not a complete weather year.
    WriteError
        If the disk is full or the folder cannot be written; an older file is untouched.
    """
    check_weather(dataset, str(path))
    encoding: dict[str, dict[str, object]] = {
        variable: {"zlib": True, "complevel": 9, "dtype": "float64"} for variable in VARIABLES
    }
    first = pd.DatetimeIndex(dataset.indexes["time"])[0]
    encoding["time"] = {
        "units": f"hours since {first:%Y-%m-%d %H:%M:%S}",
        "dtype": "int32",
        "calendar": "standard",
    }
    with whole_file(path) as partial:
        try:
            dataset.to_netcdf(partial, engine="netcdf4", format="NETCDF4", encoding=encoding)
        except RuntimeError as error:
            # The NetCDF library reports a full disk as a RuntimeError without a reason.
            raise OSError(str(error)) from error


def read_weather(path: Path) -> xr.Dataset:
    """Read a weather dataset into memory and check it.

    Raises
    ------
    InputError
        If the file is missing, no NetCDF, or no complete weather year.
    """
    if not path.is_file():
        raise InputError([Fault(str(path), "no weather file", remedy=made_anew(path))])
    status = path.stat()
    if status.st_size > LARGEST_FILE:
        message, most = "is too large to be a weather year", LARGEST_FILE // 2**20
        raise InputError(
            [Fault(str(path), message, remedy=f"at most {most} MB; {made_anew(path)}")]
        )
    return _read(path, status.st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> xr.Dataset:  # noqa: ARG001 - a changed file is read again
    try:
        with xr.open_dataset(path, engine="netcdf4") as opened:
            dataset = opened.load()
    # What xarray and the NetCDF library raise for bytes that are none of theirs.
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError) as error:
        fault = Fault(str(path), f"cannot be read: {error}", remedy=made_anew(path))
        raise InputError([fault]) from error
    check_weather(dataset, str(path))
    for series in dataset.values():  # shared by all who ask for the file
        series.to_numpy().flags.writeable = False
    return dataset


def weather_path(folder: Path, year: int | None = None) -> Path:
    """File of the weather year that a park uses: the one of its year, or measured, or synthetic.

    Raises
    ------
    InputError
        If the park names a year of which there is no file.
    """
    measured = folder / MEASURED_FILE
    if year is None:
        return measured if measured.is_file() else folder / SYNTHETIC_FILE
    path = folder / year_file(year)
    if not path.is_file():
        there = ", ".join(map(str, weather_years(folder)))
        remedy = (
            f"there are: {there or 'none'}; `meishan weather FILE ...` keeps each year of its "
            "files, `meishan weather --seed N` makes a synthetic one; or leave weather_year out "
            "of park.yaml and scenario"
        )
        raise InputError(
            [Fault(str(path), "no such weather year", None, "weather_year", str(year), remedy)]
        )
    return path


def load_weather(folder: Path, site: Site) -> xr.Dataset:
    """Load the weather year that a park uses, see :func:`weather_path`.

    Parameters
    ----------
    folder
        ``timeseries/<park>``.
    site
        The park, which may name a year, and whose clock the weather year must keep.

    Raises
    ------
    InputError
        If there is no such file, or it is bad or of another clock.
    """
    path = weather_path(folder, site.weather_year)
    dataset = read_weather(path)
    check_place(dataset, site, str(path))
    logger.info("weather: %s (%s)", path, dataset.attrs["kind"])
    return dataset
