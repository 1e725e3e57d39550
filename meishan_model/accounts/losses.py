"""Losses of the grid in a plan, against those of a power flow."""

from __future__ import annotations

import pandas as pd


def loss_difference(table: pd.DataFrame) -> float:
    """Difference of all losses, optimiser less power flow, over those of the power flow [1].

    Parameters
    ----------
    table
        Losses by element: columns optimiser and power_flow [MWh].
    """
    total = float(table["power_flow"].sum())
    return (float(table["optimiser"].sum()) - total) / total if total > 0 else 0.0
