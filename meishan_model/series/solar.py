"""Sun position, clear sky and photovoltaic capacity factors, all through pvlib.

pvlib takes a second to import: what makes no series does without it.
"""

from __future__ import annotations

import datetime as dt
import warnings
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.series import FloatArray
from meishan_model.sheets.park import Site

if TYPE_CHECKING:
    from pvlib.location import Location

MIDDLE_OF_HOUR = dt.timedelta(minutes=30)
PV_PARAMETERS = (
    *("tilt", "azimuth", "system_loss", "inverter_efficiency"),
    *("temperature_coefficient", "albedo"),
)
"""Numbers of a PV technology that its capacity factor depends on."""


def sun_position(
    stamps: pd.DatetimeIndex,
    utc_offset_hours: float,
    location: Location,
    after_stamp: dt.timedelta = MIDDLE_OF_HOUR,
) -> pd.DataFrame:
    """Sun position for hours that start at the stamps, at their middle unless told otherwise.

    Parameters
    ----------
    stamps
        Starts of the hours in local standard time, without timezone.
    utc_offset_hours
        Local standard time minus UTC [h].
    location
        Latitude, longitude, altitude.
    after_stamp
        Time of the position after the stamp.

    Returns
    -------
    pandas.DataFrame
        pvlib's table (``zenith``, ``apparent_zenith``, ``elevation``, ``azimuth`` ... [deg]),
        indexed by the true instant in UTC.

    References
    ----------
    Reda, Andreas (2004): Solar position algorithm for solar radiation applications. Solar
    Energy 76, 577-589; as in ``pvlib.solarposition``.
    """
    instants = (stamps + after_stamp - pd.Timedelta(hours=utc_offset_hours)).tz_localize("UTC")
    position: pd.DataFrame = location.get_solarposition(instants)
    return position


def clear_sky(
    position: pd.DataFrame,
    location: Location,
    linke_turbidity: float | None = None,
    part: Literal["ghi", "dni"] = "ghi",
) -> FloatArray:
    """Clear-sky irradiance [W/m2] at the instants of a sun position table.

    Parameters
    ----------
    position
        Table of `sun_position`.
    location
        Latitude, longitude, altitude.
    linke_turbidity
        Linke turbidity [1]; without it pvlib's monthly climatology of the place.
    part
        Global horizontal or direct normal irradiance.

    References
    ----------
    Ineichen, Perez (2002): A new airmass independent formulation for the Linke turbidity
    coefficient. Solar Energy 73, 151-157; as in ``pvlib.clearsky.ineichen``.
    """
    given = {} if linke_turbidity is None else {"linke_turbidity": linke_turbidity}
    with warnings.catch_warnings():
        # pvlib still asks pandas for the old name of day_of_year.
        warnings.filterwarnings("ignore", message=".*dayofyear", category=DeprecationWarning)
        sky = location.get_clearsky(position.index, solar_position=position, **given)
    return np.asarray(sky[part].fillna(0.0), dtype=np.float64)


def extraterrestrial(position: pd.DataFrame) -> FloatArray:
    """Normal irradiance above the atmosphere [W/m2] at the instants of a sun position table.

    References
    ----------
    Spencer (1971): Fourier series representation of the position of the sun. Search 2, 172; as
    in ``pvlib.irradiance.get_extra_radiation``.
    """
    import pvlib

    day = pd.DatetimeIndex(position.index).day_of_year.to_numpy()
    return np.asarray(pvlib.irradiance.get_extra_radiation(day), dtype=np.float64)


def location_of(site: Site) -> Location:
    """Place of a park with its time zone, as pvlib has it."""
    from pvlib.location import Location

    return Location(site.latitude, site.longitude, site.timezone, site.altitude, site.name)


def stamps_of(weather: xr.Dataset) -> pd.DatetimeIndex:
    """Stamps of a weather dataset as a pandas index."""
    return pd.DatetimeIndex(weather.indexes["time"])


