"""A problem as LP and MPS file: read back it has the same optimum and the names of its system."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import highspy
import pytest
from face_systems import BUILDS, Build, dispatch, investments, made_or_not, uneven
from hand_solved import demand_on, energy_system, source
from hypothesis import given, settings
from oemof import solph
from random_graphs import Plan, build, plans

from meishan_model.optimise import BACKENDS, BackendName, Model, ModelError, OptimiseError
from meishan_model.optimise.solvers.cbc import cbc_binary

SUFFIXES = (".lp", ".mps")
SAME = 1e-8
"""Relative difference of two objectives; the files have 15 digits."""
each_suffix = pytest.mark.parametrize("suffix", SUFFIXES)
each_backend = pytest.mark.parametrize("backend", BACKENDS)


def read(path: Path) -> tuple[Any, set[str], set[str]]:
    """A HiGHS with what is in a file, and the names of its columns and rows, each once."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk
    columns = [solver.getColName(i)[1] for i in range(solver.getNumCol())]
    rows = [solver.getRowName(i)[1] for i in range(solver.getNumRow())]
    assert len(set(columns)) == len(columns)
    assert len(set(rows)) == len(rows)
    return solver, set(columns), set(rows)


def optimum_of(solver: Any) -> float:
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value)


@each_suffix
@each_backend
@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.__name__)
def test_a_file_has_the_same_optimum(
    build: Build, backend: BackendName, suffix: str, tmp_path: Path
) -> None:
    """Of every component, with its integers, and with as many columns and rows as the problem."""
    model = Model(uneven(build()), backend=backend)
    path = tmp_path / f"problem{suffix}"
    model.write(path)
    solver, columns, rows = read(path)
    assert (len(rows), len(columns)) == model.problem.matrix.shape
    assert optimum_of(solver) == pytest.approx(model.solve().objective, rel=SAME)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("build", [dispatch, made_or_not], ids=lambda build: build.__name__)
def test_another_reader_understands_a_file(build: Build, suffix: str, tmp_path: Path) -> None:
    """CBC, which has its own reader of both formats, finds the same optimum."""
    model = Model(uneven(build()))
    path = tmp_path / f"problem{suffix}"
    model.write(path)
    words = [str(cbc_binary()), str(path), "ratioGap", "0", "solve"]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    found = re.findall(r"(?i)(?:objective value|optimal objective):?\s+([-+0-9.e]+)", told)
    assert found, told
    # An offset of the objective is a column of its own to CBC, or is left out of what it tells.
    assert float(found[-1]) == pytest.approx(model.solve().objective, rel=1e-6), told


@each_suffix
def test_names_are_those_of_the_energy_system(suffix: str, tmp_path: Path) -> None:
    """Flows by their ends and step, contents by time point, capacities, balances and own rows.

    A flow that is a profile of a capacity has no column but that of the capacity; one that a
    converter pins to another stands on the column of the first of them.
    """
    for nodes, of_columns, of_rows in (
        (
            dispatch,
            {
                "flow(gas,unit)(3)",
                "flow(brook,east)(0)",
                "content(tank)(5)",
                "flow(tank,power)(1)",
            },
            {
                "balance(power)(4)",
                "storage_balance(tank)(0)",
                "positive_gradient(unit,power)(1)",
                "full_load_time_min(brook,east)",
                "late(0)",
                "late(1)",
                "in_all",
            },
        ),
        (
            investments,
            {"flow_capacity(sun,power)", "storage_capacity(battery)", "flow(engine,power)(2)"},
            {"max_content(battery)(5)", "input_capacity(battery)", "max(engine,power)(0)"},
        ),
        (
            made_or_not,
            {"invest_status(made,power)", "invest_status(dear_store)"},
            {"maximum_invest(made,power)"},
        ),
    ):
        model = Model(uneven(nodes()))
        if nodes is dispatch:
            model.add_rows("late", model.flow("grid", "power")[-2:], "<=", 8.0)
            model.add_rows("in_all", model.energy("grid", "power"), "<=", 80.0)
        model.write(tmp_path / f"problem{suffix}")
        _, columns, rows = read(tmp_path / f"problem{suffix}")
        assert of_columns <= columns
        assert of_rows <= rows
        assert not columns & {"flow(sun,power)(0)", "flow(unit,power)(3)"}


@each_suffix
def test_names_of_the_reference(suffix: str, tmp_path: Path) -> None:
    """Are the same where both backends have a column or row, and else those of pyomo."""
    model = Model(uneven(investments()), backend="pyomo")
    model.write(tmp_path / f"problem{suffix}")
    _, columns, rows = read(tmp_path / f"problem{suffix}")
    assert {
        "flow(engine,power)(2)",
        "flow(sun,power)(0)",
        "content(battery)(5)",
        "flow_capacity(sun,power)",
        "storage_capacity(battery)",
        "InvestmentFlowBlock.total(sun,power,0)",
    } <= columns
    assert {"balance(power)(4)", "InvestmentFlowBlock.total_rule(sun,power,0)"} <= rows


