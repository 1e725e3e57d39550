"""Demand that an optimum does not serve: how much of what, where, whose, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from meishan_model.accounts.tables import yearly_sum
from meishan_model.components.flows import ParkGraph, Registry
from meishan_model.components.selection import flows_of_graph, select
from meishan_model.results.findings import Finding, Value
from meishan_model.sheets.records import SliceInputs

if TYPE_CHECKING:
    from meishan_model.optimise.solution import Solution

WHOLE = 1e-3
"""Share of a demand that may be served where all of it is said to be shed [-]."""


def unserved_findings(
    graph: ParkGraph, inputs: SliceInputs, solution: Solution
) -> Iterator[Finding]:
    """What is shed of each carrier in each zone, with whose demand it is where that is certain.

    Of several loads nobody can say which one is not served, unless all are shed. All that is shed
    in the first slice, in which nothing is built, lacks stock.

    Parameters
    ----------
    graph, inputs, solution
        A slice and its optimum.
    """
    registry = graph.registry
    flows = flows_of_graph(registry)
    # A bus without a zone serves the whole park: it is named itself.
    flows["place"] = flows["zone"].where(flows["zone"] != "", flows["bus"])
    sheds = select(flows, role="shedding", may_be_empty=True)
    needs = select(flows, role=("load", "duty"), way="out", may_be_empty=True)
    is_first = inputs.year == inputs.scenario.first_year
    for (carrier, place, unit), shed in sheds.groupby(["carrier", "place", "unit"], sort=False):
        cost = sum(_penalty(registry, solution, edge) for edge in shed.index)
        if cost <= 0.0:
            continue
        demand = needs[needs["bus"].isin(shed["bus"])]
        amount, loads = _yearly(registry, solution, shed), _loads(registry, demand)
        is_whole = amount >= (1.0 - WHOLE) * _yearly(registry, solution, demand)
        values: dict[str, Value] = {
            **{"carrier": str(carrier), "zone": str(place), "amount": amount},
            **{"unit": _of_year(str(unit)), "cost": cost / 1e6},
        }
        if not loads or (len(loads) > 1 and not is_whole):
            yield Finding("shed_at", values)
        else:
            kind = "shed_as_found" if is_whole and is_first else "shed_of"
            yield Finding(kind, {**values, "loads": loads})


def _yearly(registry: Registry, solution: Solution, flows: pd.DataFrame) -> float:
    """Sum of flows over the year."""
    return sum(yearly_sum(registry, solution, edge) for edge in flows.index)


def _penalty(registry: Registry, solution: Solution, edge: tuple[str, str]) -> float:
    """What a flow that is shed costs [CNY/a]."""
    charges = registry.flows[edge].charges
    return sum(yearly_sum(registry, solution, edge, charge.price) for charge in charges)


def _loads(registry: Registry, demand: pd.DataFrame) -> list[str]:
    """Names of loads; those of a duty, which serves several, are in the rows that it is from."""
    names: dict[str, None] = {}
    for edge in demand.index:
        customer = registry.flows[edge].coordinates.customer
        rows = registry.nodes[edge[1]].rows
        names |= dict.fromkeys([customer] if customer else (row[1] for row in rows))
    return [*names]


def _of_year(unit: str) -> str:
    """Unit of what flows in a year.

    >>> _of_year("MW"), _of_year("t/h"), _of_year("km/h or h/h")
    ('MWh/a', 't/a', 'km/a or h/a')
    """
    return "MWh/a" if unit == "MW" else unit.replace("/h", "/a")
