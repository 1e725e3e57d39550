"""The smallest park that solves: six files, fewer than forty rows, and a bill found by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr
from whole_park import read_park

from meishan_model.components.catalogue import kinds, schemas
from meishan_model.errors import InputError
from meishan_model.planning.project import open_project
from meishan_model.planning.varied_slice import park_series
from meishan_model.series.demand import shape_parameters
from meishan_model.sheets import workbook
from meishan_model.sheets.buses import buses_of
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.park import DEFAULTS, default_rows
from meishan_model.sheets.park_rows import ParameterRow
from meishan_model.sheets.perturb import vary_sheets, write_defaults
from meishan_model.sheets.rows import DEFAULT_SHEETS, ValueRow
from meishan_model.sheets.workbook import park_workbook
from meishan_model.sheets.workbook_edits import read_edits

REFERENCE = Path(__file__).parents[2] / "configs" / "costs"
MONTHS = "1;2;3;4;5;6;7;8;9;10;11;12"
FILES = {
    "tiny/park.yaml": """name: tiny
title: Tiny park
title_zh: 小园区
latitude: 30
longitude: 120
altitude: 5
timezone: Asia/Shanghai
country: CN
""",
    "scenarios/tiny.yaml": """title: A year as it is
park: tiny
first_year: 2022
target_year: 2022
neutrality: false
shadow_carbon: false
""",
    "tiny/loads.csv": """load,zone,sector,carrier,profile,year,value,unit,source,confidence,note
works,site,industry,electricity,flat,,8.76,GWh/a,meter,published,
""",
    "tiny/network.csv": """element,kind,from_bus,to_bus,parameter,value,unit,source,confidence,note
grid,connection,upstream,grid_110kv,capacity,5,MW,contract,published,
grid,connection,upstream,grid_110kv,loss,2,%,contract,published,
station,transformer,grid_110kv,site_20kv,capacity,5,MW,plate,published,
station,transformer,grid_110kv,site_20kv,loss,1,%,plate,published,
""",
    "tiny/prices.csv": """item,year,value,unit,source,confidence,note
purchase_flat,,600,CNY/MWh,bill,published,
network_charge,,100,CNY/MWh,bill,published,
demand_charge,,40000,CNY/(MW*month),bill,published,
market_price,,400,CNY/MWh,exchange,published,
""",
    "tiny/tariff_periods.csv": f"""tariff,valid_from,valid_until,months,day_type,start_hour,\
