"""``meishan tariff``: the price of power in every hour of any day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import RootOption, ScenarioOption, app, out
from meishan_model.errors import Fault, InputError
from meishan_model.planning.project import open_project
from meishan_model.report.trade import surcharge_report, tariff_report
from meishan_model.series.tariff import day_tariff
from meishan_model.sheets.periods import resolve_surcharges
from meishan_model.sheets.resolve import resolve_prices


@app.command()
def tariff(
    date: Annotated[str, typer.Argument(help="Day, such as 2026-07-15.")],
    scenario: ScenarioOption = "balanced",
    root: RootOption = Path(),
) -> None:
    """Print the 24 prices of a day in their parts: energy, network charge, surcharges, total."""
    try:
        day = dt.date.fromisoformat(date)
    except ValueError:
        raise InputError([Fault("DATE", "is no day", value=date, remedy="YYYY-MM-DD")]) from None
    park = open_project(scenario, root).park
    file = park.path("tariff_periods")
    prices, surcharges = resolve_prices(park, day.year), resolve_surcharges(park, day)
    table = day_tariff(park.tariff_periods, surcharges, prices, day, park.site.country, file)
    parts = surcharge_report(surcharges, park.path("surcharges"))
    out.print(tariff_report(day, table, prices["demand_charge"], file), parts)
