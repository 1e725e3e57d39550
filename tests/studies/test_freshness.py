"""Which results on disk are up to date, and why the others are not."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import mini_park
import netCDF4
import pandas as pd
import pytest
from mini_park import SHEETS, mini, swap

from meishan_model import cli
from meishan_model.results.files import write_table
from meishan_model.studies.catalogue import studies, study_named
from meishan_model.studies.freshness import result_states, wanted_hashes
from meishan_model.studies.study import Study

CHANGED = "an input has changed"
EVENT = [
    f"call,{row},assumption of this test,assumption,"
    for row in ("power,0.2,MW", "start_hour,14,h", "duration,2,h", "payment,3000,CNY/MWh")
]


@pytest.fixture
def root(own_mini: Path) -> Path:
    """The solved mini park, to be changed at will."""
    return own_mini


def reasons(root: Path) -> dict[str, str]:
    """Name of every result on disk -> why it is stale, empty where it is up to date."""
    states = result_states(mini(root))
    assert all((state.state == "STALE") == bool(state.reason) for state in states)
    return {state.path.stem: state.reason for state in states}


def test_a_pathway_just_solved_is_up_to_date(root: Path) -> None:
    """Its slices and the pathway file, and nothing else is there."""
    assert reasons(root) == {"2020": "", "2025": "", "2030": "", "pathway": ""}


def test_a_changed_input_makes_stale_what_rests_on_it(root: Path) -> None:
    """A load of 2025: that slice, the earlier one and the pathway, not the target."""
    swap(root / SHEETS / "loads.csv", "2025,8.43", "2025,8.5")
    assert reasons(root) == {"2020": CHANGED, "2025": CHANGED, "2030": "", "pathway": CHANGED}


def test_a_damaged_file_and_another_contract_are_told(root: Path) -> None:
    """Half a file and an older schema are both to be made anew; a file of today is not."""
    paths = [mini(root).result_path(year) for year in (2020, 2025)]
    paths[0].write_bytes(paths[0].read_bytes()[:1000])
    with netCDF4.Dataset(paths[1], "a") as stored:
        stored.schema_version = 0
    found = reasons(root)
    assert "cannot be read" in found["2020"] and "cannot be read" in found["2025"]
    assert found["2030"] == ""


def test_a_slice_that_is_none_any_more_is_told(root: Path) -> None:
    """With steps of ten years 2025 is no slice, and the others rest on another chain."""
    scenario = root / "configs" / "scenarios" / "mini.yaml"
    swap(scenario, "offset_share: null", "offset_share: null\nstep: 10")
    assert reasons(root)["2025"] == "it is no slice of the scenario any more"


def test_the_pathway_follows_its_reference(root: Path) -> None:
    """A business as usual that comes up beside it makes the file stale, its slices not."""
    own = mini(root).result_path("pathway")
    usual = own.parents[1] / own.parent.name.replace("mini", "business_as_usual") / own.name
    usual.parent.mkdir()
    shutil.copy(own, usual)
    with netCDF4.Dataset(usual, "a") as stored:
        stored.scenario = "business_as_usual"
    found = reasons(root)
    assert found["pathway"] == "its reference business as usual has changed"
    assert {found[str(year)] for year in mini_park.YEARS} == {""}


def test_tables_of_every_study_are_among_the_results(root: Path) -> None:
    """A table with the hash of today is up to date, with another it is not.

    So is what rests on a slice that an input of 2025 has changed, and on no other.
    """
    mini_park.add_rows(root / SHEETS / "events.csv", EVENT)
    table, project = pd.DataFrame({"effect": [1.0]}), mini(root)
    made = {name: [*study_named(name).possible(project)] for name in studies()}
    for name, variants in made.items():
        years = {study.slice_year for study in variants}
        assert years in ({0}, {2030}, set(mini_park.YEARS)), name
        for study in variants:
            for part in study.parts:
                write_table(table, study.path(part), study.inputs_sha256)

    def reasons_of(study: Study[Any]) -> set[str]:
        return {states[study.path(part)] for part in study.parts}

    states = {state.path: state.reason for state in result_states(mini(root))}
    assert all(reasons_of(study) == {""} for of in made.values() for study in of)
    firsts = [of[0].path(of[0].parts[0]) for of in made.values()]
    for path in firsts:
        write_table(table, path, "a" * 64)
    states = {state.path: state.reason for state in result_states(mini(root))}
    assert {states[path] for path in firsts} == {CHANGED}
    swap(root / SHEETS / "loads.csv", "2025,8.43", "2025,8.5")
    states = {state.path: state.reason for state in result_states(mini(root))}
    for study in (study for of in made.values() for study in of[1:]):
        assert reasons_of(study) == {"" if study.slice_year == 2030 else CHANGED}


def test_slices_of_other_ways_are_among_the_results(root: Path) -> None:
    """A slice of the backcast that lies where one planned forwards should is stale."""
    project = mini(root)
    plan = project.result_path(2020, "forward")
    plan.parent.mkdir(parents=True)
    shutil.copy(project.result_path(2020), plan)
    assert {s.path: s.reason for s in result_states(project)}[plan] == CHANGED


def test_whoever_exports_a_stale_pathway_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The export is written, and the log says that a slice has another input today."""
    words = ["meishan", "export", "--csv", "--scenario", "mini", "--hours", "168"]
    monkeypatch.setattr(sys, "argv", [*words, "--root", str(root)])
    said = []
    for energy in ("8.43", "8.5"):
        swap(root / SHEETS / "loads.csv", "2025,8.43", f"2025,{energy}")
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        said.append("STALE" in caplog.text)
    assert said == [False, True]


def test_a_number_changed_on_disk_is_found(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Results that carry the right hashes are read and pass their checks again, or code 4."""
    words = ["meishan", "check", "--scenario", "mini", "--hours", "168", "--root", str(root)]
    monkeypatch.setattr(sys, "argv", words)
    codes = []
    for spoilt in ({}, {"2025": "cost"}, {"pathway": "capacity_new"}):
        for year, name in spoilt.items():
            with netCDF4.Dataset(mini(root).result_path(2025).with_stem(year), "a") as stored:
                stored[name][0] = stored[name][0] + 1e6
        with pytest.raises(SystemExit) as ended:
            cli.main()
        codes.append(ended.value.code or 0)
    assert codes == [0, 4, 4]
    said = " ".join(capsys.readouterr().err.split())
    assert "2025.nc: costs sum to" in said
    assert "has a capacity that is not existing + new + bridge" in said


def test_every_result_may_be_of_either_solver(root: Path) -> None:
    """Slices and pathways carry one of two hashes."""
    project = mini(root)
    wanted = wanted_hashes(project)
    assert {len(wanted[project.result_path(year)]) for year in project.years} == {2}
    assert len(wanted[project.result_path("pathway")]) == 2
