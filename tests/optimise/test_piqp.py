"""PIQP between presolve and postsolve: by hand, at random, at its limits, and when it dies."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hand_solved import Hand, stated
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from test_hand_solved import LIMITED_EMISSIONS, LOSSY_STORAGE, MERIT_ORDER
from tiny_park import Recipe, park

from meishan_model.optimise.errors import InfeasibleError
from meishan_model.optimise.problem import NO_LABELS, LinearProblem
from meishan_model.optimise.solvers import acceptance, limits, piqp
from meishan_model.optimise.solvers.acceptance import duality_gap, primal_infeasibility
from meishan_model.optimise.solvers.dense import cut_dense
from meishan_model.optimise.solvers.highs import METHOD_NAMES, by_size, solve_highs
from meishan_model.optimise.solvers.limits import memory_in_use
from meishan_model.optimise.solvers.piqp import SOLVED, solve_by_piqp
from meishan_model.optimise.solvers.presolved import proved_infeasible
from meishan_model.planning.solve_slice import solve_slice

INFINITE = np.inf


def random_problem(seed: int, rows: int, columns: int) -> LinearProblem:
    """A feasible, bounded problem with equations, rows open to one side, and open columns."""
    draw = np.random.default_rng(seed)
    filled = draw.random((rows, columns)) < 0.5
    matrix = sp.csr_array(np.where(filled, draw.standard_normal((rows, columns)), 0.0))
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
    return LinearProblem(
        matrix=sp.csc_array(matrix),
        row_lower=lower,
        row_upper=upper,
        column_lower=column_lower,
        column_upper=column_upper,
        cost=cost,
        cost_offset=0.0,
        integer=np.zeros(columns, dtype=bool),
        labels=NO_LABELS,
    )


def least_cost(problem: LinearProblem) -> float:
    """The optimum by the simplex of another interface."""
    limits = np.column_stack([problem.column_lower, problem.column_upper])
    matrix = sp.csr_array(problem.matrix)
    above, below = np.isfinite(problem.row_upper), np.isfinite(problem.row_lower)
    found = linprog(
        problem.cost,
        A_ub=sp.vstack([matrix[above], -matrix[below]]),
        b_ub=np.concatenate([problem.row_upper[above], -problem.row_lower[below]]),
        bounds=limits,
        method="highs-ds",
    )
    assert found.status == 0
    return float(found.fun)


SIZES = {"seed": st.integers(0, 2**32), "rows": st.integers(2, 12), "columns": st.integers(2, 12)}


@settings(max_examples=60, deadline=None)
@given(**SIZES, most=st.integers(2, 5))
def test_cutting_changes_nothing(seed: int, rows: int, columns: int, most: int) -> None:
    """Same optimum, no line with more entries than allowed, rows and columns where they were."""
    whole = random_problem(seed, rows, columns)
    cut, place = cut_dense(whole, most)
    assert least_cost(cut) == pytest.approx(least_cost(whole), rel=1e-7, abs=1e-7)
    # Links add two entries to a column, sums add one to a row of pieces.
    in_columns = np.diff(cut.matrix.indptr)
    assert in_columns.max(initial=0) <= most + 2
    assert np.diff(sp.csr_array(cut.matrix).indptr)[rows:].max(initial=0) <= most + 1
    np.testing.assert_array_equal(cut.cost[place], whole.cost)
    np.testing.assert_array_equal(cut.row_upper[:rows], whole.row_upper)
    assert cut.cost.sum() == pytest.approx(whole.cost.sum())


@pytest.mark.slow
@pytest.mark.parametrize("most", [None, 2, pytest.param(3, marks=pytest.mark.thorough)])
@settings(max_examples=6, deadline=None)
@given(**SIZES)
def test_piqp_finds_the_optimum_and_its_duals(
    most: int | None, seed: int, rows: int, columns: int
) -> None:
    """Values keep all bounds, cost as much as the simplex's, and the duals prove it.

    Whole, and with columns and rows cut in pieces as those of a year are.
    """
    problem = random_problem(seed, rows, columns)
    answer = solve_by_piqp(problem, 1e-9, 60.0, None, None, most=most)
    assert answer.ending == SOLVED and answer.iterations > 0
    assert problem.cost @ answer.values == pytest.approx(least_cost(problem), rel=1e-6, abs=1e-6)
    done = problem.matrix @ answer.values
    assert (done >= problem.row_lower - 1e-6).all() and (done <= problem.row_upper + 1e-6).all()
    assert duality_gap(problem, answer.values, answer.duals) < 1e-6


@pytest.fixture
def for_all_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """PIQP is tried on small problems as well."""
    monkeypatch.setattr(limits, "WORTH_A_PROCESS", 0)


@pytest.mark.usefixtures("for_all_sizes")
def test_who_has_solved_it_is_told() -> None:
    """The method by name, solver and presolver with their versions, the iterations of PIQP."""
    problem = random_problem(7, 12, 12)
    found, reference = solve_highs(problem), solve_highs(problem, methods=("simplex",))
    assert found.method == "piqp" and found.history == ("piqp: Optimal",)
    assert "with PIQP" in found.solver and found.iterations > 0
    assert found.objective == pytest.approx(reference.objective, rel=1e-7)
    assert found.gap < 1e-6


@pytest.mark.parametrize("most", [None, 2])
@pytest.mark.parametrize("hand", [MERIT_ORDER, LIMITED_EMISSIONS, LOSSY_STORAGE])
def test_graphs_solved_by_hand(hand: Hand, most: int | None) -> None:
    """The optimum without any presolve, and the prices on the bus."""
    problem = stated(hand)
    answer = solve_by_piqp(problem, 1e-9, 60.0, None, None, most=most)
    assert answer.ending == SOLVED
    found = problem.cost @ answer.values + problem.cost_offset
    assert found == pytest.approx(hand.objective, rel=1e-6)
    assert duality_gap(problem, answer.values, answer.duals) < 1e-6


@pytest.mark.usefixtures("for_all_sizes")
def test_what_presolve_solves_alone() -> None:
    """Nothing is left for PIQP of a merit order: the solution of presolve is taken."""
    found = solve_highs(stated(MERIT_ORDER))
    assert found.history == ("piqp: Optimal",)
    assert found.objective == pytest.approx(MERIT_ORDER.objective, rel=1e-9)


@pytest.mark.usefixtures("for_all_sizes")
def test_a_point_outside_its_bounds_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer a ten thousandth off keeps the gap small, but not the rows: HiPO solves."""
    problem = random_problem(7, 12, 12)
    exact = solve_highs(problem)
    assert primal_infeasibility(problem, exact.column_values) < 1e-6
    assert primal_infeasibility(problem, exact.column_values + 1e-3) > 1e-6
    monkeypatch.setattr(
        acceptance, "primal_infeasibility", lambda _, values: float(values.max()) * 1e-4
    )
    with caplog.at_level(logging.WARNING):
        found = solve_highs(problem)
    assert found.method == "hipo" and "primal infeasibility" in found.history[0]


