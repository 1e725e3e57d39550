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
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, Gather, InputError
from meishan_model.plugins import Plugin
from meishan_model.series import FloatArray
from meishan_model.sheets.park import Park
from meishan_model.sheets.rows import is_measured
from meishan_model.sheets.units import HOURS_OF_YEAR

if TYPE_CHECKING:
    from pvlib.location import Location

ZERO_CELSIUS = 273.15

Shape: TypeAlias = "Callable[[ShapeContext], FloatArray]"
"""Makes a load shape, ``(8760,)`` of mean 1 [1]."""
Key: TypeAlias = tuple[object, ...]
WeatherSeries: TypeAlias = dict[Key, FloatArray]
"""Series ``(8760,)`` that depend on one weather year, one place and their key alone."""


@dataclass(frozen=True)
class ShapeParameters:
    """Numbers and daily courses of the shapes.

    Attributes
    ----------
    file
        Sheet they come from, for messages.
    numbers
        ``(profile, parameter) -> value``, from rows without hours.
    courses
        ``(profile, parameter) -> (24,)`` values by hour of the day, from rows with hours.
    """

    file: str
    numbers: Mapping[tuple[str, str], float]
    courses: Mapping[tuple[str, str], FloatArray]

    def number(self, profile: str, parameter: str) -> float:
        """Look a number up; an absent one is an `InputError`, there are no defaults."""
        if (profile, parameter) not in self.numbers:
            raise InputError([self._absent(profile, parameter, "a row without hours")])
        return self.numbers[profile, parameter]

    def course(self, profile: str, parameter: str) -> FloatArray:
        """Look a daily course ``(24,)`` up; an absent one is an `InputError`."""
        if (profile, parameter) not in self.courses:
            raise InputError([self._absent(profile, parameter, "rows that cover hours 0 to 24")])
        return self.courses[profile, parameter]

    def _absent(self, profile: str, parameter: str, wanted: str) -> Fault:
        message, name = "is needed by the load shapes and missing", f"{profile}/{parameter}"
        return Fault(self.file, message, None, "parameter", name, f"add {wanted}")


def shape_parameters(park: Park) -> ShapeParameters:
    """Numbers and courses of a park's load shapes, those of the package among them."""
    courses: dict[tuple[str, str], FloatArray] = {}
    for row in park.profiles:
        if row.start_hour is not None:
            course = courses.setdefault((row.profile, row.parameter), np.full(24, np.nan))
            course[row.start_hour : row.end_hour] = row.value
    numbers = {(r.profile, r.parameter): r.value for r in park.profiles if r.start_hour is None}
    return ShapeParameters(file=park.path("profiles"), numbers=numbers, courses=courses)


@dataclass(frozen=True)
class ShapeContext:
    """All that a shape may depend on.

    Attributes
    ----------
    read_weather
        Reads the weather year; called when something asks for it.
    calendar
        Table of `meishan_model.series.calendar.day_types` for the model year.
    location
        Place of the park.
    parameters
        Numbers of ``profiles.csv``.
    measured
        Measured series of the park in the model year, ``(8760,)``, by name ``file:column``.
    named
        Shapes that are made by name.
    schedules
        What happens on the site in the year, by the name of the plug-in.
    of_weather
        What depends on weather and place alone, as far as it was made; slices may share it.
    """

    read_weather: Callable[[], xr.Dataset]
    calendar: pd.DataFrame
    location: Location
    parameters: ShapeParameters
    measured: Mapping[str, FloatArray] = field(default_factory=dict)
    named: Mapping[str, Shape] = field(default_factory=dict)
    schedules: Mapping[str, Any] = field(default_factory=dict)
    of_weather: WeatherSeries = field(default_factory=dict)

    @cached_property
    def weather(self) -> xr.Dataset:
        """Weather year (see `meishan_model.series.weather`); an error where there is no file."""
        return self.read_weather()

    def once(self, key: Key, make: Callable[[xr.Dataset], FloatArray]) -> FloatArray:
        """A series of weather, place and a key alone, made where no slice has made it yet."""
        weather = self.weather  # asked for by this slice, whoever made the series
        if key not in self.of_weather:
            self.of_weather[key] = make(weather)
        return self.of_weather[key]

    @property
    def weather_source(self) -> str:
        """Which weather year was read; that nothing asked for one, if so."""
        asked = "weather" in self.__dict__
        return str(self.weather.attrs["source"]) if asked else "none: nothing depends on weather"

    @property
    def temperature(self) -> FloatArray:
        """Air temperature [degC], ``(8760,)``."""
        return np.asarray(self.weather["air_temperature"], dtype=np.float64)


