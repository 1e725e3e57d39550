"""What of a ``solph.Model`` decides its optimum, so that changes by hand are seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import pyomo.environ as po
from oemof import solph

Fingerprint: TypeAlias = Mapping[tuple[str, str], object]
"""What stands for each variable, row and objective, by its kind and name."""

_CHANGED = {"Var": "variables", "Constraint": "rows", "Objective": "the objective"}


def fingerprint(model: solph.Model) -> Fingerprint:
    """What stands for each variable, constraint and objective of a model."""
    kinds = (po.Var, po.Constraint, po.Objective)
    return {
        (component.ctype.__name__, component.name): _standing(component)
        for component in model.component_objects(kinds, descend_into=True)
    }


def changes(before: Fingerprint, after: Fingerprint) -> set[str]:
    """Say what differs between two fingerprints of a model."""
    differing = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    return {f"{_CHANGED[kind]} changed by hand" for kind, _ in differing}


def _standing(component: Any) -> object:
    entries = component.values()
    if component.ctype is po.Var:
        # The value of a variable counts only if it is fixed there.
        return hash(
            tuple((v.lb, v.ub, v.is_continuous(), v.value if v.fixed else None) for v in entries)
        )
    return hash(tuple((id(entry.expr), entry.active) for entry in entries))
