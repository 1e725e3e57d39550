"""Bad sheets: every kind is refused with file, place, value and remedy.

Each case spoils the shipped sheets of the small park in one way and runs ``meishan check``: exit
code 2, one line per fault, nothing written. Cases that need a process of their own are slow.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from spoil import FAULT, REPOSITORY, SCENARIO, Answer, Edit, drop, nothing_written, sheet, swap

# Name of the case, file, old and new text, and what the fault must name: row, column, value.
CELLS: list[tuple[str, str, str, str, int | None, str | None, str | None]] = [
    ("not a number", "zones", "0.1,km2", "much,km2", 2, "value", "much"),
    ("decimal comma", "zones", "0.1,km2", '"0,1",km2', 2, "value", "0,1"),
    ("thousands separator", "zones", "0.1,km2", "1_0,km2", 2, "value", "1_0"),
    ("full-width digits", "zones", "0.1,km2", "１２,km2", 2, "value", "１２"),
    ("looks like markup", "zones", "0.1,km2", "[/x],km2", 2, "value", "[/x]"),
    ("NaN", "zones", "0.1,km2", "nan,km2", 2, "value", "nan"),
    ("infinite", "zones", "0.1,km2", "inf,km2", 2, "value", "inf"),
    ("overflow", "zones", "0.1,km2", "1e999,km2", 2, "value", "1e999"),
    ("empty value", "zones", "0.1,km2", ",km2", 2, "value", ""),
    ("wrong unit", "zones", "0.1,km2", "0.1,ha", 2, "unit", "ha"),
    ("energy in MW", "assets", "potential,,10,MWh", "potential,,10,MW", 6, "unit", "MW"),
    ("wind in vehicles", "existing_plants", "4.8,MW", "4.8,vehicles", 2, "unit", "vehicles"),
    ("negative capacity", "existing_plants", "4.8,MW", "-4.8,MW", 2, "value", "-4.8"),
    ("end before begin", "existing_plants", "2012,2016", "2016,2012", 2, "commissioned_to", None),
    ("sold heat", "existing_plants", "ler,campus,park", "ler,campus,grid", 10, "offtake", "grid"),
    ("unknown buyer", "existing_plants", "campus,park", "campus,city", 2, "offtake", "city"),
    ("loss of 96 %", "network", "loss,1,%", "loss,96,%", 5, "value", "96"),
    ("factor in kg", "emission_factors", "0.5688", "568.8", 10, "value", "568.8"),
    ("rate of 800 %", "parameters", "discount_rate,,8,", "discount_rate,,800,", 3, "value", "800"),
    ("unknown zone", "loads", "works,campus", "works,kampus", 2, "zone", "kampus"),
    (
        "unknown technology",
        "assets",
        "pv_rooftop,campus",
        "pv_roof,campus",
        2,
        "technology",
        "pv_roof",
    ),
    (
        "unknown parameter",
        "technology_parameters",
        "azimuth",
        "azimut",
        2,
        "parameter",
        "azimut",
    ),
    ("unknown bus", "network", "campus_20kv,loss", "x_20kv,loss", 5, "to_bus", "x_20kv"),
    ("unknown item", "prices", "levies,,27", "levy,,27", 4, "item", "levy"),
    ("unknown carrier", "loads", "building_heat", "heat", 4, "carrier", "heat"),
    ("unknown confidence", "zones", "assumption,", "guess,", 2, "confidence", "guess"),
    ("no source", "zones", "assumption of this project: about ten hectares", "", 2, "source", ""),
    ("year out of range", "loads", "two_shift,,", "two_shift,20500,", 2, "year", "20500"),
    ("year not given", "loads", "two_shift,,", "two_shift,2030,", 2, "year", "2030"),
    ("name with a blank", "zones", "\ncampus,", "\nour campus,", 2, "zone", "our campus"),
    ("no such day", "tariff_periods", "2020-01-01", "2020-02-31", 2, "valid_from", "2020-02-31"),
    ("no such month", "tariff_periods", ";11;12,all", ";11;13,all", 2, "months", None),
    ("hours fall", "tariff_periods", "all,7,10", "all,10,7", 3, "end_hour", "7"),
    ("hour 25", "tariff_periods", "all,23,24", "all,23,25", 8, "end_hour", "25"),
    ("overlap", "tariff_periods", "all,0,7,", "all,0,9,", 3, "start_hour", None),
    ("unknown load shape", "loads", "industry_two_shift", "four", None, "profile", "four"),
    ("unknown turbine", "technologies", "GE120/2500", "GE999/2500", None, "model", "GE999/2500"),
    ("ragged row", "zones", "0.1,km2", "0.1,5,km2", 2, None, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "row", "column", "value"),
    [case[1:] for case in CELLS],
    ids=[case[0] for case in CELLS],
)
def test_a_bad_cell_is_named(
    root: Path,
    tell: Callable[..., Answer],
    file: str,
    old: str,
    new: str,
    row: int | None,
    column: str | None,
    value: str | None,
) -> None:
    """One bad cell: exit code 2 and a line with file, row, column, value and remedy."""
    swap(root, sheet(file), old, new)
    code, lines = tell("check", "--scenario", "yizhuang")
    assert code == 2
    found = [match for line in lines if (match := FAULT.match(line))]
    assert len(found) == len(lines), lines
    told = [m for m in found if m["file"].endswith(f"{file}.csv")]
    assert told, lines
    assert row is None or int(told[0]["row"]) == row
    assert told[0]["column"] == column
    assert value is None or told[0]["value"] == repr(value)
    assert nothing_written(root)


ROWS: list[tuple[str, str, str, str, str]] = [
    ("twice", "zones", "", "campus,Twin,孪生,0.2,km2,x,assumption,", "says the same as row 2"),
    (
        "load of two kinds",
        "loads",
        "",
        "campus_offices,campus,buildings,electricity,flat,,5,GWh/a,x,assumption,",
        "another sector or carrier or profile in row 3",
    ),
    (
        "project with the name of a load",
        "projects",
        "",
        "campus_works,campus,industry,electricity,flat,2020,5,GWh/a,x,assumption,",
        "is the name of a load",
    ),
    (
        "unrestructured load of no name",
        "loads_unrestructured",
        "",
        "foundry,campus,industry,electricity,flat,,5,GWh/a,x,assumption,",
        "neither loads.csv nor projects.csv has it in zone campus",
    ),
    (
        "more in villages than in all",
        "assets",
        "",
        "pv_rooftop,campus,rural_potential,,3.5,MW,x,assumption,",
        "more potential in villages than in all in 2020",
    ),
    (
        "technology twice",
        "technologies",
        "",
        "pv_rooftop,pv,MW,,electricity,20kv,other,,no,new,PV,光伏,",
        "stands already in row 2",
    ),
    (
        "fuel without carbon",
        "baseline",
        "",
        "coal_boiler,industry,campus,coal,fuel,5,ktce/a,x,assumption,",
        "no scope1 emission_factor of this carrier",
    ),
    (
        "with and without year",
        "prices",
        "",
        "diesel,2020,3,CNY/MWh,x,assumption,",
        "a row without a year stands beside rows with one",
    ),
    (
        "fleet by km and by h",
        "fleets",
        "",
        "van,campus,transport,road_cars,,service,,1,million km/a,x,assumption,\n"
        "van,campus,transport,road_cars,,annual_use,,900,h/a,x,assumption,",
        "row 2 counts the service of van in kilometres",
    ),
    ("tariff gap", "tariff_periods", "all,0,7,", "", "no period covers 2555 hours"),
    ("price missing", "prices", "natural_gas,", "", "uses natural_gas, which has no row price"),
    ("contract without price", "contracts", "credit,,price", "", "ccer_credits has no row price"),
    ("turbine without height", "technology_parameters", "hub_height", "", "has no row hub_height"),
    ("store without loss", "technology_parameters", "flow_energy,stand", "", "row standing_loss"),
    ("no coal equivalent", "emission_factors", "lectricity,,tce_cal", "", "no row tce_calorific"),
    ("boiler without potential", "assets", "gas_boiler,campus,potential", "", "row potential"),
    ("phase-out without end", "assets", "last_new_build", "", "has no row last_new_build"),
    ("penalty missing", "parameters", "value_of_lost_load", "", "no row value_of_lost_load"),
    ("zone without transformer", "network", "transformer_campus", "", "no transformer"),
    ("no connection", "network", "upstream_connection", "", "there is no connection"),
    ("no loss", "network", "upstream_connection,connection,upstream,grid_110kv,loss", "", "loss"),
]


@pytest.mark.parametrize(
    ("file", "lost", "added", "said"), [case[1:] for case in ROWS], ids=[case[0] for case in ROWS]
)
def test_a_missing_or_surplus_row_is_told(
    root: Path, tell: Callable[..., Answer], file: str, lost: str, added: str, said: str
) -> None:
    """Rows that contradict each other, or that a slice lacks, are faults before any solve."""
    if lost:
        drop(root, sheet(file), lost)
    else:
        swap(root, sheet(file), "", added)
    code, lines = tell("check", "--scenario", "yizhuang")
    assert code == 2
    assert all(FAULT.match(line) for line in lines), lines
    assert any(said in line for line in lines), lines
    assert nothing_written(root)


def _bom(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def _gb18030(path: Path) -> None:
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _header_less(path: Path) -> None:
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])


def _semicolons(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b",", b";"))


def _without_unit(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b",unit,", b",units,", 1))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b'"left open,')


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_bom, "row 1: starts with a byte-order mark"),
        (_gb18030, "row 2, '0xbd': is not UTF-8"),
        (_empty, "is empty; the header is zone,name"),
        (_header_less, "column zone: missing column"),
        (_semicolons, "is not separated by commas"),
        (_without_unit, "column unit: missing column"),
        (_cut, "cannot be split"),
        (Path.unlink, "there is no such file"),
    ],
)
def test_a_bad_file_is_told(
    root: Path, tell: Callable[..., Answer], spoil: Callable[[Path], None], said: str
) -> None:
    """Encoding, header and emptiness of a sheet are faults of one line, not crashes."""
    spoil(root / sheet("zones"))
    code, lines = tell("check", "--scenario", "yizhuang")
    assert code == 2
    assert any(said in line and "zones.csv" in line for line in lines), lines
    assert all("; " in line for line in lines), lines
    assert nothing_written(root)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Asia/Shanghai", "Asia/Schanghai", "column timezone, 'Asia/Schanghai'"),
        ("name: yizhuang", "name: meishan", "column name, 'meishan': is not the name of the"),
        ("latitude: 39.8", "latitude: 398", "column latitude, '398'"),
        ("latitude: 39.8", "latitude: 39.8N", "column latitude, '39.8N'"),
        ("baseline_year: 2020\n", "", "column baseline_year: Field required"),
    ],
)
def test_a_bad_park_file_is_refused(
    root: Path, tell: Callable[..., Answer], old: str, new: str, said: str
) -> None:
    """``park.yaml`` is checked like a sheet."""
    swap(root, "configs/yizhuang/park.yaml", old, new)
    code, lines = tell("check", "--scenario", "yizhuang")
    assert code == 2
    assert any(said in line for line in lines), lines


def test_a_missing_park_file_is_told(root: Path, tell: Callable[..., Answer]) -> None:
    """A folder of sheets without ``park.yaml`` is a fault, not a crash."""
    (root / "configs" / "yizhuang" / "park.yaml").unlink()
    code, lines = tell("check", "--scenario", "yizhuang")
    assert (code, len(lines)) == (2, 1)
    assert "park.yaml: there is no such file" in lines[0]


SEVERAL: list[Edit] = [
    ("configs/yizhuang/park.yaml", "altitude: 30", "altitude: high"),
    (sheet("zones"), "0.1,km2", '"0,1",ha'),
    (sheet("network"), "loss,1,%", "loss,96,%"),
    (sheet("loads"), ",8.43,GWh/a", ",-8.43,kWh/a"),
    (sheet("assets"), "build_rate,,0.5", "build_rate,,inf"),
    (sheet("baseline"), "natural_gas,fuel", "natural_gas,fule"),
]


def test_all_faults_of_a_run_are_listed_at_once(root: Path, tell: Callable[..., Answer]) -> None:
    """Seven faults in six files are seven lines of one run: a wrong unit beside a wrong sign."""
    for file, old, new in SEVERAL:
        swap(root, file, old, new)
    code, lines = tell("check", "--scenario", "yizhuang")
    assert code == 2
    assert all(FAULT.match(line) for line in lines), lines
    assert len(lines) == 7
    assert len({line.split(",")[0] for line in lines}) == 6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "edits"),
    [
        (["check"], SEVERAL),
        (["check"], [(SCENARIO, "", "theta: 2\ntheta: 3")]),
        (["solve", "2020", "--hours", "168"], [(sheet("tariff_periods"), "all,0,7,", "all,0,9,")]),
        (["solve", "2020"], [(sheet("zones"), "0.1,km2", "[/x],km2")]),
    ],
)
def test_a_process_ends_with_code_2_and_leaves_nothing(
    root: Path, words: list[str], edits: list[Edit]
) -> None:
    """As a process of its own: exit code 2, no traceback, nothing on standard output or disk."""
    for file, old, new in edits:
        swap(root, file, old, new)
    before = sorted(root.rglob("*"))
    run = subprocess.run(
        [sys.executable, "-m", "meishan_model.cli", *words, "-s", "yizhuang", "--root", str(root)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert run.stderr.startswith("input  ")
    assert run.stdout == ""
    assert sorted(root.rglob("*")) == before
