"""Measured series of the park's owner: read, made hourly, and laid into the model year.

A series is named ``file:column``, with the file in ``timeseries/<park>``. What the file does not
say of itself (a unit in the head of the column, whether a stamp begins or ends its step) is said
by a row of ``series.csv``. What is done to the numbers is told: steps that were filled, days that
were dropped, hours put into standard time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from meishan_model.errors import InputError
from meishan_model.series import FloatArray, IntArray
from meishan_model.series.calendar import day_types, standard_offset
from meishan_model.series.meter_files import file_error, read_column
from meishan_model.sheets.demand_rows import SeriesRow
from meishan_model.sheets.park import Site
from meishan_model.sheets.units import HOURS_OF_YEAR, factor_of, in_megawatts

POWER = ("W", "kW", "MW", "GW")
ENERGY = ("Wh", "kWh", "MWh", "GWh")
SHARES = ("1", "%")
PRICE = re.compile(r"[A-Z]{3}/(kWh|MWh|t|m3)")
"""Unit of a price, in any currency."""
STEPS = (60.0, 30.0, 20.0, 15.0, 10.0, 5.0)
"""Minutes that a step may have."""
FINEST = 5.0
"""Minutes that divide each of them."""
Refuse: TypeAlias = Callable[[str, str], InputError]
"""Makes the error of a message and a remedy."""
REGISTER = 20.0
"""Readings that never fall and end at so many times their largest step are of a register."""


@dataclass(frozen=True)
class Measured:
    """A measured year.

    Attributes
    ----------
    name
        ``file:column``.
    means
        Mean of each step, by its start in standard time, 365 whole days [MW], or as it is where
        it is no power.
    step
        Minutes of a step.
    unit
        ``MW`` of a power or an energy, ``1`` of a share, such as ``CNY/MWh`` of a price.
    days
        ``as_is`` or empty: how its days are laid into a model year, see :func:`in_model_year`.
    notes
        What was done to it.
    taken_as
        Unit of the file, and what its stamps are.
    """

    name: str
    means: pd.Series[float]
    step: float
    unit: str
    days: str
    notes: tuple[str, ...]
    taken_as: str

    @property
    def is_power(self) -> bool:
        """Whether it is a power or an energy, and no share or price."""
        return self.unit == "MW"

    @property
    def energy(self) -> float:
        """Energy of the year [MWh/a]; of what is no power its mean times 8760 h."""
        return float(self.means.mean()) * HOURS_OF_YEAR

    @property
    def days_measured(self) -> pd.DatetimeIndex:
        """The 365 days."""
        return pd.DatetimeIndex(self.means.index[:: len(self.means) // 365])

    def by_day(self, minutes: int) -> FloatArray:
        """Means of steps of other length, shape (365, steps of a day)."""
        finest = np.repeat(self.means.to_numpy(), round(self.step / FINEST))
        return np.asarray(finest.reshape(365, -1, round(minutes / FINEST)).mean(axis=2))

    def __str__(self) -> str:
        """What it is, in a line."""
        first, last = self.means.index[0], self.means.index[-1]
        amount = (
            f"{self.energy:,.1f} MWh/a, peak {self.means.max():.4g} MW"
            if self.is_power
            else f"mean {self.means.mean():.4g} {self.unit}"
        )
        told = "; ".join([f"steps of {self.step:g} min in {self.taken_as}, {amount}", *self.notes])
        return f"{self.name}: {first:%Y-%m-%d} to {last:%Y-%m-%d}, {told}"


def read_measured(folder: Path, name: str, row: SeriesRow | None, site: Site) -> Measured:
    """Read a measured series and make it whole: a year of equal steps.

    Parameters
    ----------
    folder
        ``timeseries/<park>``.
    name
        ``file:column``.
    row
        What ``series.csv`` says of it, if anything.
    site
        The park, for its clock.

    Raises
    ------
    InputError
        If the file, its unit or its stamps are wrong, if more is missing than may be filled, or
        if it is shorter than a year.
    """
    file, _, column = name.partition(":")
    path = folder / file
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    said = row or SeriesRow(line=0, series=name)
    return _read(path, changed, column, said, site.timezone)


@lru_cache(maxsize=32)
def _read(path: Path, changed: int, column: str, said: SeriesRow, timezone: str) -> Measured:  # noqa: ARG001 - a changed file is read again
    series, named = read_column(path, column)
    refuse = partial(file_error, path, column=column)
    unit = said.unit or named
    known = (*POWER, *ENERGY, *SHARES)
    is_price = PRICE.fullmatch(unit) is not None
    if unit not in known and not is_price:
        remedy = f"give its unit in series.csv, one of {', '.join(known)}, CNY/MWh or EUR/kWh"
        raise refuse(f"has no unit that is known, {unit!r}", remedy)
    notes: list[str] = []
    values = series * said.multiplier * factor_of(unit)
    if said.multiplier != 1.0:
        notes.append(f"times {said.multiplier:g}")
    is_register = said.quantity == "register"
    if not said.quantity and unit in ENERGY and _looks_like_register(values):
        remedy = "say quantity register in series.csv, or energy if its steps are energies"
        raise refuse("never falls, as the readings of a register", remedy)
    step = _step(_stamps(values), refuse)
    ends = not is_register and _ends_steps(_stamps(values), said, step, refuse)
    stamped = "of a register" if is_register else f"stamped at their {'end' if ends else 'begin'}"
    if ends:
        values = values.set_axis(_stamps(values) - pd.Timedelta(minutes=step))
    values = _in_standard_time(values, timezone, refuse, notes)
    values = _filled(values, step, said.longest_gap, refuse, notes)
    if is_register:
        values = _from_register(values, refuse)
    if unit in ENERGY:
        values = values / (step / 60.0)
    values = _whole_year(values, refuse, notes)
    own_unit = in_megawatts(unit) if is_price else "1" if unit in SHARES else "MW"
    told = (said.days, tuple(notes), f"{unit} {stamped}")
    return Measured(f"{path.name}:{column}", values, step, own_unit, *told)


def _stamps(values: pd.Series[float]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(values.index)


def _from_register(values: pd.Series[float], refuse: Refuse) -> pd.Series[float]:
    """Energy between readings, by the stamp of the first; what a gap has counted is kept."""
    used = values.diff().iloc[1:]
    if (used < 0).any():
        where = used.index[int(np.argmax((used < 0).to_numpy()))]
        message = f"the register falls {int((used < 0).sum())} times, first at {where}"
        raise refuse(message, "add what the meter before had counted to the readings after it")
    return used.set_axis(values.index[:-1])


def _looks_like_register(values: pd.Series[float]) -> bool:
    steps = values.dropna().diff().dropna()
    return bool(
        len(steps) and (steps >= 0).all() and values.max() > REGISTER * max(steps.max(), 1e-12)
    )


def _step(stamps: pd.DatetimeIndex, refuse: Refuse) -> float:
    """Minutes of the most common step."""
    steps = np.diff(stamps.to_numpy()) / np.timedelta64(1, "m")
    lengths, counts = np.unique(steps, return_counts=True)
    minutes = float(lengths[counts.argmax()]) if len(counts) else 0.0
    if minutes not in STEPS:
        remedy = f"give steps of {', '.join(f'{m:g}' for m in STEPS)} min"
        raise refuse(f"has steps of {minutes:g} min", remedy)
    return minutes


def _ends_steps(stamps: pd.DatetimeIndex, said: SeriesRow, step: float, refuse: Refuse) -> bool:
    """Whether a stamp is the end of its step; else it is the start."""
    if said.stamps:
        return said.stamps == "end"
    first, last = (
        (stamp - stamp.normalize()).total_seconds() / 60.0 for stamp in (stamps[0], stamps[-1])
    )
    if (first, last) == (0.0, 1440.0 - step):
        return False
    if (first, last) == (step, 0.0):
        return True
    message = f"begins at {stamps[0]} and ends at {stamps[-1]}: do stamps begin or end their steps"
    raise refuse(message, "say stamps start or end in series.csv")


def _in_standard_time(
    values: pd.Series[float], timezone: str, refuse: Refuse, notes: list[str]
) -> pd.Series[float]:
    """Put stamps into standard time where they follow daylight saving; drop rows that repeat."""
    stamps = _stamps(values)
    again = stamps.duplicated(keep=False)
    if not again.any():
        return values
    of_stamp = values[again].fillna(np.inf).groupby(level=0)
    same = of_stamp.max() == of_stamp.min()
    if same.all():
        notes.append(f"{int(stamps.duplicated().sum())} rows that stand twice")
        return values[~stamps.duplicated()]
    try:
        local = stamps.tz_localize(timezone, ambiguous="infer", nonexistent="raise")
    except ValueError:
        local = stamps
    if local.has_duplicates:
        where = same.index[int(np.argmin(same.to_numpy()))]
        message = f"has {int((~same).sum())} stamps twice with other values, first {where}"
        raise refuse(message, "keep one of them")
    offset = pd.Timedelta(hours=standard_offset(timezone, stamps[0].year))
    notes.append("daylight saving put into standard time")
    return values.set_axis(local.tz_convert("UTC").tz_localize(None) + offset)


def _filled(
    values: pd.Series[float], step: float, longest: float, refuse: Refuse, notes: list[str]
) -> pd.Series[float]:
    """A value for each step, short gaps between their neighbours on a straight line."""
    stamps = _stamps(values)
    grid = pd.date_range(stamps.min(), stamps.max(), freq=pd.Timedelta(minutes=step))
    strange = stamps.difference(grid)
    if len(strange):
        message = f"has {len(strange)} stamps between its steps, first {strange[0]}"
        raise refuse(message, f"give one every {step:g} min")
    whole = values.reindex(grid)
    missing = whole.isna()
    if not missing.any():
        return whole
    run = (missing != missing.shift()).cumsum()[missing]
    lengths = run.groupby(run).size() * step / 60.0
    if lengths.max() > longest:
        worst = run[run == lengths.idxmax()].index[0]
        message = f"has {int((lengths > longest).sum())} gaps above {longest:g} h, the longest of "
        message += f"{lengths.max():g} h from {worst}"
        raise refuse(message, "fill them, or allow them by longest_gap in series.csv")
    notes.append(f"{int(missing.sum())} missing steps on straight lines")
    return whole.interpolate(method="time").ffill().bfill()


def _whole_year(values: pd.Series[float], refuse: Refuse, notes: list[str]) -> pd.Series[float]:
    """The last 365 whole days, without 29 February; a calendar year if there is one."""
    day_of = _stamps(values).normalize()
    per_day = day_of.value_counts().sort_index()
    days = pd.DatetimeIndex(per_day.index[per_day == per_day.max()])
    leap = (days.month == 2) & (days.day == 29)
    if leap.any():
        notes.append("29 February dropped")
    days = days[~leap]
    if len(days) < 365:
        remedy = "a year of measurements is needed; give profiles.csv a shape for less"
        raise refuse(f"has {len(days)} whole days", remedy)
    years, counts = np.unique(days.year, return_counts=True)
    if (counts == 365).any():
        chosen = days[days.year == years[counts == 365][-1]]
    else:
        chosen = days[-365:]
        if chosen[-1] - chosen[0] > pd.Timedelta(days=366):
            raise refuse("has no 365 days in a row", "give a year without missing days")
    return values[day_of.isin(chosen)]


def in_model_year(measured: Measured, year: int, country: str, minutes: int = 60) -> FloatArray:
    """A measured year laid into the model year, ``(8760,)``; more values for shorter steps.

    With ``as_is`` the n-th day is the n-th day. Else each measured day stands once, so that energy
    and peak of the year are those of the meter: as near as can be to its date, on a day of its
    kind, the same weekday or the same day of the same festival; where none is left, a working day
    on a working day and a day off on a day off.

    Parameters
    ----------
    measured
        The series.
    year
        The model year.
    country
        Whose public holidays hold.
    minutes
        Length of a time step: 60, 30 or 15.
    """
    table = measured.by_day(minutes)
    stamps = measured.days_measured
    if measured.days == "as_is":
        return np.roll(table, day_of_year(stamps)[0], axis=0).ravel()
    days_of = [day_types(int(y), country).iloc[::24] for y in sorted({*stamps.year})]
    there, wanted = pd.concat(days_of).loc[stamps], day_types(year, country).iloc[::24]
    return table[_likest_days(wanted, there)].ravel()


def _likest_days(wanted: pd.DataFrame, there: pd.DataFrame) -> IntArray:
    """Position of the measured day that stands for each wanted one; each is taken once."""
    from scipy.optimize import linear_sum_assignment  # half a second to import

    dates = [day_of_year(pd.DatetimeIndex(table.index)) for table in (wanted, there)]
    distance = np.abs(dates[0][:, None] - dates[1][None, :])
    # Many small moves rather than a far one; another kind is worse than any distance.
    miss = np.minimum(distance, 365 - distance).astype(np.float64) ** 2
    works = [table["is_working_day"].to_numpy() for table in (wanted, there)]
    for one, other in ((_kinds(wanted), _kinds(there)), works):
        miss = miss + 1e6 * (one[:, None] != other[None, :])
    return np.asarray(linear_sum_assignment(miss)[1])


def day_of_year(stamps: pd.DatetimeIndex) -> IntArray:
    """0 to 364, 29 February left out."""
    return np.asarray(stamps.day_of_year - 1 - (stamps.is_leap_year & (stamps.month > 2)))


def _kinds(table: pd.DataFrame) -> NDArray[np.str_]:
    """Kind of each day: its weekday, or which day of which festival it is."""
    festival = table["festival"].astype(str)
    rank = festival.groupby((festival != festival.shift()).cumsum()).cumcount().astype(str)
    works = table["is_working_day"].map({True: "works", False: "off"})
    weekday = table["weekday"].astype(str) + works
    return np.asarray(weekday.where(festival == "", festival + rank), dtype=str)
