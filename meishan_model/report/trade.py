"""Tables of a day's tariff and of what its levies consist of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from meishan_model.console import number, numbers, text_table
from meishan_model.sheets.trade_rows import SurchargeRow


def tariff_report(
    day: dt.date, tariff: pd.DataFrame, demand_charge: float, file: str
) -> RenderableType:
    """The price of every hour of a day, in its parts.

    Parameters
    ----------
    day
        The day.
    tariff
        Of :func:`~meishan_model.series.tariff.day_tariff`.
    demand_charge
        What the highest hour of a month costs [CNY/(MW*month)].
    file
        Path of the sheet of the periods.
    """
    names = ", ".join(tariff["tariff"].unique())
    columns = ["ratio", "energy", "network_charge", "levies", "total"]
    heads = [column.replace("_", " ") for column in columns]
    table = text_table(
        f"{day}: {names} [CNY/MWh]", ("hour", "period"), (*heads, "row"), rigid=True
    )
    for hour, row in tariff.iterrows():
        period = str(row["period"]).replace("_", " ")
        cells = (number(row["ratio"]), *numbers(row[columns[1:]], 1))
        table.add_row(f"{hour}", period, *cells, str(row["row"]))
    mean = tariff[columns].mean()
    cells = (number(mean["ratio"], 3), *numbers(mean[columns[1:]], 1))
    table.add_row("mean", "", *cells, "", style="bold")
    charge = f"{number(demand_charge, 0)} CNY/(MW*month) on the highest hour of the month"
    note = f"Rows of {file}. The ratio applies to the whole price, network charge and levies "
    note += f"included; energy is what is left. The demand charge comes on top: {charge}."
    return Group(table, Text(note))


def surcharge_report(surcharges: Sequence[SurchargeRow], file: str) -> RenderableType:
    """What the levies of a day consist of.

    Parameters
    ----------
    surcharges
        Rows that hold on the day.
    file
        Path of their sheet.
    """
    title, heads = "Levies in their parts [CNY/MWh]", ("", "from", "until", "row")
    table = text_table(title, ("surcharge",), heads, rigid=True)
    for row in surcharges:
        name, until = Text(row.surcharge.replace("_", " ")), str(row.valid_until or "open")
        table.add_row(name, number(row.value, 1), str(row.valid_from), until, str(row.line))
    total = sum(row.value for row in surcharges)
    table.add_row("levies", number(total, 1), "", "", "", style="bold")
    return Group(table, Text(f"Rows of {file}."))
