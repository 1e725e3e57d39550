"""Prices of energy, and those of buses that profiles supply, on paper and by both backends."""

from __future__ import annotations

import pandas as pd
import pytest
from oemof import solph
from small_graphs import BACKENDS, Nodes, sink, source, system

from meishan_model.optimise import Model
from meishan_model.optimise.solution import Solution

HOURS = pd.RangeIndex(3)
DUTY = (2.0, 4.0, 0.0)


def found_by(
    backend: str, nodes: Nodes, increments: tuple[float, float, float] = (1.0, 1.0, 1.0)
) -> Solution:
    """The optimum of three time steps."""
    graph = system(nodes, increments)
    return Model(graph, backend=backend, index=HOURS).solve()  # type: ignore[arg-type]


def boiler(fuel: solph.Bus, heat: solph.Bus, annuity: float) -> solph.components.Converter:
    """Equipment of an efficiency of a half that gives a duty its share in every hour."""
    size = solph.Investment(ep_costs=annuity)
    shape = [value / max(DUTY) for value in DUTY]
    return solph.components.Converter(
        label="boiler",
        inputs={fuel: solph.Flow()},
        outputs={heat: solph.Flow(nominal_capacity=size, fix=shape)},
        conversion_factors={heat: 0.5},
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_price_is_one_of_energy(backend: str) -> None:
    """At 50 a MWh a MWh costs 50, in a quarter of an hour as in two hours."""
    town = solph.Bus(label="town")
    nodes = [
        town,
        source("grid", town, variable_costs=50.0),
        sink("load", town, nominal_capacity=1.0, fix=[1.0, 2.0, 3.0]),
    ]
    found = found_by(backend, nodes, (0.25, 2.0, 1.0))
    assert found.bus_price is not None
    assert found.objective == pytest.approx(50.0 * (0.25 + 4.0 + 3.0))
    assert found.bus_price["town"].to_list() == pytest.approx([50.0] * 3)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("increments", "objective", "price"),
    [((1.0, 1.0, 1.0), 180.0, 30.0), ((0.5, 2.0, 1.0), 210.0, 210.0 / 9.0)],
)
def test_a_duty_has_one_price(
    backend: str, increments: tuple[float, float, float], objective: float, price: float
) -> None:
    """6 MWh of heat take 4 MW of a boiler at 30 and 12 MWh of fuel at 5: (120 + 60) / 6 = 30.

    In steps of a half and of two hours they are 9 MWh, with 18 of fuel: (120 + 90) / 9. The fuel,
    which is bought hour by hour, keeps its own price.
    """
    fuel, heat = solph.Bus(label="fuel"), solph.Bus(label="heat")
    nodes = [
        fuel,
        heat,
        source("supply", fuel, variable_costs=5.0),
        boiler(fuel, heat, annuity=30.0),
        sink("duty", heat, nominal_capacity=1.0, fix=list(DUTY)),
    ]
    found = found_by(backend, nodes, increments)
    assert found.bus_price is not None
    assert found.objective == pytest.approx(objective)
    assert found.bus_price["heat"].to_list() == pytest.approx([price] * 3)
    assert found.bus_price["fuel"].to_list()[:2] == pytest.approx([5.0] * 2)


def test_a_bus_may_have_any_name() -> None:
    """Also that of an argument of what puts its price into the table."""
    fuel, heat = solph.Bus(label="fuel"), solph.Bus(label="self")
    nodes = [fuel, heat, source("supply", fuel, variable_costs=5.0), boiler(fuel, heat, 30.0)]
    found = found_by("linopy", [*nodes, sink("duty", heat, nominal_capacity=1.0, fix=list(DUTY))])
    assert found.bus_price is not None
    assert found.bus_price["self"].to_list() == pytest.approx([30.0] * 3)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_plant_that_nobody_contracts_has_no_price(backend: str) -> None:
    """Wind at 1000 a year against a grid at 50: the farm is not built, and its bus is left out."""
    farm, town = solph.Bus(label="farm"), solph.Bus(label="town")
    size = solph.Investment(ep_costs=1000.0)
    wind = solph.components.Source(
        label="wind", outputs={farm: solph.Flow(nominal_capacity=size, fix=[0.5, 1.0, 0.0])}
    )
    line = solph.components.Converter(
        label="line", inputs={farm: solph.Flow()}, outputs={town: solph.Flow()}
    )
    nodes = [
        farm,
        town,
        wind,
        line,
        sink("surplus", farm),
        source("grid", town, variable_costs=50.0),
        sink("load", town, nominal_capacity=1.0, fix=[1.0, 1.0, 1.0]),
    ]
    found = found_by(backend, nodes)
    assert found.bus_price is not None
    assert list(found.bus_price) == ["town"]
    assert found.bus_price["town"].to_list() == pytest.approx([50.0] * 3)


@pytest.mark.parametrize("backend", BACKENDS)
def test_other_profiles_keep_their_prices(backend: str) -> None:
    """Two plants of unlike profiles meet a load: each hour has its own price.

    Hour 0 is met by the first alone at 10 a MW, the others by the second alone at 20 a MW for
    both: 3 x 10 + 5 x 20 = 130.
    """
    bus = solph.Bus(label="bus")

    def plant(label: str, price: float, fix: list[float]) -> solph.components.Source:
        return source(label, bus, nominal_capacity=solph.Investment(ep_costs=price), fix=fix)

    nodes = [
        bus,
        plant("morning", 10.0, [1.0, 0.0, 0.0]),
        plant("noon", 20.0, [0.0, 1.0, 1.0]),
        sink("load", bus, nominal_capacity=1.0, fix=[3.0, 5.0, 5.0]),
    ]
    found = found_by(backend, nodes)
    assert found.objective == pytest.approx(130.0)
    assert found.bus_price is not None
    morning, *rest = found.bus_price["bus"].to_list()
    assert morning == pytest.approx(10.0)
    assert sum(rest) == pytest.approx(20.0)
