"""Solvers that fail, lie or are missing; the order of the methods; what is said of it."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
import xarray as xr
from hand_solved import (
    WAYS,
    Demand,
    Hand,
    Nodes,
    close,
    demand_on,
    energy_system,
    saved,
    solve,
    source,
    stamps,
    stated,
)
from oemof import solph
from pulp.apis.coin_api import PULP_CBC_CMD
from test_hand_solved import LIMITED_EMISSIONS, LOSSY_STORAGE, MERIT_ORDER, plant_with_a_fixed_cost
from tiny_park import Recipe, park

import meishan_model
from meishan_model.optimise import Model
from meishan_model.optimise.errors import InfeasibleError, SolverError
from meishan_model.optimise.problem import Labels, LinearProblem
from meishan_model.optimise.solution import extract
from meishan_model.optimise.solvers.acceptance import duality_gap
from meishan_model.optimise.solvers.cbc import cbc_binary, duals_are_right, solve_cbc
from meishan_model.optimise.solvers.highs import METHOD_NAMES, solve_highs
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.results.files import open_results, result_path, write_atomically

FIXED_COST = Hand(plant_with_a_fixed_cost, {"bus": (5.0, 5.0, 5.0, 8.0)}, objective=295.0)


@pytest.fixture
def zero_dual_cbc(tmp_path: Path) -> Path:
    """A program that runs the real CBC and zeroes the duals in its answer, as some builds do."""
    script = tmp_path / "cbc_without_duals"
    script.write_text(
        f"""#!{sys.executable}
import subprocess, sys
from pathlib import Path
run = subprocess.run([{str(cbc_binary())!r}, *sys.argv[1:]])
if "-saveSolution" in sys.argv:
    answer = Path(sys.argv[sys.argv.index("-saveSolution") + 1])
    content = bytearray(answer.read_bytes())
    rows = int.from_bytes(content[:4], "little")
    first = 16 + 8 * rows  # after two integers, the objective and the activities of the rows
    content[first : first + 8 * rows] = bytes(8 * rows)
    answer.write_bytes(content)
sys.exit(run.returncode)
"""
    )
    script.chmod(0o755)
    return script


def short_of_supply(demand: Demand) -> Nodes:
    bus = solph.Bus(label="bus")
    return [bus, source("plant", bus, nominal_capacity=5.0), demand_on(bus, demand)]


def short_of_investment(demand: Demand) -> Nodes:
    bus = solph.Bus(label="bus")
    size = solph.Investment(nonconvex=True, maximum=5.0, offset=1.0, ep_costs=1.0)
    return [bus, source("plant", bus, nominal_capacity=size), demand_on(bus, demand)]


def money_pump(demand: Demand) -> Nodes:
    bus = solph.Bus(label="bus")
    sale = solph.components.Sink(label="sale", inputs={bus: solph.Flow(variable_costs=-2.0)})
    return [bus, source("purchase", bus, variable_costs=1.0), sale, demand_on(bus, demand)]


def money_pump_with_a_fixed_cost(demand: Demand) -> Nodes:
    bus, *rest = money_pump(demand)
    size = solph.Investment(nonconvex=True, maximum=5.0, offset=1.0, ep_costs=1.0)
    return [bus, *rest, source("plant", bus, nominal_capacity=size)]


@pytest.mark.parametrize("way", WAYS, ids="-".join)
@pytest.mark.parametrize(
    "build", [short_of_supply, short_of_investment, money_pump, money_pump_with_a_fixed_cost]
)
def test_problem_without_optimum(build, way) -> None:
    """Infeasible and unbounded problems, with and without integers, are told as such.

    6 MW of demand on 5 MW of supply; buying at 1 and selling at 2 without end.
    """
    with pytest.raises(InfeasibleError, match=r"infeasible|unbounded"):
        solve(Hand(build, {"bus": (6.0, 3.0)}, objective=0.0), way)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_fixed_flows_that_contradict(way) -> None:
    """A bus whose given flows do not balance is infeasible, not a crash of a backend."""

    def build(demand: Demand) -> Nodes:
        given = solph.Bus(label="given")
        taken = solph.Flow(nominal_capacity=1.0, fix=[2.0, 4.0, 2.0])
        return [
            *MERIT_ORDER.build(demand),
            given,
            source("river", given, nominal_capacity=1.0, fix=[2.0, 3.0, 2.0]),
            solph.components.Sink(label="mill", inputs={given: taken}),
        ]

    with pytest.raises(InfeasibleError):
        solve(Hand(build, MERIT_ORDER.demand, objective=0.0), way)


def test_zero_duals_are_recognised(zero_dual_cbc: Path, tmp_path: Path) -> None:
    """A CBC that returns duals of zero gives flows but no prices, and the result says so.

    The right CBC passes the same check. The saved file has no variable ``price``.
    """
    assert duals_are_right(cbc_binary())
    assert not duals_are_right(zero_dual_cbc)
    problem = stated(LIMITED_EMISSIONS)
    raw = solve_cbc(problem, binary=zero_dual_cbc)
    close(raw.objective, LIMITED_EMISSIONS.objective, 1e-6, "objective")
    assert raw.row_duals is None
    assert any("duals refused" in line for line in raw.history)
    solution = extract(problem, raw, stamps(2))
    assert solution.bus_price is None
    assert solution.limit_price is None
    graph = energy_system(2, LIMITED_EMISSIONS.build(LIMITED_EMISSIONS.demand))
    ds = saved(graph, solution, tmp_path)
    assert "price" not in ds
    assert "price_unavailable" in ds.attrs


def test_zero_duals_are_recognised_with_integers(zero_dual_cbc: Path) -> None:
    """The same with a binary decision: the decision stands, prices are absent."""
    raw = solve_cbc(stated(FIXED_COST), binary=zero_dual_cbc)
    close(raw.objective, 295.0, 1e-6, "objective")
    assert raw.row_duals is None


def test_slice_without_prices_is_saved(
    zero_dual_cbc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slice solved by such a CBC is a result: checked, saved, read back, but without prices."""
    monkeypatch.setattr(PULP_CBC_CMD, "pulp_cbc_path", str(zero_dual_cbc))
    ds = solve_slice(park(Recipe(load=(10.0, 8.0))).task("cbc"))
    assert "price" not in ds
    assert "CBC" in ds.attrs["price_unavailable"]
    assert ds.attrs["objective"] == pytest.approx(8760.0 * 9.0 * 660.0)
    write_atomically(ds, result_path(tmp_path, "tiny", 2035, hours=2))
    xr.testing.assert_identical(ds, open_results("tiny", 2035, tmp_path, hours=2))


