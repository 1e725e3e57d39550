"""All series of a slice in one frozen object: the only thing the graph knows of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from meishan_model.series import FloatArray, IntArray
from meishan_model.sheets.units import HOURS_OF_YEAR, weight_of_step


@dataclass(frozen=True)
class Profiles:
    """Series of a slice, each of shape (steps,).

    Attributes
    ----------
    stamps
        Start of each time step in local standard time, 29 February absent.
    month
        Month of each step.
    shapes
        Load shapes by name; their mean over the whole year is 1.
    capacity_factor
        Output of PV and wind per capacity [-], by technology.
    cop
        Heat delivered per electricity [-], by technology.
    green_power
        Output per contracted capacity [-], by the profile of the contract, bought or exported.
    levies, network_charge
        Surcharges and network charge on every MWh that is used [CNY/MWh].
    demand_charge
        What the highest step of the month costs [CNY/(MW*month)].
    purchase_price, market_price, export_price
        What a MWh costs at the fence, levies included, what it is worth on the market, and what
        an exported one earns [CNY/MWh].
    courses
        Prices relative to those of the rows [-], by the profile of a market.
    grid_factor_ratio
        Factor of the grid relative to its mean over the year [-].
    weather_source
        Which weather year this is.
    measured
        What each measured series is and what was done to it.
    of_plugins
        Series of plug-ins, by the name of the plug-in.
    step
        Length of a time step [h].
    """

    stamps: pd.DatetimeIndex
    month: np.ndarray
    shapes: Mapping[str, FloatArray]
    capacity_factor: Mapping[str, FloatArray]
    cop: Mapping[str, FloatArray]
    green_power: Mapping[str, FloatArray]
    levies: FloatArray
    network_charge: FloatArray
    demand_charge: FloatArray
    purchase_price: FloatArray
    market_price: FloatArray
    export_price: FloatArray
    grid_factor_ratio: FloatArray
    weather_source: str
    measured: tuple[str, ...] = ()
    courses: Mapping[str, FloatArray] = field(default_factory=dict)
    of_plugins: Mapping[str, Any] = field(default_factory=dict)
    step: float = 1.0

    @property
    def weight(self) -> float:
        """Hours of the year that one step stands for [h]."""
        return weight_of_step(len(self.stamps))

    @property
    def hours(self) -> int:
        """Hours of the slice: 8760 unless this is a trial."""
        return round(len(self.stamps) * self.step)

    def at(self, steps: IntArray) -> Profiles:
        """The same series in some of their steps; those of plug-ins stay as they are."""

        def cut(value: Any) -> Any:
            if isinstance(value, Mapping):
                return {name: cut(series) for name, series in value.items()}
            return value[steps] if isinstance(value, np.ndarray | pd.Index) else value

        own = [field.name for field in fields(self) if field.name != "of_plugins"]
        return replace(self, **{name: cut(getattr(self, name)) for name in own})

    def load(self, shape: str, energy: float) -> FloatArray:
        """Load in each step [MW] of a yearly energy [MWh/a].

        Parameters
        ----------
        shape
            Name of the load shape.
        energy
            Energy of the whole year [MWh/a].
        """
        return self.shapes[shape] * (energy / HOURS_OF_YEAR)
