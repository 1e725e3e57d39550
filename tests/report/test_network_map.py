"""The map: every branch once, in the colour of its loading, with the numbers of the power flow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from meishan_model.planning.project import open_project
from meishan_model.powerflow.study import powerflow_path, study_hash
from meishan_model.report.html.network_map import network_map
from meishan_model.report.html.page import _flows
from meishan_model.report.labels import own_labels
from meishan_model.results.files import write_atomically
from meishan_model.sheets.grid import GridSheets

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def figure(flow: xr.Dataset, grid: GridSheets) -> dict[str, Any]:
    return network_map(flow, grid, own_labels())


def traces(figure: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Traces of an English name."""
    told = figure["texts"]["en"]["traces"]
    return [t for t, text in zip(figure["data"], told, strict=True) if text["name"] == name]


def segments(trace: dict[str, Any]) -> list[tuple[float, ...]]:
    """The lines of a trace: longitude and latitude of both ends."""
    x, y = trace["x"], trace["y"]
    assert x[2::3] == y[2::3] == [None] * (len(x) // 3)
    return list(zip(x[::3], y[::3], x[1::3], y[1::3], strict=True))


def test_every_line_is_drawn_once_where_it_lies(figure: dict[str, Any], grid: GridSheets) -> None:
    """Closed lines in some class of loading, open ones dotted, from bus to bus."""
    place = {row.bus: (row.longitude, row.latitude) for row in grid.buses}
    wanted: dict[bool, list[tuple[float, ...]]] = {True: [], False: []}
    for row in grid.lines:
        ends = (*place[row.from_bus], *place[row.to_bus])
        wanted[row.normally == "closed"].append(ends)
    drawn = [s for t in traces(figure, "lines") if t["mode"] == "lines" for s in segments(t)]
    assert sorted(drawn) == sorted(wanted[True])
    assert sorted(segments(traces(figure, "normally open ties")[0])) == sorted(wanted[False])


def test_colours_follow_the_loading(flow: xr.Dataset, grid: GridSheets) -> None:
    """Lines that share a colour lie within a tenth; beyond the limit all have the one of alarm."""
    lines = len(grid.lines)
    factors = np.linspace(0.0, 2.0, lines)
    loading = flow["loading"].copy(data=np.zeros(flow["loading"].shape))
    loading[{"branch": slice(lines)}] = factors[:, None]
    limit = grid.parameter("loading_limit")
    made = network_map(flow.assign(loading=loading), grid, own_labels())
    of = dict(zip(flow["branch"].to_numpy()[:lines], factors, strict=True))
    place = {row.bus: (row.longitude, row.latitude) for row in grid.buses}
    ends = {row.branch: (*place[row.from_bus], *place[row.to_bus]) for row in grid.lines}
    assert len(set(ends.values())) == lines, "no two lines lie on each other"
    by_ends = {where: of[branch] for branch, where in ends.items()}
    for trace in traces(made, "lines"):
        if trace["mode"] != "lines":
            continue
        found = [by_ends[s] for s in segments(trace)]
        if trace["line"]["color"] == "#D55E00":
            assert min(found) > limit
        else:
            assert max(found) <= limit
            assert max(found) - min(found) <= 0.1 + 1e-9


def test_the_pointer_tells_the_worst_hour(figure: dict[str, Any], flow: xr.Dataset) -> None:
    """Loading, hour and power of each branch, lowest and highest voltage of each bus."""
    hours = [str(t).replace("T", " ")[:16] for t in flow["time"].to_numpy().astype(str)]
    loading = flow["loading"].transpose("branch", "time").to_numpy()
    power = np.abs(flow["branch_power"].transpose("branch", "time").to_numpy())
    number = {name: i for i, name in enumerate(flow["branch"].to_numpy())}
    told = [
        row
        for n in ("lines", "transformer stations")
        for t in traces(figure, n)
        for row in t.get("customdata", [])
    ]
    assert {row[0] for row in told} > {"transformer_port"}
    for name, highest, hour, at_hour in told:
        i = number[name]
        worst = hours.index(hour)
        assert highest == pytest.approx(loading[i].max(), abs=1e-5)
        assert loading[i, worst] == loading[i].max()
        assert at_hour == pytest.approx(power[i, worst], abs=1e-5)
    voltage = flow["voltage"].transpose("bus", "time").to_series().unstack("time")
    (buses,) = traces(figure, "buses")
    assert len(buses["customdata"]) == len(voltage)
    for name, _, lowest, low_hour, highest, _ in buses["customdata"]:
        assert (lowest, highest) == pytest.approx(
            (voltage.loc[name].min(), voltage.loc[name].max()), abs=1e-5
        )
        assert voltage.loc[name].to_numpy()[hours.index(low_hour)] == pytest.approx(
            lowest, abs=1e-5
        )


def test_both_languages_have_all_words(figure: dict[str, Any]) -> None:
    """A name for every trace, a note for every station; the Chinese ones are Chinese."""
    for texts in figure["texts"].values():
        assert len(texts["traces"]) == len(figure["data"])
        assert len(texts["annotations"]) == len(traces(figure, "transformer stations")[0]["x"])
    chinese = figure["texts"]["zh"]
    words = [chinese["title"], *chinese["axes"], *(t["name"] for t in chinese["traces"])]
    assert all(any("一" <= sign <= "鿿" for sign in word) for word in words)


def test_only_a_power_flow_of_this_slice_and_grid_is_shown(
    flow: xr.Dataset, grid: GridSheets, tmp_path: Path
) -> None:
    """A flow of another slice or another grid is left out, so is a file that cannot be read."""
    for name in ("configs", "timeseries"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    project = open_project("balanced", tmp_path, None, 168)
    slices = {
        year: xr.Dataset(attrs={"inputs_sha256": str(year)}) for year in (2035, 2040, 2045, 2050)
    }
    for year, digest in ((2050, study_hash("2050", grid)), (2045, study_hash("2050", grid))):
        path = powerflow_path(project.result_path(year))
        write_atomically(flow.assign_attrs(inputs_sha256=digest), path)
    broken = powerflow_path(project.result_path(2040))
    broken.write_bytes(b"no netcdf")
    assert set(_flows(project, slices, grid)) == {2050}
