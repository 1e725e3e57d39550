"""Paths, atomic writes and reading back."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from meishan_model.errors import InputError
from meishan_model.results.files import (
    open_results,
    result_path,
    stored_hash,
    write_atomically,
)
from meishan_model.results.slice_file import SliceTables, slice_dataset, validate_slice
from meishan_model.whole_file import WriteError


@pytest.fixture
def ds(make_tables) -> xr.Dataset:
    return slice_dataset(make_tables())


def assert_bit_equal(one: xr.Dataset, other: xr.Dataset) -> None:
    """Assert same names, dimensions, types, attributes, and same bits in every number."""
    xr.testing.assert_identical(one, other)
    assert list(one.attrs) == list(other.attrs)
    assert [type(v) for v in one.attrs.values()] == [type(v) for v in other.attrs.values()]
    for name, variable in one.variables.items():
        assert variable.dtype == other[name].dtype, name
        if variable.dtype.kind == "f":
            assert variable.to_numpy().tobytes() == other[name].to_numpy().tobytes(), name
        if variable.dtype.kind == "O":
            assert {type(text) for text in other[name].to_numpy().flat} <= {str}, name


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("balanced", 2035), "balanced/2035.nc"),
        (("balanced", 2035, "low_storage"), "balanced@low_storage/2035.nc"),
        (("balanced", 2035, None, 336), "balanced~336h/2035.nc"),
        (("均衡", 2035, "low", 336), "均衡@low~336h/2035.nc"),
        (("balanced", "pathway"), "balanced/pathway.nc"),
        (("balanced", 2035, None, 8760, 15), "balanced~15min/2035.nc"),
        (("balanced", 2035, "low", 336, 30), "balanced@low~336h~30min/2035.nc"),
        (("balanced", 2035, None, 8760, 60, ".json"), "balanced/2035.json"),
    ],
)
def test_paths_follow_the_stem_rules(arguments, expected):
    """Another sheet and fewer hours each change the folder, so no trial overwrites a result."""
    assert result_path("results", *arguments) == Path("results") / expected


@pytest.mark.parametrize("name", ["", "a@b", "a~3h", "a/b", "..", ".hidden", "a\\b"])
def test_names_that_could_collide_are_refused(name):
    """Names that could be read as another result's stem, or leave the folder, are refused."""
    with pytest.raises(InputError, match="scenario"):
        result_path("results", name, 2035)
    with pytest.raises(InputError, match="cost_sheet"):
        result_path("results", "balanced", 2035, name)


@pytest.mark.parametrize("hours", [0, 8761])
def test_hours_outside_the_year_are_refused(hours):
    """A year has 1 to 8760 hours."""
    with pytest.raises(InputError, match="hours"):
        result_path("results", "balanced", 2035, hours=hours)


@pytest.mark.parametrize("hours", [24, 8760])
def test_saved_and_read_is_bit_equal(make_tables, tmp_path, hours):
    """Values, types, order and attributes survive the file, Chinese labels included."""
    ds = slice_dataset(make_tables(2032, hours))
    write_atomically(ds, result_path(tmp_path, "balanced", 2032))
    again = open_results("balanced", 2032, tmp_path)
    assert_bit_equal(ds, again)
    assert validate_slice(again) == []


def test_read_can_be_saved_again(ds, tmp_path):
    """What was read keeps nothing of its file that would hinder saving it elsewhere."""
    write_atomically(ds, result_path(tmp_path, "a", 2032))
    write_atomically(open_results("a", 2032, tmp_path), result_path(tmp_path, "b", 2032))
    assert_bit_equal(ds, open_results("b", 2032, tmp_path))


def test_a_year_without_storage_items_and_prices(make_tables, tmp_path):
    """Empty tables stay empty tables of text and float64."""
    t = make_tables()
    keep = [flow for flow in t.flows if "battery" not in flow]
    bare = replace(
        t,
        flows=t.flows[keep],
        flow_table=t.flow_table.loc[keep],
        node_kind=t.node_kind.drop("battery"),
        storage_content=t.storage_content.iloc[:, :0],
        storage_table=t.storage_table.iloc[:0],
        emission_table=t.emission_table.iloc[:0],
        price=None,
        price_note="keine",
    )
    ds = slice_dataset(bare)
    write_atomically(ds, result_path(tmp_path, "bare", 2032))
    again = open_results("bare", 2032, tmp_path)
    assert_bit_equal(ds, again)
    assert validate_slice(again) == []


@pytest.fixture(scope="module")
def tables(make_tables) -> SliceTables:
    return make_tables()


