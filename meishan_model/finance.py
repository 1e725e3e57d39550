r"""Money over the years: annuities, discounting, cash flow, salvage, internal rate of return.

Slices stand :math:`h` years apart, from the first year :math:`y_0` to the target :math:`T`. With
the real discount rate :math:`r` one CNY of the year :math:`t` is worth
:math:`d_t = (1 + r)^{-(t - y_0)}` CNY in the first year.

- *Running cost* :math:`c_y` of a slice is known at the slices; between them it goes in a straight
  line, so that its sum is the trapezoid :math:`\sum_y w_y d_y c_y` with :math:`w_y = h`, half of
  it at both ends.
- *Investment* of a vintage :math:`v`, bought at the overnight cost of the year :math:`v`, is
  spread evenly over the :math:`h` years of the step that ends in :math:`v`.
- *Salvage* is linear: a vintage that stands :math:`L` years and is :math:`T - v` years old in the
  target is worth :math:`1 - (T - v) / L` of its overnight cost there.
- *Bridges* are written off in a straight line over :math:`\min(L, T - v)` years, as their slices
  do it; one that is sold earlier returns what is not yet written off, and in the target nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LOWEST_RATE, HIGHEST_RATE = -0.5, 20.0
"""Range in which an internal rate of return is looked for [1/a]."""
_GRID = 2000


def capital_recovery_factor(rate: ArrayLike, lifetime: ArrayLike) -> Floats:
    """Share of an investment to be paid every year so that it is repaid with interest [1/a].

    ``r / (1 - (1 + r)**-n)``, which tends to ``1 / n`` for ``r`` = 0; see for instance W. Short et
    al., A Manual for the Economic Evaluation of Energy Efficiency and Renewable Energy
    Technologies, NREL/TP-462-5173 (1995).

    Parameters
    ----------
    rate
        Real interest r [1/a], above -1.
    lifetime
        Number of yearly payments n [a], above 0; of a shape that fits that of `rate`.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> capital_recovery_factor(0.05, [20, 30]).round(6).tolist()
    [0.080243, 0.065051]
    """
    r, n = (np.asarray(given, dtype=np.float64) for given in (rate, lifetime))
    if not (np.all(r > -1.0) and np.all(n > 0.0)):
        raise ValueError(f"no capital recovery factor for {rate=} and {lifetime=}")
    # expm1 and log1p: the plain formula loses its digits for small rates.
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(r == 0.0, 1.0 / n, r / -np.expm1(-n * np.log1p(r)))


def discount_factors(years: ArrayLike, first_year: float, rate: float) -> Floats:
    """Worth in the first year of one CNY of each year, ``(1 + r)**-(y - first)`` [-].

    Examples
    --------
    >>> discount_factors([2020, 2021], 2020, 0.25).tolist()
    [1.0, 0.8]
    """
    elapsed = np.asarray(years, dtype=np.float64) - first_year
    return np.asarray((1.0 + rate) ** -elapsed, dtype=np.float64)


def trapezoid_weights(years: ArrayLike) -> Floats:
    """Years that each slice stands for under the trapezoid rule [a].

    Parameters
    ----------
    years
        Slices in ascending order [a]; a single one stands for one year.

    Examples
    --------
    >>> trapezoid_weights([2020, 2025, 2030]).tolist()
    [2.5, 5.0, 2.5]
    """
    points = np.asarray(years, dtype=np.float64)
    if points.size == 1:
        return np.ones(1)
    gaps = np.diff(points)
    return np.asarray((np.append(gaps, 0.0) + np.append(0.0, gaps)) / 2.0, dtype=np.float64)


def accumulate(values: pd.Series[float]) -> float:
    """Sum over the pathway of a yearly value known at the slices, by the trapezoid rule.

    Parameters
    ----------
    values
        Yearly value by slice [unit/a], ascending.

    Examples
    --------
    >>> accumulate(pd.Series({2020: 4.0, 2025: 2.0, 2030: 0.0}))
    20.0
    """
    return float(trapezoid_weights(values.index) @ values.to_numpy(dtype=np.float64))


def present_value(values: pd.Series[float], rate: float) -> float:
    """Present value in the first slice of a yearly payment known at the slices [CNY].

    ``sum of w_y d_y c_y``: the trapezoid rule over the discounted values.

    Parameters
    ----------
    values
        Payment by slice [CNY/a], ascending.
    rate
        Real discount rate [1/a].
    """
    factors = discount_factors(values.index, float(values.index[0]), rate)
    return accumulate(values * factors)


def present_value_of_steps(spending: pd.Series[float], rate: float) -> float:
    """Present value in the first slice of what is spent evenly over the steps [CNY].

    Parameters
    ----------
    spending
        Spending in each year of the step that ends in a slice [CNY/a], ascending; the first
        slice ends no step.
    rate
        Real discount rate [1/a].
    """
    return float(net_present_value(yearly_spending(spending), rate))


def yearly_spending(spending: pd.Series[float]) -> pd.Series[float]:
    """Spread the spending of the steps over their years [CNY/a].

    Parameters
    ----------
    spending
        As in :func:`present_value_of_steps`.

    Returns
    -------
    pandas.Series
        By calendar year from the first slice to the last; the first year spends nothing.
    """
    slices = spending.index.to_numpy()
    years = np.arange(slices[0], slices[-1] + 1)
    ends = np.searchsorted(slices, years)
    values = spending.to_numpy(dtype=np.float64)[ends]
    return pd.Series(np.where(years > slices[0], values, 0.0), index=years)


def yearly_values(values: pd.Series[float]) -> pd.Series[float]:
    """Interpolate a yearly value in a straight line between the slices, by calendar year."""
    slices = values.index.to_numpy()
    years = np.arange(slices[0], slices[-1] + 1)
    return pd.Series(np.interp(years, slices, values.to_numpy(dtype=np.float64)), index=years)


def net_present_value(flows: pd.Series[float], rate: float) -> float:
    """Worth in the first year of a flow of money by calendar year [CNY].

    ``sum of d_t f_t``.

    Parameters
    ----------
    flows
        Money received, negative where it is spent, by calendar year [CNY/a].
    rate
        Real discount rate [1/a], above -1.

    Examples
    --------
    >>> round(net_present_value(pd.Series({2020: -100.0, 2021: 125.0}), 0.25), 9)
    0.0
    """
    factors = discount_factors(flows.index, float(flows.index[0]), rate)
    return float(factors @ flows.to_numpy(dtype=np.float64))


class InternalRate(NamedTuple):
    """Internal rate of return [1/a]; not a number, with the reason in ``note``, if none exists.

    The note is a kind of :func:`~meishan_model.results.wording.note`.
    """

    rate: float
    note: str


def internal_rate_of_return(flows: pd.Series[float]) -> InternalRate:
    """Rate at which the net present value of a flow of money is zero.

    The root of :func:`net_present_value` in the rate, by Brent's method. Where a flow changes
    its sign more than once there may be several such rates; then none of them is meaningful and
    none is given.

    Parameters
    ----------
    flows
        As in :func:`net_present_value`.

    Returns
    -------
    InternalRate
        The rate, or not a number and why there is none from -50 % to 2000 % a year.

    Examples
    --------
    >>> flows = pd.Series({2020: -100.0, 2021: 60.0, 2022: 60.0})
    >>> round(internal_rate_of_return(flows).rate, 6)
    0.130662
    """
    values = flows.to_numpy(dtype=np.float64)
    if not np.all(np.isfinite(values)):
        return InternalRate(float("nan"), "unknown_value")
    if not np.any(values < 0.0):
        return InternalRate(float("nan"), "earns_always")
    if not np.any(values > 0.0):
        return InternalRate(float("nan"), "earns_never")
    grid = np.expm1(np.linspace(np.log1p(LOWEST_RATE), np.log1p(HIGHEST_RATE), _GRID))
    elapsed = flows.index.to_numpy(dtype=np.float64) - float(flows.index[0])
    worth = (1.0 + grid[:, None]) ** -elapsed @ values
    crossings = np.flatnonzero(np.diff(np.sign(worth)) != 0)
    if crossings.size == 0:
        return InternalRate(float("nan"), "no_rate")
    if crossings.size > 1:
        return InternalRate(float("nan"), "several_rates")
    # Imported where it is used: reading sheets must not wait for it.
    from scipy.optimize import brentq

    low, high = grid[crossings[0]], grid[crossings[0] + 1]
    rate = brentq(lambda r: net_present_value(flows, r), low, high, xtol=1e-12)
    return InternalRate(float(rate), "")


def salvage_value(
    standing: pd.DataFrame, overnight: pd.DataFrame, stands_for: pd.Series[float]
) -> pd.Series[float]:
    """Value in the target of what still stands there: linear in age.

    ``sum over v of a_v I_v max(0, 1 - (T - v) / L)`` with the capacity ``a_v`` of vintage ``v``
    that stands in the target and its overnight cost ``I_v``.

    Parameters
    ----------
    standing
        Capacity of each vintage that stands in the target, vintages x assets [unit].
    overnight
        Overnight cost of each vintage, vintages x assets [CNY/unit].
    stands_for
        Years that a vintage stands, per asset [a].

    Returns
    -------
    pandas.Series
        By asset [CNY].
    """
    vintages = standing.index.to_numpy(dtype=np.float64)
    age = (vintages[-1] - vintages)[:, None]
    life = stands_for.reindex(standing.columns).to_numpy(dtype=np.float64)
    left = np.maximum(1.0 - age / life, 0.0)
    worth = standing.to_numpy() * overnight[standing.columns].to_numpy() * left
    return pd.Series(worth.sum(axis=0), index=standing.columns)


def bridge_sales(
    sold: Floats, overnight: pd.DataFrame, lifetime: pd.Series[float]
) -> pd.DataFrame:
    """What sold bridges return: what is not yet written off over ``min(L, T - v)``.

    Parameters
    ----------
    sold
        Bridges sold, vintages x slices x assets [unit].
    overnight
        Price of a bridge by vintage, vintages x assets [CNY/unit].
    lifetime
        Technical lifetime per asset [a].

    Returns
    -------
    pandas.DataFrame
        Slices x assets [CNY], received at the slice that no longer needs them.
    """
    years = overnight.index.to_numpy(dtype=np.float64)
    life = lifetime.reindex(overnight.columns).to_numpy(dtype=np.float64)
    age = (years[None, :] - years[:, None])[:, :, None]
    span = np.minimum(life, np.maximum(years[-1] - years, 1.0)[:, None])[:, None, :]
    left = np.clip(1.0 - age / span, 0.0, 1.0)
    worth = np.einsum("vka,va,vka->ka", sold, overnight.to_numpy(), left)
    return pd.DataFrame(worth, overnight.index, overnight.columns)
