"""The sheets of the terminal: energy by the move, ships by class, and what they must agree on."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault, InputError
from meishan_model.planning.asset_rows import standing_stock
from meishan_model.planning.project import open_project
from meishan_model.port.sheets import SHORE_POWER
from meishan_model.port.year import berths_of
from meishan_model.sheets.costs import load_costs
from meishan_model.sheets.levers import pull_levers
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.resolve import resolve
from meishan_model.sheets.resolver import Resolver
from meishan_model.sheets.scenario import read_scenario

REPOSITORY = Path(__file__).parents[2]
CONFIGS = REPOSITORY / "configs"
MEISHAN = "configs/meishan"


def slice_of(root: Path, year: int) -> SliceInputs:
    """A slice of the Meishan of a root."""
    scenario = read_scenario(CONFIGS / "scenarios" / "balanced.yaml", kinds())
    costs = load_costs(CONFIGS / "costs" / "reference", year)
    return resolve(read_park(root / MEISHAN, kinds()), scenario, costs, year, 0.0)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Root with a copy of the sheets of Meishan."""
    shutil.copytree(CONFIGS / "meishan", tmp_path / MEISHAN)
    return tmp_path


def swap(root: Path, file: str, old: str, new: str) -> None:
    """Replace the first place of a text in a sheet of a root."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} holds no {old!r} any more: adapt the test"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def terminal(year: int) -> dict[str, float]:
    """Electricity of the terminal's loads for each container [kWh/TEU]."""
    inputs = slice_of(REPOSITORY, year)
    teu = inputs.drivers["throughput"]
    return {x.load: x.energy * 1e3 / teu for x in inputs.loads if x.zone == "port"}


def test_crane_energy_by_hand() -> None:
    """5.6 million TEU at 1.68 a move: 3.33 million moves x 5.854 kWh x (1 - 0.3 x 0.6) = 16 GWh.

    Yard cranes: x 2.783 kWh x (1 - 0.25 x 0.55) = 8 GWh. Reefers: 2.3 % of the TEU, in boxes of
    two, for 72 h at 4.38 kW: 63 420 boxes x 315.4 kWh = 20 GWh, 521 of them at any time.
    """
    loads = {x.load: x.energy for x in slice_of(REPOSITORY, 2020).loads}
    moves = 5.6e6 / 1.68
    assert loads["ship_to_shore_cranes"] == pytest.approx(moves * 5.854e-3 * 0.82, rel=1e-3)
    assert loads["yard_cranes"] == pytest.approx(moves * 2.783e-3 * 0.8625, rel=1e-3)
    assert loads["reefers"] == pytest.approx(5.6e6 * 0.02265 / 2 * 72 * 4.38e-3, rel=1e-3)
    assert loads["reefers"] / 8760 / 4.38e-3 == pytest.approx(521, rel=0.01)


@pytest.mark.parametrize("year", [2020, 2025, 2030, 2035])
def test_energy_for_a_container_is_within_the_published_ranges(year: int) -> None:
    """Electricity 8-15 kWh/TEU; quay cranes 4-8 and yard cranes 2-3 kWh a move; reefers 40 %.

    The ranges are those of the facts; what the drives give back counts in the yearly energy only.
    """
    per_teu = terminal(year)
    assert 8.0 <= sum(per_teu.values()) <= 15.0
    assert 4.0 <= per_teu["ship_to_shore_cranes"] * 1.68 <= 8.0
    assert 2.0 <= per_teu["yard_cranes"] * 1.68 <= 3.0
    handling = {k: v for k, v in per_teu.items() if not k.startswith("automated")}
    assert handling["reefers"] / sum(handling.values()) == pytest.approx(0.4, abs=0.05)


def test_energy_for_a_kilometre_is_that_of_the_published_trucks() -> None:
    """Electric 130 kWh/100 km and diesel 40 L/100 km at 9.97 kWh/L; an LNG truck burns 31.6 tce.

    Electric trucks need 29-36 % of the diesel's energy, as their published pair does (33 %).
    """
    fleets = {f.fleet: f for f in slice_of(REPOSITORY, 2020).fleets}
    trucks = fleets["yard_truck"]
    use = {name: 1e3 * value for name, value in trucks.energy_use.items()}
    assert use["yard_truck_electric"] == pytest.approx(1.30, rel=0.02)
    assert use["yard_truck_diesel"] == pytest.approx(0.40 * 9.97, rel=0.02)
    burnt = trucks.energy_use["yard_truck_lng"] * trucks.annual_use
    assert burnt * 3.6 / 29.3076 == pytest.approx(31.6, rel=0.02)
    assert 0.29 <= use["yard_truck_electric"] / use["yard_truck_diesel"] <= 0.36
    assert trucks.service == pytest.approx(181 * 58_000, rel=1e-4)


