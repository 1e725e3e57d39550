"""Weather that closes the berths: events drawn by kind and season, and the working time left.

While the berths are closed no ship comes or leaves, and cranes and trucks stand still; what is not
done is done afterwards. Ships queue and cranes work by the *working time*, a clock that stands
still while the berths are closed, so that all containers of the year are handled in what is left.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from meishan_model.series import FloatArray
from meishan_model.sheets.units import HOURS_OF_YEAR


@dataclass(frozen=True)
class Closure:
    """A kind of weather in a season of the year.

    ``count`` events are expected a year [1/a], all of which begin in ``months``; their duration
    is uniform in ``duration`` [h] times ``1 -+ duration_spread`` [1]. Another ``seed`` is another
    year of the same weather.
    """

    closure: str
    months: tuple[int, ...]
    count: float
    duration: float
    duration_spread: float
    seed: int


def draw_events(closures: Iterable[Closure]) -> pd.DataFrame:
    """Events of a year of each kind: a Poisson process whose rate is that of its season.

    Parameters
    ----------
    closures
        Kinds of weather by season.

    Returns
    -------
    pandas.DataFrame
        One row an event: ``closure``, ``begin``, ``end`` [h since 1 January 00:00; an end may be
        beyond 8760, which is in January].
    """
    month_ends = np.cumsum([0] + [calendar.monthrange(2023, m)[1] * 24 for m in range(1, 13)])
    tables = []
    for place, closure in enumerate(closures):
        generator = np.random.default_rng([closure.seed, place])
        number = generator.poisson(closure.count)
        hours = np.concatenate([np.arange(*month_ends[m - 1 : m + 1]) for m in closure.months])
        begin = generator.choice(hours, number) + generator.random(number)
        least, most = (1.0 + sign * closure.duration_spread for sign in (-1.0, 1.0))
        end = begin + closure.duration * generator.uniform(least, most, number)
        tables.append(pd.DataFrame({"closure": closure.closure, "begin": begin, "end": end}))
    none = pd.DataFrame({"closure": [], "begin": [], "end": []})
    return pd.concat(tables, ignore_index=True) if tables else none


_MOMENT = 1e-6
"""Below it two times of the clock are the same, whatever they were rounded to [h]."""


@dataclass(frozen=True)
class WorkingTime:
    """A clock that stands still while the berths are closed; the year repeats.

    Attributes
    ----------
    begin, end
        When the berths close and open again [h since 1 January 00:00], ascending, in the year and
        without overlap.
    """

    begin: FloatArray
    end: FloatArray

    @property
    def closed(self) -> float:
        """Hours of the year in which the berths are closed [h]."""
        return float((self.end - self.begin).sum())

    @classmethod
    def of(cls, events: pd.DataFrame) -> WorkingTime:
        """The clock of a year's events, those that overlap as one.

        Parameters
        ----------
        events
            Table of :func:`draw_events`.

        Raises
        ------
        ValueError
            If the berths are closed all year.
        """
        begin, end = (events[name].to_numpy(np.float64) for name in ("begin", "end"))
        late = end > HOURS_OF_YEAR
        begin = np.concatenate([begin, np.zeros(late.sum())])
        end = np.concatenate([np.minimum(end, HOURS_OF_YEAR), end[late] - HOURS_OF_YEAR])
        order = np.argsort(begin, kind="stable")
        begin, end = begin[order], np.maximum.accumulate(end[order])
        is_first = np.concatenate([[True], begin[1:] > end[:-1]])[: begin.size]
        firsts = np.flatnonzero(is_first)
        lasts = np.append(firsts[1:] - 1, begin.size - 1)[: firsts.size]
        found = cls(begin[firsts], end[lasts])
        if found.length <= 0.0:
            raise ValueError("the weather closes the berths all year")
        return found

    @property
    def length(self) -> float:
        """Working hours of the year [h]."""
        return HOURS_OF_YEAR - self.closed

    @cached_property
    def _opened(self) -> tuple[FloatArray, FloatArray]:
        """When the berths open, 1 January being the first time, and the clock at these times."""
        closed = np.concatenate([[0.0], np.cumsum(self.end - self.begin)])
        times = np.concatenate([[0.0], self.end])
        return times, times - closed

    def worked(self, time: FloatArray) -> FloatArray:
        """What the clock shows at some times [h]."""
        year, rest = np.divmod(np.asarray(time, dtype=np.float64), HOURS_OF_YEAR)
        knots = np.column_stack([self.begin, self.end]).ravel()
        gone = np.repeat(np.cumsum(self.end - self.begin), 2)
        gone[::2] -= self.end - self.begin
        closed = np.interp(rest, [0.0, *knots, HOURS_OF_YEAR], [0.0, *gone, self.closed])
        return np.asarray(year * self.length + rest - closed, dtype=np.float64)

    def begins(self, worked: FloatArray) -> FloatArray:
        """When what begins at some times of the clock begins [h]: after a closure."""
        return self._time(worked, "right", _MOMENT)

    def ends(self, worked: FloatArray) -> FloatArray:
        """When what ends at some times of the clock ends [h]: before a closure."""
        return self._time(worked, "left", -_MOMENT)

    def _time(
        self, worked: FloatArray, side: Literal["left", "right"], moment: float
    ) -> FloatArray:
        """Times of the clock; those within a moment of a closure are at it."""
        times, clock = self._opened
        year, rest = np.divmod(np.asarray(worked, dtype=np.float64) + moment, self.length)
        place = np.maximum(np.searchsorted(clock, rest, side) - 1, 0)
        since = np.maximum(rest - moment - clock[place], 0.0)
        return np.asarray(year * HOURS_OF_YEAR + times[place] + since)


ALWAYS = WorkingTime(np.zeros(0), np.zeros(0))
"""The clock of berths that no weather closes."""
