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
from dataclasses import dataclass, field, replace

from meishan_model.components import flows
from meishan_model.components.base import Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.dispatch import efficiency_of
from meishan_model.series import FloatArray
from meishan_model.sheets.equipment import Technology


@dataclass(frozen=True)
class Duty:
    """A duty and the profile of one unit of equipment.

    Attributes
    ----------
    words
        Names of which that of the duty and of its bus is made.
    carrier, zone, sector
        What is delivered, where and to whom.
    unit
        Unit of the duty's flow (MW, or km/h where it is a service).
    unit_profile
        What one unit of capacity delivers in each hour, shape (hours,).
    demand
        What is needed in each hour, shape (hours,).
    rows
        The rows of the sheets that it comes from.
    energy_use
        Energy for each unit of the duty by technology [MWh per unit]; empty where the sheets give
        the efficiency of the equipment.
    only
        The one technology that serves it; empty where the optimum chooses among all.
    payer
        Who pays for the equipment and its fuel; empty: the park.
    """

    words: tuple[str, ...]
    carrier: str
    zone: str
    sector: str
    unit: str
    unit_profile: FloatArray
    demand: FloatArray
    rows: tuple[flows.Row, ...] = ()
    energy_use: Mapping[str, float] = field(default_factory=dict)
    only: str = ""
    payer: str = ""

    @property
    def name(self) -> str:
        """Name of the duty and of its bus."""
        return "_".join(self.words)


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
        words = (*duty.words, technology)
        yield replace(duty, words=words, demand=duty.demand * share, only=technology)


def duty_nodes(s: Slice, whole: Duty, mix: Mapping[str, float]) -> Nodes:
    """The demand of a duty and what stays undone, at the value of lost load.

    Parameters
    ----------
    s
        The slice; the duty, or its parts, are added to its duties.
    whole
        The duty.
    mix
        As for :func:`split`.
    """
    # What is undone is priced as the energy of the technology that needs most of it.
    price = s.inputs.parameters["value_of_lost_load"] * max([*whole.energy_use.values()] or [1.0])
    for duty in split(whole, mix):
        s.duties.append(duty)
        bus = s.make_bus(duty.words, duty.carrier, *duty.rows)
        kind = Coordinates("duty", zone=duty.zone, sector=duty.sector, unit=duty.unit)
        yield s.registry.sink(
            (*duty.words, "demand"), bus, kind, *duty.rows, nominal_capacity=1.0, fix=duty.demand
        )
        yield s.registry.source(
            (*duty.words, "shedding"),
            bus,
            kind.but(role="shedding"),
            *duty.rows,
            charges=(flows.Charge("shedding", duty.name, price),),
            # One share of the duty that is shed all year: a decision, not one an hour.
            decides=flows.Decision(),
            fix=duty.demand / max(duty.demand.max(), 1e-12),
        )


def equipment_on_duty(s: Slice, duty: Duty, technology: Technology) -> Nodes:
    """Equipment of one technology on a duty: stock in use, new build and bridge, each a converter.

    Parameters
    ----------
    s, duty
        The slice and the duty; what the equipment takes is final energy of the duty's sector.
    technology
        The equipment; there is none where the duty is another's or the zone can have none.
    """
    asset = s.assets.get(technology.technology, duty.zone)
    if asset is None or duty.only not in ("", technology.technology):
        return
    served = flows.coordinates_of(asset, "conversion", sector=duty.sector, unit=duty.unit)
    bus, source = s.buses[duty.name], s.bus_of(technology.carrier_in, asset.zone)
    charges, use = flows.variable_om(technology), duty.energy_use
    if duty.payer:
        s.registry.payers[asset.name] = duty.payer
    efficiency = 1.0 / use[asset.technology] if use else efficiency_of(s, technology)
    for stage, words in asset.stages():
        given = served.but(stage=stage)
        sized = {"charges": charges, "decides": asset, "fix": duty.unit_profile}
        yield s.registry.converter(
            (asset.technology, asset.zone, *words),
            flows.row_of(asset),
            inputs={source: (given.but(unit=""), {"final_energy": 1})},
            outputs={bus: (given, sized)},
            factors={bus: efficiency},
        )
