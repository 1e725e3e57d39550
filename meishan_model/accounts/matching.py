r"""How much of the electricity is clean in the hour of its use, whoever holds certificates."""

from __future__ import annotations

from meishan_model.accounts.tables import yearly_sum
from meishan_model.components.flows import ParkGraph
from meishan_model.components.purchase_agreement import CLAIMED
from meishan_model.optimise.solution import Solution
from meishan_model.sheets.buses import HUB, UPSTREAM


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
    clean = other = 0.0
    for (source, target), meaning in graph.registry.flows.items():
        if meaning.coordinates.carrier != "electricity":
            continue
        technology = meaning.coordinates.technology
        energy = yearly_sum(graph.registry, solution, (source, target))
        if technology == "feed_in" and source.endswith("_feed_in"):
            clean += energy
        elif technology == "export" and source == HUB:
            clean -= energy
        elif target == UPSTREAM and technology == "green_power" and not source.endswith(CLAIMED):
            clean += energy
        elif target == UPSTREAM:
            other += energy
    return clean / (clean + other) if clean + other > 0.0 else None
