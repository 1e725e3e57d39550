r"""Equipment that follows a duty: a boiler heats its own building, a truck drives its rounds.

The equipment of one duty is many small units, each bound to its own building or vehicle, so that
no merit order exists among them: a unit of technology :math:`k` delivers in each hour the same
share of the whole duty,

.. math::  f_k(t) = x_k \, p(t), \qquad \sum_k x_k \, p(t) = d(t)

with the capacity :math:`x_k` [unit], the duty profile per unit :math:`p(t)` and the duty
:math:`d(t)`. Stock in use, new build and bridges are nodes of their own, since only part of the
stock may be needed. In the solver these flows are multiples of :math:`x_k` and vanish.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from oemof import solph
from oemof.network import Node

from meishan_model.components.assets import AssetBounds
from meishan_model.components.book import Book, Charge, Kind, Role


@dataclass(frozen=True)
class Duty:
    """A duty and the profile of one unit of equipment.

    Attributes
    ----------
    bus
        Bus on which the duty is delivered.
    carrier, zone, sector
        What is delivered, where and to whom.
    unit
        Unit of the duty's flow (MW, or km/h where it is a service).
    unit_profile
        What one unit of capacity delivers in each hour, shape (hours,).
    demand
        What is needed in each hour, shape (hours,).
    only
        The one technology that serves it; empty where the optimum chooses among all.
    """

    bus: solph.Bus
    carrier: str
    zone: str
    sector: str
    unit: str
    unit_profile: NDArray[np.float64]
    demand: NDArray[np.float64]
    only: str = ""

    def open_to(self, technology: str) -> bool:
        """Whether a technology may serve the duty."""
        return self.only in ("", technology)


def split(duty: Duty, mix: Mapping[str, float]) -> Iterator[Duty]:
    """Divide a duty among its technologies where their mix is held; otherwise leave it whole.

    Parameters
    ----------
    duty
        The duty.
    mix
        Share of each technology in it [-]; empty where the optimum chooses.
    """
    if not mix:
        yield duty
    for technology, share in mix.items():
        bus = solph.Bus(label=f"{duty.bus.label}_{technology}")
        yield replace(duty, bus=bus, demand=duty.demand * share, only=technology)


def duty_nodes(
    book: Book, duty: Duty, value_of_lost_load: float, mwh_per_unit: float
) -> list[Node]:
    """The bus of a duty, its demand, and what stays undone at the value of lost load.

    Parameters
    ----------
    book
        Book of the graph.
    duty
        The duty.
    value_of_lost_load
        Price of undone duty [CNY/MWh].
    mwh_per_unit
        Energy that one unit of the duty stands for [MWh per unit of the duty's flow and hour].
    """
    label = duty.bus.label
    kind = Kind(duty.carrier, zone=duty.zone, unit=duty.unit)
    demand = solph.components.Sink(
        label=f"{label}_demand",
        inputs={
            duty.bus: book.flow(
                label, f"{label}_demand", kind, nominal_capacity=1.0, fix=duty.demand
            )
        },
    )
    undone = f"{label}_shedding"
    price = value_of_lost_load * mwh_per_unit
    shedding = solph.components.Source(
        label=undone,
        outputs={
            duty.bus: book.flow(
                undone,
                label,
                Kind(duty.carrier, "shedding", duty.zone, duty.unit),
                charges=(Charge("shedding", label, price),),
                # One share of the duty that is shed all year: a decision, not one an hour.
                nominal_capacity=solph.Investment(),
                fix=duty.demand / max(duty.demand.max(), 1e-12),
            )
        },
    )
    return [duty.bus, demand, shedding]


def equipment(
    book: Book,
    duty: Duty,
    asset: AssetBounds,
    fuel: solph.Bus,
    fuel_carrier: str,
    efficiency: float | NDArray[np.float64],
    variable_om: float = 0.0,
) -> Iterator[solph.components.Converter]:
    """Equipment of one technology on a duty: stock in use, new build and bridge.

    Parameters
    ----------
    book
        Book of the graph.
    duty
        The duty.
    asset
        The asset with its bounds.
    fuel, fuel_carrier
        Bus of the input and its carrier.
    efficiency
        Output per unit of input, scalar or shape (hours,).
    variable_om
        Cost of the output [CNY per unit of the duty].
    """
    roles: tuple[tuple[Role, float], ...] = (
        ("in_use", asset.owned),
        ("new", asset.upper),
        ("bridge", asset.bridge_upper),
    )
    suffix = {"in_use": "_stock", "new": "", "bridge": "_bridge"}
    for role, most in roles:
        if most <= 0:
            continue
        label = asset.asset + suffix[role]
        out = book.flow(
            label,
            duty.bus.label,
            Kind(duty.carrier, asset.technology, zone=duty.zone, unit=duty.unit),
            charges=(Charge("variable", asset.technology, variable_om),) if variable_om else (),
            nominal_capacity=book.invest(asset, role, (label, duty.bus.label)),
            fix=duty.unit_profile,
        )
        into = book.flow(
            fuel.label,
            label,
            Kind(fuel_carrier, asset.technology, zone=duty.zone),
            energy=(duty.sector, fuel_carrier),
        )
        yield solph.components.Converter(
            label=label,
            inputs={fuel: into},
            outputs={duty.bus: out},
            conversion_factors={duty.bus: efficiency},
        )
