"""Money of other years and with value added tax is read as real money net of what is got back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.report.check import unsaid_of_money
from meishan_model.sheets.costs import load_costs
from meishan_model.sheets.money_rows import PriceBase, PriceBaseRow
from meishan_model.sheets.park import default_rows
from meishan_model.sheets.park_folder import park_and_faults
from meishan_model.sheets.resolve import resolve
from meishan_model.sheets.row_reader import read_rows
from meishan_model.sheets.scenario import read_scenario
from meishan_model.sheets.trade_rows import PriceRow

CONFIGS = Path(__file__).parents[2] / "configs"
HEAD = "item,year,value,unit,source,confidence,note,price_year,vat\n"
INDEX = {2020: 1.0, 2025: 1.04}
TAX = {"standard": 0.13, "reduced": 0.09}


def prices(folder: Path, row: str, base: PriceBase) -> tuple[list[float], list[str]]:
    """Values and columns of the faults of one row of prices."""
    path = folder / "prices.csv"
    path.write_text(f"{HEAD}{row}\n", encoding="utf-8")
    rows, faults = read_rows(path, PriceRow, money=base)
    return [row.value for row in rows], [str(fault.column) for fault in faults]


@pytest.mark.parametrize(
    ("end", "payers", "year", "expected"),
    [
        ("2025,standard", "deducted", None, 470.08 / 1.04 / 1.13),
        ("2025,reduced", "deducted", None, 470.08 / 1.04 / 1.09),
        ("2025,borne", "deducted", None, 470.08 / 1.04),
        ("2025,none", "deducted", None, 470.08 / 1.04),
        ("2025,standard", "borne", None, 470.08 / 1.04),
        (",standard", "deducted", 2025, 470.08 / 1.04 / 1.13),
        ("2020,standard", "deducted", 2025, 470.08 / 1.13),
        (",", "deducted", None, 470.08),
        (",", "", None, 470.08),
    ],
)
def test_a_price_by_hand(
    tmp_path: Path, end: str, payers: str, year: int | None, expected: float
) -> None:
    """470.08 CNY/MWh of 2025 are 452 of 2020 at an index of 1.04, and 400 without 13 %."""
    row = f"purchase_flat,,470.08,CNY/MWh,bill,published,,{end}"
    base = PriceBase({}, INDEX, TAX, year, payers)
    assert prices(tmp_path, row, base) == ([pytest.approx(expected)], [])
    assert pytest.approx(400.0) == 470.08 / 1.04 / 1.13


@pytest.mark.parametrize(
    ("row", "base", "column"),
    [
        ("470,CNY/MWh,b,published,,2024,none", PriceBase({}, INDEX, TAX), "price_year"),
        ("470,CNY/MWh,b,published,,,standard", PriceBase({}, INDEX, TAX), "vat"),
        ("470,CNY/MWh,b,published,,,none", PriceBase({}, INDEX, TAX, 2019), "value"),
        ("47,EUR/MWh,b,published,,2025,none", PriceBase({"EUR": 8.0}, INDEX, TAX), "price_year"),
        ("470,CNY/MWh,b,published,,,reduced", PriceBase({}, INDEX, {}, None, "deducted"), "vat"),
    ],
)
def test_money_of_which_nothing_is_known_is_told(
    tmp_path: Path, row: str, base: PriceBase, column: str
) -> None:
    """A year without index, a tax that nobody pays or has a rate of, a year of foreign money."""
    assert prices(tmp_path, f"purchase_flat,,{row}", base)[1] == [column]


def test_foreign_money_is_net_of_its_tax(tmp_path: Path) -> None:
    """50 EUR/MWh at 8 CNY are 400, without 13 % 353.98; the year of the park is not theirs."""
    base = PriceBase({"EUR": 8.0}, INDEX, TAX, 2025, "deducted")
    row = "purchase_flat,,50,EUR/MWh,bill,published,,,standard"
    assert prices(tmp_path, row, base) == ([pytest.approx(400.0 / 1.13)], [])


def test_the_index_is_that_of_consumer_prices() -> None:
    """Yearly changes as the statistical bureau has them, multiplied up from 2020."""
    rows = list(default_rows("CN", "price_base", PriceBaseRow))
    index = {r.year: r.value for r in rows if isinstance(r, PriceBaseRow) and r.year}
    changes = {2019: 2.9, 2020: 2.5, 2021: 0.9, 2022: 2.0, 2023: 0.2, 2024: 0.2, 2025: 0.0}
    for year, change in changes.items():
        assert index[year] / index[year - 1] == pytest.approx(1.0 + change / 100.0, abs=2e-4)


def test_shipped_prices_say_their_tax_and_year() -> None:
    """Every price of Meishan does; a price of the bill is worth less in money of 2020 net."""
    park = read_park(CONFIGS / "meishan", kinds())
    assert list(unsaid_of_money(park)) == []
    energy = next(row for row in park.power_prices if str(row.valid_from) == "2026-07-01")
    assert energy.given("value") == 421.0
    assert energy.value == pytest.approx(421.0 / 1.0385 / 1.13)
    gas = next(row for row in park.prices if (row.item, row.year) == ("natural_gas", 2025))
    assert gas.value == pytest.approx(330.0 / 1.0333 / 1.09)
    cars = next(row for row in park.prices if (row.item, row.year) == ("gasoline", 2025))
    assert cars.value == pytest.approx(800.0 / 1.0333)


def test_who_bears_the_tax_pays_it_on_equipment() -> None:
    """Equipment costs 13 % more, in investment and upkeep; its lifetime is the same."""
    scenario = read_scenario(CONFIGS / "scenarios" / "yizhuang.yaml", kinds())
    costs = load_costs(CONFIGS / "costs" / "reference", 2020)
    park = read_park(CONFIGS / "yizhuang", kinds())
    homes = replace(park, site=park.site.model_copy(update={"vat": "borne"}))
    firm, home = (resolve(p, scenario, costs, 2020, 0.0).technologies for p in (park, homes))
    for name in ("pv_rooftop", "battery_energy"):
        assert firm[name].cost == costs.technologies[name]
        assert home[name].cost.investment == pytest.approx(1.13 * firm[name].cost.investment)
        assert home[name].cost.annual_fixed_om == pytest.approx(
            1.13 * firm[name].cost.annual_fixed_om
        )
        assert home[name].cost.technical_lifetime == firm[name].cost.technical_lifetime


def test_a_cost_sheet_with_tax_is_read_without(tmp_path: Path) -> None:
    """A manifest that says 13 % divides all money by 1.13 and no lifetime."""
    folder = tmp_path / "reference"
    folder.mkdir()
    source = CONFIGS / "costs" / "reference"
    (folder / "costs_2030.csv").write_text(
        (source / "costs_2030.csv").read_text("utf-8"), encoding="utf-8"
    )
    text = (source / "manifest.yaml").read_text("utf-8")
    (folder / "manifest.yaml").write_text(text.replace("value: 0  #", "value: 13  #"), "utf-8")
    given, net = load_costs(source, 2030), load_costs(folder, 2030)
    for name, cost in given.technologies.items():
        assert net.technologies[name].investment == pytest.approx(cost.investment / 1.13)
        assert net.technologies[name].technical_lifetime == cost.technical_lifetime


def test_a_park_that_says_nothing_is_taken_as_it_is(tmp_path: Path) -> None:
    """Without price_year and vat in park.yaml nothing is converted, and the check says so."""
    text = (CONFIGS / "yizhuang" / "park.yaml").read_text("utf-8")
    (tmp_path / "yizhuang").mkdir()
    for path in (CONFIGS / "yizhuang").glob("*.csv"):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        rows = rows.drop(columns=["price_year", "vat"], errors="ignore")
        rows.to_csv(tmp_path / "yizhuang" / path.name, index=False)
    kept = [line for line in text.splitlines() if not line.startswith(("price_year", "vat"))]
    (tmp_path / "yizhuang" / "park.yaml").write_text("\n".join(kept), encoding="utf-8")
    park, faults = park_and_faults(tmp_path / "yizhuang", kinds())
    assert park is not None and not faults
    said = list(unsaid_of_money(park))
    assert "taken as CNY of 2020" in said[0]
    assert "of value added tax" in said[1]
    assert all(row.value == row.given("value") for row in park.prices)
