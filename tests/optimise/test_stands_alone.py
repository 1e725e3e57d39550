"""The engine stands alone: copied under another name, without the rest, it solves."""

from __future__ import annotations

import ast
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest

import meishan_model.optimise

FOLDER = Path(meishan_model.optimise.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))
OWN_NAME = "meishan_model"
ALONE = f"""
import sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {OWN_NAME!r}:
            raise ImportError(f"{{name}} is out of reach")

sys.meta_path.insert(0, Refused())
sys.path[:] = [p for p in sys.path if "site-packages" in p or "python" in p]
sys.path.insert(0, sys.argv[1])
"""
SOLVE = """
import pandas as pd
from oemof import solph
from engine_copy import Model, SolverError

bus, gas = solph.Bus("bus"), solph.Bus("gas")
sun = solph.Flow(nominal_capacity=solph.Investment(ep_costs=30, maximum=4), fix=[0, 1, 0])
store = solph.components.GenericStorage(
    "store",
    inputs={bus: solph.Flow(nominal_capacity=1)},
    outputs={bus: solph.Flow(nominal_capacity=1)},
    nominal_capacity=1,
    initial_storage_level=0,
)
system = solph.EnergySystem(
    timeindex=pd.date_range("2035-01-01", periods=4, freq="h"), infer_last_interval=False
)
system.add(
    bus,
    gas,
    store,
    solph.components.Source("well", outputs={gas: solph.Flow(variable_costs=25)}),
    solph.components.Source("sun", outputs={bus: sun}),
    solph.components.Sink("load", inputs={bus: solph.Flow(nominal_capacity=1, fix=[2, 3, 3])}),
    solph.components.Converter(
        "plant",
        inputs={gas: solph.Flow()},
        outputs={bus: solph.Flow()},
        conversion_factors={bus: 0.5},
    ),
)
for backend in ("linopy", "pyomo"):
    for solver in ("highs", "cbc"):
        solution = Model(system, backend=backend).solve(solver=solver)
        assert abs(solution.objective - 320.0) < 1e-4, solution.objective
        assert abs(solution.flow_investment["sun", "bus"] - 4.0) < 1e-4
solution = Model(system).solve(methods=("piqp",))
assert abs(solution.objective - 320.0) < 1e-3, solution.objective
assert solution.method == "piqp", solution.history
assert solution.frame("storage_content").shape == (4, 1)
Model(system).write(sys.argv[1] + "/problem.lp")
try:
    Model(system).solve(solver="other")
except Exception as error:
    assert type(error).__module__ == "engine_copy.errors", type(error)
assert not [name for name in sys.modules if name.startswith("meishan_model")]
print("solved", engine_copy.__file__ if (engine_copy := sys.modules["engine_copy"]) else "")
"""
"""A unit of power costs 50 from gas and 30 from sun, which is there in the second step: 3 of it
serve the load there, and one is kept for the third step. 4 x 30 + (2 + 2) x 50 = 320."""


def alone(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh process that sees a folder and what is installed, but no project."""
    words = [sys.executable, "-I", "-W", "error::ImportWarning", "-c", ALONE + code, str(folder)]
    return subprocess.run(
        words, capture_output=True, text=True, timeout=600, cwd=folder, check=False
    )


@pytest.mark.slow
def test_a_copy_under_another_name_solves(tmp_path: Path) -> None:
    """By both backends, with HiGHS, with CBC and with PIQP in its own process."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(FOLDER, tmp_path / "engine_copy", ignore=ignored)
    ended = alone(SOLVE, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith(f"solved {tmp_path}")
    assert (tmp_path / "problem.lp").is_file()


def test_the_rest_is_out_of_reach_there(tmp_path: Path) -> None:
    """What the copy runs in cannot import the project, though that is installed."""
    ended = alone(f"import {OWN_NAME}", tmp_path)
    assert ended.returncode == 1
    assert f"ImportError: {OWN_NAME} is out of reach" in ended.stderr


def imported(file: Path) -> set[str]:
    """Names of what a file imports that is no relative import, wherever in it that is."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(str(node.module))
    return found


def relative_levels(file: Path) -> set[int]:
    """How far up the relative imports of a file reach."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_imports_are_relative_or_of_other_packages(file: Path) -> None:
    """No file imports the project by its name, or reaches above the engine's own folder."""
    roots = {name.partition(".")[0] for name in imported(file)}
    assert OWN_NAME not in roots
    installed = [Path(folder) for folder in site.getsitepackages()]
    for root in roots - set(sys.stdlib_module_names):
        places = [folder / name for folder in installed for name in (root, f"{root}.py")]
        places += [one for folder in installed for one in folder.glob(f"{root}.*.so")]
        assert any(place.exists() for place in places), f"{root} is no package that is installed"
    depth = len(file.relative_to(FOLDER).parts)
    assert max(relative_levels(file), default=0) <= depth


def test_no_file_names_the_project() -> None:
    """Not in a message or docstring either, so that the copy does not speak of another package."""
    naming = [f for f in FILES if OWN_NAME in f.read_text(encoding="utf-8")]
    assert naming == []
