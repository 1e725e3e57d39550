"""From a solved slice to its document and statement, with numbers worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import hand_park
import numpy as np
import pandas as pd
import pytest
import tiny_park
import xarray as xr
from hand_park import WEIGHT
from tiny_solved import flow

from meishan_model.accounts.tables import net_emissions
from meishan_model.errors import InputError
from meishan_model.ledger.database import LedgerError, open_ledger
from meishan_model.ledger.facts import slice_document, slice_facts
from meishan_model.ledger.posting import CANCELLED, Document, post
from meishan_model.ledger.reading import differences, ledger_facts, unsound
from meishan_model.ledger.statement import (
    net_range,
    neutrality_statement,
    sink_rates,
    statement_of,
)
from meishan_model.planning.solve_slice import solve_slice

approx = pytest.approx
NUMBERS = ["amount", "location_based", "market_based"]


@pytest.fixture(scope="module")
def ds() -> xr.Dataset:
    return hand_park.solved()


def issued(document: Document) -> dict[str, int]:
    """Issued quantity by origin [kWh, kgCO2]."""
    return {batch.origin: batch.quantity for batch in document.batches}


def moved(document: Document) -> dict[tuple[str, str, str], int]:
    """Moved quantity by origin, giver and receiver [kWh, kgCO2]."""
    return {(m.origin, m.giver, m.receiver): m.quantity for m in document.movements}


def test_plants_are_issued_what_they_feed_in(ds: xr.Dataset) -> None:
    """25 of 30 MW of PV and 10 MW of wind in one hour; 4 MW of hydro power in three.

    The old farm's 2 MW of that hour are issued to the grid company and stay there.
    """
    document = slice_document(ds)
    found = issued(document)
    assert found["pv_zone"] == round(25 * WEIGHT * 1e3)
    assert found["wind_zone"] == round(10 * WEIGHT * 1e3)
    assert found["hydro"] == round(3 * 4 * WEIGHT * 1e3)
    assert found["old_farm"] == round(2 * WEIGHT * 1e3)
    owners = {origin.origin: origin.owner for origin in document.origins}
    assert owners["old_farm"] == "grid_company"
    assert not [m for m in document.movements if m.origin == "old_farm"]


def test_labels_mean_nothing(ds: xr.Dataset) -> None:
    """Under any names of nodes and flows a slice posts the same document."""
    number = {label: f"n{place:05d}" for place, label in enumerate(ds["node"].to_numpy())}
    ends = {n: ("flow", [number[x] for x in ds[n].to_numpy()]) for n in ("source", "target")}
    flow = [f"f{place:05d}" for place in range(ds.sizes["flow"])]
    renamed = ds.assign_coords(flow=flow, node=[*number.values()], **ends)
    assert slice_document(renamed).content_sha256 == slice_document(ds).content_sha256


def test_what_is_exported_is_not_claimed(ds: xr.Dataset) -> None:
    """25 of 35 MW leave the park: five sevenths of either plant go to the city.

    The rest is cancelled, so that home use and export add up to what was issued.
    """
    document = slice_document(ds)
    moves, batches = moved(document), issued(document)
    for plant in ("pv_zone", "wind_zone"):
        sold, claimed = moves[plant, "park", "city"], moves[plant, "park", CANCELLED]
        assert sold == approx(batches[plant] * 5 / 7, abs=1)
        assert sold + claimed == batches[plant]
    assert moves["hydro", "owner_of_hydro", "park"] == batches["hydro"]
    assert moves["hydro", "park", CANCELLED] == batches["hydro"]


def test_statement_by_hand(ds: xr.Dataset) -> None:
    """Gross: 1.35 MW of gas and 10 MW of power in three hours; net: nothing, by four instruments.

    8760 h x 1.35 MW x 0.2 = 2365.2 t; 30 x 2190 = 65 700 MWh at 0.6 are 39 420 t, at 0.5 32 850 t.
    Hydro covers 26 280 MWh x 0.6 = 15 768 t, 10 000 certificates 6000 t, 100 ha of forest 400 t;
    credits take the other 19 617.2 t.
    """
    table = neutrality_statement(ds)
    market = table["market_based"]
    assert market["gross"] == approx(2365.2 + 39_420.0)
    assert market["green_power:hydro"] == approx(-15_768.0)
    assert market["certificate:certificates"] == approx(-6000.0)
    assert market["covered"] == approx(2365.2 + 39_420.0 - 15_768.0 - 6000.0)
    assert market["sink:forest"] == approx(-400.0)
    assert market["credit:credits"] == approx(-19_617.2)
    assert market["net"] == approx(0.0, abs=1e-3)
    located = table["location_based"]
    assert located["gross"] == located["covered"] == approx(2365.2 + 32_850.0)
    assert located["net"] == approx(2365.2 + 32_850.0 - 400.0 - 19_617.2)
    assert table["vintage"].dropna().to_dict() == {"credit:credits": 2034.0}
    amount = table["amount"]
    assert amount["scope2:electricity"] == approx(65_700.0)
    assert amount["sink:forest"] == approx(100.0)
    assert amount["export"] == approx(25 * WEIGHT)
    assert amount["local_use"] == approx(10 * WEIGHT)
    assert amount["sold_to_grid:old_farm"] == approx(2 * WEIGHT)


def test_result_and_ledger_say_the_same(ds: xr.Dataset, tmp_path: Path) -> None:
    """The statement from the result is that of the posted rows, to half a kWh and kg of each.

    Net is that of the accounts, which know nothing of ledgers.
    """
    from_result = neutrality_statement(ds)
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as connection:
        post(connection, slice_document(ds))
        from_ledger = statement_of(ledger_facts(connection, 2035))
        assert differences(connection, [slice_document(ds)]).empty
        assert list(unsound(connection)) == []
    assert list(from_result.index) == list(from_ledger.index)
    for name in NUMBERS:
        np.testing.assert_allclose(from_result[name], from_ledger[name], rtol=1e-9, atol=2e-3)
    items = pd.DataFrame({"scope": ds["scope"].to_numpy(), "value": ds["emissions"].to_numpy()})
    assert from_ledger["market_based"]["net"] == approx(net_emissions(items), abs=2e-3)


def test_what_is_bought_in_cubic_metres_is_no_energy(ds: xr.Dataset) -> None:
    """Its emissions stand in the statement as before, its amount is not called MWh."""
    gas = (ds["role"] == "fuel") & (ds["carrier"] == "natural_gas")
    assert gas.any()
    before = neutrality_statement(ds).loc["scope1:natural_gas"]
    assert (before["amount"], before["unit"]) == (approx(2365.2 / 0.2), "MWh/a")
    cubic = ds.assign_coords(unit=ds["unit"].where(~gas, "m3/h"))
    row = neutrality_statement(cubic).loc["scope1:natural_gas"]
    assert row["market_based"] == approx(2365.2)
    assert np.isnan(row["amount"]) and row["unit"] == ""


def test_fuel_of_others_is_reported_never_netted() -> None:
    """Where the gas is another's, its 2365.2 t stand beside the sum and take no credit."""
    tiny = hand_park.hand_park()
    inputs = replace(tiny.inputs, reported_fuels=frozenset({"natural_gas"}))
    tiny = replace(tiny, inputs=inputs)
    table = neutrality_statement(solve_slice(tiny.task()))
    market = table["market_based"]
    assert market["scope3_reported:natural_gas"] == approx(2365.2)
    assert market["gross"] == approx(39_420.0)
    assert market["credit:credits"] == approx(-(19_617.2 - 2365.2))


