"""The project works without any one component type: neither its file nor its rows are there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.without import copied, environment, type_named
from meishan_model.components.catalogue import component_types

NEEDED = ("connection", "transformer", "load")
"""Types without which there is nothing to plan: power comes in, is shared out and used."""
TYPES = [
    kind.name
    for kind in component_types()
    if type(kind).__module__.startswith("meishan_model.components.") and kind.name not in NEEDED
]
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

root = Path(sys.argv[1])
large = open_project("balanced", root, hours=168)
print("columns:", stated(large, large.years[-1], {}).matrix.shape[1])
for words in ("check", "pathway", "export --csv --excel"):
    options = ["-s", "two", "--hours", "168", "--root", str(root)]
    sys.argv = ["meishan", *words.split(), *options]
    try:
        cli.main()
    except SystemExit as ended:
        if ended.code:
            raise
"""


@pytest.mark.parametrize("name", TYPES)
def test_a_project_without_a_type(name: str, tmp_path: Path) -> None:
    """One park states its problem, another is checked, planned over two slices and exported."""
    folder = tmp_path / "project"
    copied(folder, type_named(name))
    scenario = folder / "configs" / "scenarios" / "two.yaml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(folder)],
        env=environment(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "results" / "two~168h" / "pathway.nc").is_file()
    assert list((folder / "results").rglob("*.xlsx"))
