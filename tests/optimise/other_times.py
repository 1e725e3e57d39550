"""Energy systems of several periods, or of aggregated time series."""

from __future__ import annotations

from typing import Any

import pandas as pd
from oemof import solph
from small_graphs import Nodes, sink, source

Invest = solph.Investment
DEMAND = (1.0, 3.0, 2.0, 4.0, 1.0, 2.0)


def nodes(steps: int, size: Any = 2.0, content: Any = 3.0, **store: Any) -> Nodes:
    """A demand, a cheap source of some size at 1, a dear one at 100 and a storage."""
    bus = solph.Bus(label="bus")
    found: Nodes = [
        bus,
        sink("demand", bus, nominal_capacity=1.0, fix=DEMAND[:steps]),
        source("dear", bus, variable_costs=100.0),
        source("cheap", bus, variable_costs=1.0, nominal_capacity=size),
    ]
    if content is not None:
        found.append(
            solph.components.GenericStorage(
                label="store",
                inputs={bus: solph.Flow()},
                outputs={bus: solph.Flow()},
                nominal_capacity=content,
                inflow_conversion_factor=0.9,
                loss_rate=0.01,
                **store,
            )
        )
    return found


def built(size: float = 30.0, **more: Any) -> solph.Investment:
    """An investment for several periods."""
    return Invest(ep_costs=size, lifetime=6, **more)


def aggregated(segments: bool = False, **keywords: Any) -> solph.EnergySystem:
    """Two typical periods of two steps, of which the second is there twice of four times."""
    how: dict[str, Any] = {"timesteps_per_period": 2, "order": [0, 1, 1, 0]}
    index = None if segments else pd.date_range("2035", periods=5, freq="h")
    if segments:
        how = {**how, "timesteps_per_period": 3}
        how["segments"] = {(0, 0): 1, (0, 1): 2, (1, 0): 2, (1, 1): 1}
    made = solph.EnergySystem(index, tsa_parameters=how, infer_last_interval=False)
    made.add(*nodes(4, **keywords))
    return made


def several(count: int = 3, tsa: bool = False, **keywords: Any) -> solph.EnergySystem:
    """Periods of two hours every five years; each stands for all of its years."""
    periods = [pd.date_range(f"{2020 + 5 * i}-01-01", periods=2, freq="h") for i in range(count)]
    index = periods[0].append(periods[1:])
    how = {"timesteps_per_period": 2, "order": [0, 0, 0]}
    made = solph.EnergySystem(
        timeindex=index,
        timeincrement=None if tsa else [1.0] * len(index),
        periods=periods,
        tsa_parameters=[dict(how) for _ in periods] if tsa else None,
        infer_last_interval=False,
    )
    made.add(*nodes(2 * count, **keywords))
    return made
