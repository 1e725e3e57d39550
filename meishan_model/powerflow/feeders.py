r"""20 kV lines that overload or lose too much voltage, and what has to be laid for the year.

The optimiser knows one 20 kV bus a zone. What its station exchanges is not what the feeders carry:
batteries stand at the busbar, load and PV of different feeders net there. So feeders are sized by
the AC power flow: the highest current :math:`I` of the year through a line needs

.. math::

    n = \lceil I / (\lambda I_r) \rceil

circuits of a type with the current limit :math:`I_r`, at the loading limit :math:`\lambda`.

Once nothing overloads, feeders outside the voltage band get the circuits that bring them back. On
the way from the busbar to the bus of a feeder that is farthest outside the band, in the hour when
it is, section :math:`i` of :math:`n_i` circuits takes the voltage :math:`D_i`. With :math:`m_i`
circuits it takes about :math:`D_i n_i / m_i`: the current follows the voltage, so it is somewhat
less under load, and somewhat more where PV feeds in, which another round finds. What is missing,
:math:`V`, is brought back at the least annuity, for all buses :math:`b` together as their ways may
share sections, by

.. math::

    \min_m \sum_i (m_i - n_i) \, c_i l_i \quad \text{with} \quad
    \sum_i D_{ib} \Bigl(1 - \frac{n_i}{m_i}\Bigr) \ge V_b, \quad n_i \le m_i \le M

with the annuity :math:`c` of a circuit [CNY/(km a)], the length :math:`l` and the circuits
:math:`M` that a trench takes. A larger type is no choice here: most of what it lacks is
reactance, which all cables share.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from meishan_model.finance import capital_recovery_factor
from meishan_model.powerflow.dispatch import PowerFlow, run_power_flow
from meishan_model.powerflow.network import Network, with_line_types
from meishan_model.sheets.grid import GridSheets, values_by_name

MOST_ROUNDS = 8
"""Rounds of laying; a second one for the same line is rare, since a circuit more hardly moves a
feeder's current."""
MARGIN = 1e-5
"""By which more voltage is asked for than is missing, since a solver may stay that much below
[-]."""

PARALLEL, LARGER, NONE = "parallel circuit", "larger type", "none"
"""Measures: circuits beside those that stand, all circuits replaced, or no type that would do."""

Line = Mapping[Hashable, Any]
"""A row of the lines of a network."""
COLUMNS = (
    *("zone", "measure", "type_before", "type", "circuits_before", "circuits", "length"),
    *("overload_hours", "loading_before", "loading_after"),
    *("voltage_before", "voltage_after", "investment", "annuity"),
)


class Measure(NamedTuple):
    """What is laid for a line as it stands; investment [CNY] and annuity [CNY/a]."""

    measure: str
    type_before: str
    type: str
    circuits_before: int
    circuits: int
    investment: float
    annuity: float


@dataclass(frozen=True)
class FeederPlan:
    """What is laid, and the year with it.

    Attributes
    ----------
    table
        Index branch; zone, measure, type_before, type, circuits_before, circuits, length [km],
        overload_hours [h] (none: laid for the voltage), loading_before, loading_after (highest of
        the year) [1], voltage_before, voltage_after (farthest from 1 on its feeder in the year)
        [p.u.], investment [CNY], annuity (with fixed operation and maintenance) [CNY/a]. Empty
        where no line and no bus of 20 kV or less is beyond its limit.
    flow
        The power flow of the year on the network with all that is laid.
    """

    table: pd.DataFrame
    flow: PowerFlow


