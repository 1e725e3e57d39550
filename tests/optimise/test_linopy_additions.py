"""The linopy model in a user's hands: what is changed in it counts, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hand_solved import demand_on, energy_system, source
from hypothesis import given
from oemof import solph
from own_row_cases import COUPLED, coupled, invested, two_engines
from random_graphs import Plan, build, plans
from test_linopy_equals_pyomo import drawn

from meishan_model.optimise import InfeasibleError, Model, ModelError


def test_linopy_rows_count() -> None:
    """A constraint added by linopy's own means counts, before the first solve and after it."""
    model = Model(energy_system(3, two_engines()))
    linopy = model.linopy
    assert model.solve().objective == pytest.approx(COUPLED.without)
    size = linopy.variables["invest(small->bus)"]
    linopy.add_constraints(size.sum() <= 2.0, name="by hand")
    solution = model.solve()
    assert solution.objective == pytest.approx(20.0 + 16.0 + 5.0 * 6.0 + 8.0 * 6.0)
    assert solution.row_dual is not None
    assert solution.row_dual["by hand"].to_list() == pytest.approx([10.0 + 15.0 - 4.0 - 24.0])
    with pytest.raises(ModelError, match="rows named by hand already"):
        model.add_rows("by hand", model.flow("small", "bus"), "<=", 1.0)
    linopy.remove_constraints("by hand")
    assert model.solve().objective == pytest.approx(COUPLED.without)


def test_linopy_columns_and_costs_count() -> None:
    """A tax of 1 on a unit of the small engine above 1.5, as a column and a cost of linopy."""
    model = Model(energy_system(3, two_engines()))
    coupled(model, 0.0)
    linopy = model.linopy
    above = linopy.add_variables(lower=0.0, name="above")
    linopy.add_constraints(above - linopy.variables["invest(small->bus)"].sum() >= -1.5, name="a")
    linopy.objective = linopy.objective + 1.0 * above
    assert model.solve().objective == pytest.approx(COUPLED.objective + 2.5)
    model.linopy.objective = 0.0 * above
    assert model.solve().objective == pytest.approx(0.0)


def test_linopy_solves_what_is_handed_out() -> None:
    """Its objective is that of the model but for a constant: fixed flows cost 8 in all."""
    bus = solph.Bus("bus")
    paid = solph.Flow(nominal_capacity=1.0, fix=[1, 2, 1], variable_costs=2.0)
    nodes = [bus, solph.components.Sink("load", inputs={bus: paid})]
    model = Model(energy_system(3, [*nodes, invested("engine", bus, 7.0, variable_costs=1.0)]))
    assert model.linopy.solve(solver_name="highs", log_to_console=False)[0] == "ok"
    assert model.linopy.objective.value == pytest.approx(14.0 + 4.0)
    assert model.solve().objective == pytest.approx(14.0 + 4.0 + 8.0)


@drawn
@given(plans())
def test_what_is_handed_out_is_what_is_solved(plan: Plan) -> None:
    """The problem is the same in arrays and by way of the linopy model, and in the same order."""
    try:
        model = Model(build(plan), plan.limits)
    except InfeasibleError:  # a false row
        return
    own = model.problem
    _ = model.linopy
    other = model.problem
    assert own.matrix.shape == other.matrix.shape
    assert (own.matrix != other.matrix).nnz == 0
    for name in ("row_lower", "row_upper", "column_lower", "column_upper", "cost", "integer"):
        np.testing.assert_array_equal(getattr(own, name), getattr(other, name), name)
    assert own.cost_offset == other.cost_offset


def test_rows_of_the_energy_system_may_be_removed() -> None:
    """Without the limit on fuel in the linopy model the limit has no price and binds nothing."""
    bus = solph.Bus("bus")
    cheap = source("cheap", bus, variable_costs=1.0, custom_properties={"fuel": 1.0})
    nodes = [bus, cheap, source("dear", bus, variable_costs=9.0)]
    model = Model(energy_system(3, [*nodes, demand_on(bus, {"bus": (1, 1, 1)})]), {"fuel": 2.0})
    assert model.solve().objective == pytest.approx(11.0)
    model.linopy.remove_constraints("integral_limit(fuel)")
    solution = model.solve()
    assert solution.objective == pytest.approx(3.0)
    assert solution.limit_price == {}


def quadratic(linopy: Any) -> None:
    size = linopy.variables["invest(small->bus)"]
    linopy.objective = (size * size).sum()


def maximised(linopy: Any) -> None:
    linopy.objective.sense = "max"


def semi_continuous(linopy: Any) -> None:
    linopy.add_variables(lower=1.0, upper=2.0, semi_continuous=True, name="semi")


def ordered_set(linopy: Any) -> None:
    weights = linopy.add_variables(0.0, 1.0, coords=[pd.RangeIndex(3, name="i")], name="weights")
    linopy.add_sos_constraints(weights, 2, "i")


def indicator(linopy: Any) -> None:
    on = linopy.add_variables(binary=True, name="on")
    size = linopy.variables["invest(small->bus)"].sum()
    linopy.add_indicator_constraints(on, 1, size, "<=", 2.0, name="if")


def scaled(linopy: Any) -> None:
    linopy.objective.scaling = 10.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (quadratic, "quadratic"),
        (maximised, "maximised"),
        (semi_continuous, "semi-continuous"),
        (ordered_set, "special ordered sets"),
        (indicator, "indicator"),
        (scaled, "scale"),
    ],
)
def test_what_is_not_linear_is_refused(change: Callable[[Any], None], said: str) -> None:
    """What the engine would drop in silence is an error that says what it is."""
    model = Model(energy_system(3, two_engines()))
    change(model.linopy)
    with pytest.raises(ModelError, match=said):
        model.solve()
