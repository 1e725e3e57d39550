"""The summary of a slice: what a person reads on the console when a solve is done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise, zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.tables import NET_SCOPES, NOT_PAID, PARK
from meishan_model.components.selection import at_markets, flows_of_slice, power_of, select
from meishan_model.console import finding, number, numbers, percent, text_table
from meishan_model.report.bill import bill_tables, owner_table
from meishan_model.report.hourly import SUPPLY, USE, bus_outside
from meishan_model.report.labels import item_of, own_labels
from meishan_model.results.scale import Money, amount, in_suited_units, money, scale_of
from meishan_model.results.wording import FINDINGS, SHED, findings_of
from meishan_model.sheets.units import HOURS_OF_YEAR, weight_of_step

DUST = 5e-4
"""Below this, in its unit, a row of money or emissions is not told."""
IDLE = 1e-3
"""Below its cap by this share, a slice is not held by it [-]."""


def summary(ds: xr.Dataset) -> RenderableType:
    """Summary of one slice.

    Parameters
    ----------
    ds
        A slice by the result contract.
    """
    return Group(
        *head(ds, pd.DatetimeIndex(ds.indexes["time"])),
        *findings(ds),
        capacity_table(ds),
        energy_balance_table(ds),
        cost_summary(ds),
        *bill_tables(ds),
        *owner_table(ds),
        *rents(ds),
        emission_summary(ds),
        *wear_table(ds),
        *binding_limits(ds),
        *building_note(ds),
        Text(peak_sentence(ds)),
        Text(how_sentence(ds)),
    )


def head(ds: xr.Dataset, stamps: pd.DatetimeIndex) -> Iterator[RenderableType]:
    """Title of a result, and what to know of it: a trial, placeholders, inputs to look at.

    Parameters
    ----------
    ds
        A slice or pathway by the result contract.
    stamps
        Those of a year that were solved.
    """
    yield Panel(Text(str(ds.attrs["title"]), style="bold"), expand=False)
    yield from trial_note(stamps)
    # Rows of the sheets that the owner of the park has not replaced.
    if count := int(ds.attrs.get("placeholder_rows", 0)):
        rows = "placeholder row" if count == 1 else "placeholder rows"
        yield Text(f"{count} {rows}: {ds.attrs['placeholders']}", "bold yellow")
    # What in the inputs is possible and hardly meant, and what nobody has acknowledged.
    if found := json.loads(ds.attrs.get("warnings", "[]")):
        file, row = Path(found[0]["file"]).name, found[0]["row"]
        first = f"{found[0]['name']}, {file}{f' row {row}' if row else ''}: {found[0]['message']}"
        inputs = "1 input" if len(found) == 1 else f"{len(found)} inputs"
        yield Text(f"{inputs} to look at, see meishan check; first {first}", "bold yellow")


def trial_note(stamps: pd.DatetimeIndex) -> list[Text]:
    """Say of a trial that its yearly numbers are no year's, and of which days they are.

    Parameters
    ----------
    stamps
        Those that were solved.
    """
    hours = stamps.floor("h").nunique()
    if hours == HOURS_OF_YEAR:
        return []
    weight = number(weight_of_step(hours))
    days = days_text(stamps)
    text = f"TRIAL of {hours} hours, {days}: yearly numbers are these hours times {weight}"
    return [Text(text, "bold yellow")]


def days_text(stamps: pd.DatetimeIndex) -> str:
    """Days of some hours, those that follow each other as one span; 29 February is absent.

    >>> days_text(pd.date_range("2035-08-06", periods=168, freq="h"))
    '6-12 August'
    >>> days_text(pd.DatetimeIndex(["2035-02-28", "2035-03-01", "2035-10-11"]))
    '28 February-1 March, 11 October'
    """
    days = stamps.normalize().unique()
    # In a year that is no leap year what follows each other lies a day apart.
    of_year = pd.DatetimeIndex([day.replace(year=2023) for day in days])
    begins = np.flatnonzero(np.diff(of_year, prepend=of_year[:1]) != pd.Timedelta(days=1))
    return ", ".join(_span(days[i], days[j - 1]) for i, j in pairwise([*begins, len(days)]))


def _span(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """A day, or the first and last of several."""
    end = f"{last.day} {last:%B}"
    if first == last:
        return end
    return f"{first.day}-{end}" if first.month == last.month else f"{first.day} {first:%B}-{end}"


def findings(ds: xr.Dataset) -> list[Text]:
    """Penalties that the optimum pays, and what the file itself says: first and loudly.

    Shed demand is told by its cost where the file does not say what is shed.
    """
    found, shown, labels = findings_of(ds), money(ds), own_labels(money(ds))
    is_told = any(one.kind in SHED for one in found)
    cost = ds["cost"].to_series().groupby(ds["category"].to_series()).sum()
    penalty = ("CNY/a", "million CNY/a", 3)
    lines = [
        f"{text} ({shown.words(amount(cost[category], *penalty, shown))} of penalty)"
        for category, text in FINDINGS.items()
        if cost.get(category, 0.0) > 0.0 and not (category == "shedding" and is_told)
    ]
    return [finding(line) for line in (*lines, *(labels.finding(one, "en") for one in found))]


def capacity_table(ds: xr.Dataset) -> Table:
    """Capacities by technology, with what survives, is new and bridges, a unit in one scale."""
    names = ["capacity_existing", "capacity_new", "capacity_bridge", "capacity"]
    frame = pd.DataFrame({name: ds[name].to_series() for name in names})
    frame["technology"] = ds["asset_technology"].to_series()
    frame["unit"] = ds["asset_unit"].to_series()
    totals = in_suited_units(frame.groupby(["technology", "unit"], sort=False)[names].sum())
    parts = ("existing", "new", "bridge", "total")
    table = text_table("Capacities by technology", ("technology",), parts, ("unit",))
    for technology, unit, *values in totals[totals["capacity"] >= 0.005].reset_index().to_numpy():
        table.add_row(technology, *numbers(values, 2), unit)
    return table


def energy_balance_table(ds: xr.Dataset) -> Table:
    """Electricity of the park: where it comes from and where it goes."""
    supply, use = power_balance(ds)
    scale = scale_of([supply.sum(), use.sum()], "MWh/a", "GWh/a")
    table = text_table(f"Electricity balance [{scale.unit}]", ("supply",), ("",), ("use",))
    table.add_column("", justify="right")
    sides = (
        [(str(item), number(energy / scale.divisor, 2)) for item, energy in side.items()]
        for side in (supply, use)
    )
    for left, right in zip_longest(*sides, fillvalue=("", "")):
        table.add_row(*left, *right)
    sums = (number(side.sum() / scale.divisor, 2) for side in (supply, use))
    table.add_row("sum", next(sums), "sum", next(sums), style="bold")
    return table


def power_balance(ds: xr.Dataset) -> tuple[pd.Series[float], pd.Series[float]]:
    """Supply and use of power [MWh/a], equal in sum, counted where it is bought.

    Purchase and contracted green power enter upstream of the park's connection, whose losses
    are a use like those of the transformers.

    Parameters
    ----------
    ds
        A slice by the result contract.
    """
    power = select(flows_of_slice(ds), carrier=ds.attrs["power_carrier"])
    # Export counts where it is sold, so that it loses in the connection what purchase loses there.
    sides = ((*SUPPLY, "feed_in"), "in"), ((*USE, "export"), "out")
    chosen = [select(power, role=roles, way=way) for roles, way in sides]
    supply, use = (rows.groupby(item_of(rows))["energy"].sum() for rows in chosen)
    sent, arriving = (select(power, role="transport", way=way) for way in ("out", "in"))
    use["grid losses"] = sent["energy"].sum() - arriving["energy"].sum()
    return _sorted(supply), _sorted(use)


def _sorted(series: pd.Series[float]) -> pd.Series[float]:
    return series[series.abs() > 0.5].sort_values(ascending=False)


def cost_summary(ds: xr.Dataset) -> Table:
    """Cost by category, what is paid and what only steers."""
    keys = [ds[name].to_series() for name in ("category", "payer")]
    cost = ds["cost"].to_series().groupby(keys).sum()
    size = cost.groupby(level="category").transform("sum")
    by_size = cost.iloc[np.argsort(-size, kind="stable")].to_frame("")
    return paid_and_not(by_size, "Cost", money(ds), 3, total="objective")


def by_payer(cost: pd.DataFrame) -> pd.DataFrame:
    """What each pays, from cost by category and payer; empty where the park pays all.

    The park is first, then the others by their names.
    """
    paid = cost.drop(index=[*NOT_PAID], level=0, errors="ignore").groupby(level=1).sum()
    order = sorted(paid.index, key=lambda payer: (payer != PARK, payer))
    return paid.loc[order if len(order) > 1 else []]


def paid_and_not(
    cost: pd.DataFrame, title: str, shown: Money, digits: int, total: str = ""
) -> Table:
    """Cost by category, what is paid and by whom, what only steers, with the name of the sum.

    Parameters
    ----------
    cost
        Index category, payer; a column for each head [CNY/a].
    title, shown, digits, total
        Of the table, its money and numbers, and of the sum of all cost.
    """
    payers, cost = by_payer(cost), cost.groupby(level=0, sort=False).sum()
    unit, divisor = scale_of(cost, "CNY/a", "million CNY/a", digits, shown)
    payers, cost = payers / divisor, cost / divisor
    paid = cost.drop(index=[*NOT_PAID], errors="ignore")
    heads = [str(column) for column in cost]
    table = text_table(f"{title} [{shown.words(unit)}]", ("category",), heads)
    add_rows(table, paid, digits)
    table.add_row("paid", *numbers(paid.sum(), digits), style="bold")
    add_rows(table, payers, digits, "payer")
    add_rows(table, cost.reindex([*NOT_PAID], fill_value=0.0), digits, "not paid")
    if total:
        table.add_row(total, *numbers(cost.sum(), digits), style="dim")
    return table


def add_rows(table: Table, rows: pd.DataFrame, digits: int, why_aside: str = "") -> None:
    """Add the rows that are not dust; what is told aside is no part of the sum above."""
    label, style = (f"{{}} ({why_aside})", "dim") if why_aside else ("{}", "")
    for name, row in rows[rows.abs().max(axis=1) >= DUST].iterrows():
        table.add_row(label.format(name), *numbers(row, digits), style=style)


def emission_summary(ds: xr.Dataset) -> Table:
    """Emissions by scope, net against the cap, and the location-based figure beside it."""
    scopes = ds["emissions"].to_series().groupby(ds["scope"].to_series()).sum()
    scale = scale_of(scopes, "tCO2/a", "ktCO2/a", 3)
    scopes /= scale.divisor
    net = scopes.reindex([*NET_SCOPES], fill_value=0.0)
    table = text_table(f"Emissions [{scale.unit}]", ("scope",), ("",))
    for scope, value in net.items():
        table.add_row(str(scope), number(value, 3))
    table.add_row("net", number(net.sum(), 3), style="bold")
    cap = ds.attrs.get("emission_cap")
    told = "none" if cap is None else number(float(cap) / scale.divisor, 3)
    idle = cap and net.sum() < float(cap) / scale.divisor * (1.0 - IDLE)
    table.add_row("cap of the trajectory" + (", idle: as much without it" if idle else ""), told)
    memo = scopes.reindex(["scope2_location", "scope3_reported", "gap"], fill_value=0.0)
    add_rows(table, memo.to_frame(), 3, "memo")
    if "convention" in ds.coords:
        for name in map(str, ds["convention"].to_numpy()):
            table.add_row(f"scope 2 by {name} (memo)", _by_convention(ds, name, scale.divisor))
    if "carbon_value" in ds.attrs:
        value, unit = money(ds).of(float(ds.attrs["carbon_value"]), "CNY/t")
        table.add_row(Text(f"carbon value of the cap [{unit}]"), number(value, 0))
    return table


def _by_convention(ds: xr.Dataset, name: str, divisor: float) -> str:
    """Scope 2 by location and by market under a convention of the grid's factor."""
    both = (f"scope2_by_{basis}" for basis in ("location", "market"))
    return " / ".join(number(float(ds[v].sel(convention=name)) / divisor, 3) for v in both)


