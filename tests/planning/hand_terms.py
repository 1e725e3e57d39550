"""Asset tables and terms of building made by hand: one asset, or a few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from meishan_model.components.assets import AssetTable
from meishan_model.planning.vintages import BuildingTerms


def hand_table(
    years: Sequence[int],
    lifetime: ArrayLike,
    *,
    build_rate: ArrayLike = np.inf,
    potential: ArrayLike = np.inf,
    stock: ArrayLike = 0.0,
    phase_out: ArrayLike = False,
    last_new_build: ArrayLike = np.inf,
    bridged: ArrayLike = False,
    annuity: ArrayLike = 0.0,
    fixed_om: ArrayLike = 0.0,
    minimum: float = 0.0,
    minimum_share: float = 0.0,
    unit: str = "MW",
    stock_year: int | None = None,
) -> AssetTable:
    """As many assets as there are lifetimes, named plant_0, plant_1, ...

    What differs between slices has the shape (years, assets), all else (assets,), or one number
    for all.
    """
    life = np.atleast_1d(np.asarray(lifetime, dtype=float))
    count = len(life)

    def column(values: ArrayLike, dtype: type = float) -> np.ndarray:
        return np.broadcast_to(np.asarray(values, dtype=dtype), count)

    def by_year(values: ArrayLike) -> np.ndarray:
        return np.broadcast_to(np.asarray(values, dtype=float), (len(years), count))

    return AssetTable(
        years=tuple(years),
        asset=tuple(f"plant_{n}" for n in range(count)),
        technology=("plant",) * count,
        zone=tuple(map(str, range(count))),
        unit=(unit,) * count,
        stock=by_year(stock),
        sold=by_year(0.0),
        potential=by_year(potential),
        build_rate=column(build_rate),
        lifetime=life,
        phase_out=column(phase_out, bool),
        last_new_build=column(last_new_build),
        bridged=column(bridged, bool),
        investment=by_year(0.0),
        fixed_om=by_year(fixed_om),
        annuity=by_year(annuity),
        bridge_annuity=by_year(annuity),
        minimum=np.full(len(years), minimum),
        minimum_share=np.full(len(years), minimum_share),
        stock_year=stock_year,
    )


def hand_terms(
    years: Sequence[int],
    lifetime_steps: Sequence[int] = (9,),
    limit: float = np.inf,
    room: ArrayLike = np.inf,
    annuity: ArrayLike = 0.0,
    fixed_om: float = 0.0,
    first: bool = False,
) -> BuildingTerms:
    """Terms of assets that live so many steps; every step may build ``limit``.

    ``room`` and ``annuity`` have the shape (years, assets) or are the same for all; nothing is
    built in the first slice unless ``first`` says so.
    """
    step = years[1] - years[0] if len(years) > 1 else 1
    lifetime = step * np.asarray(lifetime_steps, dtype=float)
    table = hand_table(years, lifetime, potential=room, annuity=annuity, fixed_om=fixed_om)
    limits = np.full((len(years), len(lifetime)), limit)
    if not first:
        limits[0] = 0.0
    return BuildingTerms(table, limits)
