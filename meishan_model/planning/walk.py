"""The roll forward: vintages, replacements and retirements behind the capacities of a pathway.

The walk knows nothing of the bounds that the backcast used. It goes from the first slice to
the target, lets every vintage stand for its lifetime and asks what has to be added so that the
capacities of the slices stand. That no addition is negative and none exceeds the build rate is
the independent proof of the rule in :mod:`meishan_model.planning.bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from meishan_model.errors import CheckError
from meishan_model.series import FloatArray

RELATIVE = 1e-6
"""Allowed difference as a share of the largest capacity of an asset [-]."""


@dataclass(frozen=True)
class Walk:
    """What was added and what retired in every step, per asset.

    Attributes
    ----------
    addition
        Gross additions in the step that ends in a slice, replacements included, slices x assets
        [unit]; the first slice has none. Units that do not live through a step are rebuilt
        within it and counted each time.
    retirement
        Capacity that reached its end of life in the step, slices x assets [unit].
    vintage
        Capacity of each vintage standing in each slice, vintages x slices x assets [unit]; a
        vintage is named by the slice at the end of its step. Summed over the first axis it is
        the capacity of the slices.
    build_limit
        Largest addition in a step, rate x step, per asset [unit].
    """

    addition: pd.DataFrame
    retirement: pd.DataFrame
    vintage: FloatArray
    build_limit: pd.Series[float]


def walk_forward(
    new_capacity: pd.DataFrame, lifetime: pd.Series[float], build_rate: pd.Series[float]
) -> Walk:
    """Walk from the first slice to the target with vintages.

    A vintage is built during the step that ends in year v and stands in the slices
    v <= y < v + L step, with the lifetime in whole steps L (halves up, at least one).

    Parameters
    ----------
    new_capacity
        New build n_y standing in every slice, years x assets [unit]; ascending, evenly spaced;
        none in the first slice.
    lifetime
        Technical lifetime per asset [a].
    build_rate
        Largest yearly build per asset [unit/a]; infinite where there is none.

    Returns
    -------
    Walk
        Additions, retirements and vintages; not checked, see :func:`check_walk`.
    """
    standing, years, stands_for, rounds = _course(new_capacity, lifetime)
    vintage = np.zeros((len(years), *standing.shape))
    for index in range(1, len(years)):
        built = standing[index] - vintage[:index, index].sum(axis=0)
        alive = (years[index:, None] - years[index]) < stands_for
        vintage[index, index:] = np.where(alive, built, 0.0)
    built = np.einsum("kka->ka", vintage)
    addition = built * rounds
    retirement = np.zeros_like(standing)
    retirement[1:] = addition[1:] - np.diff(vintage.sum(axis=0), axis=0)
    return Walk(
        addition=pd.DataFrame(addition, new_capacity.index, new_capacity.columns),
        retirement=pd.DataFrame(retirement, new_capacity.index, new_capacity.columns),
        vintage=vintage,
        build_limit=build_rate[new_capacity.columns] * (years[1] - years[0]),
    )


def check_walk(walk: Walk, new_capacity: pd.DataFrame, tolerance: float = 1e-6) -> None:
    """Prove that a pathway can be built.

    Parameters
    ----------
    walk
        Result of :func:`walk_forward`.
    new_capacity
        The capacities it was made for, years x assets [unit].
    tolerance
        Allowed difference [unit]; of a large asset at least a millionth of its capacity.

    Raises
    ------
    CheckError
        Naming every asset and slice whose addition or retirement is negative, whose addition
        exceeds the build rate, or whose vintages do not sum up to its capacity.
    """
    slack = np.maximum(tolerance, RELATIVE * new_capacity.abs().max().to_numpy())
    addition, retirement = walk.addition.to_numpy(), walk.retirement.to_numpy()
    gap = np.abs(walk.vintage.sum(axis=0) - new_capacity.to_numpy(dtype=np.float64))
    limit = walk.build_limit.to_numpy()
    checks = (
        ("needs a negative addition", addition, ~(addition >= -slack)),
        ("needs more than its build rate", addition, ~(addition <= limit + slack)),
        ("retires less than nothing", retirement, ~(retirement >= -slack)),
        ("has vintages that miss its capacity", gap, ~(gap <= slack)),
    )
    problems = [
        f"{new_capacity.columns[asset]} in {new_capacity.index[year]} {what}: "
        f"{values[year, asset]:.6g} (limit of the step {limit[asset]:.6g})"
        for what, values, bad in checks
        for year, asset in np.argwhere(bad)
    ]
    if problems:
        raise CheckError("the pathway cannot be built:\n" + "\n".join(problems))


def standing_years(lifetime: ArrayLike, step: float) -> FloatArray:
    """Years that a vintage stands: its lifetime in whole steps, halves up, at least one [a].

    Years, not steps, decide what stands: the walk shares no index arithmetic with the bounds.

    Parameters
    ----------
    lifetime
        Technical lifetime [a]; may be infinite.
    step
        Distance of two slices [a].
    """
    life = np.asarray(lifetime, dtype=np.float64)
    return np.asarray(np.maximum(np.floor(life / step + 0.5), 1.0) * step, dtype=np.float64)


def _course(
    capacity: pd.DataFrame, lifetime: pd.Series[float]
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Capacities, years, years that a vintage stands, and how often it is built within a step.

    A unit that lives shorter than a step is built several times.
    """
    life = lifetime[capacity.columns].to_numpy(dtype=np.float64)
    years = capacity.index.to_numpy(dtype=np.float64)
    step = float(years[1] - years[0])
    rounds = np.maximum(step / life, 1.0)
    return capacity.to_numpy(dtype=np.float64), years, standing_years(life, step), rounds