def test_energy_follows_the_throughput(own: Path) -> None:
    """A tenth more TEU: a tenth more crane, reefer and truck work, and nothing else changes."""
    before = slice_of(own, 2020)
    swap(own, f"{MEISHAN}/drivers.csv", "throughput,2020,5.6,", "throughput,2020,6.16,")
    after = slice_of(own, 2020)
    growth = {x.load: y.energy / x.energy for x, y in zip(before.loads, after.loads, strict=True)}
    by_teu = {"ship_to_shore_cranes", "yard_cranes", "reefers"}
    assert {k: pytest.approx(1.1) for k in by_teu} == {k: growth[k] for k in by_teu}
    assert {growth[k] for k in growth if k not in by_teu} == {1.0}
    service = {f.fleet: f.service for f in before.fleets}
    grown = {f.fleet for f in after.fleets if f.service != service[f.fleet]}
    assert grown == {"yard_truck", "reach_stacker", "empty_handler"}


def test_drives_that_give_back_save_their_share(own: Path) -> None:
    """Without a drive that feeds back, quay cranes need 1 / 0.82 of their energy."""
    before = {x.load: x.energy for x in slice_of(own, 2030).loads}
    swap(
        own,
        f"{MEISHAN}/handling.csv",
        "ship_to_shore_cranes,port,port,port_cranes,regenerative_share,,60,",
        "ship_to_shore_cranes,port,port,port_cranes,regenerative_share,,0,",
    )
    after = {x.load: x.energy for x in slice_of(own, 2030).loads}
    assert after["ship_to_shore_cranes"] == pytest.approx(before["ship_to_shore_cranes"] / 0.82)


def test_the_measure_saves_no_more_than_drives_without_recovery_could(own: Path) -> None:
    """The potential of crane_energy_recovery is what the drives of 2020 leave, within 1 %.

    Of the energy, 30 % can come back and 60 % of the drives do it: 0.3 x 0.4 / 0.82 = 14.6 %.
    """
    inputs = slice_of(own, 2030)
    potential = {
        m.load: m.numbers["potential"] for m in inputs.measures if m.load.endswith("_cranes")
    }
    drives = (("ship_to_shore_cranes", 0.3, 0.6), ("yard_cranes", 0.25, 0.55))
    for load, recoverable, done in drives:
        left = recoverable * (1.0 - done) / (1.0 - recoverable * done)
        assert potential[load] <= left + 0.01


def test_weights_are_shares_of_their_sum(own: Path) -> None:
    """65 to 35 of the TEU and 20 to 40 to 40 of the calls, however they are written."""
    groups = berths_of(slice_of(own, 2020))
    assert [g.throughput_share for g in groups] == pytest.approx([0.65, 0.35])
    assert [s.call_share for s in groups[0].ships] == pytest.approx([0.2, 0.4, 0.4])
    swap(own, f"{MEISHAN}/berths.csv", "throughput_weight,2020,65,", "throughput_weight,2020,105,")
    groups = berths_of(slice_of(own, 2020))
    assert [g.throughput_share for g in groups] == pytest.approx([0.75, 0.25])


CALLS = "teu_1k_2k,call_weight,,20,1"
SHORE = 'electricity,berths_1_5,,,,,no,retrofit,"Shore power, berths 1-5"'


@pytest.mark.parametrize(
    ("sheet", "old", "new", "column", "words"),
    [
        ("berths", CALLS, CALLS.replace("1k_2k", "9k"), "ship_class", "no such ship_class"),
        ("berths", f"ships,{CALLS}", f"ships,,{CALLS[10:]}", "parameter", "of a ship class"),
        (
            "berths",
            "ships,,berths,2020,5",
            "ships,teu_1k_2k,berths,2020,5",
            "parameter",
            "no ship",
        ),
        (
            "berths",
            "ships,,equipped_berths,2020,5",
            "ships,,equipped_berths,2020,6",
            None,
            "socket",
        ),
        ("berths", "throughput_weight,2020,65", "throughput_weight,2020,0", None, "nothing calls"),
        (
            "technologies",
            SHORE,
            SHORE.replace("_1_5", "_11"),
            "carrier_out",
            "no such berth_group",
        ),
        ("handling", "reefers,port,port", "terminal_buildings,port,port", "load", "another load"),
        ("handling", "yard_cranes,port,port,port_cranes,recoverable_share,,25,%", "", None, ""),
        ("drivers", "throughput,2020,5.6,", "population,2019,5,", None, ""),
        (
            "fleets",
            "service_per_teu,2020,1.874642,km/TEU",
            "service,2020,9,million km/a",
            None,
            "",
        ),
    ],
)
def test_what_the_sheets_of_the_terminal_contradict_is_told(
    own: Path, sheet: str, old: str, new: str, column: str | None, words: str
) -> None:
    """One contradiction: a fault of that sheet with row or parameter, value and remedy."""
    file = f"{MEISHAN}/{sheet}.csv"
    if new:
        swap(own, file, old, new)
    else:
        path = own / file
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(x for x in lines if old not in x), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        slice_of(own, 2020)
    told: list[Fault] = [f for f in raised.value.faults if f.file.endswith(f"{sheet}.csv")]
    assert told, raised.value.faults
    assert column is None or column in {fault.column for fault in told}
    assert any(words in str(fault) for fault in told)
    assert all(f.remedy and (f.row or f.value) for f in told)


