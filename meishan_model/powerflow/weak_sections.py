r"""20 kV lines that bring a feeder's voltage back into its band by circuits beside them.

On the way from the busbar to the bus of a feeder that is farthest outside the band, in the hour
when it is, section :math:`i` of :math:`n_i` circuits takes the voltage :math:`D_i`. With
:math:`m_i` circuits it takes about :math:`D_i n_i / m_i`: the current follows the voltage, so it
is somewhat less under load, and somewhat more where PV feeds in, which another round finds. What
is missing, :math:`V`, is brought back at the least annuity, for all buses :math:`b` together as
their ways may share sections, by

.. math::

    \min_m \sum_i (m_i - n_i) \, c_i l_i \quad \text{with} \quad
    \sum_i D_{ib} \Bigl(1 - \frac{n_i}{m_i}\Bigr) \ge V_b, \quad n_i \le m_i \le M

with the annuity :math:`c` of a circuit [CNY/(km a)], the length :math:`l` and the circuits
:math:`M` that a trench takes. A larger type is no choice here: most of what it lacks is
reactance, which all cables share.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from meishan_model.powerflow.dispatch import PowerFlow
from meishan_model.powerflow.network import Network
from meishan_model.sheets.grid import GridSheets

MARGIN = 1e-5
"""By which more is asked for than is missing, since a solver may stay that much below [-]."""


def weak_sections(
    flow: PowerFlow, grid: GridSheets, annuity: pd.Series, helpless: Collection[str] = ()
) -> dict[str, int]:
    """Circuits that the sections of the feeders outside the voltage band are to have.

    A busbar that is itself outside is its transformer's matter, and a feeder that no number of
    circuits brings back is left as it is.

    Parameters
    ----------
    flow
        The year.
    grid
        Its sheets.
    annuity
        Of a circuit, by standard type [CNY/(km a)].
    helpless
        Lines that are left as they are.

    Returns
    -------
    dict
        By branch; only those that get more than they have.
    """
    network, band = flow.network, grid.parameter("voltage_band")
    voltage = pd.DataFrame(flow.state.voltage, columns=network.buses.index)
    deviation = (voltage - 1.0).abs()[network.distribution_buses]
    farthest = deviation.max()
    beyond = farthest[farthest > band + 1e-9]
    if beyond.empty:
        return {}
    feeders = network.buses.loc[beyond.index, ["zone", "feeder"]]
    upstream = _upstream_buses(network)
    most = round(grid.parameter("feeder_circuits_limit"))
    ways: dict[str, pd.DataFrame] = {}
    for bus in map(str, beyond.groupby([feeders["zone"], feeders["feeder"]]).idxmax()):
        hour = voltage.iloc[int(deviation[bus].to_numpy().argmax())]
        path = [b for b in _path(bus, upstream) if b in network.distribution_buses]
        if abs(hour[path[0]] - 1.0) <= band:
            sections = _sections(network, path, hour, annuity)
            ways[bus] = sections.drop(index=[n for n in helpless if n in sections.index])
    if not ways:
        return {}
    sections = pd.concat([way[["circuits", "annuity"]] for way in ways.values()])
    drops = pd.DataFrame({bus: way["drop"] for bus, way in ways.items()})
    sections = sections[~sections.index.duplicated()].reindex(drops.index)
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
    table = pd.DataFrame(
        [
            (str(name), count, int(row["circuits"]), float(row["annuity"]))
            for name, row in sections.to_dict("index").items()
            for count in range(int(row["circuits"]), max(most, int(row["circuits"])) + 1)
        ],
        columns=["branch", "count", "before", "annuity"],
    )
    share = (1.0 - table["before"] / table["count"]).to_numpy()
    relief = drops.reindex(table["branch"]).to_numpy().T * share / missing.to_numpy()[:, None]
    one_each = pd.get_dummies(table["branch"], dtype=float).to_numpy().T
    # In every section at most one number of circuits counts: what helps most.
    reachable = [
        sum(max(0.0, row[table["branch"] == name].max()) for name in sections.index)
        for row in relief
    ]
    relief = relief[np.array(reachable) >= 1.0 + MARGIN]
    if not len(relief):
        return {}
    best = milp(
        c=(table["annuity"] * (table["count"] - table["before"])).to_numpy(),
        constraints=[
            LinearConstraint(one_each, 1.0, 1.0),
            LinearConstraint(relief, 1.0 + MARGIN, np.inf),
        ],
        integrality=np.ones(len(table)),
        bounds=Bounds(0.0, 1.0),
    )
    if best.x is None:
        return {}
    taken = table[(best.x > 0.5) & (table["count"] > table["before"])]
    return dict(zip(taken["branch"], map(int, taken["count"]), strict=True))


def _upstream_buses(network: Network) -> Mapping[str, str]:
    """The bus before each bus on its way from the grid above; empty where there is none."""
    buses, branches = network.buses.index, network.branches
    closed = branches[branches["closed"]]
    start, end = (buses.get_indexer(pd.Index(closed[side])) for side in ("from_bus", "to_bus"))
    graph = csr_array((np.ones(len(closed)), (start, end)), shape=(len(buses), len(buses)))
    source = int(buses.get_indexer(pd.Index([network.source_bus]))[0])
    _, before = breadth_first_order(graph, source, directed=False)
    # A negative position stands for none.
    names = map(str, buses)
    return {
        name: str(buses[place]) if place >= 0 else ""
        for name, place in zip(names, before, strict=True)
    }


def _path(bus: str, upstream: Mapping[str, str]) -> list[str]:
    """Buses from the grid above to a bus."""
    path = [bus]
    while upstream[path[-1]]:
        path.append(upstream[path[-1]])
    return path[::-1]


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
