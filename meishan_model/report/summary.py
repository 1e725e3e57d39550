"""The summary of a slice: what a person reads in the terminal when a solve is done."""

from __future__ import annotations

import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.principles import NOT_PAID
from meishan_model.components.selection import flows_of_slice, power_of, select
from meishan_model.report.hourly import SUPPLY, USE, bus_outside
from meishan_model.report.labels import item_of
from meishan_model.report.numbers import number
from meishan_model.sheets.model_year import HOURS_OF_YEAR, weight_of_hour

FINDINGS = {"shedding": "demand is shed", "gap": "emissions exceed the cap"}


def summary(ds: xr.Dataset) -> RenderableType:
    """Summary of one slice.

    Parameters
    ----------
    ds
        A slice by the result contract.
    """
    return Group(
        Panel(Text(str(ds.attrs["title"]), style="bold"), expand=False),
        *trial_note(ds.sizes["time"]),
        *findings(ds),
        capacity_table(ds),
        energy_balance_table(ds),
        cost_summary(ds),
        emission_summary(ds),
        *building_note(ds),
        Text(peak_sentence(ds)),
        Text(how_sentence(ds)),
    )


def trial_note(hours: int) -> list[Text]:
    """Say of a trial that its yearly numbers are no year's."""
    if hours == HOURS_OF_YEAR:
        return []
    weight = weight_of_hour(hours)
    text = f"TRIAL of {hours} hours: yearly numbers are these hours times {weight:.3g}"
    return [Text(text, "bold yellow")]


def findings(ds: xr.Dataset) -> list[Text]:
    """Penalties that the optimum pays, and what the file itself says: first and loudly."""
    cost = ds["cost"].to_series().groupby(ds["category"].to_series()).sum()
    lines = [
        f"{text} ({cost[category] / 1e6:.3f} million CNY/a of penalty)"
        for category, text in FINDINGS.items()
        if cost.get(category, 0.0) > 0.0
    ]
    lines += str(ds.attrs.get("findings", "")).splitlines()
    return [Text(f"FINDING: {line}", "bold red") for line in lines]


def capacity_table(ds: xr.Dataset) -> Table:
    """Capacities by technology, with what survives, is new and bridges."""
    names = ["capacity_existing", "capacity_new", "capacity_bridge", "capacity"]
    frame = pd.DataFrame({name: ds[name].to_series() for name in names})
    frame["technology"] = ds["asset_technology"].to_series()
    frame["unit"] = ds["asset_unit"].to_series()
    totals = frame.groupby(["technology", "unit"], sort=False)[names].sum()
    table = Table(title="Capacities by technology", title_justify="left")
    for column in ("technology", "existing", "new", "bridge", "total", "unit"):
        right = column not in ("technology", "unit")
        table.add_column(column, justify="right" if right else "left")
    for technology, unit, *values in totals[totals["capacity"] >= 0.005].reset_index().to_numpy():
        table.add_row(technology, *(f"{v:,.2f}" for v in values), unit)
    return table


def energy_balance_table(ds: xr.Dataset) -> Table:
    """Electricity of the park: where it comes from and where it goes [GWh/a]."""
    supply, use = electricity_balance(flows_of_slice(ds))
    table = Table(title=Text("Electricity balance [GWh/a]"), title_justify="left")
    table.add_column("supply")
    table.add_column("", justify="right")
    table.add_column("use")
    table.add_column("", justify="right")
    rows = max(len(supply), len(use))
    left = [*supply.items(), *[("", None)] * (rows - len(supply))]
    right = [*use.items(), *[("", None)] * (rows - len(use))]
    for (a, x), (b, y) in zip(left, right, strict=True):
        table.add_row(str(a), _gwh(x), str(b), _gwh(y))
    table.add_row("sum", _gwh(supply.sum()), "sum", _gwh(use.sum()), style="bold")
    return table


def electricity_balance(flows: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[float]]:
    """Supply and use of electricity [MWh/a], equal in sum, counted where it is bought.

    Purchase and contracted green power enter upstream of the park's connection, whose losses
    are a use like those of the transformers.

    Parameters
    ----------
    flows
        Table of :func:`~meishan_model.components.selection.flows_of_slice`.
    """
    power = select(flows, carrier="electricity")
    # Export counts where it is sold, so that it loses in the connection what purchase loses there.
    supply, use = (
        rows.groupby(item_of(rows))["energy"].sum()
        for rows in (
            select(power, role=(*SUPPLY, "feed_in"), way="in"),
            select(power, role=(*USE, "export"), way="out"),
        )
    )
    sent, arriving = (select(power, role="transport", way=way) for way in ("out", "in"))
    use["grid losses"] = sent["energy"].sum() - arriving["energy"].sum()
    return _sorted(supply), _sorted(use)


