"""Ten units that are on or off for a week: this engine's solve against that of ``solph.Model``.

    python -m benchmarks.unit_commitment highs cbc    solved by HiGHS and by CBC, within 1e-4
    python -m benchmarks.unit_commitment stating      five units in a year on several buses, stated

The units are those of Kazarlis, Bakirtzis and Petridis, A genetic algorithm solution to the unit
commitment problem, IEEE Transactions on Power Systems 11, 1996, without quadratic costs and
reserve; the load of their day is repeated with a factor for each day of the week. Of
``solph.Model`` the time of ``solve`` alone counts, of the engine that of ``Model.solve``.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import psutil
from oemof import solph

from benchmarks.watch import run_watched
from meishan_model.optimise import SOLVERS, Model, SolverLimits, SolverName
from meishan_model.optimise.solvers.cbc import cbc_binary

GAP = 1e-4
DAY = (
    *(700, 750, 850, 950, 1000, 1100, 1150, 1200, 1300, 1400, 1450, 1500),
    *(1400, 1300, 1200, 1050, 1000, 1100, 1200, 1400, 1300, 1100, 900, 800),
)
"""Load in each hour [MW]."""
WEEK = (1.0, 1.02, 0.98, 1.0, 0.97, 0.85, 0.8)
"""Load of each day relative to that of the published one [-]."""


class Unit(NamedTuple):
    """A unit [MW, hours, cost]; before the first hour it was on or off for its minimum time."""

    largest: float
    least: float
    minimum_time: int
    start: float
    hourly: float
    price: float
    was_on: int


UNITS = (
    Unit(455, 150, 8, 4500, 1000, 16.19, 1),
    Unit(455, 150, 8, 5000, 970, 17.26, 1),
    Unit(130, 20, 5, 550, 700, 16.60, 0),
    Unit(130, 20, 5, 560, 680, 16.50, 0),
    Unit(162, 25, 6, 900, 450, 19.70, 0),
    Unit(80, 20, 3, 170, 370, 22.26, 0),
    Unit(85, 25, 3, 260, 480, 27.74, 0),
    Unit(55, 10, 1, 30, 660, 25.92, 0),
    Unit(55, 10, 1, 30, 665, 27.27, 0),
    Unit(55, 10, 1, 30, 670, 27.79, 0),
)


def energy_system(days: int = 7) -> solph.EnergySystem:
    """The units with their load, and what is not served at 1000 for each MWh."""
    load = np.concatenate([factor * np.array(DAY) for factor in WEEK[:days]])
    index = pd.date_range("2035-01-01", periods=len(load) + 1, freq="h")
    system = solph.EnergySystem(timeindex=index, infer_last_interval=False)
    bus = solph.Bus("power")
    served = solph.Flow(nominal_capacity=1.0, fix=load)
    system.add(
        bus,
        solph.components.Sink("load", inputs={bus: served}),
        solph.components.Source("missing", outputs={bus: solph.Flow(variable_costs=1000.0)}),
    )
    for number, unit in enumerate(UNITS):
        # What it had to run or rest before is over.
        commitment = solph.NonConvex(
            initial_status=unit.was_on,
            minimum_uptime=unit.minimum_time,
            minimum_downtime=unit.minimum_time,
            startup_costs=unit.start,
            activity_costs=unit.hourly,
        )
        commitment.first_flexible_timestep = 0
        flow = solph.Flow(
            nominal_capacity=unit.largest,
            minimum=unit.least / unit.largest,
            variable_costs=unit.price,
            nonconvex=commitment,
        )
        system.add(solph.components.Source(f"unit{number}", outputs={bus: flow}))
    return system


def timed(work: Callable[[], float]) -> tuple[float, float]:
    """Result of a function, and the seconds that it took."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def plainly(solver: SolverName) -> Callable[[], float]:
    """The solve of ``solph.Model`` alone."""
    model = solph.Model(energy_system())
    gap = "mip_rel_gap" if solver == "highs" else "ratioGap"

    def solve() -> float:
        model.solve(solver=solver, cmdline_options={gap: GAP})
        return float(model.objective())

    return solve


def by_engine(solver: SolverName) -> Callable[[], float]:
    """The engine's solve, with prices."""
    model = Model(energy_system())
    _ = model.problem

    def solve() -> float:
        return model.solve(solver=solver, limits=SolverLimits(gap=GAP)).objective

    return solve


