"""``meishan new``: every template solves, is small, and says what in it is not the owner's."""

from __future__ import annotations

import configparser
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from meishan_model import sheets
from meishan_model.planning.new_park import REFERENCE_DATA, TEMPLATES, park_templates

Said = Callable[..., tuple[int, str, str]]
TRIAL = ("--hours", 168)


def of_park(root: Path) -> list[Path]:
    """The files that make up the park ``mine``."""
    return [*(root / "configs" / "mine").iterdir(), root / "configs" / "scenarios" / "mine.yaml"]


def change(root: Path, file: str, old: str, new: str) -> None:
    """Replace a text in a file of the park."""
    path = next(path for path in of_park(root) if path.name == file)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path, said: Said) -> Path:
    """A project with a factory called ``mine``."""
    code, _, err = said("new", "mine", "--root", tmp_path)
    assert code == 0, err
    return tmp_path


@pytest.mark.parametrize("template", park_templates())
def test_a_template_is_small_and_solves_at_once(tmp_path: Path, said: Said, template: str) -> None:
    """Six files and forty rows, a file and some rows more with heat; every number is told."""
    code, out, err = said("new", "mine", "--template", template, "--root", tmp_path)
    assert code == 0, err
    files = of_park(tmp_path)
    assert {str(path) for path in files} == set(out.splitlines()[:-1])
    has_heat = any(path.name == "existing_plants.csv" for path in files)
    assert len(files) <= 6 + has_heat
    assert sum(len(path.read_text("utf-8").splitlines()) for path in files) <= 40 + 6 * has_heat
    code, out, err = said("solve", 2035, "-s", "mine", *TRIAL, "--root", tmp_path)
    assert code == 0, err
    with xr.open_dataset(tmp_path / "results" / "mine~168h" / "2035.nc") as ds:
        built = ds["capacity_new"].groupby(ds["asset_technology"]).sum().to_series()
        assert (built[["pv_rooftop", "battery_energy", "battery_power"]] > 0.1).all()
        assert "shedding" not in ds["category"]
        told = str(ds.attrs["placeholders"])
        own = [pd.read_csv(path) for path in files if path.suffix == ".csv"]
        assert all((table["confidence"] == "placeholder").all() for table in own)
        # Two rows of the default connection, two of the future of the grid.
        assert ds.attrs["placeholder_rows"] == sum(map(len, own)) + 4
    assert all(path.name in told for path in files if path.suffix == ".csv")
    assert told in " ".join(out.split())


def test_the_list_has_a_sentence_for_each(said: Said) -> None:
    """Every template has a folder and a line."""
    code, out, _ = said("new", "--list")
    assert code == 0
    assert [line.partition(": ")[0] for line in out.splitlines()] == [*park_templates()]
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    assert folders == {*park_templates(), "neutral", "connection"}


@pytest.mark.parametrize("template", ["factory", "factory_heat"])
def test_a_park_is_neutral_in_the_year_that_is_asked_for(
    tmp_path: Path, said: Said, template: str
) -> None:
    """Caps fall from the baseline, which is what the loads use, and offsets cover the rest."""
    words = ("--template", template, "--neutral", 2040, "--connection", 8, "--root", tmp_path)
    assert said("new", "mine", *words)[0] == 0
    assert "baseline_year: 2025" in (tmp_path / "configs/mine/park.yaml").read_text("utf-8")
    assert "Findings: none" in said("check", "-s", "mine", "--root", tmp_path)[1]
    code, _, err = said("pathway", "-s", "mine", *TRIAL, "--root", tmp_path)
    assert code == 0, err
    folder = tmp_path / "results" / "mine~168h"
    with xr.open_dataset(folder / "2040.nc") as ds:
        assert "gap" not in ds["scope"] or float(ds["emissions"][ds["scope"] == "gap"].sum()) == 0
        assert float(ds.attrs["emission_cap"]) == 0.0
    with xr.open_dataset(folder / "pathway.nc") as ds:
        assert ds["year"].to_numpy().tolist() == [2025, 2030, 2035, 2040]
    network = pd.read_csv(tmp_path / "configs/mine/network.csv").set_index("parameter")["value"]
    assert network.to_dict() == {"capacity": 8.0, "loss": 0.0}
    rows = pd.read_csv(tmp_path / "configs/mine/baseline.csv").set_index("item")["value"]
    assert rows.to_dict() == {"grid_power": 20.0} | (
        {"boiler_gas": 8.0} if "heat" in template else {}
    )


