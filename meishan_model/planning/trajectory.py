"""The cap on net emissions from the baseline to neutrality.

The cap of year y is

    cap_y = E_0 (1 - (y - first) / (T - first)) ** theta

with the baseline E_0 and the target year T: a straight line for theta = 1, early reduction
for theta > 1, late reduction for theta < 1. With K steps of h years the trapezoid rule over
the slices gives the cumulative emissions

    E_0 h (1/2 + sum over i = 1..K-1 of (i / K) ** theta),

which falls strictly from E_0 h (K - 1/2) (theta -> 0) to E_0 h / 2 (theta -> infinity). So a
cumulative budget between these ends belongs to exactly one theta. The sum has no elementary
inverse for K > 2, but its logarithm is convex in theta, and Newton's method from theta = 0
climbs to the root without ever passing it.

Milestones give shares of E_0 by year instead, with straight lines between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.scenario import Scenario

Caps = Callable[[ArrayLike], NDArray[np.float64]]
"""Caps [tCO2/a] of one or several years."""

FILE = "scenario"
"""Name under which faults of a trajectory are reported."""


NEWTON_STEPS = 50
"""More than ever needed: of 20 000 random budgets and horizons none took more than 7."""


def emission_cap(
    baseline: float, first_year: int, target_year: int, theta: float, year: ArrayLike
) -> NDArray[np.float64]:
    """Cap on net emissions in one or several years.

    Parameters
    ----------
    baseline
        Net emissions of the first year, E_0 [tCO2/a].
    first_year, target_year
        First year and year of neutrality [a].
    theta
        Exponent of the trajectory [1], > 0.
    year
        Years that are asked for [a], between the first and the target year.

    Returns
    -------
    numpy.ndarray
        Caps [tCO2/a] in the shape of ``year``; ``baseline`` in the first year, 0 in the target.

    Raises
    ------
    InputError
        For a negative baseline.

    Examples
    --------
    >>> float(emission_cap(300.0, 2020, 2050, 1.0, 2040))
    100.0
    """
    if not 0.0 <= baseline < np.inf:
        value, remedy = f"{baseline:g}", "give tCO2/a >= 0"
        raise InputError([Fault(FILE, "not a baseline", None, "baseline", value, remedy)])
    # Years left over years in all, not 1 - elapsed share: exact zero at T, no rounding before.
    left = (target_year - np.asarray(year, dtype=np.float64)) / (target_year - first_year)
    return np.asarray(baseline * left**theta, dtype=np.float64)


def cumulative_emissions(
    baseline: float, first_year: int, target_year: int, theta: float, step: int = 5
) -> float:
    """Cumulative emissions along the caps, by the trapezoid rule over the slices.

    Parameters
    ----------
    baseline, first_year, target_year, theta
        As in :func:`emission_cap`.
    step
        Distance of two slices [a].

    Returns
    -------
    float
        Emissions from the first year to the target [tCO2].

    Raises
    ------
    InputError
        As in :func:`emission_cap`.

    Examples
    --------
    >>> cumulative_emissions(300.0, 2020, 2050, 1.0)
    4500.0
    """
    years = range(first_year, target_year + 1, step)
    caps = emission_cap(baseline, first_year, target_year, theta, years)
    return float(step * (caps[0] / 2.0 + caps[1:-1].sum() + caps[-1] / 2.0))


def theta_for_budget(
    budget: float, baseline: float, first_year: int, target_year: int, step: int = 5
) -> float:
    """Exponent whose trajectory emits exactly the cumulative budget.

    Inverse of :func:`cumulative_emissions` in ``theta``.

    Parameters
    ----------
    budget
        Cumulative emissions from the first year to the target [tCO2].
    baseline, first_year, target_year, step
        As in :func:`cumulative_emissions`.

    Returns
    -------
    float
        theta [1].

    Raises
    ------
    InputError
        If no trajectory meets the budget; the message gives the attainable range.

    Examples
    --------
    >>> round(theta_for_budget(4500.0, 300.0, 2020, 2050), 12)
    1.0
    """
    steps = (target_year - first_year) // step
    # The ends for theta -> infinity and theta -> 0, both excluded.
    low, high = baseline * step / 2.0, baseline * step * (steps - 0.5)
    if not low < budget < high:
        message = f"no trajectory from {baseline:g} tCO2/a in {first_year} to zero in "
        message += f"{target_year} emits this much"
        remedy = f"choose more than {low:g} and less than {high:g} tCO2"
        if not low < high:
            remedy = "give a positive baseline and at least two steps"
        raise InputError([Fault(FILE, message, None, "cumulative_budget", f"{budget:g}", remedy)])
    logarithms = np.log(np.arange(1, steps) / steps)
    wanted = np.log((budget - low) / (baseline * step))
    theta = 0.0
    for _ in range(NEWTON_STEPS):
        terms = np.exp(theta * logarithms)
        total = terms.sum()
        move = float((wanted - np.log(total)) * total / (terms @ logarithms))
        theta += move
        if abs(move) <= 1e-14 * max(1.0, theta):
            break
    return theta


@dataclass(frozen=True)
class Trajectory:
    """Caps on net emissions between the first year and the target, as a rule gives them.

    Attributes
    ----------
    rule
        Key of the scenario that gives them.
    caps
        Caps of one or several years [tCO2/a].
    theta
        Exponent of the caps [1]; not a number where the rule has none.
    """

    rule: str
    caps: Caps
    theta: float = math.nan

    def attributes(self) -> dict[str, str | float]:
        """What a result says of its caps."""
        exponent = {} if math.isnan(self.theta) else {"theta": self.theta}
        return {"trajectory": self.rule, **exponent}


def trajectory(scenario: Scenario, baseline: float) -> Trajectory:
    """Caps of a scenario by the first rule that it gives, in the order of ``TRAJECTORIES``.

    A new rule is a key of :class:`~meishan_model.sheets.scenario.Scenario` with a title in
    ``TRAJECTORIES`` beside it, and its caps here; contract and page take it up by themselves, and
    ``tests/sheets/test_sheets_page.py`` writes it into ``docs/sheets.md``.

    Parameters
    ----------
    scenario
        The scenario.
    baseline
        Net emissions of the first year, E_0 [tCO2/a].

    Raises
    ------
    InputError
        If no trajectory meets a cumulative budget.
    """
    ends = scenario.first_year, scenario.target_year
    if scenario.milestones is not None:
        shares = {ends[0]: 1.0, **scenario.milestones, ends[1]: 0.0}

        def caps(year: ArrayLike) -> NDArray[np.float64]:
            when = np.asarray(year, dtype=np.float64)
            return baseline * np.interp(when, [*shares], [*shares.values()])

        return Trajectory("milestones", caps)
    rule, theta, budget = "theta", scenario.theta, scenario.cumulative_budget
    if budget is not None:
        rule, theta = "cumulative_budget", theta_for_budget(budget, baseline, *ends, scenario.step)
    return Trajectory(rule, partial(emission_cap, baseline, *ends, theta), theta)
