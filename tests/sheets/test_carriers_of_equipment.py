"""What rows of equipment say of carriers: names, empty cells, stores, units of demand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.errors import InputError
from meishan_model.planning.project import open_project
from meishan_model.sheets.demand_rows import LoadRow
from meishan_model.sheets.park import Park
from meishan_model.sheets.resolver import Resolver
from meishan_model.sheets.row_reader import read_rows

REPOSITORY = Path(__file__).parents[2]
HUB = "energy_hub"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Root with the energy hub, its scenario, weather and the cost sheets."""
    for folder in (HUB, "costs"):
        shutil.copytree(REPOSITORY / "configs" / folder, tmp_path / "configs" / folder)
    shutil.copytree(REPOSITORY / "timeseries" / HUB, tmp_path / "timeseries" / HUB)
    (tmp_path / "configs" / "scenarios").mkdir()
    scenario = f"configs/scenarios/{HUB}.yaml"
    shutil.copy(REPOSITORY / scenario, tmp_path / scenario)
    return tmp_path


def swap(root: Path, sheet: str, old: str, new: str) -> None:
    """Replace a text of a sheet of the hub, wherever it stands."""
    path = root / "configs" / HUB / f"{sheet}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{sheet} holds no {old!r} any more: adapt the test"
    path.write_text(text.replace(old, new), encoding="utf-8")


def faults_of(root: Path) -> list[str]:
    """Faults of the hub in the year 2030, each without the path of the folder."""
    with pytest.raises(InputError) as caught:
        _ = open_project(HUB, root).slices
    return [str(fault).replace(f"{root}/configs/{HUB}/", "") for fault in caught.value.faults]


def hub(root: Path) -> Park:
    """All sheets of the hub."""
    return read_park(root / "configs" / HUB, kinds())


def test_a_store_gives_what_it_holds(root: Path) -> None:
    """A tank that would give power is refused with what would be right."""
    swap(root, "technologies", "store,MWh,hydrogen,hydrogen", "store,MWh,hydrogen,electricity")
    assert faults_of(root) == [
        "technologies.csv, row 17, column carrier_out, 'electricity': a store gives what it "
        "takes, and hydrogen_tank holds hydrogen; give hydrogen; "
        "what turns it into another is a converter"
    ]


def test_both_capacities_of_a_store_are_of_one_carrier(root: Path) -> None:
    """The power of a battery is of the carrier of its energy; it may leave it out."""
    swap(root, "technologies", "store_power,MW,electricity,electricity", "store_power,MW,,")
    assert hub(root).technologies[3].carrier_in == ""
    swap(root, "technologies", "store_power,MW,,", "store_power,MW,cold,electricity")
    (told,) = faults_of(root)
    assert told.startswith("technologies.csv, row 5, column carrier_in, 'cold': a store gives")
    assert "shed_battery holds electricity; give electricity; " in told


def test_a_store_says_what_it_holds(root: Path) -> None:
    """An empty carrier is told as such."""
    swap(root, "technologies", "store,MWh,hydrogen,hydrogen", "store,MWh,,hydrogen")
    assert faults_of(root) == [
        "technologies.csv, row 17, column carrier_in, '': is empty: a store names the carrier "
        "that it holds; give a carrier of buses.csv"
    ]


def test_a_store_where_its_carrier_has_no_bus_is_told_with_its_row(root: Path) -> None:
    """The cell that names the carrier is the one to correct."""
    swap(root, "technologies", "store,MWh,hydrogen,hydrogen", "store,MWh,methane,methane")
    assert (
        "technologies.csv, row 17, column carrier_in, 'methane': hydrogen_tank stands in quay, "
        "which has no bus of what it holds; name a carrier with a bus in quay, "
        "or add the bus to buses.csv"
    ) in faults_of(root)


def test_an_empty_carrier_is_told_as_empty_and_once(root: Path) -> None:
    """That hydrogen then comes from nowhere is no fault of the network."""
    swap(root, "technologies", "converter,MW,electricity,hydrogen", "converter,MW,electricity,")
    swap(root, "markets", "hydrogen_trailers,", "methane_trailers,")
    swap(root, "markets", "hydrogen_quay", "methanol_quay")
    (told,) = faults_of(root)
    assert told.startswith(
        "technologies.csv, row 16, column carrier_out, '': is empty: it must name a carrier of a "
        "bus in buses.csv; known: biogas, carbon_dioxide, "
    )


def test_only_carriers_are_offered_as_carriers(root: Path) -> None:
    """Items of prices.csv that are no fuel are nothing that equipment takes."""
    swap(root, "technologies", "converter,MW,natural_gas,", "converter,MW,naturalgas,")
    (told,) = faults_of(root)
    carriers = {row.carrier for row in hub(REPOSITORY).buses} | {"diesel", "natural_gas"}
    listed = told.rpartition("known: ")[2].split(", ")
    assert "'naturalgas': no such carrier that is taken in buses.csv or prices.csv; " in told
    assert set(listed) == carriers


def test_demand_is_given_in_gwh_or_mwh(root: Path) -> None:
    """12 GWh/a in 2030 and 20 000 MWh/a in 2050 are 16 000 MWh/a in 2040, as in one unit."""
    rows = {
        "one unit": ("12,GWh/a", "20,GWh/a"),
        "two units": ("12,GWh/a", "20000,MWh/a"),
        "the other first": ("12000,MWh/a", "20,GWh/a"),
    }
    loads = root / "configs" / HUB / "loads.csv"
    header = loads.read_text(encoding="utf-8").splitlines()[0]
    for first, last in rows.values():
        values = zip((2030, 2050), (first, last), strict=True)
        course = [
            f"works,works,industry,electricity,flat,{y},{v},x,assumption," for y, v in values
        ]
        loads.write_text("\n".join([header, *course, ""]), encoding="utf-8")
        found = read_rows(loads, LoadRow)[0]
        assert Resolver(hub(REPOSITORY), 2040).value(found) == pytest.approx(16_000)
