"""A meter behind which PV feeds out: the gross load by hand, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from test_measured_park import HOURS, LOAD, POWER, write
from test_smallest_park import FILES, written

from meishan_model.errors import InputError
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.project import Project, open_project
from meishan_model.series.build import build_profiles
from meishan_model.series.net_meters import measured_of
from meishan_model.series.solar import PV_PARAMETERS, location_of, pv_capacity_factor
from meishan_model.series.weather import load_weather

WEATHER = Path(__file__).parents[2] / "timeseries" / "meishan" / "weather.nc"
PLANTS = """plant,technology,zone,offtake,commissioned_from,commissioned_to,value,unit,source,\
confidence,note
roof,pv_rooftop,site,park,2021,2024,4,MW,plate,published,
field,pv_rooftop,site,grid,2015,2015,1,MW,plate,published,
tank,battery_energy,site,park,2015,2015,1,MWh,plate,published,
inverter,battery_power,site,park,2015,2015,1,MW,plate,published,
late,pv_rooftop,site,park,2023,2024,4,MW,plate,published,
"""
PV = 900.0 * np.clip(np.sin((HOURS.hour.to_numpy() - 6) / 12.0 * np.pi), 0.0, None)
"""Output on a clear day [kW], more than the load at noon."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The smallest park, whose load is a meter's file and on whose roofs stands PV."""
    sheets = written(tmp_path) / "configs" / "tiny"
    (sheets / "loads.csv").write_text(FILES["tiny/loads.csv"].splitlines(True)[0] + LOAD, "utf-8")
    (sheets / "existing_plants.csv").write_text(PLANTS, encoding="utf-8")
    ratio = "capture_ratio_pv,,0.8,1,exchange,published,\n"
    (sheets / "prices.csv").write_text(FILES["tiny/prices.csv"] + ratio, encoding="utf-8")
    series = tmp_path / "timeseries" / "tiny"
    write(series / "meter.csv", "kW", POWER - PV)
    write(series / "pv.csv", "kW", PV)
    shutil.copy(WEATHER, series / "weather.nc")
    return tmp_path


def behind(root: Path, net_of: str) -> Project:
    """The project, ``series.csv`` saying what is behind its meter."""
    text = f"series,unit,net_of\nmeter.csv:kW,,{net_of}\nshare.csv:pv,1,\n"
    (root / "configs" / "tiny" / "series.csv").write_text(text, encoding="utf-8")
    return open_project("tiny", root)


def test_metered_output_is_added_hour_by_hour(root: Path) -> None:
    """What the meter and the inverter measured adds up to the load, which an empty value takes."""
    project = behind(root, "pv.csv:kW")
    load = measured_of(project.park, project.weather_folder)["meter.csv:kW"]
    np.testing.assert_allclose(load.means, POWER / 1e3, atol=1e-12)
    assert load.means.max() == pytest.approx(POWER.max() / 1e3)
    assert load.notes == (
        f"net of pv.csv:kW: {PV.sum() / 1e3:,.1f} MWh/a added, as it was measured",
    )
    assert project.park.loads[0].value == pytest.approx(POWER.sum() / 1e3)
    profiles = build_profiles(project.slices[2022], project.park, project.weather_folder)
    assert str(load) in profiles.measured


def test_a_plant_of_the_sheet_gives_by_its_capacity_in_the_measured_year(root: Path) -> None:
    """Of 4 MW from 2021 to 2024 two stood in 2022; hours that stay below zero are cut and told."""
    project = behind(root, "roof")
    park = project.park
    numbers = {row.parameter: row.value for row in park.technology_parameters}
    numbers |= {"system_loss": 0.14, "inverter_efficiency": 0.96}
    taken = {name: numbers[name] for name in PV_PARAMETERS}
    weather = load_weather(project.weather_folder, park.site)
    output = 2.0 * np.asarray(pv_capacity_factor(weather, location_of(park.site), **taken))
    whole = (POWER - PV) / 1e3 + output
    load = measured_of(park, project.weather_folder)["meter.csv:kW"]
    np.testing.assert_allclose(load.means, np.maximum(whole, 0.0), atol=1e-9)
    assert (whole < 0.0).any()
    cut = f"{(whole < 0.0).sum()} steps then below zero set to zero, "
    assert load.notes[1] == f"{cut}{-whole[whole < 0.0].sum():.4g} MWh"
    assert load.notes[0].startswith(f"net of roof: {output.sum():,.1f} MWh/a added, 2 MW in the ")
    before = slice_hashes(project, "highs")
    sheet = root / "configs" / "tiny" / "existing_plants.csv"
    sheet.write_text(PLANTS.replace("2021,2024,4", "2021,2024,5"), encoding="utf-8")
    assert slice_hashes(open_project("tiny", root), "highs") != before


def test_a_measured_capacity_factor_stands_for_the_weather(root: Path) -> None:
    """The technology of the plant names a series: its share times 2 MW is what is added."""
    sheets = root / "configs" / "tiny"
    write(root / "timeseries" / "tiny" / "share.csv", "pv", PV / 2e3)
    (sheets / "technologies.csv").write_text(
        "technology,kind,unit,carrier_in,carrier_out,bus,profile,model,phase_out,finance,note\n"
        "pv_rooftop,pv,MW,,electricity,,share.csv:pv,,no,new,\n",
        encoding="utf-8",
    )
    (sheets / "existing_plants.csv").write_text("".join(PLANTS.splitlines(True)[:2]), "utf-8")
    park = behind(root, "roof").park
    assert park.loads[0].value == pytest.approx(POWER.sum() / 1e3)


@pytest.mark.parametrize(
    ("net_of", "says"),
    [
        ("", r"below zero in \d+ steps, first .*name the plant in net_of of series.csv"),
        (
            "rof",
            r"column net_of, 'rof': no such plant .*perhaps roof; known: inverter, late, roof",
        ),
        ("field", "no such plant in existing_plants.csv whose power is the park's"),
        ("tank", "what a store_energy gave in a measured year no weather tells; give its meas"),
        ("late", "did not stand yet in 2022; correct commissioned_from"),
        ("few.csv:kW", r"gave 24.95 MWh, of which the meter fed out .* MWh; correct the plant"),
        ("sign.csv:kW", r"gave -2495 MWh, of which .* or the sign of a series"),
        ("meter.csv:kW", "column net_of, 'meter.csv:kW': is the meter itself"),
        ("old.csv:kW", "is no power from 2022-01-01 to 2022-12-31, the days of meter.csv:kW"),
        ("share.csv:pv", "is no power from"),
    ],
)
def test_what_cannot_be_behind_the_meter_is_refused(root: Path, net_of: str, says: str) -> None:
    """Each with its cell and what would be right; without a word a load is never below zero."""
    series = root / "timeseries" / "tiny"
    write(series / "few.csv", "kW", PV / 100.0)
    write(series / "sign.csv", "kW", -PV)
    write(series / "share.csv", "pv", PV / 2e3)
    old = (series / "pv.csv").read_text("utf-8").replace("2022-", "2021-")
    (series / "old.csv").write_text(old, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        _ = behind(root, net_of).park


def test_a_meter_of_which_nothing_is_said_is_gross(root: Path) -> None:
    """That is the default, and it is told."""
    write(root / "timeseries" / "tiny" / "meter.csv", "kW", POWER)
    project = open_project("tiny", root)
    told = measured_of(project.park, project.weather_folder)["meter.csv:kW"].notes
    assert told == ("gross, as series.csv names no plant behind the meter",)
