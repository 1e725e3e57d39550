"""Single nodes, flows and attributes of oemof.solph: their names, kinds and numbers."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..problem import Edge

Floats: TypeAlias = NDArray[np.float64]


def label_of(node: Any) -> str:
    """Label of a node that is given as itself, or by its label."""
    return str(getattr(node, "label", node))


def labels_of(edge: tuple[Any, Any]) -> Edge:
    """Labels of the nodes at the ends of a flow, each given as itself or by its label."""
    source, target = edge
    return label_of(source), label_of(target)


def flow_name(edge: tuple[Any, Any]) -> str:
    """Name of a flow by the nodes at its ends."""
    return "->".join(labels_of(edge))


def stated_as(node: Any) -> type | None:
    """The class of solph whose rows a node has; ``None`` for a node that has none of its own.

    It is the class that says, by its method ``constraint_group``, which block of ``solph.Model``
    states the node: a class derived from it that leaves this method alone is stated like it.
    """
    return next((c for c in type(node).__mro__ if "constraint_group" in vars(c)), None)


def has_own_rows(node: Any) -> bool:
    """Whether an object itself says how it is stated, whatever its class says."""
    return "constraint_group" in vars(node) or hasattr(node, "CONSTRAINT_GROUP")


def as_number(value: Any) -> float:
    """A number of any type, or an array of one, as a float."""
    return float(np.asarray(value, dtype=float).item())


def as_array(sequence: Any, length: int, default: float = 0.0) -> Floats:
    """Turn one of solph's sequences into an array.

    Parameters
    ----------
    sequence
        Array, a number or solph's stand-in for one, or ``None``.
    length
        Number of values.
    default
        What ``None`` stands for.

    Raises
    ------
    ModelError
        If there are fewer values than needed.
    """
    if sequence is None:
        return np.full(length, default)
    if isinstance(sequence, np.ndarray) and sequence.ndim:
        if len(sequence) < length:
            raise ModelError(f"a series has {len(sequence)} values, {length} are needed")
        return np.asarray(sequence[:length], dtype=float)
    return np.full(length, as_number(scalar_of(sequence)))


def scalar_of(sequence: Any) -> Any:
    """The value behind solph's stand-in for a scalar; anything else as it is."""
    is_stand_in = hasattr(sequence, "__getitem__") and not hasattr(sequence, "__len__")
    return sequence[0] if is_stand_in and not isinstance(sequence, np.generic) else sequence


def first_of(sequence: Any) -> float:
    """First value of one of solph's sequences; what is one value a period has one here."""
    return float(as_array(sequence, 1)[0])
