r"""The asset table: every number of every asset by slice, and what one slice may build of it.

An asset is one capacity: a technology in a zone, one of the two capacities of a store, a
transformer, a fleet's vehicles, an efficiency measure on a load. Columns that differ between
slices have the shape (years, assets), all others (assets,). Slices are numbered
:math:`k = 0 \dots K` from the first year to the target, :math:`h` years apart.

The planning fills the table from the sheets and bounds its rows; the components read the rows of
one slice (:class:`Assets`) one at a time (:class:`Asset`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from meishan_model.components.coordinates import Stage
from meishan_model.errors import Fault, InputError, refuse
from meishan_model.series import FloatArray, IntArray

FILE = "assets.csv"
"""The sheet of potentials and build rates, for the messages of faults."""


class BoundTerm(NamedTuple):
    """One number behind the bounds of an asset in a slice.

    ``kind`` says what the amount is, a name of :data:`~meishan_model.results.wording.TERMS`;
    ``year`` is the slice that it belongs to [a]; ``amount`` is infinite where there is no limit
    [unit of the asset, unit/a for a rate].
    """

    kind: str
    year: int
    amount: float


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
    stock_year
        Last year whose stock is given: slices up to it build nothing; ``None``: the first [a].
    """

    years: tuple[int, ...]
    asset: tuple[str, ...]
    technology: tuple[str, ...]
    zone: tuple[str, ...]
    unit: tuple[str, ...]
    stock: FloatArray
    sold: FloatArray
    potential: FloatArray
    build_rate: FloatArray
    lifetime: FloatArray
    phase_out: NDArray[np.bool_]
    last_new_build: FloatArray
    bridged: NDArray[np.bool_]
    investment: FloatArray
    fixed_om: FloatArray
    annuity: FloatArray
    bridge_annuity: FloatArray
    minimum: FloatArray
    minimum_share: FloatArray
    new_build: Mapping[int, FloatArray] = field(default_factory=dict)
    stock_year: int | None = None

    def __post_init__(self) -> None:
        """Refuse slices and numbers that no bound can be made of, all at once."""
        if len(self.years) > 1 and len(set(np.diff(self.years))) != 1:
            value = ", ".join(map(str, self.years))
            raise InputError([Fault("scenario", "not evenly spaced slices", None, "year", value)])
        refuse([*self._number_faults(), *self._phase_out_faults()])

    def _number_faults(self) -> Iterable[Fault]:
        """What is negative or not a number; rates and potentials may be infinite."""
        counted = (self.stock >= 0.0) & np.isfinite(self.stock)
        checks = (
            ("lifetime", self.lifetime[None], self.lifetime[None] > 0.0, "give a lifetime > 0"),
            ("build_rate", self.build_rate[None], self.build_rate[None] >= 0.0, "a rate >= 0"),
            ("potential", self.potential, self.potential >= 0.0, "give potentials >= 0"),
            ("stock", self.stock, counted, "give finite stocks >= 0"),
        )
        for column, values, good, remedy in checks:
            for place in np.flatnonzero(~good.all(axis=0)):
                value = ", ".join(f"{v:g}" for v in values[:, place])
                message = f"{self.asset[place]} cannot be bounded"
                yield Fault(FILE, message, column=column, value=value, remedy=remedy)

    def _phase_out_faults(self) -> Iterable[Fault]:
        for place in np.flatnonzero(self.phase_out & self.bridged & np.isinf(self.last_new_build)):
            what = "a technology that is phased out needs its last year of new build"
            message = f"{self.asset[place]}: {what}"
            yield Fault(FILE, message, None, "parameter", "last_new_build", "add the row")

    @property
    def step(self) -> int:
        """h, distance of two slices; 1 where there is a single one [a]."""
        return self.years[1] - self.years[0] if len(self.years) > 1 else 1

    @property
    def given_slice(self) -> int:
        """Number of the last slice whose stock is given and that builds nothing."""
        given = self.years[0] if self.stock_year is None else self.stock_year
        return sum(year <= given for year in self.years) - 1

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Position of every asset by its name."""
        return {name: place for place, name in enumerate(self.asset)}

    @cached_property
    def place_of(self) -> Mapping[tuple[str, str], int]:
        """Position of the asset of a technology in a zone; measures are told by their names."""
        pairs = zip(self.technology, self.zone, strict=True)
        return {pair: place for place, pair in enumerate(pairs)}

    @cached_property
    def lifetime_steps(self) -> IntArray:
        """Lifetime in whole steps, halves up, at least 1; (assets,)."""
        steps = np.floor(np.minimum(self.lifetime, 1e9) / self.step + 0.5)
        return np.asarray(np.maximum(steps, 1.0), dtype=np.int64)

    @cached_property
    def step_budget(self) -> FloatArray:
        """Capacity that one step of building can leave standing: R min(h, lifetime); (assets,).

        A unit that does not live through a step is rebuilt within it, which takes its share of
        the build rate: only the last ``lifetime`` years of building stand at the end.
        """
        return np.asarray(self.build_rate * np.minimum(self.lifetime, self.step))

    @cached_property
    def room(self) -> FloatArray:
        """Potential less surviving stock, never below zero; (years, assets) [unit]."""
        return np.asarray(np.maximum(self.potential - self.stock, 0.0))

    def chain(self) -> dict[str, object]:
        """The columns that bound every slice, as plain lists to be hashed."""
        names = ("stock", "sold", "potential", "build_rate", "lifetime", "phase_out")
        columns = {name: getattr(self, name).tolist() for name in (*names, "bridged")}
        last = self.last_new_build.tolist()
        given = {"years": self.years, "stock_year": self.years[self.given_slice]}
        return given | {"asset": self.asset, "last_new_build": last} | columns

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

    def in_slice(
        self,
        year: int,
        upper: FloatArray | float = 0.0,
        terms: Sequence[tuple[BoundTerm, ...]] | None = None,
        *,
        lower: FloatArray | float = 0.0,
        bridge: FloatArray | float = 0.0,
        earlier: FloatArray | float = 0.0,
        sunk_cost: FloatArray | float = 0.0,
    ) -> Assets:
        """The assets of one slice between given bounds, each one for all or (assets,).

        Parameters are those of :class:`Assets`; an asset without terms has no reason.
        """
        every = np.zeros(len(self.asset))
        return Assets(
            table=self,
            year=year,
            lower=every + lower,
            upper=every + upper,
            bridge=every + bridge,
            earlier=every + earlier,
            sunk_cost=every + sunk_cost,
            terms=tuple(terms or ((),) * len(self.asset)),
        )


@dataclass(frozen=True, eq=False)
class Assets:
    """The assets of one slice: rows of the table, with what the slice may build of each.

    Attributes
    ----------
    table, year
        The assets, and the slice whose row of the columns counts.
    lower, upper
        Bounds of n_y, the new build that stands in the year; (assets,) [unit].
    bridge
        Bound of b_y, equipment that the target abandons; (assets,) [unit].
    earlier
        What earlier slices built and stands, whatever is decided; (assets,) [unit].
    sunk_cost
        What is owed for it: annuities of the years of its building; (assets,) [CNY/a].
    terms
        For each asset the numbers of the bounds' arithmetic.
    """

    table: AssetTable
    year: int
    lower: FloatArray
    upper: FloatArray
    bridge: FloatArray
    earlier: FloatArray
    sunk_cost: FloatArray
    terms: tuple[tuple[BoundTerm, ...], ...]

    @cached_property
    def slice_number(self) -> int:
        """k, the row of the slice in columns of the shape (years, assets)."""
        return self.table.years.index(self.year)

    @cached_property
    def existing(self) -> FloatArray:
        """s_y, what stands before the slice decides: stock and earlier builds; (assets,)."""
        return np.asarray(self.table.stock[self.slice_number] + self.earlier)

    @cached_property
    def owned(self) -> FloatArray:
        """What stands and works for the park, not for the grid company; (assets,) [unit]."""
        return np.asarray(self.existing - self.table.sold[self.slice_number])

    @cached_property
    def new_cost(self) -> FloatArray:
        """Yearly cost of one unit of new build; (assets,) [CNY/(unit*a)]."""
        k = self.slice_number
        return np.asarray(self.table.annuity[k] + self.table.fixed_om[k])

    @cached_property
    def bridge_cost(self) -> FloatArray:
        """Yearly cost of one unit of bridge; (assets,) [CNY/(unit*a)]."""
        k = self.slice_number
        return np.asarray(self.table.bridge_annuity[k] + self.table.fixed_om[k])

    @cached_property
    def can_stand(self) -> NDArray[np.bool_]:
        """Whether the park can have any capacity of an asset in this slice; (assets,)."""
        return np.asarray(np.maximum(np.maximum(self.owned, self.upper), self.bridge) > 0)

    @property
    def standing_cost(self) -> float:
        """Fixed cost of all that stands already, whatever is decided [CNY/a].

        Not of what is sold: who gets the revenue pays for it.
        """
        fixed_om = self.table.fixed_om[self.slice_number]
        return float((self.owned * fixed_om + self.sunk_cost).sum())

    def __getitem__(self, name: str) -> Asset:
        """The asset of a name."""
        return self._asset(self.table.place[name])

    def get(self, technology: str, zone: str) -> Asset | None:
        """The asset of a technology in a zone, or ``None`` if it cannot have any capacity."""
        return self._at(self.table.place_of.get((technology, zone)))

    def named(self, name: str) -> Asset | None:
        """The asset of a name, or ``None`` if it cannot have any capacity."""
        return self._at(self.table.place.get(name))

    def _at(self, place: int | None) -> Asset | None:
        return self._asset(place) if place is not None and self.can_stand[place] else None

    def _asset(self, place: int) -> Asset:
        table = self.table
        sizes = (self.owned, self.lower, self.upper, self.bridge, self.new_cost, self.bridge_cost)
        return Asset(
            *(table.asset[place], table.technology[place], table.zone[place], table.unit[place]),
            self.terms[place],
            *(float(column[place]) for column in sizes),
        )

    def of(self, technology: str) -> Iterator[Asset]:
        """All assets of a technology that can have any capacity."""
        for place, name in enumerate(self.table.technology):
            if name == technology and self.can_stand[place]:
                yield self._asset(place)

    def frame(self) -> pd.DataFrame:
        """What stands, may be built and costs what, a row an asset."""
        k, table = self.slice_number, self.table
        given = {n: getattr(table, n) for n in ("technology", "zone", "unit")}
        costs = {n: getattr(table, n)[k] for n in ("annuity", "bridge_annuity", "fixed_om")}
        names = ("existing", "owned", "earlier", "sunk_cost", "lower", "upper", "bridge")
        columns = given | costs | {n: getattr(self, n) for n in names}
        return pd.DataFrame(columns, index=pd.Index(table.asset, name="asset"))

    def bound_terms(self) -> pd.DataFrame:
        """The terms of the bounds, a row a term: asset, kind, year and amount."""
        of_assets = zip(self.table.asset, self.terms, strict=True)
        rows = [(name, *term) for name, terms in of_assets for term in terms]
        return pd.DataFrame(rows, columns=["asset", "kind", "year", "amount"])


class Asset(NamedTuple):
    """One asset in one slice.

    Attributes
    ----------
    name
        ``<technology>_<zone>``; of a measure with its load.
    technology, zone, unit
        What it is, where it stands, and the unit of its capacities.
    terms
        The terms of its bounds' arithmetic.
    owned
        What stands and works for the park [unit].
    lower, upper
        Bounds of its new build [unit].
    bridge
        Largest bridge [unit].
    new_cost, bridge_cost
        Yearly cost of one unit of new build and of bridge [CNY/(unit*a)].
    """

    name: str
    technology: str
    zone: str
    unit: str
    terms: tuple[BoundTerm, ...]
    owned: float
    lower: float
    upper: float
    bridge: float
    new_cost: float
    bridge_cost: float

    def stages(self) -> Iterator[tuple[Stage, tuple[str, ...]]]:
        """What there can be of it apart: stock in use, new build, bridge; with words for nodes."""
        if self.owned > 0:
            yield "in_use", ("stock",)
        if self.upper > 0:
            yield "new", ()
        if self.bridge > 0:
            yield "bridge", ("bridge",)