def test_no_room_for_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder for temporary files the attempt has failed, and says why."""
    monkeypatch.setattr(piqp.tempfile, "tempdir", "/nowhere")
    answer = solve_by_piqp(random_problem(7, 12, 12), 1e-9, 60.0, None, None)
    assert answer.ending.startswith("its process cannot be used: ")


def test_a_small_problem_is_not_worth_a_process() -> None:
    """Not in the whole problem, and not in the quick attempt without penalties."""
    found = solve_highs(random_problem(7, 12, 12))
    assert found.method == "simplex" and METHOD_NAMES[0] == "piqp"
    assert set(by_size(10)) == set(METHOD_NAMES) - {"piqp"}
    assert by_size(10**6) == METHOD_NAMES
    ds = solve_slice(park(Recipe(load=(10.0, 8.0))).task())
    assert "piqp" not in ds.attrs["solver_history"]


@pytest.mark.usefixtures("for_all_sizes")
@pytest.mark.parametrize("code", ["import os; os.kill(os.getpid(), 11)", "raise MemoryError('x')"])
def test_what_kills_piqp_kills_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    """A crash is an attempt that failed: HiPO solves, and the history says why."""
    program = tmp_path / "crash.py"
    program.write_text(code, encoding="utf-8")
    monkeypatch.setattr(piqp, "PROGRAM", program)
    with caplog.at_level(logging.WARNING):
        found = solve_highs(random_problem(7, 12, 12))
    assert found.method == "hipo"
    assert found.history[0].startswith("piqp: its process ended with code")
    assert "the next method is tried" in caplog.text
    assert "kill" in code or found.history[0].endswith("MemoryError: x")


def test_limits_of_time_and_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The process is ended, and the attempt says which limit it has met; its memory counts."""
    problem = random_problem(7, 12, 12)
    assert solve_by_piqp(problem, 1e-9, 0.0, None, None).ending == "Time limit reached"
    program = tmp_path / "hungry.py"
    program.write_text("import time; x = b'x' * 400_000_000; time.sleep(60)", encoding="utf-8")
    monkeypatch.setattr(piqp, "PROGRAM", program)
    limit = memory_in_use() + 0.2
    assert solve_by_piqp(problem, 1e-9, 60.0, limit, None).ending == "Memory limit reached"


