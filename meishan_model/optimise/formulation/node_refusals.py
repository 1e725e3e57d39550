"""What of single nodes is refused: what solph fails at, and what it takes otherwise than it reads.

Each function is of one class of solph; it gets a node and the number of its values in a series.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from oemof import solph

from .elements import as_array
from .generic_caes import CAES_SIDES, PARAMS
from .generic_chp import LEAST_LOSSES, OF_POWER, SIDES, properties
from .sides import first_flow

Kind: TypeAlias = Literal["impossible", "misread", "linopy"]
Reason: TypeAlias = tuple[Kind, str]


def truth(value: Any) -> bool | None:
    """The truth value of anything; ``None`` if it has none."""
    try:
        return bool(value)
    except (TypeError, ValueError):
        return None


def short(value: Any) -> str:
    """A value in one line, or its type."""
    text = repr(value)
    return text if len(text) <= 30 and "\n" not in text else f"a {type(value).__name__}"


def _of_offset_converter(node: Any, _: int) -> Iterator[Reason]:
    reference = node._reference_node
    ends = node.inputs if node._reference_node_at_input else node.outputs
    if reference not in ends or ends[reference].nonconvex is None:
        yield "impossible", f"the flow of {reference.label} is not nonconvex any more"
    for bus in [bus for bus in node.outputs if bus in node.inputs]:
        yield "misread", f"an input and an output of {bus.label}, of which solph ties one at most"
    for bus in (*node.inputs, *node.outputs):
        if bus not in node.conversion_factors or bus not in node.normed_offsets:
            yield "impossible", f"no conversion factor or normed offset of {bus.label}"


def _of_extraction_turbine(node: Any, steps: int) -> Iterator[Reason]:
    outputs, condensing = list(node.outputs), list(node.conversion_factor_full_condensation)
    if len(node.inputs) != 1:
        yield "impossible", f"{len(node.inputs)} inputs, of which solph takes one"
    if not condensing or condensing[0] not in outputs or len(outputs) < 2:
        yield "impossible", "no output of conversion_factor_full_condensation beside another one"
        return
    if len(condensing) > 1:
        text = f"{len(condensing)} factors in full condensation"
        yield "misread", f"{text}, of which solph takes that of {condensing[0].label}"
    if len(outputs) > 2:
        yield "misread", f"{len(outputs)} outputs, of which solph takes two and limits no other"
    main, tapped = condensing[0], next(bus for bus in outputs if bus != condensing[0])
    for bus in (main, tapped):
        if bus not in node.conversion_factors:
            yield "impossible", f"no conversion factor of {bus.label}"
    for what, factors, bus in (
        ("conversion factor in full condensation", node.conversion_factor_full_condensation, main),
        ("conversion factor", node.conversion_factors, tapped),
    ):
        if bus in factors and (as_array(factors[bus], steps) == 0).any():
            yield "impossible", f"{what} of zero of {bus.label}"


def _of_sides(node: Any, sides: Iterable[str]) -> Generator[Reason, None, bool]:
    """What of sides with no flow or several is refused; returns whether there is none at one."""
    for side in sides:
        count = len(getattr(node, side))
        if count == 0:
            yield "impossible", f"no {side}"
            return True
        if count > 1:
            yield "misread", f"{count} flows of {side}, of which solph takes the first"
    return False


def _of_generic_chp(node: Any, steps: int) -> Iterator[Reason]:
    if (yield from _of_sides(node, SIDES)):
        return
    if next(iter(node.electrical_output)) == next(iter(node.heat_output)):
        yield "misread", "electrical_output and heat_output of one bus, and one flow of both"
    if node.back_pressure is not True and truth(node.back_pressure) is not False:
        text = short(node.back_pressure)
        yield "misread", f"back_pressure is {text}, not True, and taken for False"
    yield from _of_engine(node)
    faults = list(_of_properties(node, steps))
    yield from faults
    if not faults:
        try:
            node.alphas  # noqa: B018
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            yield "impossible", f"no line through P_min_woDH and P_max_woDH, with {text}"


def _of_properties(node: Any, steps: int) -> Iterator[Reason]:
    """Custom properties of the flows of a plant, which solph reads as they are."""
    found, wanted = properties(node), pd.RangeIndex(steps)
    engine = truth(getattr(first_flow(node, "fuel_input"), LEAST_LOSSES, None))
    least = (LEAST_LOSSES,) if engine else ()
    for key in (*(key for keys in SIDES.values() for key in keys), *least):
        value = found.get(key)
        if value is None:
            yield "impossible", f"no {key}"
        elif not _is_series(value) or (key in OF_POWER and not hasattr(value, "__len__")):
            yield "impossible", f"{key} that is no series"
        elif isinstance(value, pd.Series) and not value.index[:steps].equals(wanted):
            there = wanted.isin(value.index).all()
            text = f"{key} by the labels of a series, which are not 0, 1, …"
            yield "misread" if there else "impossible", text
        elif key.startswith("Eta") and (as_array(solph.sequence(value), steps) == 0).any():
            yield "impossible", f"{key} of zero"
    lengths = {len(found[key]) for key in OF_POWER if hasattr(found.get(key), "__len__")}
    if len(lengths) > 1:
        yield "impossible", f"{', '.join(OF_POWER)} of different lengths"


def _of_engine(node: Any) -> Iterator[Reason]:
    """What a plant with losses at its least heat needs, and how that is chosen for it."""
    attribute = getattr(first_flow(node, "fuel_input"), LEAST_LOSSES, None)
    cooling = getattr(first_flow(node, "heat_output"), "Q_CW_min", None)
    chosen, there = truth(attribute), LEAST_LOSSES in properties(node)
    if chosen is None:
        yield "impossible", f"{LEAST_LOSSES} is {short(attribute)}, neither true nor false"
    elif there and not chosen:
        text = f"{LEAST_LOSSES}, of which solph reads custom_attributes that are true"
        yield "misread", f"{text}, and taken for none"
    if chosen and not _is_series(cooling):
        yield "impossible", f"{LEAST_LOSSES} without a series Q_CW_min among custom_attributes"


def _is_series(value: Any) -> bool:
    """Whether solph can take a value of each time step from it."""
    return hasattr(value, "__getitem__") and not isinstance(value, np.generic)


def _of_compressed_air(node: Any, _: int) -> Iterator[Reason]:
    if (yield from _of_sides(node, CAES_SIDES)):
        return
    if next(iter(node.electrical_input)) == next(iter(node.fuel_input)):
        yield "misread", "electrical_input and fuel_input of one bus, and one flow of both"
    for key in PARAMS:
        if key not in node.params:
            yield "impossible", f"no {key} in params"


OF_NODES: Mapping[type, Callable[[Any, int], Iterator[Reason]]] = {
    solph.components.OffsetConverter: _of_offset_converter,
    solph.components.ExtractionTurbineCHP: _of_extraction_turbine,
    solph.components.GenericCHP: _of_generic_chp,
    solph.components.experimental.GenericCAES: _of_compressed_air,
}
"""By class of solph what of its nodes is refused."""
