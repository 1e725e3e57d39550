"""PIQP between presolve and postsolve: by hand, at random, at its limits, and when it dies."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hand_solved import Hand, stated
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from test_hand_solved import LIMITED_EMISSIONS, LOSSY_STORAGE, MERIT_ORDER

from meishan_model.errors import InfeasibleError
from meishan_model.optimise import highs, interior_point
from meishan_model.optimise.dense import BareProblem, cut_dense
from meishan_model.optimise.highs import METHOD_NAMES, solve_highs
from meishan_model.optimise.interior_point import SOLVED, solve_by_piqp
from meishan_model.optimise.problem import NO_LABELS, LinearProblem

INFINITE = np.inf


def random_problem(seed: int, rows: int, columns: int) -> BareProblem:
    """A feasible, bounded problem with equations, rows open to one side, and open columns."""
    draw = np.random.default_rng(seed)
    matrix = sp.csr_array(sp.random(rows, columns, 0.5, rng=draw, data_rvs=draw.standard_normal))
    point, kind = draw.uniform(-1.0, 2.0, columns), draw.integers(0, 4, rows)
    value = matrix @ point
    lower = np.where(kind == 1, -INFINITE, value - np.where(kind == 0, 0.0, 0.5))
    upper = np.where(kind == 2, INFINITE, value + np.where(kind == 0, 0.0, 0.5))
    # Cost that a combination of the rows pays for: no direction in which it falls without end.
    weight = draw.uniform(-1.0, 1.0, rows)
    weight = np.where(kind == 1, -np.abs(weight), np.where(kind == 2, np.abs(weight), weight))
    open_column = draw.random(columns) < 0.3
    column_lower = np.where(open_column, -INFINITE, point - draw.uniform(0.0, 1.0, columns))
    column_upper = np.where(open_column, INFINITE, point + draw.uniform(0.0, 1.0, columns))
    cost = matrix.T @ weight + np.where(open_column, 0.0, draw.standard_normal(columns))
    return BareProblem(matrix, cost, column_lower, column_upper, lower, upper)


def least_cost(problem: BareProblem) -> float:
    """The optimum by the simplex of another interface."""
    limits = np.column_stack([problem.column_lower, problem.column_upper])
    above, below = np.isfinite(problem.row_upper), np.isfinite(problem.row_lower)
    found = linprog(
        problem.cost,
        A_ub=sp.vstack([problem.matrix[above], -problem.matrix[below]]),
        b_ub=np.concatenate([problem.row_upper[above], -problem.row_lower[below]]),
        bounds=limits,
        method="highs-ds",
    )
    assert found.status == 0
    return float(found.fun)


def named(problem: BareProblem) -> LinearProblem:
    """The problem as the engine has it, without names."""
    return LinearProblem(
        matrix=sp.csc_array(problem.matrix),
        row_lower=problem.row_lower,
        row_upper=problem.row_upper,
        column_lower=problem.column_lower,
        column_upper=problem.column_upper,
        cost=problem.cost,
        cost_offset=0.0,
        integer=np.zeros(len(problem.cost), dtype=bool),
        labels=NO_LABELS,
    )


SIZES = {"seed": st.integers(0, 2**32), "rows": st.integers(2, 12), "columns": st.integers(2, 12)}


@settings(max_examples=60, deadline=None)
@given(**SIZES, most=st.integers(2, 5))
def test_cutting_changes_nothing(seed: int, rows: int, columns: int, most: int) -> None:
    """Same optimum, no line with more entries than allowed, rows and columns where they were."""
    whole = random_problem(seed, rows, columns)
    cut, place = cut_dense(whole, most)
    assert least_cost(cut) == pytest.approx(least_cost(whole), rel=1e-7, abs=1e-7)
    # Links add two entries to a column, sums add one to a row of pieces.
    in_columns = np.diff(sp.csc_array(cut.matrix).indptr)
    assert in_columns.max(initial=0) <= most + 2
    assert np.diff(cut.matrix.indptr)[rows:].max(initial=0) <= most + 1
    np.testing.assert_array_equal(cut.cost[place], whole.cost)
    np.testing.assert_array_equal(cut.row_upper[:rows], whole.row_upper)
    assert cut.cost.sum() == pytest.approx(whole.cost.sum())


@settings(max_examples=12, deadline=None)
@given(**SIZES)
def test_piqp_finds_the_optimum_and_its_duals(seed: int, rows: int, columns: int) -> None:
    """Values keep all bounds, cost as much as the simplex's, and the duals prove it."""
    problem = random_problem(seed, rows, columns)
    answer = solve_by_piqp(problem, 1e-9, 60.0, None, None)
    assert answer.ending == SOLVED and answer.iterations > 0
    assert problem.cost @ answer.values == pytest.approx(least_cost(problem), rel=1e-6, abs=1e-6)
    done = problem.matrix @ answer.values
    assert (done >= problem.row_lower - 1e-6).all() and (done <= problem.row_upper + 1e-6).all()
    assert highs.duality_gap(named(problem), answer.values, answer.duals) < 1e-6


