"""What makes a slice stale: its own numbers and those of later slices, never their story.

Whether a slice is redone is the comparison of two hashes, so no solver is needed here.
"""

from __future__ import annotations

from pathlib import Path

import mini_park
import pytest
from mini_park import SHEETS, mini, swap

from meishan_model.errors import InputError
from meishan_model.planning.backcast import cap_of_year, slice_hashes, slices_down_to
from meishan_model.series.weather import read_weather, save_weather

COSTS = Path("configs/costs/reference")
ALL = [2020, 2025, 2030]
CHARGE = "network_charge,,200,"


def charges(*values: int) -> str:
    """The row of the charge with a value for each slice, ready for the rest of the row."""
    rest = "CNY/MWh,this test,assumption,,2020,standard\nnetwork_charge"
    rows = [f",{year},{value}," for year, value in zip(ALL, values, strict=True)]
    return f"network_charge{rest.join(rows)}"


FUND = "water_and_resettlement_funds,2020-01-01,,8,"
UNTIL_2025 = "2024-12-31,8,CNY/MWh,this test,assumption,,2020,standard"
FROM_2025 = (
    f"water_and_resettlement_funds,2020-01-01,{UNTIL_2025}\n"
    "water_and_resettlement_funds,2025-01-01,,{},"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Root of a mini park of its own."""
    return mini_park.make_root(tmp_path)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """Hash of each slice of the mini park as it is."""
    return slice_hashes(mini(mini_park.make_root(tmp_path_factory.mktemp("mini"))), "highs")


def changed_years(root: Path, before: dict[int, str]) -> list[int]:
    """Years whose hash is another one."""
    after = slice_hashes(mini(root), "highs")
    return sorted(year for year in before if before[year] != after[year])


def test_the_folder_of_a_project_is_no_input(root: Path, unchanged: dict[int, str]) -> None:
    """The same sheets elsewhere have the same hashes: nothing else changes in what follows."""
    assert changed_years(root, unchanged) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (SHEETS / "loads.csv", "assumption of this test", "somebody else"),
        (SHEETS / "existing_plants.csv", "years are an assumption", "a note"),
        (SHEETS / "assets.csv", ",assumption,", ",derived,"),
        (SHEETS / "tariff_periods.csv", "same all year", "all year the same"),
        (SHEETS / "emission_factors.csv", "closed for its target year", "closed"),
        (SHEETS / "technologies.csv", "2.5 MW class as a stand-in", "a stand-in"),
        (SHEETS / "zones.csv", "\n", "\n\n"),
        (COSTS / "costs_2025.csv", "second-hand table", "other table"),
        (COSTS / "costs_2040.csv", "lifetime,25,", "lifetime,24,"),
        (COSTS / "manifest.yaml", "title: ", "title: Another "),
        (SHEETS / "zones.csv", "0.1,km2", "0.2,km2"),
        (SHEETS / "climate.csv", "1,ghi,", "1,ghi ,"),
        (SHEETS / "park.yaml", "title: ", "title: Another "),
        (Path("configs/scenarios/mini.yaml"), "title: ", "title: Another "),
    ],
)
def test_what_no_slice_rests_on_solves_nothing(
    root: Path, unchanged: dict[int, str], file: Path, old: str, new: str
) -> None:
    """What no slice is made of redoes none: origins, lines, titles, areas, later years."""
    swap(root / file, old, new)
    assert changed_years(root, unchanged) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "years"),
    [
        # The solar row of 2025 and nothing else: its slice and what rests on it.
        (COSTS / "costs_2025.csv", "solar-rooftop commercial,investment,", "YEAR", [2020, 2025]),
        (COSTS / "costs_2020.csv", "solar-rooftop commercial,investment,", "YEAR", [2020]),
        (COSTS / "costs_2030.csv", "solar-rooftop commercial,investment,", "YEAR", ALL),
        (SHEETS / "loads.csv", "2025,8.43", "2025,8.5", [2020, 2025]),
        (SHEETS / "loads.csv", "2020,8.43", "2020,8.5", [2020]),
        (SHEETS / "loads.csv", "2030,8.43", "2030,8.5", ALL),
        (SHEETS / "assets.csv", "potential,,3,MW", "potential,,3.1,MW", ALL),
        (SHEETS / "existing_plants.csv", "2012,2018,1.3", "2012,2018,1.2", ALL),
        (SHEETS / "profiles.csv", "shifts,,,2", "shifts,,,3", ALL),
        (SHEETS / "baseline.csv", "fuel,3.63", "fuel,3.64", ALL),
        (SHEETS / "network.csv", "loss,1.62,%", "loss,2,%", ALL),
        (SHEETS / "technology_parameters.csv", "tilt,15,", "tilt,20,", ALL),
        (SHEETS / "parameters.csv", "discount_rate,,8,", "discount_rate,,7,", ALL),
        (SHEETS / "contracts.csv", "price,,30,", "price,,31,", ALL),
        (SHEETS / "tariff_periods.csv", "peak,1.5,", "peak,1.6,", ALL),
        (SHEETS / "prices.csv", CHARGE, charges(200, 210, 200), [2020, 2025]),
        (SHEETS / "prices.csv", CHARGE, charges(210, 200, 200), [2020]),
        (SHEETS / "prices.csv", CHARGE, charges(200, 200, 210), ALL),
        (SHEETS / "surcharges.csv", FUND, FROM_2025.format(9), ALL),
        (SHEETS / "park.yaml", "longitude: 116.5", "longitude: 116.6", ALL),
        (Path("configs/scenarios/mini.yaml"), "offset_share: null", "theta: 2", ALL),
    ],
)  # fmt: skip
def test_a_value_redoes_its_slice_and_the_earlier_ones(
    root: Path, unchanged: dict[int, str], file: Path, old: str, new: str, years: list[int]
) -> None:
    """A number of one year redoes that slice and those nearer today, not the target's side.

    Stock, potentials, load shapes, the baseline and the scenario bear on every slice.
    """
    if new == "YEAR":
        line = next(x for x in (root / file).read_text("utf-8").splitlines() if x.startswith(old))
        value = line.split(",")[2]
        old, new = f"{old}{value}", f"{old}{float(value) + 1:g}"
    swap(root / file, old, new)
    assert changed_years(root, unchanged) == years


def test_the_weather_redoes_everything(root: Path) -> None:
    """Another weather year redoes every slice; the same hours under another name redo none."""
    before = slice_hashes(mini(root), "highs")
    folder = root / "timeseries" / "mini"
    weather = read_weather(folder / "weather.nc")
    save_weather(weather, folder / "weather_measured.nc")
    assert slice_hashes(mini(root), "highs") == before
    warmer = weather.assign(air_temperature=weather["air_temperature"] + 0.1)
    save_weather(warmer, folder / "weather_measured.nc")
    after = slice_hashes(mini(root), "highs")
    assert all(before[year] != after[year] for year in mini_park.YEARS)
    scenario = root / "configs" / "scenarios" / "mini.yaml"
    with scenario.open("a", encoding="utf-8") as file:
        file.write("weather_year: 2015\n")
    with pytest.raises(InputError, match=r"weather_2015.nc.*there are: none"):
        slice_hashes(mini(root), "highs")
    save_weather(weather, folder / "weather_2015.nc")
    assert slice_hashes(mini(root), "highs") == before


def test_trials_lie_beside_the_full_result(root: Path) -> None:
    """Hours and another cost sheet are part of the path: four runs never share a file."""
    paths = {
        mini(root, hours, sheet).result_path(2030)
        for hours in (8760, 168)
        for sheet in (None, "low_storage")
    }
    names = {path.parent.name for path in paths}
    assert names == {"mini", "mini~168h", "mini@low_storage", "mini@low_storage~168h"}
    assert mini(root, 168, "reference").result_path(2030) == mini(root, 168).result_path(2030)


def test_hours_and_sheet_change_the_hash(root: Path) -> None:
    """A file moved to another trial's place is still stale there."""
    hashes = [
        slice_hashes(mini(root, hours, sheet), "highs")[2030]
        for hours, sheet in ((168, None), (336, None), (168, "low_storage"))
    ]
    assert len(set(hashes)) == 3


def test_the_order_of_slices_and_the_caps_by_hand(root: Path) -> None:
    """To 2025 leads 2030; the caps of a straight line are E_0, E_0 / 2 and 0."""
    project = mini(root)
    assert slices_down_to(project, 2025) == (2030, 2025)
    assert slices_down_to(project, 2020) == (2030, 2025, 2020)
    start = project.baseline.emissions_ledger
    caps = [cap_of_year(project, year) for year in mini_park.YEARS]
    assert caps == pytest.approx([start, start / 2, 0.0])
    swap(root / "configs/scenarios/mini.yaml", "offset_share: null", "theta: 2")
    assert cap_of_year(mini(root), 2025) == pytest.approx(start / 4)


@pytest.mark.parametrize("year", [2015, 2022, 2035])
def test_a_year_that_is_no_slice_is_refused(root: Path, year: int) -> None:
    """The fault names the years that are slices."""
    with pytest.raises(InputError, match="2020, 2025, 2030"):
        slices_down_to(mini(root), year)
