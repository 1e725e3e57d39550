"""The summary of a pathway: what a person reads in the terminal when all slices are solved."""

from __future__ import annotations

import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.principles import NOT_PAID
from meishan_model.errors import Fault, InputError
from meishan_model.report.numbers import number, numbers
from meishan_model.report.summary import trial_note
from meishan_model.results.findings import Finding, findings_of, sentence
from meishan_model.sheets.model_year import HOURS_OF_YEAR

SMALL_CAPACITY = 0.005
SMALL_MONEY = 0.0005
SCOPES = ("scope1", "scope2_market", "sink", "credit")
MEMO = ("scope2_location", "gap", "scope3_reported")


def pathway_summary(ds: xr.Dataset) -> RenderableType:
    """Summary of a pathway, findings first.

    Parameters
    ----------
    ds
        A pathway by the result contract, with its further tables.
    """
    return Group(
        Panel(Text(str(ds.attrs["title"]), style="bold"), expand=False),
        *trial_note(int(ds.attrs.get("hours", HOURS_OF_YEAR))),
        *(Text(f"FINDING: {sentence(found)}", "bold red") for found in findings(ds)),
        capacity_table(ds),
        emission_table(ds),
        cost_table(ds),
        cash_flow_table(ds),
        investment_table(ds),
        measure_table(ds),
        principle_table(ds),
        Text(money_sentence(ds)),
    )


def findings(ds: xr.Dataset) -> list[Finding]:
    """What the pathway does not reach: gaps, shed demand, and what its file says."""
    emitted, cost = _by_kind(ds, "emissions", "scope"), _by_kind(ds, "cost", "cost_category")
    gaps, shed = _row(emitted, "gap"), _row(cost, "shedding") / 1e6
    return [
        *(Finding("gap", {"year": int(y), "amount": gaps[y]}) for y in gaps.index[gaps > 0.0]),
        *(Finding("shed", {"year": int(y), "cost": shed[y]}) for y in shed.index[shed > 0.0]),
        *findings_of(ds),
    ]


def _by_kind(ds: xr.Dataset, name: str, kind: str) -> pd.DataFrame:
    """Sum of a yearly table by the kind of its items, kinds x years."""
    table = pd.DataFrame(ds[name].transpose(..., "year").to_pandas())
    return table.groupby(ds[kind].to_series()).sum()


def _row(table: pd.DataFrame, kind: str) -> pd.Series[float]:
    """One kind by year; zero where no slice has it."""
    return table.reindex([kind], fill_value=0.0).iloc[0]


def _year_table(title: str, first: str, years: list[int], unit: bool = False) -> Table:
    table = Table(title=Text(title), title_justify="left")
    table.add_column(first)
    for year in years:
        table.add_column(str(year), justify="right")
    if unit:
        table.add_column("unit")
    return table


def _years(ds: xr.Dataset) -> list[int]:
    return [int(year) for year in ds["year"].to_numpy()]


def capacity_table(ds: xr.Dataset) -> Table:
    """Capacities by technology and year, each in its unit."""
    frame = pd.DataFrame(ds["capacity"].transpose("asset", "year").to_pandas())
    keys = [ds["asset_technology"].to_series(), ds["asset_unit"].to_series()]
    totals = frame.groupby(keys, sort=False).sum()
    table = _year_table("Capacities by technology", "technology", _years(ds), unit=True)
    large = totals[totals.max(axis=1) >= SMALL_CAPACITY]
    units = large.index.get_level_values(1)
    for technology, unit, values in zip(
        large.index.get_level_values(0), units, large.to_numpy(), strict=True
    ):
        amounts = (number(v, 0 if abs(v) >= 1000 else 2) for v in values)
        table.add_row(str(technology), *amounts, str(unit))
    return table


def emission_table(ds: xr.Dataset) -> Table:
    """Emissions by scope and year, net against the cap, and the carbon value of the cap."""
    scopes = _by_kind(ds, "emissions", "scope") / 1e3
    table = _year_table("Emissions [ktCO2/a]", "scope", _years(ds))
    for scope in SCOPES:
        table.add_row(scope, *numbers(_row(scopes, scope), 1))
    table.add_row("net", *numbers(ds["net_emissions"].to_series() / 1e3, 1), style="bold")
    table.add_row("cap", *numbers(ds["emission_cap"].to_series() / 1e3, 1))
    for scope in MEMO:
        row = _row(scopes, scope)
        if (row.abs() >= SMALL_MONEY).any():
            table.add_row(f"{scope} (memo)", *numbers(row, 1), style="dim")
    table.add_row("carbon value [CNY/t]", *numbers(ds["carbon_value"].to_series(), 0))
    return table


def cost_table(ds: xr.Dataset) -> Table:
    """Cost of the slices by category and year, what is paid and what only steers."""
    cost = _by_kind(ds, "cost", "cost_category") / 1e6
    paid = cost.drop(index=[c for c in NOT_PAID if c in cost.index])
    table = _year_table("Cost of the slices [million CNY of 2020 a year]", "category", _years(ds))
    for category, row in paid.iterrows():
        if (row.abs() >= SMALL_MONEY).any():
            table.add_row(str(category), *numbers(row, 1))
    table.add_row("paid", *numbers(paid.sum(), 1), style="bold")
    for category in NOT_PAID:
        row = _row(cost, category)
        if (row.abs() >= SMALL_MONEY).any():
            table.add_row(f"{category} (not paid)", *numbers(row, 1), style="dim")
    return table


