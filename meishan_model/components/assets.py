"""What a slice may build of each asset; filled by the pathway, read by the parts of the park."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class BoundTerm(NamedTuple):
    """One number behind the bounds of an asset in a slice.

    Attributes
    ----------
    kind
        What the amount is, a name of :data:`~meishan_model.results.reasons.TERMS`.
    year
        The slice that it belongs to [a].
    amount
        The number, infinite where there is no limit [unit of the asset, unit/a for a rate].
    """

    kind: str
    year: int
    amount: float


@dataclass(frozen=True)
class AssetBounds:
    """An asset is a technology in a zone, with what stands and what may be built in one slice.

    Attributes
    ----------
    asset
        ``<technology>_<zone>``.
    technology, zone, unit
        What it is, where, and the unit of its capacities.
    existing
        s_y, what survives of today's stock [unit].
    lower, upper
        Bounds of n_y, the new build that stands in the year [unit].
    bridge_upper
        Bound of b_y, equipment that the target abandons [unit].
    annuity, bridge_annuity
        Yearly cost of new build and of bridges [CNY/(unit*a)].
    fixed_om
        Yearly fixed cost of all that stands [CNY/(unit*a)].
    reason
        The terms of the bounds' arithmetic.
    earlier
        Part of ``existing`` that earlier slices built: it stands, whatever is decided [unit].
    sold
        Part of ``existing`` whose power is sold to the grid company: it occupies its site, but
        neither its power nor its cost is the park's [unit].
    sunk_cost
        What earlier slices owe for it: annuities of the years of its building [CNY/a].
    """

    asset: str
    technology: str
    zone: str
    unit: str
    existing: float
    lower: float
    upper: float
    bridge_upper: float
    annuity: float
    bridge_annuity: float
    fixed_om: float
    reason: tuple[BoundTerm, ...] = ()
    earlier: float = 0.0
    sunk_cost: float = 0.0
    sold: float = 0.0

    @property
    def owned(self) -> float:
        """What stands and works for the park [unit]."""
        return self.existing - self.sold

    @property
    def can_stand(self) -> bool:
        """Whether the park can have any capacity of the asset at all in this slice."""
        return max(self.owned, self.upper, self.bridge_upper) > 0

    @property
    def new_cost(self) -> float:
        """Yearly cost of one unit of new build [CNY/(unit*a)]."""
        return self.annuity + self.fixed_om

    @property
    def bridge_cost(self) -> float:
        """Yearly cost of one unit of bridge [CNY/(unit*a)]."""
        return self.bridge_annuity + self.fixed_om


@dataclass(frozen=True)
class Assets:
    """All assets of a slice by name."""

    by_name: Mapping[str, AssetBounds]

    def get(self, technology: str, zone: str) -> AssetBounds | None:
        """The asset of a technology in a zone, or ``None`` if it cannot have any capacity."""
        return self.named(f"{technology}_{zone}")

    def named(self, name: str) -> AssetBounds | None:
        """The asset of that name, or ``None`` if it cannot have any capacity."""
        found = self.by_name.get(name)
        return found if found is not None and found.can_stand else None

    def of(self, technology: str) -> Iterator[AssetBounds]:
        """All assets of a technology that can have any capacity."""
        for asset in self.by_name.values():
            if asset.technology == technology and asset.can_stand:
                yield asset

    @property
    def standing_cost(self) -> float:
        """Fixed cost of all that stands already, whatever is decided [CNY/a].

        Not of what is sold: who gets the revenue pays for it.
        """
        return sum(a.owned * a.fixed_om + a.sunk_cost for a in self.by_name.values())