def test_missing_cbc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No CBC, a file that is no program, a program that fails: an error that names the path."""
    problem = stated(MERIT_ORDER)
    absent = tmp_path / "no_cbc"
    with pytest.raises(SolverError, match="no_cbc"):
        solve_cbc(problem, binary=absent)
    text = tmp_path / "text"
    text.write_text("not a program")
    with pytest.raises(SolverError, match="text"):
        solve_cbc(problem, binary=text)
    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\necho out of memory\nexit 7\n")
    failing.chmod(0o755)
    with pytest.raises(SolverError, match=r"7.*out of memory"):
        solve_cbc(problem, binary=failing)
    monkeypatch.setattr(PULP_CBC_CMD, "pulp_cbc_path", str(absent))
    with pytest.raises(SolverError, match="no_cbc"):
        solve_cbc(problem)


def big_problem() -> LinearProblem:
    """A feasible problem with an optimum that no solver finds in no time."""
    rng = np.random.default_rng(7)
    rows, columns = 1500, 3000
    matrix = sp.random(rows, columns, density=0.01, random_state=rng, format="csc")
    inside = rng.uniform(1.0, 2.0, columns)
    return LinearProblem(
        matrix=sp.csc_array(matrix),
        row_lower=matrix @ inside,
        row_upper=np.full(rows, np.inf),
        column_lower=np.zeros(columns),
        column_upper=np.full(columns, 10.0),
        cost=rng.uniform(1.0, 2.0, columns),
        cost_offset=0.0,
        integer=np.zeros(columns, dtype=bool),
        labels=Labels({}, {}, {}, {}, {}, {}),
    )


def test_time_limit(caplog: pytest.LogCaptureFixture) -> None:
    """Without time no method ends; each is tried in the order given, and the error says so."""
    problem = big_problem()
    with (
        caplog.at_level(logging.WARNING, "meishan_model"),
        pytest.raises(SolverError) as raised,
    ):
        solve_highs(problem, methods=("simplex", "hipo"), time_limit=0.0)
    first, second = str(raised.value).split(": ", 1)[1].split("; ")
    assert first == "simplex: Time limit reached"
    assert second == "hipo: Time limit reached"
    assert "the next method is tried" in caplog.text
    with pytest.raises(SolverError, match="Stopped"):
        solve_cbc(problem, time_limit=0.0)


def badly_scaled(seed: int) -> LinearProblem:
    """A problem with coefficients from 1e-5 to 1e6 whose optimum is bounded by a dual solution."""
    rng = np.random.default_rng(seed)
    rows, columns = 12, 25
    matrix = rng.normal(size=(rows, columns)) * 10.0 ** rng.uniform(-5, 6, (rows, columns))
    matrix *= rng.random((rows, columns)) < 0.5
    inside = rng.uniform(0, 1, columns) * 10.0 ** rng.uniform(-4, 6, columns)
    duals = rng.normal(size=rows)
    slack = rng.uniform(0, 1, columns) * (rng.random(columns) < 0.6)
    return LinearProblem(
        matrix=sp.csc_array(matrix),
        row_lower=matrix @ inside,
        row_upper=matrix @ inside,
        column_lower=np.zeros(columns),
        column_upper=np.full(columns, np.inf),
        cost=matrix.T @ duals + slack,
        cost_offset=0.0,
        integer=np.zeros(columns, dtype=bool),
        labels=Labels({}, {}, {}, {}, {}, {}),
    )


@pytest.mark.parametrize("seed", [41, 56])
def test_next_method_takes_over(seed: int) -> None:
    """Where the first method gives up the next one solves, and the solution names both.

    On these two problems, found by trying sixty, HiPO of HiGHS 1.15 ends without an optimum; with
    another release the problems may have to be searched anew. The order is the stated one, the
    last attempt is the optimum, and its cost and duals are right: the dual objective, recomputed,
    is the cost that the simplex finds, also where the objective was scaled anew.
    """
    problem = badly_scaled(seed)
    simplex = solve_highs(problem, methods=("simplex",))
    # The first of all, PIQP, is not tried on problems as small as these.
    for order in (METHOD_NAMES[1:], ("hipo", "ipx"), ("hipo", "simplex")):
        raw = solve_highs(problem, methods=order)
        tried = [line.split(": ") for line in raw.history]
        assert len(tried) > 1
        assert tuple(name for name, _ in tried) == order[: len(tried)]
        assert [end == "Optimal" for _, end in tried] == [False] * (len(tried) - 1) + [True]
        assert raw.solver.endswith(f" {tried[-1][0]}")
        close(raw.objective / simplex.objective, 1.0, 1e-5, "objective")
        assert raw.row_duals is not None
        # All rows are equalities and all columns start at zero: the dual objective is y @ b.
        dual = raw.row_duals @ problem.row_lower
        close(dual / simplex.objective, 1.0, 1e-5, "dual objective")


def test_missing_interior_point_method(tmp_path: Path) -> None:
    """Without its extra library HiGHS has no HiPO: the result must not say that HiPO solved.

    HiGHS refuses the option then and keeps the one before, so the refusal has to be read. Run
    in a process of its own, from which the library is hidden.
    """
    stored, program = tmp_path / "problem", tmp_path / "without_hipo.py"
    stored.write_bytes(pickle.dumps(stated(LOSSY_STORAGE)))
    program.write_text(
        f"""
