"""Small graphs on one bus, solved by either backend with the simplex method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from oemof import solph

from meishan_model.optimise.formulation import linopy_backend, pyomo_backend
from meishan_model.optimise.problem import IntegralLimit
from meishan_model.optimise.solution import Solution, extract
from meishan_model.optimise.solvers.highs import solve_highs

BACKENDS: Mapping[str, ModuleType] = {"linopy": linopy_backend, "pyomo": pyomo_backend}
DEAR = 100.0
"""Cost of the dear source, which serves what nothing else does [CNY per unit]."""

Nodes = list[Any]


def system(nodes: Nodes, increments: Sequence[float]) -> solph.EnergySystem:
    """A graph with time steps of given lengths [h]."""
    ends = np.concatenate([[0.0], np.cumsum(increments)])
    index = pd.Timestamp("2023-01-01") + pd.to_timedelta(ends * 3600, unit="s")
    found = solph.EnergySystem(timeindex=pd.DatetimeIndex(index), infer_last_interval=False)
    found.add(*nodes)
    return found


def solved(
    backend: str,
    nodes: Nodes,
    increments: Sequence[float] = (1.0, 1.0),
    limits: Mapping[str, IntegralLimit] | None = None,
) -> Solution:
    """The optimum of some nodes."""
    problem = BACKENDS[backend].state_problem(system(nodes, increments), limits)
    raw = solve_highs(problem, methods=("simplex",), threads=1)
    return extract(problem, raw, pd.RangeIndex(len(increments)))


def source(label: str, bus: solph.Bus, **flow: Any) -> solph.components.Source:
    """A source on a bus."""
    return solph.components.Source(label=label, outputs={bus: solph.Flow(**flow)})


def sink(label: str, bus: solph.Bus, **flow: Any) -> solph.components.Sink:
    """A sink on a bus."""
    return solph.components.Sink(label=label, inputs={bus: solph.Flow(**flow)})


def served(*demand: float) -> tuple[solph.Bus, Nodes]:
    """A bus with a demand and a dear source without limit."""
    bus = solph.Bus(label="bus")
    fixed = sink("demand", bus, nominal_capacity=1.0, fix=list(demand))
    return bus, [bus, fixed, source("dear", bus, variable_costs=DEAR)]


def with_source(demand: Sequence[float], **flow: Any) -> Nodes:
    """A served bus with one more source, named cheap."""
    bus, nodes = served(*demand)
    return [*nodes, source("cheap", bus, **flow)]


def with_store(demand: Sequence[float], cheap: Sequence[float], **store: Any) -> Nodes:
    """A served bus, a source at 1 per unit up to `cheap` and a storage.

    Flows of the storage are free unless `into` or `out` give their keywords.
    """
    bus, nodes = served(*demand)
    into, out = (solph.Flow(**store.pop(side, {})) for side in ("into", "out"))
    node = solph.components.GenericStorage(
        label="store", inputs={bus: into}, outputs={bus: out}, **{"balanced": False, **store}
    )
    most = max(cheap)
    profile = [value / most for value in cheap]
    cheap_source = source("cheap", bus, nominal_capacity=most, maximum=profile, variable_costs=1.0)
    return [*nodes, node, cheap_source]