def test_steps_without_a_row_are_skipped_in_names(tmp_path: Path) -> None:
    """Rows are named by their own step where others have no unknown or no bound."""
    bus = solph.Bus("bus")
    nodes = [bus, source("plant", bus), demand_on(bus, {"bus": (1, 2, 3)})]
    model = Model(energy_system(3, nodes))
    model.add_rows("some", model.flow("plant", "bus"), "<=", [float("inf"), 5.0, 5.0])
    model.add_rows("one", model.flow("plant", "bus"), ">=", [-float("inf"), 0.0, -float("inf")])
    model.write(tmp_path / "problem.mps")
    _, _, rows = read(tmp_path / "problem.mps")
    assert rows == {*(f"balance(bus)({t})" for t in range(3)), "some(1)", "some(2)", "one(1)"}


AWKWARD = (
    "wind park",
    "wind_park",
    "风",
    "sun->roof",
    "1st",
    "a+b*c",
    "x'y\"z",
    "e5",
    "[3]",
    "\\",
)
"""Labels that no format allows as they are, of which some are the same without what is not."""
WORDS = (
    "free",
    "2030 cap",
    "e5",
    "max",
    "end",
    "st",
    "inf",
    "风 1",
    "obj",
    "R1",
    ".5",
    "such that",
)
"""Names of own rows that are words or numbers of the formats."""


@each_suffix
@each_backend
def test_awkward_names(backend: BackendName, suffix: str, tmp_path: Path) -> None:
    """Whatever nodes and rows are called, the file is read, and no two names are the same."""
    bus = solph.Bus("main bus")
    plants = [
        source(name, bus, nominal_capacity=1.0, variable_costs=float(price))
        for price, name in enumerate(AWKWARD)
    ]
    model = Model(
        energy_system(2, [bus, *plants, demand_on(bus, {"main bus": (5.5, 7)})]), backend=backend
    )
    if backend == "linopy":
        for name in WORDS:
            model.add_rows(name, model.energy("e5", "main bus"), "<=", 1.5)
    model.write(tmp_path / f"problem{suffix}")
    solver, columns, rows = read(tmp_path / f"problem{suffix}")
    assert optimum_of(solver) == pytest.approx(model.solve().objective)
    assert len(columns) == 2 * len(AWKWARD)
    assert {"flow(1st,main_bus)(0)", "flow(u98ce,main_bus)(1)", "flow(sun,roof,main_bus)(0)"} <= (
        columns
    )
    assert {name for name in columns if name.startswith("flow(wind_park,main_bus)(0)")} == {
        "flow(wind_park,main_bus)(0)",
        "flow(wind_park,main_bus)(0)_2",
    }
    if backend == "linopy":
        assert {"_free", "_2030_cap", "_e5", "_max", "_end", "u98ce_1", "such_that"} <= rows


WRITER = """
import sys
sys.path[:0] = {paths!r}
from face_systems import investments, uneven
from meishan_model.optimise import Model
for path in {files!r}:
    Model(uneven(investments())).write(path)
"""


@pytest.mark.slow
def test_files_are_the_same_in_every_run(tmp_path: Path) -> None:
    """Byte by byte, in this process and in one whose sets have another order."""
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    code = WRITER.format(paths=paths, files=[str(tmp_path / f"other{s}") for s in SUFFIXES])
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=300)
    for suffix in SUFFIXES:
        own = tmp_path / f"own{suffix}"
        Model(uneven(investments())).write(own)
        assert own.read_bytes() == (tmp_path / f"other{suffix}").read_bytes()


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """Another ending, a folder that is not there and an empty problem are errors with the path.

    HiGHS ends the whole process where it cannot open a file, and has no words for such a problem.
    """
    model = Model(uneven(investments()))
    with pytest.raises(ModelError, match=r"problem.txt has no known ending; .lp and .mps"):
        model.write(tmp_path / "problem.txt")
    with pytest.raises(ModelError, match=r"nowhere.*cannot be written"):
        model.write(str(tmp_path / "nowhere" / "problem.lp"))
    bus = solph.Bus("bus")
    nodes = [bus, source("fixed", bus, nominal_capacity=1.0, fix=[1, 2])]
    fixed = Model(energy_system(2, [*nodes, demand_on(bus, {"bus": (1, 2)})]))
    with pytest.raises(ModelError, match=r"problem.lp is not written: nothing is left"):
        fixed.write(tmp_path / "problem.lp")


drawn = settings(max_examples=20, derandomize=True, database=None, deadline=None)


@drawn
@given(plans())
def test_files_of_random_systems(plan: Plan) -> None:
    """Whatever a system holds, a file of it has its optimum."""
    try:
        model = Model(build(plan), plan.limits)
        objective = model.solve().objective
    except OptimiseError:
        return
    if not model.problem.matrix.shape[1]:
        return
    with tempfile.TemporaryDirectory() as folder:
        for suffix in SUFFIXES:
            path = Path(folder) / f"problem{suffix}"
            model.write(path)
            solver, _, rows = read(path)
            assert len(rows) == model.problem.matrix.shape[0]
            assert optimum_of(solver) == pytest.approx(objective, rel=1e-6, abs=1e-6)