import pickle, sys
from pathlib import Path
sys.modules["highspy_extras"] = None  # its import fails, as where it is not installed
sys.path.insert(0, {str(Path(meishan_model.__file__).parent.parent)!r})
from meishan_model.optimise.solvers.highs import solve_highs
raw = solve_highs(pickle.loads(Path({str(stored)!r}).read_bytes()))
print(raw.objective, raw.solver, "|".join(raw.history), sep="\\n")
"""
    )
    run = subprocess.run([sys.executable, str(program)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    objective, solver, history = run.stdout.strip().splitlines()[-3:]
    close(float(objective), LOSSY_STORAGE.objective, 1e-6, "objective")
    assert "hipo: Optimal" not in history.split("|")
    assert not solver.endswith("hipo")


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_duality_gap_measures_the_distance(solver: str) -> None:
    """The stated gap is zero at the optimum and not when a dual is wrong.

    A price 10 too high on the demand of hour 2 (8 MW) shifts the dual objective; the reduced costs
    then move the other columns to their bounds.
    """
    problem = stated(MERIT_ORDER)
    raw = solve_highs(problem) if solver == "highs" else solve_cbc(problem)
    assert raw.gap < 1e-7
    assert raw.row_duals is not None
    wrong = raw.row_duals.copy()
    wrong[np.argmax(wrong)] += 10.0
    assert duality_gap(problem, raw.column_values, wrong) > 0.01


def test_stages_and_log_are_told() -> None:
    """Who waits hears the stages in order with the size of the problem, and the solver's log."""
    stages: list[str] = []
    log: list[str] = []
    graph = energy_system(3, LOSSY_STORAGE.build(LOSSY_STORAGE.demand))
    model = Model(graph)
    model.solve(on_stage=stages.append, on_log=log.append)
    rows, columns = model.problem.matrix.shape
    assert stages == [f"solving {columns} columns, {rows} rows"]
    assert any("HiGHS" in line for line in log)
