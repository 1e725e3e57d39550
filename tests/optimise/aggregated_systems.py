"""Random energy systems of aggregated time series, the same one for each seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from oemof import solph
from small_graphs import Nodes, sink, source

Random = np.random.Generator
Keywords = dict[str, Any]


def random_system(seed: int) -> solph.EnergySystem:
    """Up to three typical periods of up to three steps, with or without segments."""
    random = np.random.default_rng(seed)
    kinds, each = (int(n) for n in random.integers(1, 4, 2))
    order = [*range(kinds), *random.integers(0, kinds, int(random.integers(1, 4))).tolist()]
    random.shuffle(order)
    given: Keywords = {"timesteps_per_period": each, "order": order}
    steps, index = kinds * each, None
    if random.random() < 0.5:
        lengths = random.choice([0.5, 1.0, 2.0], steps).tolist()
        places = [(k, g) for k in range(kinds) for g in range(each)]
        given |= {"timesteps_per_period": 99, "segments": dict(zip(places, lengths, strict=True))}
    else:
        lengths = random.choice([1.0, 1.0, 2.0], steps)
        hours = pd.to_timedelta(np.append(0.0, np.cumsum(lengths)), unit="h")
        index = pd.DatetimeIndex(pd.Timestamp("2035-01-01") + hours)
    made = solph.EnergySystem(index, tsa_parameters=given, infer_last_interval=False)
    made.add(*_nodes(random, steps, len(order) * each))
    return made


def _nodes(random: Random, steps: int, original: int) -> Nodes:
    bus = solph.Bus(label="bus")
    found: Nodes = [
        bus,
        sink("demand", bus, nominal_capacity=1.0, fix=_series(random, steps, (0.0, 2.0, 5.0))),
        source("dear", bus, variable_costs=100.0),
        sink("dump", bus, variable_costs=30.0),
        source("plant", bus, **_plant(random, steps)),
        source("engine", bus, **_engine(random, steps)),
    ]
    for label in ("one", "other")[: int(random.integers(1, 3))]:
        rate = float(random.choice([1.0, 4.0]))
        found.append(
            solph.components.GenericStorage(
                label=label,
                inputs={bus: solph.Flow(nominal_capacity=rate)},
                outputs={bus: solph.Flow(nominal_capacity=rate, variable_costs=0.1)},
                **_store(random, steps, original),
            )
        )
    return found


def _plant(random: Random, steps: int) -> Keywords:
    """A flow with costs, emissions and full-load times, of some size or to be built."""
    found: Keywords = {
        "variable_costs": _series(random, steps, (1.0, 8.0, -2.0)),
        "maximum": _series(random, steps, (1.0, 0.7, 0.2)),
        "nominal_capacity": 4.0,
        "custom_properties": {"emission": _series(random, steps, (0.5, 1.0))},
    }
    if random.random() < 0.5:
        found["nominal_capacity"] = solph.Investment(ep_costs=30.0, maximum=6.0, existing=1.0)
    for limit, hours in (("full_load_time_max", 3.0), ("full_load_time_min", 1.0)):
        if random.random() < 0.5:
            found[limit] = hours
    return found


def _engine(random: Random, steps: int) -> Keywords:
    """A flow that is on or off, with some of the costs of being so."""
    kinds = ("startup_costs", "shutdown_costs", "activity_costs", "inactivity_costs")
    costs = {k: _series(random, steps, (1.0, 4.0)) for k in kinds if random.random() < 0.6}
    return {
        "nominal_capacity": 3.0,
        "minimum": 0.4,
        "variable_costs": 12.0,
        "nonconvex": solph.NonConvex(initial_status=int(random.integers(2)), **costs),
    }


def _store(random: Random, steps: int, original: int) -> Keywords:
    """A storage with losses and levels, of some size or to be built."""
    found: Keywords = {
        "nominal_capacity": 6.0,
        "balanced": bool(random.integers(2)),
        "loss_rate": _series(random, original, (0.0, 0.02, 0.1)),
        "min_storage_level": _series(random, original, (0.0, 0.0, 0.1)),
        "max_storage_level": _series(random, original, (1.0, 0.8)),
        "fixed_losses_relative": _series(random, steps, (0.0, 0.01)),
        "inflow_conversion_factor": _series(random, steps, (0.9, 0.8)),
        "outflow_conversion_factor": 0.95,
    }
    if random.random() < 0.5:
        found["fixed_losses_absolute"] = _series(random, steps, (0.0, 0.05))
    if random.random() < 0.4:
        price = float(random.choice([0.1, 5.0]))
        found["nominal_capacity"] = solph.Investment(
            ep_costs=price, maximum=20.0, existing=float(random.choice([0.5, 2.0]))
        )
    elif random.random() < 0.5:
        found |= {"initial_storage_level": 0.4, "fixed_costs": 3.0}
    return found


def _series(random: Random, length: int, values: tuple[float, ...]) -> Any:
    """A number or one for each step."""
    drawn = random.choice(values, length).tolist()
    return drawn if random.random() < 0.5 else drawn[0]
