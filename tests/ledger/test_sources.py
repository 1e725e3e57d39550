"""What a statement cites: the rows of the shipped sheets that give the value of the year."""

from __future__ import annotations

from pathlib import Path

import pytest
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.ledger.statement import Citation, statement_sources
from meishan_model.sheets.park import Park
from meishan_model.sheets.scenario import Scenario, scenario_model

PROVINCE, AVERAGE = ("electricity", "scope2"), "provincial_average"
PARK = Path(__file__).parents[2] / "configs" / "meishan"


@pytest.fixture(scope="module")
def park() -> Park:
    return read_park(PARK, kinds())


def scenario(**choices: str) -> Scenario:
    """A scenario of the park."""
    years = {"first_year": 2020, "target_year": 2050}
    choices = {"location_factor": AVERAGE, "market_factor": AVERAGE} | choices
    model = scenario_model(kinds())
    return model(**{"name": "test", "title": "Test", "park": "meishan", **years, **choices})


def lines_of(
    park: Park, carrier: str, scope: str, *years: int | None, convention: str = ""
) -> set[int]:
    """Lines of emission_factors.csv."""
    wanted = (carrier, scope, "emission_factor", convention)
    return {
        row.line for row in park.emission_factors if row.name_of == wanted and row.year in years
    }


def cited(found: Citation) -> set[int]:
    """Lines that a citation names."""
    return {line for lines, _, _ in found.cited for line in lines}


def test_a_year_between_two_rows_cites_both(park: Park) -> None:
    """2035 lies between 2030 and 2040, of which both accounts take one row; 2040 has its own."""
    found = statement_sources(park, scenario(), 2035)["scope2:electricity"]
    assert cited(found) == lines_of(park, *PROVINCE, 2030, 2040, convention=AVERAGE)
    found = statement_sources(park, scenario(), 2040)["scope2:electricity"]
    assert cited(found) == lines_of(park, *PROVINCE, 2040, convention=AVERAGE)


def test_the_stated_factor_is_that_of_the_scenario(park: Park) -> None:
    """With power of fossil fuels alone the market-based rows are those of that convention."""
    chosen = scenario(market_factor="fossil_only")
    found = statement_sources(park, chosen, 2040)["scope2:electricity"]
    assert cited(found) == {
        *lines_of(park, *PROVINCE, 2040, convention=AVERAGE),
        *lines_of(park, *PROVINCE, 2040, convention="fossil_only"),
    }


def test_a_row_without_a_year_holds_for_all(park: Park) -> None:
    """Diesel has one factor, by GB/T 2589, and says whether it is derived."""
    found = statement_sources(park, scenario(), 2050)["scope1:diesel"]
    assert cited(found) == lines_of(park, "diesel", "scope1", None)
    assert "GB/T 2589" in found.text()
    assert found.text().endswith("(derived)")


def test_every_instrument_on_offer_has_a_source(park: Park) -> None:
    """Contracts, certificates, credits and sinks, and the plants of the grid company."""
    found = statement_sources(park, scenario(), 2050)
    for row in park.contracts:
        assert found[f"{row.kind}:{row.contract}"].text().startswith("contracts.csv row")
    for plant in park.existing_plants:
        if plant.offtake == "grid":
            assert cited(found[f"sold_to_grid:{plant.plant}"]) == {plant.line}
