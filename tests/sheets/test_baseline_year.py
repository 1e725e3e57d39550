"""The balance of 2020: the totals of RMI 2023, and E_0 recomputed from the raw sheets."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from whole_park import read_park

from meishan_model.accounts.emissions import Baseline, baseline
from meishan_model.components.catalogue import kinds
from meishan_model.planning.project import open_project
from meishan_model.port.report import final_energy_shares
from meishan_model.sheets.demand_rows import BaselineRow
from meishan_model.sheets.park import Park
from meishan_model.sheets.resolve import resolve_factors
from meishan_model.sheets.scenario import Scenario, read_scenario

CONFIGS = Path(__file__).parents[2] / "configs"
RMI_ENERGY, RMI_EMISSIONS = 333.0, 329.7
"""Energy use [ktce] and energy CO2 [kt] of 2020 (RMI 2023)."""


@pytest.fixture(scope="module")
def meishan() -> Park:
    """The park of Meishan."""
    return read_park(CONFIGS / "meishan", kinds())


@pytest.fixture(scope="module")
def balanced() -> Scenario:
    """The recommended scenario."""
    return read_scenario(CONFIGS / "scenarios" / "balanced.yaml", kinds())


def balance(park: Park, scenario: Scenario) -> Baseline:
    """The balance of 2020."""
    return baseline(park, resolve_factors(park, scenario, 2020), scenario)


def _raw(name: str) -> list[dict[str, str]]:
    with (CONFIGS / "meishan" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _factor(carrier: str, scope: str, parameter: str) -> float:
    """A factor of 2020 straight from the sheet."""
    (found,) = (
        float(row["value"])
        for row in _raw("emission_factors")
        if (row["carrier"], row["scope"], row["parameter"]) == (carrier, scope, parameter)
        and row["convention"] in ("", "provincial_average")
        and row["year"] in ("", "2020")
    )
    return found


def _ledger(ships: bool) -> dict[str, float]:
    """Emissions of each kind of row under the ledger's rules [tCO2/a], from the raw sheets.

    What comes through the fence counts with the grid's factor: purchase, contracted power whose
    certificates nobody cancelled, and the wind that is sold (the park buys its power back). Own
    PV and the unexplained row count nothing; fuels count whole, those of ships too.
    """
    grid = _factor("electricity", "scope2", "emission_factor")
    total: dict[str, float] = {}
    for row in _raw("baseline"):
        kind, carrier, value = row["accounting"], row["carrier"], float(row["value"])
        if kind in ("grid_purchase", "sold_green", "contracted_zero_carbon"):
            assert row["unit"] == "GWh/a"
            tonnes = value * 1e3 * grid
        elif kind == "fuel" or (ships and carrier == "marine_fuel"):
            assert row["unit"] == "ktce/a"
            mwh = value * 1e3 / _factor(carrier, "", "tce_equivalent")
            tonnes = mwh * _factor(carrier, "scope1", "emission_factor")
        else:
            tonnes = 0.0
        total[kind] = total.get(kind, 0.0) + tonnes
    return total


def test_energy_and_emissions_of_the_seed_close(meishan: Park, balanced: Scenario) -> None:
    """333 ktce and 329.7 kt of CO2 are met within 0.5 % under the report's own convention."""
    found = balance(meishan, balanced)
    assert found.energy / 1e3 == pytest.approx(RMI_ENERGY, rel=0.005)
    assert found.energy / 1e3 == pytest.approx(332.99, abs=0.02)
    assert found.emissions_published / 1e3 == pytest.approx(RMI_EMISSIONS, rel=0.005)


def test_the_port_has_the_shares_of_the_seed(meishan: Park, balanced: Scenario) -> None:
    """Electricity, LNG and diesel are 48, 36 and 16 % of the port's final energy."""
    shares = final_energy_shares(meishan, balance(meishan, balanced))
    assert sum(shares.values()) == pytest.approx(1.0)
    for carrier, share in (("electricity", 0.48), ("lng", 0.36), ("diesel", 0.16)):
        assert shares[carrier] == pytest.approx(share, abs=0.005)


