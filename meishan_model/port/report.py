"""The port of a slice in words and numbers: berths, ships, energy for a container, lamps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.emissions import Baseline
from meishan_model.port.berths import BerthSeries, Connection
from meishan_model.port.shapes import lamp_saving, yard_lamps
from meishan_model.port.sheets import HandlingRow
from meishan_model.port.year import berths_of
from meishan_model.series.demand import ShapeContext
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import SliceInputs

_LAMPS = ("lamps", "old_lamp_power", "new_lamp_power")


def port_summary(
    inputs: SliceInputs,
    use: pd.DataFrame,
    ships: Mapping[Connection, BerthSeries],
    context: ShapeContext,
) -> RenderableType:
    """Tables of the port for ``meishan port``.

    Parameters
    ----------
    inputs
        The slice.
    use
        Table of `meishan_model.port.berths.berth_use`.
    ships
        Series of `meishan_model.port.berths.berth_series` of the whole year.
    context
        What the shapes of the slice depend on.
    """
    return Group(
        _berths(use, inputs.year), _ships(ships), _handling(inputs), _lamps(inputs, context)
    )


def _table(title: str, name: str, *numbers: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(name, no_wrap=True)
    for column in numbers:
        table.add_column(column, justify="right")
    return table


def _berths(use: pd.DataFrame, year: int) -> Table:
    table = _table(
        f"Berths and calls of {year}",
        "berths and ships",
        *("calls", "TEU a call", "stay h", "use", "plug", "wait h", "95 % h", "most h"),
    )
    table.caption = "95 %: the wait that one call in twenty exceeds; plug: ship and berth have one"
    for row in use.reset_index().to_dict("records"):
        whole = row["ship_class"] == "all"
        table.add_row(
            row["berth_group"] if whole else f"  {row['ship_class']}",
            f"{row['calls']:,.0f}",
            _told(row["teu"] / row["calls"] if row["calls"] else np.nan, ",.0f"),
            _told(row["stay"], ".1f"),
            f"{row['use']:.0%}",
            _told(row["connected"], ".0%"),
            *(_told(row[name], ".1f") for name in ("mean_wait", "late_wait", "longest_wait")),
            style="bold" if whole else None,
        )
    return table


def _told(value: float, form: str) -> str:
    """A number; a dash where no ship calls."""
    return "-" if np.isnan(value) else f"{value:{form}}"


def _ships(ships: Mapping[Connection, BerthSeries]) -> Table:
    table = _table(
        "Ships at berth",
        "berths",
        *("kV", "hotel GWh/a", "peak MW", "of it plugged GWh/a", "peak MW", "boiler fuel GWh/a"),
    )
    for (group, voltage), series in ships.items():
        table.add_row(
            group,
            f"{voltage:g}",
            f"{series.hotel_load.sum() / 1e3:.2f}",
            f"{series.hotel_load.max():.1f}",
            f"{series.connectable.sum() / 1e3:.2f}",
            f"{series.connectable.max():.1f}",
            f"{series.boiler_fuel.sum() / 1e3:.2f}",
        )
    return table


def _handling(inputs: SliceInputs) -> Table:
    """Electricity of the loads in the zones with berths, whole and for each container."""
    zones = {group.zone for group in berths_of(inputs)}
    teu = inputs.drivers["throughput"]
    table = _table("Electricity of the terminal", "load", "GWh/a", "kWh/TEU")
    loads = [x for x in inputs.loads if x.zone in zones and x.carrier == "electricity"]
    for name, energy in [(x.load, x.energy) for x in loads] + [
        ("all", sum(x.energy for x in loads))
    ]:
        table.add_row(name, f"{energy / 1e3:.2f}", f"{energy * 1e3 / teu:.2f}")
    return table


def _lamps(inputs: SliceInputs, context: ShapeContext) -> Text:
    """What the lamps of the sheet save, in both conventions of counting electricity."""
    number = context.parameters.number
    lamps, old, new = (number("port_lighting", name) for name in _LAMPS)
    on = yard_lamps(context)
    saved = lamp_saving(lamps, old, new, on)
    equivalent, calorific = (
        saved * worth["electricity"]
        for worth in (inputs.factors.tce_equivalent, inputs.factors.tce_calorific)
    )
    return Text(
        f"{lamps:g} lamps of {new:g} W for {old:g} W, on for {on.sum():,.0f} h a year, save "
        f"{saved:,.0f} MWh a year: {equivalent:,.0f} tce in equivalent value, "
        f"{calorific:,.0f} tce in calorific value."
    )


def final_energy_shares(park: Park, baseline: Baseline) -> dict[str, float]:
    """Shares of the carriers in the port's final energy in the baseline year (equivalent value).

    The port is the sector of ``handling.csv``; its electricity is that of the memo rows of use.
    """
    rows = baseline.rows
    own = rows[rows["sector"].isin({row.sector for row in park.added_rows(HandlingRow)})]
    energy = own.groupby("carrier")["tce_equivalent"].sum()
    return {str(carrier): float(share) for carrier, share in (energy / energy.sum()).items()}


def baseline_notes(park: Park, baseline: Baseline) -> Iterator[str]:
    """What ``meishan check`` says of the port below the reconciliation of the baseline year."""
    shares = ", ".join(f"{c} {s:.1%}" for c, s in final_energy_shares(park, baseline).items())
    if shares:
        yield f"Port, final energy in equivalent value: {shares}"
