r"""Make the capacities of an optimum unique.

Where two zones serve as well as one another, an interior-point method divides a capacity between
them, a simplex picks one, and each solver picks its own. With a little more cost the further back
a capacity stands in the order of names,

.. math::  c'_k = c_k + \delta \, r_k, \qquad r_k = 1, 2, \dots

there is one best choice, the first. The optimum :math:`x'` of the problem with :math:`c'` costs at
most :math:`\delta \sum_k r_k (x_k - x'_k)` more than the optimum :math:`x`: some CNY a year.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from meishan_model.optimise.meaning import Name, name_text
from meishan_model.optimise.problem import Columns, LinearProblem

STEP = 1.0
"""Cost from one capacity to the next in the order of names [CNY per unit]."""


def break_ties(problem: LinearProblem) -> LinearProblem:
    """The same problem, in which the first of two capacities that cost the same is cheaper.

    Parameters
    ----------
    problem
        A stated problem; the costs of its solution are to be told at its own prices.
    """
    labels = problem.labels
    capacities: dict[Name, Columns] = dict(labels.flow_investment.items())
    capacities.update(labels.storage_investment.items())
    order = sorted(capacities, key=name_text)
    columns = np.array([capacities[name].positions[0] for name in order], dtype=np.int64)
    columns = columns[columns >= 0]
    cost = problem.cost.copy()
    cost[columns] += STEP * np.arange(1, len(columns) + 1)
    return replace(problem, cost=cost)
