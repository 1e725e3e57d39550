"""What every result has passed before it is saved under its name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from oemof import solph

from meishan_model.accounting.tables import Accounts, net_emissions
from meishan_model.errors import CheckError
from meishan_model.graph.book import NET_EMISSION, ParkGraph
from meishan_model.optimise.extract import Solution

RELATIVE = 1e-6
"""Tolerance of sums against the objective [-], relative."""
BALANCE = 1e-6
"""Tolerance of the balance of a bus or storage [MW, MWh], relative to its size above one."""


def check_slice(graph: ParkGraph, solution: Solution, accounts: Accounts) -> None:
    """Check a solution against what it must be, independently of the solver.

    Costs sum to the objective, buses balance, storages obey their dynamics, capacities lie in
    their bounds, net emissions recomputed from the flows keep the cap.

    Raises
    ------
    CheckError
        With every check that fails, and by how much.
    """
    failures = [
        *_cost_failures(accounts),
        *_balance_failures(graph.energy_system, solution),
        *_storage_failures(graph.energy_system, solution),
        *_capacity_failures(accounts.assets),
        *_emission_failures(graph, accounts),
    ]
    if failures:
        raise CheckError("the solution fails its checks: " + "; ".join(failures))


def _cost_failures(accounts: Accounts) -> Iterator[str]:
    total = float(accounts.costs["value"].sum())
    scale = max(float(accounts.costs["value"].abs().sum()), 1.0)
    if abs(total - accounts.objective) > RELATIVE * scale:
        yield f"costs sum to {total:.2f}, the objective is {accounts.objective:.2f} CNY/a"


def bus_imbalance(energy_system: solph.EnergySystem, flow: pd.DataFrame) -> pd.Series[float]:
    """Largest imbalance of every bus over the hours, relative to its throughput above one MW.

    Parameters
    ----------
    energy_system
        The graph.
    flow
        Hours by ``(source, target)`` [MW].
    """
    buses = [str(node.label) for node in energy_system.nodes if isinstance(node, solph.Bus)]
    into = flow.T.groupby(level="target").sum().T.reindex(columns=buses, fill_value=0.0)
    out = flow.T.groupby(level="source").sum().T.reindex(columns=buses, fill_value=0.0)
    size = into.abs().max().clip(lower=1.0)
    return (into - out).abs().max() / size


def _balance_failures(energy_system: solph.EnergySystem, solution: Solution) -> Iterator[str]:
    worst = bus_imbalance(energy_system, solution.flow)
    for bus, imbalance in worst[worst > BALANCE].items():
        yield f"bus {bus} is out of balance by {imbalance:.2e}"


def _storage_failures(energy_system: solph.EnergySystem, solution: Solution) -> Iterator[str]:
    for node in energy_system.nodes:
        if not isinstance(node, solph.components.GenericStorage):
            continue
        label = str(node.label)
        content = solution.storage_content[label].to_numpy()
        before = np.concatenate([[solution.initial_content[label]], content[:-1]])
        hours = range(len(content))
        loss, inward, outward = (
            np.array([series[t] for t in hours])
            for series in (
                node.loss_rate,
                node.inflow_conversion_factor,
                node.outflow_conversion_factor,
            )
        )
        into = solution.flow.xs(label, axis=1, level="target").to_numpy().sum(axis=1)
        out = solution.flow.xs(label, axis=1, level="source").to_numpy().sum(axis=1)
        expected = before * (1 - loss) + into * inward - out / outward
        size = max(1.0, float(content.max(initial=0.0)))
        error = float(np.max(np.abs(content - expected), initial=0.0)) / size
        if error > BALANCE:
            yield f"storage {label} breaks its dynamics by {error:.2e}"
        if node.balanced and abs(content[-1] - before[0]) > BALANCE * size:
            yield f"storage {label} does not end where it began"


def _capacity_failures(assets: pd.DataFrame) -> Iterator[str]:
    slack = 1e-3 + RELATIVE * assets["capacity"].abs()
    outside = (assets["capacity"] < assets["capacity_lower"] - slack) | (
        assets["capacity"] > assets["capacity_upper"] + slack
    )
    for name, row in assets[outside].iterrows():
        yield (
            f"{name} has {row['capacity']:.4f} {row['unit']}, allowed are "
            f"{row['capacity_lower']:.4f} to {row['capacity_upper']:.4f}"
        )


def _emission_failures(graph: ParkGraph, accounts: Accounts) -> Iterator[str]:
    cap = graph.book.integral_limits.get(NET_EMISSION)
    if cap is None:
        return
    gap = accounts.emissions.loc[accounts.emissions["scope"] == "gap", "value"].sum()
    net = net_emissions(accounts.emissions) - gap
    scale = max(1.0, float(accounts.emissions["value"].abs().sum()))
    if net - cap > RELATIVE * scale:
        yield f"net emissions of {net:.3f} t exceed the cap of {cap:.3f} t"
