"""Tables of the page: statement, principles, measures, reasons, sources, computation."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.accounts.emissions import Baseline
from meishan_model.accounts.indicators import payback
from meishan_model.accounts.tables import Slices
from meishan_model.ledger.facts import rows_of
from meishan_model.report.bill import bills_of
from meishan_model.report.labels import LANGUAGES, Labels
from meishan_model.report.pathway_summary import measures
from meishan_model.report.summary import rent_rows
from meishan_model.results.pathway_file import IndicatorRow, shown_indicators, yearly
from meishan_model.results.scale import money, scale_of
from meishan_model.results.wording import Term, grouped_terms, note, reason, scaled, state_of_bound
from meishan_model.sheets.units import CURRENCY, HOURS_OF_YEAR

NEUTRAL = 1.0
"""Net emissions up to which a year is told to be neutral, to the tonne [tCO2/a]."""

BETTER = {
    **{"demand_served": "up", "gdp_served": "up", "energy_cost_per_gdp": "down"},
    **{"net_present_cost": "down", "abatement_cost": "down", "saving_share": "up"},
    **{"cost_per_tonne_below_baseline": "down", "measures_not_taken": "down"},
    **{"cumulative_emissions": "down", "cumulative_emissions_location": "down"},
    **{"potential_used": "up", "local_share_of_demand": "up", "clean_export": "up"},
    "export_beside_discharge": "down",
}
"""Which way an indicator is better; where it depends, none."""

OF_SLICES = {
    **{"new_investment": CURRENCY, "yearly_saving": f"{CURRENCY}/a", "payback": "a"},
    **{"self_consumption_before": "1", "self_sufficiency_before": "1"},
}
"""What the slices say for their owner, beside the indicators of every year, with its unit."""
OWNER = (
    *("bill_before", "bill", "new_investment", "yearly_saving", "payback"),
    *("import_peak_before", "import_peak", "self_consumption_before", "self_consumption"),
    *("self_sufficiency_before", "self_sufficiency"),
)
"""Rows of the bill."""

SIZES = ("existing", "new", "bridge", "lower", "upper", "total")
"""Capacities of which the page tells why they are as they are."""

PACKAGES = ("oemof.solph", "linopy", "highspy", "pandas", "xarray", "netCDF4", "plotly")
"""Packages of which the page says the version."""


def statement(ds: xr.Dataset) -> dict[str, Any]:
    """What the park emits in its target year, and whether it is neutral where it plans to be.

    Returns
    -------
    dict
        ``year`` is the target year; ``reached`` whether net emissions are at most zero without a
        gap, ``None`` where the park has no such goal; ``net``, ``location`` (scope 1 with
        location-based scope 2), ``baseline`` (``None`` where the park has none), ``gap`` and, by
        scope, ``scopes`` are emissions [tCO2/a] with their ``scale``; ``cumulative`` emissions
        [tCO2] and the net present ``cost`` [CNY] are ``None`` of a single year; ``hours`` are
        those solved of each year.
    """
    last, known = ds.isel(year=-1), ds.attrs.get
    scopes = yearly(ds, "emissions", "scope").iloc[:, -1]
    net, gap = float(last["net_emissions"]), ds.attrs["emission_gap"]
    baseline = known("baseline_emissions")
    location = float(scopes.reindex(["scope1", "scope2_location"], fill_value=0.0).sum())
    sizes = [net, location, baseline or 0.0, gap, *scopes]
    return {
        "year": int(last["year"]),
        "reached": net <= NEUTRAL and gap <= 0.0 if np.isfinite(last["emission_cap"]) else None,
        **{"net": net, "location": location, "baseline": baseline, "gap": gap},
        "scopes": scopes.to_dict(),
        "scale": scale_of(sizes, "tCO2/a", "ktCO2/a", 1),
        **{"cumulative": known("cumulative_emissions"), "cost": known("net_present_cost")},
        "hours": int(known("hours", HOURS_OF_YEAR)),
    }


class AccountRow(NamedTuple):
    """An item of the baseline year that the ledger counts otherwise than what was published."""

    item: str
    label: str
    published: float
    ledger: float


def account_rows(baseline: Baseline | None) -> list[AccountRow]:
    """Why the published emissions of the baseline year and the ledger's differ [tCO2/a]."""
    if baseline is None:
        return []
    gaps = baseline.differences()
    columns = ("item", "accounting", "emissions_published", "emissions_ledger")
    rows = zip(*(gaps[column].tolist() for column in columns), strict=True)
    return [AccountRow(item, f"account.{rule}", *numbers) for item, rule, *numbers in rows]


