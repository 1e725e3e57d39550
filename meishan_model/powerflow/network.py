"""The electrical network: tables of buses, lines and transformers with their physics in SI units.

Model of a line: the pi circuit with series impedance ``(r' + j x') l`` and half of the charging
``omega c' l`` at each end. Model of a transformer: the pi circuit with

    z = u_k / 100 * U_r^2 / S_r,  r = u_kr / 100 * U_r^2 / S_r,  g = P_0 / U_r^2,
    |y| = i_0 / 100 * S_r / U_r^2,

behind an ideal tap changer on the high side of ratio ``1 + tap * step`` (IEC 60909-0; J. D. Glover
et al., Power System Analysis and Design, chapters 3 and 4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from meishan_model.sheets.grid import DISTRIBUTION_KV, GridSheets, values_by_name
from meishan_model.sheets.rows import ValueRow

ROUNDING = 0.5
"""A capacity of ``network.csv``, in whole MW, may be rounded up by so much [MW]."""


@dataclass(frozen=True)
class Network:
    """A three-phase network in symmetrical operation.

    Attributes
    ----------
    buses
        Index bus; zone, feeder, voltage [V], longitude, latitude [deg].
    lines
        Index branch; element, from_bus, to_bus, standard_type, length [km], circuits, and per
        circuit resistance, reactance [Ohm], capacitance [F], current_limit [A]; to_closed, which
        a line that is normally open is not.
    transformers
        Index transformer; element, from_bus (high side), to_bus, units, and per unit rated_power
        [VA], high_voltage, low_voltage [V], short_circuit_voltage [1], short_circuit_loss [W],
        no_load_loss [W], no_load_current [1], tap_step [1], tap_limit, tap_position, phase_clock,
        automatic, voltage_setpoint [p.u.], mean_loading, form_factor [1].
    source_bus
        Where the grid above holds the voltage.
    source_voltage
        At which level [p.u.].
    supply_lines
        Element of ``network.csv`` that is the line to a zone, by zone.
    """

    buses: pd.DataFrame
    lines: pd.DataFrame
    transformers: pd.DataFrame
    source_bus: str
    source_voltage: float
    supply_lines: Mapping[str, str] = field(default_factory=dict)

    @property
    def distribution_buses(self) -> pd.Index:
        """Buses whose voltage the limits for customers hold."""
        low = self.buses["voltage"] <= DISTRIBUTION_KV * 1e3
        return self.buses.index[low]

    @property
    def branches(self) -> pd.DataFrame:
        """Lines, then transformers: a branch is all equal circuits or units between two buses.

        Columns are element (of ``network.csv``; empty for what that sheet does not have),
        from_bus, to_bus, count (of circuits or units) and closed (at both ends).
        """
        both = {"circuits": "count", "units": "count", "to_closed": "closed"}
        parts = [self.lines, self.transformers.assign(to_closed=True)]
        columns = ["element", "from_bus", "to_bus", "count", "closed"]
        whole = pd.concat([part.rename(columns=both)[columns] for part in parts])
        return whole.rename_axis("branch")


def build_network(grid: GridSheets) -> Network:
    """Network of a park's grid sheets."""
    buses = _table(grid.buses, "bus", "zone", "feeder", "value", "longitude", "latitude")
    buses = buses.assign(value=buses["value"] * 1e3).rename(columns={"value": "voltage"})
    columns = ("element", "from_bus", "to_bus", "standard_type", "value", "circuits", "normally")
    rows = _table(grid.lines, "branch", *columns).rename(columns={"value": "length"})
    lines = rows.assign(to_closed=rows.pop("normally") == "closed")
    return Network(
        buses,
        _with_circuits(lines, grid),
        _transformers(grid),
        grid.source_bus,
        grid.parameter("source_voltage"),
        grid.supply_lines,
    )


def _table(rows: Sequence[ValueRow], index: str, *columns: str) -> pd.DataFrame:
    """Some columns of a sheet by its column of names."""
    return pd.DataFrame([row.model_dump() for row in rows]).set_index(index)[[*columns]]


def _with_circuits(lines: pd.DataFrame, grid: GridSheets) -> pd.DataFrame:
    """Lines with what a circuit of their type and length has."""
    table = pd.DataFrame(values_by_name(grid.line_types, "standard_type")).T
    kinds = table.loc[lines["standard_type"]].set_index(lines.index)
    return lines.assign(
        resistance=kinds["resistance"] * lines["length"],
        reactance=kinds["reactance"] * lines["length"],
        capacitance=kinds["capacitance"] * 1e-9 * lines["length"],
        current_limit=kinds["current_limit"],
    )