end_hour,period,value,unit,source,confidence,note
day,2022-01-01,,{MONTHS},all,0,6,valley,0.4,1,bill,published,
day,2022-01-01,,{MONTHS},all,6,24,peak,1.3,1,bill,published,
""",
}
Said = Callable[..., tuple[int, str, str]]


def written(root: Path) -> Path:
    """A project with the smallest park beside the cost sheets."""
    for name, text in FILES.items():
        path = root / "configs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "configs" / "costs").symlink_to(REFERENCE)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_it_solves_to_a_bill_found_by_hand(root: Path, said: Said) -> None:
    """1 MW behind losses of 2 and 1 % at 0.4 x 600 for six hours, 1.3 x 600 for eighteen.

    The mean price is (6 x 240 + 18 x 780) / 24 = 645 CNY/MWh, the peak costs 12 x 40 000 CNY/MW,
    and a MWh carries the national factor of 2022. A year of hours all alike is 52.14 weeks.
    """
    assert len(FILES) <= 6
    assert sum(len(text.splitlines()) for text in FILES.values()) <= 40
    code, out, err = said("solve", 2022, "-s", "tiny", "--hours", 168, "--root", root)
    assert code == 0, err
    assert "none: nothing depends on weather" in " ".join(out.split())
    drawn = 1.0 / (0.98 * 0.99)
    with xr.open_dataset(root / "results" / "tiny~168h" / "2022.nc") as ds:
        assert ds.attrs["objective"] == pytest.approx(drawn * (8760 * 645 + 12 * 40e3), rel=1e-9)
        scopes = ds["emissions"].to_series().groupby(ds["scope"].to_series()).sum()
        assert scopes["scope2_market"] == pytest.approx(8760 * drawn * 0.5366, rel=1e-9)
        assert "baseline_emissions" not in ds.attrs


def test_one_bus_needs_no_transformer(root: Path, said: Said) -> None:
    """Without the rows of the station the connection leads to the zone, and alone loses 2 %."""
    path = root / "configs" / "tiny" / "network.csv"
    rows = FILES["tiny/network.csv"].splitlines(keepends=True)
    path.write_text("".join(row for row in rows if "station" not in row), encoding="utf-8")
    code, _, err = said("solve", 2022, "-s", "tiny", "--hours", 168, "--root", root)
    assert code == 0, err
    with xr.open_dataset(root / "results" / "tiny~168h" / "2022.nc") as ds:
        assert ds.attrs["objective"] == pytest.approx((8760 * 645 + 12 * 40e3) / 0.98, rel=1e-9)


def test_buses_of_other_carriers_leave_the_default_connection(root: Path) -> None:
    """A bus of hydrogen alone needs no row of power; with a bus in kV the network is asked for."""
    folder = root / "configs" / "tiny"
    (folder / "network.csv").unlink()
    head = "bus,carrier,zone,value,unit,source,confidence,note\n"
    gas = "gas,hydrogen,site,30,bar,x,published,\n"
    power = "hub,electricity,site,20,kV,x,published,\n"
    with (folder / "loads.csv").open("a", encoding="utf-8") as file:
        file.write("lab,site,industry,hydrogen,flat,,0.1,GWh/a,x,published,\n")
    market = "bottles,gas,,{},,{},x,published,\n"
    (folder / "markets.csv").write_text(
        "market,bus,profile,parameter,year,value,unit,source,confidence,note\n"
        + market.format("import_capacity", "1,MW")
        + market.format("import_price", "900,CNY/MWh"),
        encoding="utf-8",
    )
    buses = folder / "buses.csv"
    buses.write_text(head + gas, encoding="utf-8")
    park = read_park(folder, kinds())
    (connection,) = park.network_of("connection")[:1]
    assert connection.to_bus == "park"
    assert {(bus.carrier, bus.zone) for bus in buses_of(park)} == {
        ("hydrogen", "site"),
        ("electricity", "site"),
        ("electricity", ""),
    }
    factors = {row.name_of for row in park.emission_factors if row.carrier == "hydrogen"}
    assert len(factors) == 3, "defaults of what a load needs"
    buses.write_text(head + gas + power, encoding="utf-8")
    with pytest.raises(InputError, match=r"network\.csv: there is no such file"):
        read_park(folder, kinds())


def test_a_check_tells_every_default_and_what_there_is_none_of(root: Path, said: Said) -> None:
    """Defaults stand by name and file, absent sheets as none, zones as those of the network."""
    code, out, err = said("check", "-s", "tiny", "--hours", 168, "--root", root)
    text = " ".join(out.split())
    assert code == 0, err
    assert "Baseline year" not in text
    used = "bridge_premium, discount_rate, emission_excess_penalty, minimum_asset, "
    used += "minimum_asset_share, value_of_lost_load"
    assert f"Defaults of the package (CN/parameters.csv): {used}" in text
    assert "electricity scope2_location emission_factor" in text
    assert "diesel" not in text, "nobody burns it"
    assert "No rows in zones.csv; zones that other sheets name: site" in text
    assert "surcharges.csv" in text.partition("there is none of it: ")[2]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("vpp", 2022), "events.csv: has no event"),
        (("port", 2022), "berths.csv: the park has no berths"),
        (("powerflow", 2022), "tiny/grid: there is no such folder; a power flow needs"),
        (("weather", "--park", "tiny"), "climate.csv: there is no such file; the synthetic"),
    ],
)
def test_a_command_whose_sheets_are_absent_says_so(
    root: Path, said: Said, command: tuple[object, ...], says: str
) -> None:
    """Virtual power plant, port, power flow and weather name the sheet that they work on."""
    chosen = () if "--park" in command else ("-s", "tiny")
    code, _, err = said(*command, *chosen, "--root", root)
    assert code == 2
    assert says in err


def test_weather_is_missed_by_what_depends_on_it_alone(root: Path, said: Said) -> None:
    """Heat by degree hours of the shipped shape needs a weather year, which is not there."""
    path = root / "configs" / "tiny" / "loads.csv"
    path.write_text(path.read_text("utf-8").replace("flat", "buildings_cooling"), "utf-8")
    code, _, err = said("solve", 2022, "-s", "tiny", "--hours", 168, "--root", root)
    assert code == 2
    assert "timeseries/tiny/weather.nc: no weather file" in err


def test_a_default_ends_with_its_years(root: Path) -> None:
    """Factors of the grid ship from 2021 to 2060: one of another year is the park's to say."""
    path = root / "configs" / "scenarios" / "tiny.yaml"
    path.write_text(path.read_text("utf-8").replace("2022", "2020"), "utf-8")
    with pytest.raises(InputError) as caught:
        _ = open_project("tiny", root).slices
    own = root / "configs" / "tiny" / "emission_factors.csv"
    told = [
        f
        for f in caught.value.faults
        if f.file == str(DEFAULT_SHEETS / "CN" / "emission_factors.csv")
    ]
    assert told == list(caught.value.faults)
    assert len(told) == 2
    assert all(f.remedy == f"the default ends here: add its rows to {own}" for f in told)


