"""Terms of building made by hand: one asset, or a few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from meishan_model.planning.vintages import BuildingTerms


def hand_terms(
    years: Sequence[int],
    lifetime_steps: Sequence[int] = (9,),
    limit: float | Sequence[Sequence[float]] = np.inf,
    room: float | Sequence[Sequence[float]] = np.inf,
    annuity: float | Sequence[Sequence[float]] = 0.0,
    fixed_om: float = 0.0,
    first: bool = False,
) -> BuildingTerms:
    """Terms of as many assets as there are lifetimes, named plant_0, plant_1, ...

    ``limit``, ``room`` and ``annuity`` have the shape (years, assets) or are the same for all;
    nothing is built in the first slice unless ``first`` says so.
    """
    shape = (len(years), len(lifetime_steps))
    limits = np.broadcast_to(np.asarray(limit, dtype=float), shape).copy()
    if not first:
        limits[0] = 0.0
    rooms = np.broadcast_to(np.asarray(room, dtype=float), shape).copy()
    return BuildingTerms(
        years=tuple(years),
        assets=tuple(f"plant_{n}" for n in range(shape[1])),
        lifetime_steps=np.asarray(lifetime_steps, dtype=np.int64),
        addition_limit=limits,
        room=rooms,
        reserved=rooms,
        annuity=np.broadcast_to(np.asarray(annuity, dtype=float), shape).copy(),
        fixed_om=np.full(shape, fixed_om),
    )