def with_line_types(
    network: Network, grid: GridSheets, standard_type: pd.Series, circuits: pd.Series
) -> Network:
    """The network with other standard types and numbers of circuits of some lines.

    Parameters
    ----------
    network, grid
        The network, and the sheets that know the types.
    standard_type, circuits
        By branch.
    """
    lines, chosen = network.lines.copy(), standard_type.index
    changed = lines.loc[chosen].assign(standard_type=standard_type, circuits=circuits)
    lines.loc[chosen] = _with_circuits(changed, grid)
    return replace(network, lines=lines)


def _transformers(grid: GridSheets) -> pd.DataFrame:
    columns = ("element", "from_bus", "to_bus", "tap_control", "standard_type")
    rows = _table(grid.transformers, "transformer", *columns)
    rows = rows[~rows.index.duplicated()]
    rows = rows.assign(automatic=rows.pop("tap_control") == "automatic")
    numbers = pd.DataFrame(values_by_name(grid.transformers, "transformer")).T.loc[rows.index]
    table = pd.DataFrame(values_by_name(grid.transformer_types, "standard_type")).T
    kinds = table.loc[rows.pop("standard_type")].set_index(rows.index)
    power = kinds["rated_power"] * 1e6
    return rows.assign(
        units=numbers["units"].round().astype("int64"),
        rated_power=power,
        high_voltage=kinds["high_voltage"] * 1e3,
        low_voltage=kinds["low_voltage"] * 1e3,
        short_circuit_voltage=kinds["short_circuit_voltage"] / 100,
        short_circuit_loss=kinds["short_circuit_resistance"] / 100 * power,
        no_load_loss=kinds["no_load_loss"] * 1e3,
        no_load_current=kinds["no_load_current"] / 100,
        tap_step=kinds["tap_step"] / 100,
        tap_limit=kinds["tap_limit"].round().astype("int64"),
        tap_position=numbers["tap_position"].round().astype("int64"),
        phase_clock=kinds["phase_clock"].round().astype("int64"),
        voltage_setpoint=numbers["voltage_setpoint"],
        mean_loading=numbers["mean_loading"] / 100,
        form_factor=numbers["form_factor"],
    )


def planned_branches(network: Network) -> pd.DataFrame:
    """Branches whose capacity the optimiser plans: transformers, and the lines that feed them.

    Returns
    -------
    pandas.DataFrame
        Index branch; element of ``network.csv`` (that of a line to a zone by
        :attr:`Network.supply_lines`, a line from the grid above is the connection itself), count
        of units or circuits, rating of one of them [MVA]: S_r, or sqrt(3) U_r I_max.
    """
    zone, lines, stations = network.buses["zone"], network.lines, network.transformers
    fed = pd.Series(stations["to_bus"].map(zone).to_numpy(), stations["from_bus"])
    fed = fed[zone.loc[fed.index].to_numpy() != ""]
    element = lines["to_bus"].map(fed).map(dict(network.supply_lines))
    above = lines["from_bus"] == network.source_bus
    voltage = lines["to_bus"].map(network.buses["voltage"])
    circuits = lines.assign(
        element=element.mask(above, lines["element"]),
        count=lines["circuits"],
        rating=voltage * lines["current_limit"] * (math.sqrt(3) * 1e-6),
    ).dropna(subset="element")
    units = stations.assign(count=stations["units"], rating=stations["rated_power"] * 1e-6)
    return pd.concat([part[["element", "count", "rating"]] for part in (units, circuits)])


def station_capacities(network: Network, power_factor: float) -> pd.Series:
    """Capacity of planned branches with one of their units or circuits out [MW].

    Parameters
    ----------
    network
        The network.
    power_factor
        At which apparent power counts [1].

    Returns
    -------
    pandas.Series
        By element of ``network.csv``.
    """
    rows = planned_branches(network)
    rating = (rows["count"] - 1) * rows["rating"]
    return rating.groupby(rows["element"]).sum().mul(power_factor).rename("capacity")


def reinforced(network: Network, capacities: Mapping[str, float], power_factor: float) -> Network:
    """The network with the units and circuits that planned capacities need.

    A station of n units counts with ``(n - 1) S_r cos phi``, a line of c circuits likewise: its
    peak must pass with one of them out.

    Parameters
    ----------
    network
        The network as the sheets have it; nothing of it is taken away.
    capacities
        Planned n-1 capacity by element of ``network.csv`` [MW].
    power_factor
        That of planning [1].
    """
    rows = planned_branches(network)
    planned = {name: (mw - ROUNDING) / power_factor for name, mw in capacities.items()}
    wanted = rows["element"].map(planned).astype(float) / rows["rating"]
    # One more than carries what is planned; the small number is the rounding of a solver.
    needed = np.ceil(wanted.fillna(0.0) - 1e-6) + 1
    count = np.maximum(needed, rows["count"]).astype("int64")
    circuits, units = network.lines["circuits"].copy(), network.transformers["units"].copy()
    circuits.update(count)
    units.update(count)
    return replace(
        network,
        lines=network.lines.assign(circuits=circuits),
        transformers=network.transformers.assign(units=units),
    )