@dataclass(frozen=True)
class BridgeWalk:
    """Purchases and sales behind the bridges of a pathway.

    Attributes
    ----------
    addition
        Bridges bought in the step that ends in a slice, slices x assets [unit].
    retirement
        Bridges sold or worn out in the step, slices x assets [unit].
    sold
        Part of the retirement that is sold before the end of its life, vintages x slices x
        assets [unit]; what is sold in the target is a sale as well, of no value.
    """

    addition: pd.DataFrame
    retirement: pd.DataFrame
    sold: FloatArray


def walk_bridges(bridge: pd.DataFrame, lifetime: pd.Series[float]) -> BridgeWalk:
    """Buy and sell the bridges that the slices ask for.

    A bridge that the next slice needs as well stays and is not bought again; one that it does
    not need is sold in the step between them, the oldest first. A vintage stands for its
    lifetime in whole steps and is then worn out.

    Parameters
    ----------
    bridge
        Bridges standing in every slice, years x assets [unit]; ascending, evenly spaced; none
        in the first slice, which builds nothing.
    lifetime
        Technical lifetime per asset [a].

    Returns
    -------
    BridgeWalk
        Additions minus retirements, summed up, are the bridges of the slices.
    """
    needed, years, stands_for, rounds = _course(bridge, lifetime)
    alive = np.zeros_like(needed)
    bought, worn = np.zeros_like(needed), np.zeros_like(needed)
    sold = np.zeros((len(years), *needed.shape))
    for index in range(1, len(years)):
        old = (years[index] - years[:, None]) >= stands_for
        worn[index] = np.where(old, alive, 0.0).sum(axis=0)
        alive = np.where(old, 0.0, alive)
        excess = np.maximum(alive.sum(axis=0) - needed[index], 0.0)
        older = np.cumsum(alive, axis=0) - alive
        sold[:, index] = np.clip(excess - older, 0.0, alive)
        alive = alive - sold[:, index]
        standing = needed[index] - alive.sum(axis=0)
        alive[index] = np.maximum(standing, 0.0)
        bought[index] = alive[index] * rounds
        worn[index] += alive[index] * (rounds - 1.0)
    frame = (bridge.index, bridge.columns)
    return BridgeWalk(
        pd.DataFrame(bought, *frame), pd.DataFrame(worn + sold.sum(axis=0), *frame), sold
    )
