"""Constraints that do not fit their model are refused, and say what is wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from constraint_systems import CHEAP, DEAR, built, on_or_off, plants
from oemof import solph
from small_graphs import system, with_store

from meishan_model.optimise import Model, ModelError, constraints

Invest = solph.Investment


def nothing_to_limit(model: Model) -> Model:
    return constraints.limit_active_flow_count_by_keyword(model, "ours", 0, 1)


REFUSED: dict[str, tuple[Callable[[], Model], Callable[[Model], object]]] = {
    "there is no flow cheap->gas": (
        plants,
        lambda m: constraints.equate_flows(m, [("cheap", "gas")], [DEAR]),
    ),
    "cheap is no flow; give its source and target": (
        plants,
        lambda m: constraints.equate_flows(m, CHEAP, [DEAR]),
    ),
    "equate_flows has no flows in either group": (
        plants,
        lambda m: constraints.equate_flows(m, [], []),
    ),
    "no flow has the custom property mine": (
        plants,
        lambda m: constraints.equate_flows_by_keyword(m, "ours", "mine"),
    ),
    "var2 is no expression but int; give one": (
        plants,
        lambda m: constraints.equate_variables(m, m.flow(*CHEAP)[0], 3),
    ),
    "no custom property ours in flow dear->bus; give it one": (
        plants,
        lambda m: constraints.generic_integral_limit(m, "ours", [CHEAP, DEAR], 3),
    ),
    "integral_limit_ours has neither a lower nor an upper limit": (
        plants,
        lambda m: constraints.generic_integral_limit(m, "ours"),
    ),
    "at least 3 and at most 2": (
        plants,
        lambda m: constraints.generic_integral_limit(m, "ours", None, 2, 3),
    ),
    "there is no NonConvex in flow dear->bus": (
        lambda: on_or_off((2, 4)),
        lambda m: constraints.limit_active_flow_count(m, "own", [CHEAP, DEAR]),
    ),
    "no flow with NonConvex has the custom property ours": (plants, nothing_to_limit),
    "own has no flows to count": (
        plants,
        lambda m: constraints.limit_active_flow_count(m, "own", []),
    ),
    "no Investment of a flow has the custom property room": (
        built,
        lambda m: constraints.additional_investment_flow_limit(m, "room", 3),
    ),
    "investment_limit has no limit; give one": (built, constraints.investment_limit),
    "quantity is a method of the model, .* no Expression": (
        plants,
        lambda m: constraints.shared_limit(m, m.flow(*CHEAP), "own", [CHEAP], [1]),
    ),
    "own has 2 components and 1 weights": (
        plants,
        lambda m: constraints.shared_limit(m, m.flow, "own", [CHEAP, DEAR], [1]),
    ),
    "there is no storage cheap": (
        plants,
        lambda m: constraints.shared_limit(m, m.content, "own", ["cheap"], [1]),
    ),
    "flow dear->bus has no nominal_capacity that is a number": (
        lambda: Model(system(with_store((0, 4), (20, 0), nominal_capacity=9.0), (1.0, 1.0))),
        lambda m: constraints.storage_level_constraint(m, "own", "store", "bus", {"dear": 0}, {}),
    ),
    "storage store has no nominal_capacity that is a number": (
        lambda: Model(system(with_store((0, 4), (20, 0), nominal_capacity=Invest()), (1, 1))),
        lambda m: constraints.storage_level_constraint(m, "own", "store", "bus", {}, {}),
    ),
    "there is no investment in cheap->bus that is not convex": (
        built,
        lambda m: m.invest_status(*CHEAP),
    ),
    "flow is the name of a frame; give the columns another one": (
        built,
        lambda m: m.add_columns("flow", CHEAP, 0, 1),
    ),
    "the lower bound of columns own": (built, lambda m: m.add_columns("own", CHEAP, 2, 1)),
    "a bound of columns own": (built, lambda m: m.add_columns("own", CHEAP, None, 1)),
    "own: its quantity is not that of its components": (
        built,
        lambda m: constraints.shared_limit(m, m.content, "own", [CHEAP], [1], upper_limit=1),
    ),
    "there is no bath for columns own": (built, lambda m: m.add_columns("own", "bath", 0, 1)),
}


@pytest.mark.parametrize("said", REFUSED)
def test_refused(said: str) -> None:
    """What is wrong is named, and nothing has been added."""
    build, apply = REFUSED[said]
    model = build()
    with pytest.raises(ModelError, match=said):
        apply(model)
    assert model.row_names == ()


def test_properties_that_are_no_numbers() -> None:
    """Are named where they are limited."""
    model = built()
    for edge, flow in model.energy_system.flows().items():
        if str(edge[0].label) == "cheap":
            flow.custom_properties["odour"] = [1.0, np.nan]
    with pytest.raises(ModelError, match="cheap->bus: odour is not a number in step 1"):
        constraints.generic_integral_limit(model, "odour", upper_limit=1)
