"""The project works without any one component type: neither its file nor its rows are there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import fresh
import mini_park
import pytest

from benchmarks.without import copied, type_named
from meishan_model.components.catalogue import component_types

NEEDED = "connection"
"""The type without which no power comes in."""
ONE_BUS = "transformer"
"""The type without which a park has one bus, so that the larger park, of many zones, is none."""
TYPES = [
    kind.name
    for kind in component_types()
    if type(kind).__module__.startswith("meishan_model.components.") and kind.name != NEEDED
]
SOME = ("storage", "renewable_plant", "transport", "green_power")
"""Types that every run takes away: of equipment, of the network, of contracts."""
HOURS = {"load": 336}
"""Hours of the plan: what is left of the demand without loads, heat, is none in one week."""
SCENARIO = """title: Two slices
park: yizhuang
first_year: 2020
target_year: 2025
offset_share: null
"""
CODE = """
import sys
from pathlib import Path
from benchmarks.same_problems import stated
from meishan_model import cli
from meishan_model.planning.project import open_project

root, hours, *scenarios = sys.argv[1:]
for scenario in scenarios:
    large = open_project(scenario, Path(root), hours=168)
    print("columns:", stated(large, large.years[-1], {}).matrix.shape[1])
for words in ("check", "pathway", "export --csv --excel"):
    options = ["-s", "two", "--hours", hours, "--root", root]
    sys.argv = ["meishan", *words.split(), *options]
    try:
        cli.main()
    except SystemExit as ended:
        if ended.code:
            raise
"""


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in SOME else pytest.mark.thorough) for n in TYPES],
)
def test_a_project_without_a_type(name: str, tmp_path: Path) -> None:
    """One park states its problem, another is checked, planned over two slices and exported."""
    hours = HOURS.get(name, 168)
    done = planned(name, tmp_path, hours, *(() if name == ONE_BUS else ("balanced",)))
    assert done.returncode == 0, done.stderr
    results = tmp_path / "project" / "results"
    assert (results / f"two~{hours}h" / "pathway.nc").is_file()
    assert list(results.rglob("*.xlsx"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (NEEDED, "network.csv, column kind: there is no connection; add one from the grid above"),
        (ONE_BUS, "nothing feeds meishan_20kv, a bus of electricity"),
    ],
)
def test_a_park_that_needs_a_type_says_so(name: str, said: str, tmp_path: Path) -> None:
    """No park works without a connection, no park of many zones without transformers."""
    done = planned(name, tmp_path, 168, "balanced")
    assert done.returncode != 0
    assert said in done.stderr


def planned(
    name: str, folder: Path, hours: int, *scenarios: str
) -> subprocess.CompletedProcess[str]:
    """State the problems of scenarios, and plan a small park, in a project without a type."""
    project = folder / "project"
    copied(project, type_named(name))
    written = project / "configs" / "scenarios"
    (written / "two.yaml").write_text(SCENARIO, encoding="utf-8")
    if "by_population" not in (project / "configs/meishan/existing_plants.csv").read_text("utf-8"):
        # The plants of whose stock there are several cases are gone with the type.
        mini_park.swap(written / "balanced.yaml", "stock_case: by_population\n", "")
    words = (str(project), str(hours), *scenarios)
    return fresh.ran(CODE, words, paths=[project, project / "tests"], folder=project)
