"""``meishan powerflow`` and what ``meishan check`` makes of its files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from meishan_model.planning.project import Project, open_project
from meishan_model.powerflow.study import (
    AGREED_SUFFIX,
    power_flow_states,
    powerflow_path,
    study_hash,
)
from meishan_model.results.contract import POWERFLOW_VERSION, SCHEMA_VERSION
from meishan_model.results.files import write_atomically
from meishan_model.sheets.grid_folder import read_grid

Said = Callable[..., tuple[int, str, str]]

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The shipped park, with a folder of results of its own."""
    for name in ("configs", "timeseries"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    return open_project("balanced", tmp_path, None, 168)


PLANNED, AGREED = "a" * 64, "c" * 64


def save(
    project: Project, violations: int, slice_sha256: str = PLANNED, agreed_from: str = ""
) -> None:
    """A slice and a power flow of it, as far as the check reads them."""
    digest, suffix = (AGREED, AGREED_SUFFIX) if agreed_from else (PLANNED, ".nc")
    marks = {"schema_version": SCHEMA_VERSION, "inputs_sha256": digest}
    solved = project.result_path(2050, suffix=suffix)
    write_atomically(xr.Dataset({"power": ("flow", [1.0])}, attrs=marks), solved)
    names = np.array([f"port_f0{i}_s1" for i in range(1, violations + 1)], dtype=object)
    content = xr.Dataset(
        {
            "violation_hours": ("violation", np.full(violations, 3.0)),
            "violation_value": ("violation", np.full(violations, 1.25)),
        },
        {
            "violation": names,
            "violation_quantity": ("violation", np.full(violations, "loading", dtype=object)),
        },
        {
            "powerflow_version": POWERFLOW_VERSION,
            "inputs_sha256": study_hash(slice_sha256, read_grid(project.park)),
            "insecure_outages": "transformer_port",
            "loss_difference": 0.027,
            "agreed_from": agreed_from,
            "feeders_laid": int(bool(agreed_from)),
            "feeder_reinforcement_annuity": 4e5,
        },
    )
    write_atomically(content, powerflow_path(solved))


def test_a_violation_that_stays_breaks_the_check(project: Project) -> None:
    """Each is named with its hours and its worst value; the line of the file says the rest."""
    save(project, 2)
    (told,), broken = power_flow_states(project)
    assert broken == [
        "2050: loading of port_f01_s1 in 3 h, worst 1.250",
        "2050: loading of port_f02_s1 in 3 h, worst 1.250",
    ]
    assert "2 violations" in told and "transformer_port" in told and "+2.7%" in told


def test_without_violations_the_check_passes(project: Project) -> None:
    """What is not secure with one element out is told, and does not fail."""
    save(project, 0)
    assert power_flow_states(project)[1] == []


@pytest.mark.parametrize(("left", "origin"), [(0, PLANNED), (1, PLANNED), (0, "b" * 64)])
def test_what_agreement_and_feeders_put_right_passes(
    project: Project, left: int, origin: str
) -> None:
    """The agreed power flow of the slice of today counts; that of another slice does not."""
    save(project, 2)
    save(project, left, AGREED, origin)
    lines, broken = power_flow_states(project)
    assert len(broken) == (left if origin == PLANNED else 2)
    told = " ".join(lines)
    assert "feeders needed for 0.40 million CNY/a" in told
    assert ("feeders laid for 0.40 million CNY/a" in told) == (origin == PLANNED)
    assert ("STALE" in told) == (origin != PLANNED)


def test_a_stale_power_flow_breaks_nothing(project: Project) -> None:
    """It says nothing about the slice of today, and is called stale."""
    save(project, 2, "b" * 64)
    (told,), broken = power_flow_states(project)
    assert (broken, "STALE" in told) == ([], True)


@pytest.mark.parametrize(
    ("scenario", "message"), [("balanced", "result is missing"), ("yizhuang", "no such folder")]
)
def test_what_is_missing_is_an_input_error(
    tmp_path: Path,
    said: Said,
    scenario: str,
    message: str,
) -> None:
    """Exit code 2 without a slice, or for a park without sheets of a grid; nothing is written."""
    shutil.copytree(REPOSITORY / "configs", tmp_path / "configs")
    shutil.rmtree(tmp_path / "configs" / "yizhuang" / "grid")
    code, _, err = said("powerflow", "2050", "--scenario", scenario, "--root", tmp_path)
    assert code == 2
    assert message in err
    assert not (tmp_path / "results").exists()


def test_the_campus_from_its_own_loads(tmp_path: Path, said: Said) -> None:
    """A week of the small park, whose connection is a line: solved, laid on its grid, checked.

    Hour by hour the source gives what the optimiser buys less what it sells, but for the losses
    that both see; the campus does both in this week.
    """
    for name in ("configs", "timeseries"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    options = ["--scenario", "yizhuang", "--hours", "168", "--root", tmp_path]
    for words in (("solve", "2020"), ("powerflow", "2020"), ("check",)):
        code, told, err = said(*words, *options)
        assert code == 0, err
    assert "0 violations" in told
    solved = open_project("yizhuang", tmp_path, None, 168).result_path(2020)
    with (
        xr.open_dataset(solved) as ds,
        xr.open_dataset(powerflow_path(solved)) as found,
    ):
        power = {str(f): ds["power"].to_numpy()[i] for i, f in enumerate(ds["flow"].to_numpy())}
        given = found["branch_power"].sel(branch="public_110kv_line").to_numpy()
        lost = found["branch_loss"].sum("branch").to_numpy()
        through = found["through"].to_series()
    bought, sold = power["upstream->upstream_connection"], power["export->power_market"]
    entering = power["grid_110kv->campus_step_down"] + power["campus_10kv->campus_step_up"]
    leaving = power["campus_step_down->campus_10kv"] + power["campus_step_up->grid_110kv"]
    in_connection = bought - power["upstream_connection->grid_110kv"]
    in_connection += power["grid_110kv->export"] - sold
    seen = entering - leaving + in_connection
    assert given - lost == pytest.approx(bought - sold - seen, abs=1e-5)
    assert (bought > 0.1).any() and (sold > 0.1).any()
    wanted = bought.sum() + power["grid_110kv->export"].sum()
    assert through["upstream_connection"] == pytest.approx(wanted)


@pytest.mark.slow
def test_a_slice_is_solved_again_with_the_losses_of_its_power_flow(
    project: Project, said: Said
) -> None:
    """Slice and power flow of the last round lie beside the first slice, which stays as it is.

    Their losses agree within the tolerance of the sheet; that those of the first slice of Meishan
    do not ``tests/planning/test_in_memory.py`` shows.
    """
    options = ["--scenario", "yizhuang", "--hours", "168", "--root", str(project.root)]
    assert said("solve", "2020", *options)[0] == 0
    first = open_project("yizhuang", project.root, None, 168).result_path(2020)
    before = first.read_bytes()
    code, out, _ = said("powerflow", "2020", "--agree", *options)
    assert code == 0
    assert "they agree" in " ".join(out.split())
    assert first.read_bytes() == before
    with xr.open_dataset(first.with_name("2020_agreed_powerflow.nc")) as found:
        assert abs(found.attrs["loss_difference"]) <= 0.02
        with xr.open_dataset(first.with_name("2020_agreed.nc")) as agreed:
            assert found.attrs["slice_sha256"] == agreed.attrs["inputs_sha256"]
            assert found.attrs["feeders_laid"] == agreed.attrs["feeders_laid"] == 1
            assert found.attrs["agreed_from"] == agreed.attrs["agreed_from"] != ""