def feeder_reinforcement(flow: PowerFlow, grid: GridSheets, discount_rate: float) -> FeederPlan:
    """Lay circuits or larger types until no 20 kV line and no bus is beyond its limit.

    For each line that overloads with all elements in service, that measure is chosen which carries
    its highest current at the lowest annuity: circuits of its own type in parallel, or all its
    circuits replaced by a larger type of its family. Then each feeder outside the voltage band
    gets circuits where they bring it back at the lowest annuity. The power flow is done again
    after every round, until nothing is beyond a limit, no measure is left or :data:`MOST_ROUNDS`
    are done. What no measure helps stays a violation.

    Parameters
    ----------
    flow
        The year on the network as it stands.
    grid
        Its sheets: types of lines, their costs, limits.
    discount_rate
        Real interest [1/a].

    Raises
    ------
    SolverError
        If an hour of the new network has no solution.
    """
    costs = line_costs(grid, discount_rate)
    lines, found = flow.network.lines.to_dict("index"), flow
    measures: dict[str, Measure] = {}
    for _ in range(MOST_ROUNDS):
        helpless = {name for name, measure in measures.items() if measure.measure == NONE}
        laid = found.network.lines["standard_type"]
        new = {
            name: _carrying(lines[name], current, grid, costs)
            for name, current in _overloads(found, grid).items()
            if name not in helpless
        } or {
            name: _measure(lines[name], str(laid[name]), circuits, costs)
            for name, circuits in _for_voltage(found, grid, costs["annuity"], helpless).items()
        }
        if not new:
            break
        measures |= new
        chosen = _rows(measures)
        network = with_line_types(flow.network, grid, chosen["type"], chosen["circuits"])
        found = run_power_flow(network, flow.injections)
    return FeederPlan(_table(measures, flow, found, grid), found)


def line_costs(grid: GridSheets, discount_rate: float) -> pd.DataFrame:
    """What a km of one circuit of each type costs.

    Parameters
    ----------
    grid, discount_rate
        The sheets, and the real interest [1/a].

    Returns
    -------
    pandas.DataFrame
        Index standard_type; family, current_limit [A], investment [CNY/km], annuity [CNY/(km a)]:
        investment x (capital recovery factor + share of fixed operation and maintenance).
    """
    kinds = pd.DataFrame(values_by_name(grid.line_types, "standard_type")).T
    table = pd.DataFrame(values_by_name(grid.line_costs, "standard_type")).T
    recovery = capital_recovery_factor(discount_rate, table["lifetime"])
    return pd.DataFrame(
        {
            "family": {row.standard_type: row.family for row in grid.line_costs},
            "current_limit": kinds["current_limit"].reindex(table.index),
            "investment": table["investment"],
            "annuity": table["investment"] * (recovery + table["fixed_om"] / 100),
        }
    )


def _overloads(flow: PowerFlow, grid: GridSheets) -> dict[str, float]:
    """Highest current of each 20 kV line beyond its limit, all its circuits together [A]."""
    lines = flow.network.lines
    loading = pd.Series(flow.state.loading[:, : len(lines)].max(axis=0), lines.index)
    low = lines["to_bus"].isin(flow.network.distribution_buses)
    beyond = low & (loading > grid.parameter("loading_limit") + 1e-9)
    current = loading * lines["circuits"] * lines["current_limit"]
    return {str(name): float(amperes) for name, amperes in current[beyond].items()}


def _carrying(line: Line, current: float, grid: GridSheets, costs: pd.DataFrame) -> Measure:
    """The cheapest measure by which a line as it stands carries a current [A]; none if none."""
    limit, most = grid.parameter("loading_limit"), round(grid.parameter("feeder_circuits_limit"))
    own = str(line["standard_type"])
    family = costs[costs["family"] == costs["family"][own]]
    ways = family[family["current_limit"] > line["current_limit"]]
    ways = pd.concat([family.loc[[own]], ways])
    circuits = np.ceil(current / (limit * ways["current_limit"]) - 1e-9).astype(int)
    measures = [
        _measure(line, str(name), int(count), costs)
        for name, count in circuits[circuits <= most].items()
    ]
    stays = _measure(line, own, int(line["circuits"]), costs)._replace(measure=NONE)
    return min(measures, key=lambda measure: measure.annuity, default=stays)


