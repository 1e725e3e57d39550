"""Numbers of every type a table may hold, in every attribute that is a number.

Both backends find the optimum that solph itself finds with plain floats, or refuse the attribute
by its name, and then solph fails as well. The linopy backend is more tolerant with truth values,
decimals, fractions and numbers of few bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from number_cases import CASES, KEYWORD, Case
from oemof import solph
from plain_solph import plain_model, quietly, solve_plainly
from small_graphs import BACKENDS, Nodes, served, solved, source, system, with_source, with_store

from meishan_model.optimise.errors import ModelError
from meishan_model.optimise.formulation.values import refuse_values

Invest = solph.Investment
HALF, SERIES = 0.5, (0.5, 1.0, 0.75)
LIMIT = 1.5
SCALARS: Mapping[str, Callable[[float], Any]] = {
    "float64": np.float64,
    "int64": np.int64,
    "float32": np.float32,
    "int": int,
}
WHOLE = ("int", "int64", "uint8", "bool", "bool_")
"""Types of whole numbers."""
LISTS: Mapping[str, Callable[[list[float]], Any]] = {
    "dates": lambda v: pd.Series(v, index=pd.date_range("2035-06-01", periods=len(v), freq="h")),
    "float32s": lambda values: np.array(values, dtype=np.float32),
    "tuple": tuple,
    "array": np.array,
    "objects": lambda values: np.array(values, dtype=object),
    "offset": lambda values: pd.Series(values, index=range(7, 7 + len(values))),
    "Float64": lambda values: pd.Series(values, dtype="Float64"),
    "longer": lambda values: [*values, 9.0, float("nan")],
}
TOLERATED: Mapping[str, Callable[[Any], Any]] = {
    "bool": bool,
    "bool_": np.bool_,
    "uint8": np.uint8,
    "Decimal": lambda value: Decimal(str(value)),
    "Fraction": Fraction,
    "decimals": lambda values: [Decimal(str(value)) for value in values],
    "fractions": lambda values: [Fraction(value) for value in values],
}
NO_NUMBERS: Mapping[str, Callable[[float], Any]] = {
    "text": str,
    "NA": lambda _: pd.NA,
    "nan": lambda _: float("nan"),
    "complex": complex,
    "infinite": lambda _: -float("inf"),
    "function": lambda _: max,
}
NO_SERIES: Mapping[str, Callable[[list[float]], Any]] = {
    "missing": lambda values: pd.Series([None, *values[1:]], dtype="Float64"),
    "texts": lambda values: [str(value) for value in values],
    "0-d": lambda values: np.array(values[0]),
    "generator": lambda values: (value for value in values),
    "table": lambda values: [[value] for value in values],
    "empty": lambda _: [],
}
NO_SINGLES: Mapping[str, Callable[[float], Any]] = {
    "list": lambda value: [value, value],
    "array": lambda value: np.array([value, value]),
    "Series": lambda value: pd.Series([value]),
}
"""Not for attributes that are one number."""


def values(kind: str, case: Case) -> Any:
    """Plain numbers for a type: a whole one, one that is not, or several."""
    if kind in LISTS or kind in NO_SERIES or kind in ("decimals", "fractions"):
        return list(SERIES[: case.count])
    return case.whole if kind in WHOLE else HALF


def taken(kind: str) -> dict[str, Case]:
    """Attributes that may have values of a type."""
    return {
        name: case for name, case in CASES.items() if case.count or np.isscalar(values(kind, case))
    }


def together(kind: str, make: Callable[[Any], Any]) -> list[Any]:
    """Nodes of all attributes with values of a type; without those that solph does not build."""
    nodes = []
    for name, case in taken(kind).items():
        try:
            nodes += case.build(name, make(values(kind, case)))
        except (TypeError, ValueError, IndexError):
            assert kind in ("bool_", "Decimal"), f"solph does not build {name}"
            nodes += case.build(name, values(kind, case))
    return nodes


def plain(value: Any) -> Any:
    """A value as it is."""
    return value


def solved_plainly(nodes: list[Any]) -> float:
    """Optimum of nodes by solph alone, with the custom property limited where there is one."""
    model = plain_model(system(nodes, (1.0, 1.0)))
    if any(KEYWORD in flow.custom_properties for flow in model.flows.values()):
        solph.constraints.generic_integral_limit(model, KEYWORD, upper_limit=LIMIT)
    return solve_plainly(model)


@cache
def with_floats(shape: str) -> float:
    """Optimum by solph alone with plain floats of a shape: whole, half or several."""
    kind = {"whole": "int64", "half": "float64", "several": "array"}[shape]
    return quietly(lambda: solved_plainly(together(kind, plain)))


def optimum(backend: str, kind: str, make: Callable[[Any], Any]) -> float:
    """Optimum of all attributes with values of a type."""
    nodes = quietly(lambda: together(kind, make))
    return quietly(lambda: solved(backend, nodes, limits={KEYWORD: LIMIT})).objective


FAST = ("float64", "dates")
EVERY = [
    pytest.param(kind, marks=() if kind in FAST else pytest.mark.slow)
    for kind in (*SCALARS, *LISTS)
]


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("backend", BACKENDS)
def test_type_of_numbers(backend: str, kind: str) -> None:
    """Numbers and series of a type are read as plain floats and lists are."""
    make = {**SCALARS, **LISTS}[kind]
    shape = "several" if kind in LISTS else "whole" if kind in WHOLE else "half"
    assert optimum(backend, kind, make) == pytest.approx(with_floats(shape))


@pytest.mark.parametrize("kind", TOLERATED)
@pytest.mark.slow
def test_tolerated_type(kind: str) -> None:
    """The linopy backend also reads truth values and other kinds of numbers as numbers."""
    several = kind in ("decimals", "fractions")
    shape = "several" if several else "whole" if kind in WHOLE else "half"
    assert optimum("linopy", kind, TOLERATED[kind]) == pytest.approx(with_floats(shape))


def test_truth_values_stop_pyomo() -> None:
    """Where solph fails at a truth value, the attribute that holds it is named."""
    nodes = CASES["costs"].build("north", [True, False])
    with pytest.raises(
        ModelError, match=r"truth values .* north cheap->north bus: variable_costs"
    ):
        solved("pyomo", nodes)


def test_few_bits_stop_pyomo() -> None:
    """Pyomo negates numbers in their own type, which those without a sign do not have."""
    nodes = CASES["existing"].build("north", np.uint8(1))
    with pytest.raises(ModelError, match="uint8"):
        solved("pyomo", nodes)


@pytest.mark.parametrize("name", CASES)
def test_no_number(name: str) -> None:
    """What is no number is refused by the name of its attribute."""
    case = CASES[name]
    refused = {**NO_NUMBERS, **(NO_SERIES if case.count else NO_SINGLES)}
    told = 0
    for kind, make in refused.items():
        given = make(list(SERIES[: case.count]) if kind in NO_SERIES else HALF)
        try:
            nodes = quietly(lambda: case.build(name, given))  # noqa: B023
        except (TypeError, ValueError, IndexError, AttributeError):
            continue  # solph does not build it
        with pytest.raises(ModelError, match=f": {case.attribute} .*(is|has|holds) "):
            refuse_values(system(nodes, (1.0, 1.0)), {KEYWORD})
        told += 1
    # solph itself takes nothing else for a capacity, a first maximum or a first content.
    assert told or name in ("capacity", "maximum", "content", "initial", "initial bought")


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.count])
@pytest.mark.slow
def test_solph_fails_too(name: str) -> None:
    """What is refused solph does not state either, or it finds no number for an optimum."""
    case = CASES[name]
    for kind in ("texts", "0-d", "generator", "empty"):
        given = NO_SERIES[kind](list(SERIES[: case.count]))
        with pytest.raises((TypeError, ValueError, IndexError)):
            quietly(lambda: solved_plainly(case.build(name, given)))  # noqa: B023


def test_properties_that_are_not_limited() -> None:
    """Custom properties may be anything unless they are limited, as from a table with gaps."""
    anything = {"source": "a table", "gap": float("nan"), "built": pd.NaT, KEYWORD: 1.0}
    nodes = CASES["costs"].build("north", 1.0)
    next(iter(nodes[-2].outputs.values())).custom_properties.update(anything)
    for backend in BACKENDS:
        assert solved(backend, nodes, limits={KEYWORD: 2.0}).objective == pytest.approx(202.0)


NAN = float("nan")
VALUES: dict[str, tuple[Nodes, str]] = {
    "fix": (with_source((4, 4), nominal_capacity=1.0, fix=[1.0, NAN]), "not a number in step 1"),
    "maximum": (with_source((4, 4), nominal_capacity=1, maximum=[1.0]), "1 values, 2 are needed"),
    "variable_costs": (with_source((4, 4), variable_costs=float("inf")), "is infinite"),
    "minimum of the investment": (
        with_source((4, 4), nominal_capacity=Invest(minimum=None)),
        "is None",
    ),
    "max_storage_level": (
        with_store((0, 4), (4, 1), nominal_capacity=9.0, max_storage_level=[1.0, 0.5]),
        "2 values, 3 are needed",
    ),
    "full_load_time_max": (
        with_source((4, 4), nominal_capacity=1.0, full_load_time_max=[3.0]),
        "is no number but list",
    ),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("attribute", VALUES)
def test_value_that_cannot_be_stated(backend: str, attribute: str) -> None:
    """What is no finite number, or too short, is told by its name and step; nothing is dropped."""
    nodes, told = VALUES[attribute]
    with pytest.raises(ModelError, match=rf"(cheap->bus|store): {attribute} (.* )?{told}"):
        solved(backend, nodes)


@pytest.mark.parametrize("backend", BACKENDS)
def test_limits_that_are_infinite(backend: str) -> None:
    """An upper limit may be infinite where it is a share of a capacity: it limits nothing."""
    endless = float("inf")
    nodes = with_source(
        (1, 5),
        nominal_capacity=4.0,
        maximum=[1.0, endless],
        positive_gradient_limit=endless,
        full_load_time_max=endless,
    )
    assert solved(backend, nodes).objective == pytest.approx(0.0)
    nodes = with_source((1, 5), nominal_capacity=0.0, maximum=[1.0, endless])
    with pytest.raises(ModelError, match="maximum is infinite in step 1"):
        solved(backend, nodes)


def test_many_values() -> None:
    """Of many values that cannot be stated the first ten are told, and how many there are."""
    bus, nodes = served(4, 4)
    nodes += [source(f"plant{i}", bus, variable_costs=[NAN, 1.0]) for i in range(13)]
    with pytest.raises(ModelError, match=r"plant0->bus: variable_costs .* and 3 more$"):
        solved("linopy", nodes)
