"""Contracts of one year: price by the formula, terms, vintages of credits, uptake of sinks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.sheets.contracts import green_price, resolve_contracts
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import Contract
from meishan_model.sheets.resolve import resolve_prices
from meishan_model.sheets.resolver import Resolver
from meishan_model.sheets.scenario import Scenario, read_scenario
from meishan_model.sheets.trade_rows import ContractRow, ContractTermRow, ContractVolumeRow

approx = pytest.approx
CONFIGS = Path(__file__).parents[2] / "configs"
ORIGIN = {"source": "this test", "confidence": "assumption", "note": ""}


@pytest.fixture(scope="module")
def meishan() -> Park:
    """The park of Meishan."""
    return read_park(CONFIGS / "meishan", kinds())


@pytest.fixture(scope="module")
def balanced() -> Scenario:
    """The recommended scenario."""
    return read_scenario(CONFIGS / "scenarios" / "balanced.yaml", kinds())


def offers(park: Park, scenario: Scenario, year: int) -> dict[str, Contract]:
    """Contracts of a year by name."""
    resolver = Resolver(park, year)
    found = resolve_contracts(resolver, scenario)
    assert resolver.faults == []
    return {contract.contract: contract for contract in found}


def rows(
    kind: str, parameter: str, values: dict[int | None, float], unit: str
) -> list[ContractRow]:
    """Rows of a made-up contract ``deal``, by year."""
    return [
        ContractRow(
            line=line,
            contract="deal",
            kind=kind,
            profile="wind_onshore" if kind == "green_power" else "",
            parameter=parameter,
            year="" if year is None else year,
            value=value,
            unit=unit,
            **ORIGIN,
        )
        for line, (year, value) in enumerate(values.items(), start=2)
    ]


def deal(term: str, first: int = 2025, last: int = 2035) -> ContractTermRow:
    """Terms of the made-up contract."""
    return ContractTermRow(
        line=2,
        contract="deal",
        market="point_to_point",
        plant="",
        consumer="port",
        term=term,
        first_year=first,
        last_year=last,
        source="this test",
        note="",
    )


def green(term: ContractTermRow, meishan: Park) -> Park:
    """Meishan with the made-up contract alone: 400 falling to 300, 10 on top, 20 % risk."""
    made = rows("green_power", "capacity", {None: 20.0}, "MW")
    made += rows("green_power", "feed_in_price", {2020: 400.0, 2040: 300.0}, "CNY/MWh")
    made += rows("green_power", "premium", {2020: 10.0, 2040: 30.0}, "CNY/MWh")
    for name, value in (
        ("delivery_risk", 20.0),
        ("undelivered_paid", 0.0),
        ("untaken_paid", 100.0),
    ):
        made += rows("green_power", name, {None: value}, "%")
    return replace(meishan, contracts=tuple(made), contract_terms=(term,), contract_volumes=())


def test_the_shipped_price_is_its_parts(meishan: Park, balanced: Scenario) -> None:
    """Offshore wind of 2030: 341 feed-in, 79.8 network, 29.24 levies, 10 premium.

    The premium is of 2020, all else of 2026; 13 % tax are got back. Of what is offered the seller
    is owed feed-in price and premium whether it is taken or not.
    """
    wind = offers(meishan, balanced, 2030)["xiangshan_offshore_wind"]
    _, surcharges, parts = resolve_prices(meishan, dt.date(2030, 7, 1))
    (charge,) = (row.value for row in parts if row.part == "network_charge")
    levies = sum(row.value for row in surcharges)
    price = green_price(wind, charge, levies)
    assert price.delivered == approx(((341.0 + 79.8 + 29.24) / 1.0385 + 10.0) / 1.13)
    assert price.offered == approx((341.0 / 1.0385 + 10.0) / 1.13)


def test_a_yearly_contract_follows_the_price(meishan: Park, balanced: Scenario) -> None:
    """2030 lies in the middle of 2020 and 2040: feed-in 350, premium 20; 80 % are delivered."""
    found = offers(green(deal("yearly"), meishan), balanced, 2030)["deal"]
    assert found.parameters["feed_in_price"] == approx(350.0)
    assert found.parameters["premium"] == approx(20.0)
    assert found.delivered_share == approx(0.8)
    assert found.consumer == "port"


def test_a_multi_year_contract_keeps_the_price_of_its_first_year(
    meishan: Park, balanced: Scenario
) -> None:
    """Agreed on in 2025: feed-in 375 and premium 15, in 2025 as in 2035."""
    park = green(deal("multi_year"), meishan)
    for year in (2025, 2035):
        values = offers(park, balanced, year)["deal"].parameters
        assert (values["feed_in_price"], values["premium"]) == (approx(375.0), approx(15.0))


@pytest.mark.parametrize(("year", "runs"), [(2020, 0), (2025, 1), (2035, 1), (2040, 0)])
def test_a_contract_is_on_offer_for_its_term(
    year: int, runs: int, meishan: Park, balanced: Scenario
) -> None:
    """From the first to the last year, both included."""
    assert len(offers(green(deal("yearly"), meishan), balanced, year)) == runs


def test_volumes_are_read_by_month(meishan: Park, balanced: Scenario) -> None:
    """20 GWh in December and none elsewhere; a contract that does not run has none at all."""
    volume = ContractVolumeRow(
        line=2, contract="deal", month=12, year=2025, value=20e3, unit="MWh/month", **ORIGIN
    )
    park = replace(green(deal("yearly"), meishan), contract_volumes=(volume,))
    assert offers(park, balanced, 2025)["deal"].volumes == {12: 20e3}
    assert offers(park, balanced, 2040) == {}


def credits_of(meishan: Park, issued: dict[int | None, float], age: float) -> Park:
    """Meishan with credits that are issued by vintage and used at an age."""
    made = rows("credit", "limit", issued, "tCO2/a") + rows(
        "credit", "price", {None: 50.0}, "CNY/tCO2"
    )
    made += rows("credit", "age", {None: age}, "a") + rows("credit", "validity", {None: 10.0}, "a")
    return replace(meishan, contracts=tuple(made), contract_terms=(), contract_volumes=())


@pytest.mark.parametrize(
    ("year", "age", "limit"),
    [
        (2030, 0.0, 500.0),  # its own vintage
        (2030, 1.0, 400.0),  # that of 2029
        (2030, 5.0, 0.0),  # that of 2025
        (2026, 0.0, 100.0),
        (2022, 3.0, 0.0),  # of 2019 nothing was issued
    ],
)
def test_credits_on_offer_are_those_of_one_vintage(
    year: int, age: float, limit: float, meishan: Park, balanced: Scenario
) -> None:
    """As much as was issued of the vintage that has the age; it may be used for ten years."""
    park = credits_of(meishan, {2020: 0.0, 2025: 0.0, 2030: 500.0}, age)
    found = offers(park, balanced, year)["deal"]
    assert found.parameters["limit"] == approx(limit)
    assert found.vintage(year) == (year - age, year - age + 10)


def test_before_the_first_vintage_nothing_was_issued(meishan: Park, balanced: Scenario) -> None:
    """In 2020 there are none of 2019; a constant without a year stays."""
    park = credits_of(meishan, {2020: 600.0, 2030: 600.0}, 1.0)
    assert offers(park, balanced, 2020)["deal"].parameters["limit"] == 0.0
    assert offers(park, balanced, 2021)["deal"].parameters["limit"] == approx(600.0)
    park = credits_of(meishan, {None: 600.0}, 1.0)
    assert offers(park, balanced, 2020)["deal"].parameters["limit"] == approx(600.0)


def test_a_conservative_plan_counts_the_low_end(meishan: Park, balanced: Scenario) -> None:
    """Tending adds 1.2, or 0.5 t/ha where the scenario is conservative; the range stays."""
    central = offers(meishan, balanced, 2030)["forest_management"].parameters
    careful = balanced.model_copy(update={"sink_rate": "conservative"})
    low = offers(meishan, careful, 2030)["forest_management"].parameters
    assert (central["rate"], low["rate"]) == (approx(1.2), approx(0.5))
    assert central["rate_low"] == low["rate_low"] < central["rate_high"] == low["rate_high"]


def test_sinks_count_what_is_added_to_the_standing_forest(
    meishan: Park, balanced: Scenario
) -> None:
    """None in the base year; in 2050 3000 x 1.2 + 300 x 6 + 300 x 9 t, a fifth of what stands.

    10 800 ha of forest at 4.05 t take up 43.7 kt a year: they are told and are in no sink.
    """

    def uptake(year: int) -> float:
        found = offers(meishan, balanced, year).values()
        sinks = [c.parameters for c in found if c.kind.role == "sink"]
        return sum(values["area"] * values["rate"] for values in sinks)

    assert uptake(2020) == 0.0
    assert uptake(2050) == approx(3000 * 1.2 + 300 * 6 + 300 * 9)
    forest = offers(meishan, balanced, 2050)["forest_management"].parameters
    assert forest["standing_uptake"] == approx(10_800 * 4.05, rel=0.002)
    assert uptake(2050) < 0.2 * forest["standing_uptake"]
