"""What the owner of a park asks first: the bill before the plan and after, the peak, the payback.

Before the plan is the same year with the plants of today and nothing new
(:mod:`~meishan_model.planning.before`); a result that has no such year shows what it has.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import xarray as xr
from rich.table import Table

from meishan_model.accounts.electricity import (
    electricity_of_slice,
    self_consumption,
    self_sufficiency,
)
from meishan_model.accounts.indicators import payback
from meishan_model.console import numbers, text_table
from meishan_model.results.scale import Scale, money, scale_of
from meishan_model.results.slice_file import is_large
from meishan_model.sheets.units import CURRENCY

TITLES = {"bill_before": "Bill for energy before the plan", "bill": "Bill for energy"}
"""Variable of each bill, and the title of its table."""
TOLD = (
    *("import_peak_before", "self_consumption_before", "self_sufficiency_before"),
    *("new_investment", "yearly_saving"),
)
"""Attributes that a slice has where there is a year to compare it with."""


def bills_of(ds: xr.Dataset, index: str) -> dict[str, pd.DataFrame]:
    """Bills of a result, before the plan and after, without parts that are zero in both [CNY/a].

    Parameters
    ----------
    ds
        A slice, or a pathway.
    index
        ``month``, or ``year`` for the sums of the months; the other dimension is ``bill_part``.

    Returns
    -------
    dict
        Variable -> table; none of a park that buys and sells nothing.
    """
    bills = {}
    for name in TITLES:
        if name in ds and np.isfinite(ds[name]).any():
            of_index = ds[name].sum("month", skipna=False) if index == "year" else ds[name]
            bills[name] = pd.DataFrame(of_index.transpose(index, "bill_part").to_pandas())
    if not bills:
        return {}
    paid = pd.concat(bills.values()).abs().max() > 0.0
    return {name: bill.loc[:, paid] for name, bill in bills.items() if paid.any()}


def bill_tables(ds: xr.Dataset) -> list[Table]:
    """The bills of a slice by month and part, before the plan and after in one unit.

    Where nothing is new the two are the same, and it stands once. Of a large park only the year
    is told. The unit is that of a month.
    """
    bills = bills_of(ds, "month")
    if "bill_before" in bills and bills["bill"].equals(bills["bill_before"]):
        del bills["bill_before"]
    months = [bill.sum(axis=1) for bill in bills.values()]
    unit, divisor = scale_of(months, "CNY", "million CNY", 1, money(ds))
    tables = []
    for name, bill in bills.items():
        title = f"{TITLES[name]} [{money(ds).words(unit)}]"
        table = text_table(title, ("month",), [*bill.columns, "sum"])
        shown = bill[bill.abs().sum(axis=1) > 0.0] / divisor
        for month, row in () if is_large(ds) else shown.iterrows():
            table.add_row(str(month), *numbers([*row, row.sum()], 1))
        year = shown.sum()
        table.add_row("year", *numbers([*year, year.sum()], 1), style="bold")
        tables.append(table)
    return tables


def bill_of_years(ds: xr.Dataset) -> list[Table]:
    """The bills of a pathway by part and year, before the plan and after in one unit."""
    bills = bills_of(ds, "year")
    sums = [bill.sum(axis=1, skipna=False) for bill in bills.values()]
    shown = money(ds)
    unit, divisor = scale_of(sums, "CNY/a", "million CNY/a", 1, shown)
    tables = []
    for (name, bill), total in zip(bills.items(), sums, strict=True):
        title = f"{TITLES[name]} [{shown.words(unit)}]"
        table = text_table(title, ("part",), [str(year) for year in bill.index])
        for part, row in bill.items():
            table.add_row(str(part), *numbers(row / divisor, 1))
        table.add_row("sum", *numbers(total / divisor, 1), style="bold")
        tables.append(table)
    return tables


def owner_table(ds: xr.Dataset) -> list[Table]:
    """Bill, peak, use of own power, investment and payback of a slice, before and after."""
    bills = {name: bill.to_numpy().sum() for name, bill in bills_of(ds, "month").items()}
    if not bills:
        return []
    told = {name: float(ds.attrs.get(name, math.nan)) for name in TOLD}
    peak = float(electricity_of_slice(ds).imported.max())
    kept, own = self_consumption(ds), self_sufficiency(ds)
    rows = (
        ("bill for energy in a year", bills.get("bill_before"), bills["bill"], CURRENCY),
        ("peak of power from outside", told["import_peak_before"], peak, "MW"),
        ("own generation used at home", told["self_consumption_before"], kept, "%"),
        ("use of power from own generation", told["self_sufficiency_before"], own, "%"),
        ("investment in what is new", None, told["new_investment"], CURRENCY),
        ("yearly saving net of operation", None, told["yearly_saving"], CURRENCY),
        (f"payback at the prices of {ds.attrs['year']}", None, payback(ds), "a"),
    )
    # An investment of many years' bills would leave nothing of them to see.
    shown = money(ds)
    amounts = scale_of([*bills.values()], "CNY", "million CNY", 1, shown)
    table = text_table("Before the plan and after", ("",), ("before", "after"), ("unit",))
    for title, before, after, unit in rows:
        values = np.array([before, after], dtype=np.float64)
        digits = 2 if unit == "MW" else 1  # as capacities are told
        scale = amounts if unit == CURRENCY else scale_of(values, unit, digits=digits)
        scale = Scale("%", 0.01) if unit == "%" else scale
        table.add_row(title, *numbers(values / scale.divisor, digits), shown.words(scale.unit))
    return [table]
