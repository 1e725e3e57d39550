"""Ship calls: a reproducible plain schedule, a queue for the berths, load at berth.

Times are hours since 1 January 00:00 of the model year, which repeats: a ship that is alongside
at midnight of 31 December is alongside on 1 January, so the hourly series wrap around.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from meishan_model.profiles.calendar import HOURS_PER_YEAR
from meishan_model.profiles.numerics import FloatArray


def ship_calls(
    year: int,
    throughput: float,
    berths: int,
    teu_per_call: float,
    stay: float,
    seed: int,
    size_spread: float = 0.0,
) -> pd.DataFrame:
    """Generate the calls of a model year at equal berths, first come, first served.

    The year is cut into as many equal slots as there are calls, and each ship arrives at a random
    time of its slot: liner services are regular, but not punctual. The stay is proportional to
    the containers of the call.

    Parameters
    ----------
    year
        Model year; other years have other arrivals.
    throughput
        Containers handled in the year [TEU]; the calls add up to it.
    berths
        Number of berths.
    teu_per_call
        Mean containers handled in a call [TEU].
    stay
        Mean time at berth [h].
    seed
        Seed of the random numbers.
    size_spread
        Calls are uniform in ``teu_per_call * (1 -+ size_spread)`` [1], in [0, 1).

    Returns
    -------
    pandas.DataFrame
        One row a call in order of arrival: ``arrival``, ``berthing``, ``departure`` [h since
        1 January 00:00; a departure may be beyond 8760], ``berth`` (0 ...), ``teu``.

    Raises
    ------
    ValueError
        If an argument is out of range or the berths cannot hold the ships.
    """
    if min(throughput, berths, teu_per_call, stay) <= 0 or not 0.0 <= size_spread < 1.0:
        raise ValueError(
            "throughput, berths, teu_per_call and stay are positive, spread in [0, 1)"
        )
    count = max(1, round(throughput / teu_per_call))
    generator = np.random.default_rng([seed, year])
    slot = HOURS_PER_YEAR / count
    arrival = (np.arange(count) + generator.random(count)) * slot
    teu = generator.uniform(1.0 - size_spread, 1.0 + size_spread, count)
    teu *= throughput / teu.sum()
    stays = stay * teu / teu.mean()
    if stays.sum() >= berths * HOURS_PER_YEAR or stays.max() >= HOURS_PER_YEAR:
        raise ValueError(
            f"{count} calls of {stay:g} h need more than {berths} berths: "
            f"{stays.sum() / HOURS_PER_YEAR:.1f} are occupied in the mean"
        )
    berthing, berth = _queue(arrival, stays, berths)
    return pd.DataFrame(
        {
            "arrival": arrival,
            "berthing": berthing,
            "departure": berthing + stays,
            "berth": berth,
            "teu": teu,
        }
    )


def _queue(arrival: FloatArray, stays: FloatArray, berths: int) -> tuple[FloatArray, np.ndarray]:
    """Berthing times [h] and berths of a queue whose year repeats until it is periodic."""
    free = [-math.inf] * berths
    previous: list[tuple[float, int]] | None = None
    # With fewer ship hours than berth hours the queue forgets its start; two rounds are usual.
    for _ in range(200):
        served: list[tuple[float, int]] = []
        for now, length in zip(arrival.tolist(), stays.tolist(), strict=True):
            start = max(now, min(free))
            # Of several free berths the first one; so an empty quay has always the same state.
            berth = next(number for number, since in enumerate(free) if since <= start)
            free[berth] = start + length
            served.append((start, berth))
        if previous is not None and np.allclose(
            [start for start, _ in served], [start for start, _ in previous], atol=1e-9, rtol=0.0
        ):
            break
        previous = served
        free = [since - HOURS_PER_YEAR for since in free]
    else:
        raise ValueError("the queue for the berths does not settle; too few berths")
    return np.array([start for start, _ in served]), np.array([berth for _, berth in served])


def _integral(at: FloatArray, begin: FloatArray, weight: FloatArray) -> FloatArray:
    """Sum over all events of ``weight * max(0, at - begin)``, for sorted or unsorted events."""
    order = np.argsort(begin, kind="stable")
    begun, weights = begin[order], weight[order]
    number = np.searchsorted(begun, at, side="right")
    total = np.concatenate([[0.0], np.cumsum(weights)])
    moment = np.concatenate([[0.0], np.cumsum(weights * begun)])
    return np.asarray(total[number] * at - moment[number], dtype=np.float64)


def hourly_mean_of_intervals(begin: FloatArray, end: FloatArray, weight: FloatArray) -> FloatArray:
    """Hourly means of a sum of rectangles, wrapped into the year.

    Parameters
    ----------
    begin, end
        Limits of the rectangles [h since 1 January 00:00], ``end`` up to four years.
    weight
        Heights, any unit.

    Returns
    -------
    FloatArray
        ``(8760,)`` in the unit of the heights; its sum is ``sum(weight * (end - begin))``.
    """
    years = max(1, math.ceil(float(end.max(initial=0.0)) / HOURS_PER_YEAR))
    edges = np.arange(years * HOURS_PER_YEAR + 1, dtype=np.float64)
    level = _integral(edges, begin, weight) - _integral(edges, end, weight)
    mean = np.diff(level).reshape(years, HOURS_PER_YEAR).sum(axis=0)
    # Differences of large sums leave dust of either sign where nothing happens.
    scale = float(np.abs(weight).max(initial=0.0))
    return np.where(np.abs(mean) < 1e-7 * scale, 0.0, mean)


def _column(calls: pd.DataFrame, name: str) -> FloatArray:
    return calls[name].to_numpy(dtype=np.float64)


def berth_occupancy(calls: pd.DataFrame) -> FloatArray:
    """Occupied berths [1], hourly means ``(8760,)``."""
    return hourly_mean_of_intervals(
        _column(calls, "berthing"), _column(calls, "departure"), np.ones(len(calls))
    )


def hotel_load(calls: pd.DataFrame, load_per_ship: float) -> FloatArray:
    """Electric load of the ships at berth [MW], hourly means ``(8760,)``.

    Parameters
    ----------
    calls
        Table of `ship_calls`.
    load_per_ship
        Auxiliary power at berth [kW].
    """
    return berth_occupancy(calls) * load_per_ship / 1000.0


def connectable_share(
    calls: pd.DataFrame, connection_time: float, equipped_share: float
) -> FloatArray:
    """Share of the hotel load that shore power could carry [1], hourly ``(8760,)``.

    Parameters
    ----------
    calls
        Table of `ship_calls`.
    connection_time
        Time for connecting and disconnecting together [h], half of it at each end of the stay.
    equipped_share
        Share of the calls with ship and berth equipped [1]; taken as an expectation, so every
        call counts with this share.

    Returns
    -------
    FloatArray
        In [0, 1]; 0 in hours without a ship.
    """
    if not 0.0 <= equipped_share <= 1.0 or connection_time < 0.0:
        raise ValueError("equipped_share is a fraction of 1 and connection_time not negative")
    berthing, departure = _column(calls, "berthing"), _column(calls, "departure")
    margin = np.minimum(connection_time, departure - berthing) / 2.0
    connected = hourly_mean_of_intervals(
        berthing + margin, departure - margin, np.ones(len(calls))
    )
    present = berth_occupancy(calls)
    share = np.divide(connected, present, out=np.zeros(HOURS_PER_YEAR), where=present > 0.0)
    return np.asarray(np.clip(share, 0.0, 1.0) * equipped_share, dtype=np.float64)


def handled_teu(calls: pd.DataFrame) -> FloatArray:
    """Containers moved between ship and quay [TEU/h], hourly means ``(8760,)``.

    Each call is worked evenly over its stay. The sum over the year is the throughput.
    """
    berthing, departure = _column(calls, "berthing"), _column(calls, "departure")
    return hourly_mean_of_intervals(
        berthing, departure, _column(calls, "teu") / (departure - berthing)
    )