def test_a_changed_result_is_found_row_by_row(ds: xr.Dataset, tmp_path: Path) -> None:
    """Wind in place of half the PV: the rows that differ are named with both quantities.

    Posted again, the ledger says the new thing and keeps the old; verified, it is the same.
    """
    other = ds.copy(deep=True)
    of_farm = json.dumps({"old_farm": {"1": 3 * WEIGHT}})
    other.attrs["generation_sold_to_grid"] = of_farm
    new, old = slice_document(other), slice_document(ds)
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as connection:
        post(connection, old)
        found = differences(connection, [new])
        assert found[["subject", "row", "ledger", "recomputed"]].to_numpy().tolist() == [
            ["slice 2035", "issue old_farm 2035-01", 4_380_000.0, 6_570_000.0]
        ]
        missing = differences(connection, [])
        # Beside a row each and an energy each but for the gap: area and rate of the sink, last
        # year of the credit, inputs, factor, count.
        assert len(missing) == len(old.batches) + len(old.movements) + 2 * len(old.inventory) + 5
        assert missing["recomputed"].isna().all()
        assert post(connection, new, supersede=True) == "posted again"
        assert differences(connection, [new]).empty
        assert len(connection.execute("SELECT * FROM document").fetchall()) == 3
        assert list(unsound(connection)) == []


