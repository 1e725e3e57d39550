"""Rows of one's own: solved on paper, and as ``solph.Model`` with the same rows added by hand."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo
import pytest
from hand_solved import SOLVERS, Nodes, close, demand_on, energy_system, source
from oemof import solph

from meishan_model.optimise import InfeasibleError, Model, ModelError, SolverName
from meishan_model.optimise.formulation.expressions import Expression

HOURS = pd.date_range("2035-07-14 17:00", periods=3, freq="h")


@dataclass(frozen=True)
class Case:
    """A system with rows of one's own, and its solution on paper.

    Attributes
    ----------
    build
        Its nodes.
    add
        Adds the rows to a model, with a change of their bound.
    by_hand
        The same rows in pyomo, of a ``solph.Model`` and its nodes by label.
    objective, without
        Cost with the rows, and without them.
    duals
        Of the rows named ``own``.
    flows
        What the optimum must show.
    """

    build: Callable[[], Nodes]
    add: Callable[[Model, float], None]
    by_hand: Callable[[solph.Model, dict[str, Any]], Any]
    objective: float
    without: float
    duals: tuple[float, ...]
    flows: dict[tuple[str, str], tuple[float, ...]]


def invested(label: str, bus: solph.Bus, cost: float, **flow: Any) -> solph.components.Source:
    return source(label, bus, nominal_capacity=solph.Investment(ep_costs=cost), **flow)


def sunny() -> Nodes:
    bus = solph.Bus("bus")
    sun = invested("sun", bus, 60.0, fix=[0.0, 1.0, 0.5])
    return [bus, sun, source("grid", bus, variable_costs=30.0), demand_on(bus, {"bus": (4, 8, 8)})]


def share(model: Model, more: float) -> None:
    part, whole = model.energy("sun", "bus"), model.energy("bus", "bus_demand")
    model.add_rows("own", part - 0.3 * whole, ">=", more)


def share_by_hand(model: solph.Model, node: dict[str, Any]) -> Any:
    part = sum(model.flow[node["sun"], node["bus"], t] for t in model.TIMESTEPS)
    whole = sum(model.flow[node["bus"], node["bus_demand"], t] for t in model.TIMESTEPS)
    model.own = pyo.Constraint(expr=part >= 0.3 * whole)


SHARE = Case(
    sunny,
    share,
    share_by_hand,
    objective=60.0 * 4.0 + 30.0 * 14.0,
    without=30.0 * 20.0,
    duals=(60.0 / 1.5 - 30.0,),
    flows={("sun", "bus"): (0.0, 4.0, 2.0), ("grid", "bus"): (4.0, 4.0, 6.0)},
)
"""A unit of sun costs 60 and gives 1.5, which cost 45 from the grid: none is built. 0.3 of 20 are
6, of 4 units; one more of it costs 40 - 30."""


def two_engines() -> Nodes:
    bus = solph.Bus("bus")
    return [
        bus,
        invested("small", bus, 10.0, variable_costs=5.0),
        invested("large", bus, 4.0, variable_costs=8.0),
        demand_on(bus, {"bus": (3, 6, 3)}),
    ]


def coupled(model: Model, more: float) -> None:
    small, large = (model.new_capacity(name, "bus") for name in ("small", "large"))
    model.add_rows("own", small, "=", 2.0 * large + more)


def coupled_by_hand(model: solph.Model, node: dict[str, Any]) -> Any:
    small, large = (model.InvestmentFlowBlock.invest[node[n], node["bus"], 0] for n in LARGE)
    model.own = pyo.Constraint(expr=small == 2.0 * large)


LARGE = ("small", "large")
COUPLED = Case(
    two_engines,
    coupled,
    coupled_by_hand,
    objective=10.0 * 4.0 + 4.0 * 2.0 + 5.0 * (3.0 + 4.0 + 3.0) + 8.0 * 2.0,
    without=10.0 * 3.0 + 4.0 * 3.0 + 5.0 * 9.0 + 8.0 * 3.0,
    duals=(1.0,),
    flows={("small", "bus"): (3.0, 4.0, 3.0), ("large", "bus"): (0.0, 2.0, 0.0)},
)
"""3 of the small one serve all steps, and for the peak the large one is cheaper, 4 + 8 against
10 + 5: 111. Two small ones for each large one are 4 and 2, at 114. Of one unit more of small than
twice large both have a third: 1/3 of small for 1/3 of large costs (10 + 5 - 4 - 8) / 3 = 1."""


def two_plants() -> Nodes:
    bus = solph.Bus("bus")
    return [
        bus,
        source("gas", bus, nominal_capacity=5.0, variable_costs=10.0),
        source("oil", bus, nominal_capacity=5.0, variable_costs=20.0),
        source("grid", bus, variable_costs=35.0),
        demand_on(bus, {"bus": (2, 9, 3)}),
    ]


def ramp(model: Model, more: float) -> None:
    both = model.flow("gas", "bus") + model.flow("oil", "bus")
    model.add_rows("own", both[1:] - both[:-1], "<=", [4.0 + more, 4.0])


def ramp_by_hand(model: solph.Model, node: dict[str, Any]) -> Any:
    def rise(_: Any, t: int) -> Any:
        now, before = (
            sum(model.flow[node[n], node["bus"], s] for n in ("gas", "oil")) for s in (t, t - 1)
        )
        return now - before <= 4.0

    model.own = pyo.Constraint(list(model.TIMESTEPS)[1:], rule=rise)


RAMP = Case(
    two_plants,
    ramp,
    ramp_by_hand,
    objective=20.0 + 50.0 + 20.0 + 3.0 * 35.0 + 30.0,
    without=20.0 + 50.0 + 80.0 + 30.0,
    duals=(20.0 - 35.0, 0.0),
    flows={
        ("gas", "bus"): (2.0, 5.0, 3.0),
        ("oil", "bus"): (0.0, 1.0, 0.0),
        ("grid", "bus"): (0.0, 3.0, 0.0),
    },
)
"""From 2 both plants rise by 4 to 6, and the grid gives 3 at 35 in place of oil at 20."""


def tank() -> Nodes:
    bus = solph.Bus("bus")
    store = solph.components.GenericStorage(
        "tank",
        inputs={bus: solph.Flow(nominal_capacity=5.0, variable_costs=1.0)},
        outputs={bus: solph.Flow(nominal_capacity=5.0, variable_costs=1.0)},
        nominal_capacity=10.0,
        initial_storage_level=0.2,
        balanced=False,
        inflow_conversion_factor=0.8,
    )
    grid = source("grid", bus, variable_costs=[10.0, 30.0, 24.0])
    return [bus, store, grid, demand_on(bus, {"bus": (1, 1, 1)})]


def content(model: Model, more: float) -> None:
    model.add_rows("own", model.content("tank")[2], ">=", 6.4 + more)


def content_by_hand(model: solph.Model, node: dict[str, Any]) -> Any:
    held = model.GenericStorageBlock.storage_content[node["tank"], 2]
    model.own = pyo.Constraint(expr=held >= 6.4)


CONTENT = Case(
    tank,
    content,
    content_by_hand,
    objective=6.0 * 10.0 + 1.5 * 30.0 + 5.5 + 1.0,
    without=10.0 + 2.0,
    duals=((30.0 + 1.0) / 0.8,),
    flows={
        ("bus", "tank"): (5.0, 0.5, 0.0),
        ("tank", "bus"): (0.0, 0.0, 1.0),
        ("grid", "bus"): (6.0, 1.5, 0.0),
    },
)
"""2 in the tank serve the last two steps, and to use it costs 1 each way. To hold 6.4 after the
second step it takes 5 in the first and 0.5 in the second, which are 4 and 0.4, and gives nothing
there; one more would be taken then, at (30 + 1) / 0.8."""

CASES = {"share": SHARE, "coupled": COUPLED, "ramp": RAMP, "content": CONTENT}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def built(case: Case) -> solph.EnergySystem:
    return energy_system(3, case.build())


def with_rows(case: Case, more: float = 0.0) -> Model:
    model = Model(built(case))
    case.add(model, more)
    return model


@each_case
@pytest.mark.parametrize("solver", SOLVERS)
def test_rows_on_paper(case: Case, solver: SolverName) -> None:
    """Cost, flows and duals with the rows, and the cost without them."""
    close(Model(built(case)).solve(solver=solver).objective, case.without, 1e-6, "without rows")
    solution = with_rows(case).solve(solver=solver)
    close(solution.objective, case.objective, 1e-6, "objective")
    for edge, values in case.flows.items():
        close(solution.flow[edge], values, 1e-6, f"flow {edge}")
    assert solution.row_dual is not None
    close(solution.row_dual["own"], case.duals, 1e-5, "duals")


@each_case
def test_rows_as_in_solph(case: Case) -> None:
    """The same rows by hand in ``solph.Model``, and in that of the reference backend."""
    system = built(case)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = solph.Model(system)
    case.by_hand(plain, dict(system.node))
    results = plain.solve(solver="highs")
    close(results["objective"], case.objective, 1e-6, "objective of solph")
    ours = with_rows(case).solve()
    close(ours.frame("flow")[results["flow"].columns], results["flow"], 1e-6, "flows of solph")
    reference = Model(built(case), backend="pyomo")
    close(reference.solve().objective, case.without, 1e-6, "reference without rows")
    case.by_hand(reference.pyomo, dict(reference.energy_system.node))
    close(reference.solve().objective, case.objective, 1e-6, "reference")


@each_case
def test_duals_by_solving_again(case: Case) -> None:
    """A little more of a right-hand side costs its dual."""
    more = 0.01
    cost = with_rows(case, more).solve().objective - case.objective
    close(cost / more, case.duals[0], 1e-4, "dual")


def test_nodes_or_labels_name_a_flow() -> None:
    """Both are the same row, so that a second one changes nothing."""
    model = with_rows(SHARE)
    node = dict(model.energy_system.node)
    model.add_rows("again", model.energy(node["sun"], node["bus"]), ">=", 6.0)
    assert model.solve().objective == pytest.approx(SHARE.objective)


def test_steps_of_other_lengths() -> None:
    """The energy of a flow is its power times the length of each step; a dual is of energy."""
    bus = solph.Bus("bus")
    index = pd.DatetimeIndex(["2035-01-01 00:00", "2035-01-01 00:15", "2035-01-01 02:15"])
    system = solph.EnergySystem(timeindex=index, infer_last_interval=False)
    system.add(
        bus,
        source("cheap", bus, variable_costs=10.0),
        source("dear", bus, variable_costs=25.0),
        demand_on(bus, {"bus": (4.0, 3.0)}),
    )
    model = Model(system)
    model.add_rows("own", model.energy("cheap", "bus"), "<=", 5.0)
    solution = model.solve()
    assert solution.objective == pytest.approx(10.0 * 5.0 + 25.0 * 2.0)
    assert solution.row_dual is not None
    assert solution.row_dual["own"].to_list() == pytest.approx([-15.0])


def test_a_row_for_each_step_has_its_stamps() -> None:
    """Gas is held at 3 in all steps: 15 for 2 units more of it in the step that is dear."""
    model = Model(energy_system(3, two_plants()), index=HOURS)
    model.add_rows("own", model.flow("gas", "bus"), "<=", 3.0)
    model.add_rows("open", model.flow("gas", "bus"), "<=", [np.inf, 3.0, np.inf])
    solution = model.solve()
    assert solution.objective == pytest.approx(20.0 + 30.0 + 100.0 + 35.0 + 30.0)
    assert solution.row_dual is not None
    assert list(solution.row_dual["own"].index) == list(HOURS)
    both = solution.row_dual["own"] + solution.row_dual["open"].fillna(0.0)
    assert both.to_list() == pytest.approx([0.0, -25.0, 0.0])
    assert solution.row_dual["open"].isna().to_list() == [True, False, True]


def test_one_row_stands_for_all_steps() -> None:
    """Sun may give half of what is built of engines: a capacity beside a flow of every step.

    Of 1 unit of engine it gives 1/2 in the second step: 6 = engine + sun there.
    """
    bus = solph.Bus("bus")
    nodes = [bus, invested("engine", bus, 10.0, variable_costs=5.0), source("sun", bus)]
    model = Model(energy_system(3, [*nodes, demand_on(bus, {"bus": (3, 6, 3)})]))
    model.add_rows("half", model.flow("sun", "bus"), "<=", model.new_capacity("engine", "bus") / 2)
    solution = model.solve()
    assert solution.flow_investment["engine", "bus"] == pytest.approx(4.0)
    assert solution.objective == pytest.approx(40.0 + 5.0 * (1.0 + 4.0 + 1.0))


def of_a_boiler() -> Model:
    """A boiler of an efficiency of a half on a load of 1, 2, 3."""
    gas, heat = solph.Bus("gas"), solph.Bus("heat")
    boiler = solph.components.Converter(
        "boiler",
        inputs={gas: solph.Flow()},
        outputs={heat: solph.Flow()},
        conversion_factors={heat: 0.5},
    )
    well = source("well", gas, variable_costs=1.0)
    nodes = [gas, heat, well, boiler, demand_on(heat, {"heat": (1, 2, 3)})]
    return Model(energy_system(3, nodes), index=HOURS)


def test_rows_in_which_nothing_can_change() -> None:
    """What is true is no row and has no dual; what is false says where and by how much.

    The load is 1, 2, 3. What the boiler takes is twice what it gives, whatever that is.
    """
    model = of_a_boiler()
    load = model.flow("heat", "heat_demand")
    balance = model.flow("gas", "boiler") - 2.0 * model.flow("boiler", "heat")
    model.add_rows("ceiling", load, "<=", 3.0)
    model.add_rows("double", balance, "=", 0.0)
    solution = model.solve()
    assert solution.objective == pytest.approx(12.0)
    assert solution.row_dual is not None
    assert solution.row_dual["ceiling"].isna().all()
    assert solution.row_dual["double"].isna().all()
    with pytest.raises(InfeasibleError, match=r"1 too much at low, 2035-07-14 19:00"):
        model.add_rows("low", load, "<=", 2.0)
    with pytest.raises(
        InfeasibleError, match=r"0.5 short at more, .* most of 3 time steps with 1.5"
    ):
        model.add_rows("more", balance, ">=", 0.5)
    with pytest.raises(InfeasibleError) as raised:
        model.add_rows("sum", load.total(), "=", 7.0)
    assert "1 short at sum" in str(raised.value) and "2035" not in str(raised.value)
    # What was refused is not in the model, so that its name may be used.
    model.add_rows("low", load, "<=", 4.0)
    assert model.solve().objective == pytest.approx(12.0)


@pytest.mark.parametrize("solver", SOLVERS)
def test_rows_in_conflict_are_told_by_name(solver: SolverName) -> None:
    """Gas is held at 2.5 for heat of 1 at least where 3 want 6: short by 3.5 at the row itself."""
    model = of_a_boiler()
    model.add_rows("quota", model.flow("gas", "boiler"), "<=", 2.5)
    with pytest.raises(InfeasibleError) as raised:
        model.solve(solver=solver)
    text = str(raised.value)
    assert "heat, 2035-07-14 19:00" in text
    assert "quota is at most 2.5, 2035-07-14 19:00" in text


def test_a_total_in_conflict_is_told_by_name() -> None:
    """12 of gas are wanted where a row allows 9, over all steps: no time is told of the row."""
    model = of_a_boiler()
    model.add_rows("quota", model.energy("gas", "boiler"), "<=", 9.0)
    with pytest.raises(InfeasibleError) as raised:
        model.solve()
    assert "quota is at most 9\n" in f"{raised.value}\n"


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


def test_arguments_that_do_not_fit() -> None:
    """Are told by name, and by number of rows."""
    model = Model(energy_system(3, two_plants()))
    gas = model.flow("gas", "bus")
    model.add_rows("own", gas, "<=", 4.0)
    for wrong, said in (
        (lambda: model.add_rows("own", gas, "<=", 1.0), "rows named own already"),
        (lambda: model.add_rows("balance(bus)", gas, "<=", 1.0), "rows named balance"),
        (lambda: model.add_rows("b", gas, "<", 1.0), "sign =, <= or >=, not <"),
        (lambda: model.add_rows("b", gas, "<=", [1.0, 2.0]), "2 rows does not fit one of 3"),
        (lambda: model.add_rows("b", gas, "<=", np.ones((3, 3))), "not one for each row"),
        (lambda: model.add_rows("b", gas, "<=", float("nan")), "b holds what is not a number"),
        (lambda: model.flow("bus", "gas"), "no flow bus->gas"),
        (lambda: model.content("gas"), "no storage gas"),
        (lambda: model.new_capacity("gas", "bus"), "no investment in flow gas->bus"),
        (lambda: model.new_capacity("gas"), "no investment in storage gas"),
        (lambda: gas * [1.0, 2.0], "2 factors do not fit"),
        (lambda: model.pyomo, "backend='pyomo'"),
        (lambda: Model(model.energy_system, backend="pyomo").flow("gas", "bus"), "by pyomo"),
        (lambda: Model(model.energy_system, backend="pyomo").linopy, "by pyomo"),
    ):
        with pytest.raises(ModelError, match=said):
            wrong()  # type: ignore[no-untyped-call]
    with pytest.raises(IndexError, match="no row 3"):
        gas[3]


def values_of(expression: Expression, x: Any) -> Any:
    """Value of each row at given unknowns; the last one is that of label -1."""
    return (expression.coefficients * x[expression.labels]).sum(axis=1) + expression.constant


def test_algebra_of_expressions() -> None:
    """Random sums, differences, multiples and rows of expressions have the values of numpy."""
    rng = np.random.default_rng(7)
    for _ in range(200):
        rows, terms = rng.integers(1, 6, 2)
        x = np.append(rng.normal(size=4), 0.0)

        def drawn(rows: int, terms: int = int(terms)) -> Expression:
            return Expression(
                rng.integers(-1, 4, (rows, terms)),
                rng.integers(-2, 3, (rows, terms)).astype(float),
                rng.normal(size=rows),
            )

        one, other, single = drawn(rows), drawn(rows), drawn(1)
        a, b, c = (values_of(expression, x) for expression in (one, other, single))
        factor = rng.normal(size=rows)
        for expression, value in (
            (one + other, a + b),
            (one - other, a - b),
            (-one, -a),
            (one + single, a + c),
            (single - one, c - a),
            (one * 3.0, 3.0 * a),
            (factor * one, factor * a),
            (pd.Series(factor) * one, factor * a),
            (factor * single, factor * c),
            (one / 2.0, a / 2.0),
            (one + factor, a + factor),
            (factor - one, factor - a),
            (1.0 - one, 1.0 - a),
            (sum([one, other, single]), a + b + c),
            (one.total(), a.sum(keepdims=True)),
            (one[0], a[:1]),
            (one[-1], a[-1:]),
            (one[: rows - 1 or 1], a[: rows - 1 or 1]),
            (one[a > a.min() - 1.0], a),
        ):
            np.testing.assert_allclose(values_of(expression, x), value, atol=1e-12)
            merged = expression.merged()
            np.testing.assert_allclose(values_of(merged, x), value, atol=1e-12)
            for labels in merged.labels:
                assert len(set(labels[labels >= 0])) == (labels >= 0).sum()
