"""``meishan compare`` on a small park: every plan in one table; a second run solves nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

Said = Callable[..., tuple[int, str, str]]

REPOSITORY = Path(__file__).parents[2]
BALANCED = """title: Campus to neutrality
park: campus
first_year: 2020
target_year: 2025
offset_share: null
"""
USUAL = """title: Campus as usual
base: balanced
neutrality: false
shadow_carbon: false
supply_side: as_usual
instruments: []
"""


def make_root(root: Path) -> Path:
    """The campus sheets with two pathways; heat follows industry, so that every week has some."""
    sheets = root / "configs" / "campus"
    shutil.copytree(REPOSITORY / "configs" / "yizhuang", sheets)
    shutil.copytree(REPOSITORY / "configs" / "costs", root / "configs" / "costs")
    shutil.copytree(REPOSITORY / "timeseries" / "yizhuang", root / "timeseries" / "campus")
    for name, old, new in (
        ("park.yaml", "name: yizhuang", "name: campus"),
        ("loads.csv", "buildings_heating", "process_heat"),
    ):
        text = (sheets / name).read_text(encoding="utf-8")
        assert old in text
        (sheets / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    (root / "configs" / "scenarios").mkdir()
    for name, text in (("balanced", BALANCED), ("business_as_usual", USUAL)):
        (root / "configs" / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return root


@pytest.mark.slow
def test_all_plans_stand_in_one_table_and_a_second_run_solves_nothing(
    tmp_path: Path, said: Said
) -> None:
    """Two pathways and three other ways of planning; no gap; the same files and numbers again."""
    root = make_root(tmp_path)
    words = ("compare", "--hours", "168", "--root", root)
    code, first_out, first_err = said(*words)
    assert code == 0
    plans = [
        "business_as_usual",
        "balanced",
        "balanced, forwards",
        "balanced, foresight, caps",
        "balanced, foresight, budget",
    ]
    assert all(f"{plan}, 168 hours a year" in first_err for plan in plans)
    told = [line.split("│")[1].strip() for line in first_out.splitlines() if line[:1] == "│"]
    assert all(plan in " ".join(told) for plan in plans)
    table = pd.read_csv(root / "results" / "balanced~168h" / "compare.csv", comment="#")
    assert list(dict.fromkeys(table["plan"])) == plans
    gaps = table[table["quantity"] == "emission_gap"].set_index("plan")["value"]
    assert (gaps[plans[1:]] < 1.0).all()
    slices = {path: path.read_bytes() for path in sorted((root / "results").rglob("20*.nc"))}
    assert len(slices) == 5 * 2
    code, out, err = said(*words)
    assert code == 0
    assert "solving" not in err
    assert {path: path.read_bytes() for path in slices} == slices
    assert out == first_out
