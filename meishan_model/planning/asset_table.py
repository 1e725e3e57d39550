r"""The asset table: every number of every asset by slice, from the sheets to the bounds.

An asset is one capacity: a technology in a zone, one of the two capacities of a store, a
transformer, a fleet's vehicles, an efficiency measure on a load. Columns that differ between
slices have the shape (years, assets), all others (assets,). Slices are numbered
:math:`k = 0 \dots K` from the first year to the target, :math:`h` years apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from meishan_model.errors import Fault, InputError
from meishan_model.optimise.problem import Floats

FILE = "assets.csv"
"""The sheet of potentials and build rates, for the messages of faults."""


@dataclass(frozen=True, eq=False)
class AssetTable:
    """All assets of a pathway, with what bounds and costs their capacities.

    Attributes
    ----------
    years
        Slices, ascending, evenly spaced [a].
    asset, technology, zone, unit
        Name of the asset, what it is, where, and the unit of its capacities; (assets,).
    stock
        s_k, what survives of today's plants and of committed ones; (years, assets) [unit].
    sold
        Part of the stock whose power is sold to the grid company; (years, assets) [unit].
    potential
        Largest total standing capacity; (years, assets) [unit].
    build_rate
        R, largest yearly build, infinite where the sheet has none; (assets,) [unit/a].
    lifetime
        Technical lifetime by the sheet of the target; (assets,) [a].
    phase_out
        Whether the target abandons the technology, so that it is never new build; (assets,).
    last_new_build
        Last year in which it may be built, infinite where no row stands; (assets,) [a].
    bridged
        Whether a slice may build what the target does not want; (assets,).
    investment, fixed_om
        Overnight cost and yearly fixed cost in the prices of the slice's own year; (years, assets)
        [CNY/unit], [CNY/(unit*a)].
    annuity, bridge_annuity
        Yearly cost of new build and of bridges built in the slice; (years, assets)
        [CNY/(unit*a)].
    minimum, minimum_share
        Parameters ``minimum_asset`` [unit] and ``minimum_asset_share`` [1]; (years,).
    new_build
        n_k of the slices that are solved, by year; (assets,) [unit].
    """

    years: tuple[int, ...]
    asset: tuple[str, ...]
    technology: tuple[str, ...]
    zone: tuple[str, ...]
    unit: tuple[str, ...]
    stock: Floats
    sold: Floats
    potential: Floats
    build_rate: Floats
    lifetime: Floats
    phase_out: NDArray[np.bool_]
    last_new_build: Floats
    bridged: NDArray[np.bool_]
    investment: Floats
    fixed_om: Floats
    annuity: Floats
    bridge_annuity: Floats
    minimum: Floats
    minimum_share: Floats
    new_build: Mapping[int, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse slices and numbers that no bound can be made of, all at once."""
        if len(self.years) > 1 and len(set(np.diff(self.years))) != 1:
            value = ", ".join(map(str, self.years))
            raise InputError([Fault("scenario", "not evenly spaced slices", None, "year", value)])
        if faults := [*self._number_faults(), *self._phase_out_faults()]:
            raise InputError(faults)

    def _number_faults(self) -> Iterable[Fault]:
        """What is negative or not a number; rates and potentials may be infinite."""
        checks = (
            ("lifetime", self.lifetime[None], self.lifetime[None] > 0.0, "give a lifetime > 0"),
            ("build_rate", self.build_rate[None], self.build_rate[None] >= 0.0, "a rate >= 0"),
            ("potential", self.potential, self.potential >= 0.0, "give potentials >= 0"),
            (
                "stock",
                self.stock,
                (self.stock >= 0.0) & np.isfinite(self.stock),
                "give finite stocks >= 0",
            ),
        )
        for column, values, good, remedy in checks:
            for place in np.flatnonzero(~good.all(axis=0)):
                value = ", ".join(f"{v:g}" for v in values[:, place])
                message = f"{self.asset[place]} cannot be bounded"
                yield Fault(FILE, message, column=column, value=value, remedy=remedy)

    def _phase_out_faults(self) -> Iterable[Fault]:
        for place in np.flatnonzero(self.phase_out & self.bridged & np.isinf(self.last_new_build)):
            yield Fault(
                FILE,
                f"{self.asset[place]}: a technology that is phased out needs its last year of "
                "new build",
                column="parameter",
                value="last_new_build",
                remedy="add the row",
            )

    @property
    def step(self) -> int:
        """h, distance of two slices; 1 where there is a single one [a]."""
        return self.years[1] - self.years[0] if len(self.years) > 1 else 1

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Position of every asset by its name."""
        return {name: place for place, name in enumerate(self.asset)}

    @cached_property
    def lifetime_steps(self) -> NDArray[np.int64]:
        """Lifetime in whole steps, halves up, at least 1; (assets,)."""
        steps = np.floor(np.minimum(self.lifetime, 1e9) / self.step + 0.5)
        return np.asarray(np.maximum(steps, 1.0), dtype=np.int64)

    @cached_property
    def step_budget(self) -> Floats:
        """Capacity that one step of building can leave standing: R min(h, lifetime); (assets,).

        A unit that does not live through a step is rebuilt within it, which takes its share of
        the build rate: only the last ``lifetime`` years of building stand at the end.
        """
        return np.asarray(self.build_rate * np.minimum(self.lifetime, self.step))

    @cached_property
    def room(self) -> Floats:
        """Potential less surviving stock, never below zero; (years, assets) [unit]."""
        return np.asarray(np.maximum(self.potential - self.stock, 0.0))

    def chain(self) -> dict[str, object]:
        """The columns that bound every slice, as plain lists to be hashed."""
        names = ("stock", "sold", "potential", "build_rate", "lifetime", "phase_out")
        columns = {name: getattr(self, name).tolist() for name in (*names, "bridged")}
        last = self.last_new_build.tolist()
        return {"years": self.years, "asset": self.asset, "last_new_build": last, **columns}

    def solved(self, year: int, new_build: Mapping[str, float]) -> AssetTable:
        """The table with the new build of a slice written in.

        Parameters
        ----------
        year
            The slice.
        new_build
            Its new build by the name of the asset [unit]; every asset has one.
        """
        column = np.array([new_build[name] for name in self.asset], dtype=np.float64)
        return replace(self, new_build={**self.new_build, year: column})

    def solved_as(self, other: AssetTable) -> AssetTable:
        """The table with the new build that another table of the same assets holds."""
        return replace(
            self,
            new_build={
                year: column[[other.place[name] for name in self.asset]]
                for year, column in other.new_build.items()
            },
        )
