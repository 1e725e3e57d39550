"""What the constraints have in common: their arguments, and rows with two limits."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ParamSpec

import numpy as np
from oemof import solph

from ..errors import ModelError
from ..formulation.elements import label_of, labels_of
from ..formulation.expressions import Expression
from ..meaning import name_text
from ..problem import Edge, limit_range

if TYPE_CHECKING:
    from ..model import Model

Arguments = ParamSpec("Arguments")


def for_both_backends(
    function: Callable[Arguments, Model],
) -> Callable[Arguments, Model]:
    """A constraint that is solph's own function of the same name where pyomo states the model.

    Parameters
    ----------
    function
        The constraint; its parameters are those of solph, the first of them is the model.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def called(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Model:
        given = signature.bind(*args, **kwargs).arguments
        model: Model = given.pop(next(iter(signature.parameters)))
        if model.backend != "pyomo":
            return function(*args, **kwargs)
        by_solph = getattr(solph.constraints, function.__name__)
        by_solph(model.pyomo, **{name: _of_solph(model, name, v) for name, v in given.items()})
        return model

    return called


def _of_solph(model: Model, name: str, value: Any) -> Any:
    """An argument with solph's own nodes and flows in place of labels."""
    flows = model.energy_system.flows()
    pairs = {labels_of(pair): pair for pair in flows}

    def pairs_of(edges: Iterable[Any]) -> list[Any]:
        return [pairs[edge] for edge in known_edges(model, edges)]

    if inspect.ismethod(value):
        raise ModelError(f"with the backend pyomo {name} is a variable of model.pyomo")
    if value is None:
        return None
    match name:
        case "flows":
            return {pair: flows[pair] for pair in pairs_of(value)}
        case "flows1" | "flows2":
            return pairs_of(value)
        case "components":
            return [pairs_of([c])[0] if isinstance(c, tuple) else node(model, c) for c in value]
        case "storage_component" | "multiplexer_bus":
            return node(model, value)
        case "input_levels" | "output_levels":
            return {node(model, bus): level for bus, level in value.items()}
    return value


def node(model: Model, named: Any) -> Any:
    """The node that is given as itself or by its label.

    Raises
    ------
    ModelError
        If there is none.
    """
    label = label_of(named)
    found = next((n for n in model.energy_system.nodes if str(n.label) == label), None)
    if found is None:
        raise ModelError(f"there is no node {label}")
    return found


def flows_of(model: Model) -> dict[Edge, Any]:
    """All flows of an energy system by the labels of their ends."""
    return {labels_of(pair): flow for pair, flow in model.energy_system.flows().items()}


def known_edges(model: Model, given: Iterable[Any]) -> list[Edge]:
    """Labels of the ends of flows that are given by nodes or labels.

    Raises
    ------
    ModelError
        If one is none.
    """
    known, found = flows_of(model), list(given)
    for one in found:
        if not isinstance(one, tuple) or len(one) != 2:
            raise ModelError(f"{one} is no flow; give its source and target, as nodes or labels")
    edges = [labels_of(pair) for pair in found]
    strange = [name_text(edge) for edge in edges if edge not in known]
    if strange:
        raise ModelError(f"there is no flow {' and no '.join(strange)}")
    return edges


def flows_with(model: Model, keyword: str, given: Iterable[Any] | None = None) -> dict[Edge, Any]:
    """Flows with a custom property, by the labels of their ends.

    Parameters
    ----------
    model
        The model.
    keyword
        The property.
    given
        Flows, all of which must have it; by default all that have it.

    Raises
    ------
    ModelError
        If there are none, or one that is given has it not.
    """
    flows = flows_of(model)
    if given is not None:
        flows = {edge: flows[edge] for edge in known_edges(model, given)}
    found = {e: flow for e, flow in flows.items() if keyword in flow.custom_properties}
    without = [name_text(edge) for edge in flows if edge not in found]
    if given is not None and without:
        raise ModelError(
            f"no custom property {keyword} in flow {' and flow '.join(without)}; "
            "give it one, or leave the flow out"
        )
    if not found:
        raise ModelError(f"no flow has the custom property {keyword}")
    return found


def number_of(limit: float | None, name: str) -> float:
    """A limit that has to be given.

    Raises
    ------
    ModelError
        If it is not.
    """
    if limit is None:
        raise ModelError(f"{name} has no limit; give one")
    return float(limit)


def add_limits(
    model: Model, name: str, terms: Expression, lower: float | None, upper: float | None
) -> None:
    """Add rows ``…_lower_limit`` and ``…_upper_limit``, each only if it is given.

    Parameters
    ----------
    model
        The model.
    name
        Name of the constraint.
    terms
        What is limited, one row or one a time step.
    lower, upper
        The limits; ``None`` for none.

    Raises
    ------
    ModelError
        If there is no limit, the lower one is above the upper one, or there are such rows.
    """
    if lower is None and upper is None:
        raise ModelError(f"{name} has neither a lower nor an upper limit; give one of them")
    least, most = -np.inf if lower is None else lower, np.inf if upper is None else upper
    limit_range(name, (least, most))
    rows = {f"{name}_lower_limit": lower, f"{name}_upper_limit": upper}
    taken = [row for row in rows if row in model.row_names]
    if taken:
        raise ModelError(f"there are rows named {taken[0]} already; give the constraint a name")
    if lower is not None:
        model.add_rows(f"{name}_lower_limit", terms, ">=", least)
    if upper is not None:
        model.add_rows(f"{name}_upper_limit", terms, "<=", most)
