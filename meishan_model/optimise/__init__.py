"""Any energy system of oemof.solph to its optimum, fast and checked.

>>> from optimise import Model                                    # doctest: +SKIP
>>> solution = Model(energy_system).solve(solver="highs")         # doctest: +SKIP
>>> solution.objective, solution.flow, solution.frame("invest")   # doctest: +SKIP

The way of the data: ``formulation`` states an energy system as a linear problem in arrays
(``problem``), ``solvers`` find its optimum and refuse what is none, ``solution`` names its values,
``conflicts`` says why there is none. The package stands alone: it imports nothing else of a
project that holds it.
"""

from .errors import InfeasibleError, ModelError, OptimiseError, SolverError
from .model import BACKENDS, BackendName, Model
from .problem import IntegralLimit
from .solution import Solution
from .solvers.limits import SolverLimits
from .solvers.solve import SOLVERS, SolverName

__all__ = [
    "BACKENDS",
    "SOLVERS",
    "BackendName",
    "InfeasibleError",
    "IntegralLimit",
    "Model",
    "ModelError",
    "OptimiseError",
    "Solution",
    "SolverError",
    "SolverLimits",
    "SolverName",
]