@pytest.mark.slow
@settings(max_examples=15, deadline=None, database=None)
@given(power=arrays(np.float64, (5, 24), elements=st.floats(allow_nan=False)))
def test_every_number_survives(tmp_path_factory, tables, power):
    """Any float64, also infinite, subnormal and negative zero, is read as it was written."""
    ds = slice_dataset(tables)
    ds["power"].data[:] = power
    folder = tmp_path_factory.mktemp("numbers")
    write_atomically(ds, result_path(folder, "balanced", 2032))
    assert open_results("balanced", 2032, folder)["power"].to_numpy().tobytes() == power.tobytes()


def test_time_and_its_bounds_in_the_file(ds, tmp_path):
    """The raw file has CF time: standard calendar, whole hours, bounds one hour apart."""
    path = result_path(tmp_path, "balanced", 2032)
    write_atomically(ds, path)
    with netCDF4.Dataset(path) as raw:
        stamps = raw["time"]
        assert (stamps.bounds, stamps.calendar) == ("time_bnds", "standard")
        assert stamps.units.startswith("hours since 2032-01-01")
        np.testing.assert_array_equal(stamps[:], np.arange(24.0))
        np.testing.assert_array_equal(raw["time_bnds"][:, 0], stamps[:])
        np.testing.assert_array_equal(raw["time_bnds"][:, 1], stamps[:] + 1)
        assert raw["power"].cell_methods == "time: mean"
        assert raw["power"].filters()["complevel"] == 4
        assert raw["power"].filters()["zlib"]
        numbers = [v for v in raw.variables.values() if v.dtype is not str]
        assert {v.dtype for v in numbers if v.name != "term_year"} == {np.dtype("float64")}
        assert not any("_FillValue" in v.ncattrs() for v in numbers)
        assert set(raw["power"].coordinates.split()) >= {"source", "target", "carrier", "unit"}


def test_leap_day_is_skipped_in_the_file(make_tables, tmp_path):
    """After 28 February of a leap year the hour count jumps by the 24 hours that are absent."""
    path = result_path(tmp_path, "balanced", 2032)
    write_atomically(slice_dataset(make_tables(2032, 8760)), path)
    with netCDF4.Dataset(path) as raw:
        steps = np.diff(raw["time"][:])
    assert (np.flatnonzero(steps != 1).tolist(), steps.max()) == ([59 * 24 - 1], 25)


def test_missing_result_names_the_command(tmp_path):
    """The error says where the file would be and how to make it."""
    with pytest.raises(InputError) as caught:
        open_results("balanced", 2035, tmp_path, "low_storage", 336)
    text = str(caught.value)
    assert str(tmp_path / "balanced@low_storage~336h" / "2035.nc") in text
    command = "meishan solve 2035 -s balanced --costs low_storage --hours 336"
    assert command in text
    with pytest.raises(InputError, match=r"meishan pathway -s balanced$"):
        open_results("balanced", "pathway", tmp_path)


@pytest.mark.parametrize("version", [99, None])
def test_another_schema_version_is_refused(ds, tmp_path, version):
    """A file of another version is neither read nor counted as up to date."""
    path = result_path(tmp_path, "balanced", 2032)
    attributes = {k: v for k, v in ds.attrs.items() if k != "schema_version"}
    ds.attrs = attributes | ({"schema_version": version} if version else {})
    write_atomically(ds, path)
    with pytest.raises(InputError, match="another version of the contract"):
        open_results("balanced", 2032, tmp_path)
    assert stored_hash(path) is None