def year_on_buses(seed: int = 7, hours: int = 8760) -> solph.EnergySystem:
    """Four buses in a ring, each with a load, sun and a storage; five units that are on or off."""
    random = np.random.default_rng(seed)
    index = pd.date_range("2035-01-01", periods=hours + 1, freq="h")
    system = solph.EnergySystem(timeindex=index, infer_last_interval=False)
    buses = [solph.Bus(f"bus{number}") for number in range(4)]
    system.add(*buses)
    day = np.sin(np.pi * (np.arange(hours) % 24) / 24.0)
    for number, bus in enumerate(buses):
        after = buses[(number + 1) % 4]
        load = 40.0 + 25.0 * day + 5.0 * random.random(hours)
        sun = np.clip(day - 0.4 * random.random(hours), 0.0, 1.0)
        system.add(
            solph.components.Sink(
                f"load{number}", inputs={bus: solph.Flow(nominal_capacity=1.0, fix=load)}
            ),
            solph.components.Source(
                f"sun{number}", outputs={bus: solph.Flow(nominal_capacity=30.0, maximum=sun)}
            ),
            solph.components.Source(
                f"dear{number}", outputs={bus: solph.Flow(variable_costs=300.0)}
            ),
            solph.components.GenericStorage(
                f"store{number}",
                inputs={bus: solph.Flow(nominal_capacity=10.0)},
                outputs={bus: solph.Flow(nominal_capacity=10.0)},
                nominal_capacity=40.0,
                loss_rate=0.001,
                inflow_conversion_factor=0.95,
            ),
            solph.components.Converter(
                f"line{number}",
                inputs={bus: solph.Flow(nominal_capacity=15.0)},
                outputs={after: solph.Flow()},
                conversion_factors={after: 0.98},
            ),
        )
    for number in range(5):
        running = solph.NonConvex(
            startup_costs=500.0 + 50.0 * number,
            activity_costs=90.0,
            minimum_uptime=4 + number,
            minimum_downtime=3,
        )
        flow = solph.Flow(
            nominal_capacity=50.0,
            minimum=0.4,
            variable_costs=40.0 + 3.0 * number,
            nonconvex=running,
        )
        system.add(solph.components.Source(f"unit{number}", outputs={buses[number % 4]: flow}))
    return system


def stated(way: str) -> None:
    """State the year in this process and write how long that took [s], and its memory [GB]."""
    system, start = year_on_buses(), time.perf_counter()
    before = psutil.Process().memory_info().rss
    if way == "solph":
        solph.Model(system)
    else:
        _ = Model(system).problem
    seconds = time.perf_counter() - start
    sys.stdout.write(json.dumps({"seconds": seconds, "before": before / 1e9}))


def stating() -> None:
    """State the year by both, alternately and three times, each in a process of its own."""
    seconds: dict[str, list[float]] = {"engine": [], "solph": []}
    memory: dict[str, list[float]] = {"engine": [], "solph": []}
    for _ in range(3):
        for way in seconds:
            command = [sys.executable, "-m", "benchmarks.unit_commitment", way]
            said, peak = run_watched(command)
            found = json.loads(said)
            seconds[way].append(found["seconds"])
            memory[way].append(peak - found["before"])
    for name, unit, figures in (("time", "s", seconds), ("memory", "GB", memory)):
        engine, plain = (float(np.median(figures[way])) for way in ("engine", "solph"))
        sys.stdout.write(
            f"{name} of stating: engine {engine:.2f} {unit}, solph.Model {plain:.2f} {unit}; "
            f"ratio {engine / plain:.3f}\n"
        )


def solving(solver: SolverName) -> None:
    """Solve the week by both, one after the other."""
    os.environ["PATH"] = f"{cbc_binary().parent}{os.pathsep}{os.environ['PATH']}"
    cost, plain = timed(plainly(solver))
    found, own = timed(by_engine(solver))
    sys.stdout.write(
        f"{solver}: solph.Model {plain:.1f} s, {cost:.2f}; "
        f"engine {own:.1f} s, {found:.2f}; ratio {own / plain:.2f}\n"
    )


def main() -> None:
    """Do what the arguments say, one after the other."""
    warnings.simplefilter("ignore")
    logging.getLogger("pyomo").setLevel(logging.ERROR)
    for asked in sys.argv[1:] or [*SOLVERS, "stating"]:
        if asked in ("engine", "solph"):
            stated(asked)
        elif asked == "stating":
            stating()
        else:
            solving(asked)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
