"""The port of a slice in words and numbers: berths, ships, energy for a container, lamps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.emissions import Baseline
from meishan_model.components.selection import flows_of_slice, select
from meishan_model.console import number, numbers, percent, text_table
from meishan_model.plugins import Chapter
from meishan_model.port.calls import PortSchedule
from meishan_model.port.closures import WorkingTime, draw_events
from meishan_model.port.shapes import lamp_saving, yard_lamps
from meishan_model.port.sheets import HandlingRow
from meishan_model.port.ships import HOTEL_LOAD, BerthSeries, Connection
from meishan_model.port.year import NAME, berths_of
from meishan_model.results.scale import scale_of
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
        Table of `meishan_model.port.ships.berth_use`.
    ships
        Series of `meishan_model.port.ships.berth_series` of the whole year.
    context
        What the shapes of the slice depend on.
    """
    return Group(
        _berths(use, inputs.year),
        *_weather(inputs, context),
        _ships(ships),
        _handling(inputs),
        _lamps(inputs, context),
    )


def _berths(use: pd.DataFrame, year: int) -> Table:
    heads = ("calls", "TEU a call", "stay h", "use", "plug", "wait h", "95 % h", "most h")
    table = text_table(f"Berths and calls of {year}", ("berths and ships",), heads)
    table.columns[0].no_wrap = True  # the names are those of sheets, to be looked up in them
    table.caption = "95 %: the wait that one call in twenty exceeds; plug: calls that connect"
    for row in use.reset_index().to_dict("records"):
        whole = row["ship_class"] == "all"
        table.add_row(
            row["berth_group"] if whole else f"  {row['ship_class']}",
            number(row["calls"], 0),
            number(row["teu"] / row["calls"] if row["calls"] else None, 0),
            number(row["stay"], 1),
            percent(row["use"]),
            percent(row["connected"]),
            *numbers((row[name] for name in ("mean_wait", "late_wait", "longest_wait")), 1),
            style="bold" if whole else None,
        )
    return table


def _weather(inputs: SliceInputs, context: ShapeContext) -> Iterator[Table]:
    """Events that close the berths and the hours that they take, by kind; none if none do."""
    schedule: PortSchedule = context.schedules[NAME]
    if not schedule.working.closed:
        return
    table = text_table("Weather that closes the berths", ("weather",), ("events", "hours"))
    events = draw_events(berths_of(inputs)[0].closures)
    for kind, mine in events.groupby("closure", sort=False):
        table.add_row(str(kind), number(len(mine), 0), number(WorkingTime.of(mine).closed, 0))
    table.add_row("all", number(len(events), 0), number(schedule.working.closed, 0), style="bold")
    table.caption = "shared hours count once"
    yield table


def _ships(ships: Mapping[Connection, BerthSeries]) -> Table:
    hours = [(s.hotel_load, s.connectable, s.boiler_fuel) for s in ships.values()]
    sums, peaks = np.sum(hours, axis=2), np.max(hours, axis=2)
    (energy, mwh), (power, mw) = scale_of(sums, "MWh/a", "GWh/a"), scale_of(peaks, "MW")
    heads = (
        *("kV", f"hotel {energy}", f"peak {power}", f"of it plugged {energy}", f"peak {power}"),
        f"boiler fuel {energy}",
    )
    table = text_table("Ships at berth", ("berths",), heads)
    for (group, voltage), year, peak in zip(ships, sums / mwh, peaks / mw, strict=True):
        pairs = zip(numbers(year[:2], 2), numbers(peak[:2], 1), strict=True)
        cells = (cell for pair in pairs for cell in pair)
        table.add_row(group, number(voltage), *cells, number(year[2], 2))
    return table


def _handling(inputs: SliceInputs) -> Table:
    """Electricity of the loads in the zones with berths, whole and for each container."""
    zones = {group.zone for group in berths_of(inputs)}
    teu = inputs.drivers["throughput"]
    power = inputs.power_carrier
    found = [x for x in inputs.loads if x.zone in zones and x.carrier == power]
    loads = [(x.load, x.energy) for x in found] + [("all", sum(x.energy for x in found))]
    unit, divisor = scale_of(loads[-1][1], "MWh/a", "GWh/a")
    table = text_table("Electricity of the terminal", ("load",), (unit, "kWh/TEU"))
    for name, energy in loads:
        table.add_row(name, *numbers((energy / divisor, energy * 1e3 / teu), 2))
    return table


def _lamps(inputs: SliceInputs, context: ShapeContext) -> Text:
    """What the lamps of the sheet save, in both conventions of counting electricity."""
    lamps, old, new = (context.parameters.number("port_lighting", name) for name in _LAMPS)
    on = yard_lamps(context)
    saved = lamp_saving(lamps, old, new, on)
    equivalent, calorific = (
        saved * worth[inputs.power_carrier]
        for worth in (inputs.factors.tce_equivalent, inputs.factors.tce_calorific)
    )
    return Text(
        f"{number(lamps, 0)} lamps of {number(new)} W for {number(old)} W, on for "
        f"{number(on.sum(), 0)} h a year, save {number(saved, 0)} MWh a year: "
        f"{number(equivalent, 0)} tce in equivalent value, "
        f"{number(calorific, 0)} tce in calorific value."
    )


def power_of_ships(slices: Mapping[int, xr.Dataset]) -> Iterator[Chapter]:
    """The chapter of the page: power of ships at berth by what gives it [GWh/a].

    Parameters
    ----------
    slices
        Slices by year; without ships at berth there is no chapter.
    """
    table = pd.DataFrame(
        {year: _given_to_ships(flows_of_slice(ds)) for year, ds in slices.items()}
    )
    if len(table):
        gwh = table.fillna(0.0).rename("technology.{}".format) / 1e3
        yield Chapter("ships", "GWh/a", gwh)


def _given_to_ships(flows: pd.DataFrame) -> pd.Series[float]:
    """Energy that each technology gives to the buses of ships at berth [MWh/a]."""
    hotel = select(flows, role="load", customer=HOTEL_LOAD, may_be_empty=True)
    given = select(flows, role="conversion", way="in", bus=[*hotel["bus"]], may_be_empty=True)
    return given.groupby("technology")["energy"].sum()


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
    shares = final_energy_shares(park, baseline)
    if told := ", ".join(f"{carrier} {percent(share, 1)}" for carrier, share in shares.items()):
        yield f"Port, final energy in equivalent value: {told}"
