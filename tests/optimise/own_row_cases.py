"""Systems with rows of one's own and their solution on paper, with the same rows in pyomo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyomo.environ as pyo
from hand_solved import Nodes, demand_on, energy_system, source
from oemof import solph

from meishan_model.optimise import Model


@dataclass(frozen=True)
class Case:
    """A system with rows of one's own, and its solution on paper.

    Attributes
    ----------
    build
        Its nodes.
    add
        Adds the rows to a model, with a change of their bound.
    by_hand
        The same rows in pyomo, of a ``solph.Model`` and its nodes by label.
    objective, without
        Cost with the rows, and without them.
    duals
        Of the rows named ``own``.
    flows
        What the optimum must show.
    """

    build: Callable[[], Nodes]
    add: Callable[[Model, float], None]
    by_hand: Callable[[solph.Model, dict[str, Any]], Any]
    objective: float
    without: float
    duals: tuple[float, ...]
    flows: dict[tuple[str, str], tuple[float, ...]]


def invested(label: str, bus: solph.Bus, cost: float, **flow: Any) -> solph.components.Source:
    return source(label, bus, nominal_capacity=solph.Investment(ep_costs=cost), **flow)


def sunny() -> Nodes:
    bus = solph.Bus("bus")
    sun = invested("sun", bus, 60.0, fix=[0.0, 1.0, 0.5])
    return [bus, sun, source("grid", bus, variable_costs=30.0), demand_on(bus, {"bus": (4, 8, 8)})]


def share(model: Model, more: float) -> None:
    part, whole = model.energy("sun", "bus"), model.energy("bus", "bus_demand")
    model.add_rows("own", part - 0.3 * whole, ">=", more)


def share_by_hand(model: solph.Model, node: dict[str, Any]) -> Any:
    part = sum(model.flow[node["sun"], node["bus"], t] for t in model.TIMESTEPS)
    whole = sum(model.flow[node["bus"], node["bus_demand"], t] for t in model.TIMESTEPS)
    model.own = pyo.Constraint(expr=part >= 0.3 * whole)


SHARE = Case(
    sunny,
    share,
    share_by_hand,
    objective=60.0 * 4.0 + 30.0 * 14.0,
    without=30.0 * 20.0,
    duals=(60.0 / 1.5 - 30.0,),
    flows={("sun", "bus"): (0.0, 4.0, 2.0), ("grid", "bus"): (4.0, 4.0, 6.0)},
)
"""A unit of sun costs 60 and gives 1.5, which cost 45 from the grid: none is built. 0.3 of 20 are
6, of 4 units; one more of it costs 40 - 30."""


def two_engines() -> Nodes:
    bus = solph.Bus("bus")
    return [
        bus,
        invested("small", bus, 10.0, variable_costs=5.0),
        invested("large", bus, 4.0, variable_costs=8.0),
        demand_on(bus, {"bus": (3, 6, 3)}),
    ]


def coupled(model: Model, more: float) -> None:
    small, large = (model.new_capacity(name, "bus") for name in ("small", "large"))
    model.add_rows("own", small, "=", 2.0 * large + more)


def coupled_by_hand(model: solph.Model, node: dict[str, Any]) -> Any:
    small, large = (model.InvestmentFlowBlock.invest[node[n], node["bus"], 0] for n in LARGE)
    model.own = pyo.Constraint(expr=small == 2.0 * large)


LARGE = ("small", "large")
COUPLED = Case(
    two_engines,
    coupled,
    coupled_by_hand,
    objective=10.0 * 4.0 + 4.0 * 2.0 + 5.0 * (3.0 + 4.0 + 3.0) + 8.0 * 2.0,
    without=10.0 * 3.0 + 4.0 * 3.0 + 5.0 * 9.0 + 8.0 * 3.0,
    duals=(1.0,),
    flows={("small", "bus"): (3.0, 4.0, 3.0), ("large", "bus"): (0.0, 2.0, 0.0)},
)
"""3 of the small one serve all steps, and for the peak the large one is cheaper, 4 + 8 against
10 + 5: 111. Two small ones for each large one are 4 and 2, at 114. Of one unit more of small than
twice large both have a third: 1/3 of small for 1/3 of large costs (10 + 5 - 4 - 8) / 3 = 1."""


def two_plants() -> Nodes:
    bus = solph.Bus("bus")
    return [
        bus,
        source("gas", bus, nominal_capacity=5.0, variable_costs=10.0),
        source("oil", bus, nominal_capacity=5.0, variable_costs=20.0),
        source("grid", bus, variable_costs=35.0),
        demand_on(bus, {"bus": (2, 9, 3)}),
    ]


def ramp(model: Model, more: float) -> None:
    both = model.flow("gas", "bus") + model.flow("oil", "bus")
    model.add_rows("own", both[1:] - both[:-1], "<=", [4.0 + more, 4.0])


def ramp_by_hand(model: solph.Model, node: dict[str, Any]) -> Any:
    def rise(_: Any, t: int) -> Any:
        now, before = (
            sum(model.flow[node[n], node["bus"], s] for n in ("gas", "oil")) for s in (t, t - 1)
        )
        return now - before <= 4.0

    model.own = pyo.Constraint(list(model.TIMESTEPS)[1:], rule=rise)


RAMP = Case(
    two_plants,
    ramp,
    ramp_by_hand,
    objective=20.0 + 50.0 + 20.0 + 3.0 * 35.0 + 30.0,
    without=20.0 + 50.0 + 80.0 + 30.0,
    duals=(20.0 - 35.0, 0.0),
    flows={
        ("gas", "bus"): (2.0, 5.0, 3.0),
        ("oil", "bus"): (0.0, 1.0, 0.0),
        ("grid", "bus"): (0.0, 3.0, 0.0),
    },
)
"""From 2 both plants rise by 4 to 6, and the grid gives 3 at 35 in place of oil at 20."""


def tank() -> Nodes:
    bus = solph.Bus("bus")
    store = solph.components.GenericStorage(
        "tank",
        inputs={bus: solph.Flow(nominal_capacity=5.0, variable_costs=1.0)},
        outputs={bus: solph.Flow(nominal_capacity=5.0, variable_costs=1.0)},
        nominal_capacity=10.0,
        initial_storage_level=0.2,
        balanced=False,
        inflow_conversion_factor=0.8,
    )
    grid = source("grid", bus, variable_costs=[10.0, 30.0, 24.0])
    return [bus, store, grid, demand_on(bus, {"bus": (1, 1, 1)})]


def content(model: Model, more: float) -> None:
    model.add_rows("own", model.content("tank")[2], ">=", 6.4 + more)


def content_by_hand(model: solph.Model, node: dict[str, Any]) -> Any:
    held = model.GenericStorageBlock.storage_content[node["tank"], 2]
    model.own = pyo.Constraint(expr=held >= 6.4)


CONTENT = Case(
    tank,
    content,
    content_by_hand,
    objective=6.0 * 10.0 + 1.5 * 30.0 + 5.5 + 1.0,
    without=10.0 + 2.0,
    duals=((30.0 + 1.0) / 0.8,),
    flows={
        ("bus", "tank"): (5.0, 0.5, 0.0),
        ("tank", "bus"): (0.0, 0.0, 1.0),
        ("grid", "bus"): (6.0, 1.5, 0.0),
    },
)
"""2 in the tank serve the last two steps, and to use it costs 1 each way. To hold 6.4 after the
second step it takes 5 in the first and 0.5 in the second, which are 4 and 0.4, and gives nothing
there; one more would be taken then, at (30 + 1) / 0.8."""

CASES = {"share": SHARE, "coupled": COUPLED, "ramp": RAMP, "content": CONTENT}


def built(case: Case) -> solph.EnergySystem:
    return energy_system(3, case.build())


def with_rows(case: Case, more: float = 0.0) -> Model:
    model = Model(built(case))
    case.add(model, more)
    return model
