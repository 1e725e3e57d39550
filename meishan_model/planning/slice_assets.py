"""The assets of one slice as its graph reads them, made from the asset table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from meishan_model.components.assets import AssetBounds, Assets, BoundTerm
from meishan_model.optimise.problem import Floats
from meishan_model.planning.asset_table import AssetTable
from meishan_model.planning.bounds import bounds


def slice_assets(table: AssetTable, year: int) -> Assets:
    """Bounds and costs of every asset in one slice of the backcast.

    Parameters
    ----------
    table
        The assets, with the new build of all slices after the year.
    year
        The slice to be solved.

    Raises
    ------
    InputError
        If the new build of a later slice is missing.
    """
    bound = bounds(table, year)
    return assets_of_year(
        table, year, bound.upper, bound.terms, lower=bound.lower, bridge=bound.bridge
    )


def assets_of_year(
    table: AssetTable,
    year: int,
    upper: Floats | float = 0.0,
    reasons: Sequence[tuple[BoundTerm, ...]] | None = None,
    *,
    lower: Floats | float = 0.0,
    bridge: Floats | float = 0.0,
    earlier: Floats | float = 0.0,
    sunk_cost: Floats | float = 0.0,
) -> Assets:
    """Stock and costs of every asset in one slice, between given bounds.

    Parameters
    ----------
    table
        The assets.
    year
        The slice.
    upper, lower, bridge
        Bounds on the new build and the largest bridge, one for all or (assets,) [unit].
    reasons
        For each asset the terms of its bounds; none where they are left out.
    earlier
        New build of earlier slices that stands, whatever is decided [unit].
    sunk_cost
        What is owed for it [CNY/a].
    """
    k = table.years.index(year)
    numbers = {
        "existing": table.stock[k] + earlier,
        "lower": lower,
        "upper": upper,
        "bridge_upper": bridge,
        "annuity": table.annuity[k],
        "bridge_annuity": table.bridge_annuity[k],
        "fixed_om": table.fixed_om[k],
        "earlier": earlier,
        "sunk_cost": sunk_cost,
        "sold": table.sold[k],
    }
    columns = {n: np.broadcast_to(v, len(table.asset)).tolist() for n, v in numbers.items()}
    return Assets(
        {
            name: AssetBounds(
                asset=name,
                technology=table.technology[place],
                zone=table.zone[place],
                unit=table.unit[place],
                reason=reasons[place] if reasons is not None else (),
                **{key: column[place] for key, column in columns.items()},
            )
            for place, name in enumerate(table.asset)
        }
    )


def bound_terms(assets: Assets) -> pd.DataFrame:
    """The terms of the bounds of all assets, a row a term: asset, kind, year and amount."""
    rows = [(name, *term) for name, asset in assets.by_name.items() for term in asset.reason]
    return pd.DataFrame(rows, columns=["asset", "kind", "year", "amount"])