def test_a_contract_on_a_plant_of_the_grid_company_issues_nothing_twice(tmp_path: Path) -> None:
    """The old farm is contracted: its certificates go over from the grid company, hour by hour.

    In the hour of its generation the contract delivers up to 2 of the 10 MW that the park takes
    without PV and wind of its own; they are issued once and cancelled by the park.
    """
    tiny = hand_park.hand_park()
    deal = replace(tiny_park.green_power("deal", "farm", 2.0, 10.0), plant="old_farm")
    profiles = replace(
        tiny.profiles,
        green_power={**tiny.profiles.green_power, "farm": np.array([1.0, 0.0, 0.0, 0.0])},
        capacity_factor={
            "pv": np.zeros(4),
            "wind": np.array([1.0, 0.0, 0.0, 0.0]),
        },
    )
    rows = tuple(row for row in tiny.rows if row.asset not in ("pv_zone", "wind_zone"))
    contracts = (*tiny.inputs.contracts, deal)
    inputs = replace(tiny.inputs, contracts=contracts)
    ds = solve_slice(replace(tiny, inputs=inputs, profiles=profiles, rows=rows).task())
    document = slice_document(ds)
    taken = round(2 * WEIGHT * 1e3)
    assert issued(document)["old_farm"] == taken
    assert "deal" not in issued(document)
    assert moved(document)["old_farm", "grid_company", "park"] == taken
    assert moved(document)["old_farm", "park", CANCELLED] == taken
    table = neutrality_statement(ds)
    assert table["market_based"]["green_power:old_farm"] == approx(-2 * WEIGHT * 0.6)
    # A plant that generates half of what the contract says it delivered: the data base refuses.
    ds.attrs["generation_sold_to_grid"] = json.dumps({"old_farm": {"1": WEIGHT}})
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as connection:
        with pytest.raises(LedgerError, match="old_farm 2035-01 from grid_company to park"):
            post(connection, slice_document(ds))
        assert connection.execute("SELECT count(*) FROM batch").fetchone() == (0,)


def test_sinks_with_their_range() -> None:
    """100 ha at 4 t, between 3 and 6: net lies from 200 t below to 100 t above the central one."""
    values = {"area": 100.0, "rate": 4.0, "price": 1.0, "rate_low": 3.0, "rate_high": 6.0}
    rates = sink_rates([tiny_park.contract("forest", "sink", "", values), tiny_park.credit()])
    assert rates == {"forest": (3.0, 6.0)}
    table = pd.DataFrame(
        [("sink", "forest", 100.0, -400.0), ("net", "", np.nan, 50.0)],
        columns=["part", "item", "amount", "market_based"],
    )
    assert net_range(table, rates) == approx((-150.0, 150.0))
    assert net_range(table, {}) is None


def test_a_slice_without_what_a_ledger_needs(ds: xr.Dataset) -> None:
    """A slice of an older version is refused with what to do, not taken as having no plants."""
    for name in (
        *("grid_market_factor", "generation_sold_to_grid", "contract_plants", "credit_vintages"),
    ):
        old = ds.copy()
        old.attrs = {key: value for key, value in ds.attrs.items() if key != name}
        with pytest.raises(InputError, match=f"{name}.*solve it again"):
            slice_facts(old)
    ds = ds.assign_attrs(credit_vintages="{}")
    with pytest.raises(InputError, match=r"credit_vintages of credits.*solve it again"):
        slice_facts(ds)


