"""How the optima that the engine tells of a graph with penalties compare with the exact one."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

import numpy as np
from exact import Exact, solve_exactly
from penalty_graphs import PenaltyGraph

from meishan_model.optimise import BackendName, Model, SolverName
from meishan_model.optimise.errors import InfeasibleError, SolverError
from meishan_model.optimise.problem import LinearProblem

RIGHT = 1e-6
"""Difference from the exact optimum that is allowed, relative to the size of each part [-]."""


class Judge:
    """The exact optimum of a graph, and what is wrong with other answers.

    Parameters
    ----------
    graph
        The graph.
    """

    def __init__(self, graph: PenaltyGraph) -> None:
        self.graph = graph

    @cached_property
    def problem(self) -> LinearProblem:
        """The problem as ``solph.Model`` states it."""
        return Model(self.graph.system(), backend="pyomo").problem

    @cached_property
    def exact(self) -> Exact:
        """The exact optimum of that problem."""
        return solve_exactly(self.problem)

    @cached_property
    def other_costs(self) -> tuple[Fraction, Fraction]:
        """Least and largest cost without penalties among all optima [CNY]."""
        weights = {}
        for edge in self.graph.penalties:
            for j in self.problem.labels.flow[edge].positions:
                if j >= 0:
                    weights[int(j)] = float(self.problem.cost[j])
        least, most = self.exact.between(weights)
        return self.exact.objective - most, self.exact.objective - least

    def faults(
        self,
        backend: BackendName,
        solver: SolverName,
        given: bool,
        methods: tuple[str, ...] | None = None,
    ) -> list[str]:
        """What is wrong with the engine's answer, in sentences; none if it is right.

        Parameters
        ----------
        backend, solver, methods
            Way from the graph to its optimum.
        given
            Whether the engine is told which flows are penalties.
        """
        penalties = self.graph.penalties if given else ()
        model = Model(self.graph.system(), backend=backend)
        try:
            solution = model.solve(solver=solver, penalties=penalties, methods=methods)
        except InfeasibleError as error:
            return [] if self.exact.status != "optimal" else [f"{type(error).__name__}: {error}"]
        except SolverError as error:
            return [f"SolverError: {error}"]
        if self.exact.status != "optimal":
            return [f"optimum of {solution.objective:.9g}, it is {self.exact.status}"]
        other, penalty = self.graph.parts(solution)
        nothing = self.graph.handled(solution) * self.graph.typical_cost()
        objective = self.exact.objective
        return [
            f"{what} {told:.9g} instead of {float(least):.9g}"
            + (f" to {float(most):.9g}" if least != most else "")
            for what, told, (least, most) in (
                ("objective", solution.objective, (objective, objective)),
                ("cost of the plan", other + penalty, (objective, objective)),
                ("cost without penalties", other, self.other_costs),
            )
            if not _within(told, least, most, nothing)
        ]


def _within(told: float, least: Fraction, most: Fraction, nothing: float) -> bool:
    """Whether a value lies in a range, whose ends are forgiven a share of their size."""
    if not np.isfinite(told):
        return False
    return all(
        sign * (Fraction(told) - end) <= Fraction(RIGHT) * (abs(end) or Fraction(nothing))
        for sign, end in ((-1, least), (1, most))
    )
