"""What every result has passed before it is saved under its name."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from meishan_model.accounts import physics
from meishan_model.accounts.tables import Accounts, net_emissions
from meishan_model.components.flows import NET_EMISSION, ParkGraph
from meishan_model.errors import CheckError
from meishan_model.optimise.solution import Solution

RELATIVE = 1e-6
"""Tolerance of sums against the objective [-], relative."""


def check_slice(graph: ParkGraph, solution: Solution, accounts: Accounts) -> None:
    """Check a solution against what it must be, independently of the solver.

    Costs sum to the objective; buses, converters and storages obey the graph; flows keep to
    their capacities and capacities to their bounds; emissions recomputed from the flows keep the
    cap, and offsets their share.

    Raises
    ------
    CheckError
        With every check that fails, and by how much.
    """
    failures = [
        *_cost_failures(accounts),
        *physics.failures(graph.energy_system, solution, graph.registry.integral_limits),
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
    cap = graph.registry.integral_limits.get(NET_EMISSION)
    if cap is None:
        return
    gap = accounts.emissions.loc[accounts.emissions["scope"] == "gap", "value"].sum()
    net = net_emissions(accounts.emissions) - gap
    scale = max(1.0, float(accounts.emissions["value"].abs().sum()))
    if net - cap > RELATIVE * scale:
        yield f"net emissions of {net:.3f} t exceed the cap of {cap:.3f} t"
