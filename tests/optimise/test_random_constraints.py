"""Random constraints on random graphs cost as much as by solph's own functions.

``HYPOTHESIS_MAX_EXAMPLES`` sets how many are drawn, as for :mod:`test_linopy_equals_pyomo`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st
from oemof import solph
from plain_solph import quietly
from pyomo.common.errors import InfeasibleConstraintException
from random_graphs import Plan, build, plans
from test_linopy_equals_pyomo import OBJECTIVE, close, drawn

from meishan_model.optimise import BACKENDS, BackendName, InfeasibleError, Model, constraints
from meishan_model.optimise.formulation.elements import labels_of
from meishan_model.optimise.solvers.highs import solve_highs

Random = np.random.Generator
Constraint = tuple[str, Callable[[Model], Mapping[str, Any]]]
"""Name of a function, and its arguments for a model of either backend."""


def enriched(plan: Plan, random: Random) -> Plan:
    """A plan in which some flows are on or off, and investments take up space."""

    def changed(flow: dict[str, Any]) -> dict[str, Any]:
        capacity = flow.get("nominal_capacity")
        if isinstance(capacity, dict):
            space = {"space": float(random.choice([0.5, 2.0]))}
            return {**flow, "nominal_capacity": {**capacity, "custom_properties": space}}
        if not capacity or "fix" in flow or random.random() < 0.4:
            return flow
        own = {**flow.get("custom_properties", {}), "running": 1}
        return {**flow, "nonconvex": solph.NonConvex(activity_costs=0.5), "custom_properties": own}

    nodes = tuple(
        (
            kind,
            label,
            {bus: changed(flow) for bus, flow in inputs.items()},
            {bus: changed(flow) for bus, flow in outputs.items()},
            keywords,
        )
        for kind, label, inputs, outputs, keywords in plan.nodes
    )
    return replace(plan, nodes=nodes)


def some(random: Random, found: list[Any], most: int = 3) -> list[Any]:
    """One to some of what is there."""
    count = int(random.integers(1, min(most, len(found)) + 1))
    return [found[i] for i in random.choice(len(found), count, replace=False)]


def of_flows(flows: Mapping[Any, Any], random: Random) -> list[Constraint]:
    """Limits of sums of flows, and flows that are equal."""
    free = [edge for edge, flow in flows.items() if flow.fix is None]
    one, *others = some(random, free, 4)
    found: list[Constraint] = [
        ("equate_flows", lambda _: {"flows1": [one], "flows2": others, "factor1": 0.5})
    ]
    for keyword in ("emission", "fuel"):
        having = [e for e, flow in flows.items() if keyword in flow.custom_properties]
        if having:
            given = {"keyword": keyword, "limit_name": "integral", "flows": some(random, having)}
            given["upper_limit"] = float(random.choice([2.0, 20.0, 100.0]))
            found.append(("generic_integral_limit", lambda _, given=given: given))
    return found


def of_capacities(flows: Mapping[Any, Any], random: Random) -> list[Constraint]:
    """Limits of investments, and capacities that are equal."""
    sized = [e for e, f in flows.items() if f.investment is not None and f.nonconvex is None]
    if not sized:
        return []
    cost, space = float(random.choice([40.0, 400.0])), float(random.choice([4.0, 20.0]))
    pair = some(random, sized, 2)
    return [
        ("investment_limit", lambda _: {"limit": cost}),
        ("additional_investment_flow_limit", lambda _: {"keyword": "space", "limit": space}),
        (
            "equate_variables",
            lambda m: {
                "var1": _size(m, pair[0]),
                "var2": _size(m, pair[-1]),
                "factor1": 2.0,
                "name": "equal",
            },
        ),
    ]


def of_statuses(flows: Mapping[Any, Any], random: Random) -> list[Constraint]:
    """Limits of how many flows are on."""
    switched = [edge for edge, flow in flows.items() if flow.nonconvex is not None]
    if not switched:
        return []
    chosen, upper = some(random, switched), int(random.integers(0, len(switched)))
    weights = [float(random.choice([0.5, 1.0])) for _ in chosen]
    return [
        (
            "limit_active_flow_count",
            lambda _: {"constraint_name": "own", "flows": chosen} | {"lower_limit": 1},
        ),
        (
            "limit_active_flow_count_by_keyword",
            lambda _: {"keyword": "running"} | {"upper_limit": upper},
        ),
        (
            "shared_limit",
            lambda m: {
                "quantity": m.status
                if m.backend == "linopy"
                else m.pyomo.NonConvexFlowBlock.status,
                "limit_name": "crew",
                "components": chosen,
                "weights": weights,
                "upper_limit": 0.6,
            },
        ),
    ]


def of_storages(system: solph.EnergySystem, random: Random) -> list[Constraint]:
    """Limits of contents, and of flows by contents."""
    kinds: dict[str, list[Any]] = {"GenericStorageBlock": [], "GenericInvestmentStorageBlock": []}
    for node in system.nodes:
        if isinstance(node, solph.components.GenericStorage):
            kinds[list(kinds)[node.investment is not None]].append(node)
    found: list[Constraint] = []
    for block, stores in kinds.items():
        if stores:
            shared = {
                "limit_name": "own",
                "components": [str(store.label) for store in stores],
                "weights": [float(random.choice([0.5, 1.5])) for _ in stores],
                "upper_limit": float(random.choice([1.0, 4.0])),
            }
            found.append(("shared_limit", lambda m, b=block, s=shared: _contents(m, b) | s))
    for store in kinds["GenericStorageBlock"]:
        (bus,) = store.inputs
        into, out = (
            {
                str(node.label): float(random.choice([0.0, 0.25, 0.5]))
                for node, flow in ends.items()
                if flow.nominal_capacity and flow.fix is None and node is not store
            }
            for ends in (bus.inputs, bus.outputs)
        )
        if store.nominal_storage_capacity and (into or out):
            levels = {"name": "own", "storage_component": store, "multiplexer_bus": bus}
            levels |= {"input_levels": into, "output_levels": out}
            found.append(("storage_level_constraint", lambda _, given=levels: given))
    return found


def _contents(model: Model, block: str) -> dict[str, Any]:
    if model.backend == "linopy":
        return {"quantity": model.content}
    return {"quantity": getattr(model.pyomo, block).storage_content}


def _size(model: Model, edge: tuple[str, str]) -> Any:
    if model.backend == "linopy":
        return model.new_capacity(*edge)
    node = model.energy_system.node
    return model.pyomo.InvestmentFlowBlock.invest[node[edge[0]], node[edge[1]], 0]


def objective(
    system: solph.EnergySystem, backend: BackendName, added: list[Constraint]
) -> float | None:
    """Cost of the optimum with constraints, or ``None`` where there is none."""
    try:
        model = quietly(lambda: Model(system, backend=backend))
        for name, arguments in added:
            getattr(constraints, name)(model, **arguments(model))
        return solve_highs(model.problem, methods=("simplex",), threads=1).objective
    except (InfeasibleError, InfeasibleConstraintException):
        return None


@settings(drawn, max_examples=max(1, drawn.max_examples // 4))
@given(plans(), st.integers(0, 2**20))
def test_random_constraints_as_in_solph(plan: Plan, seed: int) -> None:
    """The optimum with one or two constraints is that of ``solph.Model`` with the same ones."""
    random = np.random.default_rng(seed)
    system = build(enriched(plan, random))
    flows = {labels_of(pair): flow for pair, flow in system.flows().items()}
    groups = [of(flows, random) for of in (of_flows, of_capacities, of_statuses)]
    groups.append(of_storages(system, random))
    # One of a group, so that no two constraints have one name.
    added = some(random, [found[int(random.integers(len(found)))] for found in groups if found], 2)
    ours, theirs = (objective(system, backend, added) for backend in BACKENDS)
    for name, _ in added:
        event(f"{name}: {'none' if ours is None else 'found'}")
    assert (ours is None) == (theirs is None)
    if ours is not None:
        close(ours, theirs, OBJECTIVE)