class ConventionRow(NamedTuple):
    """Scope 2 of a pathway by location or by market under one convention of the grid's factor."""

    convention: str
    basis: str
    factors: list[float]
    emissions: list[float]


def convention_rows(ds: xr.Dataset) -> list[ConventionRow]:
    """Factors [tCO2/MWh] and scope 2 [tCO2/a] of every year under each convention."""
    if "convention" not in ds.coords:
        return []
    of_basis = {
        basis: [yearly(ds, f"{what}_by_{basis}") for what in ("factor", "scope2")]
        for basis in ("location", "market")
    }
    return [
        ConventionRow(name, basis, *([*map(float, t.loc[name])] for t in of_years))
        for name in map(str, ds["convention"].to_numpy())
        for basis, of_years in of_basis.items()
    ]


def owner_rows(ds: xr.Dataset, slices: Slices, labels: Labels) -> list[IndicatorRow]:
    """Bill, investment, saving, payback, peak and use of own power by year.

    All money is in the unit that suits the bills. What is not known of any year is no row; without
    a bill there is none.

    Parameters
    ----------
    ds, slices
        A pathway and its slices by year.
    labels
        Titles of the rows that are no indicators.
    """
    bills = {name: bill.sum(axis=1, skipna=False) for name, bill in bills_of(ds, "year").items()}
    if not bills:
        return []
    unit, divisor = scale_of([*bills.values()], "CNY/a", "million CNY/a", 1, money(ds))
    found = {row.name: row for row in shown_indicators(ds)}
    said = {y: {**s.attrs, "payback": payback(s)} for y, s in slices.items()}
    told = {name: (f"{CURRENCY}/a", bill) for name, bill in bills.items()}
    for name, given in OF_SLICES.items():
        numbers = {year: of_year.get(name, np.nan) for year, of_year in said.items()}
        told[name] = given, pd.Series(numbers, dtype=np.float64)
    for name, (given, by_year) in told.items():
        en, zh = (labels.text(f"owner.{name}", language) for language in LANGUAGES)
        found[name] = IndicatorRow(name, given, en, zh, by_year)
        if CURRENCY in given:
            shown = unit if given.endswith("/a") else unit.removesuffix("/a")
            found[name] = found[name]._replace(unit=shown, by_year=by_year / divisor)
    rows = (found[name] for name in OWNER if name in found)
    return [_in_percent(row) for row in rows if np.isfinite(row.by_year).any()]


def _in_percent(row: IndicatorRow) -> IndicatorRow:
    """A share in per cent; all else as it is."""
    return row._replace(unit="%", by_year=100.0 * row.by_year) if row.unit == "1" else row


def principle_rows(pathways: Mapping[str, xr.Dataset]) -> list[dict[str, Any]]:
    """Indicators of all pathways, a row an indicator; the best of a row is marked.

    Parameters
    ----------
    pathways
        By the name of the scenario, the one of the page first.
    """
    first = next(iter(pathways.values()))
    if "principle" not in first:
        return []
    tables = {name: ds["principle"].to_series() for name, ds in pathways.items()}
    rows = []
    for indicator in map(str, first["indicator"].to_numpy()):
        here = first.sel(indicator=indicator)
        values = {name: float(t.get(indicator, np.nan)) for name, t in tables.items()}
        scale = scale_of([*values.values()], str(here["unit"].item()), shown=money(first))
        better = BETTER.get(indicator, "")
        known = [v for v in values.values() if np.isfinite(v)]
        best = {"up": max, "down": min}.get(better, lambda _: np.nan)(known or [np.nan])
        rows.append(
            {
                "principle": str(here["principle_name"].item()),
                "indicator": indicator,
                "unit": scale.unit,
                "better": better,
                "cells": [
                    (v / scale.divisor, len(set(known)) > 1 and v == best) for v in values.values()
                ],
            }
        )
    return rows


