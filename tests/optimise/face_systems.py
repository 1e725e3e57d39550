"""Systems with every component that is stated, whose optimum is unique, on five time steps.

Costs are irregular, so that no two ways cost the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from oemof import solph
from oemof.network import Node

STEPS = 5
UNEVEN = pd.DatetimeIndex(
    f"2035-03-01 {hour}" for hour in ("00:00", "00:30", "01:30", "04:00", "05:00", "07:00")
)
"""Time points of steps of unequal length."""

Nodes = list[Node]
Build = Callable[[], Nodes]


def flow(**keywords: Any) -> solph.Flow:
    return solph.Flow(**keywords)


def served(*, load: tuple[float, ...] = (6.0, 9.5, 3.2, 8.1, 5.3)) -> tuple[solph.Bus, Nodes]:
    """A bus with a load and a dear source whose price moves."""
    bus = solph.Bus("power")
    sink = solph.components.Sink("load", inputs={bus: flow(nominal_capacity=1.0, fix=list(load))})
    price = [91.3, 87.1, 103.7, 99.9, 95.2]
    source = solph.components.Source("grid", outputs={bus: flow(variable_costs=price)})
    return bus, [bus, sink, source]


def dispatch() -> Nodes:
    """Two buses, a converter, a link, a storage with losses, gradients and full-load limits."""
    power, nodes = served()
    gas, east = solph.Bus("gas"), solph.Bus("east")
    well = flow(variable_costs=[7.1, 7.9, 8.3, 6.7, 7.3])
    unit = flow(
        nominal_capacity=6.0,
        variable_costs=1.7,
        minimum=0.1,
        positive_gradient_limit=0.4,
        negative_gradient_limit=[0.9, 0.5, 0.6, 0.7, 0.8],
        full_load_time_max=3.9,
    )
    brook = flow(nominal_capacity=2.0, maximum=[0.3, 0.9, 0.2, 0.7, 0.5], full_load_time_min=0.7)
    return [
        *nodes,
        gas,
        east,
        solph.components.Source("well", outputs={gas: well}),
        solph.components.Source("brook", outputs={east: brook}),
        solph.components.Converter(
            "unit",
            inputs={gas: flow()},
            outputs={power: unit},
            conversion_factors={power: [0.41, 0.42, 0.4, 0.43, 0.39]},
        ),
        solph.components.Link(
            "cable",
            inputs={power: flow(), east: flow(nominal_capacity=1.5)},
            outputs={east: flow(variable_costs=0.3), power: flow(variable_costs=0.2)},
            conversion_factors={(power, east): 0.96, (east, power): 0.97},
        ),
        solph.components.Sink(
            "village", inputs={east: flow(nominal_capacity=0.2, fix=[1.0, 2.0, 1.5, 0.4, 0.6])}
        ),
        solph.components.GenericStorage(
            "tank",
            inputs={power: flow(nominal_capacity=2.5, variable_costs=0.11)},
            outputs={power: flow(nominal_capacity=2.2, variable_costs=0.13)},
            nominal_capacity=5.5,
            initial_storage_level=0.3,
            loss_rate=[0.01, 0.02, 0.01, 0.03, 0.01],
            fixed_losses_relative=0.002,
            fixed_losses_absolute=0.01,
            inflow_conversion_factor=0.94,
            outflow_conversion_factor=0.91,
            storage_costs=0.017,
        ),
    ]


def investments() -> Nodes:
    """Flows with a profile and without, and a storage, each with what exists and what is built."""
    power, nodes = served()

    def size(cost: float, **keywords: Any) -> solph.Investment:
        return solph.Investment(ep_costs=cost, **keywords)

    store = solph.components.GenericStorage(
        "battery",
        inputs={power: flow(nominal_capacity=size(1.3), variable_costs=0.07)},
        outputs={power: flow(nominal_capacity=size(2.1, existing=0.2), variable_costs=0.09)},
        nominal_capacity=size(3.7, existing=0.5, maximum=40.0),
        loss_rate=0.01,
        invest_relation_input_capacity=0.6,
        inflow_conversion_factor=0.93,
    )
    shape = [0.9, 0.1, 0.8, 0.3, 0.0]
    return [
        *nodes,
        store,
        solph.components.Source(
            "sun", outputs={power: flow(nominal_capacity=size(131.0, maximum=12.0), fix=shape)}
        ),
        solph.components.Source(
            "engine",
            outputs={
                power: flow(
                    nominal_capacity=size(23.3, existing=1.1, minimum=0.4),
                    variable_costs=[61.0, 62.3, 60.9, 64.1, 63.7],
                    minimum=0.05,
                    full_load_time_max=4.5,
                    custom_properties={"heat": 1.0},
                )
            },
        ),
        solph.components.Source("never", outputs={power: flow(nominal_capacity=size(9e3))}),
    ]


def only_flows_are_built() -> Nodes:
    power, nodes = served()
    size = solph.Investment(ep_costs=17.0, maximum=6.0)
    cheap = flow(nominal_capacity=size, variable_costs=[41.0, 43.0, 40.1, 42.2, 44.7])
    return [*nodes, solph.components.Source("engine", outputs={power: cheap})]


def only_storages_are_built() -> Nodes:
    power, nodes = served()
    store = solph.components.GenericStorage(
        "battery",
        inputs={power: flow(nominal_capacity=2.0, variable_costs=0.21)},
        outputs={power: flow(nominal_capacity=3.0, variable_costs=0.23)},
        nominal_capacity=solph.Investment(ep_costs=1.9, maximum=7.0, nonconvex=True, offset=0.8),
        outflow_conversion_factor=0.97,
    )
    return [*nodes, store]


def made_or_not() -> Nodes:
    """Investments that are made or not, of flows and of storages, one of each in both ways."""
    power, nodes = served()

    def source(name: str, cost: float, offset: float, price: float) -> Node:
        size = solph.Investment(
            ep_costs=cost, offset=offset, nonconvex=True, minimum=0.5, maximum=4.0
        )
        made = flow(nominal_capacity=size, variable_costs=[price, price + 1.3, price, 71.0, price])
        return solph.components.Source(name, outputs={power: made})

    def store(name: str, offset: float) -> Node:
        return solph.components.GenericStorage(
            name,
            inputs={power: flow(nominal_capacity=2.0, variable_costs=0.31)},
            outputs={power: flow(nominal_capacity=2.0, variable_costs=0.33)},
            nominal_capacity=solph.Investment(
                ep_costs=0.9, offset=offset, nonconvex=True, maximum=6.0
            ),
            initial_storage_level=0.5,
            inflow_conversion_factor=0.99,
        )

    return [
        *nodes,
        source("made", 11.0, 23.0, 31.0),
        source("dear", 11.0, 9e3, 29.0),
        store("cheap_store", 0.4),
        store("dear_store", 7e3),
    ]


def whole_numbers() -> Nodes:
    """Units that run as whole numbers, beside what is not."""
    power, nodes = served()
    units = flow(nominal_capacity=7.0, integer=True, variable_costs=[51.0, 53.0, 57.0, 52.0, 55.0])
    return [*nodes, solph.components.Source("units", outputs={power: units})]


def on_or_off() -> Nodes:
    """Units that are on or off, of a size that is given or invested into."""
    power, nodes = served()
    running = solph.NonConvex(
        startup_costs=20.0, minimum_uptime=2, initial_status=0, activity_costs=0.9
    )
    unit = flow(
        nominal_capacity=7.5,
        minimum=0.4,
        nonconvex=running,
        variable_costs=[60.1, 40.2, 95.3, 41.7, 42.9],
    )
    size = solph.Investment(ep_costs=21.0, maximum=3.0, minimum=0.5, nonconvex=True, offset=4.1)
    resting = solph.NonConvex(shutdown_costs=3.0, minimum_downtime=2, maximum_shutdowns=1)
    engine = flow(
        nominal_capacity=size,
        minimum=[0.3, 0.5, 0.4, 0.3, 0.2],
        nonconvex=resting,
        variable_costs=[33.1, 91.2, 35.3, 30.7, 97.9],
    )
    return [
        *nodes,
        solph.components.Source("unit", outputs={power: unit}),
        solph.components.Source("engine", outputs={power: engine}),
    ]


BUILDS: tuple[Build, ...] = (
    dispatch,
    investments,
    only_flows_are_built,
    only_storages_are_built,
    made_or_not,
    whole_numbers,
    on_or_off,
)


def uneven(nodes: Nodes) -> solph.EnergySystem:
    """An energy system on steps of unequal length."""
    system = solph.EnergySystem(timeindex=UNEVEN, infer_last_interval=False)
    system.add(*nodes)
    return system
