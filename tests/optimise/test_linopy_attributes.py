"""Every attribute of flows, converters, links, buses and limits, on paper and by both backends."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from oemof import solph
from small_graphs import BACKENDS, Nodes, served, sink, solved, source, with_source

from meishan_model.optimise.solution import Solution

Invest = solph.Investment
CHEAP = ("cheap", "bus")

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


def check(solution: Solution, objective: float, cheap: tuple[float, ...] | None = None) -> None:
    """Assert the objective and, if given, the flow of the cheap source."""
    assert solution.objective == pytest.approx(objective)
    if cheap is not None:
        assert solution.flow[CHEAP].to_numpy() == pytest.approx(cheap, abs=1e-9)


def test_capacity_and_costs_by_step(backend: str) -> None:
    """Capacity 4 at 1 and 2 per unit; demand 5, 3: 4 x 1 + 1 x 100 + 3 x 2 = 110.

    The last unit is dear in the first step (100) and cheap in the second (2).
    """
    found = solved(backend, with_source((5, 3), nominal_capacity=4.0, variable_costs=[1, 2]))
    check(found, 110.0, (4, 3))
    assert found.bus_price is not None
    assert found.bus_price["bus"].to_list() == pytest.approx([100.0, 2.0])


def test_maximum(backend: str) -> None:
    """Capacity 10 with the profile 0.3, 1 and 0; demand 5, 5, 5: 3 + 200 + 5 + 500 = 708."""
    nodes = with_source((5, 5, 5), nominal_capacity=10.0, maximum=[0.3, 1, 0], variable_costs=1.0)
    check(solved(backend, nodes, (1, 1, 1)), 708.0, (3, 5, 0))


def test_minimum(backend: str) -> None:
    """Must run at 0.8 x 10 for 10 per unit, 3 too much go for 7: 80 + 21; then 5 x 10: 151."""
    nodes = with_source((5, 5), nominal_capacity=10.0, minimum=[0.8, 0], variable_costs=10.0)
    nodes.append(sink("dump", nodes[0], variable_costs=7.0))
    check(solved(backend, nodes), 151.0, (8, 5))


def test_minimum_and_maximum_that_meet(backend: str) -> None:
    """Where minimum and maximum are both 0.3 the flow is 3: 3 + 2 x 100, then 5: 208."""
    nodes = with_source(
        (5, 5), nominal_capacity=10.0, minimum=[0.3, 0], maximum=[0.3, 1], variable_costs=1.0
    )
    check(solved(backend, nodes), 208.0, (3, 5))


def test_fix(backend: str) -> None:
    """Fixed at 0.5 and 0.1 of 10 for 2 per unit; demand 6, 6: 12 + 100 + 500 = 612."""
    nodes = with_source((6, 6), nominal_capacity=10.0, fix=[0.5, 0.1], variable_costs=2.0)
    check(solved(backend, nodes), 612.0, (5, 1))


def test_full_load_time_max(backend: str) -> None:
    """Capacity 4 for at most 1.5 h gives 6 units; demand 4, 4: 6 + 2 x 100 = 206."""
    nodes = with_source((4, 4), nominal_capacity=4.0, full_load_time_max=1.5, variable_costs=1.0)
    check(solved(backend, nodes), 206.0)


def test_full_load_time_of_a_fixed_flow(backend: str) -> None:
    """A fixed flow may be limited to its own sum, however that is rounded.

    2000 steps of 1000.1 are 2000200; added one by one they come out 1e-7 off.
    """
    hours = sum([1000.1] * 2000)
    assert abs(hours - 2000200.0) > 1e-8
    bus = solph.Bus(label="bus")
    fixed = source("cheap", bus, nominal_capacity=1.0, fix=[1000.1] * 2000)
    for flow in fixed.outputs.values():
        flow.full_load_time_max = flow.full_load_time_min = hours
    nodes = [bus, fixed, sink("dump", bus, variable_costs=1.0)]
    check(solved(backend, nodes, (1.0,) * 2000), 2000200.0)


def test_negative_existing_capacity(backend: str) -> None:
    """The sum of capacities is not negative: of 2 that are missing 2 are built, 40 + 1000."""
    nodes = with_source((5, 5), nominal_capacity=Invest(ep_costs=20, existing=-2), maximum=0.0)
    check(solved(backend, nodes), 1040.0, (0, 0))


def test_full_load_time_min(backend: str) -> None:
    """Capacity 4 for at least 0.5 h gives 2 units at 200, the other 6 are dear: 1000."""
    nodes = with_source((4, 4), nominal_capacity=4.0, full_load_time_min=0.5, variable_costs=200)
    check(solved(backend, nodes), 1000.0)


def test_positive_gradient(backend: str) -> None:
    """From 1 not more than 0.2 x 10 up: 3 of 8, so 1 + 3 + 5 x 100 = 504.

    The limit of the first step binds nothing, as there is no step before it.
    """
    nodes = with_source(
        (1, 8), nominal_capacity=10.0, positive_gradient_limit=[0.01, 0.2], variable_costs=1.0
    )
    check(solved(backend, nodes), 504.0, (1, 3))


def test_negative_gradient(backend: str) -> None:
    """To 1 not more than 0.2 x 10 down: 3 of 8, so 3 + 5 x 100 + 1 = 504."""
    nodes = with_source(
        (8, 1), nominal_capacity=10.0, negative_gradient_limit=0.2, variable_costs=1.0
    )
    check(solved(backend, nodes), 504.0, (3, 1))


@pytest.mark.parametrize(
    ("flow", "objective"), [({}, 16.0), ({"fix": [0.5, 1.0]}, 33.0)], ids=["free", "fixed"]
)
def test_integer_with_investment(backend: str, flow: dict[str, Any], objective: float) -> None:
    """Whole units 2 and 3 for 1.5 and 3 with a capacity of 3 at 3; 0.5 too much at 14: 9 + 7.

    Where the first is half of the second they are 2 and 4: 12 + 7 + 14.
    """
    nodes = with_source((1.5, 3), nominal_capacity=Invest(ep_costs=3), integer=True, **flow)
    nodes.append(sink("dump", nodes[0], variable_costs=14.0))
    check(solved(backend, nodes), objective)


def test_integer(backend: str) -> None:
    """Whole units of 2.5 and 3.5: 2 + 3, the two halves are dear: 105."""
    nodes = with_source((2.5, 3.5), nominal_capacity=10.0, integer=True, variable_costs=1.0)
    check(solved(backend, nodes), 105.0, (2, 3))


@pytest.mark.parametrize(
    ("invest", "capacity", "objective"),
    [
        (Invest(ep_costs=30, existing=2), 3.0, 100.0),
        (Invest(ep_costs=30, existing=2, maximum=2), 2.0, 268.0),
        (Invest(ep_costs=30, minimum=6), 6.0, 190.0),
        (Invest(ep_costs=30, maximum=20, nonconvex=True, offset=500), 5.0, 660.0),
        (Invest(ep_costs=30, maximum=20, nonconvex=True, offset=900), 0.0, 1000.0),
        (Invest(ep_costs=30, maximum=20, nonconvex=True, minimum=8), 8.0, 250.0),
        (Invest(ep_costs=120, maximum=20, nonconvex=True, minimum=9), 0.0, 1000.0),
    ],
    ids=["existing", "maximum", "minimum", "offset", "offset-dear", "threshold", "threshold-dear"],
)
def test_investment(backend: str, invest: Invest, capacity: float, objective: float) -> None:
    """Demand 5, 5 from a source at 1 per unit, or all dear at 1000.

    30 per unit of capacity: 2 exist, 3 more cost 90 + 10 = 100; with at most 2 more, 60 + 8 +
    2 x 100 = 268; at least 6: 180 + 10 = 190. With an offset: 500 + 150 + 10 = 660, but 900 + 160
    is more than 1000. At least 8 or none: 240 + 10 = 250; 9 x 120 is more than 1000.
    """
    found = solved(backend, with_source((5, 5), nominal_capacity=invest, variable_costs=1.0))
    check(found, objective)
    assert found.flow_investment[CHEAP] == pytest.approx(capacity)


@pytest.mark.parametrize(("existing", "objective"), [(0.0, 440.0), (1.0, 410.0)])
def test_investment_with_fix(backend: str, existing: float, objective: float) -> None:
    """The profile 0.5, 0.25 of 8 units gives 4 and 2 of 4 and 4: 8 x 30 + 2 x 100 = 440.

    Up to 8 a unit saves 75, beyond it 25, and it costs 30. One that exists saves 30: 410.
    """
    invest = Invest(ep_costs=30, existing=existing)
    nodes = with_source((4, 4), nominal_capacity=invest, fix=[0.5, 0.25])
    nodes.append(sink("dump", nodes[0]))
    found = solved(backend, nodes)
    check(found, objective, (4, 2))
    assert found.flow_investment[CHEAP] == pytest.approx(8.0 - existing)


def test_investment_with_negative_fix(backend: str) -> None:
    """A flow is not negative, so nothing is built of what would be: 1000 for demand 5, 5."""
    nodes = with_source((5, 5), nominal_capacity=Invest(), fix=[-0.1, 1.0])
    check(solved(backend, nodes), 1000.0, (0, 0))


def test_investment_with_maximum(backend: str) -> None:
    """With 0.5, 1 and 0 of the capacity, 8 units serve 4, 4 and none: 8 x 10 + 4 x 100 = 480."""
    nodes = with_source((4, 4, 4), nominal_capacity=Invest(ep_costs=10), maximum=[0.5, 1, 0])
    check(solved(backend, nodes, (1, 1, 1)), 480.0, (4, 4, 0))


def test_investment_with_minimum(backend: str) -> None:
    """At least 0.5 of the capacity must fit into 1, so 2 are built: 20 + 2 x 100 = 220."""
    nodes = with_source((1, 4), nominal_capacity=Invest(ep_costs=10), minimum=[0.5, 0.1])
    check(solved(backend, nodes), 220.0, (1, 2))


def test_investment_with_full_load_time_max(backend: str) -> None:
    """At most 1 h of full load: 8 units of energy need a capacity of 8, 1 exists: 7 x 10 = 70."""
    invest = Invest(ep_costs=10, existing=1)
    nodes = with_source((4, 4), nominal_capacity=invest, full_load_time_max=1.0)
    check(solved(backend, nodes), 70.0, (4, 4))


def test_investment_with_full_load_time_min(backend: str) -> None:
    """2 + 1 of capacity for 1.5 h give 4.5 units at 150: 675 + 2 x 10 + 3.5 x 100 = 1045."""
    invest = Invest(ep_costs=10, existing=1, minimum=2)
    nodes = with_source(
        (4, 4), nominal_capacity=invest, full_load_time_min=1.5, variable_costs=150
    )
    check(solved(backend, nodes), 1045.0)


def test_converter_of_two_inputs_and_outputs(backend: str) -> None:
    """Factors 2 and 0.5 into 1 and 0.8: 3 and 2.4 out take 6 at 2 and 1.5 at 1: 13.5."""
    fuel, water, power, heat = (solph.Bus(label=n) for n in ("fuel", "water", "power", "heat"))
    plant = solph.components.Converter(
        label="plant",
        inputs={fuel: solph.Flow(), water: solph.Flow()},
        outputs={power: solph.Flow(), heat: solph.Flow()},
        conversion_factors={fuel: 2.0, water: 0.5, power: 1.0, heat: 0.8},
    )
    nodes: Nodes = [fuel, water, power, heat, plant]
    nodes += [source("gas", fuel, variable_costs=2.0), source("tap", water, variable_costs=1.0)]
    nodes += [sink("load", power, nominal_capacity=1.0, fix=[3.0]), sink("cooler", heat)]
    found = solved(backend, nodes, (1.0,))
    assert found.objective == pytest.approx(13.5)
    assert found.flow["plant", "heat"].to_list() == pytest.approx([2.4])


def converted(factors: Any, **output: Any) -> Nodes:
    """Gas at 3 per unit through a converter onto a bus with demand 2, 2."""
    bus, nodes = served(2, 2)
    gas = solph.Bus(label="gas")
    node = solph.components.Converter(
        label="plant",
        inputs={gas: solph.Flow()},
        outputs={bus: solph.Flow(**output)},
        conversion_factors={{"gas": gas, "bus": bus}[k]: v for k, v in factors.items()},
    )
    return [*nodes, gas, node, source("well", gas, variable_costs=3.0)]


def test_converter_with_output_factor_of_zero(backend: str) -> None:
    """P_in x 0 = P_out x 1: nothing comes out in the second step: 4 x 3 + 2 x 100 = 212."""
    found = solved(backend, converted({"bus": [0.5, 0.0]}))
    check(found, 212.0)
    assert found.flow["plant", "bus"].to_list() == pytest.approx([2.0, 0.0])


def test_converter_with_input_factor_of_zero(backend: str) -> None:
    """P_in x 1 = P_out x 0: what comes out in the second step needs nothing: 2 x 3 = 6."""
    found = solved(backend, converted({"gas": [1.0, 0.0], "bus": 1.0}))
    check(found, 6.0)
    assert found.flow["plant", "bus"].to_list() == pytest.approx([2.0, 2.0])


def test_converter_with_fixed_output(backend: str) -> None:
    """A fixed output of 1, 2 pins the input to 2, 4: 6 x 3 + 1 x 100 = 118."""
    found = solved(backend, converted({"bus": 0.5}, nominal_capacity=1.0, fix=[1.0, 2.0]))
    check(found, 118.0)
    assert found.flow["gas", "plant"].to_list() == pytest.approx([2.0, 4.0])


def test_converter_with_maximum_of_output(backend: str) -> None:
    """At most 1.5 out of 3 in: 2 x 3 x 3 + 2 x 0.5 x 100 = 118."""
    found = solved(backend, converted({"bus": 0.5}, nominal_capacity=1.5))
    check(found, 118.0)
    assert found.flow["gas", "plant"].to_list() == pytest.approx([3.0, 3.0])


def test_converter_with_minimum_of_output(backend: str) -> None:
    """At least 1 and 3 out of 2 and 6 in at 3 + 60: 8 x 63 + 1 x 100, and 1 too much at 7: 611."""
    nodes = converted({"bus": 0.5}, nominal_capacity=4.0, minimum=[0.25, 0.75])
    nodes.append(sink("dump", nodes[0], variable_costs=7.0))
    for flow in nodes[4].inputs.values():
        flow.variable_costs = 60.0
    found = solved(backend, nodes)
    check(found, 611.0)
    assert found.flow["gas", "plant"].to_list() == pytest.approx([2.0, 6.0])


def test_converters_in_a_row(backend: str) -> None:
    """A flow from converter to converter obeys both.

    The mixer takes 0.3 of gas and 0.2 from the boiler for 0.5, so 2 units need 1.2 of gas and 0.8
    from the boiler, which makes 0.1 of each unit of gas: 8. In two steps 2 x 9.2 x 3 = 55.2.
    """
    bus, nodes = served(2, 2)
    gas = solph.Bus(label="gas")
    with warnings.catch_warnings():
        # solph warns of a converter whose output is named by the next one.
        warnings.simplefilter("ignore")
        boiler = solph.components.Converter(label="boiler", inputs={gas: solph.Flow()})
    mixer = solph.components.Converter(
        label="mixer",
        inputs={gas: solph.Flow(), boiler: solph.Flow()},
        outputs={bus: solph.Flow()},
        conversion_factors={gas: 0.3, boiler: 0.2, bus: 0.5},
    )
    boiler.conversion_factors[mixer] = 0.1
    nodes += [gas, boiler, mixer, source("well", gas, variable_costs=3.0)]
    check(solved(backend, nodes), 55.2)


def linked(factors: Any, *origins: str) -> Nodes:
    """Buses with sources at 1 per unit up to 10, linked to a bus with demand 4, 4."""
    bus, nodes = served(4, 4)
    other = {name: solph.Bus(label=name) for name in origins}
    sources = [
        source(f"from_{n}", b, nominal_capacity=10.0, variable_costs=1.0) for n, b in other.items()
    ]
    every = {"bus": bus, **other}
    with warnings.catch_warnings():
        # solph warns of links that have not two of everything.
        warnings.simplefilter("ignore")
        link = solph.components.Link(
            label="link",
            inputs={every[i]: solph.Flow() for i, _ in factors},
            outputs={every[o]: solph.Flow() for _, o in factors},
            conversion_factors={(every[i], every[o]): f for (i, o), f in factors.items()},
        )
    return [*nodes, *other.values(), *sources, link]


def test_link(backend: str) -> None:
    """0.8 and 0.5 arrive: 5 and 8 in for 4 and 4 out, 13; the way back is not used."""
    nodes = linked({("away", "bus"): [0.8, 0.5], ("bus", "away"): 0.9}, "away")
    found = solved(backend, nodes)
    check(found, 13.0)
    assert found.flow["away", "link"].to_list() == pytest.approx([5.0, 8.0])


def test_link_with_two_inputs_to_one_output(backend: str) -> None:
    """The output is a multiple of each input: 4 is 0.5 x 8 and 0.8 x 5: 2 x 13 = 26."""
    nodes = linked({("away", "bus"): 0.5, ("far", "bus"): 0.8}, "away", "far")
    found = solved(backend, nodes)
    check(found, 26.0)
    assert found.flow["far", "link"].to_list() == pytest.approx([5.0, 5.0])


def test_unbalanced_bus(backend: str) -> None:
    """A source onto a bus without balance earns 2 per unit up to 3: -12 beside 1000."""
    _, nodes = served(5, 5)
    open_end = solph.Bus(label="open", balanced=False)
    earner = source("earner", open_end, nominal_capacity=3.0, variable_costs=-2.0)
    found = solved(backend, [*nodes, open_end, earner])
    check(found, 988.0)
    assert found.flow["earner", "open"].to_list() == pytest.approx([3.0, 3.0])


@pytest.mark.parametrize(
    ("increments", "objective"), [((0.25, 0.25, 0.25, 0.25), 400.0), ((0.25, 2.0), 900.0)]
)
def test_time_steps(backend: str, increments: tuple[float, ...], objective: float) -> None:
    """Demand 4 at 100: four quarters of an hour 400, a quarter and two hours 900."""
    _, nodes = served(*(4.0 for _ in increments))
    check(solved(backend, nodes, increments), objective)


def test_full_load_time_in_hours(backend: str) -> None:
    """Capacity 4 for 1 h of a quarter and two hours gives 4 of 9 units: 4 + 5 x 100 = 504."""
    nodes = with_source((4, 4), nominal_capacity=4.0, full_load_time_max=1.0, variable_costs=1.0)
    check(solved(backend, nodes, (0.25, 2.0)), 504.0)
