"""Refuse values that no backend can state, by the names of their node or flow and attribute.

They are to be numbers, finite, and one for each time step where they are a series. Neither numpy
nor linopy minds what is not a number: a comparison with it is false, and a row that holds it is
dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from oemof import solph

from ..errors import ModelError
from ..problem import Edge
from .attributes import Reads, numbers
from .elements import flow_name, label_of, scalar_of
from .generic_caes import PARAMS
from .generic_chp import properties
from .typical_periods import original_steps

MOST_TOLD = 10
OPTIONAL = frozenset(
    (
        *("fix", "minimum", "maximum", "variable_costs", "storage_costs", "fixed_costs"),
        *("positive_gradient_limit", "negative_gradient_limit"),
        *("full_load_time_max", "full_load_time_min", "initial_storage_level"),
        *("nominal_capacity", "nominal_storage_capacity"),
        *("constant_soc_until", "fraction_saturation_charging"),
        *("invest_relation_input_capacity", "invest_relation_output_capacity"),
        "invest_relation_input_output",
        *("initial_status", "maximum_startups", "maximum_shutdowns"),
        *("startup_costs", "shutdown_costs", "activity_costs", "inactivity_costs"),
    )
)
"""Attributes that may be ``None``."""
UPPER = frozenset(
    ("maximum", "positive_gradient_limit", "negative_gradient_limit", "full_load_time_max")
)
"""Attributes of a flow that limit nothing where they are infinite times a capacity."""

FACTORS = {
    "conversion_factors": "conversion factor",
    "conversion_factor_full_condensation": "conversion factor in full condensation",
    "normed_offsets": "normed offset",
}
"""What of a node holds a factor for each bus, and what one of them is called."""


class Value(NamedTuple):
    """A value in an energy system.

    Attributes
    ----------
    name
        Label of the node, or name of the flow.
    attribute
        Name of the attribute.
    value
        What it is.
    reads
        What of it counts.
    optional
        Whether it may be ``None``.
    endless
        Whether it may be infinite.
    """

    name: str
    attribute: str
    value: Any
    reads: Reads
    optional: bool = False
    endless: bool = False


def refuse_values(energy_system: solph.EnergySystem, limited: Collection[str] = ()) -> None:
    """Raise an error where a value of the energy system cannot be stated.

    Parameters
    ----------
    energy_system
        The energy system.
    limited
        Custom properties of flows that are limited; others may be anything.

    Raises
    ------
    ModelError
        With every such attribute, what it holds, and the first of its time steps.
    """
    _refuse(_values(energy_system, limited), _counts(energy_system))


def refuse_property(keyword: str, flows: Mapping[Edge, Any], steps: int) -> None:
    """Raise an error where a custom property of some flows cannot be stated.

    Parameters
    ----------
    keyword
        The property, which all of the flows have.
    flows
        The flows by the labels of their ends.
    steps
        Number of time steps.

    Raises
    ------
    ModelError
        With every such flow, what it holds, and the first of its time steps.
    """
    held = ((edge, flow.custom_properties[keyword]) for edge, flow in flows.items())
    _refuse((Value("->".join(edge), keyword, v, "steps") for edge, v in held), {"steps": steps})


def _refuse(values: Iterator[Value], counts: Mapping[Reads, int]) -> None:
    found = [
        f"{v.name}: {v.attribute} {fault}"
        for v in values
        if (fault := _fault(v, counts[v.reads])) is not None
    ]
    if found:
        rest = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
        raise ModelError("no backend states these values: " + "; ".join(found[:MOST_TOLD]) + rest)


def unusual_numbers(energy_system: solph.EnergySystem, limited: Collection[str] = ()) -> list[str]:
    """Attributes whose values are truth values or decimals, at which pyomo may stop."""
    return [
        f"{v.name}: {v.attribute}"
        for v in _values(energy_system, limited)
        if any(isinstance(x, bool | np.bool_ | Decimal) for x in np.ravel(scalar_of(v.value)))
    ]


def _counts(energy_system: solph.EnergySystem) -> dict[Reads, int]:
    """How many values are needed by what is read of them."""
    steps, periods = len(energy_system.timeincrement), energy_system.periods
    original, points = steps, steps + (periods is None)
    if energy_system.tsa_parameters is not None:
        # At least one with several periods, since that depends.
        original = points = original_steps(energy_system) if periods is None else 1
    return {
        "number": 1,
        "first": 1 if periods is None else len(periods),
        "steps": steps,
        "original steps": original,
        "points": points,
    }


def _values(energy_system: solph.EnergySystem, limited: Collection[str]) -> Iterator[Value]:
    for edge, flow in energy_system.flows().items():
        if not isinstance(flow, solph.Flow):
            continue
        name = flow_name(edge)
        endless = UPPER if _positive(flow.nominal_capacity) else frozenset[str]()
        yield from _held(name, flow, "Flow", endless)
        yield from _of_investment(name, flow.investment)
        if isinstance(flow.nonconvex, solph.NonConvex):
            most = {"maximum_startups", "maximum_shutdowns"}
            yield from _held(name, flow.nonconvex, "NonConvex", most, " of nonconvex")
        for keyword in limited:
            if keyword in flow.custom_properties:
                yield Value(name, keyword, flow.custom_properties[keyword], "steps")
    for node in energy_system.nodes:
        name = str(node.label)
        if isinstance(node, solph.components.GenericStorage):
            level = {"max_storage_level"} if _positive(node.nominal_storage_capacity) else set()
            yield from _held(name, node, "GenericStorage", level)
            yield from _of_investment(name, node.investment)
        if isinstance(node, solph.components.GenericCHP):
            yield from _held(name, node, "GenericCHP", ())
            for key, value in properties(node).items():
                yield Value(name, key, value, "steps")
        if isinstance(node, solph.components.experimental.GenericCAES):
            for key in [key for key in PARAMS if key in node.params]:
                yield Value(name, key, node.params[key], "number")
        for attribute in FACTORS:
            yield from _factors(name, attribute, getattr(node, attribute, None))


def _of_investment(name: str, investment: Any) -> Iterator[Value]:
    if investment is not None:
        yield from _held(name, investment, "Investment", {"maximum"}, " of the investment")


def _factors(name: str, attribute: str, factors: Any) -> Iterator[Value]:
    if isinstance(factors, Mapping):
        for bus, factor in factors.items():
            ends = bus if isinstance(bus, tuple) else (bus,)
            said = "->".join(map(label_of, ends))
            yield Value(name, f"{FACTORS[attribute]} of {said}", factor, "steps")


def _held(
    name: str, thing: Any, kind: str, endless: Collection[str], suffix: str = ""
) -> Iterator[Value]:
    """Numbers in an object; `endless` are the attributes that may be infinite."""
    for attribute, (held_as, reads) in numbers(kind).items():
        optional = held_as in OPTIONAL and kind != "Investment"
        yield Value(
            name,
            attribute + suffix,
            getattr(thing, held_as),
            reads,
            optional,
            attribute in endless,
        )


def _positive(capacity: Any) -> bool:
    return isinstance(capacity, Real) and float(capacity) > 0


def _fault(given: Value, count: int) -> str | None:
    """What is wrong with a value; ``None`` if nothing is."""
    value = scalar_of(given.value)
    if value is None:
        return None if given.optional else "is None"
    if _is_number(value):
        return _fault_of_numbers(np.array([float(value)]), given.endless, one=True)
    try:
        array = np.array(value)
    except ValueError:
        return f"is no number but {type(value).__name__}"
    if given.reads == "number" and (array.size != 1 or not isinstance(value, np.ndarray)):
        return f"is no number but {type(value).__name__}"
    if array.ndim == 0 and given.reads != "number":
        return _fault_of_one(array.item())
    if array.ndim > 1:
        return f"is no series but an array of {array.ndim} dimensions"
    if array.size < count:
        return f"has {array.size} values, {count} are needed"
    # What is left over at the end of a series counts in no backend.
    array = array.ravel()[:count]
    if array.dtype.kind not in "biuf":
        strange = next((x for x in array if not (_is_number(x) or _is_missing(x))), None)
        if strange is not None:
            return f"holds {type(strange).__name__}, not numbers"
        array = np.array([np.nan if _is_missing(x) else float(x) for x in array])
    return _fault_of_numbers(array.astype(float), given.endless, one=False)


def _fault_of_one(value: Any) -> str:
    """What is wrong with what is no series, of which solph makes an array without dimension."""
    if _is_missing(value):
        return "is not a number"
    if _is_number(value):
        return "is an array without dimension; give a number"
    return f"is no number but {type(value).__name__}"


def _fault_of_numbers(values: np.ndarray, endless: bool, one: bool) -> str | None:
    for wrong, what in (
        (np.isnan(values), "is not a number"),
        (np.isinf(values) & ~(endless & (values > 0)), "is infinite"),
    ):
        if wrong.any():
            return what if one else f"{what} in step {int(np.argmax(wrong))}"
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, Real | Decimal | np.bool_)


def _is_missing(value: Any) -> bool:
    """Whether it stands for a value that is missing, such as ``None`` or ``pandas.NA``."""
    return value is None or type(value).__name__ in ("NAType", "NaTType")
