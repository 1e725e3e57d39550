"""Where the installed solph is not what it says: what it finds, and what is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from oemof import solph
from plain_solph import plain_objective, quietly
from small_graphs import Nodes, served, source, system, with_source

from meishan_model.optimise import CORRECTIONS, Correction, Model, ModelError


def unit(demand: tuple[float, ...], flow: dict[str, Any], **nonconvex: Any) -> Nodes:
    """A source of 4 at 1 for each unit, which is at 1 at least while it is on."""
    known = {"nominal_capacity": 4.0, "minimum": 0.25, "variable_costs": 1.0, **flow}
    return with_source(demand, nonconvex=solph.NonConvex(**nonconvex), **known)


def built(nodes: Nodes) -> solph.EnergySystem:
    """An energy system of as many hours as its demand has."""
    flow = next(iter(nodes[1].inputs.values()))
    return system(nodes, [1.0] * len(flow.fix))


class Both(NamedTuple):
    """An energy system, its cost by solph, and the right one."""

    nodes: Callable[[], Nodes]
    by_solph: float
    right: float


SIZE = {"ep_costs": 1.0, "maximum": 4.0}
COSTS: dict[Correction, Both] = {
    # It was off: in the first step 2 at 100.
    "initial_status": Both(lambda: unit((2, 2), {}, initial_status=0), 4.0, 202.0),
    # Two steps on from the last one: it may start there, if they may reach beyond it.
    "late_start": Both(lambda: unit((0, 0, 3), {}, minimum_uptime=2), 300.0, 3.0),
    # A capacity of 3 serves 6; with one full hour a capacity of 4 serves 4, and 2 are at 100.
    "full_load_time": Both(
        lambda: unit(
            (3, 3), {"nominal_capacity": solph.Investment(**SIZE), "full_load_time_max": 1.0}
        ),
        3.0 + 6.0,
        4.0 + 4.0 + 200.0,
    ),
}


@pytest.mark.parametrize("name", COSTS)
def test_costs(name: Correction) -> None:
    """By default the cost is that of solph; with the correction the one on paper."""
    nodes, by_solph, right = COSTS[name]
    assert quietly(lambda: plain_objective(built(nodes()))) == pytest.approx(by_solph)
    assert Model(built(nodes())).solve().objective == pytest.approx(by_solph)
    corrected = Model(built(nodes()), corrections=[name])
    assert corrected.solve().objective == pytest.approx(right)


def test_initial_status_of_an_investment() -> None:
    """Solph does not hold it, whatever the minimum time: 2 + 2 + 1 a unit of capacity.

    Held off for two of three steps, those are at 100.
    """

    def nodes() -> Nodes:
        return unit((2, 2, 2), {"nominal_capacity": solph.Investment(**SIZE)}, minimum_downtime=2)

    assert quietly(lambda: plain_objective(built(nodes()))) == pytest.approx(2.0 + 6.0)
    assert Model(built(nodes())).solve().objective == pytest.approx(2.0 + 6.0)
    right = Model(built(nodes()), corrections=["initial_status"]).solve().objective
    assert right == pytest.approx(400.0 + 2.0 + 2.0)


def test_gradient() -> None:
    """Solph has no linear problem of them; half of 4 more in a step leaves 1 at 100."""
    nodes = unit((1, 4), {}, positive_gradient_limit=0.5)
    with pytest.raises(Exception, match="degree"):
        quietly(lambda: plain_objective(built(nodes)))
    with pytest.raises(ModelError, match="positive_gradient_limit of nonconvex"):
        Model(built(nodes))
    right = Model(built(nodes), corrections=["gradient"]).solve().objective
    assert right == pytest.approx(1.0 + 3.0 + 100.0)


def test_falling_gradient() -> None:
    """A demand of 4 and then of 1, a fall of 2 at most, and 20 for what is too much.

    The source gives 4 and 2, one of them for nothing; or 3 and 1, beside one unit at 100.
    """
    bus, nodes = served(4.0, 1.0)
    limit = solph.NonConvex(negative_gradient_limit=0.5)
    known = {"nominal_capacity": 4.0, "minimum": 0.25, "variable_costs": 1.0, "nonconvex": limit}
    dump = solph.components.Sink("dump", inputs={bus: solph.Flow(variable_costs=20.0)})
    made = [*nodes, source("cheap", bus, **known), dump]
    right = Model(built(made), corrections=["gradient"]).solve().objective
    assert right == pytest.approx(min(4.0 + 2.0 + 20.0, 3.0 + 100.0 + 1.0))


@pytest.mark.parametrize(
    ("limit", "told"),
    [(-0.5, "below zero"), ("a", "positive_gradient_limit of nonconvex"), ([0.5], "has 1 values")],
)
def test_wrong_gradient(limit: Any, told: str) -> None:
    """A limit that is none is refused by name, as that of a flow is."""
    nodes = unit((1, 4), {}, positive_gradient_limit=limit)
    with pytest.raises(ModelError, match=f"cheap->bus: .*{told}"):
        Model(built(nodes), corrections=["gradient"])


def test_gradient_of_an_investment() -> None:
    """It is a share of what is built: for a rise of 2 there are 4, at 1 each."""
    size = solph.Investment(**SIZE)
    nodes = unit((1, 3), {"nominal_capacity": size}, positive_gradient_limit=0.5)
    found = Model(built(nodes), corrections=["gradient"]).solve()
    assert found.objective == pytest.approx(4.0 + 1.0 + 3.0)


def test_gradient_of_a_flow_with_an_investment() -> None:
    """Of what stands and is built: of 2 that stand a rise of 2 needs 2 more, at 1 each."""
    size = solph.Investment(existing=2.0, **SIZE)
    limits = {"positive_gradient_limit": 0.5}
    nodes = with_source((1, 3), nominal_capacity=size, variable_costs=1.0, **limits)
    with pytest.raises(ModelError, match="gradient limit with investment"):
        Model(built(nodes))
    found = Model(built(nodes), corrections=["gradient"]).solve()
    assert found.objective == pytest.approx(2.0 + 1.0 + 3.0)


@pytest.mark.parametrize("name", ["positive_gradient_limit", "negative_gradient_limit"])
def test_a_start_and_a_stop_pass_a_gradient_below_the_least_load(name: str) -> None:
    """Of a capacity of 4 half is the least load, and a tenth the limit: 2, 2.4, 2.8 from rest."""
    flow = {"minimum": 0.5, name: 0.1}
    order = slice(None, None, 1 if name.startswith("positive") else -1)
    demand = (0.0, 2.0, 3.0, 3.0)[order]
    found = Model(built(unit(demand, flow)), corrections=["gradient"]).solve()
    assert found.flow["cheap", "bus"].to_list() == pytest.approx([0, 2, 2.4, 2.8][order])
    # By solph it never starts, or may not be on since it never stops.
    assert Model(built(unit(demand, flow))).solve().objective == pytest.approx(800.0)


def free_converter(minimum: float) -> Nodes:
    """A converter of gas at 10 into 0.5 and a tenth of its capacity of 10, for a demand of 1."""
    bus, nodes = served(1.0)
    gas = solph.Bus("gas")
    taken = solph.Flow(nominal_capacity=10.0, minimum=minimum, nonconvex=solph.NonConvex())
    plant = solph.components.OffsetConverter(
        inputs={gas: taken},
        outputs={bus: solph.Flow()},
        label="plant",
        conversion_factors={bus: 0.5},
        normed_offsets={bus: 0.1},
    )
    return [*nodes, gas, source("well", gas, variable_costs=10.0), plant]


def test_free_output() -> None:
    """In solph the demand of 1 costs nothing; corrected, the converter is refused by name.

    At a load of a tenth at least it gives 1.5 at least, so that the demand is at 100.
    """
    assert quietly(lambda: plain_objective(built(free_converter(0.0)))) == pytest.approx(0.0)
    assert Model(built(free_converter(0.0))).solve().objective == pytest.approx(0.0)
    with pytest.raises(ModelError, match="plant: may be on, take nothing and give something"):
        Model(built(free_converter(0.0)), corrections=["free_output"])
    right = Model(built(free_converter(0.1)), corrections=["free_output"]).solve()
    assert right.objective == pytest.approx(100.0)


def test_offset_frame() -> None:
    """An offset of 500 that is not worth it: in solph it is among the costs, not in their sum."""

    def nodes() -> Nodes:
        size = solph.Investment(ep_costs=1.0, maximum=4.0, nonconvex=True, offset=500.0)
        return with_source((2.0,), nominal_capacity=size)

    costs = "investment_costs"
    results = quietly(lambda: solph.Model(built(nodes())).solve(solver="highs"))
    assert results["objective"] == pytest.approx(200.0)
    assert quietly(lambda: results[costs]).to_numpy().sum() == pytest.approx(500.0)
    assert Model(built(nodes())).solve().frame(costs).to_numpy().sum() == pytest.approx(500.0)
    right = Model(built(nodes()), corrections=["offset_frame"]).solve()
    assert right.frame(costs).to_numpy().sum() == pytest.approx(0.0)
    assert right.objective == pytest.approx(200.0)


@pytest.mark.parametrize(
    ("price", "offset", "costs"), [(1.0, 30.0, 2.0 + 30.0), (200.0, -50.0, -50.0)]
)
def test_offset_frame_where_the_investment_is_made(
    price: float, offset: float, costs: float
) -> None:
    """An offset that is paid is in the frame; one that is earned too, also if nothing is built."""
    size = solph.Investment(ep_costs=price, maximum=4.0, nonconvex=True, offset=offset)
    nodes = with_source((2.0,), nominal_capacity=size)
    found = Model(built(nodes), corrections=["offset_frame"]).solve()
    assert found.frame("investment_costs").to_numpy().sum() == pytest.approx(costs)
    paid = found.frame("variable_costs").to_numpy().sum()
    assert found.objective == pytest.approx(costs + paid)


@pytest.mark.parametrize("nonconvex", [None, solph.NonConvex()], ids=["convex", "on or off"])
@pytest.mark.parametrize(("offset", "cost"), [(50.0, 50.0 + 2.0), (500.0, 200.0)])
def test_offset_is_paid_once_and_where_something_is_built(
    nonconvex: solph.NonConvex | None, offset: float, cost: float
) -> None:
    """What solph once did wrong: with what it has now a demand of 2 is at 1 each, or at 100."""

    def nodes() -> Nodes:
        size = solph.Investment(ep_costs=1.0, maximum=4.0, nonconvex=True, offset=offset)
        return with_source((2.0,), nominal_capacity=size, nonconvex=nonconvex)

    assert quietly(lambda: plain_objective(built(nodes()))) == pytest.approx(cost)
    assert Model(built(nodes())).solve().objective == pytest.approx(cost)


@pytest.mark.parametrize(
    ("times", "costs", "right"),
    [
        # It earns 10 a unit in the third step, and is on for the next three at its least load.
        ((0, 2, 4), [1, 1, -10, 1, 1, 1, 1, 1, 1, 1], -100.0 + 3 * 5.0),
        # On for two steps, it stays for the third at 10 and earns in the fourth.
        ((1, 4, 2), [1, 1, 10, -10, 1, 1, 1, 1, 1, 1], 2 * 5.0 + 50.0 - 100.0),
    ],
    ids=["from off", "from on"],
)
def test_minimum_times_hold_from_the_first_step(
    times: tuple[int, int, int], costs: list[float], right: float
) -> None:
    """What solph once did not hold in the first steps: a sink of 10 that is at 5 at least."""
    initial, down, up = times

    def nodes() -> Nodes:
        bus, made = served(*([0.0] * 10))
        running = solph.NonConvex(initial_status=initial, minimum_downtime=down, minimum_uptime=up)
        flow = solph.Flow(
            nominal_capacity=10.0, minimum=0.5, variable_costs=costs, nonconvex=running
        )
        free = source("free", bus)
        return [*made, free, solph.components.Sink("plant", inputs={bus: flow})]

    assert quietly(lambda: plain_objective(built(nodes()))) == pytest.approx(right)
    assert Model(built(nodes())).solve().objective == pytest.approx(right)


def test_corrections_are_known_and_made_by_linopy() -> None:
    """Another name, or the backend that is solph itself, is refused; all at once are made."""
    nodes = unit((2, 2), {})
    with pytest.raises(ModelError, match=r"there is no correction colour; initial_status, .* are"):
        Model(built(nodes), corrections=["colour"])  # type: ignore[list-item]
    with pytest.raises(ModelError, match=r"give \['gradient'\]"):
        Model(built(nodes), corrections="gradient")
    with pytest.raises(ModelError, match="made by the backend linopy"):
        Model(built(nodes), backend="pyomo", corrections=["gradient"])
    assert Model(built(nodes), corrections=[*CORRECTIONS]).solve().objective == pytest.approx(202)
