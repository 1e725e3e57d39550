r"""20 kV lines that overload, and what has to be laid so that they carry the year.

The optimiser knows one 20 kV bus a zone. What its station exchanges is not what the feeders carry:
batteries stand at the busbar, load and PV of different feeders net there. So feeders are sized by
the AC power flow: the highest current :math:`I` of the year through a line needs

.. math::

    n = \lceil I / (\lambda I_r) \rceil

circuits of a type with the current limit :math:`I_r`, at the loading limit :math:`\lambda`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from meishan_model.inputs.costs import capital_recovery_factor
from meishan_model.inputs.grid import GridSheets, families_of_types, values_by_name
from meishan_model.powerflow.network import with_line_types
from meishan_model.powerflow.run import PowerFlow, run_power_flow

MOST_ROUNDS = 5
"""Rounds of laying; a second one is rare, since a circuit more hardly moves a feeder's current."""

PARALLEL, LARGER, NONE = "parallel circuit", "larger type", "none"
"""Measures: circuits beside those that stand, all circuits replaced, or no type that would do."""

_CHOSEN = (
    *("measure", "type_before", "type", "circuits_before", "circuits"),
    *("investment", "annuity"),
)
COLUMNS = (
    *("zone", "measure", "type_before", "type", "circuits_before", "circuits", "length"),
    *("overload_hours", "loading_before", "loading_after", "investment", "annuity"),
)


@dataclass(frozen=True)
class FeederPlan:
    """What is laid, and the year with it.

    Attributes
    ----------
    table
        Index branch; zone, measure, type_before, type, circuits_before, circuits, length [km],
        overload_hours [h], loading_before, loading_after (highest of the year) [1], investment
        [CNY], annuity (with fixed operation and maintenance) [CNY/a]. Empty where no line of
        20 kV or less is beyond its limit.
    flow
        The power flow of the year on the network with all that is laid.
    """

    table: pd.DataFrame
    flow: PowerFlow


def feeder_reinforcement(flow: PowerFlow, grid: GridSheets, discount_rate: float) -> FeederPlan:
    """Lay parallel circuits or larger types until no 20 kV line is beyond its limit.

    For each line that overloads with all elements in service, that measure is chosen which carries
    its highest current at the lowest annuity: circuits of its own type in parallel, or all its
    circuits replaced by a larger type of its family. The power flow is done again, since currents
    follow the voltages, until nothing overloads, no measure is left or :data:`MOST_ROUNDS` are
    done. A line that no measure helps stays a violation.

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
    standing, found = flow.network, flow
    lines = standing.lines.to_dict("index")
    measures: dict[str, dict[str, object]] = {}
    for _ in range(MOST_ROUNDS):
        current = _overloads(found, grid)
        new = {
            name: _measure(lines[name], amperes, grid, costs)
            for name, amperes in zip(map(str, current.index), current, strict=True)
            if measures.get(name, {}).get("measure") != NONE
        }
        if not new:
            break
        measures |= new
        chosen = {n: (str(m["type"]), int(str(m["circuits"]))) for n, m in measures.items()}
        laid = with_line_types(standing, grid, chosen)
        found = run_power_flow(laid, flow.injections)
    return FeederPlan(_told(measures, flow, found, grid), found)


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
    kinds = values_by_name(grid.line_types, "standard_type")
    families = families_of_types(grid)
    table = pd.DataFrame.from_dict(
        values_by_name(grid.line_costs, "standard_type"), orient="index"
    )
    recovery = [capital_recovery_factor(discount_rate, life) for life in table["lifetime"]]
    return pd.DataFrame(
        {
            "family": [families[str(name)] for name in table.index],
            "current_limit": [kinds[str(name)]["current_limit"] for name in table.index],
            "investment": table["investment"],
            "annuity": table["investment"] * (np.array(recovery) + table["fixed_om"] / 100),
        }
    )


def _overloads(flow: PowerFlow, grid: GridSheets) -> pd.Series:
    """Highest current of each 20 kV line beyond its limit, all its circuits together [A]."""
    lines = flow.network.lines
    loading = pd.Series(flow.state.loading[:, : len(lines)].max(axis=0), lines.index)
    low = lines["to_bus"].isin(flow.network.distribution_buses)
    beyond = low & (loading > grid.parameter("loading_limit") + 1e-9)
    return (loading * lines["circuits"] * lines["current_limit"])[beyond]


def _measure(
    line: Mapping[Hashable, Any], current: float, grid: GridSheets, costs: pd.DataFrame
) -> dict[str, object]:
    """The cheapest measure for a line as it stands; none where none is left."""
    limit, most = grid.parameter("loading_limit"), round(grid.parameter("feeder_circuits_limit"))
    own = str(line["standard_type"])
    family = costs[costs["family"] == costs["family"][own]]
    ways = family[family["current_limit"] > line["current_limit"]]
    ways = pd.concat([family.loc[[own]], ways])
    circuits = np.ceil(current / (limit * ways["current_limit"]) - 1e-9).astype(int)
    # Of its own type only what is missing is laid; another type takes the place of all circuits.
    laid = circuits - np.where(ways.index == own, int(line["circuits"]), 0)
    ways = ways.assign(circuits=circuits, kilometres=laid * float(line["length"]))
    ways = ways[ways["circuits"] <= most]
    before: dict[str, object] = {"type_before": own, "circuits_before": int(line["circuits"])}
    if ways.empty:
        stays = {"type": own, "circuits": int(line["circuits"]), "measure": NONE}
        return before | stays | {"investment": 0.0, "annuity": 0.0}
    best = str((ways["annuity"] * ways["kilometres"]).idxmin())
    way = ways.loc[best]
    return before | {
        "type": best,
        "circuits": int(way["circuits"]),
        "measure": PARALLEL if best == own else LARGER,
        "investment": float(way["investment"] * way["kilometres"]),
        "annuity": float(way["annuity"] * way["kilometres"]),
    }


def _told(
    measures: Mapping[str, Mapping[str, object]],
    before: PowerFlow,
    after: PowerFlow,
    grid: GridSheets,
) -> pd.DataFrame:
    """The measures with where they are and what they do, the fullest line first."""
    names = pd.Index([*measures], dtype="object", name="branch")
    lines, columns = before.network.lines.reindex(names), before.branches.get_indexer(names)
    chosen = pd.DataFrame([*measures.values()], names, columns=[*_CHOSEN])
    loading = before.state.loading[:, columns]
    table = chosen.assign(
        zone=before.network.buses["zone"].reindex(lines["to_bus"]).to_numpy(),
        length=lines["length"],
        overload_hours=(loading > grid.parameter("loading_limit") + 1e-9).sum(axis=0),
        loading_before=loading.max(axis=0),
        loading_after=after.state.loading[:, columns].max(axis=0),
    )
    kinds = dict.fromkeys(("circuits_before", "circuits", "investment", "annuity"), float)
    ordered = table.astype(kinds).sort_values("loading_before", ascending=False, kind="stable")
    return ordered[[*COLUMNS]].astype(dict.fromkeys(("circuits_before", "circuits"), int))