def measure_rows(ds: xr.Dataset) -> tuple[list[dict[str, Any]], Mapping[str, str]]:
    """Measures with what they cost and avoid, by the size of the abatement, and their units."""
    if "measure" not in ds:
        return [], {}
    frame, units = measures(ds)
    frame["note_zh"] = [note(kinds, "zh") for kinds in ds["measure_note_kinds"].to_numpy()]
    ordered = frame.sort_values("abatement", ascending=False, na_position="last")
    return rows_of(ordered.reset_index()), units


def reason_rows(ds: xr.Dataset, labels: Labels) -> list[dict[str, Any]]:
    """Why each asset has what it has in each year; ``state`` says whether a bound binds.

    A capacity that stands at its lower or upper bound to a thousandth of a unit is bound. What
    is nothing in a year and may be nothing else has no row. All of an asset is in one unit.

    Parameters
    ----------
    ds
        A pathway.
    labels
        What units are called in the Chinese sentences.
    """
    variables = {n: "capacity" if n == "total" else f"capacity_{n}" for n in SIZES}
    table = pd.DataFrame({n: ds[variable].to_series() for n, variable in variables.items()})
    table = table[table.ne(0.0).any(axis=1)]
    asset = table.index.get_level_values("asset")
    for name in ("unit", "technology", "zone"):
        table[name] = ds[f"asset_{name}"].to_series().reindex(asset).to_numpy()
    bounds = table[["total", "existing", "lower", "upper"]].to_numpy()
    table["state"] = [state_of_bound(*numbers) for numbers in bounds]
    largest = table[["total", "upper"]].replace(np.inf, np.nan).max(axis=1)
    of_asset = largest.groupby("asset").max()
    terms, rows = bound_terms(ds), rows_of(table.sort_index(level=["asset", "year"]).reset_index())
    return [_suited(r, of_asset[r["asset"]], terms[r["year"], r["asset"]], labels) for r in rows]


def plants_at_bound(slices: Slices) -> list[dict[str, Any]]:
    """Plants whose new build ends at its upper bound, by year and rent.

    Prices are in the money of the park per MWh, rents per kW and year; ``price_unit`` and
    ``rent_unit`` say so.
    """
    rows = []
    for year, ds in slices.items():
        price, price_unit = money(ds).of(1.0, f"{CURRENCY}/MWh")
        rent, rent_unit = money(ds).of(1e-3, f"{CURRENCY}/(kW*a)")
        frame = rent_rows(ds)
        frame[["capture_price", "stop_price"]] *= price
        frame["rent"] *= rent
        for name in ("technology", "zone"):
            frame[name] = ds[f"asset_{name}"].to_series().reindex(frame.index)
        units = {"year": year, "price_unit": price_unit, "rent_unit": rent_unit}
        rows += [{**units, **row} for row in rows_of(frame.reset_index())]
    return rows


def _suited(
    row: dict[str, Any], largest: float, terms: list[Term], labels: Labels
) -> dict[str, Any]:
    """A row in the unit that suits its asset, with its sentence in both languages."""
    unit, divisor = scale_of(largest, row["unit"])
    told, unit_zh = scaled(terms, divisor), labels.text(f"unit.{unit}", "zh")
    sentences = {"reason": reason(told, unit), "reason_zh": reason(told, unit_zh, "zh")}
    return {**row, **{n: row[n] / divisor for n in SIZES}, "unit": unit, **sentences}


def bound_terms(ds: xr.Dataset) -> Mapping[Hashable, list[Term]]:
    """Terms of the bounds in a pathway, by year and asset."""
    names = ("slice", "asset", "kind", "year", "amount")
    years, assets, *terms = (ds[f"term_{name}"].to_numpy().tolist() for name in names)
    return grouped_terms(zip(years, assets, strict=True), *terms)
