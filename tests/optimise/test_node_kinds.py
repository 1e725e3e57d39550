"""Nodes of derived classes, sub-networks and plain nodes have the rows that they inherit."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from odd_nodes import with_odd
from oemof import solph
from oemof.network import Node
from oemof.network.network.nodes import QualifiedLabel
from plain_solph import plain_objective, quietly
from small_graphs import BACKENDS, Nodes, served, solved, source, system

from meishan_model.optimise.errors import ModelError
from meishan_model.optimise.formulation.linopy_backend import state_problem
from meishan_model.optimise.formulation.reading import read_graph

components = solph.components


class House(solph.Bus):  # type: ignore[misc]
    """A bus with something else in it."""

    floor = 120.0


class Turbine(components.Source):  # type: ignore[misc]
    """A source by the area of its rotor."""

    def __init__(self, label: str, bus: solph.Bus, area: float) -> None:
        super().__init__(label, outputs={bus: solph.Flow(nominal_capacity=0.5 * area)})


class Load(components.Sink):  # type: ignore[misc]
    """A sink."""


class HeatPump(components.Converter):  # type: ignore[misc]
    """A converter with a factor that is worked out when it is asked for."""

    @property
    def conversion_factors(self) -> dict[Any, Any]:
        return {bus: solph.sequence(3.0) for bus in self.outputs} | {
            bus: solph.sequence(1.0) for bus in self.inputs
        }

    @conversion_factors.setter
    def conversion_factors(self, given: Any) -> None:
        pass


class Cable(components.Link):  # type: ignore[misc]
    """A link."""


class Tank(components.GenericStorage):  # type: ignore[misc]
    """A storage."""


class Flow(solph.Flow):  # type: ignore[misc]
    """A flow."""


class BigTank(Tank):
    """A class that derives from a derived one."""


def derived(*more: Any) -> Nodes:
    """A node of each derived class: wind by cable to a heat pump with a tank; demand 0, 6."""
    wind, house = solph.Bus(label="wind"), House(label="house")
    heat = solph.Bus(label="heat")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cable = Cable(
            label="cable",
            inputs={wind: Flow()},
            outputs={house: Flow()},
            conversion_factors={(wind, house): 0.5},
        )
    return [
        *(wind, house, heat, cable, Turbine("turbine", wind, area=4.0)),
        HeatPump(label="pump", inputs={house: Flow(variable_costs=1.0)}, outputs={heat: Flow()}),
        BigTank(
            label="tank",
            inputs={heat: Flow()},
            outputs={heat: Flow()},
            nominal_capacity=2.0,
            initial_storage_level=0.0,
            balanced=False,
        ),
        Load(label="load", inputs={heat: Flow(nominal_capacity=1.0, fix=[0, 6])}),
        source("dear", heat, variable_costs=100.0),
        *more,
    ]


@pytest.mark.parametrize("backend", BACKENDS)
def test_derived_classes(backend: str) -> None:
    """2 of wind in each step arrive as 1 and make 3 of heat, of which 2 are kept: 5 of 6.

    1 is dear, and the pump takes 2/3 and 1 at 1: 100 + 5/3.
    """
    found = solved(backend, derived())
    assert found.objective == pytest.approx(100.0 + 5 / 3)
    assert plain_objective(system(derived(), (1.0, 1.0))) == pytest.approx(100.0 + 5 / 3)


def test_each_node_is_stated_once() -> None:
    """A node is of one kind, which is the class that says how solph states it."""
    graph = read_graph(system(derived(Node("plain")), (1.0, 1.0)))
    kinds = (solph.Bus, *(getattr(components, k) for k in ("Source", "Sink", "Converter", "Link")))
    found = [node for kind in (*kinds, components.GenericStorage) for node in graph.of(kind)]
    assert sorted(str(n.label) for n in found) == sorted(str(n.label) for n in graph.nodes[:-1])
    assert [str(n.label) for n in graph.of(components.Converter)] == ["pump"]
    assert graph.of(HeatPump) == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_plain_node(backend: str) -> None:
    """A plain node has no rows: what flows into it and what flows out of it are apart."""
    bus, nodes = served(5, 5)
    into, out = solph.Flow(nominal_capacity=2.0), solph.Flow(nominal_capacity=3.0)
    into.variable_costs, out.variable_costs = -1.0, 10.0
    found = solved(backend, [*nodes, Node("plain", inputs={bus: into}, outputs={bus: out})])
    # Each unit into it earns 1 and costs 10 out of it, or 100: 2 x (3 x 10 + 2 x 100).
    assert found.objective == pytest.approx(460.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_flows_between_nodes_of_any_kind(backend: str) -> None:
    """From bus to bus 2 at 10 per unit, and from a source into a sink 3 that earn 1 each."""
    bus, nodes = served(5, 5)
    grid = solph.Bus(label="grid")
    grid.outputs[bus] = solph.Flow(nominal_capacity=2.0, variable_costs=10.0)
    end = components.Sink(label="end", inputs={})
    made = components.Source(
        label="made", outputs={end: solph.Flow(nominal_capacity=3.0, variable_costs=-1.0)}
    )
    found = solved(backend, [*nodes, grid, source("import", grid), end, made])
    assert found.objective == pytest.approx(2 * (2 * 10 + 3 * 100 - 3))


def district() -> solph.EnergySystem:
    """Two houses, each a node with nodes in it of the same local names, on one bus."""
    bus, nodes = served(0, 0)
    own = system(nodes, (1.0, 1.0))
    for number, demand in enumerate(((1.0, 2.0), (3.0, 0.0))):
        house = Node(f"house {number}")
        own.add(house)
        power = house.subnode(solph.Bus, "power", inputs={bus: solph.Flow(nominal_capacity=2.0)})
        cellar = house.subnode(Node, "cellar")
        cellar.subnode(
            components.Sink,
            "load",
            inputs={power: solph.Flow(nominal_capacity=1.0, fix=list(demand))},
        )
        cellar.subnode(
            components.Source, "engine", outputs={power: solph.Flow(variable_costs=300.0)}
        )
    return own


def test_sub_networks() -> None:
    """Nodes in nodes are nodes like all others, and their labels tell where they are.

    2 at most come in at 100: 3 + 2 of 6; the one that is left costs 300.
    """
    assert plain_objective(district()) == pytest.approx(800.0)
    problems = {name: backend.state_problem(district()) for name, backend in BACKENDS.items()}
    power = str(QualifiedLabel(("power", "house 0")))
    load = str(QualifiedLabel(("load", "cellar", "house 0")))
    for problem in problems.values():
        assert (power, load) in problem.labels.flow
        assert ("bus", power) in problem.labels.flow
    assert solved_by_both(problems) == pytest.approx([800.0, 800.0])


def solved_by_both(problems: dict[str, Any]) -> list[float]:
    """Objectives of the problems of some backends."""
    from meishan_model.optimise.solvers.highs import solve_highs

    return [solve_highs(p, methods=("simplex",), threads=1).objective for p in problems.values()]


class Shaft(components.experimental.PiecewiseLinearConverter):  # type: ignore[misc]
    """A class that derives from one that is refused."""


def test_derived_from_a_refused_class() -> None:
    """It is refused like the class from which it derives, by the name that its user knows."""

    def shaft(bus: solph.Bus) -> Nodes:
        gas = solph.Bus(label="gas")
        return [
            gas,
            Shaft(
                label="odd",
                inputs={gas: solph.Flow(nominal_capacity=5)},
                outputs={bus: solph.Flow()},
                in_breakpoints=[0, 5],
                conversion_function=lambda x: x,
                pw_repn="CC",
            ),
        ]

    with pytest.raises(ModelError, match=r"odd: Shaft; use backend pyomo"):
        state_problem(system(with_odd(shaft), (1.0, 1.0)))


def test_method_of_one_object() -> None:
    """A node whose own method says how it is stated is refused, whatever its class is."""
    bus, nodes = served(5, 5)
    bus.constraint_group = lambda: None
    with pytest.raises(ModelError, match="bus: Bus, which has a constraint_group of its own"):
        quietly(lambda: state_problem(system(nodes, (1.0, 1.0))))


ORDER = """
import hashlib
from oemof import solph
from small_graphs import served, source, system
from meishan_model.optimise.formulation.linopy_backend import state_problem

bus, nodes = served(3, 4)
fuels = [solph.Bus(label=f"fuel {i}") for i in range(6)]
nodes += [*fuels, *(source(f"well {i}", fuel) for i, fuel in enumerate(fuels))]
into = {fuel: solph.Flow(variable_costs=1.0) for fuel in fuels}
nodes.append(
    solph.components.Converter(
        label="mixer",
        inputs=into,
        outputs={bus: solph.Flow()},
        conversion_factors={fuel: 1.0 + i for i, fuel in enumerate(fuels)},
    )
)
problem = state_problem(system(nodes, (1.0, 1.0)))
told = [problem.matrix.indices, problem.matrix.data, problem.cost, problem.column_upper]
print(hashlib.sha256(b"".join(array.tobytes() for array in told)).hexdigest())
"""


def test_order_of_flows() -> None:
    """The problem is the same in every run, though nodes keep their inputs in sets."""
    found = {
        subprocess.run(
            [sys.executable, "-c", ORDER],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert next(iter(found)).strip()
