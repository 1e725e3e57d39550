"""Ten units that are on or off for a week: this engine's solve against that of ``solph.Model``.

    python -m benchmarks.unit_commitment              by HiGHS and by CBC, within 1e-4

The units are those of Kazarlis, Bakirtzis and Petridis, A genetic algorithm solution to the unit
commitment problem, IEEE Transactions on Power Systems 11, 1996, without quadratic costs and
reserve; the load of their day is repeated with a factor for each day of the week. Of
``solph.Model`` the time of ``solve`` alone counts, of the engine that of ``Model.solve``.
"""

from __future__ import annotations

import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from oemof import solph

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


def main() -> None:
    """Time both, one after the other, for each solver."""
    warnings.simplefilter("ignore")
    logging.getLogger("pyomo").setLevel(logging.ERROR)
    os.environ["PATH"] = f"{cbc_binary().parent}{os.pathsep}{os.environ['PATH']}"
    for solver in SOLVERS:
        cost, plain = timed(plainly(solver))
        found, own = timed(by_engine(solver))
        sys.stdout.write(
            f"{solver}: solph.Model {plain:.1f} s, {cost:.2f}; "
            f"engine {own:.1f} s, {found:.2f}; ratio {own / plain:.2f}\n"
        )


if __name__ == "__main__":
    main()
