"""Monthly climate of a place: ``climate.csv``, of which synthetic weather years are made."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, get_args, get_type_hints

from pydantic import Field

from meishan_model.errors import Fault, refuse
from meishan_model.sheets.row_reader import read_sheets
from meishan_model.sheets.rows import NoneIfEmpty, Quantity, ValueRow

Months = tuple[float, ...]
"""Twelve numbers."""


_CORRELATION = Quantity("1", 0, 0.999, (0.02, 0.99), "of a correlation")
_BETWEEN = Quantity("1", -0.9, 0.9, (-0.8, 0.8), "of a correlation")
_SPREAD = Quantity("1", 0, 5, (0.05, 3), "of a logit")


@dataclass(frozen=True)
class Climate:
    """Monthly climate of a place and the statistics of its hours.

    Its fields are the parameters of ``climate.csv``, with their units there and their ranges.
    """

    ghi: Annotated[Months, Quantity("kWh/m2/d", 0.05, 12.0, (0.2, 9), "polar winter to desert")]
    """Mean daily global irradiation."""
    ghi_deviation: Annotated[Months, Quantity("kWh/m2/d", 0, 6, (0.05, 4), "desert to monsoon")]
    """Standard deviation of the daily global irradiation."""
    temperature: Annotated[Months, Quantity("degC", -60.0, 60.0, (-40, 45), "of months")]
    """Mean air temperature."""
    wind_speed: Annotated[Months, Quantity("m/s", 0.1, 40.0, (0.5, 15), "basin to coast")]
    """Mean wind speed at the reference height."""
    diurnal_range: Annotated[Months, Quantity("K", 0.0, 40.0, (1, 25), "sea to desert")]
    """Range of the mean daily course of the temperature."""
    synoptic_deviation: Annotated[Months, Quantity("K", 0, 20, (0.2, 10), "of days")]
    """Standard deviation of the daily temperature about the seasonal course."""
    clearness_temperature: Annotated[Months, _BETWEEN]
    """Correlation of clearness and daily temperature: clear days are cold in winter."""
    wind_temperature: Annotated[Months, _BETWEEN]
    """Correlation of wind and daily temperature: cold surges are windy."""
    storms: Annotated[Months, Quantity("1", 0, 10, (0, 5), "tropical cyclones nearby")]
    """Mean number of storms."""
    seed: Annotated[int, Quantity("1", 0, 2.0**32, (0, 1e8), "any number")]
    """Seed of the random numbers."""
    reference_year: Annotated[int, Quantity("a", 1900, 2200, (1970, 2100), "any of today")]
    """Year without 29 February whose stamps and sun are used."""
    reference_height: Annotated[float, Quantity("m", 1, 200, (2, 200), "of masts and reanalyses")]
    """Height of the wind speed above ground."""
    weibull_k: Annotated[float, Quantity("1", 0.5, 10, (1, 4), "usually 1.5 to 2.5")]
    """Shape of the Weibull distribution of the windy hours."""
    calm_share: Annotated[float, Quantity("%", 0, 90, (0.05, 40), "of the hours")]
    """Share of calms."""
    wind_persistence: Annotated[float, _CORRELATION]
    """Correlation of the gusty part of the wind from hour to hour."""
    wind_synoptic_share: Annotated[float, Quantity("1", 0, 0.99, (0.05, 0.95), "of the wind")]
    """Share of the variance behind the wind that lasts for days."""
    wind_synoptic_persistence: Annotated[float, _CORRELATION]
    """Correlation of that part from day to day."""
    storm_duration: Annotated[float, Quantity("h", 1, 240, (6, 120), "of strong wind")]
    """Length of a storm."""
    storm_strength: Annotated[float, Quantity("1", 0, 10, (0.5, 6), "deviations")]
    """Deviations by which a storm lifts the Gaussian behind the wind and darkens the sky."""
    wind_diurnal_share: Annotated[float, Quantity("1", 0, 0.95, (0.01, 0.9), "of a correlation")]
    """Correlation of the daily cycle with the Gaussian behind the wind."""
    windiest_hour: Annotated[float, Quantity("h", 0, 24, (0, 24), "an hour of the day")]
    """Hour at which that cycle has its maximum."""
    clearness_minimum: Annotated[float, Quantity("1", 0, 0.5, (0.005, 0.4), "dark days")]
    """Least irradiance over clear sky."""
    clearness_maximum: Annotated[float, Quantity("1", 0.5, 1.5, (0.7, 1.3), "clouds add some")]
    """Most irradiance over clear sky."""
    clearness_persistence: Annotated[float, _CORRELATION]
    """Correlation of the logit of the clearness from day to day."""
    hourly_clearness_spread: Annotated[float, _SPREAD]
    """Deviation of the logit of the clearness from hour to hour."""
    hourly_clearness_persistence: Annotated[float, _CORRELATION]
    """Its correlation from hour to hour."""
    synoptic_persistence: Annotated[float, _CORRELATION]
    """Correlation of the daily temperature about its course from day to day."""


_FIELDS = {n: get_args(hint) for n, hint in get_type_hints(Climate, include_extras=True).items()}
"""Type and quantity of each parameter."""
_ROWS: Mapping[str, Sequence[int | None]] = {
    name: range(1, 13) if kind == Months else (None,) for name, (kind, _) in _FIELDS.items()
}
"""Months of which each parameter has a row; none of one that has a single row."""
Month = Annotated[Annotated[int, Field(ge=1, le=12)] | None, NoneIfEmpty]


class ClimateRow(ValueRow):
    """``climate.csv``: a value of a month, or a single number."""

    needed: ClassVar = "the synthetic weather is made of it; a measured year needs none"
    quantities: ClassVar = {name: quantity for name, (_, quantity) in _FIELDS.items()}
    month: Month = Field(description="1 to 12, or empty for a number without month")
    parameter: str


def read_climate(path: Path) -> Climate:
    """Read and check a climate sheet.

    Raises
    ------
    InputError
        With every fault: form, missing, doubled or unknown rows, wrong units, values out of
        range.
    """
    tables, faults = read_sheets(path.parent, {path.stem: ClimateRow})
    rows = [row for row in tables[path.stem] if isinstance(row, ClimateRow)]
    values = {(row.parameter, row.month): row.value for row in rows}
    # A row that is at fault is not missing as well.
    faults = faults or list(_climate_faults(path, rows, values))
    refuse(faults)
    content: dict[str, Any] = {
        name: tuple(values[name, month] for month in _ROWS[name])
        if kind == Months
        else kind(values[name, None])
        for name, (kind, _) in _FIELDS.items()
    }
    return Climate(**content)


def _climate_faults(
    path: Path, rows: Sequence[ClimateRow], values: Mapping[tuple[str, int | None], float]
) -> Iterator[Fault]:
    """Rows with a month too many, rows that are missing, and a reference year that leaps."""
    for row in rows:
        if row.month not in _ROWS[row.parameter]:
            monthly = None not in _ROWS[row.parameter]
            message = f"{row.parameter} is given {'by month' if monthly else 'once for the year'}"
            remedy = "give a month from 1 to 12" if monthly else "leave the month empty"
            yield row.fault("month", message, remedy)
    for name, month in ((name, month) for name, months in _ROWS.items() for month in months):
        if (name, month) not in values:
            message = f"no row for {name}" + (f" in month {month}" if month else "")
            yield Fault(str(path), message, None, "parameter", name, "add the row")
    for row in rows:
        if row.parameter == "reference_year" and isleap(int(row.value)):
            yield row.fault("value", "is a leap year", "give a year without 29 February")