def _sorted(series: pd.Series[float]) -> pd.Series[float]:
    return series[series.abs() > 0.5].sort_values(ascending=False)


def _gwh(value: float | None) -> str:
    return "" if value is None else f"{value / 1e3:,.2f}"


def cost_summary(ds: xr.Dataset) -> Table:
    """Cost by category, what is paid and what only steers [million CNY/a]."""
    cost = ds["cost"].to_series().groupby(ds["category"].to_series()).sum() / 1e6
    paid = cost.drop([c for c in NOT_PAID if c in cost.index])
    table = Table(title=Text("Cost [million CNY of 2020 a year]"), title_justify="left")
    table.add_column("category")
    table.add_column("", justify="right")
    for category, value in paid.sort_values(ascending=False).items():
        if abs(value) >= 5e-4:
            table.add_row(str(category), f"{value:,.3f}")
    table.add_row("paid", f"{paid.sum():,.3f}", style="bold")
    for category in NOT_PAID:
        if abs(cost.get(category, 0.0)) >= 5e-4:
            table.add_row(f"{category} (not paid)", f"{cost[category]:,.3f}", style="dim")
    table.add_row("objective", f"{cost.sum():,.3f}", style="dim")
    return table


def emission_summary(ds: xr.Dataset) -> Table:
    """Emissions by scope, net against the cap, and the location-based figure beside it."""
    scopes = ds["emissions"].to_series().groupby(ds["scope"].to_series()).sum() / 1e3
    net = sum(scopes.get(s, 0.0) for s in ("scope1", "scope2_market", "sink", "credit"))
    table = Table(title=Text("Emissions [ktCO2/a]"), title_justify="left")
    table.add_column("scope")
    table.add_column("", justify="right")
    for scope in ("scope1", "scope2_market", "sink", "credit"):
        table.add_row(scope, number(scopes.get(scope, 0.0), 3))
    table.add_row("net", number(net, 3), style="bold")
    cap = ds.attrs.get("emission_cap")
    table.add_row("cap of the trajectory", "none" if cap is None else f"{float(cap) / 1e3:,.3f}")
    for scope in ("scope2_location", "scope3_reported", "gap"):
        if abs(scopes.get(scope, 0.0)) >= 5e-4:
            table.add_row(f"{scope} (memo)", f"{scopes[scope]:,.3f}", style="dim")
    if "carbon_value" in ds.attrs:
        table.add_row(
            Text("carbon value of the cap [CNY/t]"), f"{float(ds.attrs['carbon_value']):,.0f}"
        )
    return table


def building_note(ds: xr.Dataset) -> list[Text]:
    """How far new buildings come over their life, and what their plan asks for, if it does."""
    reached, target = (
        ds.attrs.get(f"building_life_cycle_{name}") for name in ("reduction", "target")
    )
    if reached is None or target is None:
        return []
    verdict = "meets" if reached >= target else "misses"
    text = (
        f"Buildings: a new m2 saves {reached:.1%} of usual practice over its life and {verdict} "
        f"the plan's {target:.0%} (scope 3 reported, outside the balance)"
    )
    return [Text(text)]


def peak_sentence(ds: xr.Dataset) -> str:
    """Hour of the highest electricity use, and of the highest purchase."""
    hours, outside = ds.indexes["time"], bus_outside(flows_of_slice(ds))
    load = pd.Series(power_of(ds, role="load", carrier="electricity").sum(axis=0), hours)
    bought = pd.Series(power_of(ds, role="transport", way="out", bus=outside).sum(axis=0), hours)
    return (
        f"Peak: fixed electricity load {load.max():,.1f} MW at {load.idxmax()}, "
        f"purchase {bought.max():,.1f} MW at {bought.idxmax()}"
    )


def how_sentence(ds: xr.Dataset) -> str:
    """How the numbers were made and how long it took."""
    a = ds.attrs
    return (
        f"Solved by {a['solver']} ({a['backend']} backend, gap {float(a['optimality_gap']):.1e}): "
        f"building {float(a['build_seconds']):.1f} s, solving {float(a['solve_seconds']):.1f} s; "
        f"cost sheet {a['cost_sheet']}, weather: {a['weather']}"
    )