def test_own_rows_replace_a_default_whole(root: Path) -> None:
    """A shape of the park's own takes nothing from the shipped one of its name, nor does a number.

    Another country has no defaults at all.
    """
    folder = root / "configs" / "tiny"
    origin = "x,assumption,"
    (folder / "profiles.csv").write_text(
        "profile,parameter,start_hour,end_hour,value,unit,source,confidence,note\n"
        f"road_cars,working_day,0,24,1,1,{origin}\nroad_cars,day_off,0,24,0.5,1,{origin}\n",
        encoding="utf-8",
    )
    (folder / "parameters.csv").write_text(
        f"parameter,year,value,unit,source,confidence,note\ndiscount_rate,,5,%,{origin}\n", "utf-8"
    )
    (folder / "loads.csv").write_text(
        FILES["tiny/loads.csv"].replace("flat", "road_cars")
        + f"halls,site,industry,electricity,logistics,,1,GWh/a,{origin}\n",
        encoding="utf-8",
    )
    park = read_park(folder, kinds())
    own = {row.profile: row.is_default for row in park.profiles}
    assert own == {"road_cars": False, "logistics": True}
    assert set(shape_parameters(park).course("road_cars", "day_off")) == {0.5}
    rates = [row for row in park.parameters if row.parameter == "discount_rate"]
    assert [(row.value, row.is_default) for row in rates] == [(5.0, False)]
    assert all(
        row.source.startswith("default of the package: ") is row.is_default
        for row in (*park.parameters, *park.profiles, *park.emission_factors)
    )
    yaml = folder / "park.yaml"
    yaml.write_text(yaml.read_text("utf-8").replace("country: CN", "country: KR"), "utf-8")
    assert not any(default_rows("KR", sheet, schemas()[sheet]) for sheet in DEFAULTS)
    with pytest.raises(InputError) as caught:
        read_park(folder, kinds())
    lacking = {f.value for f in caught.value.faults if f.file.endswith("parameters.csv")}
    assert lacking == set(ParameterRow.required) - {"discount_rate"}