def binding_limits(ds: xr.Dataset) -> list[Text]:
    """Limits of the year that bind, and what one more unit of each would save.

    What rounds to nothing is no price: it is what a solver leaves of a limit that does not bind.
    """
    names = ["limit_most", "limit_unit", "limit_price"]
    table = ds[names].to_dataframe()[names]
    table["limit_price"], currency = money(ds).of(table["limit_price"], "CNY")
    return [
        Text(
            f"Limit: {limit}, {number(most)} {unit}, of which one more would save "
            f"{number(price)} {currency}"
        )
        for limit, most, unit, price in table.itertuples()
        if price > 0.0 and number(price) != number(0.0)
    ]


def rents(ds: xr.Dataset) -> list[Table]:
    """Plants at the top of their curve: what they earn, and the price at which they would stop."""
    frame = rent_rows(ds)
    if frame.empty:
        return []
    price, unit = money(ds).of(1.0, "CNY/MWh")
    rent, per = money(ds).of(1e-3, "CNY/(kW*a)")
    title = f"Plants at their upper bound [prices in {unit}, rent of the last one in {per}]"
    heads = ("MW", "hours", "earns", "stops at", "rent")
    table = text_table(title, ("plant",), heads, ("bound",))
    for name, size, hours, earns, stops, last, bound in frame.itertuples():
        values = (*numbers((size,), 1), *numbers((hours,), 0))
        prices = numbers((earns * price, stops * price, last * rent), 0)
        table.add_row(name, *values, *prices, bound.replace("_", " "))
    return [table]


