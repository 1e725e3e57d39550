"""Refuse what is not a number in a graph, by the name of its node or flow and of its attribute.

Neither numpy nor linopy minds: a comparison with it is false, and a row that holds it is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from oemof import solph

from ..errors import ModelError
from .reading import flow_name

_FLOW = (
    "nominal_capacity",
    "fix",
    "minimum",
    "maximum",
    "variable_costs",
    "positive_gradient_limit",
    "negative_gradient_limit",
    "full_load_time_min",
    "full_load_time_max",
)
_INVESTMENT = ("existing", "minimum", "maximum", "ep_costs", "offset")
_STORAGE = (
    "nominal_storage_capacity",
    "loss_rate",
    "fixed_losses_relative",
    "fixed_losses_absolute",
    "inflow_conversion_factor",
    "outflow_conversion_factor",
    "min_storage_level",
    "max_storage_level",
    "initial_storage_level",
    "storage_costs",
    "invest_relation_input_capacity",
    "invest_relation_output_capacity",
    "invest_relation_input_output",
)
MOST_TOLD = 10


def refuse_not_numbers(energy_system: solph.EnergySystem) -> None:
    """Raise an error where an attribute of the graph is not a number.

    Parameters
    ----------
    energy_system
        The graph.

    Raises
    ------
    ModelError
        With every attribute of which a value is not a number, and the first of its time steps.
    """
    found = [
        f"{name}: {attribute}{where}"
        for name, attribute, value in _attributes(energy_system)
        if (where := _first_not_a_number(value)) is not None
    ]
    if found:
        rest = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
        raise ModelError(
            "not a number in the graph: " + "; ".join(found[:MOST_TOLD]) + rest + "; give a value"
        )


def _attributes(energy_system: solph.EnergySystem) -> Iterator[tuple[str, str, Any]]:
    for edge, flow in energy_system.flows().items():
        name = flow_name(edge)
        yield from _named(name, flow, _FLOW)
        yield from _named(name, flow.investment, _INVESTMENT)
        for keyword, weight in flow.custom_properties.items():
            yield name, keyword, weight
    for node in energy_system.nodes:
        name = str(node.label)
        if isinstance(node, solph.components.GenericStorage):
            yield from _named(name, node, _STORAGE)
            yield from _named(name, node.investment, _INVESTMENT)
        factors = getattr(node, "conversion_factors", None)
        if isinstance(factors, Mapping):
            for bus, factor in factors.items():
                ends = bus if isinstance(bus, tuple) else (bus,)
                said = "->".join(str(getattr(end, "label", end)) for end in ends)
                yield name, f"conversion factor of {said}", factor


def _named(name: str, thing: Any, attributes: tuple[str, ...]) -> Iterator[tuple[str, str, Any]]:
    for attribute in attributes:
        yield name, attribute, getattr(thing, attribute, None)


def _first_not_a_number(value: Any) -> str | None:
    """Where a value or a series is not a number; ``None`` if it is one or there is none."""
    if value is None or isinstance(value, str):
        return None
    if not hasattr(value, "__getitem__"):
        return "" if value != value else None
    if not hasattr(value, "__len__"):  # solph's stand-in for a scalar
        return "" if value[0] != value[0] else None
    try:
        missing = np.isnan(np.asarray(value, dtype=float))
    except (TypeError, ValueError):
        return None
    return f" in step {int(np.argmax(missing))}" if missing.any() else None