@pytest.fixture
def for_all_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """PIQP is tried on small problems as well."""
    monkeypatch.setattr(highs, "WORTH_A_PROCESS", 0)


@pytest.mark.usefixtures("for_all_sizes")
def test_who_has_solved_it_is_told() -> None:
    """The method by name, solver and presolver with their versions, the iterations of PIQP."""
    problem = named(random_problem(7, 12, 12))
    found, reference = solve_highs(problem), solve_highs(problem, methods=("simplex",))
    assert found.method == "piqp" and found.history == ("piqp: Optimal",)
    assert "with PIQP" in found.solver and found.iterations > 0
    assert found.objective == pytest.approx(reference.objective, rel=1e-7)
    assert found.gap < 1e-6


@pytest.mark.usefixtures("for_all_sizes")
@pytest.mark.parametrize("hand", [MERIT_ORDER, LIMITED_EMISSIONS, LOSSY_STORAGE])
def test_graphs_solved_by_hand(hand: Hand) -> None:
    """The optimum; what presolve leaves nothing of is for the method after it."""
    found = solve_highs(stated(hand))
    assert found.objective == pytest.approx(hand.objective, rel=1e-6)
    assert found.history[0] == "piqp: Optimal" or "nothing to do" in found.history[0]


def test_a_small_problem_is_not_worth_a_process() -> None:
    found = solve_highs(named(random_problem(7, 12, 12)))
    assert found.method == "hipo" and METHOD_NAMES[0] == "piqp"


@pytest.mark.usefixtures("for_all_sizes")
@pytest.mark.parametrize("code", ["import os; os.kill(os.getpid(), 11)", "raise MemoryError('x')"])
def test_what_kills_piqp_kills_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    """A crash is an attempt that failed: HiPO solves, and the history says why."""
    program = tmp_path / "crash.py"
    program.write_text(code, encoding="utf-8")
    monkeypatch.setattr(interior_point, "PROGRAM", program)
    with caplog.at_level(logging.WARNING):
        found = solve_highs(named(random_problem(7, 12, 12)))
    assert found.method == "hipo"
    assert found.history[0].startswith("piqp: its process ended with code")
    assert "the next method is tried" in caplog.text
    assert "kill" in code or found.history[0].endswith("MemoryError: x")


def test_limits_of_time_and_memory() -> None:
    """The process is ended, and the attempt says which limit it has met."""
    problem = random_problem(7, 12, 12)
    assert solve_by_piqp(problem, 1e-9, 0.0, None, None).ending == "Time limit reached"
    assert solve_by_piqp(problem, 1e-9, 60.0, 1e-3, None).ending == "Memory limit reached"


def test_its_log_is_handed_on() -> None:
    """Every line once, in order, with a line for each iteration."""
    lines: list[str] = []
    answer = solve_by_piqp(random_problem(7, 12, 12), 1e-9, 60.0, None, lines.append)
    rows = [line.split()[0] for line in lines if line.strip()[:1].isdigit()]
    assert rows[: answer.iterations] == [str(i) for i in range(answer.iterations)]


@pytest.mark.usefixtures("for_all_sizes")
def test_without_an_optimum_the_answer_is_the_same_as_ever() -> None:
    """More demand than supply, found by presolve or by HiPO after PIQP has given up."""
    short = named(random_problem(7, 12, 12))
    bare = vars(short) | {"row_lower": short.row_lower + 1e3, "row_upper": short.row_upper + 1e3}
    with pytest.raises(InfeasibleError):
        solve_highs(LinearProblem(**bare))
