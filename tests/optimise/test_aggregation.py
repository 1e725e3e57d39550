"""Aggregated time series: a case solved by hand, solph's optimum of random ones, and refusals.

The reference is ``solph.Model`` with HiGHS by way of pyomo.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from aggregated_systems import random_system
from oemof import solph
from other_times import aggregated, nodes, several
from plain_solph import plain_model, plain_objective, quietly
from small_graphs import sink, source

from meishan_model.optimise import BACKENDS, InfeasibleError, Model, ModelError, constraints

Build = Callable[[], solph.EnergySystem]
SEEDS = range(20)


def by_hand(dear: float | None = None, **sun: Any) -> solph.EnergySystem:
    """Sun that a storage moves from a period that occurs three times to one that occurs once."""
    bus = solph.Bus(label="bus")
    store = solph.components.GenericStorage(
        label="store",
        inputs={bus: solph.Flow()},
        outputs={bus: solph.Flow()},
        nominal_capacity=2.0,
        initial_storage_level=0.5,
        inflow_conversion_factor=0.5,
    )
    sunny = {"nominal_capacity": 2.0, "maximum": [1, 0, 0, 0], "variable_costs": 2.0, **sun}
    made = solph.EnergySystem(
        timeindex=pd.date_range("2035-01-01", periods=5, freq="h"),
        tsa_parameters={"timesteps_per_period": 2, "order": [0, 0, 0, 1]},
        infer_last_interval=False,
    )
    made.add(
        bus,
        store,
        sink("demand", bus, nominal_capacity=1.0, fix=[0.0, 0.5, 6.0, 0.0]),
        source("dear", bus, variable_costs=100.0, nominal_capacity=dear),
        source("sun", bus, **sunny),
    )
    return made


@pytest.mark.parametrize("backend", BACKENDS)
def test_by_hand(backend: Any) -> None:
    r"""A storage of 2 that is filled in three equal days and emptied in the fourth.

    A day of sun has :math:`c \le 2` in its first hour at 2 a unit, of which the storage keeps
    half, and a demand of :math:`d = 1/2` in its second hour; each such day leaves
    :math:`\delta = c/2 - d` in the storage, which starts with 1. It is fullest in the middle of
    the third day, :math:`1 + 2 \delta + c/2 \le 2`, so that :math:`\delta = (1 - d) / 3 = 1/6`,
    :math:`c = 4/3`. The fourth day needs 6, of which the storage gives :math:`3 \delta = 1/2` if
    it is to end with 1, and the dear source the rest at 100:
    :math:`3 \cdot 2 c + 100 (6 - 1/2) = 558`.

    A unit more in the first hour of the sunny days costs 2; in the second hours 3 units need
    :math:`3 \cdot 2 \cdot 4/3 = 8` of sun and leave one unit less for the fourth day, 108 in all,
    36 a unit; in the first hour of that day one costs 100.
    """
    solution = quietly(lambda: Model(by_hand(), backend=backend).solve())
    assert solution.objective == pytest.approx(558.0)
    flows = {("sun", "bus"): [4 / 3, 0, 0, 0], ("dear", "bus"): [0, 0, 5.5, 0]}
    flows |= {("bus", "store"): [4 / 3, 0, 0, 0], ("store", "bus"): [0, 0.5, 0.5, 0]}
    for edge, expected in flows.items():
        np.testing.assert_allclose(solution.flow[edge], expected, atol=1e-9)
    (between,) = solution.further["inter_storage_content"].values()
    np.testing.assert_allclose(between, [1.0, 7 / 6, 4 / 3, 3 / 2, 1.0])
    assert solution.bus_price is not None
    np.testing.assert_allclose(solution.bus_price["bus"].iloc[:3], [2.0, 36.0, 100.0])


def test_energy_counts_what_occurs() -> None:
    """A row on the energy of a flow is the same as its full-load time: of 2 units 3 / 2 hours."""
    model = quietly(lambda: Model(by_hand()))
    model.add_rows("sunny", model.energy("sun", "bus"), "<=", 3.0)
    solution, expected = model.solve(), quietly(lambda: by_hand(full_load_time_max=1.5))
    assert solution.flow["sun", "bus"].iloc[0] == pytest.approx(1.0)
    assert solution.objective == pytest.approx(plain_objective(expected))
    assert solution.objective == pytest.approx(quietly(lambda: Model(expected).solve()).objective)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_system(seed: int) -> None:
    """The optimum is that of solph, or there is none by either."""
    limits = {"emission": 4.0} if seed % 3 == 0 else {}
    model = plain_model(quietly(lambda: random_system(seed)))
    for keyword, most in limits.items():
        solph.constraints.generic_integral_limit(model, keyword, upper_limit=most)
    ours = quietly(lambda: Model(random_system(seed), limits))
    try:
        quietly(lambda: model.solve(solver="highs", cmdline_options={"mip_rel_gap": 0.0}))
    except RuntimeError:
        with pytest.raises(InfeasibleError):
            ours.solve()
        return
    assert ours.solve().objective == pytest.approx(float(model.objective()), rel=1e-6)


def frames_are_those_of_pyomo(build: Build) -> None:
    """Assert that both backends give the same frames."""
    ours, theirs = (quietly(lambda b=b: Model(build(), backend=b).solve()) for b in BACKENDS)
    assert set(ours.keys()) == set(theirs.keys())
    for key in ours.keys():  # noqa: SIM118
        frame, other = ours.frame(key), theirs.frame(key)
        for one in (frame, other):
            one.columns = [str(column) for column in one.columns]
        pd.testing.assert_frame_equal(frame, other[list(frame.columns)], atol=1e-6, obj=key)


def invested() -> solph.EnergySystem:
    """The storage and the cheap source are built."""
    size, content = solph.Investment(ep_costs=30), solph.Investment(ep_costs=1)
    return aggregated(size=size, content=content)


@pytest.mark.parametrize(
    "build", [by_hand, invested, aggregated], ids=["by hand", "invested", "free"]
)
def test_frames(build: Build) -> None:
    """Frames are the same by both backends, also of storages that are built."""
    frames_are_those_of_pyomo(build)


def test_contents_between_periods_are_those_of_solph() -> None:
    """The frame that solph gives of the contents, from 0 and without times; and what is built."""
    system = quietly(invested)
    results = quietly(lambda: plain_model(system).solve(solver="highs"))
    solution = quietly(lambda: Model(system).solve())
    for key in ("inter_storage_content", "invest", "total"):
        expected = quietly(lambda key=key: results[key])
        frame = solution.frame(key)
        pd.testing.assert_frame_equal(
            frame, expected[list(frame.columns)].astype(float), check_index_type=False
        )
    dataset = solution.to_xarray()
    assert dataset["storage_investment"].sel(storage="store") == pytest.approx(
        solution.storage_investment["store"]
    )
    assert np.isnan(dataset["storage_content"]).all()


def changed(**parameters: Any) -> Build:
    """Four time steps of an hour with some parameters of the aggregation."""

    def build() -> solph.EnergySystem:
        given = {"timesteps_per_period": 2, "order": [0, 1, 1, 0], **parameters}
        index = None if "segments" in given else pd.date_range("2035", periods=5, freq="h")
        made = solph.EnergySystem(index, tsa_parameters=given, infer_last_interval=False)
        made.add(*nodes(4, content=None))
        return made

    return build


def refusal(build: Build, backend: Any = "linopy") -> str:
    """What is said of a system that is refused."""
    with pytest.raises(ModelError) as caught:
        quietly(lambda: Model(build(), backend=backend))
    return str(caught.value)


def test_several_periods() -> None:
    """They are refused by one sentence, with aggregated time series and without."""
    for tsa in (False, True):
        said = refusal(lambda tsa=tsa: several(2, tsa=tsa, content=None))
        assert said == "the linopy backend does not state: several periods; use backend pyomo"


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"order": [1, 2, 1]}, "periods in tsa_parameters that are not 0, 1, …, and taken for th"),
        ({"order": [0, 1, 2, 0]}, "4 time steps, but 3 typical periods of 2 steps"),
        ({"segments": {(1, 0): 1, (1, 1): 2, (0, 0): 2, (0, 1): 1}}, "segments that are not in"),
    ],
)
def test_typical_periods_that_solph_misreads(parameters: dict[str, Any], told: str) -> None:
    """Solph counts them as if they were in order; the pyomo backend does as solph does."""
    said = refusal(changed(**parameters))
    assert said.startswith("solph takes otherwise than it reads: ")
    assert told in said
    by_pyomo = quietly(lambda: Model(changed(**parameters)(), backend="pyomo").solve())
    assert by_pyomo.objective == pytest.approx(plain_objective(quietly(changed(**parameters))))


def test_initial_level_of_an_invested_storage() -> None:
    """Solph holds a share of the capacity to a change of zero, so that nothing is built."""

    def build(**more: Any) -> solph.EnergySystem:
        return aggregated(content=solph.Investment(ep_costs=1), **more)

    level = {"initial_storage_level": 0.5}
    told = "store: initial_storage_level with investment and aggregated time series, and taken"
    assert told in refusal(lambda: build(**level))
    solution = quietly(lambda: Model(build(**level), backend="pyomo").solve())
    assert solution.storage_investment["store"] == pytest.approx(0.0)
    assert solution.objective > quietly(lambda: Model(build()).solve()).objective


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (changed(timesteps_per_period=1), "4 time steps, but 2 typical periods of 1 steps"),
        (lambda: aggregated(storage_costs=1), "store: storage_costs with aggregated time series"),
        (
            lambda: aggregated(min_storage_level=[0.0] * 5),
            "store: min_storage_level has 5 values, 8 are needed",
        ),
    ],
)
def test_what_solph_fails_at(build: Build, told: str) -> None:
    """It is refused by both backends."""
    for backend in BACKENDS:
        assert told in refusal(build, backend)
    with pytest.raises((AttributeError, IndexError)):
        plain_objective(quietly(build))


def test_content_that_is_not_there() -> None:
    """There is no content of each step to write rows about, and no constraint on it."""
    model = quietly(lambda: Model(aggregated()))
    with pytest.raises(ModelError, match="no storage store with a content in aggregated time"):
        model.content("store")
    with pytest.raises(ModelError, match="multiplexer, a storage_level_constraint with aggr"):
        constraints.storage_level_constraint(model, "multiplexer", "store", "bus", {}, {})


@pytest.mark.parametrize("backend", BACKENDS)
def test_conflict(backend: Any) -> None:
    """Rows between typical periods are told as those of the storage that they belong to.

    The fourth day needs 6 and has 3 beside what the storage of 2 can give.
    """
    model = quietly(lambda: Model(by_hand(dear=3.0), backend=backend))
    with pytest.raises(
        InfeasibleError, match=r" (capacity limit|storage balance) of store\n"
    ) as e:
        model.solve()
    assert "a row without unknowns" not in str(e.value)
