"""The face of the engine: a model of an energy system, its own rows, and its optimum."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from oemof import solph

from .conflicts.explain import explain_conflicts
from .conflicts.false_rows import false_rows
from .conflicts.wording import ConflictError
from .energy_price import energy_prices
from .errors import InfeasibleError, ModelError
from .formulation import linopy_backend, pyomo_backend
from .formulation.builder import ModelBuilder
from .formulation.expressions import Expression, FalseRowError, unknown
from .formulation.reading import labels_of
from .meaning import name_text
from .problem import Edge, IntegralLimit, LinearProblem
from .solution import Solution, extract
from .solvers.highs import METHOD_NAMES
from .solvers.limits import NO_LIMITS, SolverLimits
from .solvers.solve import SOLVERS, SolverName, solve_problem
from .write import write_problem

if TYPE_CHECKING:
    import linopy

BackendName: TypeAlias = Literal["linopy", "pyomo"]
BACKENDS: tuple[BackendName, ...] = get_args(BackendName)


class Model:
    """An energy system as an optimisation problem: minimise its costs.

    Parameters
    ----------
    energy_system
        Any ``solph.EnergySystem`` of one period.
    integral_limits
        Limit of the sum of each custom property of the flows over all time steps, upper or
        ``(lower, upper)``.
    backend
        How it is stated: ``linopy``, in arrays; or ``pyomo``, by ``solph.Model`` itself, fifty
        times slower, as the reference.
    index
        Stamps of the time steps in solutions and messages; by default those of the energy system.

    Raises
    ------
    ModelError
        If an argument does not fit the energy system, or it cannot be stated.
    ConflictError
        If a row is false whatever is decided.

    Examples
    --------
    >>> from oemof import solph
    >>> bus = solph.Bus("bus")
    >>> plant = solph.components.Source("plant", {bus: solph.Flow(variable_costs=50)})
    >>> load = solph.components.Sink("load", {bus: solph.Flow(nominal_capacity=2, fix=[1, 3])})
    >>> times = solph.create_time_index(2035, number=2)
    >>> system = solph.EnergySystem(timeindex=times, infer_last_interval=False)
    >>> system.add(bus, plant, load)
    >>> Model(system).solve().objective
    400.0
    """

    def __init__(
        self,
        energy_system: solph.EnergySystem,
        integral_limits: Mapping[str, IntegralLimit] | None = None,
        *,
        backend: BackendName = "linopy",
        index: pd.Index | None = None,
    ) -> None:
        if backend not in BACKENDS:
            raise ModelError(f"there is no backend {backend}; {' and '.join(BACKENDS)} are known")
        self.energy_system = energy_system
        self.backend = backend
        self._limits = dict(integral_limits or {})
        self._problem: LinearProblem | None = None
        self.index = _index(energy_system, index)
        self._stated = _state(energy_system, self._limits, backend, self.index)

    @property
    def problem(self) -> LinearProblem:
        """The linear problem in arrays, with what its columns and rows mean."""
        if self._problem is None:
            if isinstance(self._stated, ModelBuilder):
                self._problem = linopy_backend.compile_problem(self._stated)
            else:
                self._problem = self._compiled_by_pyomo(self._stated)
        return self._problem

    def _compiled_by_pyomo(self, stated: solph.Model) -> LinearProblem:
        try:
            return pyomo_backend.compile_problem(stated, tuple(self._limits))
        except InfeasibleError:
            # Pyomo stops at the first false row; the other backend knows all of them.
            with contextlib.suppress(ModelError):
                _state(self.energy_system, self._limits, "linopy", self.index)
            raise

    @property
    def linopy(self) -> linopy.Model:
        """The linopy model; what is added to it before the next solve counts there."""
        self._problem = None
        return self._builder.model

    @property
    def pyomo(self) -> solph.Model:
        """The ``solph.Model`` of the backend ``pyomo``; what is added to it counts as well."""
        if isinstance(self._stated, ModelBuilder):
            raise ModelError("this model is stated by linopy; ask for backend='pyomo'")
        self._problem = None
        return self._stated

    @property
    def _builder(self) -> ModelBuilder:
        if not isinstance(self._stated, ModelBuilder):
            raise ModelError("this model is stated by pyomo; add to its attribute pyomo")
        return self._stated

    def flow(self, source: Any, target: Any) -> Expression:
        """The flow between two nodes, given as nodes or labels, one row a time step."""
        builder = self._builder
        edge = _label(source), _label(target)
        if edge not in builder.graph.position:
            raise ModelError(f"there is no flow {name_text(edge)}")
        return builder.flow(builder.graph.position[edge])

    def energy(self, source: Any, target: Any) -> Expression:
        """The flow between two nodes times the length of each step, summed over all steps."""
        return self.flow(source, target).times(self._builder.graph.increments).total()

    def content(self, storage: Any) -> Expression:
        """Content of a storage, one row for each time point, the first before the first step."""
        name = _label(storage)
        labels = _known(self._builder.storage_content, name, f"storage {name}")
        return unknown(labels, len(labels))

    def new_capacity(self, source: Any, target: Any = None) -> Expression:
        """What is built of a flow, or of a storage if one node is given; one row."""
        builder = self._builder
        if target is None:
            name = _label(source)
            return unknown(
                _known(builder.storage_investment, name, f"investment in storage {name}"), 1
            )
        edge = _label(source), _label(target)
        position = builder.graph.position.get(edge, -1)
        named = f"investment in flow {name_text(edge)}"
        return unknown(_known(builder.flow_investment, position, named), 1)

    def add_rows(
        self, name: str, expression: Expression, sign: Literal["=", "<=", ">="], bound: Any
    ) -> None:
        """Add rows of one's own; their duals are in ``solution.row_dual[name]``.

        Parameters
        ----------
        name
            Name of the rows, unique in the model.
        expression
            Sums and multiples of :meth:`flow`, :meth:`energy`, :meth:`content` and
            :meth:`new_capacity`.
        sign, bound
            What the expression is to its bound, a number or one for each row.
        """
        builder = self._builder
        if name in builder.rows:
            raise ModelError(f"there are rows named {name} already")
        if sign not in ("=", "<=", ">="):
            raise ModelError(f"rows have the sign =, <= or >=, not {sign}")
        self._problem = None
        with _false_rows_explained(self.energy_system, self._limits, self.index):
            builder.add_rows(name, expression, sign, np.asarray(bound, dtype=float))

    def write(self, path: str | Path) -> None:
        """Write the problem with its names, by the ending of the path as ``.lp`` or ``.mps``."""
        write_problem(self.problem, Path(path))

    def solve(
        self,
        *,
        solver: SolverName = "highs",
        penalties: Collection[Edge] = (),
        methods: tuple[str, ...] = METHOD_NAMES,
        limits: SolverLimits = NO_LIMITS,
        tie_break: bool = False,
        on_stage: Callable[[str], None] | None = None,
        on_log: Callable[[str], None] | None = None,
    ) -> Solution:
        """Find the optimum.

        Parameters
        ----------
        solver
            ``highs`` or ``cbc``. Who asks for CBC wants another solver's word: where it fails,
            HiGHS does not step in.
        penalties
            Flows whose costs are penalties, as ``(source, target)`` labels: they are minimised
            before all other costs, see :mod:`~optimise.solvers.penalties`. If none are given,
            costs far above all others are taken for penalties.
        methods
            Methods of HiGHS in the order in which they are tried.
        limits
            Time and memory of each attempt.
        tie_break
            Whether of capacities that cost the same the first by name is built, by a second
            solve; see :mod:`~optimise.solvers.tie_break`.
        on_stage
            Called with the name of each stage as it begins.
        on_log
            Called with each line of the solver's log.

        Raises
        ------
        ModelError
            If an argument does not fit the model.
        ConflictError
            If there is no optimum; says what is in conflict, in the labels of the energy system.
        SolverError
            If no method of the solver finds the optimum.
        """
        self._refuse_arguments(solver, penalties, methods)
        problem, tell = self.problem, on_stage or (lambda _: None)
        rows, columns = problem.matrix.shape
        tell(f"solving {columns} columns, {rows} rows")
        with explain_conflicts(problem, self.index, tell):
            raw = solve_problem(
                problem,
                solver=solver,
                penalties=penalties,
                methods=methods,
                limits=limits,
                tie_break=tie_break,
                on_log=on_log,
            )
        found = extract(problem, raw, self.index)
        if found.bus_price is not None:
            price = energy_prices(self.energy_system, found.bus_price, found.flow)
            found = replace(found, bus_price=price)
        return found

    def _refuse_arguments(
        self, solver: str, penalties: Collection[Edge], methods: tuple[str, ...]
    ) -> None:
        """Raise an error before anything is solved that could not be named afterwards."""
        edges = {labels_of(edge) for edge in self.energy_system.flows()}
        strange = [name_text(edge) for edge in penalties if edge not in edges]
        for wrong, message in (
            (
                solver not in SOLVERS,
                f"there is no solver {solver}; {' and '.join(SOLVERS)} are known",
            ),
            (not methods, f"no method is asked for; {', '.join(METHOD_NAMES)} are known"),
            (strange, f"there is no flow {' and no '.join(strange)} to be a penalty"),
        ):
            if wrong:
                raise ModelError(message)


def _index(energy_system: solph.EnergySystem, index: pd.Index | None) -> pd.Index:
    """Stamps of the time steps."""
    steps = len(energy_system.timeincrement)
    if index is None:
        points = energy_system.timeindex
        return pd.RangeIndex(steps) if points is None else pd.Index(points[:steps])
    if len(index) != steps:
        raise ModelError(f"{len(index)} stamps are given for {steps} time steps")
    return index


def _label(node: Any) -> str:
    return str(getattr(node, "label", node))


def _known(labels: Mapping[Any, Any], key: Any, named: str) -> Any:
    if key not in labels:
        raise ModelError(f"there is no {named}")
    return labels[key]


def _state(
    energy_system: solph.EnergySystem,
    limits: Mapping[str, IntegralLimit],
    backend: BackendName,
    index: pd.Index,
) -> ModelBuilder | solph.Model:
    if backend == "pyomo":
        return pyomo_backend.state(energy_system, limits)
    with _false_rows_explained(energy_system, limits, index):
        return linopy_backend.state(energy_system, limits)


@contextlib.contextmanager
def _false_rows_explained(
    energy_system: solph.EnergySystem, limits: Mapping[str, IntegralLimit], index: pd.Index
) -> Iterator[None]:
    try:
        yield
    except FalseRowError as error:
        conflict = false_rows(energy_system, error, limits)
        raise ConflictError("the problem is infeasible", conflict, index) from error
