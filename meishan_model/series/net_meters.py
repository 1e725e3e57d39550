r"""Measured series of a park, loads as gross: what the plant behind a net meter gave is added.

The meter of a works with PV measures :math:`n_t = l_t - p_t`, the load less the output of the
plant, and is below zero where the works feeds out. The load is rebuilt as

.. math::  l_t = \max(n_t + p_t, 0)

in the steps that were measured. The output :math:`p_t` is a measured series, or the capacity of
the plant in the year of the measurement times its capacity factor. That is the one of the weather
year in use, whose clouds are others than those of the measured year, so that a sum may lie below
zero; how much is cut there is told.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from meishan_model.errors import Gather, InputError, refuse
from meishan_model.series import FloatArray
from meishan_model.series.measured import Measured, day_of_year, in_model_year, read_measured
from meishan_model.series.meter_files import file_error
from meishan_model.series.solar import (
    PV_PARAMETERS,
    location_of,
    pv_capacity_factor,
    with_full_load_hours,
)
from meishan_model.series.weather import load_weather
from meishan_model.sheets.demand_rows import SeriesRow
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import TechnologyRow
from meishan_model.sheets.resolver import Resolver
from meishan_model.sheets.row_reader import missing_row, names_remedy
from meishan_model.sheets.rows import is_measured


def measured_of(park: Park, folder: Path) -> dict[str, Measured]:
    """Every measured series that the sheets of a park name; see :func:`measured_series`."""
    gather = Gather()
    found = {name: gather(measured_series, folder, park, name) for name in park.measured_series}
    gather.refuse()
    return {name: series for name, series in found.items() if series is not None}


def measured_series(folder: Path, park: Park, name: str) -> Measured:
    """A measured series of a park; of a net meter the gross load.

    Parameters
    ----------
    folder
        ``timeseries/<park>``, with the series, and with the weather if that is needed.
    park
        What ``series.csv`` says of the series, and the plants behind meters.
    name
        ``file:column``.

    Raises
    ------
    InputError
        As :func:`~meishan_model.series.measured.read_measured`; if a power is below zero and
        nothing is said to be behind its meter, or if what is said could not feed out so much.
    """
    series, row = _as_metered(folder, park, name), _row_of(park, name)
    if row is not None and row.net_of:
        return _gross(series, row, folder, park)
    below = series.means < 0.0
    if series.is_power and below.any():
        file, _, column = name.partition(":")
        message = f"is below zero in {int(below.sum())} steps, first {below.idxmax()}, as of a "
        message += "meter behind which a plant feeds out"
        remedy = "name the plant in net_of of series.csv, or correct the readings"
        raise file_error(folder / file, message, remedy, column)
    told = ("gross, as series.csv names no plant behind the meter",) if series.is_power else ()
    return replace(series, notes=(*series.notes, *told))


def _row_of(park: Park, name: str) -> SeriesRow | None:
    return next((row for row in park.series if row.series == name), None)


def _as_metered(folder: Path, park: Park, name: str) -> Measured:
    return read_measured(folder, name, _row_of(park, name), park.site)


def _gross(net: Measured, row: SeriesRow, folder: Path, park: Park) -> Measured:
    """The load of a net meter, never below zero."""
    if not net.is_power:
        message = "the series holds shares or prices, from which no plant takes anything"
        raise InputError([row.fault("net_of", message, "leave the cell empty")])
    of_series = is_measured(row.net_of)
    output, told = (_metered_output if of_series else _plant_output)(net, row, folder, park)
    hours = net.step / 60.0
    fed_out = -float(net.means.clip(upper=0.0).sum()) * hours
    given = float(output.sum()) * hours
    if given <= 0.0 or fed_out > given:
        message = f"gave {given:.4g} MWh, of which the meter fed out {fed_out:.4g} MWh"
        remedy = "correct the plant or its capacity, or the sign of a series"
        raise InputError([row.fault("net_of", message, remedy)])
    load = net.means + output
    below = load[load < 0.0]
    notes = [f"net of {row.net_of}: {given:,.1f} MWh/a added, {told}"]
    if len(below):
        cut = -float(below.sum()) * hours
        notes.append(f"{len(below)} steps then below zero set to zero, {cut:.4g} MWh")
    return replace(net, means=load.clip(lower=0.0), notes=(*net.notes, *notes))


def _metered_output(
    net: Measured, row: SeriesRow, folder: Path, park: Park
) -> tuple[FloatArray, str]:
    """Output in the steps of a net meter [MW] that was measured itself, and how it is told."""
    if row.net_of == row.series:
        raise InputError([row.fault("net_of", "is the meter itself", "name what is behind it")])
    output = _as_metered(folder, park, row.net_of)
    if not (output.is_power and output.days_measured.equals(net.days_measured)):
        first, last = net.means.index[0], net.means.index[-1]
        message = f"is no power from {first:%Y-%m-%d} to {last:%Y-%m-%d}, the days of {net.name}"
        remedy = "give the output of these days, or name the plant of existing_plants.csv"
        raise InputError([row.fault("net_of", message, remedy)])
    return output.by_day(round(net.step)).ravel(), "as it was measured"


def _plant_output(
    net: Measured, row: SeriesRow, folder: Path, park: Park
) -> tuple[FloatArray, str]:
    """Output in the steps of a net meter [MW] of a plant of the park, and how it is told."""
    technologies = {row.technology: row for row in park.technologies}
    own = [p for p in park.existing_plants if p.offtake == "park" and p.technology in technologies]
    plants = [plant for plant in own if plant.plant == row.net_of]
    if not plants:
        message = "no such plant in existing_plants.csv whose power is the park's"
        remedy = names_remedy(row.net_of, {plant.plant for plant in own})
        raise InputError([row.fault("net_of", message, remedy)])
    stamps = pd.DatetimeIndex(net.means.index)
    output, capacity = np.zeros(len(stamps)), np.zeros(len(stamps))
    for plant in plants:
        stands = {year: plant.standing(math.inf, year) for year in {*stamps.year}}
        standing = stamps.year.map(stands).to_numpy(dtype=float)
        factor = _capacity_factor(row, technologies[plant.technology], folder, park)
        output += standing * factor[day_of_year(stamps) * 24 + stamps.hour]
        capacity += standing
    if not capacity.any():
        message = f"the plant did not stand yet in {stamps.year[-1]}"
        remedy = "correct commissioned_from in existing_plants.csv, or leave the cell empty"
        raise InputError([row.fault("net_of", message, remedy)])
    profile = technologies[plants[-1].technology].profile
    weather = f"the weather year in use, which need not be that of {stamps.year[-1]}"
    return output, f"{capacity[-1]:.4g} MW in {profile if is_measured(profile) else weather}"


def _capacity_factor(
    row: SeriesRow, technology: TechnologyRow, folder: Path, park: Park
) -> FloatArray:
    """Output per capacity of what is behind a meter by hour of the year [-], ``(8760,)``."""
    if is_measured(technology.profile):
        series = replace(_as_metered(folder, park, technology.profile), days="as_is")
        return in_model_year(series, 0, park.site.country)
    name = technology.technology
    if park.kind_of[name].resource != "sun":
        message = f"what a {technology.kind} gave in a measured year no weather tells"
        raise InputError([row.fault("net_of", message, "give its measured output, file:column")])
    values = Resolver(park, 0).table("technology_parameters").get((name,), {})
    sheet = park.path("technology_parameters")
    refuse(missing_row(sheet, "parameter", p, name) for p in PV_PARAMETERS if p not in values)
    weather, place = load_weather(folder, park.site), location_of(park.site)
    taken = {parameter: values[parameter] for parameter in PV_PARAMETERS}
    factor = pv_capacity_factor(weather, place, **taken)
    hours = values.get("full_load_hours")
    return factor if hours is None else with_full_load_hours(factor, hours)