def test_two_systems_for_the_same_ships_are_refused(own: Path) -> None:
    """The low-voltage system of berths 1-5 at 6.6 kV would serve the ships of the other one."""
    file, row = f"{MEISHAN}/technology_parameters.csv", "shore_power_1_5_low,voltage,"
    swap(own, file, f"{row}0.44,", f"{row}6.6,")
    with pytest.raises(InputError, match="shore_power_1_5 serves berths_1_5") as raised:
        slice_of(own, 2030)
    (fault,) = raised.value.faults
    assert (fault.column, fault.value) == ("technology", "shore_power_1_5_low")


def test_a_terminal_without_throughput_is_refused(own: Path) -> None:
    """No row of the driver at all: it is named, not taken as zero."""
    path = own / MEISHAN / "drivers.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [x for x in lines if not x.startswith("throughput")]
    path.write_text("".join(kept), encoding="utf-8")
    with pytest.raises(InputError, match="no row throughput"):
        slice_of(own, 2020)


def test_ships_connect_as_in_the_status_quo() -> None:
    """Where demand stays as usual: one call in a hundred, and 9.8 MW that may be renewed.

    The 6, 0.8 and 3 MW of 2020 stay at their own berths and voltages; stays are of the year.
    """
    slices = open_project("balanced", REPOSITORY).slices
    scenario = slices[2035].scenario.model_copy(update={"demand_side": "as_usual"})
    before = replace(slices[2035], scenario=scenario)
    after = pull_levers(before, slices[2020], standing_stock(slices[2020]))
    then, now, first = (
        {(g.berth_group, s.ship_class): s.acceptance_share for g in groups for s in g.ships}
        for groups in map(berths_of, (after, before, slices[2020]))
    )
    assert then == first and max(then.values()) == pytest.approx(0.01)
    assert all(now[ships] > share for ships, share in then.items())
    systems = {t.technology for t in after.of_kind(SHORE_POWER)}
    shore = {a.technology: a for a in after.assets if a.technology in systems}
    assert {t: a.potential for t, a in shore.items()} == {
        "shore_power_1_5": 6.0,
        "shore_power_1_5_low": 0.8,
        "shore_power_6_10": 3.0,
    }
    assert not any("build_rate" in a.numbers for a in shore.values())


def test_throughput_and_berths_are_those_published() -> None:
    """6.68 million TEU in 2021, 9.44 in 2023, 9.44 x 1.158 in 2024; ten berths since August 2024.

    Even growth from 3.3 million in 2017 to 2021 gives 5.6 million in 2020, at (6.68/3.3)^(3/4).
    """
    teu = {y: 3.3 * (6.68 / 3.3) ** ((y - 2017) / 4) for y in (2020, 2021)}
    teu |= {2023: 9.44, 2024: 9.44 * 1.158}
    park = read_park(CONFIGS / "meishan", kinds())
    rows = [row for row in park.drivers if row.driver == "throughput"]
    for year, value in teu.items():
        assert Resolver(park, year).value(rows) == pytest.approx(value * 1e6, rel=0.01)
    berths = [sum(g.berths for g in berths_of(slice_of(REPOSITORY, y))) for y in (2020, 2024)]
    assert berths == [8, 10]


def test_electric_yard_trucks_are_those_published() -> None:
    """41 in 2020 to 2022 and 102 autonomous ones in September 2024, the 41 among them."""
    park = read_park(CONFIGS / "meishan", kinds())
    trucks = [p for p in park.existing_plants if p.technology == "yard_truck_electric"]
    for year, count in ((2020, 41), (2024, 102)):
        assert sum(p.value for p in trucks if p.commissioned_to <= year) == count


def test_mobile_machines_are_no_gantry_cranes() -> None:
    """Reach stackers 1.8 to 3.5 million CNY, empty handlers 1.2 to 2; electric 1.1 to 1.6 times.

    A gantry crane costs 8 million and more; it is electric in ``handling.csv`` and not bought. An
    electric empty handler needs 33 to 42 kWh an hour, 1 kWh/TEU at the 1.68 TEU of a box and at
    20 to 25 boxes an hour.
    """
    for year in (2020, 2035, 2050):
        costs = load_costs(CONFIGS / "costs" / "reference", year)
        price = {
            (fleet, drive): costs.technologies[f"{fleet}_{drive}"].investment
            for fleet in ("reach_stacker", "empty_handler")
            for drive in ("diesel", "lng", "electric")
        }
        for fleet, least, most in (("reach_stacker", 1.8e6, 3.5e6), ("empty_handler", 1.2e6, 2e6)):
            assert least <= price[fleet, "diesel"] < price[fleet, "lng"] <= most
            assert 1.1 <= price[fleet, "electric"] / price[fleet, "diesel"] <= 1.6
    use = {f.fleet: f.energy_use for f in slice_of(REPOSITORY, 2020).fleets}["empty_handler"]
    assert 33.0 <= 1e3 * use["empty_handler_electric"] <= 42.0
    assert 1e3 * use["empty_handler_electric"] / 1.68 == pytest.approx(22.5, abs=2.5)
