"""The comparison of readings and the mutants of ``benchmarks``: what they tell apart."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import xarray as xr

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.mutants import mutants_of
from benchmarks.readings_unique import settled_prices, unique_optima
from benchmarks.readings_values import as_plain, differences
from meishan_model.optimise import model
from meishan_model.optimise.problem import NO_LABELS, LinearProblem

TABLE = pd.DataFrame({"energy": [2.0, 300.0]}, index=["port->hub", "hub->export"])
RENAMED = {"port": "n00001", "hub": "n00002", "export": "n00003"}


def test_noise_is_the_same_and_a_changed_number_is_not():
    assert not differences(as_plain(TABLE), as_plain(TABLE * (1.0 + 1e-8)), {})
    (found,) = differences(as_plain(TABLE), as_plain(TABLE + np.array([[0.0], [0.01]])), {})
    assert found == "/energy/hub->export: 300.0 -> 300.01"


def test_labels_are_followed_through_their_new_names_in_whatever_order():
    called = TABLE.set_axis(["n00001->n00002", "n00002->n00003"]).iloc[::-1]
    assert not differences(as_plain(TABLE), as_plain(called), RENAMED)
    assert len(differences(as_plain(TABLE), as_plain(called), {})) == 2
    swapped = called.set_axis(called.index[::-1])
    assert len(differences(as_plain(TABLE), as_plain(swapped), RENAMED)) == 2


def test_a_word_that_is_also_a_label_stays_a_word():
    old, new = (
        {"export:hub": "power on export from hub"},
        {"export:n00002": "power on export from n00002"},
    )
    assert not differences(old, new, RENAMED)


def test_rows_of_a_text_may_stand_in_another_order():
    old, new = "hub 1.25 MW\nport 3 of 7", "n00001 3 of 7\nn00002  1.26 MW"
    assert not differences(old, new, RENAMED)
    assert differences(old, new.replace("3 of", "4 of"), RENAMED)
    assert differences(old, new.replace("1.26", "1.27"), RENAMED)


def test_hours_of_a_dataset_are_compared_and_more_coordinates_are_welcome():
    power = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=("flow", "time"))
    old = xr.Dataset({"power": power}, {"flow": ["port", "hub"]}, {"solve_seconds": 1.0})
    new = old.assign_coords(flow=["n00001", "n00002"], role=("flow", ["load", "export"]))
    assert not differences(as_plain(old), as_plain(new), RENAMED)
    (found,) = differences(as_plain(old), as_plain(new + 0.5 * (power == 4.0)), RENAMED)
    assert found == "/power/hub/1: 4.0 -> 4.5"


@pytest.mark.parametrize(
    ("line", "kind", "changed"),
    [
        ("return a + b * 2", "arithmetic", {"a - b * 2", "b / 2"}),
        ("return a < b", "comparison", {"a <= b"}),
        ("return a if a else b", "condition", {"not a"}),
        ("return f(a, b, key=a)", "arguments swapped", {"f(b, a, key=a)"}),
        ("return f(a, b, key=a)", "keyword dropped", {"f(a, b)"}),
        ("return f(max(a, b))", "arguments swapped", set()),
        ("raise ValueError(a + b)", "arithmetic", set()),
    ],
)
def test_every_mutant_is_another_code_of_the_same_file(line: str, kind: str, changed: set[str]):
    source = f"def g(a: int | None, b=0):\n    {line}\n".encode()
    found = [mutant for mutant in mutants_of("room", "file", source) if mutant.kind == kind]
    assert {mutant.new for mutant in found} == changed
    for mutant in found:
        compile(mutant.applied(source), "file", "exec")
        assert mutant.applied(source) != source


def test_numbers_of_a_text_keep_their_digits_and_stamps_do_not():
    text = as_plain(
        "at most 2.078123456789012 MW, made 2030-01-01T00:00:00Z in 3.1 s of 3f2b" + "a" * 20
    )
    assert text == "at most 2.078123456789012 MW, made * in * of *"
    assert not differences(text, text.replace("6789012", "6789013"), {})
    assert differences(text, text.replace("2.078", "2.079"), {})


def test_what_ties_is_decided_by_what_it_is_and_not_by_its_place():
    # Two columns of the same cost serve a demand of 7; limits of 8 and 9 set them apart.
    rows = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    problem = LinearProblem(
        matrix=sp.csc_array(rows),
        row_lower=np.array([7.0, -np.inf, -np.inf]),
        row_upper=np.array([7.0, 8.0, 9.0]),
        column_lower=np.zeros(2),
        column_upper=np.full(2, np.inf),
        cost=np.full(2, 5.0),
        integer=np.zeros(2, dtype=bool),
        cost_offset=1.0,
        labels=NO_LABELS,
    )
    with unique_optima():
        solve = vars(model)["solve_problem"]
        found = solve(problem)
        turned = solve(replace(problem, matrix=sp.csc_array(rows[:, ::-1])))
    assert found.objective == turned.objective == pytest.approx(5.0 * 7.0 + 1.0)
    assert sorted(found.column_values) == pytest.approx([0.0, 7.0])
    assert turned.column_values[::-1] == pytest.approx(found.column_values)


def test_a_price_of_one_hour_alone_stands_in_the_first():
    price = xr.DataArray([[0.0, 0.0, 9.0], [1.0, 2.0, 0.0]], dims=("bus", "time"))
    moved = settled_prices(xr.Dataset({"price": price}))["price"].to_numpy()
    np.testing.assert_array_equal(moved, [[9.0, 0.0, 0.0], [1.0, 2.0, 0.0]])