def test_placeholders_are_told_until_they_are_replaced(root: Path, said: Said) -> None:
    """Solve, check and page name the rows; a result is made anew as the last one goes."""
    words = ("-s", "mine", *TRIAL, "--root", root)
    code, out, err = said("pathway", *words)
    assert code == 0, err
    assert "19 placeholder rows: default CN/network.csv 2-3, assets.csv 2-4" in out
    assert said("report", *words)[0] == 0
    (page,) = (root / "results").rglob("*.html")
    assert "prices.csv 2-6" in page.read_text("utf-8").partition('<section id="neutrality">')[0]
    for sheet in ("assets", "loads", "tariff_periods"):
        change(root, f"{sheet}.csv", ",placeholder,", ",published,")
    change(root, "prices.csv", 'surcharges, 2025",placeholder', 'surcharges, 2025",published')
    park = root / "configs" / "mine"
    (park / "network.csv").write_text(
        "element,kind,from_bus,to_bus,parameter,value,unit,source,confidence,note\n"
        "grid,connection,upstream,park,capacity,8,MW,contract,published,\n"
        "grid,connection,upstream,park,loss,1,%,plate,published,\n"
    )
    code, out, err = said("check", *words)
    assert code == 0, err
    assert "6 placeholder rows: prices.csv 3-6, default CN/emission_factors.csv 17-18" in out
    change(root, "prices.csv", ",placeholder,", ",published,")
    assert said("solve", 2035, *words)[0] == 0
    result = root / "results" / "mine~168h" / "2035.nc"
    assert xr.load_dataset(result).attrs["placeholders"] == "default CN/emission_factors.csv 17-18"
    (park / "emission_factors.csv").write_text(
        "carrier,scope,parameter,year,value,unit,source,confidence,note\n"
        + "".join(
            f"electricity,{scope},emission_factor,{year},0.3,tCO2/MWh,plan,published,\n"
            for scope in ("scope2_location", "scope2_market")
            for year in (2025, 2035)
        )
    )
    for command in (("check",), ("solve", 2035)):
        code, out, err = said(*command, *words)
        assert code == 0, err
        assert "placeholder rows" not in out
    assert not {"placeholders", "placeholder_rows"} & xr.load_dataset(result).attrs.keys()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Mine",), "NAME, 'Mine': is no name of a park"),
        (("costs",), "NAME, 'costs': is no name of a park"),
        (("",), "NAME, '': is no name of a park"),
        (("../mine",), "is no name of a park"),
        (("yours", "--template", "castle"), "there is no such; there are: factory, factory_heat"),
        (("yours", "--latitude", 30), "is half of a place"),
        (("yours", "--latitude", 60, "--longitude", 120), "more sun than here; begin without"),
        (("yours", "--load", "meters.csv"), "has 2 columns of numbers: kW, kWh; say by --column"),
        (("yours", "--neutral", 2037), "--neutral, '2037': is no slice; 2030, 2035"),
        (("yours", "--neutral", 2040, "--load", "meter.csv"), "stamps begin or end"),
        (("yours", "--load", "meter.csv", "--column", "MW"), "has no such column"),
        (("yours", "--load", "none.csv"), "cannot be read as a CSV file"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch, words: tuple[object], says: str
) -> None:
    """Exit code 2 and a line that says what to do; no park, no weather."""
    monkeypatch.chdir(tmp_path)
    for name, other in (("meter.csv", "kvar"), ("meters.csv", "kWh")):
        Path(name).write_text(f"time,kW,{other}\n2024-01-01 00:00,1,2\n2024-01-01 01:00,1,2\n")
    code, _, err = said("new", *words)
    assert code == 2
    assert says in err
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".csv"]


