r"""Flows into and out of a storage that its content allows or not.

A tank is emptied at a height :math:`l_n` only if it is full up to there, and filled at one only if
it is not. With the content :math:`E`, the capacity :math:`E_{max}`, and binaries :math:`y_n` of an
output that may flow and :math:`\hat y_n` of an input that may not,

.. math::

    E(t + 1) &\ge l_n E_{max} \, y_n(t), & \qquad P_n(t) &\le P_{n,nom} \, y_n(t) \\
    E(t) - l_n E_{max} &\le E_{max} \, \hat y_n(t), &
    P_n(t) &\le P_{n,nom} (1 - \hat y_n(t))

(https://arxiv.org/abs/2211.14080). In solph the rows are these, divided by their capacities.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..formulation.elements import as_number
from ..formulation.expressions import Expression
from ..meaning import name_text
from .arguments import flows_of, for_both_backends, known_edges, node

if TYPE_CHECKING:
    from ..model import Model


@for_both_backends
def storage_level_constraint(
    model: Model,
    name: str,
    storage_component: Any,
    multiplexer_bus: Any,
    input_levels: Mapping[Any, float],
    output_levels: Mapping[Any, float],
) -> Model:
    """Let flows into and out of a storage depend on its content.

    Rows and columns are ``{name}_output_active_constraint(node)``,
    ``{name}_output_constraint(node)`` and ``{name}_active_output`` of each node out of the bus,
    and the same with ``input`` of each node into it, whose column ``{name}_active_input`` is 1
    where the input is not active, as in solph.

    Parameters
    ----------
    model
        The model.
    name
        Name of the constraint, at the front of those of its rows and columns.
    storage_component
        The storage, with a capacity that is a number.
    multiplexer_bus
        The bus between the storage and the inputs and outputs, whose flows have a capacity each.
    input_levels, output_levels
        For each node that flows into the bus or that it flows into, the share of the capacity up
        to which, and from which on, it may.

    Raises
    ------
    ModelError
        If a node or flow is unknown, or has no capacity that is a number, or the name is taken;
        if the time series are aggregated, where solph fails as well.
    """
    if model.energy_system.tsa_parameters is not None:
        raise ModelError(
            f"no backend states: {name}, a storage_level_constraint with aggregated time series"
        )
    content = model.content(storage_component)
    capacity = _capacity(
        node(model, storage_component).nominal_storage_capacity, f"storage {storage_component}"
    )
    outputs = [
        (bus, *_flow(model, multiplexer_bus, bus), as_number(level))
        for bus, level in output_levels.items()
    ]
    inputs = [
        (bus, *_flow(model, bus, multiplexer_bus), as_number(level))
        for bus, level in input_levels.items()
    ]
    for bus, flow, power, level in outputs:
        active = model.add_columns(f"{name}_active_output", bus, 0.0, 1.0, integer=True)
        block = f"{name}_output{{}}({getattr(bus, 'label', bus)})"
        full = content[1:] - active * (level * capacity)
        model.add_rows(block.format("_active_constraint"), full, ">=", 0.0)
        model.add_rows(block.format("_constraint"), flow - active * power, "<=", 0.0)
    for bus, flow, power, level in inputs:
        inactive = model.add_columns(f"{name}_active_input", bus, 0.0, 1.0, integer=True)
        block = f"{name}_input{{}}({getattr(bus, 'label', bus)})"
        free = content[:-1] - inactive * capacity
        model.add_rows(block.format("_active_constraint"), free, "<=", level * capacity)
        model.add_rows(block.format("_constraint"), flow + inactive * power, "<=", power)
    return model


def _flow(model: Model, source: Any, target: Any) -> tuple[Expression, float]:
    """A flow and its capacity."""
    (edge,) = known_edges(model, [(source, target)])
    capacity = _capacity(flows_of(model)[edge].nominal_capacity, f"flow {name_text(edge)}")
    return model.flow(*edge), capacity


def _capacity(capacity: Any, named: str) -> float:
    if capacity is None:
        raise ModelError(
            f"{named} has no nominal_capacity that is a number, which a limit by the content of a "
            "storage needs; give it one"
        )
    return as_number(capacity)
