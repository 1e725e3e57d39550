r"""How much of the electricity is clean in the hour of its use, whoever holds certificates."""

from __future__ import annotations

from functools import partial

import pandas as pd

from meishan_model.components.flows import LOCAL_GREEN, ParkGraph
from meishan_model.components.selection import flows_of_graph, select
from meishan_model.optimise.solution import Solution


def hourly_matched_share(graph: ParkGraph, solution: Solution) -> float | None:
    r"""Share of the electricity that is generated clean in the hour in which it is used [-].

    .. math::  \frac{\sum_t (l_t - e_t + d_t)}{\sum_t (l_t - e_t + d_t + c_t + b_t)}

    with local renewables fed in :math:`l`, exported :math:`e`, green power delivered in the hour
    of its generation :math:`d`, power whose claim comes from another hour :math:`c` and power
    that no contract covers :math:`b`. Clean power never exceeds the use in an hour, as exports
    are taken off and the rest is curtailed or lost; so this is the score of hourly matching (CFE,
    Google, 24/7 Carbon-Free Energy: Methodologies and Metrics, 2021), without the clean part of
    the grid, and with stores counted as a use when they charge.

    Parameters
    ----------
    graph, solution
        The solved park.

    Returns
    -------
    float or None
        ``None`` for a park that uses no electricity.
    """
    flows = flows_of_graph(graph.registry)
    # A park may have neither plants nor contracts, and export nothing.
    some = partial(select, flows, may_be_empty=True)

    def energy(chosen: pd.DataFrame) -> float:
        return float(solution.flow[[*chosen.index]].to_numpy().sum())

    clean = (
        energy(some(role="feed_in", way="in"))
        + energy(some(role="delivered", carrier="electricity", way="in"))
        - energy(some(role="delivered", carrier=LOCAL_GREEN))
    )
    used = clean + energy(some(role="claimed", way="in")) + energy(select(flows, role="purchase"))
    return clean / used if used > 0.0 else None
