"""Sheets of PyPSA's technology-data, in money and with rows that are not the park's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cost_sheets import CONFIGS, faults_of, write

from meishan_model.errors import InputError
from meishan_model.planning.cost_files import TECHNOLOGY_DATA as SHEET
from meishan_model.planning.cost_files import import_costs
from meishan_model.report.check import cost_comparison
from meishan_model.sheets.cost_rows import read_manifest
from meishan_model.sheets.costs import load_costs

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "costs"
HEAD = "technology,parameter,value,unit,source,further description,currency_year"

TECHNOLOGY_DATA = (
    "battery inverter,FOM,0.3375,%/year,DEA,:  Fixed O&M,2020.0",
    "battery inverter,efficiency,0.9604,per unit,DEA,:  Round trip efficiency DC,2020.0",
    "battery inverter,investment,200.0,EUR/kW,DEA,:  Output capacity expansion cost,2020.0",
    'battery inverter,lifetime,10.0,years,"DEA, Note K.",:  Technical lifetime,2020.0',
    "battery storage,investment,190.0,EUR/kWh,DEA,:  Energy storage expansion cost,2020.0",
    "battery storage,lifetime,25.0,years,DEA,:  Technical lifetime,2020.0",
    "coal,CO2 intensity,0.3361,tCO2/MWh_th,EIA,,",
    "decentral air-sourced heat pump,discount rate,0.04,per unit,Palzer, from old costs,2015.0",
    "decentral air-sourced heat pump,efficiency,3.6,per unit,DEA,207.3,2015.0",
    "decentral air-sourced heat pump,investment,1000.0,EUR/kW_th,DEA,207.3,2015.0",
    "decentral air-sourced heat pump,lifetime,18.0,years,DEA,207.3,2015.0",
    "onwind,VOM,2.0,EUR/MWh,DEA,20 Onshore turbines,2015.0",
    "onwind,investment,1400.0,EUR/kW,DEA,20 Onshore turbines,2015.0",
    "onwind,lifetime,30.0,years,DEA,20 Onshore turbines,2015.0",
)
TECHNOLOGY_DATA_MANIFEST: dict[str, Any] = {
    "title": "technology-data, money of 2025",
    "currency": "EUR",
    "price_year": 2025,
    "price_conversion": {"value": 0.8, "source": "price index"},
    "exchange_rate": {"value": 7.5, "source": "central bank"},
    "technologies": {
        "battery storage": "battery_energy",
        "battery inverter": "battery_power",
        "decentral air-sourced heat pump": ["heat_pump_building", "heat_pump_process"],
        "onwind": "wind_onshore",
    },
    "technology_data": "published",
    "round_trip_efficiency": ["battery_power"],
}


def test_a_sheet_of_technology_data_goes_through_with_a_manifest(tmp_path: Path) -> None:
    """EUR of 2025 become CNY of 2020 by 0.8 x 7.5 = 6, whatever the source's year.

    Rows of fuels and discount rates are left out; one technology serves two of the park's, and
    the round-trip efficiency of 0.9604 becomes 0.98 each way.
    """
    folder = write(tmp_path / "td", TECHNOLOGY_DATA, 2030, **TECHNOLOGY_DATA_MANIFEST)
    sheet = load_costs(folder, 2030)
    assert sheet.technologies["battery_energy"].investment == pytest.approx(190 * 6 * 1000)
    assert sheet.technologies["battery_energy"].efficiency is None
    assert sheet.technologies["battery_power"].efficiency == pytest.approx(0.98)
    wind = sheet.technologies["wind_onshore"]
    assert (wind.investment, wind.variable_om) == pytest.approx((8.4e6, 12.0))
    pumps = [sheet.technologies[f"heat_pump_{use}"] for use in ("building", "process")]
    assert [(pump.technical_lifetime, pump.efficiency) for pump in pumps] == [(18.0, 3.6)] * 2
    assert wind.provenance["VOM"].confidence == "published"


def test_a_foreign_sheet_may_say_more_than_is_read(tmp_path: Path) -> None:
    """The variable cost of a battery may stand unread in a sheet of others, not in ours."""
    rows = (*TECHNOLOGY_DATA, "battery storage,VOM,2.0,EUR/MWh,DEA,,2020.0")
    sheet = load_costs(write(tmp_path / "td", rows, 2030, **TECHNOLOGY_DATA_MANIFEST), 2030)
    battery = sheet.technologies["battery_energy"]
    assert battery.variable_om == pytest.approx(12.0)
    assert battery.provenance["VOM"].is_optional
    ours = load_costs(CONFIGS / "reference", 2030).technologies["wind_onshore"]
    assert not ours.provenance["VOM"].is_optional


def test_technology_data_needs_its_manifest_to_say_so(tmp_path: Path) -> None:
    """By default foreign names and parameters and missing confidence are faults, not skipped."""
    keys = {**TECHNOLOGY_DATA_MANIFEST, "technology_data": None}
    rows = (*TECHNOLOGY_DATA, "coal,investment,1.0,EUR/kW,x,assumption: x,2015.0")
    faults = faults_of(write(tmp_path / "td", rows, 2030, **keys))
    for said in ("mix of price years", "no such technology", "'CO2 intensity'", "begins with"):
        assert any(said in fault for fault in faults)


def test_an_overlay_in_another_currency_than_its_manifest_is_refused(tmp_path: Path) -> None:
    """A price conversion holds for one currency: CNY among EUR rows is a fault."""
    rows = tuple(row.replace("190.0,EUR/kWh", "1500,CNY/kWh") for row in TECHNOLOGY_DATA)
    faults = faults_of(write(tmp_path / "td", rows, 2030, **TECHNOLOGY_DATA_MANIFEST))
    assert len(faults) == 1
    assert "row 6, column unit, 'CNY/kWh': wrong unit; allowed: EUR/MW" in faults[0]


def test_a_file_is_put_into_a_sheet_that_is_ready(tmp_path: Path) -> None:
    """The manifest comes with the package; what is not in the file is that of the reference."""
    named = read_manifest(CONFIGS / SHEET).technologies
    rows = [
        f"{technology},{parameter},{value},{unit},x,,2015.0"
        for technology in named
        for parameter, value, unit in (
            (
                "investment",
                100.0,
                "EUR/kWh" if technology.endswith(("age", "store")) else "EUR/kW",
            ),
            ("lifetime", 20.0, "years"),
        )
    ]
    file = tmp_path / "costs_2035.csv"
    file.write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    sheet = import_costs(tmp_path, file)
    folder = tmp_path / "configs" / "costs" / SHEET
    assert {path.name for path in folder.iterdir()} == {"manifest.yaml", file.name}
    money = read_manifest(folder).project_money
    assert sheet.technologies["pv_rooftop"].investment == pytest.approx(100e3 * money)
    reference = load_costs(folder.parent / "reference", 2035)
    assert sheet.technologies["transformer"] == reference.technologies["transformer"]
    told = cost_comparison(sheet, reference)
    assert set(told.columns[0].cells) == {name for names in named.values() for name in names}
    before = {path: path.read_bytes() for path in folder.iterdir()}
    file.write_text("\n".join([HEAD, *rows, ""]).replace("EUR/kW,", "USD/kW,"), encoding="utf-8")
    with pytest.raises(InputError, match=r"costs_2035\.csv, row 2, column unit") as refused:
        import_costs(tmp_path, file)
    assert str(file) in str(refused.value)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    with pytest.raises(InputError):
        import_costs(tmp_path / "another", file)
    assert not (tmp_path / "another").exists()
    assert import_costs(tmp_path, folder / file.name) == sheet
    with pytest.raises(InputError, match="technology-data has them in its folder outputs"):
        import_costs(tmp_path, tmp_path / "costs.csv")


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"{PUBLISHED} is not there")
@pytest.mark.parametrize("year", [2030, 2035, 2050])
def test_published_files_go_through(tmp_path: Path, year: int) -> None:
    """What the reference derives from the same files is the same, by its rounded rows."""
    sheet = import_costs(tmp_path, PUBLISHED / f"costs_{year}.csv")
    reference = load_costs(CONFIGS / "reference", year)
    for name in ("vanadium_flow_energy", "vanadium_flow_power", "gas_boiler", "heat_pump_process"):
        ours, theirs = (s.technologies[name].investment for s in (reference, sheet))
        assert theirs == pytest.approx(ours, rel=2e-3)
