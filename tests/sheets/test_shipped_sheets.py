"""The sheets that ship: complete, sourced, consistent with each other, resolved by hand."""

from __future__ import annotations

import csv
import math
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from whole_park import read_park

from meishan_model.accounts.emissions import baseline
from meishan_model.components.catalogue import kinds, schemas
from meishan_model.planning.project import open_project
from meishan_model.series.demand import named_shapes, shape_names, shape_parameters
from meishan_model.sheets.costs import load_costs
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.resolve import resolve, resolve_factors
from meishan_model.sheets.resolver import Resolver
from meishan_model.sheets.scenario import Scenario, read_scenario
from meishan_model.sheets.validation_rows import VALIDATION

REPOSITORY = Path(__file__).parents[2]
CONFIGS = REPOSITORY / "configs"
PARKS = ("meishan", "yizhuang")
TCE = 1 / 0.12283
"""MWh of fuel in a tce, as the sheets round it."""


@pytest.fixture(scope="module")
def meishan() -> Park:
    """The park of Meishan."""
    return read_park(CONFIGS / "meishan", kinds())


@pytest.fixture(scope="module")
def balanced() -> Scenario:
    """The recommended scenario."""
    return read_scenario(CONFIGS / "scenarios" / "balanced.yaml", kinds())


@pytest.fixture(scope="module")
def raw() -> Callable[[str], list[dict[str, str]]]:
    """Rows of a sheet of Meishan, read with nothing but the csv module."""

    def read(name: str) -> list[dict[str, str]]:
        with (CONFIGS / "meishan" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


def of_2020(rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Rows of 2020 and of all years."""
    return (row for row in rows if row.get("year", "") in ("", "2020"))


@pytest.mark.parametrize("park", PARKS)
def test_every_number_has_a_source_and_a_confidence(park: str) -> None:
    """No sheet of a park holds a row without both, those of climate and load shapes included."""
    missing = []
    for path in (CONFIGS / park).glob("*.csv"):
        name = path.stem
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                known = row.get("confidence") in ("published", "derived", "assumption")
                if name not in ("technologies", "contract_terms", "names") and not (
                    known and row["source"].strip()
                ):
                    missing.append((name, row))
    assert missing == []


@pytest.mark.parametrize("park", PARKS)
def test_no_assumption_is_called_published(park: str) -> None:
    """A source that calls itself an assumption or estimate carries that confidence."""
    rows = (row for _, row in read_park(CONFIGS / park, kinds()).value_rows())
    words = ("assumption of this project", "modeller's estimate")
    wrong = [
        row for row in rows if row.source.startswith(words) and row.confidence != "assumption"
    ]
    assert wrong == []


@pytest.mark.parametrize("park", PARKS)
def test_every_load_shape_exists(park: str) -> None:
    """Loads, projects and fleets ask for shapes that the profiles can make."""
    sheets = read_park(CONFIGS / park, kinds())
    asked = {row.profile for row in (*sheets.loads, *sheets.projects, *sheets.fleets)}
    parameters = shape_parameters(sheets)
    known = shape_names(parameters, named_shapes(parameters, sheets.kinds.plugins))
    assert asked - set(known) == set()


def test_every_sheet_of_a_folder_is_one_that_is_read() -> None:
    """A file that no schema knows would be a number nobody uses; none is without a row."""
    for park in PARKS:
        for path in (CONFIGS / park).glob("*.csv"):
            assert path.stem in {*schemas(), "climate", VALIDATION}
            assert path.read_text(encoding="utf-8").count("\n") > 1, path


ON_THE_REFERENCE = sorted(
    path.stem
    for path in (CONFIGS / "scenarios").glob("*.yaml")
    if read_scenario(path, kinds()).cost_sheet == "reference"
)


@pytest.mark.parametrize(
    ("scenario", "sheet"),
    [
        *((scenario, "") for scenario in (*ON_THE_REFERENCE, "energy_hub")),
        # A sheet has what a park asks for, whatever the scenario.
        *((scenario, "low_storage") for scenario in ("balanced", "yizhuang")),
    ],
)
def test_all_slices_resolve_on_their_cost_sheets(scenario: str, sheet: str) -> None:
    """Every year of every scenario has all its numbers, all finite where a number is due."""
    costs = CONFIGS / "costs" / sheet if sheet else None
    project = open_project(scenario, REPOSITORY, costs)
    assert set(project.slices) == set(project.years)
    for inputs in project.slices.values():
        numbers = [*inputs.prices.values(), *inputs.parameters.values(), *inputs.drivers.values()]
        numbers += [load.energy for load in inputs.loads]
        numbers += [value for fleet in inputs.fleets for value in fleet.energy_use.values()]
        assert all(map(math.isfinite, numbers))
        network = [row.value for row in inputs.power_prices if row.part == "network_charge"]
        assert min(network or [inputs.prices["network_charge"]]) > 0


def test_interpolation_by_hand(meishan: Park, balanced: Scenario) -> None:
    """2035 lies in the middle of 2030 and 2040; shares and GWh arrive as fractions and MWh.

    Grid factor (0.4 + 0.2) / 2 = 0.3; warehouses (55 + 70) / 2 = 62.5 GWh; throughput
    (12.5 + 13.5) / 2 = 13 million TEU; the market price (340 + 315) / 2 = 327.5 CNY/MWh of
    2026 with 13 % tax; a discount rate of 8 % is 0.08 in every year.
    """
    costs = load_costs(CONFIGS / "costs" / "reference", 2035)
    inputs = resolve(meishan, balanced, costs, 2035, 0.0)
    assert inputs.factors.grid_location == pytest.approx(0.3)
    loads = {(load.load, load.zone): load.energy for load in inputs.loads}
    assert loads["warehouses", "bonded"] == pytest.approx(62_500)
    assert inputs.drivers["throughput"] == pytest.approx(13e6)
    assert inputs.prices["market_price"] == pytest.approx(327.5 / 1.0385 / 1.13)
    assert inputs.parameters["discount_rate"] == pytest.approx(0.08)


def test_grid_factors_are_those_of_the_ministry(meishan: Park, balanced: Scenario) -> None:
    """Published factors of Zhejiang by year; 2025 is two sevenths of the way to 0.4 in 2030."""
    published = {2021: 0.5422, 2022: 0.5153, 2023: 0.4974, 2025: 0.4974 - 2 / 7 * 0.0974}
    for year, factor in published.items():
        found = resolve_factors(meishan, balanced, year)
        assert (found.grid_location, found.grid_market) == pytest.approx((factor, factor))


def test_a_year_outside_the_rows_is_a_fault(meishan: Park) -> None:
    """Nothing is extrapolated: 2061 and 2019 lie outside the rows from 2020 to 2060."""
    rows = [row for row in meishan.prices if row.item == "market_price"]
    for year, faults in ((2019, 1), (2020, 0), (2060, 0), (2061, 1)):
        resolver = Resolver(meishan, year)
        resolver.value(rows)
        assert len(resolver.faults) == faults


PRICES = {"power": 570.0, "heat": 367.0}
"""What a saved MWh is worth as it is billed: power of 2026, heat of gas at 330 and 90 %."""
INDUSTRY = ("compressed_air_leaks", "compressor_controls", "pumps_fans_and_motors")


def test_measures_repay_in_real_times(meishan: Park) -> None:
    """No measure repays in half a year, or without its upkeep within its life; industry in 1 to 4.

    A shorter time would need a published case. The lamps of the port are one: 2.25 million CNY
    save 338 tce, 1127 MWh at 0.3 kgce/kWh, and repay in three and a half years.
    """
    names = {row.load for row in meishan.loads if row.carrier == "electricity"}
    rows: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for row in meishan.efficiency_measures:
        rows[row.name_of][row.parameter] = float(str(row.given("value")))
    heats = ("process_heat", "process_hot_air", "space_heating")
    for (measure, _, load), values in rows.items():
        price = PRICES["heat" if load.endswith(heats) else "power"]
        payback = values["investment"] / price
        assert 0.5 < payback < values["lifetime"], (measure, load)
        if load in names and measure in INDUSTRY:
            assert 0.6 < payback < 4.0, (measure, load)
    lamps = rows["port_led_lighting", "port", "port_lighting"]
    assert lamps["investment"] == pytest.approx(2.25e6 / (338 / 0.3), rel=1e-3)


def test_projects_begin_in_their_start_year(meishan: Park, balanced: Scenario) -> None:
    """A project adds its energy from its start year on, and none before."""
    costs = load_costs(CONFIGS / "costs" / "reference", 2030)
    for year in (2020, 2025, 2030):
        loads = {x.load for x in resolve(meishan, balanced, costs, year, 0.0).loads}
        begun = {p.project for p in meishan.projects if p.start_year <= year and p.value > 0}
        waiting = {p.project for p in meishan.projects if p.start_year > year}
        assert begun <= loads
        assert not waiting & loads


def _campus(folder: Path) -> SliceInputs:
    scenario = read_scenario(CONFIGS / "scenarios" / "yizhuang.yaml", kinds())
    costs = load_costs(CONFIGS / "costs" / "reference", 2020)
    return resolve(read_park(folder, kinds()), scenario, costs, 2020, 0.0)


@cache
def shipped_campus() -> str:
    """Fingerprint of the campus as it ships, whose folder is no part of it."""
    return fingerprint(_campus(CONFIGS / "yizhuang"))


@pytest.mark.parametrize(
    ("file", "old", "new", "same"),
    [
        ("loads.csv", "assumption of this project: 60 %", "my own estimate: 60 %", True),
        ("loads.csv", "large for a campus", "very large for a campus", True),
        ("loads.csv", ",assumption,large", ",derived,large", True),
        ("loads.csv", "\ncampus_works", "\n\n\ncampus_works", True),
        ("loads.csv", "12.64,GWh", "12.640,GWh", True),
        ("loads.csv", "12.64,GWh", "12.641,GWh", False),
        ("existing_plants.csv", "published,years", "published,no years", True),
        ("existing_plants.csv", "2012,2016", "2012,2017", False),
        ("tariff_periods.csv", "same all year", "same every day", True),
        ("tariff_periods.csv", "valley,0.5", "valley,0.51", False),
        ("assets.csv", "second unit", "a second unit", True),
        ("prices.csv", "network_charge,,200", "network_charge,,201", False),
        ("surcharges.csv", "2020-01-01,,19,", "2020-01-01,,18,", False),
        ("network.csv", "loss,1.62,%", "loss,1.7,%", False),
    ],
)
def test_the_fingerprint_sees_values_not_their_story(
    tmp_path: Path, file: str, old: str, new: str, same: bool
) -> None:
    """Source, note, confidence, line and way of writing change nothing; every value does."""
    folder = tmp_path / "yizhuang"
    shutil.copytree(CONFIGS / "yizhuang", folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert (fingerprint(_campus(folder)) == shipped_campus()) is same


def building_energy(
    raw: Callable[[str], list[dict[str, str]]],
) -> dict[tuple[str, str, str], float]:
    """Energy of 2020 [GWh/a] by building, use and zone: floor area x need, straight from CSV."""
    rows = list(of_2020(raw("buildings")))
    return {
        (area["building"], need["parameter"], area["zone"]): float(area["value"])
        * float(need["value"])
        for area in rows
        for need in rows
        if area["zone"] and not need["zone"] and area["building"] == need["building"]
    }


FLEETS_OF_ITEM = {
    "diesel_yard_trucks": (("yard_truck_diesel", "port"),),
    "lng_yard_trucks": (("yard_truck_lng", "port"),),
    "diesel_yard_machines": (
        ("reach_stacker_diesel", "port"),
        ("empty_handler_diesel", "port"),
    ),
    "other_port_lng_yard_machines": (
        ("reach_stacker_lng", "port"),
        ("empty_handler_lng", "port"),
    ),
    "other_port_lng_drayage_trucks": (("heavy_truck_lng", "port"),),
    "diesel_road_freight": (("heavy_truck_diesel", "bonded"),),
    "diesel_buses": (("bus_diesel", "meishan"),),
    "gasoline_cars_meishan": (("car_gasoline", "meishan"),),
    "gasoline_cars_chunxiao": (("car_gasoline", "chunxiao"),),
    "use_charging_yard_truck": (("yard_truck_electric", "port"),),
    "use_charging_bus": (("bus_electric", "meishan"),),
    "use_charging_car_meishan": (("car_electric", "meishan"),),
    "use_charging_car_chunxiao": (("car_electric", "chunxiao"),),
}
"""Rows of the baseline and the stock that burns or charges them: technology and zone."""


def standing(plants: list[dict[str, str]]) -> list[dict[str, str]]:
    """Plants that stand in 2020; those of later years are committed."""
    return [plant for plant in plants if int(plant["commissioned_from"]) <= 2020]


@pytest.mark.parametrize("item", FLEETS_OF_ITEM)
def test_energy_of_the_fleets_is_that_of_the_baseline(
    raw: Callable[[str], list[dict[str, str]]], item: str
) -> None:
    """Vehicles x use of one x energy use give the row of ``baseline.csv`` within 1 %."""
    fleets = list(of_2020(raw("fleets")))
    energy = 0.0
    for technology, zone in FLEETS_OF_ITEM[item]:
        vehicles = sum(
            float(row["value"])
            for row in standing(raw("existing_plants"))
            if (row["technology"], row["zone"]) == (technology, zone)
        )
        use = [row for row in fleets if (row["technology"], row["zone"]) == (technology, zone)]
        assert len(use) == 1
        (annual,) = (
            float(row["value"])
            for row in fleets
            if row["fleet"] == use[0]["fleet"] and row["parameter"] == "annual_use"
        )
        energy += vehicles * annual * float(use[0]["value"]) * 1e-3
    (stated,) = (row for row in raw("baseline") if row["item"] == item)
    per_unit = {"GWh/a": 1e3, "ktce/a": 1e3 * TCE}[stated["unit"]]
    assert energy == pytest.approx(float(stated["value"]) * per_unit, rel=0.01)


def test_the_stock_performs_the_service_of_2020(
    raw: Callable[[str], list[dict[str, str]]],
) -> None:
    """Vehicles of all drivetrains x use of one make the service of each fleet within 1 %."""
    fleets = list(of_2020(raw("fleets")))
    for fleet in {row["fleet"] for row in fleets}:
        rows = [row for row in fleets if row["fleet"] == fleet]
        numbers = {row["parameter"]: float(row["value"]) for row in rows if not row["technology"]}
        drivetrains = {row["technology"] for row in rows} - {""}
        vehicles = sum(
            float(plant["value"])
            for plant in standing(raw("existing_plants"))
            if plant["technology"] in drivetrains and plant["zone"] == rows[0]["zone"]
        )
        # The fleets of the terminal serve its 5.6 million TEU.
        by_teu = numbers.get("service_per_teu", 0.0) * 5.6e6
        service = numbers.get("service", 0.0) * 1e6 + by_teu
        assert vehicles * numbers["annual_use"] == pytest.approx(service, rel=0.01), fleet


def test_gas_of_the_baseline_is_heat_over_efficiency(
    raw: Callable[[str], list[dict[str, str]]],
) -> None:
    """The gas rows are the heat of the loads over 0.92 in buildings, 0.90 in industry."""
    heat: dict[tuple[str, str], float] = defaultdict(float)
    for row in of_2020(raw("loads")):
        heat[row["zone"], row["carrier"].split("_")[0]] += float(row["value"])
    for (_, use, zone), energy in building_energy(raw).items():
        if use in ("space_heating", "hot_water"):
            heat[zone, "building"] += energy
    items = {row["item"]: float(row["value"]) * TCE for row in raw("baseline")}
    for item, zone, carrier, efficiency in (
        ("gas_buildings_meishan", "meishan", "building", 0.92),
        ("gas_buildings_chunxiao", "chunxiao", "building", 0.92),
        ("gas_buildings_baifeng", "baifeng", "building", 0.92),
        ("gas_buildings_guoju", "guoju", "building", 0.92),
        ("gas_process_chunxiao", "chunxiao", "process", 0.90),
    ):
        assert heat[zone, carrier] / efficiency == pytest.approx(items[item], rel=0.01), item


def test_electricity_of_the_loads_is_that_of_the_baseline(
    raw: Callable[[str], list[dict[str, str]]],
) -> None:
    """Uses of loads, buildings and fleets, with losses, make the supply of 2020 within 1 %.

    Use by use the memo rows of the baseline equal ``loads.csv`` and ``buildings.csv``; their sum
    with charging and losses is purchase + wind + PV + contracts (the unexplained row is no load).
    """
    uses: dict[str, float] = defaultdict(float)
    for row in of_2020(raw("loads")):
        if row["carrier"] == "electricity":
            uses[row["load"]] += float(row["value"])
    for (building, use, _), energy in building_energy(raw).items():
        if use in ("appliances", "cooling", "electric_heating"):
            uses[f"{building}_{use}"] += energy
    memo: dict[str, float] = defaultdict(float)
    supply = 0.0
    for row in raw("baseline"):
        if row["carrier"] != "electricity":
            continue
        if row["accounting"] == "memo" and row["item"].startswith("use_"):
            memo[row["item"].removeprefix("use_")] += float(row["value"])
        elif row["accounting"] not in ("memo", "unexplained"):
            supply += float(row["value"])
    assert sum(memo.values()) == pytest.approx(supply, rel=0.01)
    for load, energy in uses.items():
        assert memo[load] == pytest.approx(energy, rel=0.01), load


def test_first_slice_starts_from_the_same_loads(meishan: Park, balanced: Scenario) -> None:
    """The resolved loads of 2020 have the electricity of the baseline's memo rows within 1 %."""
    costs = load_costs(CONFIGS / "costs" / "reference", 2020)
    inputs = resolve(meishan, balanced, costs, 2020, 0.0)
    electric = sum(load.energy for load in inputs.loads if load.carrier == "electricity")
    balance = baseline(meishan, resolve_factors(meishan, balanced, 2020), balanced).rows
    items = balance.reset_index()
    charging = items["item"].str.startswith("use_charging") | (items["item"] == "use_grid_losses")
    memo = items[items["item"].str.startswith("use_") & ~charging]
    assert electric == pytest.approx(memo["energy_mwh"].sum(), rel=0.01)
