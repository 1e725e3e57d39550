"""Weather datasets: what they must hold, how they are kept, which of them a park uses."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.profiles.calendar import HOURS_PER_YEAR
from meishan_model.profiles.numerics import FloatArray

logger = logging.getLogger(__name__)

SYNTHETIC_FILE = "weather.nc"
MEASURED_FILE = "weather_measured.nc"

# name: (units, standard name of the CF conventions, long name)
VARIABLES: dict[str, tuple[str, str, str]] = {
    "ghi": (
        "W m-2",
        "surface_downwelling_shortwave_flux_in_air",
        "global horizontal irradiance",
    ),
    "dni": (
        "W m-2",
        "surface_direct_along_beam_shortwave_flux_in_air",
        "direct normal irradiance",
    ),
    "dhi": (
        "W m-2",
        "surface_diffuse_downwelling_shortwave_flux_in_air",
        "diffuse horizontal irradiance",
    ),
    "air_temperature": ("degC", "air_temperature", "air temperature"),
    "wind_speed": ("m s-1", "wind_speed", "wind speed at the reference height"),
}


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
    for name, (units, standard_name, long_name) in VARIABLES.items():
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
        With every fault: missing variables or attributes, not 8760 hours, gaps, impossible signs.
    """
    faults = [
        Fault(file=file, column=name, message="variable is missing")
        for name in VARIABLES
        if name not in dataset
    ]
    faults += [
        Fault(file=file, column=name, message="attribute is missing")
        for name in ("kind", "source", "utc_offset_hours")
        if name not in dataset.attrs
    ]
    if dataset.sizes.get("time") != HOURS_PER_YEAR:
        faults.append(
            Fault(
                file=file,
                column="time",
                value=str(dataset.sizes.get("time")),
                message=f"a weather year has {HOURS_PER_YEAR} hours",
            )
        )
    for name in set(VARIABLES) & set(map(str, dataset.data_vars)):
        values = np.asarray(dataset[name], dtype=np.float64)
        wrong = ~np.isfinite(values)
        if name != "air_temperature":
            wrong |= values < 0.0
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            faults.append(
                Fault(
                    file=file,
                    column=name,
                    value=str(values[first]),
                    message=f"{int(wrong.sum())} missing or negative values, first in hour "
                    f"{first} of the year",
                )
            )
    if faults:
        raise InputError(faults)


def save_weather(dataset: xr.Dataset, path: Path) -> None:
    """Write a weather dataset as compressed NetCDF; readers see the old file or the new one.

    Raises
    ------
    InputError
        If the dataset is not a complete weather year.
    """
    check_weather(dataset, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    encoding: dict[str, dict[str, object]] = {
        variable: {"zlib": True, "complevel": 9, "dtype": "float64"} for variable in VARIABLES
    }
    first = pd.DatetimeIndex(dataset.indexes["time"])[0]
    encoding["time"] = {
        "units": f"hours since {first:%Y-%m-%d %H:%M:%S}",
        "dtype": "int32",
        "calendar": "standard",
    }
    try:
        dataset.to_netcdf(temporary, engine="netcdf4", format="NETCDF4", encoding=encoding)
        # mkstemp makes files private; a result is as readable as its folder's other files.
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_weather(path: Path) -> xr.Dataset:
    """Read a weather dataset into memory and check it.

    Raises
    ------
    InputError
        If the file is missing, no NetCDF, or no complete weather year.
    """
    if not path.is_file():
        raise InputError(
            [
                Fault(
                    file=str(path),
                    message="no weather file",
                    remedy="generate it from the climate sheet, see timeseries/README.md",
                )
            ]
        )
    try:
        with xr.open_dataset(path, engine="netcdf4") as opened:
            dataset = opened.load()
    except (OSError, ValueError) as error:
        raise InputError([Fault(file=str(path), message=f"cannot be read: {error}")]) from error
    check_weather(dataset, str(path))
    return dataset


def weather_path(folder: Path) -> Path:
    """File of the weather year that a park uses: the measured one if it is there."""
    measured = folder / MEASURED_FILE
    return measured if measured.is_file() else folder / SYNTHETIC_FILE


def load_weather(folder: Path) -> xr.Dataset:
    """Load the weather year of a park: the measured one if there is one, else the synthetic.

    Parameters
    ----------
    folder
        ``timeseries/<park>``.

    Raises
    ------
    InputError
        If neither file is there, or the one chosen is bad.
    """
    path = weather_path(folder)
    dataset = read_weather(path)
    logger.info("weather: %s (%s)", path, dataset.attrs["kind"])
    return dataset