def test_a_number_of_default_equipment_is_replaced_by_itself(root: Path) -> None:
    """A park says how hot its heat pump gets, the package the rest; a fault names both sheets."""
    folder = root / "configs" / "tiny"
    origin = "x,assumption,"
    (folder / "assets.csv").write_text(
        "technology,zone,parameter,year,value,unit,source,confidence,note\n"
        f"heat_pump_building,site,potential,,1,MW,{origin}\n",
        encoding="utf-8",
    )
    head = "heat,value,unit,source,confidence,note\n"
    (folder / "heats.csv").write_text(f"{head}hot_water,75,degC,{origin}\n", encoding="utf-8")
    with (folder / "loads.csv").open("a", encoding="utf-8") as file:
        file.write(f"bath,site,industry,hot_water,flat,,1,GWh/a,{origin}\n")
    with pytest.raises(InputError) as caught:
        read_park(folder, kinds())
    (told,) = caught.value.faults
    assert "gives 60 degC, but hot_water needs 75" in told.message
    assert "a row of your own in technology_parameters.csv takes the place" in told.remedy
    (folder / "technology_parameters.csv").write_text(
        "technology,parameter,value,unit,source,confidence,note\n"
        f"heat_pump_building,sink_temperature,80,degC,{origin}\n",
        encoding="utf-8",
    )
    rows = read_park(folder, kinds()).technology_parameters
    found = {row.parameter: row.is_default for row in rows}
    shipped = dict.fromkeys(("carnot_quality", "minimum_cop", "maximum_cop"), True)
    assert found == {"sink_temperature": False, **shipped}


def test_no_price_is_a_default() -> None:
    """What ships holds for a country: no tariff, no price, no demand, no shadow value."""
    assert {path.stem for path in (DEFAULT_SHEETS / "CN").iterdir()} == set(DEFAULTS)
    names = {
        getattr(row, "parameter", "")
        for row in default_rows("CN", "parameters", schemas()["parameters"])
    }
    assert "shadow_carbon_value" not in names
    for sheet in DEFAULTS:
        rows = default_rows("CN", sheet, schemas()[sheet])
        assert rows
        assert all(row.source for row in rows if isinstance(row, ValueRow))


def test_an_assumed_default_is_varied_as_a_number_of_the_park(root: Path) -> None:
    """A copy that says the defaults itself resolves to the same inputs, and can be varied."""
    project = open_project("tiny", root)
    series = {s.name: s for s in park_series(project, ["parameters"])}
    assert set(series) == {
        "bridge_premium", "emission_excess_penalty", "minimum_asset", "minimum_asset_share",
    }  # fmt: skip
    before = fingerprint(project.slices)
    write_defaults(project.park, root / "configs" / "tiny")
    copy = open_project("tiny", root)
    assert not any(row.is_default for sheet in DEFAULTS for row in getattr(copy.park, sheet))
    assert fingerprint(copy.slices) == before
    vary_sheets(root, "tiny", series["emission_excess_penalty"], 0.2)
    varied = open_project("tiny", root).slices[2022].parameters
    assert varied["emission_excess_penalty"] == 6000.0


def test_a_workbook_makes_a_sheet_that_was_absent(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Untouched, no file comes to be; a row in an empty tab makes its file, and no other."""
    monkeypatch.setattr(workbook, "SPARE_ROWS", 2)  # they are most of what is read and written
    path = root / "tiny.xlsx"
    folders = root / "configs" / "tiny", root / "configs" / "costs" / "low_storage"
    book = park_workbook(*folders, schemas())
    book.save(path)
    assert all(
        sheet.changes is None for sheet in read_edits(path, root / "configs", schemas()).sheets
    )
    for column, cell in enumerate(("levy", "2022-01-01", None, 27, "CNY/MWh", "x", "derived"), 2):
        book["surcharges"].cell(2, column, cell)
    book.save(path)
    (made,) = (
        s for s in read_edits(path, root / "configs", schemas()).sheets if s.changes is not None
    )
    assert made.sheet.path == folders[0] / "surcharges.csv"
    assert made.content.decode() == (
        "surcharge,valid_from,valid_until,value,unit,source,confidence,note,price_year,vat\n"
        "levy,2022-01-01,,27,CNY/MWh,x,derived,,,\n"
    )
