"""Labels of nodes carry no meaning: with any others the problem and its result are the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from mini_park import make_root, mini

from meishan_model.accounts.measures import earnings
from meishan_model.accounts.principles import principle_table
from meishan_model.components import flows
from meishan_model.components.build import build_park
from meishan_model.components.flows import ParkGraph
from meishan_model.components.selection import flow_titles
from meishan_model.optimise import Model
from meishan_model.planning.backcast import SliceTask, slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.results.slice_file import energy_balance

YEAR = 2030


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> SliceTask:
    """A slice of the mini park."""
    project = mini(make_root(tmp_path_factory.mktemp("opaque")))
    return slice_task(project, YEAR, bounds(project.asset_table, YEAR), "0" * 64)


@contextmanager
def opaque_labels(seed: int) -> Iterator[None]:
    """Labels are numbers that are drawn without order."""
    numbers = [f"n{number:05d}" for number in range(1, 5000)]
    random.Random(seed).shuffle(numbers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flows, "label_of", lambda _: numbers.pop())
        yield


def graph_of(task: SliceTask) -> ParkGraph:
    """The graph of a slice."""
    return build_park(task.inputs, task.profiles, task.assets, task.emission_cap)


@pytest.fixture(scope="module")
def readable(task: SliceTask) -> xr.Dataset:
    """The solved slice with the labels that people read."""
    return solve_slice(task)


@pytest.fixture(scope="module")
def opaque(task: SliceTask) -> xr.Dataset:
    """The solved slice with labels that say nothing."""
    with opaque_labels(1):
        return solve_slice(task)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_problem_is_the_same(task: SliceTask, seed: int) -> None:
    """Rows, columns and numbers do not depend on labels, nor does their order."""
    first = graph_of(task)
    stated = Model(first.energy_system, first.registry.integral_limits).problem
    with opaque_labels(seed):
        second = graph_of(task)
    other = Model(second.energy_system, second.registry.integral_limits).problem
    assert not set(first.registry.nodes) & set(second.registry.nodes)
    for name in ("row_lower", "row_upper", "column_lower", "column_upper", "cost"):
        np.testing.assert_array_equal(getattr(stated, name), getattr(other, name), name)
    assert (stated.matrix != other.matrix).nnz == 0


def test_the_result_is_the_same(opaque: xr.Dataset, readable: xr.Dataset) -> None:
    """Everything in the file but labels is what it is with readable ones."""
    assert flow_titles(opaque) == flow_titles(readable)
    assert opaque["flow"].to_numpy().tolist() != readable["flow"].to_numpy().tolist()
    np.testing.assert_array_equal(opaque["power"], readable["power"])
    for name, array in readable.variables.items():
        if name in ("flow", "source", "target", "node", "storage", "bus", "word_node"):
            continue
        np.testing.assert_array_equal(opaque[name].to_numpy(), array.to_numpy(), str(name))


def test_the_accounts_are_the_same(
    task: SliceTask, opaque: xr.Dataset, readable: xr.Dataset
) -> None:
    """What is read from the file does not depend on labels, and not all of it is nothing."""
    assert opaque.attrs["hourly_matched_share"] == readable.attrs["hourly_matched_share"]
    found, known = (earnings(ds, task.inputs, ds, task.inputs) for ds in (opaque, readable))
    pd.testing.assert_frame_equal(found, known)
    assert (known[["benefit", "avoided"]] != 0.0).any().all()
    years = (YEAR, YEAR + 5)
    found, known = (
        principle_table(
            dict.fromkeys(years, ds),
            dict.fromkeys(years, task.inputs),
            pd.DataFrame([table["avoided"], table["avoided"]], years),
            potential=10.0,
        )
        for ds, table in ((opaque, found), (readable, known))
    )
    pd.testing.assert_frame_equal(found, known)
    pd.testing.assert_frame_equal(*(energy_balance(ds) for ds in (opaque, readable)))
