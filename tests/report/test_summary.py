"""What a planner reads in the terminal: sums, signs and units recomputed by hand."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hand_made import COSTS, EMISSIONS, FLOWS, as_text, dataset
from whole_park import read_park

from meishan_model.accounts.emissions import baseline
from meishan_model.components.catalogue import kinds
from meishan_model.components.selection import energy_of
from meishan_model.report.check import reconciliation
from meishan_model.report.summary import (
    binding_limits,
    capacity_table,
    cost_summary,
    days_text,
    emission_summary,
    findings,
    peak_sentence,
    power_balance,
    rents,
    summary,
    trial_note,
)
from meishan_model.results.wording import Finding, Value, finding_attributes
from meishan_model.series.calendar import hourly_index, trial_hours
from meishan_model.sheets.resolve import resolve_factors
from meishan_model.sheets.scenario import read_scenario

CONFIGS = Path(__file__).parents[2] / "configs"


def cells(text: str, first: str) -> list[str]:
    """Cells of the row of a printed table that begins with a word."""
    (row,) = (x for x in text.splitlines() if re.match(rf"^│ {re.escape(first)} ", x))
    return [cell.strip() for cell in row.strip("│").split("│")]


def test_the_week_is_a_true_balance() -> None:
    """The hand-made week itself balances at every bus, or the tests below would prove nothing."""
    flows = pd.DataFrame(
        FLOWS, columns=["source", "target", "role", "zone", "technology", "power"]
    )
    for bus in ("upstream", "grid_110kv", "port_20kv", "new_port_20kv"):
        into = flows.loc[flows["target"] == bus, "power"].sum()
        out = flows.loc[flows["source"] == bus, "power"].sum()
        assert into == pytest.approx(out), bus


def test_power_balance_by_hand() -> None:
    """Every MWh stands once: purchase 60, contracts 40, own 29, stores 10, savings 1 = 140 MW.

    Uses are the loads 120, stores 11, heat pump 6 and losses: 1 at the connection, 1.5 in the
    transformers, 0.5 in the tie. Flows from bus to bus, curtailed power and certificates are
    neither supply nor use.
    """
    supply, use = power_balance(dataset())
    year = 8760.0
    assert dict(supply / year) == pytest.approx(
        {
            "purchase": 60,
            "green_power": 40,
            "feed_in": 29,
            "supercapacitor": 8,
            "reefer_flexibility": 2,
            "led": 1,
        }
    )
    assert dict(use / year) == pytest.approx(
        {
            "load": 120,
            "supercapacitor": 9,
            "heat_pump": 6,
            "grid losses": 3,
            "reefer_flexibility": 2,
        }
    )
    assert supply.sum() == pytest.approx(use.sum())


def test_export_counts_where_it_is_sold() -> None:
    """Of 4 MW more that are fed in 3.9 are sold: the connection loses 0.1 on top of the 3."""
    more = (
        ("wind_feed_in", "grid_110kv", "feed_in", "", "", 4.0),
        ("grid_110kv", "export", "transport", "", "", 4.0),
        ("export", "power_market", "transport", "", "", 3.9),
        ("power_market", "export_sale", "export", "", "", 3.9),
    )
    supply, use = power_balance(dataset(FLOWS + more))
    assert use["export"] / 8760 == pytest.approx(3.9)
    assert use["grid losses"] / 8760 == pytest.approx(3.1)
    assert supply.sum() == pytest.approx(use.sum())


def test_a_trial_is_scaled_and_called_a_trial() -> None:
    """One MW through a week of a trial is 8760 MWh a year, and the summary says it is no year."""
    assert energy_of(dataset(), role="saving") == pytest.approx(8760)
    assert "TRIAL of 168 hours, 1-7 March: yearly numbers are" in as_text(summary(dataset()))


@pytest.mark.parametrize(
    ("hours", "days"),
    [
        (168, "6-12 August"),
        (336, "16-22 April, 15-21 October"),
        (1344, "22-28 January, 12-18 March, 23-29 April, 11-17 June, 23-29 July, 10-16 September"),
    ],
)
@pytest.mark.parametrize("year", [2027, 2028])
def test_the_weeks_of_a_trial_are_named(hours: int, days: str, year: int) -> None:
    """Days of the year, leap year or not: of the whole year nothing is said."""
    stamps = hourly_index(year)[trial_hours(hours)]
    (note,) = trial_note(stamps)
    assert note.plain.startswith(f"TRIAL of {hours} hours, {days}")
    assert trial_note(hourly_index(year)) == []


def test_days_follow_each_other_where_there_is_no_leap_day() -> None:
    """From 28 February to 1 March of a leap year is one span; a day alone is one day."""
    stamps = hourly_index(2028)
    around = stamps[(stamps >= "2028-02-27") & (stamps < "2028-03-03")]
    assert days_text(around) == "27 February-2 March"
    assert days_text(stamps[:24].append(stamps[48:96])) == "1 January, 3-4 January"


def test_costs_paid_leave_out_what_only_steers() -> None:
    """40 + 12 - 2 million are paid; 30 million of shadow carbon stand below, marked."""
    text = as_text(cost_summary(dataset()))
    assert cells(text, "paid")[1] == "50.000"
    assert cells(text, "export")[1] == "-2.000"
    assert cells(text, "shadow_carbon (not paid)")[1] == "30.000"
    assert cells(text, "objective")[1] == "80.000"


def test_net_emissions_by_hand() -> None:
    """9 + (20 - 4) - 6 - 1 = 18 kt net, which the cap of 20 does not hold; 33 kt by location."""
    text = as_text(emission_summary(dataset()))
    assert cells(text, "scope2_market")[1] == "16.000"
    assert cells(text, "net")[1] == "18.000"
    assert cells(text, "cap of the trajectory, idle: as much without it")[1] == "20.000"
    held = as_text(emission_summary(dataset().assign_attrs(emission_cap=18e3)))
    assert cells(held, "cap of the trajectory")[1] == "18.000"
    assert cells(text, "scope2_location (memo)")[1] == "33.000"
    assert cells(text, "carbon value of the cap [CNY/t]")[1] == "250"


def test_neutral_is_no_negative_zero() -> None:
    """Dust of the solver below zero is shown as 0.000."""
    dust = {("scope1", "gas"): 1000.0, ("credit", "ccer"): -1000.0000001}
    assert cells(as_text(emission_summary(dataset(emissions=dust))), "net")[1] == "0.000"


def test_capacities_by_technology() -> None:
    """Stock 4, new 1.5 and bridge 0.5 MW of PV are 6 MW; units stand beside the numbers."""
    text = as_text(capacity_table(dataset()))
    assert cells(text, "pv_rooftop") == ["pv_rooftop", "4.00", "1.50", "0.50", "6.00", "MW"]
    assert cells(text, "supercapacitor_energy")[-2:] == ["2.00", "MWh"]


def test_peaks_by_hand() -> None:
    """Load and purchase peak at their own hours; put-off load and stores are no load."""
    ds = dataset()
    ds["power"].loc["port_20kv->cranes_port", "2035-03-03T19"] = 100.0
    ds["power"].loc["upstream->link", "2035-03-05T08"] = 130.0
    sentence = peak_sentence(ds)
    assert "load 150.0 MW at 2035-03-03 19:00" in sentence
    assert "purchase 130.0 MW at 2035-03-05 08:00" in sentence


@pytest.mark.parametrize(
    ("category", "said"), [("shedding", "demand is shed"), ("gap", "emissions exceed the cap")]
)
def test_penalties_are_findings(category: str, said: str) -> None:
    """A penalty is told at the top with its size; none is where nothing is shed."""
    for value, count in ((2.5e6, 1), (0.0, 0)):
        found = findings(dataset(costs={**COSTS, (category, "x"): value}))
        assert len(found) == count
    text = as_text(summary(dataset(costs={**COSTS, (category, "x"): 2.5e6})))
    assert f"FINDING: {said} (2.500 million CNY of 2020 a year" in text


def test_a_limit_whose_price_rounds_to_nothing_is_not_told() -> None:
    """300 CNY for one unit more is told; a price of dust is what a solver leaves."""
    coordinates = {"limit": ["feeder", "solar"], "limit_unit": ("limit", ["MWh/a", "MWh/a"])}
    limits = {"limit_most": ("limit", [50.0, 90.0]), "limit_price": ("limit", [300.0, 2e-5])}
    (told,) = binding_limits(xr.Dataset(limits, coordinates))
    assert told.plain.startswith("Limit: feeder, 50 MWh/a") and told.plain.endswith("300 CNY")


def test_what_is_shed_is_told_once() -> None:
    """Where the file says what is shed, the penalty stands in its own line alone."""
    values: dict[str, Value] = {
        **{"carrier": "hydrogen", "zone": "port", "amount": 75.0, "unit": "MWh/a"},
        **{"loads": ["trucks"], "cost": 2.5},
    }
    shed = dataset(costs={**COSTS, ("shedding", "port"): 2.5e6, ("gap", "x"): 1e6})
    (gap, told) = findings(shed.assign_attrs(finding_attributes([Finding("shed_of", values)])))
    assert "emissions exceed the cap (1.000 million" in gap.plain
    assert told.plain.endswith(
        "demand is shed: 75.0 MWh/a of hydrogen in port (trucks), 2.500 million CNY/a of penalty"
    )


def test_plants_at_their_bound_are_told_by_their_rent() -> None:
    """6 MW of roofs that earn 600 and cost 200 CNY/MWh over 1000 h: 400 CNY/(kW*a) of rent."""
    ds = dataset()
    assert not rents(ds), "a file without rents has no table"
    roof = {"full_load_hours": 1000.0, "capture_price": 600.0, "stop_price": 200.0, "rent": 4e5}
    known = {name: ("asset", [np.nan, value]) for name, value in roof.items()}
    (table,) = rents(ds.assign(**known, rent_bound=("asset", ["", "build_rate"])))
    told = cells(as_text(table), "pv_rooftop_port")
    assert told == ["pv_rooftop_port", "6.0", "1,000", "600", "200", "400", "build rate"]


def test_the_summary_holds_all_parts() -> None:
    """Capacities, balance, cost, emissions, peaks and how it was solved, in this order."""
    text = as_text(summary(dataset(emissions=EMISSIONS)))
    parts = ["Hand-made week", "Capacities", "[GWh/a]", "million CNY", "[ktCO2/a]", "Peak:"]
    places = [text.index(part) for part in [*parts, "Solved by nobody"]]
    assert places == sorted(places)


def test_reconciliation_names_every_row_in_full() -> None:
    """No item of the baseline is cut short in 80 columns, and the totals are those of the balance."""  # noqa: E501
    park = read_park(CONFIGS / "meishan", kinds())
    scenario = read_scenario(CONFIGS / "scenarios" / "balanced.yaml", kinds())
    balance = baseline(park, resolve_factors(park, scenario, 2020), scenario)
    text = as_text(reconciliation(balance, park))
    assert "…" not in text
    total = cells(text, "total")
    assert total[-3:] == [
        f"{x / 1e3:,.2f}"
        for x in (balance.energy, balance.emissions_published, balance.emissions_ledger)
    ]
