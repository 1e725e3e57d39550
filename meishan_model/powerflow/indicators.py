"""What a grid planner reads off a year of power flow: voltages, loadings, losses, indicators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.selection import (
    each,
    energy_of,
    flows_of_slice,
    green_at_home,
    select,
)
from meishan_model.powerflow.dispatch import PowerFlow, through_station, zone_exchange
from meishan_model.series import FloatArray
from meishan_model.sheets.grid import GridSheets


def worst_hours(flow: PowerFlow, grid: GridSheets) -> pd.DataFrame:
    """The hours in which the network is closest to a limit, or furthest beyond it.

    Closeness is loading over its limit, or deviation of the voltage from 1 p.u. over the band.

    Parameters
    ----------
    flow, grid
        The year and its sheets, for limits and the number of rows.

    Returns
    -------
    pandas.DataFrame
        time, quantity (``loading`` or ``voltage``), element, value [1 or p.u.], limit, severity
        [1]; the worst first.
    """
    value, severity = _closeness(flow, grid)
    hours, worst = np.arange(len(severity)), severity.to_numpy().argmax(axis=1)
    quantity, element = (severity.columns.get_level_values(level)[worst] for level in (0, 1))
    values = value.to_numpy()[hours, worst]
    band, limit = grid.parameter("voltage_band"), grid.parameter("loading_limit")
    beyond = 1.0 + np.sign(values - 1.0) * band
    table = pd.DataFrame(
        {
            "time": severity.index,
            "quantity": quantity,
            "element": element,
            "value": values,
            "limit": np.where(quantity == "voltage", beyond, limit),
            "severity": severity.to_numpy()[hours, worst],
        }
    )
    return table.nlargest(round(grid.parameter("worst_hours")), "severity").reset_index(drop=True)


def _closeness(flow: PowerFlow, grid: GridSheets) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Loadings [1] and voltages [p.u.], and each over its limit [1]; hours x (quantity, element).

    Closeness of a voltage is its deviation from 1 p.u. over the band.
    """
    network, time = flow.network, flow.injections.time
    loading = pd.DataFrame(flow.state.loading, time, network.branches.index)
    voltage = pd.DataFrame(flow.state.voltage, time, network.buses.index)
    voltage = voltage[network.distribution_buses]
    parts = {
        "loading": loading / grid.parameter("loading_limit"),
        "voltage": (voltage - 1.0).abs() / grid.parameter("voltage_band"),
    }
    return pd.concat({"loading": loading, "voltage": voltage}, axis=1), pd.concat(parts, axis=1)


def violations(flow: PowerFlow, grid: GridSheets) -> pd.DataFrame:
    """Every bus and branch that breaks a limit in some hour.

    Parameters
    ----------
    flow, grid
        The year and its sheets.

    Returns
    -------
    pandas.DataFrame
        quantity, element, hours (how many), value (the worst), limit, time (of the worst).
    """
    value, severity = _closeness(flow, grid)
    worst, columns = severity.to_numpy().argmax(axis=0), severity.columns
    limits = {"loading": "loading_limit", "voltage": "voltage_band"}
    table = pd.DataFrame(
        {
            "hours": (severity > 1.0 + 1e-9).sum() * flow.injections.step,
            "value": value.to_numpy()[worst, np.arange(len(columns))],
            "limit": columns.get_level_values(0).map(limits).map(grid.parameter),
            "time": severity.index[worst],
        }
    ).rename_axis(["quantity", "element"])
    found = table[table["hours"] > 0].reset_index()
    return found.sort_values(["quantity", "hours"], ascending=[True, False], ignore_index=True)


def losses(flow: PowerFlow, ds: xr.Dataset) -> pd.DataFrame:
    """Losses of every element of ``network.csv``, by the optimiser and by the power flow.

    Lines to plants at 110 kV have no element: their loss is part of the plants' yield.

    Parameters
    ----------
    flow, ds
        The year and its slice.

    Returns
    -------
    pandas.DataFrame
        Index element; through (what enters it in the optimiser), optimiser, power_flow [MWh in
        the hours of the file], share (power_flow over through) [1].
    """
    elements = flow.network.branches["element"].to_numpy()
    step = flow.injections.step
    lost = pd.Series(flow.state.loss.sum(axis=0) * step, elements).groupby(level=0).sum()
    lost = lost.drop("", errors="ignore")
    # A supply line has no flows of its own: it lies in series with its transformers.
    power = ds.attrs["power_carrier"]
    flows = select(flows_of_slice(ds), role="transport", carrier=power, may_be_empty=True)
    energy = ds["power"].to_numpy()[flows.index].sum(axis=1) * step
    ways = flows.assign(energy=energy).pivot_table("energy", "asset", "way", aggfunc="sum")
    ways = ways.reindex(index=lost.index, columns=["out", "in"]).fillna(0.0)
    table = pd.DataFrame({"through": ways["out"], "optimiser": ways["out"] - ways["in"]})
    through = table["through"]
    share = (lost / through.where(through > 0)).fillna(0.0)
    return table.assign(power_flow=lost, share=share).rename_axis("element")


