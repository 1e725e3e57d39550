"""Constraints that a caller adds to a ``solph.Model``, put onto the engine's model as well.

``ONTO_LINOPY`` holds the functions of ``solph.constraints`` that the linopy backend states, and
``METHODS`` the variables of pyomo that they may be given; others are refused by name. The pyomo
backend takes all of them as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyomo.environ as po
from oemof import solph
from pyomo.core.base.var import VarData

from meishan_model.optimise import BackendName, Model, constraints

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
    rows
        What is called with the model to add rows to it.
    """

    system: solph.EnergySystem
    rows: list[Callable[[Model], None]] = field(default_factory=list)

    def model(self, backend: BackendName) -> Model:
        """The engine's model with the constraints."""
        model = Model(self.system, backend=backend)
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
            statement.rows.append(_stated(call))
        except NotReplayedError as error:
            refused.append(str(error))
    if refused:
        raise NotReplayedError("; ".join(dict.fromkeys(refused)))
    return statement


def _stated(call: Call) -> Callable[[Model], None]:
    """Puts one call onto a model of the linopy backend."""
    if call.function not in ONTO_LINOPY:
        raise NotReplayedError(f"constraints.{call.function}")
    arguments = {key: _stated_argument(call, value) for key, value in call.arguments.items()}

    def called(model: Model) -> None:
        given = {key: argument(model) for key, argument in arguments.items()}
        ONTO_LINOPY[call.function](model, **given)

    return called


def _stated_argument(call: Call, value: Any) -> Callable[[Model], Any]:
    """An argument for a model: of a variable of pyomo its expression, or the method that gives it.

    Raises
    ------
    NotReplayedError
        If the variable has no counterpart.
    """
    if not isinstance(value, (po.Var, VarData)):
        return lambda _: value
    variable = value.parent_component()
    method = METHODS.get(variable.name)
    if method is None:
        raise NotReplayedError(f"constraints.{call.function} of {variable.name}")
    if value.is_indexed():
        return lambda model: getattr(model, method)
    *names, step = value.index()
    if method in ("new_capacity", "invest_status"):  # of the only period
        return lambda model: getattr(model, method)(*names)
    return lambda model: getattr(model, method)(*names)[step]


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


ONTO_LINOPY: Mapping[str, Callable[..., Any]] = {
    name: getattr(constraints, name) for name in constraints.__all__
}
"""The engine's own functions by the names of those of ``solph.constraints``."""

METHODS: Mapping[str, str] = {
    "flow": "flow",
    "GenericStorageBlock.storage_content": "content",
    "GenericInvestmentStorageBlock.storage_content": "content",
    "NonConvexFlowBlock.status": "status",
    "InvestNonConvexFlowBlock.status": "status",
    **{
        f"{block}.{variable}": method
        for block in (
            *("InvestmentFlowBlock", "InvestNonConvexFlowBlock"),
            "GenericInvestmentStorageBlock",
        )
        for variable, method in (("invest", "new_capacity"), ("invest_status", "invest_status"))
    },
}
"""Methods of the engine's model by the variables of ``solph.Model`` that they stand for."""
