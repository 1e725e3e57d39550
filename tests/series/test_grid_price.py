"""What power from the grid costs, of parts with days of validity, by class and voltage."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.series.calendar import day_types
from meishan_model.series.tariff import day_tariff, flat_parts, grid_price
from meishan_model.sheets.park import Park
from meishan_model.sheets.periods import power_prices_of
from meishan_model.sheets.references import reference_faults
from meishan_model.sheets.resolve import resolve_prices
from meishan_model.sheets.tariff_rows import PowerPriceRow, TariffRow

CONFIGS = Path(__file__).parents[2] / "configs"
YEAR_ROUND = ";".join(map(str, range(1, 13)))
ORIGIN = {"source": "this test", "confidence": "assumption", "note": ""}


@pytest.fixture(scope="module")
def meishan() -> Park:
    """The park of Meishan."""
    return read_park(CONFIGS / "meishan", kinds())


def part(name: str, value: float, first: str = "2026-01-01", last: str = "") -> PowerPriceRow:
    """A part of the price, of all classes and voltages."""
    unit = {"loss_share": "%", "demand_charge": "CNY/(kW*month)"}.get(name, "CNY/MWh")
    cells = {"part": name, "valid_from": first, "valid_until": last, "voltage_from": ""}
    cells |= {"tariff_class": "", "value": f"{value}", "unit": unit, **ORIGIN}
    return PowerPriceRow.read(cells, "power_prices.csv", 2)


def period(start: int, end: int, ratio: float, applies_to: str) -> TariffRow:
    """A period of every day."""
    cells = {"tariff": "t", "valid_from": "2020-01-01", "valid_until": "", "months": YEAR_ROUND}
    cells |= {"day_type": "all", "start_hour": f"{start}", "end_hour": f"{end}", "unit": "1"}
    cells |= {"period": "flat", "value": f"{ratio}", "applies_to": applies_to, **ORIGIN}
    return TariffRow.read(cells, "tariff.csv", 2)


ROWS = (
    part("energy", 400.0, last="2026-07-31"),
    part("energy", 500.0, first="2026-08-01"),
    part("loss_share", 5.0),
    part("losses", 2.0),
    part("system_fee", 30.0),
    part("network_charge", 100.0),
    part("demand_charge", 40.0, last="2026-07-31"),
    part("demand_charge", 38.0, first="2026-08-01"),
)


@pytest.mark.parametrize(
    ("applies_to", "july_night", "august_night"),
    [
        ("", 0.5 * 552.0, 0.5 * 657.0),
        ("energy;losses;system_fee", 0.5 * 452.0 + 100.0, 0.5 * 557.0 + 100.0),
        ("energy", 0.5 * 400.0 + 152.0, 0.5 * 500.0 + 157.0),
    ],
)
def test_a_ratio_multiplies_the_parts_that_it_names(
    applies_to: str, july_night: float, august_night: float
) -> None:
    """Energy 400, from August 500, losses 5 % of it and 2, fee 30, network 100: 552 and 657.

    By night half of it is paid, or half of some parts. The demand charge changes with August.
    """
    calendar = day_types(2026, "CN")
    parts, demand = flat_parts({}, (), ROWS, calendar)
    rows = [period(0, 8, 0.5, applies_to), period(8, 24, 1.0, applies_to)]
    price = grid_price(parts, demand, rows, calendar, "tariff.csv")
    found = pd.DataFrame(price._asdict(), index=calendar.index)
    assert found.loc[pd.Timestamp("2026-07-31 03:00"), "total"] == pytest.approx(july_night)
    assert found.loc[pd.Timestamp("2026-08-01 03:00"), "total"] == pytest.approx(august_night)
    assert found.loc[pd.Timestamp("2026-07-31 12:00"), "total"] == pytest.approx(552.0)
    assert found.loc[pd.Timestamp("2026-08-01 12:00"), "total"] == pytest.approx(657.0)
    charge = found["demand_charge"].groupby(found.index.month).unique().str[0]
    assert charge.to_list() == pytest.approx([40e3] * 7 + [38e3] * 5)


def test_the_whole_price_is_split_into_energy_and_network() -> None:
    """A park without parts: 600 with 100 of network, doubled in the whole or in its energy."""
    calendar = day_types(2026, "CN")
    prices = {"purchase_flat": 600.0, "network_charge": 100.0, "demand_charge": 40e3}
    parts, demand = flat_parts(prices, (), (), calendar)
    for applies_to, total in (("", 1200.0), ("energy", 1100.0)):
        rows = [period(0, 24, 2.0, applies_to)]
        price = grid_price(parts, demand, rows, calendar, "tariff.csv")
        np.testing.assert_allclose(price.total, total)
        np.testing.assert_allclose(price.demand_charge, 40e3)


BILLED = {2024: 1.13 * 1.0333, 2025: 1.13 * 1.0333, 2026: 1.13 * 1.0385}
"""Money of a bill, with 13 % of value added tax, per net money of 2020."""


def flat_price(park: Park, day: str) -> float:
    """The flat price with all parts, as it is billed [CNY/MWh]."""
    date = dt.date.fromisoformat(day)
    prices, surcharges, rows = resolve_prices(park, date)
    calendar = day_types(date.year, "CN").loc[[pd.Timestamp(day)]]
    parts, _ = flat_parts(prices, surcharges, rows, calendar)
    return BILLED[date.year] * float(sum(value[0] for value in parts.values()))


def at_voltage(park: Park, voltage: float) -> Park:
    """The park with another voltage behind its connection."""
    buses = (
        row.model_copy(update={"value": voltage}) if row.bus == "grid_110kv" else row
        for row in park.buses
    )
    return replace(park, buses=tuple(buses))


@pytest.mark.parametrize(
    ("voltage", "day", "billed", "within"),
    [
        (110.0, "2026-09-15", 572.0, 0.01),
        (20.0, "2026-09-15", 621.0, 0.01),
        # Flat retail price of the year with funds; months at 20 kV lie up to 8 % from it.
        (110.0, "2025-03-15", 586.8, 0.05),
        (35.0, "2025-09-15", 603.2, 0.05),
        (20.0, "2025-12-15", 664.8, 0.05),
        (110.0, "2024-03-15", 638.0, 0.01),
        (20.0, "2024-03-15", 685.0, 0.01),
        (220.0, "2024-03-15", 628.0, 0.01),
    ],
)
def test_the_parts_add_up_to_what_was_billed(
    meishan: Park, voltage: float, day: str, billed: float, within: float
) -> None:
    """Flat retail prices of Zhejiang for two-part customers, from published copies."""
    assert flat_price(at_voltage(meishan, voltage), day) == pytest.approx(billed, rel=within)


PUBLISHED = {
    110.0: {"sharp": 1060.0, "peak": 970.0, "flat": 570.0, "valley": 290.0, "deep_valley": 200.0},
    20.0: {"sharp": 1110.0, "peak": 1020.0, "flat": 620.0, "valley": 340.0, "deep_valley": 250.0},
}
"""What two-part customers of Zhejiang paid by period in September 2026, rounded to 10 CNY/MWh."""


@pytest.mark.parametrize("voltage", PUBLISHED)
def test_the_periods_cost_what_was_published(meishan: Park, voltage: float) -> None:
    """Of the price of September 2026; sharp hours and holidays of it lie in other months."""
    park = at_voltage(meishan, voltage)
    prices, surcharges, rows = resolve_prices(park, dt.date(2026, 9, 15))
    calendar = day_types(2026, "CN").loc["2026-09-15"]
    parts, _ = flat_parts(prices, surcharges, rows, calendar)
    of_day = {name: float(value[0]) for name, value in parts.items()}
    for day in ("2026-07-15", "2026-09-15", "2026-10-01"):
        date = dt.date.fromisoformat(day)
        table = day_tariff(park.tariff(), of_day, date, "CN", "tariff.csv")
        for name, paid in table.groupby("period")["total"]:
            assert BILLED[2026] * paid.to_numpy() == pytest.approx(
                PUBLISHED[voltage][str(name)], rel=0.02
            )


def test_prices_are_those_of_class_and_voltage(meishan: Park) -> None:
    """From August 2026 at 0.4, 10, 20, 35, 110 and 500 kV; a low voltage has no two parts."""
    published = {10.0: 125.0, 20.0: 125.0, 35.0: 89.5, 110.0: 76.7, 500.0: 66.3}
    demand = {10.0: 47.2, 20.0: 47.2, 35.0: 44.0, 110.0: 40.8, 500.0: 37.6}
    day = dt.date(2026, 9, 15)
    for voltage, price in published.items():
        _, _, rows = resolve_prices(at_voltage(meishan, voltage), day)
        found = {row.part: row.given("value") for row in rows}
        assert (found["network_charge"], found["demand_charge"]) == (price, demand[voltage])
    single = replace(meishan, site=meishan.site.model_copy(update={"tariff_class": "single_part"}))
    for voltage, price in {0.4: 241.2, 20.0: 211.4, 110.0: 150.0}.items():
        rows = power_prices_of(at_voltage(single, voltage))
        assert price in {row.given("value") for row in rows if row.part == "network_charge"}


@pytest.mark.parametrize(
    ("change", "column", "message"),
    [
        ({"tariff_class": ""}, "tariff_class", "is no class of power_prices.csv"),
        ({"tariff_class": "two_parts"}, "tariff_class", "is no class of power_prices.csv"),
        ({"tariff_class": "single_part"}, "part", "no row demand_charge"),
        ({"buses": ()}, "voltage_from", "no row of buses.csv says that of the connection"),
    ],
)
def test_what_does_not_say_the_price_is_told(
    meishan: Park, change: dict[str, object], column: str, message: str
) -> None:
    """A class that is none, a voltage that nobody knows, a part without a row."""
    site = meishan.site.model_copy(update={k: v for k, v in change.items() if k != "buses"})
    park = replace(meishan, site=site, buses=() if "buses" in change else meishan.buses)
    found = [f for f in reference_faults(park) if f.column == column and message in f.message]
    assert len(found) == 1


def test_the_price_is_said_once(meishan: Park) -> None:
    """A flat price in prices.csv beside the parts of it is refused."""
    row = next(row for row in meishan.prices if row.item == "market_price")
    twice = row.model_copy(update={"item": "purchase_flat"})
    found = list(reference_faults(replace(meishan, prices=(*meishan.prices, twice))))
    assert [f.column for f in found if "in its parts" in f.message] == ["item"]