def cash_flow_table(ds: xr.Dataset) -> Table:
    """Cash flow by category: overnight costs in the years of their step, salvage at the end."""
    flow = pd.DataFrame(ds["cash_flow"].transpose("category", "year").to_pandas()) / 1e6
    title = "Cash flow [million CNY of 2020 a year; salvage once, in the target year]"
    table = _year_table(title, "category", _years(ds))
    for category, row in flow.iterrows():
        if (row.abs() >= SMALL_MONEY).any():
            table.add_row(str(category), *numbers(row, 1))
    return table


def investment_table(ds: xr.Dataset) -> Table:
    """Overnight investment by phase: new facilities against retrofit, and what finance suits."""
    table = Table(
        title=Text("Investment by phase [million CNY of 2020]; bridges included"),
        title_justify="left",
    )
    table.add_column("phase")
    parts = [("investment", "facility"), ("suited_finance", "finance")]
    labels = [(name, dim, str(x)) for name, dim in parts for x in ds[dim].to_numpy()]
    heads = {"facility": "{} facilities", "finance": "{} finance"}
    for _, dim, label in labels:
        text = "retrofit" if label == "retrofit" else heads[dim].format(label)
        table.add_column(text, justify="right")
    for phase in ds["phase"].to_numpy():
        values = [float(ds[name].sel({"phase": phase, dim: x})) for name, dim, x in labels]
        sums = {name: float(ds[name].sel(phase=phase).sum()) for name, _ in parts}
        cells = [
            f"{value / 1e6:,.0f} ({_share(value, sums[name])})"
            for value, (name, _, _) in zip(values, labels, strict=True)
        ]
        table.add_row(str(phase), *cells)
    return table


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if whole > 0.0 else "-"


def measure_table(ds: xr.Dataset) -> Table:
    """Net present value, internal rate of return and abatement cost of each measure."""
    names = ("investment", "npv", "irr", "abatement", "abatement_cost")
    frame = pd.DataFrame({n: ds[f"measure_{n}"].to_series() for n in names})
    frame["kind"] = ds["measure_kind"].to_series()
    frame["note"] = ds["measure_note"].to_series()
    table = Table(title="Measures, valued at the prices of the slices", title_justify="left")
    heads = ("investment [M CNY]", "NPV [M CNY]", "IRR [%]", "avoided [kt]", "cost [CNY/t]")
    table.add_column("measure")
    for head in heads:
        table.add_column(Text(head), justify="right")
    table.add_column("note")
    for name, row in frame.sort_values(["kind", "npv"], ascending=[True, False]).iterrows():
        scaled = (
            (row["investment"] / 1e6, 1),
            (row["npv"] / 1e6, 1),
            (row["irr"] * 100.0, 1),
            (row["abatement"] / 1e3, 1),
            (row["abatement_cost"], 0),
        )
        cells = [number(value, digits) for value, digits in scaled]
        table.add_row(str(name), *cells, str(row["note"]))
    return table


def principle_table(ds: xr.Dataset) -> Table:
    """The five principles with their indicators."""
    table = Table(title="The five principles", title_justify="left")
    table.add_column("principle")
    table.add_column("indicator")
    table.add_column("", justify="right")
    table.add_column("unit")
    before = ""
    for indicator in ds["indicator"].to_numpy():
        row = ds.sel(indicator=indicator)
        name, value = str(row["principle_name"].item()), float(row["principle"])
        shown = "" if name == before else name
        table.add_row(shown, str(indicator), number(value), str(row["unit"].item()))
        before = name
    return table


def money_sentence(ds: xr.Dataset) -> str:
    """Cost and emissions of the whole pathway, and why cash flow and annuities differ."""
    a = ds.attrs
    lines = [
        f"Net present cost {float(a['net_present_cost']) / 1e9:,.3f} billion CNY of 2020 at "
        f"{float(a['discount_rate']):.1%}; cumulative emissions "
        f"{float(a['cumulative_emissions']) / 1e6:,.3f} MtCO2 net, "
        f"{float(a['cumulative_emissions_location']) / 1e6:,.3f} MtCO2 location-based; "
        f"theta {float(a['theta']):.3g}",
        f"As cash flow {float(a['net_present_cost_cash']) / 1e9:,.3f} billion CNY, a difference "
        f"of {float(a['cash_flow_difference']) / 1e9:,.3f}: {a['cash_flow_comment']}",
    ]
    if "reference" in a:
        lines.append(f"Abatement cost is against {a['reference']}")
    return "\n".join(lines)


def why(ds: xr.Dataset, text: str) -> list[str]:
    """Sentences that say why the bounds of some assets are what they are, by asset and year.

    Parameters
    ----------
    ds
        A pathway.
    text
        Part of the name of the assets.

    Raises
    ------
    InputError
        If no asset's name contains the text.
    """
    found = [str(asset) for asset in ds["asset"].to_numpy() if text in str(asset)]
    if not found:
        technologies = ", ".join(sorted(set(map(str, ds["asset_technology"].to_numpy()))))
        message, remedy = "no asset has this in its name", f"there are: {technologies}"
        raise InputError([Fault("--why", message, value=text, remedy=remedy)])
    lines = []
    for name in found:
        asset = ds.sel(asset=name)
        lines.append(f"{name} [{asset['asset_unit'].item()}]")
        for year in _years(ds):
            row = asset.sel(year=year)
            parts = (row[f"capacity_{part}"].item() for part in ("existing", "new", "bridge"))
            stock, new, bridge = (f"{float(part):,.2f}" for part in parts)
            lines.append(f"  {year} stock {stock}, new {new}, bridge {bridge}")
            lines.append(f"       {row['bound_reason'].item()}")
    return lines
