"""Converters whose efficiency depends on the load: solved by hand, and against ``solph.Model``."""

from __future__ import annotations

from typing import Any

import pytest
from chp_systems import INCREMENTS, drawn, offset_converter
from face_systems import flow, uneven
from face_systems import served as served_at_prices
from oemof import solph
from plain_solph import plain_objective, quietly
from small_graphs import BACKENDS, Nodes, served, solved, source, system
from test_frames import compare

from meishan_model.optimise import Model, SolverName
from meishan_model.optimise.errors import ModelError
from meishan_model.optimise.formulation.offset_converter import gives_without_taking

SLOPE, OFFSET = solph.components.slope_offset_from_nonconvex_output(1.0, 0.5, 0.5, 0.4)
OffsetConverter = solph.components.OffsetConverter


def plant(capacity: Any, *demand: float) -> Nodes:
    """From gas at 3 with an efficiency of 0.4 at half load and of 0.5 at full load."""
    bus, nodes = served(*demand)
    gas = solph.Bus(label="gas")
    output = flow(nominal_capacity=capacity, minimum=0.5, nonconvex=solph.NonConvex())
    node = OffsetConverter(
        label="plant",
        inputs={gas: flow()},
        outputs={bus: output},
        conversion_factors={gas: SLOPE},
        normed_offsets={gas: OFFSET},
    )
    return [*nodes, gas, source("well", gas, variable_costs=3.0), node]


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_efficiency_at_part_load(solver: SolverName) -> None:
    """The line through 12.5 of gas at 5 and 20 at 10 has a slope of 1.5 and an offset of 5.

    4 is below the least load and dear, for one hour; 5 for two hours and 8 for a half need gas of
    12.5 and 1.5 x 8 + 5 = 17: 4 x 100 + 2 x 12.5 x 3 + 0.5 x 17 x 3 = 500.5.
    """
    made = system(plant(10.0, 4, 5, 8), (1.0, 2.0, 0.5))
    solution = Model(made).solve(solver=solver)
    assert solution.objective == pytest.approx(500.5)
    assert solution.flow["gas", "plant"].tolist() == pytest.approx([0.0, 12.5, 17.0])
    assert solution.frame("status").to_numpy().ravel() == pytest.approx([0.0, 1.0, 1.0])


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_capacity_to_be_built(solver: SolverName) -> None:
    """At 11 per unit a capacity of 9 serves 5 and 9: it is above half load in both hours.

    Gas is 1.5 x 5 + 0.5 x 9 = 12 and 2 x 9 = 18: 9 x 11 + 3 x (12 + 18) = 189. One unit less
    saves 11 + 3 x 0.5 + 3 x 2 = 18.5 and costs 100.
    """
    size = solph.Investment(ep_costs=11.0, maximum=20.0)
    solution = Model(system(plant(size, 5, 9), (1.0, 1.0))).solve(solver=solver)
    assert solution.objective == pytest.approx(189.0)
    assert solution.flow_investment["plant", "bus"] == pytest.approx(9.0)
    assert solution.flow["gas", "plant"].tolist() == pytest.approx([12.0, 18.0])


@pytest.mark.parametrize("seed", range(8))
def test_random_systems(seed: int) -> None:
    """The optimum is that of solph, whichever flow is the one of reference."""
    expected = plain_objective(system(offset_converter(drawn(seed)), INCREMENTS))
    found = quietly(lambda: solved("linopy", offset_converter(drawn(seed)), INCREMENTS))
    assert found.objective == pytest.approx(expected, rel=1e-5)


def test_frames() -> None:
    """Of a converter with reference to its input, and of one to be built."""
    power, nodes = served_at_prices()
    gas = solph.Bus("gas")
    running = solph.NonConvex(startup_costs=9.0, initial_status=0)
    size = solph.Investment(ep_costs=37.0, maximum=5.0)
    unit = OffsetConverter(
        label="unit",
        inputs={gas: flow(nominal_capacity=9.0, minimum=0.3, nonconvex=running)},
        outputs={power: flow(variable_costs=0.3)},
        conversion_factors={power: [0.5, 0.52, 0.49, 0.51, 0.5]},
        normed_offsets={power: -0.07},
    )
    built = OffsetConverter(
        label="built",
        inputs={gas: flow()},
        outputs={power: flow(nominal_capacity=size, minimum=0.4, nonconvex=solph.NonConvex())},
        conversion_factors={gas: 1.7},
        normed_offsets={gas: 0.2},
    )
    well = source("well", gas, variable_costs=[20.1, 24.9, 41.3, 22.7, 23.3])
    compare(uneven([*nodes, gas, well, unit, built]), "linopy")