def mean_one(values: npt.ArrayLike, name: str) -> FloatArray:
    """Scale a non-negative series to mean 1 [1].

    Raises
    ------
    ValueError
        If the series has a negative or non-finite value or is zero throughout: then no shape
        exists, and a flat one in its place would be an invention.
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all() or (array < 0.0).any():
        raise ValueError(f"shape {name!r} has negative or non-finite values")
    total = float(array.mean())
    if total <= 0.0:
        raise ValueError(f"shape {name!r} is zero in every hour, so it cannot be scaled")
    return array / total


def circular_smooth(values: npt.ArrayLike, time_constant: float) -> FloatArray:
    """First-order lag of an hourly series that repeats every year.

    Parameters
    ----------
    values
        Hourly values ``(n,)``.
    time_constant
        Time constant [h]; 0 leaves the series as it is.
    """
    array = np.asarray(values, dtype=np.float64)
    if time_constant <= 0.0:
        return array
    # The year before serves as warm-up, so that 1 January knows 31 December.
    doubled = pd.Series(np.concatenate([array, array]))
    lagged = doubled.ewm(alpha=1.0 - np.exp(-1.0 / time_constant), adjust=False).mean()
    return lagged.to_numpy(np.float64)[array.size :]


def daily_courses(context: ShapeContext, profile: str) -> FloatArray:
    """Two daily courses, for working days and days off, laid out over the year, ``(8760,)``."""
    calendar, course = context.calendar, context.parameters.course
    hour, works = (calendar[name].to_numpy() for name in ("hour", "is_working_day"))
    working, off = (course(profile, name)[hour] for name in ("working_day", "day_off"))
    return np.asarray(np.where(works, working, off))


def share_at_work(start: float, spread: float, length: float) -> FloatArray:
    r"""Share of many works that are at work in each hour of the day [1], ``(24,)`` hourly means.

    Their days begin evenly between ``start`` and ``start + spread`` and last ``length``, all
    in h. With :math:`R(x)` the integral over the works that have begun :math:`x` hours after the
    first,

    .. math::  R(x) = \frac{s}{2} \, \min(\max(x / s, 0), 1)^2 + \max(x - s, 0)

    and the spread :math:`s`, an hour has the growth of :math:`R` less that a day's length before.

    Examples
    --------
    >>> share_at_work(6.5, 2.5, 8.0)[5:10].round(2).tolist()
    [0.0, 0.05, 0.4, 0.8, 1.0]
    """
    edges = np.arange(73.0) - start

    def begun(x: FloatArray) -> FloatArray:
        ramp = np.clip(x / spread, 0.0, 1.0) if spread > 0.0 else np.zeros_like(x)
        return np.asarray(0.5 * spread * ramp**2 + np.clip(x - spread, 0.0, None))

    course = np.diff(begun(edges) - begun(edges - length)).reshape(3, 24).sum(axis=0)
    return np.asarray(course, dtype=np.float64)


def _shift_work(context: ShapeContext, profile: str) -> FloatArray:
    """Load of shift work relative to a working hour.

    ``load = night_base + (1 - night_base) * at_work * day_factor``: the base load runs through,
    the rest follows the shifts, one after the other, and the kind of the day. A night shift
    belongs to the day on which it is worked, hour by hour, for simplicity.
    """
    number = partial(context.parameters.number, profile)
    shifts, length, base = number("shifts"), number("shift_hours"), number("night_base")
    if shifts not in (1, 2, 3):
        raise ValueError(f"shifts must be 1, 2 or 3, not {shifts:g}")
    if shifts * length > 24:
        raise ValueError(f"{shifts:g} shifts of {length:g} h do not fit into a day")
    calendar = context.calendar
    course = share_at_work(number("shift_start"), number("start_spread"), shifts * length)
    at_work = course[calendar["hour"].to_numpy()]
    factor = np.where(calendar["is_working_day"], 1.0, number("weekend_factor"))
    factor = np.where(calendar["is_holiday"], number("holiday_factor"), factor)
    return np.asarray(base + (1.0 - base) * at_work * factor, dtype=np.float64)


def thermal_degree_hours(context: ShapeContext, profile: str, use: str) -> FloatArray:
    """Degrees by which a building is too cold or too warm by itself [K], ``(8760,)``.

    The gains :math:`g` of people, lamps and appliances [W/m2] lift the inside by ``g / H`` above
    the outside, with the loss :math:`H` by envelope and air change [W/(m2*K)]: the building needs
    neither heat nor cold at its balance temperature ``T_b = T_set - g / H`` outside. It follows
    the weather with a lag.

    Parameters
    ----------
    context
        Weather and numbers.
    profile
        Profile with set point, gains, heat loss and lag.
    use
        ``heating`` or ``cooling``.

    References
    ----------
    ASHRAE Handbook - Fundamentals, chapter on energy estimating: balance-point temperature.
    """
    set_point, gains, loss, lag = (
        context.parameters.number(profile, name)
        for name in (f"{use}_set_point", "internal_gains", "heat_loss", "time_constant")
    )
    beyond = circular_smooth(context.temperature, lag) - (set_point - gains / loss)
    return np.clip(beyond if use == "cooling" else -beyond, 0.0, None)


def _conditioned(context: ShapeContext, profile: str, use: str) -> FloatArray:
    """Degree hours of heating or cooling times use of the building."""
    return thermal_degree_hours(context, profile, use) * daily_courses(context, profile)


def _hot_water(context: ShapeContext, profile: str) -> FloatArray:
    """Daily courses times the warming from a mains that follows the season."""
    number = context.parameters.number
    mains = circular_smooth(context.temperature, number(profile, "time_constant"))
    lift = np.clip(number(profile, "hot_temperature") - mains, 0.0, None)
    return lift * daily_courses(context, profile)


def flat(context: ShapeContext) -> FloatArray:  # noqa: ARG001 - every shape takes the context
    """Constant load; 1 in each hour."""
    return np.ones(HOURS_OF_YEAR)


KINDS: Mapping[str, Callable[[ShapeContext, str], FloatArray]] = {
    "shifts": _shift_work,
    "heating_set_point": partial(_conditioned, use="heating"),
    "cooling_set_point": partial(_conditioned, use="cooling"),
    "hot_temperature": _hot_water,
    "working_day": daily_courses,
}
"""What a shape is made by, by the row of ``profiles.csv`` that tells; the first that is there."""
_BUILDING = ("internal_gains", "heat_loss", "time_constant")
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "shifts": (
        *("shift_hours", "shift_start", "start_spread"),
        *("night_base", "weekend_factor", "holiday_factor"),
    ),
    "heating_set_point": _BUILDING,
    "cooling_set_point": _BUILDING,
    "hot_temperature": ("time_constant",),
}
"""Numbers that each of these needs beside the one that tells; all but shift work need courses."""


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
        One of :func:`shape_names`, or a measured series.
    context
        All that it may depend on.

    Raises
    ------
    InputError
        With every row that the shape needs and that is missing.
    ValueError
        If it has no energy at all, or follows what does not happen on the site.
    """
    if is_measured(name):
        return mean_one(context.measured[name], name)
    if name in context.named:
        return context.named[name](context)
    given = context.parameters
    known = {*given.numbers, *given.courses}
    marker = next((marker for marker in KINDS if (name, marker) in known), "working_day")
    gather = Gather()
    for parameter in NUMBERS.get(marker, ()):
        gather(given.number, name, parameter)
    for course in () if marker == "shifts" else ("working_day", "day_off"):
        gather(given.course, name, course)
    gather.refuse()
    return mean_one(KINDS[marker](context, name), name)


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
