"""What the linopy backend does not state is refused by name: nothing is dropped silently."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from oemof import solph
from small_graphs import (
    BACKENDS,
    Nodes,
    served,
    sink,
    solved,
    source,
    system,
    with_source,
    with_store,
)

from meishan_model.optimise import Model
from meishan_model.optimise.errors import InfeasibleError, ModelError
from meishan_model.optimise.formulation.linopy_backend import state_problem

Invest = solph.Investment


def refusal(nodes: Callable[[], Nodes]) -> str:
    """What is said of a graph that is refused; solph's own warnings of it are not meant here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ModelError) as caught:
            state_problem(system(nodes(), (1.0, 1.0)))
    return str(caught.value)


@pytest.mark.parametrize(
    ("flow", "attribute"),
    [
        ({"nominal_capacity": 5, "nonconvex": solph.NonConvex()}, "nonconvex"),
        (
            {"nominal_capacity": Invest(maximum=5), "nonconvex": solph.NonConvex()},
            "nonconvex",
        ),
        ({"nominal_capacity": 5, "minimum": -1}, "negative minimum"),
        ({"nominal_capacity": 5, "minimum": [0, -0.5]}, "negative minimum"),
        ({"nominal_capacity": 5, "lifetime": 20}, "lifetime"),
        ({"nominal_capacity": 5, "lifetime": 20, "age": 3}, "age"),
        ({"nominal_capacity": 5, "fixed_costs": 3}, "fixed_costs"),
        ({"nominal_capacity": 5, "fixed_costs": [3, 4]}, "fixed_costs"),
        ({"positive_gradient_limit": 0.1}, "gradient limit without nominal_capacity"),
        ({"negative_gradient_limit": [0.1, 1]}, "gradient limit without nominal_capacity"),
        (
            {"nominal_capacity": Invest(), "positive_gradient_limit": 0.1},
            "gradient limit with investment",
        ),
        ({"nominal_capacity": Invest(), "integer": True}, "integer with investment"),
        (
            {"nominal_capacity": Invest(), "minimum": [0.0, 0.5]},
            "minimum with investment that is zero in some time steps",
        ),
        ({"nominal_capacity": Invest(lifetime=20)}, "lifetime of the investment"),
        ({"nominal_capacity": Invest(lifetime=20, age=3)}, "age of the investment"),
        ({"nominal_capacity": Invest(overall_maximum=9)}, "overall_maximum of the investment"),
        ({"nominal_capacity": Invest(overall_minimum=1)}, "overall_minimum of the investment"),
        ({"nominal_capacity": Invest(fixed_costs=1)}, "fixed_costs of the investment"),
        ({"nominal_capacity": Invest(fixed_costs=[1, 2])}, "fixed_costs of the investment"),
    ],
)
def test_flow(flow: dict[str, Any], attribute: str) -> None:
    """A flow's attribute is refused with the names of its ends."""
    assert f"cheap->bus: {attribute}" in refusal(lambda: with_source((5, 5), **flow))


@pytest.mark.parametrize(
    ("store", "attribute"),
    [
        (
            {
                "nominal_capacity": 9,
                "constant_soc_until": 0.8,
                "fraction_saturation_charging": 0.1,
                "into": {"nominal_capacity": 3},
            },
            "constant_soc_until",
        ),
        ({"nominal_capacity": 9, "fixed_costs": 2}, "fixed_costs"),
        ({"nominal_capacity": Invest(), "lifetime_inflow": 5}, "lifetime_inflow"),
        ({"nominal_capacity": Invest(), "lifetime_outflow": 5}, "lifetime_outflow"),
        ({"nominal_capacity": Invest(lifetime=20)}, "lifetime of the investment"),
        ({"nominal_capacity": Invest(overall_maximum=9)}, "overall_maximum of the investment"),
        ({"nominal_capacity": Invest(overall_minimum=1)}, "overall_minimum of the investment"),
        ({"nominal_capacity": Invest(lifetime=20, age=3)}, "age of the investment"),
        ({"nominal_capacity": Invest(fixed_costs=1)}, "fixed_costs of the investment"),
        (
            {"nominal_capacity": Invest(), "min_storage_level": [0, 0, 0.5]},
            "min_storage_level at the last point only",
        ),
    ],
)
def test_storage(store: dict[str, Any], attribute: str) -> None:
    """A storage's attribute is refused with the storage's name."""
    assert f"store: {attribute}" in refusal(lambda: with_store((0, 4), (20, 0), **store))


class OwnSource(solph.components.Source):
    """Somebody's own kind of source, which may mean more than a source."""


