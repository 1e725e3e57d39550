"""A grid that cannot be calculated is refused, with file, row, column, value and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.park import Park


def faults(park: Park, sheets: Path, name: str, old: str, new: str) -> list[Fault]:
    """Faults after one place of a sheet has been replaced; a place that is not there fails."""
    path = sheets / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{name}.csv holds no {old!r} any more: adapt the test"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_grid(park, sheets)
    return list(caught.value.faults)


LINE = "port_f01_s1,transformer_port,port_20kv,port_f01_n1,NA2XS2Y 1x240 RM/25 12/20 kV,1,closed"
STATION = "transformer_port,transformer_port,port_110kv,port_20kv,40 MVA 110/20 kV,automatic"
COPPER = "YJV22 3x400 12/20 kV,cable_20kv,investment"


@pytest.mark.parametrize(
    ("sheet", "old", "new", "column", "message"),
    [
        ("lines", LINE + ",0.9", LINE + ",", "value", "valid number"),
        ("lines", LINE + ",0.9,km", LINE + ",900,m", "unit", "wrong unit"),
        ("lines", LINE + ",0.9", LINE + ",0", "value", "out of range"),
        ("lines", LINE, LINE.replace("1x240", "1x777"), "standard_type", "no such standard type"),
        ("lines", LINE, LINE.replace("f01_n1", "f01_nX"), "to_bus", "no such bus in buses.csv"),
        (
            "lines",
            LINE,
            LINE.replace("r_port,", "r_harbour,"),
            "element",
            "no such element",
        ),
        ("lines", LINE, LINE.replace(",1,closed", ",0,closed"), "circuits", "greater than"),
        ("lines", LINE, LINE.replace("closed", "shut"), "normally", "'closed' or 'open'"),
        ("lines", LINE, LINE.replace("port_20kv", "port_110kv"), "to_bus", "ends at 20 kV"),
        ("transformers", STATION, STATION.replace("40 MVA", "41 MVA"), "standard_type", "no such"),
        ("shares", "port,load,port_f01,", "port,load,port_f99,", "place", "no such bus or feeder"),
        ("shares", "port,load,port_f01,1", "port,load,port_f01,2", "value", "% in all"),
        ("line_costs", COPPER, COPPER.replace("3x400", "3x777"), "standard_type", "no such"),
        (
            "line_costs",
            COPPER,
            COPPER.replace("cable", "overhead"),
            "standard_type",
            "another",
        ),
        ("line_costs", COPPER + ",2000000", COPPER + ",0", "value", "out of range"),
        ("buses", "upstream,,,121.8600", "upstream,,,221.8600", "longitude", "less than"),
    ],
)
def test_a_bad_row_is_named(
    park: Park, sheets: Path, sheet: str, old: str, new: str, column: str, message: str
) -> None:
    """One bad cell gives a fault with its sheet, row, column, and what is allowed."""
    found = [f for f in faults(park, sheets, sheet, old, new) if f.column == column]
    assert found, "the column is not named"
    fault = found[0]
    assert fault.file == str(sheets / f"{sheet}.csv")
    assert message in fault.message
    assert fault.remedy
    lines = (sheets / f"{sheet}.csv").read_text(encoding="utf-8").splitlines()
    assert fault.row is not None and lines[fault.row - 1].split(",")[0] == new.split(",")[0]


def test_an_island_names_its_buses(park: Park, sheets: Path) -> None:
    """An open switch in the first section leaves the feeder behind it without supply."""
    found = faults(park, sheets, "lines", LINE, LINE.replace("closed", "open"))
    assert {f.value for f in found} == {"port_f01_n1", "port_f01_n2"}
    assert all(f.row and f.column == "bus" and "no closed line" in f.message for f in found)


def test_two_lines_of_one_name_are_refused(park: Park, sheets: Path) -> None:
    """The second row of a name points to the first."""
    found = faults(park, sheets, "lines", "port_f02_s1,", "port_f01_s1,")
    assert [f.value for f in found] == ["port_f01_s1"]
    assert "stands already in row" in found[0].message


@pytest.mark.parametrize(
    ("sheet", "part"),
    [
        ("parameters", "voltage_band,"),
        ("power_factors", "generation,"),
        ("line_types", "NA2XS2Y 1x240 RM/25 12/20 kV,resistance"),
        ("line_costs", "243-AL1/39-ST1A 20.0,overhead_20kv,lifetime"),
        ("transformers", STATION + ",units"),
        ("dc_links", "dc_link_meishan_bonded,dc_tie_meishan_bonded,meishan_20kv,bonded_20kv,cap"),
    ],
)
def test_a_missing_row_is_told(park: Park, sheets: Path, sheet: str, part: str) -> None:
    """No silent default fills the gap."""
    path = sheets / f"{sheet}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(part)]
    assert len(kept) == len(lines) - 1
    path.write_text("".join(kept), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_grid(park, sheets)
    assert all(f.remedy and "row" in f.message for f in caught.value.faults)


def test_feeders_without_a_cost_are_told(park: Park, sheets: Path) -> None:
    """Nobody could say what another circuit of theirs would cost."""
    path = sheets / "line_costs.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x for x in lines if not x.startswith("243-")), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_grid(park, sheets)
    (fault,) = caught.value.faults
    assert fault.value == "243-AL1/39-ST1A 20.0" and fault.file == str(path)


def test_a_park_without_grid_sheets_says_so(park: Park, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_grid(park, tmp_path / "grid")
