"""The table of attributes is complete, shown in the documentation, and true.

Run as a program it writes the tables into the page.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attribute_examples import EXAMPLES
from constraint_calls import CALLS, OWN_CALLS
from odd_nodes import ODD
from oemof import solph
from plain_solph import plain_model, quietly, solve_plainly
from small_graphs import BACKENDS

from meishan_model.optimise import Model
from meishan_model.optimise.errors import ModelError
from meishan_model.optimise.formulation import pyomo_backend
from meishan_model.optimise.formulation.attributes import (
    CLASSES,
    FUNCTIONS,
    is_refused,
    tables_text,
)
from meishan_model.optimise.solvers.highs import solve_highs

PAGE = Path(__file__).parents[2] / "docs" / "engine-attributes.md"
BEGIN = "<!-- The tables are written by tests/optimise/test_attribute_table.py -->\n"
STRUCTURE = ("label", "inputs", "outputs")
"""What every energy system has; without it there is none to compare with."""


def public(module: ModuleType) -> dict[str, Any]:
    """What a module of solph offers."""
    return {name: getattr(module, name) for name in module.__all__}


def classes() -> dict[str, type]:
    """Classes of solph that a user constructs to describe an energy system."""
    offered = {
        **public(solph),
        **public(solph.buses),
        **public(solph.flows),
        **public(solph.components),
        **public(solph.components.experimental),
    }
    others = ("Model", "Results")  # made from an energy system, not part of one
    return {
        name: thing
        for name, thing in offered.items()
        if inspect.isclass(thing) and name not in others
    }


def parameters(thing: Callable[..., Any]) -> list[str]:
    """Names of the parameters of a function, or of the constructor of a class."""
    return list(inspect.signature(thing).parameters)


def test_every_class_is_in_the_table() -> None:
    """Neither more nor fewer classes than solph has."""
    assert set(CLASSES) == set(classes())


@pytest.mark.parametrize("name", sorted(classes()))
def test_every_attribute_is_in_the_table(name: str) -> None:
    """Neither more nor fewer attributes than the constructor has."""
    assert set(CLASSES[name]) == set(parameters(classes()[name]))


def test_every_function_is_in_the_table() -> None:
    """Neither more nor fewer functions and parameters than ``solph.constraints`` has."""
    offered = {n: f for n, f in public(solph.constraints).items() if inspect.isfunction(f)}
    assert set(FUNCTIONS) == set(offered)
    for name, function in offered.items():
        assert set(FUNCTIONS[name]) == set(parameters(function)), name


def test_page_shows_the_tables() -> None:
    """The page of the documentation ends with the tables as they are."""
    text = PAGE.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2] == "\n" + tables_text()


def _entries(*statuses: str) -> list[tuple[str, str]]:
    return [
        (kind, name)
        for kind, attributes in CLASSES.items()
        for name, attribute in attributes.items()
        if attribute.status in statuses and not is_refused(kind)
    ]


TIMES = {("EnergySystem", name) for name in ("periods", "groupings")}
"""Tested with the pyomo backend and with the refusals."""


def test_every_entry_has_an_example() -> None:
    """What the table says is checked by an energy system for every attribute."""
    entries = set(_entries("stated", "differs", "ignored", "refused"))
    entries = {(kind, name) for kind, name in entries if name not in STRUCTURE}
    failing = {(kind, name) for kind, name in EXAMPLES if CLASSES[kind][name].status == "fails"}
    assert set(EXAMPLES) == (entries - TIMES) | failing


def _optimum(backend: str, build: Callable[[], Any], limits: Mapping[str, float]) -> float:
    problem = quietly(lambda: BACKENDS[backend].state_problem(build(), limits))
    return solve_highs(problem, methods=("simplex",), threads=1).objective


def _plainly(build: Callable[[], Any], limits: Mapping[str, float]) -> float:
    model = plain_model(quietly(build))
    for keyword, limit in limits.items():
        solph.constraints.generic_integral_limit(model, keyword, upper_limit=limit)
    return solve_plainly(model)


def _ids(entries: list[tuple[str, str]]) -> list[str]:
    return [".".join(entry) for entry in entries]


STATED = [entry for entry in _entries("stated", "differs") if entry[1] not in STRUCTURE]
IGNORED = _entries("ignored")


@pytest.mark.parametrize("entry", STATED, ids=_ids(STATED))
def test_stated(entry: tuple[str, str]) -> None:
    """An attribute that is stated changes the optimum, as it does in solph alone."""
    given, default, limits = EXAMPLES[entry]
    expected = _plainly(given, limits)
    assert expected != pytest.approx(_plainly(default, limits)), "the example shows nothing"
    for backend in BACKENDS:
        assert _optimum(backend, given, limits) == pytest.approx(expected), backend


@pytest.mark.parametrize("entry", IGNORED, ids=_ids(IGNORED))
def test_ignored(entry: tuple[str, str]) -> None:
    """An attribute that is ignored changes nothing, neither in solph alone nor here."""
    given, default, limits = EXAMPLES[entry]
    expected = _plainly(default, limits)
    assert _plainly(given, limits) == pytest.approx(expected)
    for backend in BACKENDS:
        assert _optimum(backend, given, limits) == pytest.approx(expected), backend


FAILING = [entry for entry in EXAMPLES if CLASSES[entry[0]][entry[1]].status == "fails"]


@pytest.mark.parametrize("entry", FAILING, ids=_ids(FAILING))
def test_fails(entry: tuple[str, str]) -> None:
    """What no backend states is named, and fails on solph's own way to a solver."""
    given, _, limits = EXAMPLES[entry]
    for backend in BACKENDS:
        with pytest.raises(ModelError, match=f"^no backend states: .*{entry[1]}"):
            _optimum(backend, given, limits)
    with pytest.raises(Exception, match="degree"):
        _plainly(given, limits)


def test_refused_classes() -> None:
    """Classes that are refused as a whole are nodes that are refused."""
    assert {kind for kind in CLASSES if is_refused(kind)} == set(ODD)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_function_of_constraints(name: str) -> None:
    """A function of ``solph.constraints`` does to a model of either backend what it does there."""
    build, apply = CALLS[name]
    free, model = plain_model(quietly(build)), plain_model(quietly(build))
    quietly(lambda: apply(model))
    stated = quietly(lambda: pyomo_backend.state(build()))
    quietly(lambda: apply(stated))
    problem = pyomo_backend.compile_problem(stated)
    found = solve_highs(problem, methods=("simplex",), threads=1).objective
    assert found == pytest.approx(solve_plainly(model), rel=1e-5)
    assert found != pytest.approx(solve_plainly(free)), "the example shows nothing"
    by_linopy = {a.status for a in FUNCTIONS[name].values()} <= {"stated", "differs"}
    assert (name in OWN_CALLS) == by_linopy
    if by_linopy:
        ours = OWN_CALLS[name](Model(quietly(build)))
        assert ours.solve().objective == pytest.approx(found)


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8").partition(BEGIN)[0]
    PAGE.write_text(before + BEGIN + "\n" + tables_text(), encoding="utf-8")
