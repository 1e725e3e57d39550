"""How the series of a slice are made: weather, calendar, sheets and measurements put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, Gather, InputError, refuse
from meishan_model.series import FloatArray, IntArray, demand, market
from meishan_model.series.calendar import day_types, trial_hours
from meishan_model.series.demand import ShapeContext, WeatherSeries
from meishan_model.series.measured import Measured, in_model_year
from meishan_model.series.net_meters import measured_of
from meishan_model.series.plants import coefficient_of_performance, plant_output
from meishan_model.series.profiles import Profiles
from meishan_model.series.solar import location_of
from meishan_model.series.tariff import GridPrice, grid_factor_ratio
from meishan_model.series.weather import load_weather
from meishan_model.sheets.files import read_sheet
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.rows import DEFAULT_SHEETS, is_measured
from meishan_model.sheets.units import HOURS_OF_YEAR


def build_profiles(
    inputs: SliceInputs,
    park: Park,
    weather_folder: Path,
    hours: int = HOURS_OF_YEAR,
    minutes: int = 60,
    of_weather: WeatherSeries | None = None,
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
    of_weather
        What depends on the weather alone, as far as other slices have made it; more is added.

    Raises
    ------
    InputError
        If shapes are unknown or lack rows, a period of the tariff is missing, the weather or a
        measured series is wrong, or an export would earn as much as a purchase costs.
    """
    measured = measured_of(park, weather_folder)
    context = shape_context(inputs, park, weather_folder, measured)
    context = replace(context, of_weather={} if of_weather is None else of_weather)
    finer = _in_steps(context, measured, inputs, minutes)
    hour_of = np.repeat(np.arange(HOURS_OF_YEAR), 60 // minutes)
    whole = _whole_year(inputs, park, (context, finer), measured, hour_of)
    _refuse_pumps(inputs, park, whole)
    kept = np.flatnonzero(np.isin(hour_of, trial_hours(hours)))
    return replace(
        whole.at(kept),
        of_plugins={
            plugin.name: found
            for plugin in park.kinds.plugins
            if (found := plugin.series(inputs, context, hour_of[kept])) is not None
        },
        step=minutes / 60.0,
    )


def faults_of_series(
    park: Park,
    weather_folder: Path,
    slices: Sequence[SliceInputs],
    hours: int = HOURS_OF_YEAR,
    minutes: int = 60,
) -> dict[Fault, None]:
    """All that is wrong with the series of some slices, each fault once.

    Where there are faults, or no slices, the measured series, weather and load shapes that the
    sheets name are looked at too, whatever the year.

    Parameters
    ----------
    park, weather_folder, hours, minutes
        As for :func:`build_profiles`.
    slices
        The slices; none where the sheets are not right enough to tell what their years need.
    """
    gather = Gather()
    of_weather: WeatherSeries = {}
    for inputs in slices:
        gather(build_profiles, inputs, park, weather_folder, hours, minutes, of_weather)
    if slices and not gather.faults:
        return {}
    gather(measured_of, park, weather_folder)
    site, parameters = park.site, demand.shape_parameters(park)
    named = demand.named_shapes(parameters, park.kinds.plugins)
    used = {
        row.profile: sheet
        for sheet in ("loads", "projects", "fleets", "conversions")
        for row in park.rows(sheet)
        if row.profile
    }
    gather(_refuse_unknown, used, demand.shape_names(parameters, named), park)
    read = partial(load_weather, weather_folder, site)
    calendar = gather(day_types, slices[0].year if slices else market.ORDINARY_YEAR, site.country)
    if calendar is None:
        return gather.faults
    context = ShapeContext(read, calendar, location_of(site), parameters)
    for name in demand.shape_names(parameters, ()):
        if name in used and name not in named:
            gather(_shape, name, context, park)
    plants = (t for t in park.technologies if park.kind_of[t.technology].resource)
    if not all(is_measured(plant.profile) for plant in plants):
        gather(read)
    return gather.faults


def _whole_year(
    inputs: SliceInputs,
    park: Park,
    contexts: tuple[ShapeContext, ShapeContext],
    measured: Mapping[str, Measured],
    hour_of: IntArray,
) -> Profiles:
    """All series of the year; ``hour_of`` is the hour of each step.

    Of the two contexts one is by the hour and one by the step, for what is measured or priced.
    """
    context, finer = contexts
    calendar = finer.calendar
    gather, flat = Gather(), np.ones(len(calendar))

    def kept(make: Callable[..., FloatArray], *args: Any) -> FloatArray:
        """A series, or a flat one in the place of what is wrong, so that the rest is seen."""
        made = gather(make, *args)
        return flat if made is None else made

    factors = {
        t.technology: kept(_measured_factor, t.profile, finer, measured[t.profile].unit)
        if is_measured(t.profile)
        else kept(plant_output, t, context)[hour_of]
        for t in inputs.renewables
    }
    prices = gather(market.prices_in_steps, inputs, finer, factors, park)
    purchase, sale, export = prices or (GridPrice(flat, flat, flat, flat), flat, flat)
    outputs = {
        c.profile: kept(_measured_factor, c.profile, finer, measured[c.profile].unit)
        if is_measured(c.profile)
        else kept(_offered, c.profile, {"flat": flat, **factors}, park)
        for c in inputs.contracts
        if c.kind.follows_plant
    }
    used, known = _shapes_used(inputs), demand.shape_names(context.parameters, context.named)
    gather(_refuse_unknown, used, known, park)
    shapes = {
        name: kept(_shape, name, finer, park)
        if is_measured(name)
        else kept(_shape, name, context, park, hour_of)
        for name in used
        if is_measured(name) or name in known
    }
    lifts = [t for t in inputs.technologies.values() if t.kind.efficiency == "lift"]
    cop = {t.technology: kept(coefficient_of_performance, t, context)[hour_of] for t in lifts}
    courses = {
        m.profile: kept(market.price_course, m, finer, park.path, shapes)
        for m in inputs.markets
        if m.profile and (m.profile in shapes or m.tariff or is_measured(m.profile))
    }
    gather.refuse()
    return Profiles(
        stamps=pd.DatetimeIndex(calendar.index),
        month=calendar["month"].to_numpy(),
        shapes=shapes,
        capacity_factor=factors,
        cop=cop,
        green_power=outputs,
        levies=purchase.levies,
        network_charge=purchase.network_charge,
        demand_charge=purchase.demand_charge,
        purchase_price=purchase.total,
        market_price=sale,
        export_price=export,
        grid_factor_ratio=np.ones(len(calendar))
        if inputs.scenario.grid_factor == "flat"
        else grid_factor_ratio(inputs.grid_factor_periods, calendar),
        courses=courses,
        weather_source=context.weather_source,
        measured=tuple(map(str, measured.values())),
    )


def _refuse_pumps(inputs: SliceInputs, park: Park, year: Profiles) -> None:
    """Refuse what pays as much for power as it costs in the same step of the year."""
    parts = year.purchase_price, year.network_charge, year.levies
    cheapest = market.cheapest_purchase(inputs.contracts, *parts)
    exports = [c for c in inputs.contracts if c.kind.is_sold]
    place, lines = park.path("contracts"), inputs.lines
    pumps = market.money_pumps(exports, year.green_power, year.month, cheapest, place, lines)
    refuse([*pumps, *market.market_pumps(inputs, year.courses, cheapest, park.path("markets"))])


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


def shape_context(
    inputs: SliceInputs,
    park: Park,
    weather_folder: Path,
    measured: Mapping[str, Measured] | None = None,
) -> ShapeContext:
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
    measured
        Its measured series, where they are read already.

    Raises
    ------
    InputError
        If the weather or a file of a plug-in is wrong.
    """
    calendar = day_types(inputs.year, inputs.site.country)
    parameters = demand.shape_parameters(park)
    if measured is None:
        measured = measured_of(park, weather_folder)
    return ShapeContext(
        read_weather=partial(load_weather, weather_folder, inputs.site),
        calendar=calendar,
        location=location_of(inputs.site),
        parameters=parameters,
        measured={
            name: in_model_year(series, inputs.year, inputs.site.country)
            for name, series in measured.items()
        },
        named=demand.named_shapes(parameters, park.kinds.plugins),
        schedules={
            plugin.name: plugin.schedule(inputs, parameters, calendar, weather_folder)
            for plugin in park.kinds.plugins
        },
    )


def _shapes_used(inputs: SliceInputs) -> dict[str, str]:
    """Profiles that a slice follows, each with a sheet that names it."""
    used = {load.profile: "loads" for load in inputs.loads}
    used |= {fleet.profile: "fleets" for fleet in inputs.fleets}
    used |= {t.profile or "flat": "technologies" for t in inputs.flexible}
    used |= {
        m.profile: "markets"
        for m in inputs.markets
        if m.profile and not m.tariff and not is_measured(m.profile)
    }
    courses = (c.profile for t in inputs.technologies.values() for c in t.conversions)
    return used | {profile: "conversions" for profile in courses if profile}


def _refuse_unknown(used: Mapping[str, str], known: Collection[str], park: Park) -> None:
    """Refuse profiles that are neither measured nor the shape of any rows."""
    of_package, _ = read_sheet(DEFAULT_SHEETS / park.site.country / "profiles.csv")
    offered = sorted({*known, *of_package.get("profile", ())})
    remedy = f"known: {', '.join(offered)}; rows of profiles.csv make another"
    refuse(
        Fault(park.path(sheet), "no such load shape", None, "profile", name, remedy)
        for name, sheet in used.items()
        if name not in known and not is_measured(name)
    )


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


def _shape(
    name: str, context: ShapeContext, park: Park, hour_of: IntArray | slice = slice(None)
) -> FloatArray:
    """A load shape in all steps of a context, or in each step of the hours given."""
    try:
        return demand.load_shape(name, context)[hour_of]
    except ValueError as error:
        remedy = "correct its rows, or take another profile"
        fault = Fault(park.path("profiles"), str(error), None, "shape", name, remedy)
        raise InputError([fault]) from error


def _offered(profile: str, outputs: Mapping[str, FloatArray], park: Park) -> FloatArray:
    """Output per capacity of the plant that a contract names as its profile [-]."""
    if profile not in outputs:
        remedy = f"known: {', '.join(outputs)}"
        fault = Fault(park.path("contracts"), "no such profile", None, "profile", profile, remedy)
        raise InputError([fault])
    return outputs[profile]
