"""Where the users of a zone stand on its feeders, and which reactive power they take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.powerflow.network import Network
from meishan_model.powerflow.solver import Numbers
from meishan_model.sheets.grid import GridSheets


@dataclass(frozen=True)
class User:
    """Hourly consumption of one kind of user in a zone; generation is negative.

    Attributes
    ----------
    zone
        The zone.
    group
        ``load``, ``generation``, ``storage`` or ``dc_link``.
    names
        Names by which sheets may know it before its group: load, technology.
    power
        By hour [MW].
    rating
        Capacity of a plant, for the characteristic of its inverters [MW].
    bus
        Where it stands, if no share is asked.
    """

    zone: str
    group: str
    names: tuple[str, ...]
    power: Numbers
    rating: float = 0.0
    bus: str = ""


class Places:
    """Shares and power factors of a grid, ready to be asked.

    Parameters
    ----------
    grid, network
        The sheets, and the network that was made of them.
    """

    def __init__(self, grid: GridSheets, network: Network):
        self._path = grid.path("shares")
        feeders = network.buses.groupby("feeder").groups
        shares: dict[tuple[str, str], pd.Series] = {}
        for row in grid.shares:
            # A place that is no bus is a feeder, with its users evenly along it.
            buses = [row.place] if row.place in network.buses.index else feeders[row.place]
            part = pd.Series(row.value / 100 / len(buses), pd.Index(buses))
            key = row.zone, row.group
            shares[key] = part if key not in shares else shares[key].add(part, fill_value=0.0)
        self._shares = shares
        self._factors = {row.user: row for row in grid.power_factors}

    def shares(self, user: User) -> pd.Series:
        """Share of each bus in a user; its own rows go before those of its group.

        Raises
        ------
        InputError
            If no row says where it stands.
        """
        if user.bus:
            return pd.Series(1.0, pd.Index([user.bus]))
        for name in (*user.names, user.group):
            found = self._shares.get((user.zone, name))
            if found is not None:
                return found
        message = f"no row says where {user.names[0]} of zone {user.zone} stands"
        raise InputError([Fault(self._path, message, None, "group", user.group, "add the row")])

    def reactive(self, user: User) -> Numbers:
        """Reactive power of a user [Mvar]; positive is inductive consumption.

        ``Q = P tan(arccos(cos phi))`` for ``lagging``, its negative for ``leading``. By
        ``power_dependent`` cos phi is 1 up to half of the rating and falls linearly to the value
        of the sheet at the rating, where the plant is under-excited: it takes reactive power
        while it gives active power (characteristic of VDE-AR-N 4105).
        """
        name = next(n for n in (*user.names, user.group) if n in self._factors)
        row = self._factors[name]
        tangent = float(np.tan(np.arccos(row.value)))
        if row.rule == "lagging":
            return user.power * tangent
        if row.rule == "leading":
            return user.power * -tangent
        if user.rating <= 0.0:
            return np.zeros_like(user.power)
        loading = np.clip(np.abs(user.power) / user.rating, 0.5, 1.0)
        factor = 1.0 - (1.0 - row.value) * (loading - 0.5) / 0.5
        return np.asarray(np.abs(user.power) * np.tan(np.arccos(factor)), dtype=np.float64)