def combined_heat_and_power(bus: solph.Bus) -> Nodes:
    gas, heat = solph.Bus(label="gas"), solph.Bus(label="heat")
    node = solph.components.GenericCHP(
        label="odd",
        fuel_input={gas: solph.Flow(custom_properties={"H_L_FG_share_max": [0.19, 0.19]})},
        electrical_output={
            bus: solph.Flow(
                custom_properties={
                    "P_max_woDH": [155.9, 155.9],
                    "P_min_woDH": [68.7, 68.7],
                    "Eta_el_max_woDH": [0.525, 0.525],
                    "Eta_el_min_woDH": [0.444, 0.444],
                }
            )
        },
        heat_output={heat: solph.Flow(custom_properties={"Q_CW_min": [0, 0]})},
        beta=[0, 0],
        back_pressure=False,
    )
    return [gas, heat, node]


def offset_converter(bus: solph.Bus) -> Nodes:
    gas = solph.Bus(label="gas")
    output = solph.Flow(nominal_capacity=5, minimum=0.2, nonconvex=solph.NonConvex())
    node = solph.components.OffsetConverter(
        label="odd",
        inputs={gas: solph.Flow()},
        outputs={bus: output},
        conversion_factors={gas: 2.0},
        normed_offsets={gas: 0.1},
    )
    return [gas, node]


def extraction_turbine(bus: solph.Bus) -> Nodes:
    gas, heat = solph.Bus(label="gas"), solph.Bus(label="heat")
    node = solph.components.ExtractionTurbineCHP(
        label="odd",
        inputs={gas: solph.Flow()},
        outputs={bus: solph.Flow(), heat: solph.Flow()},
        conversion_factors={bus: 0.3, heat: 0.5},
        conversion_factor_full_condensation={bus: 0.5},
    )
    return [gas, heat, node]


def own_source(bus: solph.Bus) -> Nodes:
    return [OwnSource(label="odd", outputs={bus: solph.Flow(nominal_capacity=3)})]


@pytest.mark.parametrize(
    ("kind", "build"),
    [
        ("GenericCHP", combined_heat_and_power),
        ("OffsetConverter", offset_converter),
        ("ExtractionTurbineCHP", extraction_turbine),
        ("OwnSource", own_source),
    ],
)
def test_other_node(kind: str, build: Callable[[solph.Bus], Nodes]) -> None:
    """Another kind of node is refused with its label and class, also one derived from a known."""

    def nodes() -> Nodes:
        bus, found = served(5, 5)
        return [*found, *build(bus)]

    assert f"odd: {kind}" in refusal(nodes)


def test_several_periods() -> None:
    """An energy system of several periods is refused."""
    index = pd.date_range("2023-01-01", periods=3, freq="h")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        several = solph.EnergySystem(
            timeindex=index, timeincrement=[1.0, 1.0], periods=[index[:2]]
        )
        several.add(*served(5, 5)[1])
        with pytest.raises(ModelError, match="several periods"):
            state_problem(several)


def test_two_nodes_of_one_name() -> None:
    """Labels that read the same would mix up their flows, so they are refused."""

    def nodes() -> Nodes:
        bus, found = served(5, 5)
        return [*found, source("7", bus), source(7, bus)]  # type: ignore[arg-type]

    assert "2 nodes named 7" in refusal(nodes)


def test_node_that_was_not_added() -> None:
    """A node that is connected to a bus, but was never added to the graph, is named."""
    assert "dear: is connected but not in the graph" in refusal(lambda: served(5, 5)[1][:2])


def test_everything_at_once() -> None:
    """All that is refused is named in one error, and the backend that can is named too."""

    def nodes() -> Nodes:
        bus, found = served(5, 5)
        bad = source("bad", bus, nominal_capacity=5, lifetime=20, nonconvex=solph.NonConvex())
        return [*found, bad, *own_source(bus)]

    said = refusal(nodes)
    for part in ("bad->bus: nonconvex", "bad->bus: lifetime", "odd: OwnSource", "backend pyomo"):
        assert part in said


def test_limit_of_nothing() -> None:
    """A limit of a property that no flow has is refused with its name."""
    with pytest.raises(ModelError, match="custom property coal"):
        solved("linopy", served(5, 5)[1], limits={"coal": 1.0})


def test_short_series() -> None:
    """A series with fewer values than time steps is refused."""
    with pytest.raises(ModelError, match="1 values, 2 are needed"):
        solved("linopy", with_source((5, 5), nominal_capacity=1, maximum=[1.0]))


@pytest.mark.parametrize("backend", BACKENDS)
def test_minimum_above_maximum(backend: str) -> None:
    """A flow whose minimum is above its maximum has no value, also where others could serve."""
    nodes = with_source((5, 5), nominal_capacity=4, minimum=[0.1, 0.6], maximum=[1.0, 0.5])
    with pytest.raises(InfeasibleError):
        solved(backend, nodes)


def test_row_that_nothing_can_change() -> None:
    """Fixed flows that cannot balance are infeasible, and the bus and step are named."""
    bus = solph.Bus(label="bus")
    demand = sink("demand", bus, nominal_capacity=1, fix=[5, 5])
    fixed = source("fixed", bus, nominal_capacity=1, fix=[5, 4])
    with pytest.raises(InfeasibleError, match=r"balance\(bus\) .* first in step 1, by 1"):
        solved("linopy", [bus, demand, fixed])


