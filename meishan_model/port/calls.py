"""Ship calls: a reproducible schedule by size class, a queue for the berths, load at berth.

Times are hours since 1 January 00:00 of the model year, which repeats: a ship that is alongside
at midnight of 31 December is alongside on 1 January, so the hourly series wrap around.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from meishan_model.port.closures import ALWAYS, WorkingTime
from meishan_model.port.year import BerthGroup
from meishan_model.series import FloatArray, IntArray
from meishan_model.sheets.units import HOURS_OF_YEAR


@dataclass(frozen=True)
class CallPattern:
    """How the calls of a year are spread.

    Attributes
    ----------
    rate
        Relative rate of arrival in each hour of the year, ``(8760,)``, not negative.
    lateness
        Mean delay of a ship behind its slot [h]; delays are exponential.
    size_spread
        Calls are uniform in the mean of their class times ``1 -+ size_spread`` [1], in [0, 1).
    seed
        Seed of the random numbers.
    """

    rate: FloatArray
    lateness: float
    size_spread: float
    seed: int


@dataclass(frozen=True)
class PortSchedule:
    """What happens at the berths in a year.

    ``calls`` are tables of :func:`ship_calls` by group of berths; ``working`` is the time that the
    weather leaves for work.
    """

    calls: Mapping[str, pd.DataFrame]
    working: WorkingTime = ALWAYS


def arrival_rate(
    calendar: pd.DataFrame,
    weekend_factor: float,
    holiday_factor: float,
    season_amplitude: float,
    season_peak: float,
) -> FloatArray:
    """Relative rate of arrival of ships, ``(8760,)``; a working day of mean season has 1.

    Parameters
    ----------
    calendar
        Table of `meishan_model.series.calendar.day_types`.
    weekend_factor, holiday_factor
        Rate on the weekend of the country, and on public holidays of any weekday [1].
    season_amplitude
        Amplitude of a yearly cosine [1], below 1.
    season_peak
        Day of the year of its peak [d].
    """
    holiday = calendar["is_holiday"].to_numpy(dtype=bool)
    weekend = calendar["is_weekend"].to_numpy(dtype=bool)
    rate = np.where(holiday, holiday_factor, np.where(weekend, weekend_factor, 1.0))
    phase = 2.0 * np.pi * (np.arange(HOURS_OF_YEAR) / 24.0 - season_peak) / 365.0
    return np.asarray(rate * (1.0 + season_amplitude * np.cos(phase)), dtype=np.float64)


def ship_calls(
    year: int,
    throughput: float,
    group: BerthGroup,
    pattern: CallPattern,
    working: WorkingTime = ALWAYS,
) -> pd.DataFrame:
    """Generate the calls of a model year at a group of equal berths, first come, first served.

    The year is cut into as many slots as there are calls, each with the same part of the arrivals
    that the pattern expects, and each ship arrives at a random time of its slot or late: liner
    services are regular, but not punctual. The classes of the ships follow each other at random.
    The stay is proportional to the containers among the calls of a class. While the weather closes
    the berths, ships wait outside or stay, by so much longer.

    Parameters
    ----------
    year
        Model year; other years have other arrivals.
    throughput
        Containers handled at the group in the year [TEU]; the calls add up to it.
    group
        The berths and the ships that call there.
    pattern
        Rate of arrival, lateness, spread of the sizes, seed.
    working
        When the berths work.

    Returns
    -------
    pandas.DataFrame
        One row a call in order of arrival: ``ship_class``, ``arrival``, ``berthing``,
        ``departure`` [h since 1 January 00:00; a departure may be beyond 8760], ``berth``
        (1 ...), ``teu``, ``shore_power`` (the ship connects, and its berth has a socket). The
        number of ships that would connect is the acceptance share of the calls of their class,
        rounded; with a higher share the same ships do, and others too.

    Raises
    ------
    ValueError
        If an argument is out of range or the berths cannot hold the ships.
    """
    shares, teu_per_call, mean_stay, acceptance = (
        np.array([getattr(ship, name) for ship in group.ships])
        for name in ("call_share", "teu_per_call", "stay", "acceptance_share")
    )
    if min(throughput, group.berths) <= 0 or pattern.lateness < 0.0:
        raise ValueError("throughput and berths are above zero, lateness is not negative")
    if not 0.0 <= pattern.size_spread < 1.0:
        raise ValueError("size_spread is in [0, 1)")
    count = max(1, round(throughput / float(shares @ teu_per_call)))
    generator = np.random.default_rng([pattern.seed, year])
    arrival = _arrivals(pattern, count, generator)
    kind = generator.permutation(np.repeat(np.arange(shares.size), _parts(count, shares)))
    spread = generator.uniform(1.0 - pattern.size_spread, 1.0 + pattern.size_spread, count)
    spread /= (np.bincount(kind, spread) / np.maximum(np.bincount(kind), 1))[kind]
    teu = teu_per_call[kind] * spread
    teu *= throughput / teu.sum()
    stays = mean_stay[kind] * spread
    place = pd.Series(generator.permutation(count)).groupby(kind).rank().to_numpy() - 0.5
    plugged = place < (acceptance * np.bincount(kind, minlength=shares.size))[kind]
    begun, berth = _queue(working.worked(arrival), stays, group.berths, working.length)
    return pd.DataFrame(
        {
            "ship_class": np.array([ship.ship_class for ship in group.ships])[kind],
            "arrival": arrival,
            "berthing": np.maximum(working.begins(begun), arrival),
            "departure": working.ends(begun + stays),
            "berth": berth,
            "teu": teu,
            "shore_power": plugged & (berth <= group.equipped_berths),
        }
    )


def _arrivals(pattern: CallPattern, count: int, generator: np.random.Generator) -> FloatArray:
    """Times of arrival [h], ascending: a slot in each of ``count`` equal parts, and a delay."""
    expected = np.concatenate([[0.0], np.cumsum(pattern.rate)])
    place = (np.arange(count) + generator.random(count)) / count * expected[-1]
    slot = np.interp(place, expected, np.arange(expected.size))
    delay = generator.exponential(pattern.lateness, count)
    return np.sort((slot + delay) % HOURS_OF_YEAR)


def _parts(count: int, shares: FloatArray) -> IntArray:
    """Whole numbers in proportion to some shares that add up to a count."""
    ends = np.rint(np.cumsum(shares) / shares.sum() * count).astype(np.int64)
    return np.asarray(np.diff(ends, prepend=0), dtype=np.int64)


def _queue(
    arrival: FloatArray, stays: FloatArray, berths: int, length: float
) -> tuple[FloatArray, IntArray]:
    """Berthing times [h] and berths (1 ...) of a queue whose year repeats until it is periodic.

    All times are working time; ``length`` is that of a year.
    """
    if stays.sum() >= berths * length or stays.max() >= length:
        raise ValueError(
            f"{stays.size} calls of {stays.mean():.3g} h need more than {berths} berths: "
            f"{stays.sum() / length:.1f} are occupied in the mean"
        )
    free = [-math.inf] * berths
    previous: list[float] = []
    # With fewer ship hours than berth hours the queue forgets its start; two rounds are usual.
    for _ in range(200):
        berthing: list[float] = []
        places: list[int] = []
        for now, stay in zip(arrival.tolist(), stays.tolist(), strict=True):
            start = max(now, min(free))
            # Of several free berths the first one; so an empty quay has always the same state.
            berth = next(number for number, since in enumerate(free) if since <= start)
            free[berth] = start + stay
            berthing.append(start)
            places.append(berth + 1)
        if previous and np.allclose(berthing, previous, atol=1e-9, rtol=0.0):
            return np.array(berthing), np.array(places)
        previous = berthing
        free = [since - length for since in free]
    raise ValueError("the queue for the berths does not settle; too few berths")


def _integral(at: FloatArray, begin: FloatArray, weight: FloatArray) -> FloatArray:
    """Sum over all events of ``weight * max(0, at - begin)``, for sorted or unsorted events."""
    order = np.argsort(begin, kind="stable")
    begun, weights = begin[order], weight[order]
    number = np.searchsorted(begun, at, side="right")
    total = np.concatenate([[0.0], np.cumsum(weights)])
    moment = np.concatenate([[0.0], np.cumsum(weights * begun)])
    return np.asarray(total[number] * at - moment[number], dtype=np.float64)


def hourly_mean_of_intervals(
    begin: FloatArray,
    end: FloatArray,
    weight: FloatArray,
    clock: Callable[[FloatArray], FloatArray] = np.asarray,
) -> FloatArray:
    """Hourly means of a sum of rectangles, wrapped into the year.

    Parameters
    ----------
    begin, end
        Limits of the rectangles [h since 1 January 00:00], ``end`` up to four years.
    weight
        Heights, any unit.
    clock
        What a clock that may stand still shows at some times; widths are counted by it.

    Returns
    -------
    FloatArray
        ``(8760,)`` in the unit of the heights; its sum is ``sum(weight * (end - begin))``.
    """
    years = max(1, math.ceil(float(end.max(initial=0.0)) / HOURS_OF_YEAR))
    edges = clock(np.arange(years * HOURS_OF_YEAR + 1, dtype=np.float64))
    begin, end = clock(begin), clock(end)
    level = _integral(edges, begin, weight) - _integral(edges, end, weight)
    mean = np.diff(level).reshape(years, HOURS_OF_YEAR).sum(axis=0)
    # Differences of large sums leave dust of either sign where nothing happens.
    scale = float(np.abs(weight).max(initial=0.0))
    return np.where(np.abs(mean) < 1e-7 * scale, 0.0, mean)


def _column(calls: pd.DataFrame, name: str) -> FloatArray:
    return calls[name].to_numpy(dtype=np.float64)


def load_at_berth(calls: pd.DataFrame, power: FloatArray) -> FloatArray:
    """Load of the ships while they lie at berth [MW], hourly means ``(8760,)``.

    Parameters
    ----------
    calls
        Table of `ship_calls`.
    power
        Power of each ship [kW], ``(calls,)``.
    """
    return hourly_mean_of_intervals(
        _column(calls, "berthing"), _column(calls, "departure"), power / 1000.0
    )


def connectable_load(
    calls: pd.DataFrame, power: FloatArray, connection_time: float, socket_power: float
) -> FloatArray:
    """Part of the load at berth that shore power could carry [MW], hourly means ``(8760,)``.

    Parameters
    ----------
    calls
        Table of `ship_calls`; only calls with ``shore_power`` connect.
    power
        Power of each ship [kW], ``(calls,)``.
    connection_time
        Time for connecting and disconnecting together [h], half of it at each end of the stay.
    socket_power
        Most that one ship can take [kW]; its own engine gives the rest.
    """
    berthing, departure = _column(calls, "berthing"), _column(calls, "departure")
    margin = np.minimum(connection_time, departure - berthing) / 2.0
    drawn = np.minimum(power, socket_power) * calls["shore_power"].to_numpy(dtype=bool)
    return hourly_mean_of_intervals(berthing + margin, departure - margin, drawn / 1000.0)


def handled_teu(calls: pd.DataFrame, working: WorkingTime = ALWAYS) -> FloatArray:
    """Containers moved between ship and quay [TEU/h], hourly means ``(8760,)``.

    Each call is worked evenly over the working time of its stay. The sum over the year is the
    throughput.
    """
    berthing, departure = _column(calls, "berthing"), _column(calls, "departure")
    hours = working.worked(departure) - working.worked(berthing)
    teu = _column(calls, "teu")
    return hourly_mean_of_intervals(berthing, departure, teu / hours, working.worked)
