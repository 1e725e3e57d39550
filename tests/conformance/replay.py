"""Constraints that a caller adds to a ``solph.Model``, put onto the engine's model as well.

``ONTO_LINOPY`` says how each function of ``solph.constraints`` is stated by the linopy backend;
those that are not in it are refused by name. The pyomo backend takes all of them as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyomo.environ as po
from oemof import solph
from pyomo.core.base.var import VarData

from meishan_model.optimise import BackendName, IntegralLimit, Model

ORIGINALS: Mapping[str, Callable[..., Any]] = {
    name: getattr(solph.constraints, name) for name in solph.constraints.__all__
}
"""The functions of ``solph.constraints`` as they are before they are followed."""


@dataclass(frozen=True)
class Call:
    """One call of a function of ``solph.constraints``.

    Attributes
    ----------
    function
        Its name.
    arguments
        Its arguments by name, without the model.
    """

    function: str
    arguments: Mapping[str, Any]


class NotReplayedError(Exception):
    """A constraint has no counterpart in the linopy backend; says which."""


@dataclass
class Statement:
    """What is put onto a model of the engine.

    Attributes
    ----------
    system
        The energy system.
    limits
        Its integral limits by the custom property of the flows.
    rows
        What is called with the model to add rows to it.
    """

    system: solph.EnergySystem
    limits: dict[str, IntegralLimit] = field(default_factory=dict)
    rows: list[Callable[[Model], None]] = field(default_factory=list)

    def model(self, backend: BackendName) -> Model:
        """The engine's model with the constraints."""
        model = Model(self.system, self.limits, backend=backend)
        for add in self.rows:
            add(model)
        return model


def on_linopy(system: solph.EnergySystem, calls: list[Call]) -> Statement:
    """The constraints in the words of the linopy backend.

    Raises
    ------
    NotReplayedError
        With the name of every constraint that has no counterpart in it.
    """
    statement, refused = Statement(system), []
    for call in calls:
        try:
            if call.function not in ONTO_LINOPY:
                raise NotReplayedError(f"constraints.{call.function}")
            ONTO_LINOPY[call.function](statement, **call.arguments)
        except NotReplayedError as error:
            refused.append(str(error))
    if refused:
        raise NotReplayedError("; ".join(dict.fromkeys(refused)))
    return statement


def on_pyomo(system: solph.EnergySystem, calls: list[Call]) -> Statement:
    """The constraints for the pyomo backend: solph's own functions are called on its model."""

    def add(call: Call) -> Callable[[Model], None]:
        def called(model: Model) -> None:
            arguments = {k: _of(model.pyomo, value) for k, value in call.arguments.items()}
            ORIGINALS[call.function](model.pyomo, **arguments)

        return called

    return Statement(system, rows=[add(call) for call in calls])


def _of(model: solph.Model, value: Any) -> Any:
    """An argument for another model: its variable in place of that of the recorded one."""
    if not isinstance(value, (po.Var, VarData)):
        return value
    variable = model.find_component(value.parent_component().name)
    return variable if value.is_indexed() else variable[value.index()]


def _emission_limit(
    statement: Statement, limit: float, flows: Mapping[Any, Any] | None = None
) -> None:
    _integral_limit(statement, "emission_factor", flows, upper_limit=limit)


def _integral_limit(
    statement: Statement,
    keyword: str,
    flows: Mapping[Any, Any] | None = None,
    upper_limit: float | None = None,
    lower_limit: float | None = None,
    limit: float | None = None,
    limit_name: str | None = None,
) -> None:
    """A limit of all flows that have a property; the engine knows no other."""
    having = {e for e, f in statement.system.flows().items() if keyword in f.custom_properties}
    if flows is not None and set(flows) != having:
        raise NotReplayedError("constraints.generic_integral_limit of some of the flows")
    if keyword in statement.limits:
        raise NotReplayedError("constraints.generic_integral_limit twice on one property")
    upper = limit if limit is not None else upper_limit
    statement.limits[keyword] = (
        float("-inf") if lower_limit is None else float(lower_limit),
        float("inf") if upper is None else float(upper),
    )


ONTO_LINOPY: Mapping[str, Callable[..., None]] = {
    "emission_limit": _emission_limit,
    "generic_integral_limit": _integral_limit,
}
"""Puts one call of a function of ``solph.constraints`` onto a :class:`Statement`."""
