"""Tables of a day's tariff and of what its levies consist of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from meishan_model.console import number, numbers, text_table
from meishan_model.errors import Fault, InputError
from meishan_model.results.scale import Money, money
from meishan_model.series.tariff import day_tariff, flat_parts, hours_of_day
from meishan_model.sheets.park import Park
from meishan_model.sheets.resolve import resolve_prices
from meishan_model.sheets.tariff_rows import PowerPriceRow, SurchargeRow
from meishan_model.sheets.trade_rows import PriceRow
from meishan_model.sheets.units import CURRENCY


@dataclass(frozen=True)
class DayTariff:
    """The price of power in every hour of a day; printed, it is two tables.

    Attributes
    ----------
    day
        The day.
    table
        Of :func:`~meishan_model.series.tariff.day_tariff`: hours x parts of the price [CNY/MWh].
    parts
        Parts of the flat price [CNY/MWh].
    demand_charge
        What the highest hour of a month costs [CNY/(MW*month)].
    surcharges
        Rows that hold on the day.
    files
        Paths of the sheets of the periods and of the surcharges.
    money, tax
        In which it is printed, and words for the tax in it.
    """

    day: dt.date
    table: pd.DataFrame
    parts: Mapping[str, float]
    demand_charge: float
    surcharges: tuple[SurchargeRow, ...]
    files: tuple[str, str]
    money: Money
    tax: str = ""

    def __rich__(self) -> RenderableType:
        """Hours with the parts of their price, and what the levies consist of."""
        return Group(_hours(self), _levies(self))


class FlatTariff(NamedTuple):
    """Flat price of a day in its parts and the demand charge, as :class:`DayTariff` has them."""

    parts: Mapping[str, float]
    demand_charge: float
    surcharges: tuple[SurchargeRow, ...]
    money: Money
    tax: str


def tariff_of_day(park: Park, date: str) -> DayTariff:
    """The tariff of a day.

    Parameters
    ----------
    park
        All sheets of the park.
    date
        The day, as ``2026-07-15``.

    Raises
    ------
    InputError
        If it is no day, or the sheets have no price for it.
    """
    try:
        day = dt.date.fromisoformat(date)
    except ValueError:
        raise InputError([Fault("DATE", "is no day", value=date, remedy="YYYY-MM-DD")]) from None
    for row in park.prices:
        if row.item == "purchase_energy" and row.profile:
            message = "the price of every hour is that of a measured series"
            raise InputError([row.fault("profile", message, "read it there")])
    files = park.path("tariff_periods"), park.path("surcharges")
    flat = flat_tariff(park, day)
    table = day_tariff(park.tariff(), flat.parts, day, park.site.country, files[0])
    told = flat.demand_charge, flat.surcharges, files, flat.money, flat.tax
    return DayTariff(day, table, flat.parts, *told)


def flat_tariff(park: Park, day: dt.date) -> FlatTariff:
    """What power costs on a day before the ratios of its hours.

    Raises
    ------
    InputError
        If the sheets have no price for it.
    """
    prices, surcharges, rows = resolve_prices(park, day)
    calendar, hours = hours_of_day(day, park.site.country)
    by_hour, demand = flat_parts(prices, surcharges, rows, calendar)
    parts = {name: float(part[hours[0]]) for name, part in by_hour.items()}
    bill = _money_of_bill(park, day, rows)
    return FlatTariff(parts, float(demand[hours[0]]), surcharges, *bill)


def _money_of_bill(park: Park, day: dt.date, rows: Sequence[PowerPriceRow]) -> tuple[Money, str]:
    """Money in which a bill of the day is written, and words for the tax in it.

    It is money of the year of the price of energy, with the value added tax that is in it. Parks
    that are shown in another currency have the money of their results.
    """
    of_purchase = [row for row in park.prices if row.item in PriceRow.of_purchase]
    before = [row for row in of_purchase if (row.year or day.year) <= day.year]
    energy = [row for row in rows if row.part == "energy"] or before or of_purchase
    if park.shown_currency is not None or energy[-1].unit != energy[-1].given("unit"):
        return money(park), ""
    base, row = park.money, energy[-1]
    own = Money(CURRENCY, base.year_of(row, ""), base.factor(row, ""))
    return own, "with value added tax" if base.vat.get(row.vat) else ""


def _hours(found: DayTariff) -> RenderableType:
    """The price of every hour, in its parts."""
    columns = ["ratio", "energy", "network_charge", "levies", "total"]
    prices, unit = found.money.of(found.table[columns[1:]], "CNY/MWh")
    tariff = found.table.assign(**{str(name): column for name, column in prices.items()})
    names = ", ".join(tariff["tariff"].unique())
    heads = [column.replace("_", " ") for column in columns]
    table = text_table(
        f"{found.day}: {names} [{unit}]", ("hour", "period"), (*heads, "row"), rigid=True
    )
    for hour, row in tariff.iterrows():
        period = str(row["period"]).replace("_", " ")
        cells = (number(row["ratio"]), *numbers(row[columns[1:]], 1))
        table.add_row(f"{hour}", period, *cells, str(row["row"]))
    mean = tariff[columns].mean()
    cells = (number(mean["ratio"], 3), *numbers(mean[columns[1:]], 1))
    table.add_row("mean", "", *cells, "", style="bold")
    charge, unit = found.money.of(found.demand_charge, "CNY/(MW*month)")
    parts, price = found.money.of(pd.Series(found.parts), "CNY/MWh")
    named = (f"{name} {number(part, 1)}".replace("_", " ") for name, part in parts.items())
    bill = f"{found.money.currency} of {found.money.year} {found.tax}".strip()
    note = f"Rows of {found.files[0]}, in {bill}. The flat price is {', '.join(named)} {price}. "
    note += f"The ratio applies to {_floating(found)}; energy is what network charge and levies "
    note += "leave of the price of an hour. The demand charge comes on top: "
    note += f"{number(charge, 0)} {unit} on the highest hour of the month."
    return Group(table, Text(note))


def _floating(found: DayTariff) -> str:
    """Parts of the price that the ratios of the day multiply."""
    named = {text for text in found.table["applies_to"] if text}
    if not named:
        return "the whole"
    return "; ".join(sorted(text.replace("_", " ").replace(";", ", ") for text in named))


def _levies(found: DayTariff) -> RenderableType:
    """What the levies consist of."""
    if not found.surcharges:
        return Text(f"No levies: no row of {found.files[1]} holds on the day, if it is there.")
    prices = pd.Series([row.value for row in found.surcharges], dtype=float)
    prices, unit = found.money.of(prices, "CNY/MWh")
    heads = ("", "from", "until", "row")
    table = text_table(f"Levies in their parts [{unit}]", ("surcharge",), heads, rigid=True)
    for row, price in zip(found.surcharges, prices, strict=True):
        name, until = Text(row.surcharge.replace("_", " ")), str(row.valid_until or "open")
        table.add_row(name, number(price, 1), str(row.valid_from), until, str(row.line))
    table.add_row("levies", number(prices.sum(), 1), "", "", "", style="bold")
    return Group(table, Text(f"Rows of {found.files[1]}."))
