"""Frames of a solution are those of ``solph.Results``, for every component that is stated.

The reference is ``solph.Model`` with HiGHS by way of pyomo, on systems whose optimum is unique.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from face_systems import (
    BUILDS,
    STEPS,
    UNEVEN,
    Build,
    dispatch,
    investments,
    on_or_off,
    uneven,
    whole_numbers,
)
from oemof import solph

from meishan_model.optimise import BACKENDS, BackendName, Model, ModelError
from meishan_model.optimise.solution import extract
from meishan_model.optimise.solvers.solve import solve_problem

TOLERANCE = 1e-6
FREE = {"positive_gradient", "negative_gradient"}
"""What the optimum does not determine."""


def hourly() -> solph.EnergySystem:
    index = pd.date_range("2035-03-01", periods=STEPS + 1, freq="h")
    return solph.EnergySystem(timeindex=index, infer_last_interval=False)


def inferred() -> solph.EnergySystem:
    index = pd.date_range("2035-03-01", periods=STEPS, freq="2h")
    return solph.EnergySystem(timeindex=index, infer_last_interval=True)


def unequal() -> solph.EnergySystem:
    return uneven([])


def numbered() -> solph.EnergySystem:
    return solph.EnergySystem(timeindex=[0, 1, 1.5, 3, 3.25, 5], infer_last_interval=False)


SYSTEMS = (hourly, inferred, unequal, numbered)


def results_of(system: solph.EnergySystem) -> solph.Results:
    """Results of ``solph.Model`` itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"mip_rel_gap": 0.0, "mip_feasibility_tolerance": 1e-9}
        return solph.Model(system).solve(solver="highs", cmdline_options=options)


