"""``meishan compare`` on a small park: every plan in one table; a second run solves nothing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from meishan_model import cli

REPOSITORY = Path(__file__).parents[2]
BALANCED = """title: Campus to neutrality
park: campus
first_year: 2020
target_year: 2030
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


def compare(monkeypatch: pytest.MonkeyPatch, root: Path) -> int:
    """Exit code of a trial of one week."""
    words = ["meishan", "compare", "--hours", "168", "--root", str(root)]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return int(caught.value.code or 0)


@pytest.mark.slow
def test_all_plans_stand_in_one_table_and_a_second_run_solves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two pathways and three other ways of planning; no gap; the same files and numbers again."""
    root = make_root(tmp_path)
    assert compare(monkeypatch, root) == 0
    first = capsys.readouterr()
    plans = [
        "business_as_usual",
        "balanced",
        "balanced, forwards",
        "balanced, foresight, caps",
        "balanced, foresight, budget",
    ]
    assert all(f"{plan}, 168 hours a year" in first.err for plan in plans)
    assert all(plan in first.out for plan in plans)
    table = pd.read_csv(root / "results" / "comparison~168h.csv", comment="#")
    assert list(dict.fromkeys(table["plan"])) == plans
    gaps = table[table["quantity"] == "emission_gap"].set_index("plan")["value"]
    assert (gaps[plans[1:]] < 1.0).all()
    slices = {path: path.read_bytes() for path in sorted((root / "results").rglob("20*.nc"))}
    assert len(slices) == 5 * 3
    assert compare(monkeypatch, root) == 0
    again = capsys.readouterr()
    assert "solving" not in again.err
    assert {path: path.read_bytes() for path in slices} == slices
    assert again.out == first.out
