"""Output of plants, and efficiency of heat pumps, in a weather year."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.series import FloatArray
from meishan_model.series.demand import ShapeContext, heat_pump_cop
from meishan_model.series.solar import (
    PV_PARAMETERS,
    mean_of_life,
    pv_capacity_factor,
    with_full_load_hours,
)
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.units import HOURS_OF_YEAR

SHEET = "technology_parameters.csv"


def plant_output(technology: Technology, context: ShapeContext) -> FloatArray:
    """Output per capacity of a plant in the weather in use [-], ``(8760,)``.

    PV has the mean of its life: its modules lose some of their yield every year.

    Parameters
    ----------
    technology
        A plant of sun or wind with its parameters.
    context
        The weather and the place; it keeps what other slices ask for again.

    Raises
    ------
    InputError
        If the weather is missing or of another height, or a plant cannot have its full-load hours.
    """
    numbers = sorted(technology.parameters.items())
    key = technology.kind.resource, technology.model, *numbers
    if technology.kind.resource == "sun":
        first_year = context.once(key, lambda weather: _sun(technology, weather, context))
        degradation, cost = technology.parameters.get("degradation"), technology.cost
        # Where a faulty cost sheet has no lifetime, other faults are still looked for.
        if degradation is None or cost is None:
            return first_year
        return first_year * mean_of_life(degradation, cost.technical_lifetime)
    return context.once(key, lambda weather: _wind(technology, weather))


def coefficient_of_performance(technology: Technology, context: ShapeContext) -> FloatArray:
    """COP ``(8760,)`` against outside air, or a steady source where the sheet gives one."""
    steady = technology.parameters.get("source_temperature")
    source = context.temperature if steady is None else np.full(HOURS_OF_YEAR, steady)
    names = ("sink_temperature", "carnot_quality", "minimum_cop", "maximum_cop")
    return heat_pump_cop(source, **_take(technology, *names))


def _sun(technology: Technology, weather: xr.Dataset, context: ShapeContext) -> FloatArray:
    """PV in its first year, scaled to full-load hours where the sheet has them."""
    given = _take(technology, *PV_PARAMETERS)
    factor = pv_capacity_factor(weather, context.location, **given)
    hours = technology.parameters.get("full_load_hours")
    if hours is None:
        return factor
    try:
        return with_full_load_hours(factor, hours)
    except ValueError as error:
        message = f"{technology.technology} cannot reach its full-load hours: {error}"
        raise InputError([Fault(SHEET, message, column="value", value=f"{hours:g}")]) from error


def _wind(technology: Technology, weather: xr.Dataset) -> FloatArray:
    """A farm on the weather in use, its wind scaled so that the farm has its full-load hours."""
    # Half a second to import windpowerlib and scipy.optimize: a park without wind is spared it.
    from meishan_model.series.wind import (
        calibrate_speed_factor,
        wind_capacity_factor,
        with_diurnal_share,
        with_own_course,
        with_season,
    )

    values = _take(technology, "hub_height", "reference_height", "shear_exponent", "array_loss")
    hours = technology.parameters["full_load_hours"]
    height = float(weather.attrs.get("wind_reference_height", np.nan))
    if height != values["reference_height"] and not np.isnan(height):
        farm, remedy = technology.technology, f"write {height:g}, or take other weather"
        message = f"reference_height of {farm} is not the {height:g} m of the wind"
        value = f"{values['reference_height']:g}"
        raise InputError([Fault(SHEET, message, None, "value", value, remedy)])
    given = technology.parameters
    if "wind_correlation" in given:
        correlation, site = given["wind_correlation"], int(given["wind_site"])
        weather = with_own_course(weather, correlation, site)
    weather = with_diurnal_share(weather, given["diurnal_share"])
    if "seasonal_share" in given:
        weather = with_season(weather, given["seasonal_share"], given["january_gain"])
    try:
        factor = calibrate_speed_factor(weather, technology.model, **values, full_load_hours=hours)
    except ValueError as error:
        message = f"{technology.technology} cannot reach its full-load hours: {error}"
        raise InputError([Fault(SHEET, message, column="value", value=f"{hours:g}")]) from error
    return wind_capacity_factor(weather, technology.model, **values, speed_factor=factor)


def _take(technology: Technology, *names: str) -> dict[str, float]:
    return {name: technology.parameters[name] for name in names}
