r"""All slices of a pathway in one linear problem, joined by vintages.

Slice :math:`y` is the problem of its own graph, :math:`\min c_y x_y` subject to its rows, in which
the new build :math:`n_y` of each asset is a column. The problems stand beside one another
(block-diagonal), the yearly cost of :math:`n_y` is taken out, and the additions
:math:`a_v \ge 0` of every step, which stand in the slices :math:`v \le y < v + L`, come in:

.. math::

    \min \; & \sum_y w_y \, c_y x_y + \sum_v a_v \sum_{v \le y < v + L} w_y (A_v + F_y) \\
    n_y & \le \sum_{v \le y < v + L} a_v \qquad \text{what is used stands} \\
    \sum_{v \le y < v + L} a_v & \le C_y \qquad \text{what stands has room} \\
    0 \le a_v & \le B_v \qquad \text{what a step builds}

with the present value :math:`w_y` of one CNY/a in the slice (trapezoid rule and discount), the
annuity :math:`A_v` of the year of building, the fixed O&M :math:`F_y` of the year itself, the
limit :math:`B_v` of a step and the largest room so far :math:`C_y`
(:mod:`meishan_model.planning.vintages`). What stands may be idle, as a truck may stay parked; it
is paid for all the same.

Emissions are capped year by year by the rows of the slices, or once over all years: then the caps
:math:`u_y \ge 0` are unknowns, with the years :math:`h_y` that each slice stands for,

.. math::  E_y \le u_y, \qquad \sum_y h_y u_y \le B

and the cap of the last slice as it was: it stays neutral. Since no cap is below zero, what a slice
takes up or buys beyond its own emissions does not let another one emit more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from meishan_model.components.flows import NET_EMISSION, Registry
from meishan_model.optimise.problem import Columns, Floats, Integers, Labels, LinearProblem
from meishan_model.planning.vintages import BuildingTerms


@dataclass(frozen=True)
class Part:
    """One slice in the stack.

    Attributes
    ----------
    problem
        The slice's own problem.
    new_build
        Columns of the new build of each asset in it.
    emission_cap
        The cap on net emissions it was stated with [tCO2/a].
    """

    problem: LinearProblem
    new_build: Mapping[str, Integers]
    emission_cap: float


Parts = Sequence[Part]
Budget = tuple[float, Floats]
"""Emissions over all years [tCO2], and what each year counts in them."""


@dataclass(frozen=True)
class Stack:
    """The joined problem, and where its parts lie.

    Attributes
    ----------
    problem
        The problem; its names are those of the slices with the year before them.
    first_addition
        Column of the first addition, after those of all parts.
    vintage, asset
        Position of the slice and of the asset of each column of additions. The caps of a budget
        are the columns after these.
    """

    problem: LinearProblem
    first_addition: int
    vintage: Integers
    asset: Integers

    def additions(self, values: Floats, terms: BuildingTerms) -> Floats:
        """Additions of every step, shape (years, assets) [unit]."""
        found = np.zeros((len(terms.years), len(terms.table.asset)))
        first = self.first_addition
        built = values[first : first + len(self.vintage)]
        found[self.vintage, self.asset] = np.maximum(built, 0.0)
        return found

    def caps(self, values: Floats) -> Floats:
        """Caps on net emissions that a budget leaves each slice, shape (years,) [tCO2/a]."""
        return values[self.first_addition + len(self.vintage) :]


def new_build_columns(problem: LinearProblem, registry: Registry) -> dict[str, Integers]:
    """Columns of the problem that decide on the new build of each asset.

    Parameters
    ----------
    problem
        The stated problem of a graph.
    registry
        The graph's registry, which knows where capacities are decided.
    """
    found: dict[str, list[int]] = defaultdict(list)
    for capacity in registry.capacities:
        if capacity.stage == "new":
            found[capacity.asset].append(int(capacity.of(problem.labels).positions[0]))
    return {asset: np.array(columns, dtype=np.int64) for asset, columns in found.items()}


def stack(
    parts: Parts, terms: BuildingTerms, weights: Floats, budget: Budget | None = None
) -> Stack:
    """Join the problems of all slices.

    Parameters
    ----------
    parts
        The slices in ascending order, as many as ``terms.years``.
    terms
        Terms of building.
    weights
        Present value of one CNY/a in each slice, shape (years,) [a].
    budget
        Cumulative net emissions [tCO2] and the years that each slice stands for, shape (years,);
        ``None`` keeps the caps of the slices.
    """
    used = np.isin(terms.table.asset, sorted({a for part in parts for a in part.new_build}))
    vintage, asset = np.nonzero((terms.addition_limit > 0) & used)
    widths = np.array([part.problem.matrix.shape[1] for part in parts])
    first = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    link, room, room_limit = _vintage_rows(parts, terms, first, vintage, asset)
    block = sp.block_diag([part.problem.matrix for part in parts], format="csr")
    count = len(vintage)
    matrix = sp.vstack([sp.hstack([block, sp.csr_array((block.shape[0], count))]), link, room])
    lower = np.concatenate([_joined(parts, "row_lower"), np.full(len(room_limit), -np.inf)])
    problem = LinearProblem(
        matrix=sp.csc_array(matrix),
        row_lower=np.insert(lower, block.shape[0], np.full(link.shape[0], -np.inf)),
        row_upper=np.concatenate(
            [_joined(parts, "row_upper"), np.zeros(link.shape[0]), room_limit]
        ),
        column_lower=_joined(parts, "column_lower", np.zeros(count)),
        column_upper=_joined(parts, "column_upper", terms.addition_limit[vintage, asset]),
        cost=np.concatenate(
            [*_slice_costs(parts, terms, weights), _addition_costs(terms, weights)[vintage, asset]]
        ),
        cost_offset=float(weights @ [part.problem.cost_offset for part in parts]),
        integer=_joined(parts, "integer", np.zeros(count)).astype(bool),
        labels=_labels(parts, terms.years, first),
    )
    if budget is not None:
        problem = _with_budget(problem, parts, budget)
    return Stack(problem, int(first[-1]), vintage.astype(np.int64), asset.astype(np.int64))


def _labels(parts: Parts, years: Sequence[int], first_column: Integers) -> Labels:
    """Labels of all slices, every name with its year before it; the additions have none."""
    owners = [part.problem.labels for part in parts]

    def columns(variable: str) -> dict[Any, Columns]:
        found = {}
        for labels, year, first in zip(owners, years, first_column.tolist(), strict=False):
            for name, own in getattr(labels, variable).items():
                moved = np.where(own.positions >= 0, own.positions + first, own.positions)
                is_node = isinstance(name, str)
                key = f"{year} {name}" if is_node else (f"{year} {name[0]}", name[1])
                found[key] = replace(own, positions=moved)
        return found

    def rows(kind: str) -> dict[str, Any]:
        return {
            f"{year} {name}": own + first
            for labels, year, first in zip(owners, years, _first_rows(parts).tolist(), strict=True)
            for name, own in getattr(labels, kind).items()
        }

    return Labels(
        flow=columns("flow"),
        storage_content=columns("storage_content"),
        flow_investment=columns("flow_investment"),
        storage_investment=columns("storage_investment"),
        bus_balance=rows("bus_balance"),
        integral_limit=rows("integral_limit"),
        integral_minimum=rows("integral_minimum"),
    )


def _first_rows(parts: Parts) -> Integers:
    """First row of each part in the stack, shape (parts,)."""
    heights = [part.problem.matrix.shape[0] for part in parts]
    return np.concatenate([[0], np.cumsum(heights)[:-1]]).astype(np.int64)


def _joined(parts: Parts, name: str, additions: Floats | None = None) -> Floats:
    own = [] if additions is None else [additions]
    return np.concatenate([*(getattr(part.problem, name) for part in parts), *own])


def _slice_costs(parts: Parts, terms: BuildingTerms, weights: Floats) -> list[Floats]:
    """Costs of the slices without annuity and fixed O&M of new build, which the additions carry.

    What else stands on such a column, the variable cost of a flow that follows it, stays.
    """
    yearly = terms.table.annuity + terms.table.fixed_om
    costs = []
    for place, part in enumerate(parts):
        cost = part.problem.cost.copy()
        for name, columns in part.new_build.items():
            cost[columns] -= yearly[place, terms.table.place[name]]
        costs.append(cost * weights[place])
    return costs


def _addition_costs(terms: BuildingTerms, weights: Floats) -> Floats:
    """Present value of one unit added in each step, shape (years, assets) [CNY/unit]."""
    years_paid = np.einsum("y,vya->va", weights, terms.stands)
    upkeep = np.einsum("y,ya,vya->va", weights, terms.table.fixed_om, terms.stands)
    return np.asarray(terms.table.annuity * years_paid + upkeep)


def _vintage_rows(
    parts: Parts, terms: BuildingTerms, first: Integers, vintage: Integers, asset: Integers
) -> tuple[sp.csr_array, sp.csr_array, Floats]:
    """Rows "what is used stands" and "what stands has room", with the limits of the latter."""
    pairs = [
        (place, terms.table.place[name], columns + first[place])
        for place, part in enumerate(parts)
        for name, columns in part.new_build.items()
    ]
    used = sp.lil_array((len(pairs), int(first[-1])))
    for row, (_, _, columns) in enumerate(pairs):
        used[[row], columns] = 1.0
    where = np.array([pair[:2] for pair in pairs], dtype=np.int64).reshape(-1, 2)
    link = sp.csr_array(sp.hstack([used, sp.csr_array(-_stand(terms, where, vintage, asset))]))
    places, built = np.meshgrid(np.arange(len(parts)), np.unique(asset), indexing="ij")
    everywhere = np.column_stack([places.ravel(), built.ravel()])
    limits = terms.ceiling[everywhere[:, 0], everywhere[:, 1]]
    finite = np.isfinite(limits)
    stands = sp.csr_array(_stand(terms, everywhere[finite], vintage, asset))
    empty = sp.csr_array((stands.shape[0], int(first[-1])))
    return link, sp.csr_array(sp.hstack([empty, stands])), limits[finite]


def _stand(terms: BuildingTerms, where: Integers, vintage: Integers, asset: Integers) -> Floats:
    """1 where an addition is of the asset and stands in the slice of a row."""
    same = where[:, 1][:, None] == asset[None, :]
    stands = terms.stands[vintage[None, :], where[:, 0][:, None], asset[None, :]]
    return np.asarray(same & stands, dtype=np.float64)


def _with_budget(problem: LinearProblem, parts: Parts, budget: Budget) -> LinearProblem:
    """Make the caps of the slices unknowns, with one budget for all."""
    most, years = budget
    own = [part.problem.labels.integral_limit[NET_EMISSION] for part in parts]
    rows, count = _first_rows(parts) + np.array(own), len(parts)
    given = np.array([part.emission_cap for part in parts])
    upper = problem.row_upper.copy()
    # What no column decides stays on the right-hand side; the cap goes to the left.
    upper[rows] -= given
    shape = (problem.matrix.shape[0], count)
    caps = sp.csr_array((-np.ones(count), (rows, np.arange(count))), shape=shape)
    total = sp.hstack([sp.csr_array((1, problem.matrix.shape[1])), sp.csr_array(years[None, :])])
    return replace(
        problem,
        matrix=sp.csc_array(sp.vstack([sp.hstack([problem.matrix, caps]), total])),
        row_lower=np.append(problem.row_lower, -np.inf),
        row_upper=np.append(upper, most),
        column_lower=np.append(problem.column_lower, np.zeros(count)),
        column_upper=np.concatenate(
            [problem.column_upper, np.full(count - 1, np.inf), given[-1:]]
        ),
        cost=np.append(problem.cost, np.zeros(count)),
        integer=np.append(problem.integer, np.zeros(count, dtype=bool)),
    )