def test_a_park_without_any_instrument() -> None:
    """Nothing is issued, and the statement is gross = net."""
    ds = solve_slice(tiny_park.park(tiny_park.Recipe()).task())
    document = slice_document(ds)
    assert (document.batches, document.movements) == ((), ())
    table = neutrality_statement(ds)
    assert table["market_based"]["net"] == approx(87_600 * tiny_park.GRID_MARKET)
    assert table["market_based"]["net"] == table["market_based"]["gross"]


def in_two_months(ds: xr.Dataset) -> xr.Dataset:
    """The same four hours, the first two in January, the others in February."""
    stamps = pd.to_datetime(
        ["2035-01-31 22:00", "2035-01-31 23:00", "2035-02-01 00:00", "2035-02-01 01:00"]
    )
    return ds.assign_coords(time=stamps)


def test_certificates_are_those_of_the_month(ds: xr.Dataset) -> None:
    """Hydro power of one hour in January, of two in February; credits and sinks of the year."""
    batches = slice_document(in_two_months(ds)).batches
    hydro = {batch.month: batch.quantity for batch in batches if batch.origin == "hydro"}
    assert hydro == {1: round(4 * WEIGHT * 1e3), 2: round(8 * WEIGHT * 1e3)}
    assert {batch.month for batch in batches if batch.origin in ("credits", "forest")} == {0}
    of_credits = {(b.year, b.last_use) for b in batches if b.origin == "credits"}
    assert of_credits == {(2034, 2039)}
    assert {batch.month for batch in batches if batch.origin == "pv_zone"} == {1}


def test_delivery_of_a_month_is_issued_in_that_month() -> None:
    """12 MW in every hour for a load of 10, 10, 4 and 4 MW: issued as it is delivered.

    In January 20 MW, in February 8 MW times the hours that each stands for, though the plant
    generates the same in both.
    """
    recipe = tiny_park.Recipe(
        load=(10.0, 10.0, 4.0, 4.0),
        green_power={"sun": (1.0, 1.0, 1.0, 1.0)},
        contracts=[tiny_park.green_power("sun", "sun", 12.0, 10.0)],
    )
    claims = slice_facts(in_two_months(solve_slice(tiny_park.park(recipe).task()))).claims
    issued = claims[claims["origin"] == "sun"].set_index("month")["issued"]
    assert issued.to_dict() == approx({1: 20 * WEIGHT, 2: 8 * WEIGHT})


def test_power_that_is_matched_over_the_year_is_issued_when_it_is_generated() -> None:
    """40 MW in hour 1 cover 10 MW in each of four hours, one of January and three of February.

    With yearly matching 30 MW of surplus are claimed in the other hours. All 40 MW x 2190 h are
    issued in the month of hour 1: no month is issued more than its plant generated.
    """
    recipe = tiny_park.Recipe(
        green_power={"sun": (1.0, 0.0, 0.0, 0.0)},
        contracts=[tiny_park.green_power("sun", "sun", 40.0, 10.0)],
        cap=0.0,
        scenario={"matching": "yearly"},
    )
    ds = in_two_months(solve_slice(tiny_park.park(recipe).task()))
    facts = slice_facts(ds)
    sun = facts.claims[facts.claims["issued"] > 1.0]
    assert sun[["role", "origin", "month"]].to_numpy().tolist() == [["contract", "sun", 1]]
    assert float(sun["claimed"].iloc[0]) == approx(40 * WEIGHT)
    table = neutrality_statement(ds)
    assert table["market_based"]["gross"] == approx(40 * WEIGHT * tiny_park.GRID_MARKET)
    assert table["market_based"]["net"] == approx(0.0, abs=1e-2)


def test_a_negative_volume_is_refused(ds: xr.Dataset, tmp_path: Path) -> None:
    """-1 MW is no delivery and posts nothing."""
    negative = ds.copy(deep=True)
    negative["power"].loc[{"flow": flow("hydro_delivery->upstream")}] = -1.0
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as connection:
        with pytest.raises(
            LedgerError, match=r"issue of -8760000 kWh of hydro 2035-01: a quantity"
        ):
            post(connection, slice_document(negative))
        assert connection.execute("SELECT count(*) FROM batch").fetchone() == (0,)
