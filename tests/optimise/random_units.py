"""Plans of random graphs in which some flows are on or off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from random_graphs import Keywords, Plan

LARGEST = 12.0
"""Largest capacity of a flow that is on or off and invested into."""


def with_units(plan: Plan, seed: int) -> Plan:
    """A plan in which about half of the flows that can be are on or off.

    Those are flows with a capacity, or with an investment in which nothing exists and no profile.
    Costs of a state or of a change may be earnings.
    """
    random = np.random.default_rng(seed)
    steps = len(plan.increments)

    def some(values: Sequence[float]) -> Any:
        """A number or a series."""
        if random.random() < 0.6:
            return random.choice(values).item()
        return random.choice(values, steps).tolist()

    def commitment() -> Keywords:
        found: Keywords = {"initial_status": int(random.integers(2))}
        for name in ("minimum_uptime", "minimum_downtime"):
            if random.random() < 0.5:
                found[name] = some([0, 1, 2, 3][: steps + 1])
        for name in ("startup_costs", "shutdown_costs", "activity_costs", "inactivity_costs"):
            if random.random() < 0.4:
                found[name] = some([0.0, 6.0, 25.0, -2.0])
        for name in ("maximum_startups", "maximum_shutdowns"):
            if random.random() < 0.25:
                found[name] = int(random.integers(3))
        return found

    def switched(flow: Keywords, *, sized: bool) -> Keywords:
        capacity = flow.get("nominal_capacity")
        invested = isinstance(capacity, dict)
        if capacity is None or (invested and ("fix" in flow or sized)) or random.random() < 0.5:
            return flow
        if invested:
            most = min(capacity.get("maximum", LARGEST), LARGEST)
            capacity = {**capacity, "existing": 0.0, "maximum": most}
        return {**flow, "nominal_capacity": capacity, "nonconvex": commitment()}

    return replace(
        plan,
        nodes=tuple(
            (
                *(kind, label),
                *(
                    # What a capacity of a storage stands on cannot be on or off in solph.
                    {
                        bus: switched(flow, sized=any("relation" in key for key in keywords))
                        for bus, flow in flows.items()
                    }
                    for flows in (inputs, outputs)
                ),
                keywords,
            )
            for kind, label, inputs, outputs, keywords in plan.nodes
        ),
    )
