r"""Rents of plants at the top of their curve, and the prices at which they would stop.

Tranches of a site fill in the order of their cost. A plant whose new build :math:`n` ends at its
upper bound earns a rent: with one unit of capacity more the objective would be lower by

.. math::  \rho = f \, (p - v) - a - m

with the yearly output :math:`f` of a unit, its capture price :math:`p`, the mean of the marginal
values of its bus weighted with its output, variable cost :math:`v`, annuity :math:`a` and fixed
operation and maintenance :math:`m`. The rent is what the solver gives as reduced cost of the
bound, the capture price comes from the duals of the bus: both sides are found apart. Its last MW
would stop paying at the capture price :math:`p - \rho / f = (a + m) / f + v`, its full cost.

References
----------
Stoft 2002, Power System Economics, chapter 2-2: scarcity rent and long-run equilibrium.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from meishan_model.components.assets import BoundTerm
from meishan_model.components.flows import Edge, ParkGraph
from meishan_model.optimise.solution import Solution
from meishan_model.series import FloatArray
from meishan_model.sheets.units import weight_of_step

RENTS = ("full_load_hours", "capture_price", "rent", "stop_price")
AT_BOUND = 1e-3
"""Capacity by which new build may miss its bound and still be at it [unit]."""
NOT_BUILT = ("only_slice", "given_stock", "phase_out")
"""Kinds of terms of a bound that let nothing be built."""
NO_RENT = 1e-4
"""A rent below this share of what a unit costs is none: a solver knows it no better."""


def rent_table(graph: ParkGraph, solution: Solution, bound_value: FloatArray) -> pd.DataFrame:
    """What plants earn, and what the last unit of those at their upper bound is worth.

    Parameters
    ----------
    graph, solution
        A slice and its optimum.
    bound_value
        Reduced cost of the new build of every asset [CNY/(unit*a)], shape (assets,).

    Returns
    -------
    pandas.DataFrame
        Index asset. ``full_load_hours`` [h] before curtailment and ``capture_price`` [CNY/MWh] of
        every plant that gives anything and whose new build is decided; ``rent`` [CNY/(unit*a)] and
        ``stop_price`` [CNY/MWh] of those that end at their upper bound. All others are not a
        number. ``rent_bound`` says what the bound of these is, see :func:`bound_of`; else empty.
    """
    assets, table = graph.assets, graph.assets.table
    found = pd.DataFrame(np.nan, pd.Index(table.asset, name="asset"), [*RENTS])
    found["rent_bound"] = ""
    for capacity in graph.registry.capacities:
        place, edge = table.place[capacity.asset], capacity.place
        if capacity.stage != "new" or isinstance(edge, str):
            continue
        if graph.registry.flows[edge].coordinates.role != "generation":
            continue  # no plant that gives power to a bus by itself
        built = capacity.of(solution)
        hours, price = _yield_and_price(graph, solution, edge, assets.owned[place] + built)
        found.loc[capacity.asset, ["full_load_hours", "capture_price"]] = hours, price
        rent, bound = -float(bound_value[place]), bound_of(assets.terms[place])
        slack = max(AT_BOUND, 1e-4 * assets.upper[place])
        is_full = built >= assets.upper[place] - slack
        if bound and is_full and rent > NO_RENT * assets.new_cost[place]:
            told = rent, price - rent / hours, bound
            found.loc[capacity.asset, ["rent", "stop_price", "rent_bound"]] = told
    return found


def bound_of(terms: Iterable[BoundTerm]) -> str:
    """What an upper bound is: ``potential``, ``build_rate``, ``later`` build or ``addition``.

    ``later`` is the new build of the slice after this one, ``addition`` the largest one of a step
    that is not planned backwards. What is built at the build rate up to the slice, from a slice in
    which the potential was full or nothing was new, is held by the build rate. Empty where the
    stock is given or the technology is abandoned, so that nothing could be built.

    >>> bound_of([BoundTerm("room", 2050, 60.0), BoundTerm("stock", 2050, 0.0)])
    'potential'
    >>> bound_of([BoundTerm("given_stock", 2025, 0.0), BoundTerm("step", 2030, 30.0)])
    'build_rate'
    """
    known = [*terms]
    for kind, name in (("at_later", "later"), ("addition", "addition")):
        if any(term.kind == kind for term in known):
            return name
    if any(term.kind == "step" and term.amount > 0.0 for term in known):
        return "build_rate"
    return "" if any(term.kind in NOT_BUILT for term in known) else "potential"


def _yield_and_price(
    graph: ParkGraph, solution: Solution, edge: Edge, size: float
) -> tuple[float, float]:
    """Yearly output of a unit [h] and mean value of a MWh of it [CNY/MWh], if they are known."""
    output, prices = solution.flow[edge].to_numpy(), solution.bus_price
    given, bus = float(output.sum()), graph.registry.flows[edge].bus
    if not (size > 0.0 and given > 0.0):
        return np.nan, np.nan
    hours = given * weight_of_step(graph.registry.steps) / size
    if prices is None or bus not in prices:
        return hours, np.nan
    # An hour of a trial stands for several: its dual is the price of all of them.
    value = prices[bus].to_numpy() / graph.registry.repetitions
    return hours, float(output @ value) / given
