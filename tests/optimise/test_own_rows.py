"""Rows of one's own: solved on paper, and as ``solph.Model`` with the same rows added by hand."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pyomo.environ as pyo
import pytest
from face_systems import STEPS, dispatch, investments, uneven
from hand_solved import SOLVERS, close, demand_on, energy_system, source
from oemof import solph
from own_row_cases import CASES, SHARE, Case, built, invested, tank, two_plants, with_rows

from meishan_model.optimise import InfeasibleError, Model, ModelError, SolverName

HOURS = pd.date_range("2035-07-14 17:00", periods=3, freq="h")
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


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


def test_a_row_may_be_what_has_to_give() -> None:
    """A tenth of 12 of gas is 0.3 above 0.9, less than the 1.5 of heat that would be missing."""
    model = of_a_boiler()
    model.add_rows("tenth", 0.1 * model.energy("gas", "boiler"), "<=", 0.9)
    with pytest.raises(InfeasibleError, match=r"0\.3 too much at tenth\n"):
        model.solve()


def test_rows_of_contents_are_told_by_the_step_before() -> None:
    """A tank of 10 holds 2 too little at the end of the last step."""
    model = Model(energy_system(3, tank()), index=HOURS)
    model.add_rows("level", model.content("tank"), ">=", [0.0, 0.0, 0.0, 12.0])
    with pytest.raises(InfeasibleError, match=r"2 short at level, 2035-07-14 19:00"):
        model.solve()


def test_a_total_in_conflict_is_told_by_name() -> None:
    """12 of gas are wanted where a row allows 9, over all steps: no time is told of the row."""
    model = of_a_boiler()
    model.add_rows("quota", model.energy("gas", "boiler"), "<=", 9.0)
    with pytest.raises(InfeasibleError) as raised:
        model.solve()
    assert "quota is at most 9\n" in f"{raised.value}\n"


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


@pytest.mark.parametrize("seed", range(25))
def test_random_rows_as_in_solph(seed: int) -> None:
    """A random row over flows, contents and capacities of a random system costs as much in both.

    Its bound is a little tighter than what the optimum without it has, so that it binds.
    """
    rng = np.random.default_rng(seed)
    system = uneven([dispatch, investments][seed % 2]())
    model, reference = Model(system), Model(system, backend="pyomo")
    before = model.solve()
    pyomo, terms, left, value = reference.pyomo, [], 0.0, 0.0
    for edge in rng.permutation(before.flow.columns)[:3]:
        factor, step = rng.uniform(0.5, 2.0), int(rng.integers(STEPS))
        terms.append(factor * model.flow(*edge)[step])
        left += factor * pyomo.flow[system.node[edge[0]], system.node[edge[1]], step]
        value += factor * before.flow.loc[:, tuple(edge)].iloc[step]
    for name in before.storage_content:
        factor, point = rng.uniform(-0.5, 0.5), int(rng.integers(1, STEPS))
        terms.append(factor * model.content(name)[point])
        block = "GenericInvestmentStorageBlock" if seed % 2 else "GenericStorageBlock"
        left += factor * getattr(pyomo, block).storage_content[system.node[name], point]
        value += factor * before.storage_content[name].iloc[point - 1]
    for edge, size in before.flow_investment.items():
        factor = rng.uniform(-1.0, 1.0)
        terms.append(factor * model.new_capacity(*edge))
        nodes = (system.node[end] for end in edge)
        left += factor * pyomo.InvestmentFlowBlock.invest[(*nodes, 0)]
        value += factor * size
    bound = value - 0.02 * (1.0 + abs(value))
    model.add_rows("own", sum(terms), "<=", bound)
    pyomo.own = pyo.Constraint(expr=left <= bound)
    ours, theirs = objective_of(model), objective_of(reference)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        close(ours, theirs, 1e-7, "objectives")
        assert ours > before.objective * (1.0 - 1e-8)


def objective_of(model: Model) -> float | None:
    """Cost of the optimum, or ``None`` where there is none."""
    try:
        return model.solve(methods=("simplex",)).objective
    except InfeasibleError:
        return None