def indicators(flow: PowerFlow, ds: xr.Dataset, grid: GridSheets) -> pd.DataFrame:
    """Indicators of the slice for a grid planner.

    - peak import and export: extremes of the power from the grid above, by the power flow;
    - simultaneity: peak of the load of all zones together over the sum of their own peaks;
    - curtailment by cause, see :func:`curtailment_by_cause`;
    - clean share: electricity of local renewables used at home and green power delivered, over
      final energy (zone goal 50 %); what the public grid's mix holds is not counted;
    - electrification share: electricity over final energy (zone goal 50 %).

    Parameters
    ----------
    flow, ds, grid
        The year, its slice and its sheets.

    Returns
    -------
    pandas.DataFrame
        Index indicator; value, unit. Energies are those of the hours of the file.
    """
    above = imported_power(flow)
    load = pd.DataFrame(flow.injections.placed.xs("load", axis=1, level="group"))
    peaks = load.max().sum()
    energy = ds["energy_mwh"].to_numpy()
    electric = energy[(ds["energy_carrier"] == ds.attrs["power_carrier"]).to_numpy()].sum()
    # A claim is bought in one hour and generated in another: it is no clean power of its hour.
    clean = green_at_home(ds) + energy_of(ds, role="delivered", way="in", may_be_empty=True)
    final = float(energy.sum())
    rows: list[tuple[str, float, str]] = [
        ("peak_import", float(above.max()), "MW"),
        ("peak_export", float(max(-above.min(), 0.0)), "MW"),
        ("simultaneity", float(load.sum(axis=1).max() / peaks) if peaks > 0 else 0.0, "1"),
        ("clean_share", clean / final if final > 0 else 0.0, "1"),
        ("electrification_share", float(electric) / final if final > 0 else 0.0, "1"),
    ]
    causes = curtailment_by_cause(flow, ds, grid)
    rows += [(f"curtailment_{name}", value, "MWh") for name, value in causes.items()]
    return pd.DataFrame(rows, columns=["indicator", "value", "unit"]).set_index("indicator")


def imported_power(flow: PowerFlow) -> FloatArray:
    """Power that the grid above gives, negative where it takes some, by hour [MW]."""
    mine = (flow.network.branches["from_bus"] == flow.network.source_bus).to_numpy()
    return np.asarray(flow.state.power[:, mine].sum(axis=1), dtype=np.float64)


def curtailment_by_cause(flow: PowerFlow, ds: xr.Dataset, grid: GridSheets) -> dict[str, float]:
    """Energy that renewables could have given and did not, by what held it back [MWh].

    In each hour and zone the cause is ``transformer_full`` if the optimiser uses all of the
    capacity of the transformers, or of the line that feeds them, towards the 110 kV grid, else
    ``line_full`` if a line of the zone is at its limit in the power flow, else ``no_demand``:
    nobody would take it at a price.

    Parameters
    ----------
    flow, ds, grid
        The year, its slice and its sheets.
    """
    causes = dict.fromkeys(("no_demand", "line_full", "transformer_full"), 0.0)
    limit = grid.parameter("loading_limit")
    flows, power = flows_of_slice(ds), ds["power"].to_numpy()
    elements = flow.network.lines["element"].to_numpy()
    loading = flow.state.loading[:, : len(elements)]
    # What a contract curtails is no power of the park.
    for row in each(select(flows, role="curtailment", contract="", may_be_empty=True)):
        curtailed, element = power[row.Index], ""  # plants at 110 kV stand behind no transformer
        full = np.zeros(len(curtailed), dtype=bool)
        if row.zone:
            element = str(through_station(ds, row.zone)["asset"].iloc[0])
            full = -zone_exchange(ds, row.zone) >= _room(row.zone, ds) - 1e-3
        tight = (loading[:, elements == element] >= limit - 1e-6).any(axis=1)
        causes["transformer_full"] += float(curtailed[full].sum())
        causes["line_full"] += float(curtailed[~full & tight].sum())
        causes["no_demand"] += float(curtailed[~full & ~tight].sum())
    return {cause: power * flow.injections.step for cause, power in causes.items()}


def _room(zone: str, ds: xr.Dataset) -> float:
    """Power that leaves a zone at 20 kV when its transformers or their line are full [MW]."""
    drawn = select(flows_of_slice(ds), role="capacity", zone=zone, may_be_empty=True)
    mine = np.isin(ds["asset"], drawn["asset"])
    return float(ds["capacity"].to_numpy()[mine].min(initial=np.inf))
