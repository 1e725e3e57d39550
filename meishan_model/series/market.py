r"""Price of power on the market in every hour: low where the sun and the wind of the province are.

New wind and PV have sold on the market since June 2025, and what they earn there falls with their
own share. The price is the flattest course about its mean :math:`\bar p` in which PV and wind earn
their capture ratios :math:`\kappa`, revenue per MWh over the mean price (L. Hirth, The market
value of variable renewables, Energy Economics 38, 2013):

.. math::  p_t &= \bar p \, (1 + a \, (x_t - 1) + b \, (y_t - 1)) \\
           \overline{p x} &= \kappa_{PV} \, \bar p, \quad \overline{p y} = \kappa_{wind} \, \bar p

with the outputs of PV and wind relative to their means, :math:`x` and :math:`y`. That gives two
linear equations in :math:`a` and :math:`b`, with the covariances of :math:`x` and :math:`y`. The
park's own weather stands for that of the province.
"""

from __future__ import annotations

import numpy as np

from meishan_model.series.numerics import FloatArray


def market_price(
    mean_price: float, outputs: tuple[FloatArray, ...], capture_ratios: tuple[float, ...]
) -> FloatArray:
    """Price of every hour of a year.

    Parameters
    ----------
    mean_price
        Mean over all hours [CNY/MWh].
    outputs
        Output of each kind of plant in every hour, in any unit; each shape (hours,).
    capture_ratios
        Revenue per MWh of each kind over the mean price [-].

    Returns
    -------
    numpy.ndarray
        Price [CNY/MWh], shape (hours,); not below zero. Where zero is reached the mean and what
        the plants earn lie above what is asked for.

    Examples
    --------
    Power of two hours sells at 50 and 150; a plant that runs in the first one earns a half.

    >>> market_price(100.0, (np.array([1.0, 0.0]),), (0.5,))
    array([ 50., 150.])
    """
    relative = np.array([output / output.mean() - 1.0 for output in outputs])
    missing = np.array(capture_ratios) - 1.0
    # Least squares: a kind that runs evenly has no variance and earns the mean price.
    weights = np.linalg.lstsq(relative @ relative.T / relative.shape[1], missing, rcond=None)[0]
    return np.asarray(np.maximum(mean_price * (1.0 + weights @ relative), 0.0))
