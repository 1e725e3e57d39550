"""All hourly series of a slice in one frozen object: the only thing the graph knows of time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.series import FloatArray
from meishan_model.series.calendar import day_types, trial_hours
from meishan_model.series.demand import (
    ShapeContext,
    heat_pump_cop,
    load_shape,
    named_shapes,
    shape_names,
    shape_parameters,
)
from meishan_model.series.market import (
    cheapest_purchase,
    market_pumps,
    money_pumps,
    price_course,
    prices_in_steps,
)
from meishan_model.series.measured import Measured, in_model_year
from meishan_model.series.net_meters import measured_of
from meishan_model.series.solar import PV_PARAMETERS, location_of, pv_capacity_factor
from meishan_model.series.tariff import grid_factor_ratio, levy_series
from meishan_model.series.weather import load_weather
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.rows import is_measured
from meishan_model.sheets.units import HOURS_OF_YEAR, weight_of_step


@dataclass(frozen=True)
class Profiles:
    """Series of a slice, each of shape (steps,).

    Attributes
    ----------
    stamps
        Start of each time step in local standard time, 29 February absent.
    month
        Month of each step.
    shapes
        Load shapes by name; their mean over the whole year is 1.
    capacity_factor
        Output of PV and wind per capacity [-], by technology.
    cop
        Heat delivered per electricity [-], by technology.
    green_power
        Output per contracted capacity [-], by the profile of the contract, bought or exported.
    levies
        Surcharges on every MWh that is used [CNY/MWh].
    purchase_price, market_price, export_price
        What a MWh costs at the fence, levies included, what it is worth on the market, and what
        an exported one earns [CNY/MWh].
    courses
        Prices relative to those of the rows [-], by the profile of a market.
    grid_factor_ratio
        Factor of the grid relative to its mean over the year [-].
    weather_source
        Which weather year this is.
    measured
        What each measured series is and what was done to it.
    of_plugins
        Series of plug-ins, by the name of the plug-in.
    step
        Length of a time step [h].
    """

    stamps: pd.DatetimeIndex
    month: np.ndarray
    shapes: Mapping[str, FloatArray]
    capacity_factor: Mapping[str, FloatArray]
    cop: Mapping[str, FloatArray]
    green_power: Mapping[str, FloatArray]
    levies: FloatArray
    purchase_price: FloatArray
    market_price: FloatArray
    export_price: FloatArray
    grid_factor_ratio: FloatArray
    weather_source: str
    measured: tuple[str, ...] = ()
    courses: Mapping[str, FloatArray] = field(default_factory=dict)
    of_plugins: Mapping[str, Any] = field(default_factory=dict)
    step: float = 1.0

    @property
    def weight(self) -> float:
        """Hours of the year that one step stands for [h]."""
        return weight_of_step(len(self.stamps))

    @property
    def hours(self) -> int:
        """Hours of the slice: 8760 unless this is a trial."""
        return round(len(self.stamps) * self.step)

    def load(self, shape: str, energy: float) -> FloatArray:
        """Load in each step [MW] of a yearly energy [MWh/a].

        Parameters
        ----------
        shape
            Name of the load shape.
        energy
            Energy of the whole year [MWh/a].
        """
        return self.shapes[shape] * (energy / HOURS_OF_YEAR)


def build_profiles(
    inputs: SliceInputs,
    park: Park,
    weather_folder: Path,
    hours: int = HOURS_OF_YEAR,
    minutes: int = 60,
) -> Profiles:
    """Make all series of a slice.

    Each is made by the hour and holds through the steps of the hour, except measured ones of
    loads, plants and prices, which have in each step what was measured in it.

    Parameters
    ----------
    inputs
        The slice.
    park
        The park, for its load shapes and the names in messages.
    weather_folder
        ``timeseries/<park>``.
    hours
        8760, or fewer for a trial.
    minutes
        Length of a time step: 60, 30 or 15.

    Raises
    ------
    InputError
        If a shape is unknown, a period of the tariff is missing, or an export would earn as much
        as a purchase costs.
    """
    context = shape_context(inputs, park, weather_folder)
    measured = measured_of(park, weather_folder)
    finer = _in_steps(context, measured, inputs, minutes)
    calendar, hour_of = finer.calendar, np.repeat(np.arange(HOURS_OF_YEAR), 60 // minutes)
    keep = np.flatnonzero(np.isin(hour_of, trial_hours(hours)))
    factors = {
        t.technology: _measured_factor(t.profile, finer, measured[t.profile].unit)
        if is_measured(t.profile)
        else _weather_factor(t, inputs, context)[hour_of]
        for t in inputs.renewables
    }
    levies = levy_series(inputs.surcharges, calendar)
    purchase, market, export = prices_in_steps(inputs, finer, factors, levies, park)
    outputs = {
        c.profile: _measured_factor(c.profile, finer, measured[c.profile].unit)
        if is_measured(c.profile)
        else _contract_profile(c.profile, factors, len(calendar), park)
        for c in inputs.contracts
        if c.kind.follows_plant
    }
    months = calendar["month"].to_numpy()
    used = _shapes_used(inputs, shape_names(context.parameters, context.named), park)
    shapes = {
        name: _shape(name, finer, park)
        if is_measured(name)
        else _shape(name, context, park)[hour_of]
        for name in used
    }
    courses = {
        m.profile: price_course(m, finer, park.path, shapes) for m in inputs.markets if m.profile
    }
    cheapest = cheapest_purchase(inputs.contracts, purchase, inputs.prices, levies)
    exports = [c for c in inputs.contracts if c.kind.is_sold]
    pumps = [
        *money_pumps(exports, outputs, months, cheapest, park.path("contracts"), inputs.lines),
        *market_pumps(inputs, courses, cheapest, park.path("markets")),
    ]
    if pumps:
        raise InputError(pumps)
    return Profiles(
        stamps=pd.DatetimeIndex(calendar.index)[keep],
        month=months[keep],
        shapes={name: series[keep] for name, series in shapes.items()},
        capacity_factor={name: series[keep] for name, series in factors.items()},
        cop={
            t.technology: _cop(t, context)[hour_of][keep]
            for t in inputs.technologies.values()
            if t.kind.efficiency == "lift"
        },
        green_power={name: series[keep] for name, series in outputs.items()},
        levies=levies[keep],
        purchase_price=purchase[keep],
        market_price=market[keep],
        export_price=export[keep],
        grid_factor_ratio=_grid_factor_ratio(inputs, calendar)[keep],
        courses={name: series[keep] for name, series in courses.items()},
        weather_source=context.weather_source,
        measured=tuple(map(str, measured.values())),
        of_plugins={
            plugin.name: found
            for plugin in park.kinds.plugins
            if (found := plugin.series(inputs, context, hour_of[keep])) is not None
        },
        step=minutes / 60.0,
    )


def _in_steps(
    context: ShapeContext, measured: Mapping[str, Measured], inputs: SliceInputs, minutes: int
) -> ShapeContext:
    """The calendar and measured series of a slice in steps that are shorter than an hour."""
    if minutes == 60:
        return context
    of_hour, year, country = 60 // minutes, inputs.year, inputs.site.country
    calendar = context.calendar.loc[context.calendar.index.repeat(of_hour)]
    within = np.tile(np.arange(of_hour) * minutes, HOURS_OF_YEAR)
    return replace(
        context,
        calendar=calendar.set_axis(calendar.index + pd.to_timedelta(within, unit="min")),
        measured={n: in_model_year(m, year, country, minutes) for n, m in measured.items()},
    )


def shape_context(inputs: SliceInputs, park: Park, weather_folder: Path) -> ShapeContext:
    """All that the shapes of a slice depend on.

    Parameters
    ----------
    inputs
        The slice.
    park
        The park, for its load shapes.
    weather_folder
        ``timeseries/<park>``, with the weather, if anything needs it, and perhaps files of
        plug-ins.

    Raises
    ------
    InputError
        If the weather or a file of a plug-in is wrong.
    """
    calendar = day_types(inputs.year, inputs.site.country)
    parameters = shape_parameters(park)
    return ShapeContext(
        read_weather=partial(load_weather, weather_folder, inputs.site),
        calendar=calendar,
        location=location_of(inputs.site),
        parameters=parameters,
        measured={
            name: in_model_year(series, inputs.year, inputs.site.country)
            for name, series in measured_of(park, weather_folder).items()
        },
        named=named_shapes(parameters, park.kinds.plugins),
        schedules={
            plugin.name: plugin.schedule(inputs, parameters, calendar, weather_folder)
            for plugin in park.kinds.plugins
        },
    )


def _shapes_used(inputs: SliceInputs, known: Collection[str], park: Park) -> list[str]:
    used = {load.profile: "loads" for load in inputs.loads}
    used |= {fleet.profile: "fleets" for fleet in inputs.fleets}
    used |= {t.profile or "flat": "technologies" for t in inputs.flexible}
    used |= {
        m.profile: "markets"
        for m in inputs.markets
        if m.profile and not m.tariff and not is_measured(m.profile)
    }
    courses = (c.profile for t in inputs.technologies.values() for c in t.conversions)
    used |= {profile: "conversions" for profile in courses if profile}
    unknown = [
        Fault(
            park.path(sheet),
            "no such load shape",
            column="profile",
            value=name,
            remedy=f"known: {', '.join(known)}; rows of profiles.csv make another",
        )
        for name, sheet in used.items()
        if name not in known and not is_measured(name)
    ]
    if unknown:
        raise InputError(unknown)
    return list(used)


def _measured_factor(profile: str, context: ShapeContext, unit: str) -> FloatArray:
    """Output per capacity as it was measured [-]."""
    factor = context.measured[profile]
    if unit != "1" or factor.min() < 0.0 or factor.max() > 1.0:
        message = (
            f"is from {factor.min():g} to {factor.max():g} {unit}, and no share of a capacity"
        )
        remedy = "give output over capacity, unit 1 or %"
        raise InputError([Fault(profile, message, remedy=remedy)])
    return factor


def _weather_factor(
    technology: Technology, inputs: SliceInputs, context: ShapeContext
) -> FloatArray:
    """Output per capacity in the weather in use [-], ``(8760,)``."""
    if technology.kind.resource == "sun":
        given = _take(technology, *PV_PARAMETERS)
        series = pv_capacity_factor(context.weather, location_of(inputs.site), **given)
    else:
        series = _wind(technology, context.weather)
    return np.asarray(series, dtype=float)


def _wind(technology: Technology, weather: xr.Dataset) -> xr.DataArray:
    """A farm on the weather in use, its wind scaled so that the farm has its full-load hours."""
    # Half a second to import windpowerlib and scipy.optimize: a park without wind is spared it.
    from meishan_model.series.wind import (
        calibrate_speed_factor,
        wind_capacity_factor,
        with_diurnal_share,
    )

    values = _take(technology, "hub_height", "reference_height", "shear_exponent", "array_loss")
    hours = _take(technology, "full_load_hours")["full_load_hours"]
    weather = with_diurnal_share(weather, **_take(technology, "diurnal_share"))
    try:
        factor = calibrate_speed_factor(weather, technology.model, **values, full_load_hours=hours)
    except ValueError as error:
        message = f"{technology.technology} cannot reach its full-load hours: {error}"
        fault = Fault("technology_parameters.csv", message, column="value", value=f"{hours:g}")
        raise InputError([fault]) from error
    return wind_capacity_factor(weather, technology.model, **values, speed_factor=factor)


def _take(technology: Technology, *names: str) -> dict[str, float]:
    return {name: technology.parameters[name] for name in names}


def _shape(name: str, context: ShapeContext, park: Park) -> FloatArray:
    try:
        return load_shape(name, context)
    except ValueError as error:
        remedy = "correct its rows, or take another profile"
        fault = Fault(park.path("profiles"), str(error), None, "shape", name, remedy)
        raise InputError([fault]) from error


def _cop(technology: Technology, context: ShapeContext) -> FloatArray:
    """COP against outside air, or against a steady source where the sheet gives one."""
    steady = technology.parameters.get("source_temperature")
    source = context.temperature if steady is None else np.full(HOURS_OF_YEAR, steady)
    return heat_pump_cop(
        source,
        **_take(technology, "sink_temperature", "carnot_quality", "minimum_cop", "maximum_cop"),
    )


def _contract_profile(
    profile: str, factors: Mapping[str, FloatArray], steps: int, park: Park
) -> FloatArray:
    if profile == "flat":
        return np.ones(steps)
    if profile not in factors:
        raise InputError(
            [
                Fault(
                    park.path("contracts"),
                    "no such profile",
                    column="profile",
                    value=profile,
                    remedy=f"known: flat, {', '.join(factors)}",
                )
            ]
        )
    return factors[profile]


def _grid_factor_ratio(inputs: SliceInputs, calendar: pd.DataFrame) -> FloatArray:
    """Ones where the scenario takes the factor as flat."""
    if inputs.scenario.grid_factor == "flat":
        return np.ones(len(calendar))
    return grid_factor_ratio(inputs.grid_factor_periods, calendar)
