"""HiGHS and CBC on the real park."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from meishan_model.components.build import build_park
from meishan_model.components.flows import ParkGraph
from meishan_model.optimise import Model
from meishan_model.optimise.problem import LinearProblem, RawSolution
from meishan_model.optimise.solvers.cbc import solve_cbc
from meishan_model.optimise.solvers.highs import solve_highs
from meishan_model.planning.backcast import cap_of_year
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import open_project
from meishan_model.series.build import build_profiles

Floats = NDArray[np.float64]
ROOT = Path(__file__).parents[2]
YEAR = 2050


def graph_of(hours: int) -> ParkGraph:
    """Some hours of the target year of the recommended pathway."""
    project = open_project("balanced", ROOT, hours=hours)
    inputs = project.slices[YEAR]
    profiles = build_profiles(inputs, project.park, project.weather_folder, hours)
    assets = bounds(project.asset_table, YEAR)
    return build_park(inputs, profiles, assets, cap_of_year(project, YEAR))


def electricity(problem: LinearProblem) -> dict[str, NDArray[np.int64]]:
    """Rows of the 20 kV buses and of the 110 kV bus, where one more MWh can always be served."""
    rows = problem.labels.bus_balance
    return {b: r for b, r in rows.items() if b.endswith("_20kv") or b == "grid_110kv"}


def with_demand(problem: LinearProblem, rows: NDArray[np.int64], size: float) -> LinearProblem:
    """The problem with a little more or less demand in every hour, by random shares of a size."""
    shift = np.zeros(len(problem.row_lower))
    shift[rows] = np.random.default_rng(0).uniform(0.5, 1.5, len(rows)) * size
    return replace(
        problem, row_lower=problem.row_lower + shift, row_upper=problem.row_upper + shift
    )


def agree(one: Floats, other: Floats, tolerance: float, weight: float) -> NDArray[np.bool_]:
    """Where two sets of prices agree, relative above one CNY/MWh."""
    return np.abs(one - other) <= tolerance * np.maximum(weight, np.abs(other))


def duals(raw: RawSolution) -> Floats:
    """The duals of a solution, which must be there."""
    assert raw.row_duals is not None
    return raw.row_duals


@pytest.mark.thorough
@pytest.mark.slow
def test_highs_and_cbc_agree_on_two_weeks_of_the_park() -> None:
    """The cost is the same to 1e-6, and so are the prices to 1e-4 wherever there is one price.

    HiGHS solves by an interior point without crossover, CBC by its simplex. In an hour in which
    the last MW of demand sits on a kink of the cost curve every price between its two slopes is
    right, and the two may differ: the interior point then lies between the slopes, a simplex on
    one of them. A price counts as unique here if the simplex of HiGHS finds the same slope with a
    little more and with a little less demand on all buses, and the interior point lies there too.
    CBC has no part in that judgement. It is evidence and no proof, since the two shifts are but
    two of many; what is proven, for all prices, unique or not, is that those of CBC are optimal:
    no reduced cost points to an open bound, and the dual objective is the cost that HiGHS found.
    """
    hours = 336
    graph, weight = graph_of(hours), 8760.0 / hours
    problem = Model(graph.energy_system, graph.registry.integral_limits).problem
    highs, cbc = solve_highs(problem), solve_cbc(problem)
    assert highs.history == ("piqp: Optimal",)
    assert cbc.objective == pytest.approx(highs.objective, rel=1e-6)

    rows = np.concatenate(list(electricity(problem).values()))
    assert (rows >= 0).all()
    more, less = (
        duals(solve_highs(with_demand(problem, rows, size), methods=("simplex",)))[rows]
        for size in (1e-5, -1e-5)
    )
    interior, vertex = duals(highs)[rows], duals(cbc)[rows]
    unique = agree(more, less, 1e-6, weight) & agree(interior, more, 1e-5, weight)
    assert unique.mean() > 0.9
    assert agree(vertex, interior, 1e-4, weight)[unique].all()
    prove_optimal(problem, duals(cbc), highs.objective)


@pytest.mark.thorough
@pytest.mark.slow
def test_backends_agree_on_a_week_of_the_park() -> None:
    """Both statements of the problem have the same optimum, by the simplex, to 1e-9."""
    graph = graph_of(168)
    lean, reference = (
        solve_highs(
            Model(graph.energy_system, graph.registry.integral_limits, backend=backend).problem,
            methods=("simplex",),
        ).objective
        for backend in ("linopy", "pyomo")
    )
    assert lean == pytest.approx(reference, rel=1e-9)


def prove_optimal(problem: LinearProblem, row_duals: Floats, objective: float) -> None:
    """Prove by weak duality that row duals are optimal, given the cost of a feasible solution."""
    reduced = problem.cost - problem.matrix.T @ row_duals
    bounds = 0.0
    for multiplier, lower, upper in (
        (row_duals, problem.row_lower, problem.row_upper),
        (reduced, problem.column_lower, problem.column_upper),
    ):
        bound = np.where(multiplier > 0, lower, upper)
        open_bound = np.isinf(bound)
        # CBC writes eight digits of each dual.
        assert np.abs(multiplier[open_bound]).max(initial=0.0) < 1e-6 * np.abs(row_duals).max()
        bounds += float(multiplier[~open_bound] @ bound[~open_bound])
    assert bounds + problem.cost_offset == pytest.approx(objective, rel=1e-6)