def _measure(line: Line, kind: str, circuits: int, costs: pd.DataFrame) -> Measure:
    """Circuits of a type in the place of a line as it stands, with what they cost."""
    own, before = str(line["standard_type"]), int(line["circuits"])
    # Of its own type only what is missing is laid; another type takes the place of all circuits.
    kilometres = float(line["length"]) * (circuits - (before if kind == own else 0))
    return Measure(
        PARALLEL if kind == own else LARGER,
        *(own, kind, before, circuits),
        float(costs["investment"][kind]) * kilometres,
        float(costs["annuity"][kind]) * kilometres,
    )


def _for_voltage(
    flow: PowerFlow, grid: GridSheets, annuity: pd.Series, helpless: Collection[str]
) -> dict[str, int]:
    """Circuits of the sections of feeders outside the voltage band, of those that get more.

    A busbar that is itself outside is its transformer's matter, and a feeder that no number of
    circuits brings back is left as it is.

    Parameters
    ----------
    flow, grid
        The year and its sheets.
    annuity
        Of a circuit, by standard type [CNY/(km a)].
    helpless
        Lines that are left as they are.
    """
    network, band = flow.network, grid.parameter("voltage_band")
    voltage = pd.DataFrame(flow.state.voltage, columns=network.buses.index)
    deviation = (voltage - 1.0).abs()[network.distribution_buses]
    farthest = deviation.max()
    beyond = farthest[farthest > band + 1e-9]
    feeders = network.buses.loc[beyond.index, ["zone", "feeder"]]
    ways: dict[str, pd.DataFrame] = {}
    for bus in map(str, beyond.groupby([feeders["zone"], feeders["feeder"]]).idxmax()):
        hour = voltage.iloc[int(deviation[bus].to_numpy().argmax())]
        path = _path(network, bus)
        if abs(hour[path[0]] - 1.0) <= band:
            ways[bus] = _sections(network, path, hour, annuity).drop([*helpless], errors="ignore")
    if not ways:
        return {}
    sections = pd.concat([way[["circuits", "annuity"]] for way in ways.values()])
    drops = pd.DataFrame({bus: way["drop"] for bus, way in ways.items()})
    sections = sections[~sections.index.duplicated()].reindex(drops.index)
    most = round(grid.parameter("feeder_circuits_limit"))
    return cheapest_circuits(sections, drops.fillna(0.0), beyond[[*ways]] - band, most)


def cheapest_circuits(
    sections: pd.DataFrame, drops: pd.DataFrame, missing: pd.Series, most: int
) -> dict[str, int]:
    """The circuits that make up for missing voltages at the least annuity.

    Parameters
    ----------
    sections
        Index branch; circuits, annuity of one circuit [CNY/a].
    drops
        Voltage that each section (rows) takes on the way to each bus (columns) [p.u.]; zero where
        it does not lie on it.
    missing
        Voltage that each bus lacks [p.u.]; one that ``most`` circuits everywhere do not bring back
        is left out.
    most
        Circuits that a trench takes.

    Returns
    -------
    dict
        Circuits by branch, of those that get more.
    """
    # A row for every number of circuits that a section may have.
    counts = [range(n, max(most, n) + 1) for n in sections["circuits"].astype(int)]
    table = (
        sections.assign(count=pd.Series(counts, sections.index))
        .explode("count")
        .astype({"count": int})
    )
    more = (table["count"] - table["circuits"]).to_numpy()
    relief = drops.loc[table.index].mul(more / table["count"].to_numpy(), axis=0) / missing
    # In every section at most one number of circuits counts: what helps most.
    reachable = relief.groupby(level=0).max().clip(lower=0.0).sum() >= 1.0 + MARGIN
    if not reachable.any():
        return {}
    best = milp(
        c=table["annuity"].to_numpy() * more,
        constraints=[
            LinearConstraint(pd.get_dummies(table.index, dtype=float).to_numpy().T, 1.0, 1.0),
            LinearConstraint(relief.loc[:, reachable].to_numpy().T, 1.0 + MARGIN, np.inf),
        ],
        integrality=np.ones(len(table)),
        bounds=Bounds(0.0, 1.0),
    )
    if best.x is None:
        return {}
    taken = table["count"][(best.x > 0.5) & (more > 0)]
    return {str(name): int(count) for name, count in taken.items()}


