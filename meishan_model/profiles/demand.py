"""Load shapes of buildings, industry and transport, and the registry of all shapes.

A shape is an hourly series ``(8760,)`` of mean 1 [1]: a yearly energy [MWh/a] divided by 8760 h,
times the shape, is the hourly load [MW]. The numbers behind the shapes stand in ``profiles.csv``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from meishan_model.profiles import port
from meishan_model.profiles.calendar import HOURS_PER_YEAR, shift_profile
from meishan_model.profiles.numerics import FloatArray, circular_smooth, mean_one
from meishan_model.profiles.shape_parameters import ShapeParameters
from meishan_model.profiles.solar import stamps_of

ZERO_CELSIUS = 273.15


@dataclass(frozen=True)
class ShapeContext:
    """All that a shape may depend on.

    Attributes
    ----------
    weather
        Weather year (see `meishan_model.profiles.weather`).
    calendar
        Table of `meishan_model.profiles.calendar.day_types` for the model year.
    latitude, longitude, altitude
        Place [deg north], [deg east], [m].
    calls
        Ship calls of the whole port, or None for a park without one.
    parameters
        Numbers of ``profiles.csv``.
    """

    weather: xr.Dataset
    calendar: pd.DataFrame
    latitude: float
    longitude: float
    altitude: float
    calls: pd.DataFrame | None
    parameters: ShapeParameters

    @property
    def temperature(self) -> FloatArray:
        """Air temperature [degC], ``(8760,)``."""
        return np.asarray(self.weather["air_temperature"], dtype=np.float64)

    @property
    def ships(self) -> pd.DataFrame:
        """Ship calls; an error where the park has none."""
        if self.calls is None:
            raise ValueError("a port shape is asked for, but the park has no ship calls")
        return self.calls


def degree_hours(
    temperature: FloatArray, set_point: float, time_constant: float, cooling: bool
) -> FloatArray:
    """Degrees above (cooling) or below (heating) a set point [K], ``(8760,)``.

    Parameters
    ----------
    temperature
        Air temperature [degC].
    set_point
        Outside temperature beyond which the building needs energy [degC].
    time_constant
        Lag of the building behind the weather [h].
    cooling
        True for degrees above, False for degrees below.
    """
    felt = circular_smooth(temperature, time_constant)
    return np.clip(felt - set_point if cooling else set_point - felt, 0.0, None)


def heat_pump_cop(
    temperature: npt.ArrayLike,
    sink_temperature: float,
    carnot_quality: float,
    minimum_cop: float,
    maximum_cop: float,
) -> FloatArray:
    """Coefficient of performance of an air-source heat pump [1].

    ``COP = q * T_sink / (T_sink - T_source)``, absolute temperatures: the Carnot limit times a
    quality grade, kept between two bounds.

    Parameters
    ----------
    temperature
        Source temperature [degC], any shape.
    sink_temperature
        Temperature of the heat delivered [degC].
    carnot_quality
        Share of the Carnot limit that is reached [1], in (0, 1].
    minimum_cop, maximum_cop
        Bounds [1]; the upper one also holds where the source is warmer than the sink.

    References
    ----------
    Any textbook of thermodynamics, e.g. Baehr, Kabelac: Thermodynamik, chapter on heat pumps.
    """
    if not 0.0 < carnot_quality <= 1.0 or not 0.0 < minimum_cop <= maximum_cop:
        raise ValueError("carnot_quality in (0, 1] and 0 < minimum_cop <= maximum_cop")
    lift = sink_temperature - np.asarray(temperature, dtype=np.float64)
    least_lift = carnot_quality * (sink_temperature + ZERO_CELSIUS) / maximum_cop
    cop = carnot_quality * (sink_temperature + ZERO_CELSIUS) / np.maximum(lift, least_lift)
    return np.asarray(np.maximum(cop, minimum_cop), dtype=np.float64)


def daily_course(
    calendar: pd.DataFrame, working: FloatArray, nonworking: FloatArray
) -> FloatArray:
    """Two daily courses ``(24,)``, for working and other days, laid out over the year."""
    hour = calendar["hour"].to_numpy()
    works = calendar["is_working_day"].to_numpy()
    return np.asarray(np.where(works, working[hour], nonworking[hour]), dtype=np.float64)


def _courses(context: ShapeContext, profile: str) -> FloatArray:
    return daily_course(
        context.calendar,
        context.parameters.course(profile, "working_day"),
        context.parameters.course(profile, "day_off"),
    )


def _from_courses(profile: str) -> Callable[[ShapeContext], FloatArray]:
    def shape(context: ShapeContext) -> FloatArray:
        return mean_one(_courses(context, profile), profile)

    shape.__doc__ = f"Shape of {profile}: daily courses of working days and days off, mean 1."
    return shape


def _from_shifts(profile: str) -> Callable[[ShapeContext], FloatArray]:
    def shape(context: ShapeContext) -> FloatArray:
        number = context.parameters.number
        load = shift_profile(
            context.calendar,
            int(number(profile, "shifts")),
            number(profile, "weekend_factor"),
            number(profile, "holiday_factor"),
            number(profile, "night_base"),
        )
        return mean_one(load, profile)

    shape.__doc__ = f"Shape of {profile}: shifts, weekends and holidays, mean 1."
    return shape


def _from_degree_hours(profile: str, cooling: bool) -> Callable[[ShapeContext], FloatArray]:
    def shape(context: ShapeContext) -> FloatArray:
        number = context.parameters.number
        degrees = degree_hours(
            context.temperature,
            number(profile, "set_point"),
            number(profile, "time_constant"),
            cooling,
        )
        return mean_one(degrees * _courses(context, profile), profile)

    shape.__doc__ = f"Shape of {profile}: degree hours times use of the building, mean 1."
    return shape


def domestic_hot_water(context: ShapeContext) -> FloatArray:
    """Hot water: daily courses times the warming from a mains that follows the season; mean 1."""
    number = context.parameters.number
    profile = "domestic_hot_water"
    mains = circular_smooth(context.temperature, number(profile, "time_constant"))
    lift = np.clip(number(profile, "hot_temperature") - mains, 0.0, None)
    return mean_one(lift * _courses(context, profile), profile)


def port_cranes(context: ShapeContext) -> FloatArray:
    """Cranes, see `meishan_model.profiles.port.crane_shape`; mean 1."""
    ships = context.ships
    return port.crane_shape(ships, context.parameters.number("port_cranes", "base_share"))


def yard_work(context: ShapeContext) -> FloatArray:
    """Yard trucks and stackers: as cranes, behind them by the time in the yard; mean 1."""
    number = context.parameters.number
    moves = port.crane_shape(context.ships, number("yard_work", "base_share"))
    return mean_one(circular_smooth(moves, number("yard_work", "time_constant")), "yard_work")


def port_reefers(context: ShapeContext) -> FloatArray:
    """Reefers, see `meishan_model.profiles.port.reefer_shape`; mean 1."""
    number = context.parameters.number
    return port.reefer_shape(
        port.reefer_count(context.ships, number("port_reefers", "dwell")),
        context.temperature,
        number("port_reefers", "reference_temperature"),
        number("port_reefers", "slope"),
        number("port_reefers", "minimum"),
    )


def port_lighting(context: ShapeContext) -> FloatArray:
    """Lighting, see `meishan_model.profiles.port.lighting_shape`; mean 1."""
    number = context.parameters.number
    return port.lighting_shape(
        stamps_of(context.weather),
        float(context.weather.attrs["utc_offset_hours"]),
        context.latitude,
        context.longitude,
        context.altitude,
        number("port_lighting", "first_elevation"),
        number("port_lighting", "full_elevation"),
    )


def flat(context: ShapeContext) -> FloatArray:  # noqa: ARG001 - every shape takes the context
    """Constant load; 1 in each hour."""
    return np.ones(HOURS_PER_YEAR)


SHAPES: dict[str, Callable[[ShapeContext], FloatArray]] = {
    "port_cranes": port_cranes,
    "port_reefers": port_reefers,
    "port_lighting": port_lighting,
    "logistics": _from_shifts("logistics"),
    "industry_two_shift": _from_shifts("industry_two_shift"),
    "industry_three_shift": _from_shifts("industry_three_shift"),
    "buildings_base": _from_courses("buildings_base"),
    "buildings_cooling": _from_degree_hours("buildings_cooling", cooling=True),
    "buildings_heating": _from_degree_hours("buildings_heating", cooling=False),
    "domestic_hot_water": domestic_hot_water,
    "process_heat": _from_shifts("process_heat"),
    "yard_work": yard_work,
    "road_cars": _from_courses("road_cars"),
    "road_buses": _from_courses("road_buses"),
    "road_trucks": _from_courses("road_trucks"),
    "flat": flat,
}
