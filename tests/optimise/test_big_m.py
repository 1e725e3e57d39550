"""Limits behind binaries become smaller where that changes no optimum, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from exact import solve_exactly
from oemof import solph
from small_graphs import sink, source, system

from meishan_model.optimise import Model
from meishan_model.optimise.problem import LinearProblem
from meishan_model.optimise.solvers.big_m import tighten_big_m


def behind_a_line(
    load: tuple[float, ...],
    limit: float,
    *,
    offset: float = 50.0,
    price: float = 3.0,
    least: float = 0.0,
    shedding: float | None = None,
) -> LinearProblem:
    """A plant with a fixed cost feeds a hub, and a line that loses a fifth leads to a load."""
    hub, town = solph.Bus(label="hub"), solph.Bus(label="town")
    size = solph.Investment(
        ep_costs=price, maximum=limit, minimum=least, nonconvex=True, offset=offset
    )
    nodes = [
        hub,
        town,
        source("plant", hub, nominal_capacity=size, variable_costs=1.0),
        source("market", hub, nominal_capacity=max(load) * 2, variable_costs=9.0),
        solph.components.Converter(
            label="line",
            inputs={hub: solph.Flow()},
            outputs={town: solph.Flow()},
            conversion_factors={town: 0.8},
        ),
        sink("load", town, nominal_capacity=1.0, fix=load),
    ]
    if shedding is not None:
        nodes.append(source("shedding", town, variable_costs=shedding))
    return Model(system(nodes, (1.0,) * len(load))).problem


def limits_of(problem: LinearProblem) -> list[float]:
    """What the binaries of a problem are multiplied with in rows with another column."""
    part = problem.matrix[:, np.flatnonzero(problem.integer)].tocoo()
    return sorted(-part.data[part.data < 0.0])


def test_the_limit_is_what_the_load_can_take() -> None:
    """8 MW behind a line that loses a fifth take 10 MW of the plant, whatever may be built."""
    problem = behind_a_line((8.0, 4.0), 1e7)
    assert limits_of(problem) == [1e7]
    assert limits_of(tighten_big_m(problem)) == pytest.approx([10.0], rel=1e-5)
    assert limits_of(tighten_big_m(behind_a_line((8.0, 4.0), 6.0))) == [6.0]


def test_a_least_size_above_what_is_of_use() -> None:
    """Who builds has to build 12 MW, though 10 would do: the limit stays above that."""
    problem = tighten_big_m(behind_a_line((8.0, 4.0), 1e6, least=12.0))
    assert max(limits_of(problem)) == pytest.approx(12.0, rel=1e-5)


def test_a_capacity_that_earns_keeps_its_limit() -> None:
    """Where more of it pays without end, its limit is all that ends it."""
    problem = behind_a_line((8.0, 4.0), 1e4, price=-1.0)
    assert limits_of(tighten_big_m(problem)) == [1e4]


@pytest.mark.parametrize("seed", range(25))
def test_the_optimum_stays(seed: int) -> None:
    """Random loads, limits, prices and least sizes: the same optimum in exact numbers."""
    draw = np.random.default_rng(seed)
    problem = behind_a_line(
        (float(draw.integers(1, 9)), float(draw.integers(1, 9))),
        float(10 ** draw.uniform(0.5, 5)),
        offset=float(np.round(draw.uniform(0.0, 100.0), 2)),
        price=float(np.round(draw.uniform(-1.0, 8.0), 2)),
        least=float(draw.choice([0.0, 2.0])),
        shedding=float(draw.choice([20.0, 1e4])),
    )
    tight = tighten_big_m(problem)
    assert float(solve_exactly(tight).objective) == pytest.approx(
        float(solve_exactly(problem).objective), rel=1e-12, abs=1e-12
    )