NAN = float("nan")
NUMBERLESS: dict[str, tuple[dict[str, Any], str]] = {
    "fix": ({"nominal_capacity": 1.0, "fix": [1.0, NAN]}, "fix in step 1"),
    "maximum": ({"nominal_capacity": 1.0, "maximum": [1.0, NAN]}, "maximum in step 1"),
    "cost": ({"variable_costs": [0.0, NAN]}, "variable_costs in step 1"),
    "gradient": (
        {"nominal_capacity": 1.0, "positive_gradient_limit": [0.5, NAN]},
        "positive_gradient_limit in step 1",
    ),
    "full-load": ({"nominal_capacity": 1.0, "full_load_time_max": NAN}, "full_load_time_max"),
    "weight": ({"custom_properties": {"emission": [NAN, 1.0]}}, "emission in step 0"),
    "price": ({"nominal_capacity": solph.Investment(ep_costs=NAN)}, "ep_costs"),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("flow", "told"), NUMBERLESS.values(), ids=NUMBERLESS)
def test_flow_that_is_not_a_number(backend: str, flow: dict[str, Any], told: str) -> None:
    """Whatever is not a number in a flow is told by its name; nothing is dropped."""
    with pytest.raises(ModelError, match=f"cheap->bus: {told};"):
        solved(backend, with_source((4, 4), **flow))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "attribute",
    ["inflow_conversion_factor", "fixed_losses_absolute", "loss_rate", "storage_costs"],
)
def test_storage_that_is_not_a_number(backend: str, attribute: str) -> None:
    """So is what is not a number in a storage."""
    store = with_store((0, 4), (4, 1), nominal_capacity=9.0, **{attribute: [0.5, NAN]})
    with pytest.raises(ModelError, match=f"store: {attribute} in step 1;"):
        solved(backend, store)


@pytest.mark.parametrize("backend", BACKENDS)
def test_conversion_that_is_not_a_number(backend: str) -> None:
    """A converter's factor is told with the bus it belongs to, whether backends need it or not."""
    bus, nodes = served(4, 4)
    factors = {bus: [NAN, 0.5]}
    fuel = solph.Bus(label="fuel")
    plant = solph.components.Converter(
        label="plant",
        inputs={fuel: solph.Flow()},
        outputs={bus: solph.Flow()},
        conversion_factors=factors,
    )
    with pytest.raises(ModelError, match="plant: conversion factor of bus in step 0"):
        solved(backend, [*nodes, fuel, source("gas", fuel), plant])


def test_two_flows_of_one_name() -> None:
    """a->b to c and a to b->c would both be a->b->c in every message."""

    def nodes() -> Nodes:
        first, second = solph.Bus(label="c"), solph.Bus(label="b->c")
        return [
            first,
            second,
            source("a->b", first, nominal_capacity=Invest()),
            source("a", second, nominal_capacity=Invest()),
        ]

    assert "2 flows named a->b->c" in refusal(nodes)


def test_storage_without_capacity() -> None:
    """Solph takes it for a storage without limit; its levels would mean nothing."""

    def nodes() -> Nodes:
        return with_store((0, 4), (4, 1))

    assert "store: no capacity" in refusal(nodes)


def test_link_with_a_factor_between_strangers() -> None:
    """A factor needs a flow into the link and one out of it."""

    def nodes() -> Nodes:
        one, other, third = (solph.Bus(label=f"bus{i}") for i in range(3))
        link = solph.components.Link(
            label="link",
            inputs={one: solph.Flow()},
            outputs={other: solph.Flow()},
            conversion_factors={(one, other): 0.9, (one, third): 0.9},
        )
        return [one, other, third, link]

    assert "link: factor of bus0->bus2, for which it has no flows" in refusal(nodes)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"solver": "gurobi"}, "there is no solver gurobi; highs and cbc are known"),
        ({"backend": "jump"}, "there is no backend jump; linopy and pyomo are known"),
        ({"methods": ()}, "no method is asked for"),
        ({"index": pd.RangeIndex(3)}, "3 stamps are given for 2 time steps"),
        ({"penalties": [("no", "where")]}, "there is no flow no->where to be a penalty"),
        ({"integral_limits": {"co2": 1.0}}, "no flow has the custom property co2"),
    ],
    ids=["solver", "backend", "methods", "index", "penalty", "limit"],
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_arguments_that_do_not_fit(backend: str, arguments: dict[str, Any], told: str) -> None:
    """Each is told before anything is stated, and nothing else is taken in its place."""
    asked = {k: v for k, v in arguments.items() if k in ("solver", "methods", "penalties")}
    stated = {k: v for k, v in arguments.items() if k not in asked}
    with pytest.raises(ModelError, match=told):
        Model(system(served(4, 4)[1], (1.0, 1.0)), **{"backend": backend, **stated}).solve(**asked)
