"""Any energy system of oemof.solph to its optimum, fast and checked.

.. code-block:: python

    from optimise import Model

    model = Model(energy_system)
    solution = model.solve(solver="highs")
    solution.objective
    solution.flow["plant", "bus"]       # by the labels of the nodes, one value a time step
    solution.frame("invest")            # as solph.Results gives it, by the same keys
    solution.to_xarray()                # everything as one dataset

Rows of one's own are added over flows, contents and new capacities, and the problem is written
with its names:

.. code-block:: python

    green, load = model.energy("sun", "bus"), model.energy("bus", "load")
    model.add_rows("green share", green - 0.3 * load, ">=", 0.0)
    model.solve().row_dual["green share"]
    model.write("problem.lp")

What the installed solph is known to do otherwise than it says is stated as it should be if asked
for: ``Model(energy_system, corrections=["initial_status"])``, see :data:`CORRECTIONS`.

The functions of ``solph.constraints`` are in :mod:`~optimise.constraints` under the same names.

The way of the data: ``formulation`` states an energy system as a linear problem in arrays
(``problem``), ``solvers`` find its optimum and refuse what is none, ``solution`` names its values
and ``frames`` gives them as solph does, ``conflicts`` says why there is none. Numbers are in the
units of the energy system. The package stands alone: it imports nothing else of a project that
holds it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import constraints
    from .conflicts.wording import ConflictError
    from .errors import InfeasibleError, ModelError, OptimiseError, SolverError
    from .formulation.corrections import CORRECTIONS, Correction
    from .formulation.expressions import Expression
    from .model import Model
    from .problem import IntegralLimit
    from .solution import Solution
    from .solvers import SOLVERS, SolverName
    from .solvers.limits import SolverLimits
    from .stating import BACKENDS, BackendName

_HOMES = {
    "conflicts.wording": ("ConflictError",),
    "errors": ("InfeasibleError", "ModelError", "OptimiseError", "SolverError"),
    "formulation.corrections": ("CORRECTIONS", "Correction"),
    "formulation.expressions": ("Expression",),
    "model": ("Model",),
    "problem": ("IntegralLimit",),
    "solution": ("Solution",),
    "solvers": ("SOLVERS", "SolverName"),
    "solvers.limits": ("SolverLimits",),
    "stating": ("BACKENDS", "BackendName"),
}

__all__ = [
    "BACKENDS",
    "CORRECTIONS",
    "SOLVERS",
    "BackendName",
    "ConflictError",
    "Correction",
    "Expression",
    "InfeasibleError",
    "IntegralLimit",
    "Model",
    "ModelError",
    "OptimiseError",
    "Solution",
    "SolverError",
    "SolverLimits",
    "SolverName",
    "constraints",
]


def __getattr__(name: str) -> object:
    """Import what is asked for: solph takes seconds, and who reads a result does without it."""
    if name == "constraints":
        return import_module(".constraints", __name__)
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
