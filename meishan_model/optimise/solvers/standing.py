"""A model that stands: changed costs, bounds and right-hand sides go in, nothing is rebuilt."""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np
from oemof import solph

from ..errors import SolverError
from ..formulation.reading import as_array, labels_of
from ..formulation.typical_periods import step_weights
from ..problem import Columns, Floats, LinearProblem, RawSolution
from .highs_model import (
    cost_scale_of,
    ending_of,
    highs_with_problem,
    raw_solution,
    refuse_if_infeasible,
)


def reprice(problem: LinearProblem, energy_system: solph.EnergySystem) -> LinearProblem:
    """The same problem at the prices of another graph of the same shape.

    Takes variable costs of flows, the yearly cost of capacities and storage costs; what a binary
    column costs stays as it is.

    Parameters
    ----------
    problem
        A stated problem.
    energy_system
        A graph that differs from the stated one in its costs only.
    """
    cost, labels = np.where(problem.integer, problem.cost, 0.0), problem.labels
    increments = np.asarray(energy_system.timeincrement, dtype=float)
    lasting = increments * step_weights(energy_system)
    offset = 0.0

    def add(columns: Columns, price: Floats) -> float:
        factors = 1.0 if columns.factors is None else columns.factors
        there = columns.positions >= 0
        np.add.at(cost, columns.positions[there], (price * factors)[there])
        return float((price * columns.constants).sum())

    for ends, flow in energy_system.flows().items():
        edge = labels_of(ends)
        offset += add(labels.flow[edge], as_array(flow.variable_costs, len(lasting)) * lasting)
        if flow.investment is not None:
            offset += add(labels.flow_investment[edge], as_array(flow.investment.ep_costs, 1))
    for node in energy_system.nodes:
        if isinstance(node, solph.components.GenericStorage):
            name = str(node.label)
            if node.investment is not None:
                offset += add(
                    labels.storage_investment[name], as_array(node.investment.ep_costs, 1)
                )
            if node.storage_costs is not None:
                price = as_array(node.storage_costs, len(lasting))
                offset += add(labels.storage_content[name], np.concatenate([[0.0], price]))
    return replace(problem, cost=cost, cost_offset=offset)


class StandingModel:
    """HiGHS with a problem in it, solved again after changes to its vectors.

    The simplex starts from the last basis, so that small changes cost little.

    Parameters
    ----------
    problem
        The first problem; must have no integers.
    """

    def __init__(self, problem: LinearProblem):
        if problem.is_mixed_integer:
            raise SolverError("a standing model has no integers; solve it anew")
        self._problem = problem
        self._scale = cost_scale_of(problem)
        self._solver = highs_with_problem(problem)

    def change(self, problem: LinearProblem) -> tuple[str, ...]:
        """Put the differences of another problem with the same matrix into the standing model.

        Parameters
        ----------
        problem
            The problem as it should be.

        Returns
        -------
        tuple of str
            What was changed: ``cost``, ``column bounds``, ``row bounds``.

        Raises
        ------
        SolverError
            If its matrix is another one: that needs a new model.
        """
        old = self._problem
        if problem.matrix is not old.matrix and (
            problem.matrix.shape != old.matrix.shape or abs(problem.matrix - old.matrix).nnz
        ):
            raise SolverError("the matrix has changed; state a new model")
        changed = []
        columns, rows = (np.arange(n, dtype=np.int32) for n in problem.matrix.shape[::-1])
        if (problem.cost != old.cost).any() or problem.cost_offset != old.cost_offset:
            self._solver.changeColsCost(len(columns), columns, problem.cost * self._scale)
            self._solver.changeObjectiveOffset(problem.cost_offset * self._scale)
            changed.append("cost")
        for name, index, low, up, change in (
            ("column bounds", columns, "column_lower", "column_upper", "changeColsBounds"),
            ("row bounds", rows, "row_lower", "row_upper", "changeRowsBounds"),
        ):
            lower, upper = getattr(problem, low), getattr(problem, up)
            if (lower != getattr(old, low)).any() or (upper != getattr(old, up)).any():
                getattr(self._solver, change)(len(index), index, lower, upper)
                changed.append(name)
        self._problem = problem
        return tuple(changed)

    def solve(self) -> RawSolution:
        """Solve with the simplex from where the last solve ended.

        Raises
        ------
        InfeasibleError
            If the problem has no solution or is unbounded.
        SolverError
            If HiGHS stops before the optimum.
        """
        self._solver.setOptionValue("solver", "simplex")
        self._solver.run()
        refuse_if_infeasible(self._solver)
        ending = ending_of(self._solver)
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise SolverError(f"HiGHS found no optimum: {ending}")
        history = (f"simplex: {ending}",)
        return raw_solution(self._solver, self._problem, "simplex", history, self._scale)