def frames_of(results: solph.Results) -> Iterator[tuple[str, pd.DataFrame]]:
    """All frames that solph gives, without columns that belong to no node and with plain numbers.

    An empty set of one block is a column named 0 beside those of another; costs that are one
    number for all steps are a sequence in each cell.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keys = results.keys() - {"objective"}
        found = {key: results.get(key) for key in keys}
    for key, frame in found.items():
        if not isinstance(frame, pd.DataFrame) or frame.empty:
            continue
        frame = frame.loc[:, [column != 0 for column in frame.columns]]
        if frame.shape[1]:
            cells = frame.map(lambda cell: cell[0] if hasattr(cell, "__getitem__") else cell)
            yield key, cells.astype(float)


def compare(system: solph.EnergySystem, backend: BackendName) -> None:
    """Assert that all frames are those of solph."""
    results = results_of(system)
    solution = Model(system, backend=backend).solve()
    assert solution.objective == pytest.approx(results["objective"], rel=TOLERANCE)
    expected, keys = dict(frames_of(results)), solution.keys()
    assert set(keys) == set(expected) - FREE
    for key in keys:
        frame = solution.frame(key)
        assert set(frame.columns) == set(expected[key].columns), key
        # solph keeps investments in sets, whose order is another one in every run.
        in_order = expected[key] if key == "flow" else expected[key][list(frame.columns)]
        pd.testing.assert_frame_equal(
            frame, in_order, rtol=TOLERANCE, atol=TOLERANCE, obj=f"frame {key}"
        )


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.__name__)
def test_frames_are_those_of_solph(build: Build, backend: BackendName) -> None:
    """Of every component, on steps of unequal length."""
    compare(uneven(build()), backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("empty", SYSTEMS, ids=lambda system: system.__name__)
def test_frames_have_the_index_of_the_energy_system(
    empty: Callable[[], solph.EnergySystem], backend: BackendName
) -> None:
    """With a last interval that is given or inferred, with unequal steps, and of plain numbers."""
    system = empty()
    system.add(*dispatch())
    compare(system, backend)


def test_dataset_has_further_variables() -> None:
    """Statuses, starts and whether an investment is made are those of the frames."""
    solution = Model(uneven(on_or_off())).solve()
    dataset = solution.to_xarray()
    for key in ("status", "status_nominal", "startup", "shutdown"):
        frame = solution.frame(key)
        for source, target in frame.columns:
            values = dataset[key].sel(edge=f"{source.label}->{target.label}")
            np.testing.assert_array_equal(values, frame[source, target])
        assert np.isnan(dataset[key].sel(edge="grid->power")).all()
    made = solution.further["invest_status"]
    assert dataset["invest_status"].sel(edge="engine->power") == made["engine", "power"][0]


def test_other_stamps() -> None:
    """Given stamps of steps stand in all frames, with the end of the last step after them."""
    system = uneven(dispatch())
    stamps = pd.date_range("2040-07-01", periods=STEPS, freq="D")
    for index, points in (
        (stamps, stamps.append(pd.DatetimeIndex(["2040-07-05 02:00"]))),
        (pd.RangeIndex(STEPS), pd.RangeIndex(STEPS + 1)),
        (pd.Index([0.0, 0.5, 1.5, 4.0, 5.0]), pd.Index([0.0, 0.5, 1.5, 4.0, 5.0, 7.0])),
        (pd.Index(list("abcde")), pd.Index([*"abcde", "end"])),
    ):
        solution = Model(system, index=index).solve()
        pd.testing.assert_index_equal(solution.flow.index, points[:-1], exact="equiv")
        pd.testing.assert_index_equal(solution.frame("flow").index, points[:-1], exact="equiv")
        pd.testing.assert_index_equal(
            solution.frame("storage_content").index, points, exact="equiv"
        )
    with pytest.raises(ModelError, match="4 stamps are given for 5 time steps"):
        Model(system, index=pd.RangeIndex(4))


def test_a_frame_that_is_not_there_is_refused() -> None:
    """With the names of those that are; without an energy system there is none."""
    system = hourly()
    system.add(*whole_numbers())
    model = Model(system)
    solution = model.solve()
    with pytest.raises(ModelError, match="no frame invest; flow, integer_flow, variable_costs"):
        solution.frame("invest")
    with pytest.raises(ModelError, match="positive_gradient"):
        solution.frame("positive_gradient")
    raw = solve_problem(model.problem)
    with pytest.raises(ModelError, match="no energy system"):
        extract(model.problem, raw, model.index).frame("flow")


def test_dataset(tmp_path: Path) -> None:
    """A dataset holds what the solution holds, by the ends of flows, and can be saved and read."""
    system = uneven(investments())
    model = Model(system, {"heat": 9.0})
    rise = model.flow("engine", "power")[1:] - model.flow("engine", "power")[:-1]
    model.add_rows("rise", rise, "<=", 1.3)
    model.add_rows("size", model.new_capacity("battery"), "<=", 9.0)
    solution = model.solve()
    solution.to_xarray().to_netcdf(tmp_path / "solution.nc")
    with xr.open_dataset(tmp_path / "solution.nc") as dataset:
        for edge in solution.flow.columns:
            one = dataset.sel(edge="->".join(edge))
            assert (one["source"].item(), one["target"].item()) == edge
            assert (one["flow"].to_numpy() == solution.flow[edge].to_numpy()).all()
            built = solution.flow_investment.get(edge, np.nan)
            np.testing.assert_equal(one["flow_investment"].item(), built)
        assert solution.bus_price is not None and solution.row_dual is not None
        assert solution.flow_investment_reduced_cost is not None
        assert solution.storage_investment_reduced_cost is not None
        never = dataset["flow_investment_reduced_cost"].sel(edge="never->power")
        assert never == solution.flow_investment_reduced_cost["never", "power"] > 1000.0
        battery = dataset.sel(storage="battery")
        assert (battery["storage_content"] == solution.storage_content["battery"]).all()
        assert battery["initial_content"] == solution.initial_content["battery"]
        assert battery["storage_investment"] == solution.storage_investment["battery"]
        reduced = solution.storage_investment_reduced_cost["battery"]
        assert battery["storage_investment_reduced_cost"] == reduced
        price = dataset["bus_price"].sel(bus="power")
        assert (price == solution.bus_price["power"].to_numpy()).all()
        assert solution.limit_price is not None
        assert dataset["limit_price"].sel(limit="heat") == solution.limit_price["heat"] > 0.0
        rows = dataset["row_dual"].to_series()
        names, places = dataset["row_name"].to_numpy(), dataset["row_position"].to_numpy()
        assert list(zip(names, places, strict=True)) == [
            *(("rise", i) for i in range(4)),
            ("size", 0),
        ]
        assert rows.to_list() == [*solution.row_dual["rise"], *solution.row_dual["size"]]
        assert min(rows) < 0.0
        assert list(dataset["time"].to_numpy()) == list(UNEVEN[:-1].to_numpy())
        assert dataset.attrs["objective"] == solution.objective
        assert dataset.attrs["gap"] == solution.gap
        assert dataset.attrs["solver"] == solution.solver


def test_dataset_of_little(tmp_path: Path) -> None:
    """Without storages, limits and rows of one's own these are empty, and it can be saved too."""
    system = hourly()
    system.add(*whole_numbers())
    dataset = Model(system).solve().to_xarray()
    assert {name: dataset.sizes[name] for name in ("storage", "limit", "row")} == {
        "storage": 0,
        "limit": 0,
        "row": 0,
    }
    dataset.to_netcdf(tmp_path / "solution.nc")
    with xr.open_dataset(tmp_path / "solution.nc") as read:
        xr.testing.assert_equal(read["flow"], dataset["flow"])
