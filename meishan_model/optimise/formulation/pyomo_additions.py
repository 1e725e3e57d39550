"""What a ``solph.Model`` holds beside flows, contents and new capacities, and all its names."""

from __future__ import annotations

from typing import Any

import numpy as np
from oemof import solph
from pyomo.core.base.var import Var
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from ..problem import Columns, Name
from .reading import labels_of

KNOWN = {
    None: {"flow"},
    "SimpleFlowBlock": {"integer_flow", "positive_gradient", "negative_gradient"},
    "InvestmentFlowBlock": {"invest", "total"},
    "GenericStorageBlock": {"storage_content", "storage_losses"},
    "GenericInvestmentStorageBlock": {"storage_content", "invest", "total"},
}
"""Variables by their block that follow from others, or that the optimum does not determine."""


def further_columns(model: solph.Model) -> dict[str, dict[Name, Columns]]:
    """Columns of the variables of flows and nodes that are not among those of every model.

    Parameters
    ----------
    model
        The model as it was compiled.
    """
    further = [v for v in model.component_objects(Var) if len(v) and not _is_known(v)]
    if not further:
        return {}
    columns = LinearStandardFormCompiler().write(model, mixed_form=True).columns
    position = {id(variable): place for place, variable in enumerate(columns)}
    found: dict[str, dict[Name, Columns]] = {}
    for variable in further:
        of_nodes: dict[Name, list[Any]] = {}
        for index, value in variable.items():
            name = _name(model, index)
            if name is not None:
                of_nodes.setdefault(name, []).append(value)
        for name, values in of_nodes.items():
            places = np.array([position.get(id(v), -1) for v in values], dtype=np.int64)
            fixed = np.array([v.value if v.fixed else np.nan for v in values], dtype=float)
            constants = np.where(places >= 0, 0.0, fixed)
            key = str(variable.local_name)
            found.setdefault(key, {})[name] = Columns(places, constants)
    return found


def block_names(model: solph.Model) -> tuple[list[str], list[str]]:
    """Names of all columns and of all rows, as pyomo has them.

    Parameters
    ----------
    model
        The model as it was compiled.
    """
    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    return [v.name for v in form.columns], [row.constraint.name for row in form.rows]


def _is_known(variable: Any) -> bool:
    block = variable.parent_block()
    name = None if block is block.model() else block.local_name
    return variable.local_name in KNOWN.get(name, ())


def _name(model: Any, index: Any) -> Name | None:
    """Label of the node or flow at the front of an index with a step or period at its end."""
    match index:
        case (source, target, int()) if (source, target) in model.FLOWS:
            return labels_of((source, target))
        case (node, int()) if node in model.NODES:
            return str(node.label)
    return None
