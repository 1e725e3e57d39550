"""Derived transport parameters, N-1, hosting capacity, the file and the diagram."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hand_slice import hand_slice
from rich.console import Console

from meishan_model.powerflow.limits import contingencies
from meishan_model.powerflow.study import (
    GridStudy,
    grid_study,
    open_powerflow,
    powerflow_path,
    study_dataset,
)
from meishan_model.powerflow.transport import transport_faults, transport_parameters
from meishan_model.report.powerflow import powerflow_report, save_network_diagram
from meishan_model.results.contract import violations
from meishan_model.results.files import write_atomically
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.park import Park

RATE = 0.08


@pytest.fixture(scope="module")
def slice_(grid: GridSheets) -> xr.Dataset:
    return hand_slice(grid, 24)


@pytest.fixture(scope="module")
def study(grid: GridSheets, slice_: xr.Dataset) -> GridStudy:
    return grid_study(slice_, grid, RATE)


def test_network_csv_is_what_the_grid_sheets_give(park: Park, grid: GridSheets) -> None:
    """The transport model's capacities and losses stand once: in the sheets of the grid."""
    assert [str(fault) for fault in transport_faults(park, grid)] == []


def test_capacities_by_hand(grid: GridSheets) -> None:
    """Two of three units of 63 MVA at 0.95 are 119.7 MW; a link loses in two converters.

    One of two circuits of 740 A carries sqrt(3) x 110 kV x 740 A x 0.95; what a line loses stands
    with the transformers that it feeds.
    """
    table = transport_parameters(grid)
    assert table.loc["transformer_meishan", "capacity"] == round(2 * 63 * 0.95)
    assert table.loc["upstream_connection", "capacity"] == round(3 * 240 * 0.95)
    assert table.loc["dc_tie_meishan_bonded", "loss"] == round(100 * (1 - 0.98**2), 2)
    circuit = math.sqrt(3) * 110.0 * 0.740 * 0.95
    assert table.loc["supply_line_meishan", "capacity"] == round(circuit)
    lines = table.index.str.startswith("supply_line")
    assert (table.loc[lines, "loss"] == 0.0).all()
    assert table.loc[~lines, "loss"].between(0.3, 5.0).all()


def test_a_connection_that_is_a_line(campus: Park) -> None:
    """One of two circuits of 350 A counts; its loss is that of its current, by the textbook.

    The line carries what the station carries, 14 % of 11.9 MW x 1.15 at the power factor of
    planning, on two circuits of 3 km; its charging current is left out.
    """
    sheets = read_grid(campus)
    assert [str(fault) for fault in transport_faults(campus, sheets)] == []
    table = transport_parameters(sheets)
    row = table.loc["upstream_connection"]
    assert row["capacity"] == round(math.sqrt(3) * 110.0 * 0.350 * 0.95)
    mean = 0.14 * 2 * 12.5 / 2 * 0.95
    squared = (mean * 1.15 / 0.95 / (math.sqrt(3) * 110.0 * 1.03)) ** 2
    assert row["loss"] == pytest.approx(100 * 3 * squared * 0.306 * 3.0 / 2 / mean, abs=0.006)
    assert 0.0 < row["loss"] < table.loc["transformer_campus", "loss"] < 3.0


def test_an_outage_in_a_ring_is_fed_from_the_other_feeder(
    study: GridStudy, grid: GridSheets
) -> None:
    """With its first section out a feeder hangs on its neighbour, which then carries both."""
    table = study.contingencies
    assert table.loc["port_f01_s1", "closed_tie"] == "port_tie_01_02"
    assert table.loc["port_f01_s1", "unsupplied_load"] == 0.0
    flow = study.flow
    hour = flow.injections.time.get_loc(table.loc["port_f01_s1", "time"])
    feeder = flow.network.buses["feeder"].isin(["port_f01", "port_f02"]).to_numpy()
    power = flow.injections.active[hour, feeder].sum()
    reactive = flow.injections.reactive[hour, feeder].sum()
    rating = math.sqrt(3) * 20 * 0.421
    both = math.hypot(power, reactive) / rating
    # Somewhere in the zone; the ring itself is loaded about as its two feeders together.
    assert table.loc["port_f01_s1", "loading"] >= 0.9 * both
    assert set(table.index) == {
        *flow.network.lines.index[flow.network.lines["to_closed"]],
        *flow.network.transformers.index,
    }


def test_a_plant_on_a_single_line_is_lost_without_harm(study: GridStudy) -> None:
    """Nothing can replace the line of a wind farm, but no load hangs on it."""
    row = study.contingencies.loc["baifeng_wind_110kv_line"]
    assert row["closed_tie"] == "" and row["unsupplied_load"] == 0.0


def test_heavy_load_is_not_secure(grid: GridSheets) -> None:
    """At five times the load rings cannot carry two feeders: overloads are listed."""
    heavy = grid_study(hand_slice(grid, 4, scale=4.0), grid, RATE)
    table = contingencies(heavy.flow, grid)
    assert (~table["secure"].astype(bool)).sum() > 10
    assert table["overloaded"].max() > 0


def test_hosting_capacity_is_a_limit(study: GridStudy, grid: GridSheets) -> None:
    """Every zone takes some PV, and its station's reverse limit bounds it.

    With 80 % of the units' rating at most, more than rating + peak load over the yield of a MW
    cannot be hosted.
    """
    table = study.hosting
    assert set(table.index) == set(grid.zones)
    assert (table["capacity"] > 0).all()
    assert (table["installed"] == 30.0).all()
    rows = study.flow.network.transformers
    for zone in grid.zones:
        row = rows.loc[f"transformer_{zone}"]
        rating = row["units"] * row["rated_power"] * 1e-6
        assert table.loc[zone, "capacity"] <= (rating + 40.0) / 0.8


def test_the_file_gives_back_what_was_saved(
    study: GridStudy, slice_: xr.Dataset, grid: GridSheets, tmp_path: Path
) -> None:
    """Values, names and units survive the disk; every number is float64 with a unit."""
    path = powerflow_path(tmp_path / "by_hand" / "2050.nc")
    write_atomically(study_dataset(study, slice_, grid), path)
    ds = open_powerflow(path)
    assert path.name == "2050_powerflow.nc"
    assert violations(ds, "powerflow") == []
    np.testing.assert_array_equal(ds["voltage"].to_numpy().T, study.flow.state.voltage)
    np.testing.assert_array_equal(ds["branch"].to_numpy(), study.flow.network.branches.index)
    total = float(ds["branch_loss"].sum())
    assert total == pytest.approx(study.flow.state.loss.sum())
    assert ds["voltage"].attrs["units"] == "1" and ds["branch_loss"].attrs["units"] == "MW"
    numbers = [v for v in ds.data_vars.values() if v.dtype.kind == "f"]
    assert all(v.dtype == np.float64 for v in numbers)
    assert ds.attrs["violations"] == len(study.violations)


def test_report_and_diagram_show_the_worst(
    study: GridStudy, grid: GridSheets, tmp_path: Path
) -> None:
    """The first row of the worst hours is printed; the diagram names every zone."""
    console = Console(width=120, record=True, quiet=False, file=(tmp_path / "out").open("w"))
    console.print(powerflow_report(study, grid))
    text = console.export_text()
    console.file.close()
    assert str(study.worst_hours.loc[0, "element"]) in text
    assert "Hosting capacity" in text and "N-1: " in text
    save_network_diagram(study, tmp_path / "net.svg")
    drawing = (tmp_path / "net.svg").read_text(encoding="utf-8")
    assert all(zone in drawing for zone in grid.zones)
