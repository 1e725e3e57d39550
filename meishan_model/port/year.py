"""A container port in one year: its berths and ships, and the work that goes by the TEU."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from meishan_model.errors import Fault
from meishan_model.port.closures import Closure
from meishan_model.port.sheets import (
    ENGINE,
    PER_TEU,
    SHORE_POWER,
    BerthRow,
    HandlingRow,
)
from meishan_model.sheets.buses import power_carrier
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import Load, SliceInputs
from meishan_model.sheets.resolver import Resolver

NAME = "port"
"""Name of the plug-in."""
_WHOLE = ("berths", "equipped_berths")
_WEATHER = ("count", "duration", "duration_spread", "seed")


@dataclass(frozen=True)
class ShipClass:
    """Ships of one size at a group of berths.

    ``call_share`` is their part of the group's calls; ``teu_per_call`` [TEU] and ``stay`` [h] are
    means of a call; ``acceptance_share`` of the calls connect to shore power where the berth has a
    socket [1]; ``hotel_load`` and ``boiler_load`` are those of one ship [kW], ``voltage`` that of
    its shore connection [kV].
    """

    ship_class: str
    call_share: float
    teu_per_call: float
    stay: float
    acceptance_share: float
    hotel_load: float
    boiler_load: float
    voltage: float


@dataclass(frozen=True)
class BerthGroup:
    """Berths of one kind and the ships that call there.

    ``equipped_berths`` of the ``berths`` have a socket; ``connection_time`` [h] is that for both
    ends of a stay. ``boiler_share`` is the part of the boilers' load that oil still gives.
    ``closures`` is the weather that closes the port.
    """

    berth_group: str
    zone: str
    sector: str
    berths: int
    equipped_berths: int
    throughput_share: float
    connection_time: float
    boiler_share: float
    ships: tuple[ShipClass, ...]
    closures: tuple[Closure, ...] = ()

    @property
    def voltages(self) -> tuple[float, ...]:
        """Voltages of the shore connections of its ships [kV], each once."""
        return tuple(dict.fromkeys(ship.voltage for ship in self.ships))


def resolve_berths(r: Resolver) -> tuple[BerthGroup, ...]:
    """Groups of berths with the ships that call there.

    Parameters
    ----------
    r
        Resolver of the year; it collects the faults.
    """
    of_berths = [row for row in r.park.added_rows(BerthRow) if not row.ship_class]
    table = r.table("berths", of_berths)
    names = [n for n in BerthRow.quantities if n not in BerthRow.of_ships]
    ships, closures = _ships(r), _closures(r)
    total = sum(values.get("throughput_weight", 0.0) for values in table.values())
    groups = []
    for (group, zone, sector), values in table.items():
        numbers: dict[str, Any] = {n: r.need("berths", values, n, group) for n in names}
        for name in _WHOLE:
            if name in values:
                numbers[name] = round(numbers[name])
        numbers["throughput_share"] = numbers.pop("throughput_weight") / (total or 1.0)
        of_group: dict[str, Any] = {"ships": tuple(ships[group]), "closures": closures}
        groups.append(BerthGroup(group, zone, sector, **numbers, **of_group))
    return tuple(groups)


def _closures(r: Resolver) -> tuple[Closure, ...]:
    """Weather that closes the berths, by kind and season."""
    found = []
    for (closure, months), values in r.table("closures").items():
        numbers: dict[str, Any] = {n: r.need("closures", values, n, closure) for n in _WEATHER}
        if "seed" in values:
            numbers["seed"] = int(values["seed"])
        found.append(Closure(closure, tuple(map(int, months.split(";"))), **numbers))
    return tuple(found)


def _ships(r: Resolver) -> Mapping[str, list[ShipClass]]:
    """Ship classes of each group of berths."""
    classes = r.table("ship_classes")
    of_ships = [row for row in r.park.added_rows(BerthRow) if row.ship_class]
    table = r.table("berths", of_ships, "berth_group", "ship_class")
    total: dict[str, float] = defaultdict(float)
    for (group, _), values in table.items():
        total[group] += values.get("call_weight", 0.0)
    ships: dict[str, list[ShipClass]] = defaultdict(list)
    for (group, ship_class), values in table.items():
        owner = f"{ship_class} at {group}"
        calls = {n: r.need("berths", values, n, owner) for n in BerthRow.of_ships}
        calls["call_share"] = calls.pop("call_weight") / (total[group] or 1.0)
        ships[group].append(ShipClass(ship_class, **calls, **classes[ship_class,]))
    return ships


def handling_loads(r: Resolver, drivers: Mapping[str, float]) -> dict[tuple[str, str], Load]:
    r"""Electricity of the terminal's equipment by its moves.

    .. math::  W = Q \, m \, e \, (1 - \rho \, \varphi)

    with the throughput :math:`Q` [TEU/a], the moves :math:`m` [1/TEU], the energy of a move
    :math:`e` [MWh], the share :math:`\rho` of it that lowering and braking could give back and
    the share :math:`\varphi` of the drives that do give it back. Equipment without these two rows
    gives nothing back.

    Parameters
    ----------
    r
        Resolver of the year; it collects the faults.
    drivers
        The drivers of the year, among them the containers handled [TEU/a].

    Returns
    -------
    dict
        Loads [MWh/a] by name and zone.
    """
    found = {}
    for (load, zone, sector, profile), values in r.table("handling").items():
        returned = 0.0
        if values.keys() & {"recoverable_share", "regenerative_share"}:
            returned = r.need("handling", values, "recoverable_share", load)
            returned *= r.need("handling", values, "regenerative_share", load)
        moves = _throughput(drivers) * values["moves_per_teu"]
        energy = moves * values["energy_use"] * (1.0 - returned)
        found[load, zone] = Load(
            *(load, zone, sector, power_carrier(r.park), profile, energy),
            rows=(("handling", load, zone),),
        )
    return found


def fleet_services(r: Resolver, drivers: Mapping[str, float]) -> dict[str, float]:
    """Services [km/a or h/a] of the fleets that work by the TEU.

    Parameters
    ----------
    r, drivers
        As for :func:`handling_loads`.
    """
    rows = [row for row in r.park.fleets if row.parameter == PER_TEU]
    table = r.table("fleets", rows, "fleet", name="parameter")
    return {fleet: _throughput(drivers) * values[PER_TEU] for (fleet,), values in table.items()}


def _throughput(drivers: Mapping[str, float]) -> float:
    return drivers.get("throughput", math.nan)  # an absent row is told in port_gaps


def berths_of(inputs: SliceInputs) -> tuple[BerthGroup, ...]:
    """Groups of berths of a slice; none in a park without a port."""
    return tuple(inputs.of_plugins.get(NAME, ()))


def engine_of(inputs: SliceInputs) -> Technology:
    """The auxiliary engines of ships; a slice with berths has them, checked at load."""
    return inputs.of_kind(ENGINE)[0]


def port_gaps(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """What a port needs and no row says, and weights of nothing.

    Parameters
    ----------
    park
        The park, for the paths in messages.
    inputs
        Its inputs of one year.
    """
    by_teu = any(row.parameter == PER_TEU for row in park.fleets)
    by_teu = by_teu or any(park.added_rows(model) for model in (BerthRow, HandlingRow))
    if by_teu and "throughput" not in inputs.drivers:
        message = "there is no row throughput"
        yield park.fault("drivers", "driver", "throughput", message, "add the row")
    if not berths_of(inputs):
        return
    if not inputs.of_kind(ENGINE):
        message = "berths.csv has ships, but no technology is their auxiliary engine"
        yield park.fault("technologies", "kind", ENGINE.name, message, "add the row")
    for engine in inputs.of_kind(ENGINE):
        if not engine.carrier_out:
            message = f"{engine.technology} gives no carrier"
            remedy = "name what ships need at berth"
            yield park.fault("technologies", "carrier_out", "", message, remedy)
    yield from _berths(park, inputs)
    yield from _rival_systems(park, inputs)


def _berths(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Weights of nothing, and more sockets than berths."""
    for group in berths_of(inputs):
        calls = any(ship.call_share for ship in group.ships)
        for column, is_used in (
            ("throughput_weight", group.throughput_share),
            ("call_weight", calls),
        ):
            if not is_used:
                message = f"nothing calls at {group.berth_group} in {inputs.year}"
                yield park.fault("berths", column, "0", message, "give a weight above zero")
        if (equipped := group.equipped_berths) > group.berths:
            message = f"{group.berth_group} has {group.berths} berths in {inputs.year}"
            remedy = "give at most as many with a socket"
            yield park.fault("berths", "equipped_berths", equipped, message, remedy)


def _rival_systems(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Two shore-power systems for the same ships, which would connect more than there are."""
    served: dict[tuple[str, float | None], str] = {}
    for technology in inputs.of_kind(SHORE_POWER):
        ships = technology.carrier_out, technology.parameters.get("voltage")
        name, first = technology.technology, served.setdefault(ships, technology.technology)
        if first != name:
            message = f"{first} serves {ships[0]} at this voltage already"
            yield park.fault("technologies", "technology", name, message, "keep one of them")