def pv_capacity_factor(
    weather: xr.Dataset,
    location: Location,
    tilt: float,
    azimuth: float,
    system_loss: float,
    inverter_efficiency: float,
    temperature_coefficient: float,
    albedo: float,
) -> FloatArray:
    """Alternating-current output per module capacity, hourly means.

    Hay-Davies transposition with the sun at the middle of the hour, Fresnel reflection of the
    beam, Faiman cell temperature, PVWatts module and inverter; the inverter's output rating
    equals the module capacity.

    Parameters
    ----------
    weather
        ``ghi``, ``dni``, ``dhi`` [W/m2], ``air_temperature`` [degC], ``wind_speed`` [m/s] over
        ``time``, attribute ``utc_offset_hours``.
    location
        Latitude, longitude, altitude.
    tilt, azimuth
        Slope from the horizontal [deg]; direction, 180 = south [deg].
    system_loss
        Wiring, soiling, mismatch, availability ... [1], in [0, 1).
    inverter_efficiency
        Nominal efficiency [1], in (0, 1].
    temperature_coefficient
        Power over cell temperature [1/K], below 0.
    albedo
        Reflectance of the ground [1].

    Returns
    -------
    numpy.ndarray
        Capacity factor [1], ``(8760,)``; its sum is full-load hours per year.

    Raises
    ------
    ValueError
        If a fraction lies outside its range, e.g. because it is given in percent.

    References
    ----------
    Dobos (2014): PVWatts Version 5 Manual. NREL/TP-6A20-62641.
    Faiman (2008): Assessing the outdoor operating temperature of photovoltaic modules.
    Progress in Photovoltaics 16, 307-315.
    """
    import pvlib

    if not 0.0 <= system_loss < 1.0 or not 0.0 < inverter_efficiency <= 1.0:
        raise ValueError("system_loss and inverter_efficiency are fractions of 1, not percent")
    sun = sun_position(stamps_of(weather), weather.attrs["utc_offset_hours"], location)
    zenith, sun_azimuth = sun["apparent_zenith"].to_numpy(), sun["azimuth"].to_numpy()
    sky = {name: weather[name].to_numpy() for name in ("dni", "ghi", "dhi")}
    plane = pvlib.irradiance.get_total_irradiance(
        *(tilt, azimuth, zenith, sun_azimuth),
        **sky,
        dni_extra=extraterrestrial(sun),
        albedo=albedo,
        model="haydavies",
    )
    incidence = pvlib.irradiance.aoi(tilt, azimuth, zenith, sun_azimuth)
    absorbed = np.nan_to_num(
        plane["poa_direct"] * pvlib.iam.physical(incidence) + plane["poa_diffuse"]
    )
    cell = pvlib.temperature.faiman(
        absorbed, weather["air_temperature"].to_numpy(), weather["wind_speed"].to_numpy()
    )
    direct = pvlib.pvsystem.pvwatts_dc(absorbed, cell, 1.0, temperature_coefficient)
    alternating = pvlib.inverter.pvwatts(
        direct * (1.0 - system_loss), 1.0 / inverter_efficiency, inverter_efficiency
    )
    # Below the horizon there is nothing to convert, whatever the twilight in the data.
    return np.where(sun["elevation"] > 0.0, np.clip(np.nan_to_num(alternating), 0.0, 1.0), 0.0)


def with_full_load_hours(factor: FloatArray, full_load_hours: float) -> FloatArray:
    """Capacity factor that is scaled to the full-load hours of a fleet.

    What a model of one clean plane gives is more than what a fleet yields, which has other
    directions, shade, dirt and outages; the course of the hours stays.

    Parameters
    ----------
    factor
        Capacity factor [1], ``(8760,)``.
    full_load_hours
        Yearly energy over capacity that is wanted [h].

    Raises
    ------
    ValueError
        If the best hour would exceed the capacity.
    """
    scaled = factor * (full_load_hours / float(factor.sum()))
    if scaled.max() > 1.0:
        raise ValueError(
            f"the weather gives {factor.sum():.0f} full-load hours; scaled to "
            f"{full_load_hours:g} h its best hour would be {scaled.max():.0%} of the capacity"
        )
    return scaled


def mean_of_life(degradation: float, lifetime: float) -> float:
    """Mean yield of a plant over its life over that of its first year [1].

    ``1 - d (L - 1) / 2`` for a loss of ``d`` of the first year's yield in each later year: linear,
    as warranties state it. A fleet that is renewed evenly has this mean in every year.

    Parameters
    ----------
    degradation
        Loss a year ``d`` [1/a].
    lifetime
        Years of service ``L`` [a].

    Examples
    --------
    >>> round(mean_of_life(0.005, 25.0), 4)
    0.94
    """
    return 1.0 - degradation * (lifetime - 1.0) / 2.0