def test_start_of_the_trajectory_from_the_raw_sheets(meishan: Park, balanced: Scenario) -> None:
    """E_0 recomputed row by row with the csv module is the model's to 1 kg.

    It lies far above the 329.7 kt: sold wind and uncertified contracts count, and so do ships.
    """
    expected = sum(_ledger(ships=True).values())
    found = balance(meishan, balanced)
    assert found.emissions_ledger == pytest.approx(expected, abs=1e-3)
    assert found.emissions_ledger > 1.5 * found.emissions_published


@pytest.mark.parametrize("account", ["ledger", "published"])
def test_the_caps_start_from_either_account(account: str) -> None:
    """E_0 is the total that the scenario names, and the differences lead from one to the other."""
    project = open_project("balanced", CONFIGS.parent, hours=168)
    changed = project.scenario.model_copy(update={"baseline_account": account})
    found = replace(project, scenario=changed)
    gaps = found.baseline.differences()
    more = float((gaps["emissions_ledger"] - gaps["emissions_published"]).sum())
    both = found.baseline.emissions_published, found.baseline.emissions_ledger
    assert both[0] + more == pytest.approx(both[1], rel=1e-12)
    assert found.baseline_emissions == both[account == "ledger"]
    assert float(found.trajectory.caps(2035)) == pytest.approx(both[account == "ledger"] / 2)
    assert set(gaps["accounting"]) == {"sold_green", "contracted_zero_carbon", "memo"}


@pytest.mark.parametrize("ships", ["inside", "memo"])
def test_ships_count_as_the_scenario_says(
    meishan: Park, balanced: Scenario, ships: Literal["inside", "memo"]
) -> None:
    """Ships are 48 kt of E_0 where they are inside, nothing where memo; not in the report."""
    scenario = balanced.model_copy(update={"ships_at_berth": ships})
    found = balance(meishan, scenario)
    assert found.emissions_ledger == pytest.approx(sum(_ledger(ships == "inside").values()))
    assert found.emissions_published == balance(meishan, balanced).emissions_published
    assert _ledger(ships=True)["memo"] == pytest.approx(48_050, rel=0.01)


def test_nothing_but_the_ledger_sees_memo_rows(meishan: Park, balanced: Scenario) -> None:
    """Uses of electricity stand beside the supply and are not added to it: no double count."""
    rows = balance(meishan, balanced).rows.reset_index()
    memo = rows[rows["accounting"] == "memo"]
    assert (memo["emissions_published"] == 0).all()
    assert set(memo.loc[memo["emissions_ledger"] > 0, "carrier"]) == {"marine_fuel"}


def test_the_unexplained_row_is_small_and_said(meishan: Park, balanced: Scenario) -> None:
    """What no source explains stands in a row of that name, below 2 % of the energy."""
    rows = balance(meishan, balanced).rows
    unexplained = rows.loc[rows["accounting"] == "unexplained", "tce_equivalent"]
    assert len(unexplained) == 1
    assert 0 < unexplained.iloc[0] < 0.02 * RMI_ENERGY * 1e3


def test_the_campus_has_its_published_offset() -> None:
    """The 11 937 t that Goldwind offset (RMI 2023) are the campus's emissions within 0.5 %."""
    park = read_park(CONFIGS / "yizhuang", kinds())
    scenario = read_scenario(CONFIGS / "scenarios" / "yizhuang.yaml", kinds())
    assert balance(park, scenario).emissions_published == pytest.approx(11_937, rel=0.005)


@pytest.mark.parametrize(
    ("value", "unit"), [(120.0, "MWh/a"), (0.12, "GWh/a"), (0.0147, "ktce/a")]
)
def test_energy_of_an_item_in_each_unit(value: float, unit: str) -> None:
    """120 MWh are 0.12 GWh, and 14.7 tce at 0.1225 tce/MWh."""
    cells = {"item": "gas", "sector": "", "zone": "", "carrier": "natural_gas", "unit": unit}
    cells |= {"accounting": "fuel", "source": "x", "confidence": "assumption", "note": ""}
    row = BaselineRow.read({**cells, "value": value}, "baseline.csv", 2)
    assert row.energy(0.1225) == pytest.approx(120.0)