def turned(
    *, at_input: bool, slope: Any, offset: Any, minimum: Any = 0.0, **others: Any
) -> OffsetConverter:
    """A converter of one input and one output, with reference to one of them."""
    buses = solph.Bus(label="in"), solph.Bus(label="out")
    reference = flow(nominal_capacity=10.0, minimum=minimum, nonconvex=solph.NonConvex(), **others)
    flows = (reference, flow()) if at_input else (flow(), reference)
    other = buses[at_input]
    return OffsetConverter(
        label="plant",
        inputs={buses[0]: flows[0]},
        outputs={buses[1]: flows[1]},
        conversion_factors={other: slope},
        normed_offsets={other: offset},
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"at_input": True, "slope": 0.5, "offset": 0.1}, True),
        ({"at_input": True, "slope": 0.5, "offset": 0.1, "minimum": 0.1}, False),
        ({"at_input": True, "slope": 0.5, "offset": 0.1, "minimum": [0.1, 0.0]}, True),
        ({"at_input": True, "slope": 0.5, "offset": [0.1, 0.0], "minimum": [0.1, 0.0]}, False),
        ({"at_input": True, "slope": 0.5, "offset": 0.0}, False),
        ({"at_input": True, "slope": 0.7, "offset": -0.1}, False),
        ({"at_input": False, "slope": 2.0, "offset": 0.1}, False),
        ({"at_input": False, "slope": 2.0, "offset": -0.1}, True),
        ({"at_input": False, "slope": 2.0, "offset": -0.1, "minimum": 0.1}, False),
        ({"at_input": False, "slope": -1.0, "offset": 0.5}, True),
        ({"at_input": False, "slope": -1.0, "offset": 0.5, "maximum": 0.4}, False),
        ({"at_input": False, "slope": 0.0, "offset": 0.1}, False),
        ({"at_input": False, "slope": 0.0, "offset": 0.0}, True),
    ],
)
def test_what_gives_without_taking(given: dict[str, Any], expected: bool) -> None:
    """By the loads at which nothing is taken, and what is given there."""
    assert gives_without_taking(turned(**given), 2) is expected


def test_nothing_is_taken() -> None:
    """On at no load it gives a tenth of its capacity for nothing, as in solph."""

    def nodes() -> Nodes:
        bus, found = served(1, 3)
        gas = solph.Bus(label="gas")
        input_flow = flow(nominal_capacity=10.0, nonconvex=solph.NonConvex())
        node = OffsetConverter(
            label="plant",
            inputs={gas: input_flow},
            outputs={bus: flow()},
            conversion_factors={bus: 0.5},
            normed_offsets={bus: 0.1},
        )
        return [*found, gas, source("well", gas, variable_costs=3.0), node]

    solution = solved("linopy", nodes())
    # 3 takes (3 - 1) / 0.5 = 4 of gas.
    assert solution.flow["gas", "plant"].tolist() == pytest.approx([0.0, 4.0])
    assert solution.objective == pytest.approx(12.0)
    assert plain_objective(system(nodes(), (1.0, 1.0))) == pytest.approx(12.0)


def late(change: str) -> Nodes:
    """A plant that was changed after it was made."""
    nodes = plant(10.0, 5, 5)
    node, bus = nodes[-1], nodes[0]
    if change == "output":
        node.outputs[solph.Bus(label="late")] = flow()
        nodes += [bus for bus in node.outputs if str(bus.label) == "late"]
    else:
        node.outputs[bus] = flow()
    return nodes


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("output", "plant: no conversion factor or normed offset of late"),
        ("convex", "plant: the flow of bus is not nonconvex any more"),
    ],
)
def test_what_solph_fails_at(change: str, told: str, backend: str) -> None:
    """Changes after the check of the constructor."""
    with pytest.raises(ModelError, match=f"^no backend states: {told}$"):
        solved(backend, late(change))
    with pytest.raises((AttributeError, KeyError)):
        plain_objective(system(late(change), (1.0, 1.0)))


def test_both_ends_at_one_bus() -> None:
    """Solph has no row then: the least load of 3 is given for nothing, and so is all else."""

    def nodes() -> Nodes:
        bus, found = served(5, 5)
        output = flow(nominal_capacity=6, minimum=0.5, nonconvex=solph.NonConvex())
        return [*found, OffsetConverter(inputs={bus: flow()}, outputs={bus: output}, label="loop")]

    with pytest.raises(ModelError, match="loop: an input and an output of bus, of which solph"):
        solved("linopy", nodes())
    assert plain_objective(system(nodes(), (1.0, 1.0))) == pytest.approx(0.0)
