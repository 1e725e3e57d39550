"""The cost sheets that ship: complete in every year, with source and confidence."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pytest

from meishan_model.sheets.costs import load_costs

CONFIGS = Path(__file__).parents[2] / "configs" / "costs"
YEARS = (2020, 2025, 2030, 2035, 2040, 2045, 2050, 2060)
HYDROGEN = ("electrolyser", "hydrogen_tank", "fuel_cell")
FREE = ("auxiliary_engine", "flexible_load", "vehicle_battery")
"""Kinds that stand on a ship, in a load or in a vehicle and cost no investment of the park."""
HEADER = "technology,parameter,value,unit,source,further description,currency_year"


@pytest.mark.parametrize("year", YEARS)
def test_the_shipped_sheets_load_in_every_year(year: int) -> None:
    """Each technology of the park has costs, and the overlay touches lithium batteries only."""
    reference = load_costs(CONFIGS / "reference", year)
    low = load_costs(CONFIGS / "low_storage", year)
    assert reference.technologies.keys() == low.technologies.keys()
    with (CONFIGS.parent / "meishan" / "technologies.csv").open(encoding="utf-8") as file:
        kinds = {row["technology"]: row["kind"] for row in csv.DictReader(file)}
    assert {name for name, kind in kinds.items() if kind not in FREE} <= {*reference.technologies}
    different = {
        name for name, cost in low.technologies.items() if cost != reference.technologies[name]
    }
    assert different == {"battery_energy", "battery_power"}
    for name in different:
        ours, theirs = low.technologies[name], reference.technologies[name]
        assert ours.investment < theirs.investment or year == 2020
        assert (ours.technical_lifetime, ours.efficiency) == (
            theirs.technical_lifetime,
            theirs.efficiency,
        )


def test_the_reference_keeps_the_published_numbers() -> None:
    """Numbers collected for the park stand in the sheet as they were published."""
    by_year = {year: load_costs(CONFIGS / "reference", year) for year in YEARS}
    published = {
        "pv_ground": {2030: 2200, 2040: 1900, 2050: 1700, 2060: 1500},
        "pv_rooftop": {2030: 2500, 2040: 2300, 2050: 2100, 2060: 1900},
        "wind_onshore": {2030: 4300, 2040: 3900, 2050: 3400, 2060: 2900},
        "wind_offshore": {2030: 8600, 2040: 7600, 2050: 7100, 2060: 6800},
    }
    for name, path in published.items():
        for year, value in path.items():
            assert by_year[year].technologies[name].investment == pytest.approx(value * 1000)
    battery = by_year[2030].technologies["battery_power"]
    # PNNL: 84.52 % from AC to AC at the transformer, so that each way has the root of it.
    assert battery.efficiency == pytest.approx(0.8452**0.5, abs=1e-4)


def test_a_battery_of_two_hours_costs_as_chinese_cabinets() -> None:
    """640 CNY/kWh of 2025 and a fifth for foundation and connection are 768 with tax.

    The bids of June 2025, 465 CNY/kWh, are the case of low costs.
    """
    index, tax = 1.0333, 1.13
    for sheet, price in (("reference", 1.2 * 640.0), ("low_storage", 465.0)):
        costs = load_costs(CONFIGS / sheet, 2025).technologies
        system = costs["battery_energy"].investment + costs["battery_power"].investment / 2
        assert system / 1000 * index * tax == pytest.approx(price, rel=0.01)


def test_hydrogen_says_what_is_carried_to_other_years() -> None:
    """Given from 2030 to 2050, with 2045 between its neighbours, and assumed before and after."""
    by_year = {y: load_costs(CONFIGS / "reference", y).technologies for y in YEARS}
    for name in HYDROGEN:
        for year, costs in by_year.items():
            taken_from = min(max(year, 2030), 2050)
            own, other = costs[name], by_year[taken_from][name]
            assert own == other.model_copy(update={"provenance": own.provenance})
            for parameter, number in own.provenance.items():
                if number.row is None or (name, parameter) == ("hydrogen_tank", "efficiency"):
                    continue
                is_given = year == taken_from
                assert number.confidence == ("derived" if is_given else "assumption")
                assert is_given == ("carried" not in number.description)
                assert is_given or f"from {taken_from}, " in number.description
        before, between, after = (by_year[y][name] for y in (2040, 2045, 2050))
        for number in ("investment", "fixed_om_share", "efficiency"):
            mean = (getattr(before, number) + getattr(after, number)) / 2
            assert getattr(between, number) == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("year", [2030, 2040, 2050])
def test_the_energy_hub_pays_the_same_for_hydrogen(year: int) -> None:
    """Its sheet is whole and repeats what the reference says; the two may not drift apart."""
    hub, reference = (load_costs(CONFIGS / sheet, year) for sheet in ("energy_hub", "reference"))
    for name in HYDROGEN:
        ours = reference.technologies[name]
        same = {"provenance": ours.provenance}
        assert hub.technologies[name].model_copy(update=same) == ours


def test_every_technology_of_the_reference_is_in_a_park() -> None:
    """What no park has would be numbers that nothing reads."""
    parks = CONFIGS.parent.glob("*/technologies.csv")
    rows = [row for path in parks for row in path.read_text(encoding="utf-8").splitlines()[1:]]
    reference = load_costs(CONFIGS / "reference", 2030)
    assert reference.technologies.keys() <= {row.partition(",")[0] for row in rows}


def test_mature_technologies_do_not_become_dearer() -> None:
    """No path of the reference rises from one year to the next."""
    sheets = [load_costs(CONFIGS / "reference", year) for year in YEARS]
    for before, after in itertools.pairwise(sheets):
        for name, cost in after.technologies.items():
            assert cost.investment <= before.technologies[name].investment


@pytest.mark.parametrize("sheet", ["reference", "low_storage"])
def test_every_shipped_row_has_source_and_confidence(sheet: str) -> None:
    """Re-read without the loader: columns, source, confidence and price year of every row."""
    for path in sorted((CONFIGS / sheet).glob("costs_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == HEADER.split(",")
        for row in rows:
            confidence, colon, reason = row["further description"].partition(": ")
            assert confidence in {"published", "derived", "assumption"}
            assert colon
            assert reason
            assert row["source"]
            assert row["currency_year"] == "2020"
