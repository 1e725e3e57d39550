"""``meishan powerflow`` and what ``meishan check`` makes of its files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from meishan_model.cli.check import _grid
from meishan_model.inputs.grid_folder import read_grid
from meishan_model.pathway.project import Project, open_project
from meishan_model.powerflow.study import study_hash
from meishan_model.results.files import result_path, write_atomically
from meishan_model.results.powerflow_file import POWERFLOW_VERSION, powerflow_path
from meishan_model.results.schema import SCHEMA_VERSION

Said = Callable[..., tuple[int, str, str]]

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The shipped park, with a folder of results of its own."""
    for name in ("configs", "timeseries"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    return open_project("balanced", tmp_path, None, 168)


def save(project: Project, violations: int, slice_sha256: str = "a" * 64) -> None:
    """A slice and a power flow of it, as far as the check reads them."""
    folder = project.results_folder
    marks = {"schema_version": SCHEMA_VERSION, "inputs_sha256": "a" * 64}
    write_atomically(
        xr.Dataset({"power": ("flow", [1.0])}, attrs=marks),
        result_path(folder, "balanced", 2050, None, 168),
    )
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
        },
    )
    write_atomically(content, powerflow_path(folder, "balanced", 2050, None, 168))


def test_a_violation_that_stays_breaks_the_check(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is named with its hours and its worst value; the line of the file says the rest."""
    save(project, 2)
    assert _grid(project) == [
        "2050: loading of port_f01_s1 in 3 h, worst 1.250",
        "2050: loading of port_f02_s1 in 3 h, worst 1.250",
    ]
    told = capsys.readouterr().out
    assert "2 violations" in told and "transformer_port" in told and "+2.7%" in told


def test_without_violations_the_check_passes(project: Project) -> None:
    """What is not secure with one element out is told, and does not fail."""
    save(project, 0)
    assert _grid(project) == []


def test_a_stale_power_flow_breaks_nothing(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says nothing about the slice of today, and is called stale."""
    save(project, 2, "b" * 64)
    assert _grid(project) == []
    assert "STALE" in capsys.readouterr().out


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
    code, _, err = said("powerflow", "2050", "--scenario", scenario, "--root", tmp_path)
    assert code == 2
    assert message in err
    assert not (tmp_path / "results").exists()


@pytest.mark.slow
def test_a_slice_is_solved_again_with_the_losses_of_its_power_flow(
    project: Project, said: Said
) -> None:
    """Slice and power flow of the last round lie beside the first slice, which stays as it is.

    Their losses agree within the tolerance of the sheet, where those of the first slice did not.
    """
    options = ["--hours", "168", "--root", str(project.root)]
    assert said("solve", "2050", *options)[0] == 0
    folder = project.results_folder
    first = result_path(folder, "balanced", 2050, None, 168)
    before = first.read_bytes()
    code, out, _ = said("powerflow", "2050", "--agree", *options)
    assert code == 0
    assert "they agree" in " ".join(out.split())
    assert first.read_bytes() == before
    with xr.open_dataset(first.with_name("2050_agreed_powerflow.nc")) as found:
        assert abs(found.attrs["loss_difference"]) <= 0.02
        with xr.open_dataset(first.with_name("2050_agreed.nc")) as agreed:
            assert found.attrs["slice_sha256"] == agreed.attrs["inputs_sha256"]
    assert said("powerflow", "2050", *options)[0] == 0
    with xr.open_dataset(powerflow_path(folder, "balanced", 2050, None, 168)) as found:
        assert abs(found.attrs["loss_difference"]) > 0.02