def test_a_park_that_is_there_is_not_overwritten(root: Path, said: Said) -> None:
    """Park, scenario and time series are told, and stay as they are."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    code, _, err = said("new", "mine", "--template", "campus", "--root", root)
    assert code == 2
    assert err.count("is there already") == 3
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_measured_load_takes_the_place_of_the_template(tmp_path: Path, said: Said) -> None:
    """The file is copied, its only column of numbers is the profile, its energy the load."""
    stamps = pd.date_range("2023-01-01", periods=8760, freq="h")
    course = 1000.0 + 500.0 * np.cos(np.arange(8760) * np.pi / 12.0)
    meter = tmp_path / "meter.csv"
    pd.DataFrame({"time": stamps, "kW": course.round(3)}).to_csv(meter, index=False)
    root = tmp_path / "project"
    place = ("--latitude", 31.2, "--longitude", 121.5)
    code, out, err = said("new", "mine", "--load", meter, *place, "--root", root)
    assert code == 0, err
    understood = "2023-01-01 to 2023-12-31, steps of 60 min in kW stamped at their begin"
    assert f"Measured: meter.csv:kW: {understood}, 8,760.0 MWh/a, peak 1.5 MW" in out
    assert (root / "timeseries" / "mine" / "meter.csv").read_bytes() == meter.read_bytes()
    (row,) = pd.read_csv(root / "configs" / "mine" / "loads.csv").to_dict("records")
    assert (row["profile"], row["confidence"]) == ("meter.csv:kW", "published")
    assert np.isnan(row["value"])
    code, _, err = said("solve", 2035, "-s", "mine", *TRIAL, "--root", root)
    assert code == 0, err
    with xr.open_dataset(root / "results" / "mine~168h" / "2035.nc") as ds:
        load = ds["power"].isel(flow=np.flatnonzero(ds["role"] == "load"))
        assert float(load.mean("time").sum()) == pytest.approx(1.0, rel=1e-6)
        assert "loads.csv" not in ds.attrs["placeholders"]
    site = (root / "configs" / "mine" / "park.yaml").read_text("utf-8")
    assert "latitude: 31.2 " in site
    assert "\nprovince" not in site, "nobody said it"


def test_a_meter_that_needs_more_words_is_told_at_once(tmp_path: Path, said: Said) -> None:
    """The park is there, and what series.csv has to say is told before anything is solved."""
    stamps = pd.date_range("2023-01-01", periods=8760, freq="h")
    meter, root = tmp_path / "meter.csv", tmp_path / "project"
    pd.DataFrame({"time": stamps, "load": np.arange(8760) % 7}).to_csv(meter, index=False)
    code, out, err = said("new", "mine", "--load", meter, "--root", root)
    assert code == 0, err
    assert "Measured: not yet: " in out and "give its unit in series.csv" in out


def test_a_meter_of_quarters_is_planned_in_quarters(tmp_path: Path, said: Said) -> None:
    """Each quarter has what was measured in it, and the dearest one is billed."""
    stamps = pd.date_range("2023-01-01", periods=4 * 8760, freq="15min")
    day = 1000.0 + 500.0 * np.cos(np.arange(96) * np.pi / 48.0) + 400.0 * (np.arange(96) == 3)
    meter, root = tmp_path / "meter.csv", tmp_path / "project"
    pd.DataFrame({"time": stamps, "kW": np.tile(day, 365)}).to_csv(meter, index=False)
    code, _, err = said("new", "mine", "--load", meter, "--root", root)
    assert code == 0, err
    words = ("solve", 2035, "-s", "mine", *TRIAL, "--root", root)
    for step in ("1h", "15min"):
        code, out, err = said(*words, "--step", step)
        assert code == 0, err
    assert "results/mine~168h~15min/2035.nc" in out.replace("\n", "")
    written = {path: path.stat().st_mtime_ns for path in root.glob("results/*/2035.nc")}
    assert [said(*words, "--step", step)[0] for step in ("1h", "15min")] == [0, 0]
    stays = {path: path.stat().st_mtime_ns for path in written}
    assert stays == written, "neither makes the other stale"
    found = {}
    for name in ("mine~168h", "mine~168h~15min"):
        with xr.open_dataset(root / "results" / name / "2035.nc") as ds:
            load = ds["power"].isel(flow=np.flatnonzero(ds["role"] == "load")).sum("flow")
            found[name] = load.to_numpy()
    np.testing.assert_allclose(found["mine~168h~15min"], np.tile(day, 7) / 1e3, rtol=1e-9)
    hours = day.reshape(24, 4).mean(axis=1) / 1e3
    np.testing.assert_allclose(found["mine~168h"], np.tile(hours, 7), rtol=1e-9)


def test_a_tariff_of_another_province_is_refused(root: Path, said: Said) -> None:
    """Each row that says another province than park.yaml is told; without one there is no rule."""
    words = ("solve", 2035, "-s", "mine", *TRIAL, "--root", root)
    change(root, "park.yaml", "province: Zhejiang", "province: Guangdong")
    code, _, err = said(*words)
    assert code == 2
    assert "tariff_periods.csv, row 2" in err
    assert "'Zhejiang': the park lies in Guangdong (park.yaml)" in err
    change(root, "park.yaml", "province: Guangdong", "# province: Guangdong")
    assert said(*words)[0] == 0


def test_faults_of_all_files_are_told_at_once(root: Path, said: Said) -> None:
    """A key of the scenario, a unit, a parameter, and a name that another sheet does not have."""
    change(root, "mine.yaml", "neutrality: false", "neutralty: false")
    change(root, "prices.csv", "CNY/MWh", "CNNY/MWh")
    change(root, "assets.csv", "pv_rooftop,site,potential", "pv_rooftop,site,potental")
    change(root, "assets.csv", "battery_energy,", "battery_enrgy,")
    code, _, err = said("check", "-s", "mine", "--root", root)
    assert code == 2
    for told in ("column neutralty", "'CNNY/MWh': wrong unit", "'potental': is not known"):
        assert told in err
    assert "'battery_enrgy': no such technology in technologies.csv" in err
    assert err.count("input ") == 4


def test_one_period_needs_no_other(root: Path, said: Said) -> None:
    """First and target year may be the same: the park as it is found, without a baseline."""
    change(root, "mine.yaml", "first_year: 2025", "first_year: 2035")
    code, _, err = said("solve", 2035, "-s", "mine", *TRIAL, "--root", root)
    assert code == 0, err
    with xr.open_dataset(root / "results" / "mine~168h" / "2035.nc") as ds:
        assert not ds["capacity"].any()


def test_the_package_ships_all_that_a_new_park_is_made_of() -> None:
    """What ``setup.cfg`` names as data of the package has every template and the cost sheet."""
    room = Path(sheets.__file__).parent
    setup = configparser.ConfigParser()
    setup.read(room.parents[1] / "setup.cfg")
    globs = setup["options.package_data"]["meishan_model.sheets"].split()
    shipped = {path for glob in globs for path in room.glob(glob)}
    assert {path for path in TEMPLATES.rglob("*") if path.is_file()} <= shipped
    costs = REFERENCE_DATA / "costs" / "reference"
    assert {*costs.iterdir(), REFERENCE_DATA / "meishan" / "climate.csv"} <= shipped
