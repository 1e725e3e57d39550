"""Faults of all layers in one run: cells, names, years, measured files, load shapes, weather."""

from __future__ import annotations

from pathlib import Path

import pytest

from meishan_model.errors import Fault, InputError
from meishan_model.planning.new_park import new_park
from meishan_model.planning.project import open_project

HEAT = "hall,site,industry,hall_heat,hall,,5,GWh/a,bill,published,\n"
SHAPE = """profile,parameter,start_hour,end_hour,value,unit,source,confidence,note
hall,heating_set_point,,,18,degC,estimate,assumption,
"""
BURNER = """technology,kind,unit,carrier_in,carrier_out,bus,profile,model,phase_out,finance,note
burner,boiler,MW,natural_gas,hall_heat,,,,no,new,
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a factory called ``mine``."""
    new_park(tmp_path, "mine")
    return tmp_path


def change(root: Path, file: str, old: str = "", new: str = "", end: str = "") -> None:
    """Replace a text of a sheet and add to its end."""
    path = root / "configs" / "mine" / file
    text = path.read_text("utf-8") if path.is_file() else ""
    assert old in text
    path.write_text(text.replace(old, new, 1) + end, encoding="utf-8")


def faults(root: Path) -> tuple[Fault, ...]:
    """What is wrong when the slices are asked for."""
    with pytest.raises(InputError) as caught:
        _ = open_project("mine", root).slices
    return caught.value.faults


def told(root: Path) -> set[tuple[str, int | None, str | None]]:
    """File, row and value of each fault, none of which is told twice."""
    found = [(Path(fault.file).name, fault.row, fault.value) for fault in faults(root)]
    assert len(found) == len(set(found))
    return set(found)


def test_cells_years_and_series_are_told_together(root: Path) -> None:
    """A unit, a word for a number, a missing price, a meter that is not there, half a shape.

    What stands in for a wrong number is no fault of its own.
    """
    change(root, "prices.csv", "661,CNY/MWh", "661,CNNY/MWh")
    change(root, "prices.csv", "capture_ratio_pv,", "capture_ratio_wind,")
    change(
        root,
        "assets.csv",
        "battery_power,site,potential,,5,",
        "battery_power,site,potential,,five,",
    )
    change(root, "loads.csv", ",industry_two_shift,,20,", ",meter.csv:kW,,,", HEAT)
    change(root, "heats.csv", end="heat,value,unit,source,confidence,note\n")
    change(root, "heats.csv", end="hall_heat,60,degC,plan,assumption,\n")
    change(root, "profiles.csv", end=SHAPE)
    change(root, "technologies.csv", end=BURNER)
    assert told(root) == {
        ("prices.csv", 2, "CNNY/MWh"),
        ("prices.csv", None, "capture_ratio_pv"),
        ("assets.csv", 4, "five"),
        ("meter.csv", None, None),
        *(
            ("profiles.csv", None, f"hall/{name}")
            for name in ("internal_gains", "heat_loss", "time_constant", "working_day", "day_off")
        ),
        ("technologies.csv", 2, "natural_gas"),
    }


def test_what_comes_of_a_row_that_is_left_out_is_not_told(root: Path) -> None:
    """A misspelt parameter is one fault, not also a potential that is missing."""
    change(root, "assets.csv", "battery_power,site,potential,", "battery_power,site,potental,")
    assert told(root) == {("assets.csv", 4, "potental")}


def test_years_and_weather_are_told_together(root: Path) -> None:
    """A price that ends before the target, and no weather for the PV."""
    change(root, "prices.csv", "demand_charge,,42000", "demand_charge,2025,42000")
    (root / "timeseries" / "mine" / "weather.nc").unlink()
    assert told(root) == {("prices.csv", 4, "2025"), ("weather.nc", None, None)}


def test_a_wrong_scenario_does_not_hide_the_series(root: Path) -> None:
    """A key that there is not, and a shape that nobody described."""
    scenario = root / "configs" / "scenarios" / "mine.yaml"
    scenario.write_text(scenario.read_text("utf-8").replace("neutrality", "neutralty"), "utf-8")
    change(root, "loads.csv", ",industry_two_shift,", ",two_shift,")
    with pytest.raises(InputError) as caught:
        open_project("mine", root)
    assert {fault.value for fault in caught.value.faults} == {"False", "two_shift"}
