"""Wrong rows of buildings, heat and flexibility are named with file, row and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from meishan_model.errors import InputError
from meishan_model.planning.project import open_project

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the sheets."""
    shutil.copytree(REPOSITORY / "configs", tmp_path / "configs")
    return tmp_path


FAULTS = [
    (
        "buildings",
        "homes,meishan,buildings,,floor",
        "homes,,buildings,,floor",
        "an area has a zone",
    ),
    (
        "buildings",
        "homes,meishan,buildings,,floor",
        "homes,meishan,,,floor",
        "zone and sector only",
    ),
    ("buildings", "homes,,,electricity,cool", "homes,port,,electricity,cool", "carrier only"),
    ("buildings", "homes,,,electricity,cool", "homes,,,,cool", "what a m2 needs is of a carrier"),
    (
        "buildings",
        "homes,,,electricity,cooling,2025",
        "homes,,,building_heat,cooling,2025",
        "has another for the same cooling",
    ),
    ("building_life_cycle", "29,kgCO2/(m2*a)", "29,kgCO2/m2", "has another unit"),
    ("loads", "car_parts,chunxiao", "homes_cooling,chunxiao", "buildings.csv makes"),
    ("loads", ",process_steam,process_heat,2020", ",steam,process_heat,2020", "heats.csv"),
    ("heats", "process_steam,150", "process_steam,180", "gives 150 degC, but process_steam needs"),
    (
        "technology_parameters",
        "vehicle_to_grid_cars,reserve,30,%",
        "vehicle_to_grid_cars,reserve,99,%",
        "out of range",
    ),
    ("technologies", "cars_plugged_in,car_electric", "cars_plugged_in,car_gasoline", "electric"),
    (
        "assets",
        "vehicle_to_grid_cars,chunxiao,potential,2050,2200",
        "vehicle_to_grid_cars,chunxiao,potential,2050,22000",
        "22000 of 14767.5 electric vehicles",
    ),
    (
        "assets",
        "cold_store_pause,bonded,event_potential,2020,0.6",
        "cold_store_pause,bonded,potential,2020,0.6",
        "no flexibility that rests|gives no value|no row",
    ),
    ("efficiency_measures", ",homes_cooling,potential", ",homes_lifts,potential", "no such load"),
]


@pytest.mark.parametrize(("sheet", "old", "new", "text"), FAULTS)
def test_faults_name_the_sheet(root: Path, sheet: str, old: str, new: str, text: str) -> None:
    """One changed cell: the error names the sheet and says what is wrong with it."""
    path = root / "configs" / "meishan" / f"{sheet}.csv"
    content = path.read_text(encoding="utf-8")
    assert old in content, f"{sheet} holds no {old!r} any more: adapt the test"
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    project = open_project("balanced", root)
    with pytest.raises(InputError, match=text) as caught:
        for year in project.years:
            assert project.slices[year]
    assert any(fault.file and fault.remedy for fault in caught.value.faults)
