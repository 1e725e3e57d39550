"""Problems without optimum: what is said is proven, on paper and by solving again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hand_solved import WAYS, Demand, Nodes, demand_on, energy_system, source, stamps
from oemof import solph

from meishan_model.optimise import SOLVERS, BackendName, Model, SolverName
from meishan_model.optimise.conflicts.wording import ConflictError
from meishan_model.optimise.problem import IntegralLimit

HOURS = pd.date_range("2035-07-14 17:00", periods=3, freq="h")
Way = tuple[BackendName, SolverName]


def said(
    nodes: Nodes, way: Way, limits: Mapping[str, IntegralLimit] | None = None
) -> ConflictError:
    """The error of a graph of three hours."""
    backend, solver = way
    with pytest.raises(ConflictError) as raised:
        Model(energy_system(3, nodes), limits, backend=backend, index=HOURS).solve(solver=solver)
    return raised.value


def port_behind_a_line(demand: Demand) -> Nodes:
    """A hub with power without end and a port behind a line of 20 MW."""
    hub, port = solph.Bus(label="hub"), solph.Bus(label="port")
    line = solph.components.Converter(
        label="line",
        inputs={hub: solph.Flow(nominal_capacity=20.0)},
        outputs={port: solph.Flow()},
        conversion_factors={port: 1.0},
    )
    return [hub, port, source("plant", hub, variable_costs=1.0), line, demand_on(port, demand)]


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_full_line(way: Way) -> None:
    """32.4 MW behind a line of 20 MW: 12.4 MW short at the port at 19:00, and the line is full.

    At 17:00 and 18:00 the line suffices, so neither hour is named.
    """
    error = said(port_behind_a_line({"port": (18.0, 20.0, 32.4)}), way)
    text = str(error)
    assert "12.4 short at port, 2035-07-14 19:00" in text
    assert "hub->line is full at 20, 2035-07-14 19:00" in text
    assert "port->port_demand is exactly 32.4, 2035-07-14 19:00" in text
    assert "17:00" not in text
    assert "18:00" not in text
    (shortage,) = error.conflict.shortages
    assert shortage.amount == pytest.approx(12.4)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_hours_of_one_place_are_summed(way: Way) -> None:
    """Short by 2, 0 and 5 MW: the worst hour is told, with two hours and 7 MWh in all."""
    error = said(port_behind_a_line({"port": (22.0, 20.0, 25.0)}), way)
    assert "5 short at port, 2035-07-14 19:00, the most of 2 time steps with 7 in all" in str(
        error
    )


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_more_than_is_wanted(way: Way) -> None:
    """A plant that runs at 3 MW at least on a demand of 1 MW is 2 MW too much, with its bound."""
    bus = solph.Bus(label="bus")
    plant = source("plant", bus, nominal_capacity=10.0, minimum=0.3)
    error = said([bus, plant, demand_on(bus, {"bus": (5.0, 1.0, 5.0)})], way)
    assert "2 too much at bus, 2035-07-14 18:00" in str(error)
    assert "plant->bus is at least 3, 2035-07-14 18:00" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_capacity_that_may_not_be_built(way: Way) -> None:
    """9 MW of demand on at most 4 MW of new build beside 2 MW that stand: 3 MW short."""
    bus = solph.Bus(label="bus")
    size = solph.Investment(maximum=4.0, existing=2.0, ep_costs=1.0)
    plant = source("plant", bus, nominal_capacity=size)
    error = said([bus, plant, demand_on(bus, {"bus": (1.0, 9.0, 1.0)})], way)
    assert "3 short at bus, 2035-07-14 18:00" in str(error)
    assert "plant->bus is at most 4" in str(error)
    assert "capacity limit of plant->bus" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_limit_over_all_hours(way: Way) -> None:
    """12 MWh at 0.5 t/MWh emit 6 t where 4 t are allowed; 2 t are fewer than 4 MWh.

    The demands of 4 and 5 MW alone emit 4.5 t; no other two hours break the limit.
    """
    bus = solph.Bus(label="bus")
    flow = solph.Flow(custom_properties={"emission": 0.5})
    plant = solph.components.Source(label="plant", outputs={bus: flow})
    nodes = [bus, plant, demand_on(bus, {"bus": (4.0, 5.0, 3.0)})]
    error = said(nodes, way, {"emission": 4.0})
    assert "2 above the limit at emission" in str(error).replace("-", "")
    assert "emission is at most 4" in str(error)
    assert "what flows into bus flows out, in 2 time steps" in str(error)


def test_a_limit_that_nothing_can_change() -> None:
    """Fixed flows of 12 MWh emit 12 of at most 1: it is the limit that is told, not a row or hour.

    So is the total of a flow that is fixed at less than its full-load hours.
    """
    bus = solph.Bus(label="bus")

    def nodes(**flow: float) -> Nodes:
        weight = {"emission": 1.0}
        shape = [4.0, 5.0, 3.0]
        fixed = solph.Flow(nominal_capacity=1.0, fix=shape, custom_properties=weight, **flow)
        plant = solph.components.Source(label="plant", outputs={bus: fixed})
        return [bus, plant, demand_on(bus, {"bus": (4.0, 5.0, 3.0)})]

    error = said(nodes(), ("linopy", "highs"), {"emission": 1.0})
    assert "11 above the limit at emission" in str(error)
    assert "2035" not in str(error)
    error = said(nodes(full_load_time_min=20.0), ("linopy", "highs"))
    assert "8 short at plant->bus" in str(error)
    assert "2035" not in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_lower_limit_over_all_hours(way: Way) -> None:
    """12 MWh at 0.5 per MWh are 6 where at least 7 are wanted, and nobody takes more."""
    bus = solph.Bus(label="bus")
    flow = solph.Flow(custom_properties={"green": 0.5})
    plant = solph.components.Source(label="plant", outputs={bus: flow})
    nodes = [bus, plant, demand_on(bus, {"bus": (4.0, 5.0, 3.0)})]
    error = said(nodes, way, {"green": (7.0, np.inf)})
    assert "1 below the limit at green" in str(error)
    assert "green is at least 7" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_store_that_is_too_small(way: Way) -> None:
    """A store full with 4 MWh serves three hours of 3 MW: 5 MWh short, all that is missing."""
    bus = solph.Bus(label="bus")
    store = solph.components.GenericStorage(
        label="store",
        inputs={bus: solph.Flow(nominal_capacity=0.0)},
        outputs={bus: solph.Flow(nominal_capacity=9.0)},
        nominal_capacity=4.0,
        initial_storage_level=1.0,
        balanced=False,
    )
    error = said([bus, store, demand_on(bus, {"bus": (3.0, 3.0, 3.0)})], way)
    assert sum(s.amount for s in error.conflict.shortages) == pytest.approx(5.0)
    assert "storage balance of store" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_flows_that_are_all_fixed(way: Way) -> None:
    """A river of 2, 3, 2 MW on a mill that takes 2, 4, 2 MW: 1 MW short at 18:00.

    No flow is free there, so that the row has no unknown; the other bus is in order.
    """
    bus, weir = solph.Bus(label="bus"), solph.Bus(label="weir")
    river = source("river", weir, nominal_capacity=1.0, fix=[2.0, 3.0, 2.0])
    mill = solph.Flow(nominal_capacity=1.0, fix=[2.0, 4.0, 2.0])
    nodes = [bus, source("plant", bus), demand_on(bus, {"bus": (1.0, 1.0, 1.0)})]
    nodes += [weir, river, solph.components.Sink(label="mill", inputs={weir: mill})]
    error = said(nodes, way)
    assert "1 short at weir, 2035-07-14 18:00" in str(error)
    assert "river->weir is exactly 3" in str(error)
    assert "weir->mill is exactly 4" in str(error)
    assert "plant" not in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_demand_that_nobody_serves(way: Way) -> None:
    """A bus with a demand of 1, 2, 3 MW and nothing else: 6 MWh short, 3 MW at the worst."""
    bus = solph.Bus(label="bus")
    error = said([bus, demand_on(bus, {"bus": (1.0, 2.0, 3.0)})], way)
    assert "3 short at bus, 2035-07-14 19:00, the most of 3 time steps with 6" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_plant_that_cannot_follow(way: Way) -> None:
    """From 1 MW at 17:00 a plant can rise by 0.3 MW an hour to 1.6 of the 3 MW at 19:00."""
    bus = solph.Bus(label="bus")
    plant = source("plant", bus, nominal_capacity=3.0, positive_gradient_limit=0.1)
    error = said([bus, plant, demand_on(bus, {"bus": (1.0, 1.3, 3.0)})], way)
    assert sum(abs(s.amount) for s in error.conflict.shortages) == pytest.approx(1.4)
    assert "change of plant->bus" in str(error)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_unit_that_has_to_rest(solver: SolverName) -> None:
    """A unit that was off rests for two hours more; 3 MW are short in each."""
    bus = solph.Bus(label="bus")
    resting = solph.NonConvex(minimum_downtime=2)
    unit = source("unit", bus, nominal_capacity=4.0, minimum=0.5, nonconvex=resting)
    error = said([bus, unit, demand_on(bus, {"bus": (3.0, 3.0, 3.0)})], ("linopy", solver))
    assert sum(abs(s.amount) for s in error.conflict.shortages) == pytest.approx(6.0)
    assert "capacity limit of unit->bus" in str(error)
    assert "status of unit->bus is exactly 0" in str(error)


@pytest.mark.parametrize(
    ("demand", "nonconvex", "told"),
    [
        ((3.0, 0.0, 3.0), {"maximum_startups": 1}, "number of starts of unit->bus"),
        ((3.0, 0.0, 3.0), {"maximum_shutdowns": 0}, "number of stops of unit->bus"),
        ((0.0, 3.0, 0.0), {"minimum_uptime": 2}, "minimum uptime of unit->bus"),
        ((3.0, 0.0, 3.0), {"minimum_downtime": [0, 2, 0]}, "minimum downtime of unit->bus"),
    ],
)
def test_what_of_a_commitment_is_in_conflict(
    demand: tuple[float, ...], nonconvex: dict[str, object], told: str
) -> None:
    """A unit has to run at 3 in some hours and not in others, which it may not."""
    bus = solph.Bus(label="bus")
    commitment = solph.NonConvex(**nonconvex)
    unit = source("unit", bus, nominal_capacity=4.0, minimum=0.5, nonconvex=commitment)
    error = said([bus, unit, demand_on(bus, {"bus": demand})], ("linopy", "highs"))
    assert told in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_hours_of_a_year_that_are_used_up(way: Way) -> None:
    """A plant of 2 MW for two hours at full load gives 4 of the 6 MWh that are wanted."""
    bus = solph.Bus(label="bus")
    plant = source("plant", bus, nominal_capacity=2.0, full_load_time_max=2.0)
    error = said([bus, plant, demand_on(bus, {"bus": (2.0, 2.0, 2.0)})], way)
    assert sum(s.amount for s in error.conflict.shortages) == pytest.approx(2.0)
    assert "total of plant->bus is at most 4" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_bounds_that_cross(way: Way) -> None:
    """A flow of at least 2.4 and at most 2 MW is refused with both numbers, whatever else runs."""
    bus = solph.Bus(label="bus")
    strange = {"nominal_capacity": 4.0, "minimum": [0.1, 0.6, 0.1], "maximum": [1.0, 0.5, 1.0]}
    nodes = [bus, source("odd", bus, **strange), source("plant", bus)]
    error = said([*nodes, demand_on(bus, {"bus": (5.0, 5.0, 5.0)})], way)
    assert "odd->bus is at least 2.4, 2035-07-14 18:00" in str(error)
    assert "odd->bus is full at 2, 2035-07-14 18:00" in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_money_pump(way: Way) -> None:
    """Buying at 10 and selling at 12 earns 2 CNY for each MWh without end, in the second hour.

    In the other hours the sale earns less than the purchase costs.
    """
    bus = solph.Bus(label="bus")
    sale = solph.Flow(variable_costs=[-9.0, -12.0, -9.0])
    nodes = [bus, source("purchase", bus, variable_costs=10.0)]
    nodes += [solph.components.Sink(label="sale", inputs={bus: sale})]
    error = said([*nodes, demand_on(bus, {"bus": (1.0, 1.0, 1.0)})], way)
    assert "each unit of this earns 2 units of cost, without end" in str(error)
    assert "1 more of bus->sale, 2035-07-14 18:00" in str(error)
    assert "1 more of purchase->bus, 2035-07-14 18:00" in str(error)
    assert "17:00" not in str(error)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_capacity_that_earns_by_being_built(way: Way) -> None:
    """A subsidy above the annuity and no largest size: the capacity is the endless gain."""
    bus = solph.Bus(label="bus")
    size = solph.Investment(ep_costs=-3.0)
    nodes = [bus, source("plant", bus, nominal_capacity=size)]
    error = said([*nodes, demand_on(bus, {"bus": (1.0, 1.0, 1.0)})], way)
    assert "each unit of this earns 3 units of cost" in str(error)
    assert "1 more of plant->bus" in str(error)


def test_places_are_found_in_a_year() -> None:
    """One short hour among 8760 is found in seconds, with the line of that hour alone."""
    demand = np.full(8760, 15.0)
    demand[4700] = 21.5
    hours = pd.date_range("2035-01-01", periods=8760, freq="h")
    nodes = port_behind_a_line({"port": tuple(demand)})
    with pytest.raises(ConflictError, match=r"1\.5 short at port, 2035-07-15 20:00") as raised:
        Model(energy_system(8760, nodes), index=hours).solve()
    assert {b[0].place.step for b in raised.value.conflict.bounds} == {4700}


def test_stamps_need_not_be_times() -> None:
    """A graph whose hours are numbered is explained by number."""
    graph = energy_system(3, port_behind_a_line({"port": (18.0, 20.0, 32.4)}))
    with pytest.raises(ConflictError, match=r"12\.4 short at port, step 2"):
        Model(graph, index=pd.RangeIndex(3)).solve()
    assert len(stamps(3)) == 3
