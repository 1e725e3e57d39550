r"""From the duals of balances to prices of energy.

A balance is one of power, so that its dual :math:`y_t` is the cost of one unit of power through a
time step :math:`\tau`, and the price of a unit of energy is :math:`y_t / \tau`. In aggregated time
series it is through all :math:`w_t` steps for which a step stands, so that :math:`\tau` is
:math:`w_t \tau` there.

Where all flows of a bus are the same profile :math:`f(t)` times a size, its balances are one row
many times over, and only their sum is determined,

.. math::  p = \sum_t f(t) y_t \Big/ \sum_t f(t) \tau

the cost of one more unit of the profile. A solver puts all of it on some step, whose price is then
millions. And where a bus takes from profiles of which nothing was built, one more unit in one step
is the price of a whole plant; that is left out, as are buses at which nothing can change in some
step.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from oemof import solph

from .formulation.reading import as_array
from .formulation.typical_periods import step_weights
from .problem import Floats

SAME = 1e-9
"""Largest difference of two profiles that are the same, both with a mean of one [-]."""
NOTHING = 1e-3
"""Largest flow of a bus below which nothing was built; an interior point is never at zero [unit of
the flow]."""


def energy_prices(
    energy_system: solph.EnergySystem, duals: pd.DataFrame, flow: pd.DataFrame
) -> pd.DataFrame:
    """Prices of energy; buses that profiles supply have the price of the profile, or none.

    Parameters
    ----------
    energy_system
        The graph.
    duals
        Duals of the balances, steps by bus [cost/power].
    flow
        The solution, steps by ``(source, target)`` [power].

    Returns
    -------
    pandas.DataFrame
        Prices, steps by bus [cost/energy].
    """
    increments = np.asarray(energy_system.timeincrement, dtype=float)
    increments = increments * step_weights(energy_system)
    price = duals.div(increments, axis=0)
    for node in energy_system.nodes:
        name = str(node.label)
        supply = list(node.inputs.values())
        if not isinstance(node, solph.Bus) or name not in price or not supply:
            continue
        if any(one.fix is None for one in supply):
            continue
        passed = flow.xs(name, level="target", axis=1).to_numpy().sum(axis=1)
        if np.abs(passed).max() <= NOTHING:
            price = price.drop(columns=name)
        elif _same_profile([*supply, *node.outputs.values()], passed):
            paid = duals[name].fillna(0.0).to_numpy() @ passed / (passed @ increments)
            price[name] = float(paid)
    return price.dropna(axis=1)


def _same_profile(flows: list[solph.Flow], passed: Floats) -> bool:
    """Whether all flows have the profile of what passed."""
    wanted = passed / passed.mean()
    for flow in flows:
        if flow.fix is None:
            return False
        given = as_array(flow.fix, len(passed))
        if not given.any():
            continue
        if given.mean() == 0.0 or np.abs(given / given.mean() - wanted).max() > SAME:
            return False
    return True