def rent_rows(ds: xr.Dataset) -> pd.DataFrame:
    """Plants of a slice that end at their upper bound, the largest rent first.

    Columns capacity [MW], full_load_hours [h], capture_price and stop_price [CNY/MWh], rent
    [CNY/(MW*a)] and rent_bound; empty where the file has none.
    """
    names = ["capacity", "full_load_hours", "capture_price", "stop_price", "rent", "rent_bound"]
    if "rent" not in ds:
        return pd.DataFrame(columns=names)
    frame = pd.DataFrame({name: ds[name].to_series() for name in names}).dropna()
    return frame.sort_values("rent", ascending=False)


def wear_table(ds: xr.Dataset) -> list[Table]:
    """Cycles of the stores that wear, how long they last and how much of them is usable."""
    if "full_cycles" not in ds:
        return []
    names = ["full_cycles", "wear_life", "paid_life", "usable_after", "usable_planned"]
    frame = ds[[*names, "early_cost"]].to_dataframe().dropna()
    scale, unit = money(ds).of(1.0, "CNY/a")
    heads = ("cycles [1/a]", "worn after [a]", "paid over [a]", "usable", "planned")
    table = text_table("Wear of stores", ("store",), (*heads, f"early replacement [{unit}]"))
    for store, cycles, life, paid, usable, planned, early in frame.itertuples():
        shares = (percent(usable), percent(planned))
        table.add_row(store, *numbers((cycles, life, paid), 1), *shares, number(early * scale, 0))
    return [table]


