"""Load shapes of buildings, industry and transport, and how every shape is made.

A shape is an hourly series ``(8760,)`` of mean 1 [1]: a yearly energy [MWh/a] divided by 8760 h,
times the shape, is the hourly load [MW]. The numbers behind the shapes stand in ``profiles.csv``,
and they also say what a shape is, so that a new one is rows of that sheet:

- ``shifts``: shift work with weekends and holidays;
- ``heating_set_point`` or ``cooling_set_point``: degree hours of a building times its use;
- ``hot_temperature``: hot water;
- none of these but daily courses: these courses.

``flat`` is made by name, and so are the shapes of plug-ins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from meishan_model.plugins import Plugin
from meishan_model.series.calendar import shift_profile
from meishan_model.series.numerics import FloatArray, circular_smooth, mean_one
from meishan_model.series.shape_parameters import ShapeParameters
from meishan_model.sheets.model_year import HOURS_OF_YEAR

ZERO_CELSIUS = 273.15

Shape: TypeAlias = "Callable[[ShapeContext], FloatArray]"
"""Makes a load shape, ``(8760,)`` of mean 1 [1]."""


@dataclass(frozen=True)
class ShapeContext:
    """All that a shape may depend on.

    Attributes
    ----------
    read_weather
        Reads the weather year; called when something asks for it.
    calendar
        Table of `meishan_model.series.calendar.day_types` for the model year.
    latitude, longitude, altitude
        Place [deg north], [deg east], [m].
    parameters
        Numbers of ``profiles.csv``.
    named
        Shapes that are made by name.
    schedules
        What happens on the site in the year, by the name of the plug-in.
    """

    read_weather: Callable[[], xr.Dataset]
    calendar: pd.DataFrame
    latitude: float
    longitude: float
    altitude: float
    parameters: ShapeParameters
    named: Mapping[str, Shape] = field(default_factory=dict)
    schedules: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def weather(self) -> xr.Dataset:
        """Weather year (see `meishan_model.series.weather`); an error where there is no file."""
        return self.read_weather()

    @property
    def weather_source(self) -> str:
        """Which weather year was read; that nothing asked for one, if so."""
        asked = "weather" in self.__dict__
        return str(self.weather.attrs["source"]) if asked else "none: nothing depends on weather"

    @property
    def temperature(self) -> FloatArray:
        """Air temperature [degC], ``(8760,)``."""
        return np.asarray(self.weather["air_temperature"], dtype=np.float64)


def balance_temperature(set_point: float, internal_gains: float, heat_loss: float) -> float:
    """Outside temperature at which a building needs neither heat nor cold [degC].

    ``T_b = T_set - g / H``: the gains of people, lamps and appliances lift the inside by ``g/H``
    above the outside.

    Parameters
    ----------
    set_point
        Temperature kept inside [degC].
    internal_gains
        Gains for each m2 of floor [W/m2].
    heat_loss
        Loss by envelope and air change for each m2 of floor [W/(m2*K)].

    References
    ----------
    ASHRAE Handbook - Fundamentals, chapter on energy estimating: balance-point temperature.
    """
    return set_point - internal_gains / heat_loss


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


def _shift_work(context: ShapeContext, profile: str) -> FloatArray:
    """Shifts, weekends and holidays."""
    number = context.parameters.number
    load = shift_profile(
        context.calendar,
        int(number(profile, "shifts")),
        number(profile, "shift_start"),
        number(profile, "shift_hours"),
        number(profile, "weekend_factor"),
        number(profile, "holiday_factor"),
        number(profile, "night_base"),
    )
    return load.to_numpy(dtype=np.float64)


def thermal_degree_hours(context: ShapeContext, profile: str, use: str) -> FloatArray:
    """Degree hours of a building [K], ``(8760,)``.

    Parameters
    ----------
    context
        Weather and numbers.
    profile
        Profile with set point, gains, heat loss and lag.
    use
        ``heating`` or ``cooling``.
    """
    number = context.parameters.number
    base = balance_temperature(
        number(profile, f"{use}_set_point"),
        number(profile, "internal_gains"),
        number(profile, "heat_loss"),
    )
    lag = number(profile, "time_constant")
    return degree_hours(context.temperature, base, lag, cooling=use == "cooling")


def _heating(context: ShapeContext, profile: str) -> FloatArray:
    """Degree hours of heating times use of the building."""
    return thermal_degree_hours(context, profile, "heating") * _courses(context, profile)


def _cooling(context: ShapeContext, profile: str) -> FloatArray:
    """Degree hours of cooling times use of the building."""
    return thermal_degree_hours(context, profile, "cooling") * _courses(context, profile)


def _hot_water(context: ShapeContext, profile: str) -> FloatArray:
    """Daily courses times the warming from a mains that follows the season."""
    number = context.parameters.number
    mains = circular_smooth(context.temperature, number(profile, "time_constant"))
    lift = np.clip(number(profile, "hot_temperature") - mains, 0.0, None)
    return lift * _courses(context, profile)


def flat(context: ShapeContext) -> FloatArray:  # noqa: ARG001 - every shape takes the context
    """Constant load; 1 in each hour."""
    return np.ones(HOURS_OF_YEAR)


KINDS: Mapping[str, Callable[[ShapeContext, str], FloatArray]] = {
    "shifts": _shift_work,
    "heating_set_point": _heating,
    "cooling_set_point": _cooling,
    "hot_temperature": _hot_water,
    "working_day": _courses,
}
"""What a shape is made by, by the row of ``profiles.csv`` that tells; the first that is there."""


def named_shapes(parameters: ShapeParameters, plugins: Iterable[Plugin]) -> dict[str, Shape]:
    """Shapes that are made by name: the constant one, and those of plug-ins in the sheet.

    Parameters
    ----------
    parameters
        Numbers of ``profiles.csv``.
    plugins
        Plug-ins that may have shapes.
    """
    there = {profile for profile, _ in parameters.numbers}
    added = [item for plugin in plugins for item in plugin.shapes().items()]
    return {"flat": flat, **{name: shape for name, shape in added if name in there}}


def shape_names(parameters: ShapeParameters, named: Iterable[str]) -> tuple[str, ...]:
    """Every shape that can be made: those with a name, and those that the sheet describes."""
    described = [
        profile
        for profile, parameter in (*parameters.numbers, *parameters.courses)
        if parameter in KINDS
    ]
    return tuple(dict.fromkeys([*named, *described]))


def load_shape(name: str, context: ShapeContext) -> FloatArray:
    """A load shape by its name, ``(8760,)`` of mean 1 [1].

    Parameters
    ----------
    name
        One of :func:`shape_names`.
    context
        All that it may depend on.

    Raises
    ------
    InputError
        If a row that the shape needs is missing.
    ValueError
        If it has no energy at all, or follows what does not happen on the site.
    """
    if name in context.named:
        return context.named[name](context)
    known = {*context.parameters.numbers, *context.parameters.courses}
    marker = next((marker for marker in KINDS if (name, marker) in known), "working_day")
    return mean_one(KINDS[marker](context, name), name)