def test_its_log_is_handed_on() -> None:
    """Every line once, in order, with a line for each iteration."""
    lines: list[str] = []
    answer = solve_by_piqp(random_problem(7, 12, 12), 1e-9, 60.0, None, lines.append)
    rows = [line.split()[0] for line in lines if line.strip()[:1].isdigit()]
    assert rows[: answer.iterations] == [str(i) for i in range(answer.iterations)]


def test_its_last_words_are_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also those of a line that does not end, of a program that says them and leaves."""
    program, lines = tmp_path / "talker.py", list[str]()
    program.write_text("import sys; sys.stderr.write('one\\ntwo'); sys.exit(3)", encoding="utf-8")
    monkeypatch.setattr(piqp, "PROGRAM", program)
    answer = solve_by_piqp(random_problem(7, 12, 12), 1e-9, 60.0, None, lines.append)
    assert lines == ["one", "two"]
    assert answer.ending == "its process ended with code 3: two"


@pytest.mark.usefixtures("for_all_sizes")
def test_without_an_optimum_the_answer_is_the_same_as_ever() -> None:
    """More demand than supply, found by presolve or by HiPO after PIQP has given up."""
    short = random_problem(7, 12, 12)
    above = {"row_lower": short.row_lower + 1e3, "row_upper": short.row_upper + 1e3}
    with pytest.raises(InfeasibleError):
        solve_highs(replace(short, **above))


def iteration(number: int, gap: float, primal: float, dual: float) -> str:
    """A line of PIQP's log, for an objective of about a million."""
    return f"{number} {1e6 + gap:.6e} 1.0e6 {gap:.6e} {primal:.3e} {dual:.3e} 1e-9 1e-9 1 1 1"


@pytest.mark.parametrize(
    ("gap", "primal", "dual"),
    [(0.9, 1.0, 1.02), (1.0, 0.9, 1.0), (1.0, 1.02, 0.9)],
    ids=["gap", "primal residual", "dual residual"],
)
def test_progress_of_one_measure_is_progress(gap: float, primal: float, dual: float) -> None:
    """One falls by a tenth in each iteration, the others rest or rise: it goes on.

    So it is near the end of a year of the park: the dual residual rises from the 59th iteration to
    the 82nd while the gap falls to a hundredth, and the optimum is found in the 102nd.
    """
    progress = piqp.Progress()
    for n in range(120):
        progress.hear(iteration(n, 1e5 * gap**n, 1e-3 * primal**n, 1e-2 * dual**n))
        assert not progress.stalled, n


def test_without_progress_it_is_ended() -> None:
    """Where nothing has halved for as many iterations as are allowed, and not before.

    What is as good as nothing may fall further: that is none.
    """
    progress = piqp.Progress()
    progress.hear(iteration(0, 1e5, 1e-3, 1e-2))
    progress.hear(iteration(1, 1e4, 1e-14, 1e-3))
    for n in range(2, 1 + piqp.STALLED_AFTER):
        progress.hear(iteration(n, 0.6e4, 1e-14 * 0.5**n, 0.6e-3))
        assert not progress.stalled, n
    progress.hear(iteration(1 + piqp.STALLED_AFTER, 0.6e4, 0.0, 0.6e-3))
    assert progress.stalled


@given(seed=st.integers(0, 2**32 - 1), noise=st.sampled_from([0.0, 1e-9, 1e-5]))
@settings(max_examples=60, deadline=None)
def test_duals_prove_only_what_has_no_solution(seed: int, noise: float) -> None:
    """Rough duals of an inner point tell the rows of a proof; no duals prove too much."""
    problem, draw = random_problem(seed, 8, 12), np.random.default_rng(seed)
    duals = draw.standard_normal(8)
    assert not proved_infeasible(problem, duals)
    assert not proved_infeasible(problem, np.zeros(8)) and not proved_infeasible(
        problem, duals[:0]
    )
    # The sum of two rows is asked to be more than they may be together.
    matrix, upper = problem.matrix.toarray(), problem.row_upper.copy()
    upper[:2] = problem.row_lower[:2] = 1.0
    impossible = replace(
        problem,
        matrix=sp.csc_array(np.vstack([matrix, matrix[0] + matrix[1]])),
        row_lower=np.append(problem.row_lower, 2.5),
        row_upper=np.append(upper, INFINITE),
    )
    proof = np.array([-1.0, -1.0, *np.zeros(6), 1.0]) + noise * draw.standard_normal(9)
    assert proved_infeasible(impossible, proof)
