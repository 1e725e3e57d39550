"""The face of the engine: a model of an energy system, its own rows, and its optimum."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from oemof import solph

from .conflicts.explain import explain_conflicts
from .energy_price import energy_prices
from .errors import ModelError
from .formulation import linopy_additions, pyomo_additions
from .formulation.builder import ModelBuilder
from .formulation.corrections import Correction
from .formulation.elements import label_of, labels_of
from .formulation.expressions import Expression, Numbers, unknown
from .formulation.flow import energy
from .frames import EnergySystemFrames, time_points
from .meaning import name_text
from .problem import Edge, IntegralLimit, LinearProblem, Name
from .solution import Solution, extract
from .solvers import SOLVERS, SolverName
from .solvers.highs import METHOD_NAMES
from .solvers.limits import NO_LIMITS, SolverLimits
from .solvers.solve import solve_problem
from .stating import BACKENDS, BackendName, compiled, false_rows_explained, state
from .write import write_problem

if TYPE_CHECKING:
    import linopy


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
    corrections
        Where the installed solph is not what it says, what is stated as it should be, by names of
        :data:`~optimise.CORRECTIONS`; by default nothing, and the optimum is that of solph.

    Raises
    ------
    ModelError
        If an argument does not fit the energy system, or it cannot be stated.
    ConflictError
        If a row is false whatever is decided.

    Examples
    --------
    Two units of load, then three, from a plant at 50 and from sun that is there in the second
    step alone, at 30 for each unit of capacity:

    >>> import pandas as pd
    >>> from oemof import solph
    >>> bus = solph.Bus("bus")
    >>> load = solph.components.Sink(
    ...     "load", inputs={bus: solph.Flow(nominal_capacity=1, fix=[2, 3])}
    ... )
    >>> plant = solph.components.Source("plant", outputs={bus: solph.Flow(variable_costs=50)})
    >>> size = solph.Investment(ep_costs=30, maximum=4)
    >>> sun = solph.components.Source(
    ...     "sun", outputs={bus: solph.Flow(nominal_capacity=size, fix=[0.0, 0.5])}
    ... )
    >>> system = solph.EnergySystem(
    ...     timeindex=pd.date_range("2035-01-01", periods=3, freq="h"), infer_last_interval=False
    ... )
    >>> system.add(bus, load, plant, sun)
    >>> model = Model(system)
    >>> model.solve().objective
    250.0

    At 60 for a unit of energy the sun is too dear. A row of one's own that wants a fifth of the
    energy from it makes it worth its money:

    >>> sunny, all_of_it = model.energy("sun", "bus"), model.energy("bus", "load")
    >>> model.add_rows("share", sunny - 0.2 * all_of_it, ">=", 0.0)
    >>> solution = model.solve()
    >>> solution.objective
    260.0
    >>> solution.flow_investment
    {('sun', 'bus'): 2.0}
    >>> solution.row_dual["share"].to_list()
    [10.0]
    """

    def __init__(
        self,
        energy_system: solph.EnergySystem,
        integral_limits: Mapping[str, IntegralLimit] | None = None,
        *,
        backend: BackendName = "linopy",
        index: pd.Index | None = None,
        corrections: Collection[Correction] = (),
    ) -> None:
        if backend not in BACKENDS:
            raise ModelError(f"there is no backend {backend}; {' and '.join(BACKENDS)} are known")
        self.energy_system = energy_system
        self.backend = backend
        self._limits = dict(integral_limits or {})
        self._points = time_points(energy_system, index)
        self.index = self._points[:-1]
        self._problem: LinearProblem | None = None
        self._is_handed_out = False
        self._own_rows: list[str] = []
        self._corrections = frozenset(corrections)
        self._stated = state(energy_system, self._limits, backend, self.index, corrections)

    @property
    def problem(self) -> LinearProblem:
        """The linear problem in arrays, with what its columns and rows mean."""
        # What is handed out may be changed at any time, so that it is compiled each time.
        if self._problem is None or self._is_handed_out:
            self._problem = compiled(
                self._stated, self.energy_system, self._limits, self.index, self._own_rows
            )
        return self._problem

    @property
    def linopy(self) -> linopy.Model:
        """The linopy model with its objective; what is changed in it counts in the next solve.

        Rows that are added have their duals in ``solution.row_dual``. An objective may be added
        to, and is minimised; its constant is not in it, since linopy has none.
        """
        self._is_handed_out = True
        return linopy_additions.hand_out(self._builder)

    @property
    def pyomo(self) -> solph.Model:
        """The ``solph.Model`` of the backend ``pyomo``; what is changed in it counts as well."""
        if isinstance(self._stated, ModelBuilder):
            raise ModelError("this model is stated by linopy; ask for backend='pyomo'")
        self._is_handed_out = True
        return self._stated

    @property
    def _builder(self) -> ModelBuilder:
        if not isinstance(self._stated, ModelBuilder):
            raise ModelError("this model is stated by pyomo; add to its attribute pyomo")
        return self._stated

    def flow(self, source: Any, target: Any) -> Expression:
        """The flow between two nodes, given as nodes or labels, one row a time step."""
        return self._builder.flow(self._position(source, target))

    def _position(self, source: Any, target: Any) -> int:
        edge = labels_of((source, target))
        return int(_known(self._builder.graph.position, edge, f"flow {name_text(edge)}"))

    def energy(self, source: Any, target: Any) -> Expression:
        """The flow between two nodes times the length of each step, summed over all steps.

        In aggregated time series each step counts as often as its typical period occurs.
        """
        return energy(self._builder, self.flow(source, target), self._builder.graph.weights)

    def content(self, storage: Any) -> Expression:
        """Content of a storage, one row for each time point, the first before the first step."""
        name, builder = label_of(storage), self._builder
        lacks = (
            "" if builder.graph.typical is None else " with a content in aggregated time series"
        )
        labels = _known(builder.storage_content, name, f"storage {name}{lacks}")
        return unknown(labels, len(labels))

    def status(self, source: Any, target: Any) -> Expression:
        """Whether a flow with ``NonConvex`` is on, 1 or 0, one row a time step."""
        position = self._position(source, target)
        named = f"NonConvex in flow {self._builder.graph.name(position)}, so that it has no status"
        status: Expression = _known(self._builder.status, position, named)
        return status

    def new_capacity(self, source: Any, target: Any = None) -> Expression:
        """What is built of a flow, or of a storage if one node is given; one row."""
        builder = self._builder
        if target is None:
            name = label_of(source)
            return unknown(
                _known(builder.storage_investment, name, f"investment in storage {name}"), 1
            )
        edge = labels_of((source, target))
        position = builder.graph.position.get(edge, -1)
        named = f"investment in flow {name_text(edge)}"
        return unknown(_known(builder.flow_investment, position, named), 1)

    def invest_status(self, source: Any, target: Any = None) -> Expression:
        """Whether an investment that is not convex is made, 1 or 0, of a flow or a storage."""
        name = label_of(source) if target is None else labels_of((source, target))
        named = f"investment in {name_text(name)} that is not convex"
        made: Expression = _known(self._builder.further.get("invest_status", {}), name, named)
        return made

    @property
    def row_names(self) -> tuple[str, ...]:
        """Names of the rows of one's own."""
        return tuple(self._own_rows)

    def add_columns(
        self, name: str, owner: Any, lower: Numbers, upper: Numbers, *, integer: bool = False
    ) -> Expression:
        """Add unknowns of one's own, one a time step; ``solution.frame(name)`` has their values.

        Parameters
        ----------
        name
            Their name.
        owner
            What they belong to: a node, or ``(source, target)`` of a flow, as nodes or labels.
        lower, upper
            Their bounds, a number or one for each.
        integer
            Whether they are whole numbers.

        Raises
        ------
        ModelError
            If the owner is unknown, or has columns of that name.
        """
        key = labels_of(owner) if isinstance(owner, tuple) else label_of(owner)
        added = linopy_additions.add_columns(self._builder, name, key, lower, upper, integer)
        self._problem = None
        return added

    def add_rows(
        self,
        name: str,
        expression: Expression,
        sign: Literal["=", "<=", ">="],
        bound: Expression | Numbers,
    ) -> None:
        """Add rows of one's own; their duals are in ``solution.row_dual[name]``.

        Rows in which nothing can change are true, and no rows, or a conflict.

        Parameters
        ----------
        name
            Name of the rows, unique in the model.
        expression
            Sums and multiples of :meth:`flow`, :meth:`energy`, :meth:`content`,
            :meth:`new_capacity`, :meth:`status` and :meth:`add_columns`, or some of their rows,
            ``model.content("tank")[8]``.
        sign, bound
            What the expression is to its bound: a number, one for each row, or an expression.

        Raises
        ------
        ModelError
            If there are rows of that name, or the bound does not fit.
        ConflictError
            If a row is false whatever is decided.
        """
        builder = self._builder
        if name in builder.rows or name in linopy_additions.names(builder)[1]:
            raise ModelError(f"there are rows named {name} already")
        if sign not in ("=", "<=", ">="):
            raise ModelError(f"rows have the sign =, <= or >=, not {sign}")
        numbers = np.zeros(1) if isinstance(bound, Expression) else np.asarray(bound, dtype=float)
        terms = expression - (bound if isinstance(bound, Expression) else np.zeros(numbers.shape))
        self._problem = None
        with false_rows_explained(self.energy_system, self._limits, self.index, is_own=True):
            builder.add_rows(name, terms.merged(), sign, numbers)
        self._own_rows.append(name)

    def write(self, path: str | Path) -> None:
        """Write the problem with its names, by the ending of the path as ``.lp`` or ``.mps``.

        Columns are named ``flow(source,target)(step)``, ``content(storage)(point)``,
        ``flow_capacity(source,target)`` and ``storage_capacity(storage)``, rows
        ``balance(bus)(step)``, by the name of one's own, or as the backend names them. What the
        format does not allow within a name is an underscore there.

        Parameters
        ----------
        path
            Where to write it.

        Raises
        ------
        ModelError
            If the path has another ending, or it cannot be written.
        """
        if isinstance(self._stated, ModelBuilder):
            names = linopy_additions.block_names(self._stated)
        else:
            names = pyomo_additions.block_names(self._stated)
        write_problem(self.problem, Path(path), *names)

    def solve(
        self,
        *,
        solver: SolverName = "highs",
        penalties: Collection[Edge] = (),
        methods: tuple[str, ...] | None = None,
        limits: SolverLimits = NO_LIMITS,
        tie_break: bool | Sequence[Name] = False,
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
            Methods of HiGHS in the order in which they are tried; by default what suits the size,
            see :func:`~optimise.solvers.highs.by_size`.
        limits
            Time and memory of each attempt.
        tie_break
            Whether of capacities that cost the same the first is built, by a second solve: the
            first by name, or in the order of the labels that are given; see
            :mod:`~optimise.solvers.tie_break`.
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
        frames = EnergySystemFrames(self.energy_system, self._points, self._corrections)
        return replace(found, frames=frames)

    def _refuse_arguments(
        self, solver: str, penalties: Collection[Edge], methods: tuple[str, ...] | None
    ) -> None:
        """Raise an error before anything is solved that could not be named afterwards."""
        edges = {labels_of(edge) for edge in self.energy_system.flows()}
        strange = [name_text(edge) for edge in penalties if edge not in edges]
        if solver not in SOLVERS:
            raise ModelError(f"there is no solver {solver}; {' and '.join(SOLVERS)} are known")
        if methods == ():
            raise ModelError(f"no method is asked for; {', '.join(METHOD_NAMES)} are known")
        if strange:
            raise ModelError(f"there is no flow {' and no '.join(strange)} to be a penalty")


def _known(labels: Mapping[Any, Any], key: Any, named: str) -> Any:
    if key not in labels:
        raise ModelError(f"there is no {named}")
    return labels[key]