def building_note(ds: xr.Dataset) -> list[Text]:
    """How far new buildings come over their life, and what their plan asks for, if it does."""
    reached = ds.attrs.get("building_life_cycle_reduction")
    target = ds.attrs.get("building_life_cycle_target")
    if reached is None or target is None:
        return []
    verdict = "meets" if reached >= target else "misses"
    text = (
        f"Buildings: a new m2 saves {percent(reached, 1)} of usual practice over its life and "
        f"{verdict} the plan's {percent(target)} (scope 3 reported, outside the balance)"
    )
    return [Text(text)]


def peak_sentence(ds: xr.Dataset) -> str:
    """Hour of the highest electricity use, and of the highest purchase."""
    hours, outside = ds.indexes["time"], bus_outside(flows_of_slice(ds))
    carrier = ds.attrs["power_carrier"]
    load = pd.Series(power_of(ds, role="load", carrier=carrier).sum(axis=0), hours)
    drawn = power_of(ds, role="transport", way="out", bus=outside).sum(axis=0)
    others = at_markets(flows_of_slice(ds), "purchase", carrier)
    bought = pd.Series(drawn + ds["power"].to_numpy()[others.index].sum(axis=0), hours)
    unit, divisor = scale_of([load.max(), bought.max()], "MW")
    return (
        f"Peak: fixed electricity load {number(load.max() / divisor, 1)} {unit} at "
        f"{load.idxmax()}, purchase {number(bought.max() / divisor, 1)} {unit} at "
        f"{bought.idxmax()}"
    )


def how_sentence(ds: xr.Dataset) -> str:
    """How the numbers were made and how long it took."""
    a = ds.attrs
    return (
        f"Solved by {a['solver']} ({a['backend']} backend, gap {float(a['optimality_gap']):.1e}): "
        f"building {number(a['build_seconds'], 1)} s, solving {number(a['solve_seconds'], 1)} s; "
        f"cost sheet {a['cost_sheet']}, weather: {a['weather']}"
        + "".join(f"\nMeasured: {line}" for line in str(a.get("measured_series", "")).splitlines())
    )