def _path(network: Network, bus: str) -> list[str]:
    """Buses of 20 kV or less on the way from the grid above to one of them."""
    buses, branches = network.buses.index, network.branches
    closed = branches[branches["closed"]]
    start, end = (buses.get_indexer(pd.Index(closed[side])) for side in ("from_bus", "to_bus"))
    graph = csr_array((np.ones(len(closed)), (start, end)), shape=(len(buses), len(buses)))
    source, place = buses.get_indexer(pd.Index([network.source_bus, bus]))
    _, before = breadth_first_order(graph, source, directed=False)
    path = []
    while place >= 0:  # a negative place stands for none
        path.append(str(buses[int(place)]))
        place = before[place]
    return [name for name in reversed(path) if name in network.distribution_buses]


def _sections(
    network: Network, path: list[str], voltage: pd.Series, annuity: pd.Series
) -> pd.DataFrame:
    """Lines along a path of buses, as :func:`cheapest_circuits` wants them."""
    lines, towards = network.lines, np.sign(1.0 - voltage[path[-1]])
    ends = pd.MultiIndex.from_frame(lines[["from_bus", "to_bus"]])
    found = []
    for near, far in pairwise(path):
        rows = lines[ends.isin([(near, far), (far, near)])]
        # What the voltage gains on the way helps the end: a negative drop.
        drop = towards * (voltage[near] - voltage[far])
        cost = rows["length"] * annuity.reindex(rows["standard_type"]).to_numpy()
        found.append(rows[["circuits"]].assign(drop=drop, annuity=cost))
    return pd.concat(found)


def _table(
    measures: Mapping[str, Measure], before: PowerFlow, after: PowerFlow, grid: GridSheets
) -> pd.DataFrame:
    """The measures with where they are and what they do, the fullest line first."""
    rows = _rows(measures)
    lines = before.network.lines.reindex(rows.index)
    places = before.network.lines.index.get_indexer(rows.index)
    loading = before.state.loading[:, places]
    table = rows.assign(
        zone=before.network.buses["zone"].reindex(lines["to_bus"]).to_numpy(),
        length=lines["length"],
        overload_hours=(loading > grid.parameter("loading_limit") + 1e-9).sum(axis=0)
        * before.injections.step,
        loading_before=loading.max(axis=0),
        loading_after=after.state.loading[:, places].max(axis=0),
        voltage_before=_farthest_voltages(before, lines),
        voltage_after=_farthest_voltages(after, lines),
    )
    # A table without rows has no types of its own.
    whole = dict.fromkeys(("circuits_before", "circuits"), "int64")
    kinds = whole | dict.fromkeys(("investment", "annuity"), "float64")
    ordered = table.astype(kinds).sort_values("loading_before", ascending=False, kind="stable")
    return ordered[[*COLUMNS]]


def _rows(measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Measures by branch."""
    names = pd.Index([*measures], dtype="object", name="branch")
    return pd.DataFrame([*measures.values()], names, Measure._fields)


def _farthest_voltages(flow: PowerFlow, lines: pd.DataFrame) -> list[float]:
    """Voltage of the year that is farthest from 1 on the feeder of each line [p.u.].

    A line belongs to the feeder of either end, whichever way it is written; a busbar has none.
    """
    places = pd.MultiIndex.from_frame(flow.network.buses[["zone", "feeder"]])
    names = flow.network.buses.index
    found = []
    for ends in lines[["from_bus", "to_bus"]].to_numpy():
        of_ends = places[names.get_indexer(pd.Index(ends))]
        own = [place for place in of_ends if place[1]] or [*of_ends]
        part = flow.state.voltage[:, places.isin(own)]
        found.append(float(part.flat[np.abs(part - 1.0).argmax()]))
    return found