def test_stored_hash(ds, tmp_path, caplog):
    """The hash of a good file; ``None`` for none, a cut one and rubbish, with a warning."""
    path = result_path(tmp_path, "balanced", 2032)
    assert stored_hash(path) is None
    assert not caplog.records
    write_atomically(ds, path)
    assert stored_hash(path) == f"{2032:064x}"
    whole = path.read_bytes()
    for rubbish in (whole[: len(whole) // 2], b"", b"not a NetCDF file"):
        caplog.clear()
        path.write_bytes(rubbish)
        assert stored_hash(path) is None
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        with pytest.raises(InputError, match="cannot be read"):
            open_results("balanced", 2032, tmp_path)


def test_stored_hash_without_the_attribute(ds, tmp_path, caplog):
    """A file of the right version that lost its hash counts as missing, with a warning."""
    del ds.attrs["inputs_sha256"]
    path = result_path(tmp_path, "balanced", 2032)
    write_atomically(ds, path)
    assert stored_hash(path) is None
    assert "no inputs_sha256" in caplog.text


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process grows beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def assert_old_file_stands(ds: xr.Dataset, path: Path, before: bytes) -> None:
    """Assert that the old file is untouched and alone, and that the next write succeeds."""
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    write_atomically(ds, path)
    with xr.open_dataset(path, engine="netcdf4") as again:
        assert again.attrs["title"] == ds.attrs["title"]


@pytest.mark.parametrize("share", [0.05, 0.5, 0.999])
def test_write_that_breaks_midway(ds, tmp_path, share):
    """A write that the system stops at any point leaves the old file and nothing else."""
    path = result_path(tmp_path, "balanced", 2032)
    write_atomically(ds, path)
    before = path.read_bytes()
    new = ds.assign_attrs(title="a longer title than before")
    with largest_file(int(share * len(before))), pytest.raises(WriteError, match="MB free"):
        write_atomically(new, path)
    assert_old_file_stands(new, path, before)


FULL_DISK_WRITER = """
import shutil, sys
import xarray as xr
from pathlib import Path
from meishan_model.results.files import write_atomically
from meishan_model.whole_file import WriteError
path = Path(sys.argv[1])
with xr.open_dataset(path, engine="netcdf4") as stored:
    ds = stored.load()
free = shutil.disk_usage(path.parent).free
try:
    write_atomically(ds.assign_attrs(title="new"), path)
except WriteError as error:
    print(error)
print(free - shutil.disk_usage(path.parent).free)
"""


def test_full_disk(ds, tmp_path):
    """A disk without room for a second file keeps the first, and its free room, and says so."""
    disk = tmp_path / "disk"
    disk.mkdir()
    trial = tmp_path / "trial.nc"
    write_atomically(ds, trial)
    size = f"size={int(trial.stat().st_size * 1.5) // 1024}k"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        path = disk / "2032.nc"
        shutil.copy(trial, path)
        # In a process of its own: the NetCDF library keeps the broken file open until it ends.
        command = [sys.executable, "-c", FULL_DISK_WRITER, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        message, lost = done.stdout.splitlines()
        assert f"{path} could not be saved" in message
        assert "has 0.0 MB free: make room" in message
        assert int(lost) == 0
        assert path.read_bytes() == trial.read_bytes()
        assert [entry.name for entry in disk.iterdir()] == [path.name]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_read_only_folder(ds, tmp_path):
    """A folder that may not be written keeps its file and is named in the error."""
    path = result_path(tmp_path, "balanced", 2032)
    write_atomically(ds, path)
    before = path.read_bytes()
    path.parent.chmod(0o555)
    try:
        if os.access(path.parent, os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(WriteError, match="may not be written"):
            write_atomically(ds, path)
    finally:
        path.parent.chmod(0o755)
    assert_old_file_stands(ds, path, before)


def test_folder_that_is_a_file(ds, tmp_path):
    """Where a file stands in place of the folder, the error says so."""
    (tmp_path / "balanced").write_text("in the way", encoding="utf-8")
    with pytest.raises(WriteError, match="is a file, not a folder"):
        write_atomically(ds, result_path(tmp_path, "balanced", 2032))
    assert (tmp_path / "balanced").read_text(encoding="utf-8") == "in the way"


def test_target_that_is_a_folder(ds, tmp_path):
    """A target that cannot be replaced is an error, and the new file is cleared away."""
    path = result_path(tmp_path, "balanced", 2032)
    path.mkdir(parents=True)
    with pytest.raises(WriteError):
        write_atomically(ds, path)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


ENDLESS_WRITER = """
import sys
import xarray as xr
from meishan_model.results.files import write_atomically
with xr.open_dataset(sys.argv[1], engine="netcdf4") as stored:
    ds = stored.load()
while True:
    write_atomically(ds, sys.argv[1])
"""


@pytest.mark.slow
def test_readers_never_see_half_a_file(ds, tmp_path):
    """While another process rewrites a result over and over and is killed, it is always whole."""
    path = result_path(tmp_path, "balanced", 2032)
    write_atomically(ds, path)
    first = path.stat().st_ino
    writer = subprocess.Popen([sys.executable, "-c", ENDLESS_WRITER, str(path)])
    try:
        deadline = time.monotonic() + 30
        seen = {first}
        while len(seen) < 5 and time.monotonic() < deadline and writer.poll() is None:
            assert stored_hash(path) == f"{2032:064x}"
            seen.add(path.stat().st_ino)
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert len(seen) > 1, "the writer never replaced the file"
    assert_bit_equal(ds, open_results("balanced", 2032, tmp_path))
