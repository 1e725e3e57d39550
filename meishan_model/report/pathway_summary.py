"""The summary of a pathway: what a person reads on the console when all slices are solved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.tables import NET_SCOPES
from meishan_model.console import finding, number, numbers, percent, text_table
from meishan_model.report.bill import bill_of_years
from meishan_model.report.labels import own_labels
from meishan_model.report.summary import IDLE, add_rows, head, paid_and_not
from meishan_model.results.pathway_file import capacities, rows_of_years, shown_indicators, yearly
from meishan_model.results.scale import amount, in_suited_units, money, scale_of
from meishan_model.results.wording import SHED, Finding, findings_of
from meishan_model.series.calendar import hourly_index, trial_hours
from meishan_model.sheets.units import HOURS_OF_YEAR

SMALL_CAPACITY = 0.005
MEMO = ("scope2_location", "gap", "scope3_reported")


def pathway_summary(ds: xr.Dataset) -> RenderableType:
    """Summary of a pathway, findings first.

    Parameters
    ----------
    ds
        A pathway by the result contract, with its further tables.
    """
    hours = int(ds.attrs.get("hours", HOURS_OF_YEAR))
    return Group(
        *head(ds, hourly_index(int(ds["year"][0]))[trial_hours(hours)]),
        *(finding(own_labels(money(ds)).finding(found, "en")) for found in findings(ds)),
        capacity_table(ds),
        emission_table(ds),
        cost_table(ds),
        *bill_of_years(ds),
        cash_flow_table(ds),
        investment_table(ds),
        measure_table(ds),
        principle_table(ds),
        *indicator_tables(ds),
        Text(money_sentence(ds)),
    )


def findings(ds: xr.Dataset) -> list[Finding]:
    """What the pathway does not reach: gaps, shed demand, and what its file says.

    What is shed is told by the slices; where one says nothing of it, by its cost.
    """
    emitted, cost = yearly(ds, "emissions", "scope"), yearly(ds, "cost", "cost_category")
    gaps, shed = _row(emitted, "gap"), _row(cost, "shedding") / 1e6
    of_file = findings_of(ds)
    shed = shed[~shed.index.isin([found.year for found in of_file if found.kind in SHED])]
    return [
        *(Finding("gap", {"year": int(y), "amount": gaps[y]}) for y in gaps.index[gaps > 0.0]),
        *_idle_caps(ds),
        *(Finding("shed", {"year": int(y), "cost": shed[y]}) for y in shed.index[shed > 0.0]),
        *of_file,
    ]


def _idle_caps(ds: xr.Dataset) -> Iterator[Finding]:
    """The slices whose cap lies above what would be emitted without it, if there are any."""
    net, cap = (ds[name].to_series() for name in ("net_emissions", "emission_cap"))
    idle = (cap > 0.0) & (net < cap * (1.0 - IDLE))
    if idle.any():
        numbers = {"cap": cap[idle].tolist(), "net": net[idle].tolist()}
        yield Finding("idle_cap", {"years": [int(year) for year in cap.index[idle]], **numbers})


def _kinds(table: pd.DataFrame, kinds: Iterable[str]) -> pd.DataFrame:
    """Some kinds by year; zero where no slice has them."""
    return table.reindex([*kinds], fill_value=0.0)


def _row(table: pd.DataFrame, kind: str) -> pd.Series[float]:
    """One kind by year."""
    return _kinds(table, [kind]).iloc[0]


def _years(ds: xr.Dataset) -> list[str]:
    return [str(year) for year in ds["year"].to_numpy()]


def capacity_table(ds: xr.Dataset) -> Table:
    """Capacities by technology and year, each in its unit."""
    totals = in_suited_units(capacities(ds))
    table = text_table("Capacities by technology", ("technology",), _years(ds), ("unit",))
    for (technology, unit), values in rows_of_years(totals[totals.max(axis=1) >= SMALL_CAPACITY]):
        amounts = (number(v, 0 if abs(v) >= 1000 else 2) for v in values)
        table.add_row(technology, *amounts, unit)
    return table


def emission_table(ds: xr.Dataset) -> Table:
    """Emissions by scope and year, net against the cap, and the carbon value of the cap."""
    net, cap = (ds[name].to_series() for name in ("net_emissions", "emission_cap"))
    scopes = yearly(ds, "emissions", "scope")
    unit, divisor = scale_of(scopes, "tCO2/a", "ktCO2/a", 1)
    scopes /= divisor
    table = text_table(f"Emissions [{unit}]", ("scope",), _years(ds))
    for scope in NET_SCOPES:
        table.add_row(scope, *numbers(_row(scopes, scope), 1))
    table.add_row("net", *numbers(net / divisor, 1), style="bold")
    table.add_row("cap", *numbers(cap / divisor, 1))
    add_rows(table, _kinds(scopes, MEMO), 1, "memo")
    if "convention" in ds.coords:
        for basis in ("location", "market"):
            table_of = (yearly(ds, f"scope2_by_{basis}") / divisor).iterrows()
            for convention, values in table_of:
                name = f"scope 2, {basis}, {convention} (memo)"
                table.add_row(name, *numbers(values, 1), style="dim")
    value, unit = money(ds).of(ds["carbon_value"].to_series(), "CNY/t")
    table.add_row(f"carbon value [{unit}]", *numbers(value, 0))
    return table


def cost_table(ds: xr.Dataset) -> Table:
    """Cost of the slices by category and year, what is paid and what only steers."""
    cost = yearly(ds, "cost", "cost_category", "payer")
    return paid_and_not(cost, "Cost of the slices", money(ds), 1)


def cash_flow_table(ds: xr.Dataset) -> Table:
    """Cash flow by category: overnight costs in the years of their step, salvage at the end."""
    flows = yearly(ds, "cash_flow")
    shown = money(ds)
    unit, divisor = scale_of(flows, "CNY/a", "million CNY/a", 1, shown)
    title = f"Cash flow [{shown.words(unit)}; salvage once, in the target year]"
    table = text_table(title, ("category",), _years(ds))
    add_rows(table, flows / divisor, 1)
    return table


def investment_table(ds: xr.Dataset) -> Table:
    """Overnight investment by phase: new facilities against retrofit, and what finance suits."""
    parts = [("investment", "facility"), ("suited_finance", "finance")]
    labels = [(name, dim, str(x)) for name, dim in parts for x in ds[dim].to_numpy()]
    heads = {"facility": "{} facilities", "finance": "{} finance"}
    shown = money(ds)
    unit, divisor = scale_of(ds["investment"], "CNY", "million CNY", 1, shown)
    title = f"Investment by phase [{shown.words(unit)}]; bridges included"
    columns = [x if x == "retrofit" else heads[dim].format(x) for _, dim, x in labels]
    table = text_table(title, ("phase",), columns)
    for phase in ds["phase"].to_numpy():
        values = [float(ds[name].sel({"phase": phase, dim: x})) for name, dim, x in labels]
        sums = {name: float(ds[name].sel(phase=phase).sum()) for name, _ in parts}
        shares = (
            percent(value / sums[name]) if sums[name] > 0 else "-"
            for value, (name, _, _) in zip(values, labels, strict=True)
        )
        told = (number(value / divisor, 0) for value in values)
        cells = [f"{value} ({share})" for value, share in zip(told, shares, strict=True)]
        table.add_row(str(phase), *cells)
    return table


def measures(ds: xr.Dataset) -> tuple[pd.DataFrame, dict[str, str]]:
    """Measures with what they cost and avoid, in units that suit them, and these units."""
    names = ("kind", "investment", "npv", "irr", "abatement", "abatement_cost", "note")
    frame = pd.DataFrame({name: ds[f"measure_{name}"].to_series() for name in names})
    cost = scale_of(frame[["investment", "npv"]], "CNY", "million CNY", 1, money(ds))
    scales = {"investment": cost, "npv": cost}
    scales["abatement"] = scale_of(frame["abatement"], "tCO2", "ktCO2", 1)
    scales["abatement_cost"] = scale_of((), "CNY/tCO2", shown=money(ds))
    for name, scale in scales.items():
        frame[name] /= scale.divisor
    return frame, {name: scale.unit for name, scale in scales.items()}


def measure_table(ds: xr.Dataset) -> Table:
    """Net present value, internal rate of return and abatement cost of each measure."""
    frame, units = measures(ds)
    scales = f"{money(ds).words(units['npv'])}, {units['abatement']}"
    per_tonne = units["abatement_cost"].removesuffix("CO2")
    heads = ("investment", "NPV", "IRR [%]", "avoided", f"cost [{per_tonne}]")
    title = f"Measures [{scales}], valued at the prices of the slices"
    table = text_table(title, ("measure",), heads, ("note",))
    frame["irr"] *= 100.0
    for name, row in frame.sort_values(["kind", "npv"], ascending=[True, False]).iterrows():
        told = numbers(row[["investment", "npv", "irr", "abatement"]], 1)
        table.add_row(str(name), *told, number(row["abatement_cost"], 0), row["note"])
    return table


def principle_table(ds: xr.Dataset) -> Table:
    """The five principles with their indicators."""
    table = text_table("The five principles", ("principle", "indicator"), ("",), ("unit",))
    before = ""
    for indicator in ds["indicator"].to_numpy():
        row = ds.sel(indicator=indicator)
        name, value = str(row["principle_name"].item()), float(row["principle"])
        unit, divisor = scale_of(value, str(row["unit"].item()), shown=money(ds))
        table.add_row(
            "" if name == before else name, str(indicator), number(value / divisor), unit
        )
        before = name
    return table


def indicator_tables(ds: xr.Dataset) -> list[Table]:
    """Indicators of every year, each in its unit; none in a file that has no such table."""
    rows = [*shown_indicators(ds)]
    table = text_table("Indicators of the planned years", ("indicator",), _years(ds), ("unit",))
    for row in rows:
        table.add_row(row.title, *map(number, row.by_year), row.unit)
    return [table] if rows else []


def money_sentence(ds: xr.Dataset) -> str:
    """Cost and emissions of the whole pathway, and why cash flow and annuities differ."""
    a = ds.attrs
    costs = [a["net_present_cost"], a["net_present_cost_cash"]]
    shown = money(ds)
    unit, divisor = scale_of(costs, "CNY", "billion CNY", 3, shown)
    unit = shown.words(unit)
    told = (*costs, a["cash_flow_difference"])
    annuities, cash, difference = numbers((cost / divisor for cost in told), 3)
    market, location = (
        amount(a[name], "tCO2", "MtCO2", 3)
        for name in ("cumulative_emissions", "cumulative_emissions_location")
    )
    rule = f"caps by {a['trajectory']}"
    lines = [
        f"Net present cost {annuities} {unit} at {percent(a['discount_rate'], 1)}; "
        f"cumulative emissions {market} net, {location} location-based; "
        + (f"theta {number(a['theta'])}" if "theta" in a else rule),
        f"As cash flow {cash} {unit}, a difference of {difference}: {a['cash_flow_comment']}",
    ]
    if "reference" in a:
        lines.append(f"Abatement cost is against {a['reference']}")
    return "\n".join(lines)
