"""Resolve the sheets of a container terminal to one year: berths and ships, work by the TEU."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from meishan_model.sheets import records
from meishan_model.sheets.demand_rows import BerthRow
from meishan_model.sheets.resolver import Resolver

_OF_CLASS = ("hotel_load", "boiler_load", "voltage")
_WHOLE = ("berths", "equipped_berths")


def resolve_berths(r: Resolver) -> tuple[records.BerthGroup, ...]:
    """Groups of berths with the ships that call there.

    Parameters
    ----------
    r
        Resolver of the year; it collects the faults.
    """
    key = ("berth_group", "zone")
    of_berths = [row for row in r.park.berths if not row.ship_class]
    table = r.table("berths", of_berths, *key, name="parameter")
    names = [n for n in BerthRow.quantities if n not in BerthRow.of_ships]
    ships = _ships(r)
    total = sum(values.get("throughput_weight", 0.0) for values in table.values())
    groups = []
    for (group, zone), values in table.items():
        numbers: dict[str, Any] = {n: r.need("berths", values, n, group) for n in names}
        for name in _WHOLE:
            if name in values:
                numbers[name] = round(numbers[name])
        numbers["throughput_share"] = numbers.pop("throughput_weight") / (total or 1.0)
        groups.append(records.BerthGroup(group, zone, **numbers, ships=tuple(ships[group])))
    return tuple(groups)


def _ships(r: Resolver) -> Mapping[str, list[records.ShipClass]]:
    """Ship classes of each group of berths."""
    classes = r.table("ship_classes", r.park.ship_classes, "ship_class", name="parameter")
    of_ships = [row for row in r.park.berths if row.ship_class]
    table = r.table("berths", of_ships, "berth_group", "ship_class", name="parameter")
    total: dict[str, float] = defaultdict(float)
    for (group, _), values in table.items():
        total[group] += values.get("call_weight", 0.0)
    ships: dict[str, list[records.ShipClass]] = defaultdict(list)
    for (group, ship_class), values in table.items():
        owner = f"{ship_class} at {group}"
        calls = {n: r.need("berths", values, n, owner) for n in BerthRow.of_ships}
        calls["call_share"] = calls.pop("call_weight") / (total[group] or 1.0)
        needs = classes.get((ship_class,), {})
        loads = {n: r.need("ship_classes", needs, n, ship_class) for n in _OF_CLASS}
        ships[group].append(records.ShipClass(ship_class, **calls, **loads))
    return ships


def handling_loads(r: Resolver, throughput: float) -> dict[tuple[str, str], records.Load]:
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
    throughput
        Containers handled in the year [TEU/a].

    Returns
    -------
    dict
        Loads [MWh/a] by name and zone.
    """
    key = ("load", "zone", "sector", "profile")
    found = {}
    for (load, zone, sector, profile), values in r.table(
        "handling", r.park.handling, *key, name="parameter"
    ).items():
        moves = r.need("handling", values, "moves_per_teu", load)
        use = r.need("handling", values, "energy_use", load)
        returned = 0.0
        if values.keys() & {"recoverable_share", "regenerative_share"}:
            returned = r.need("handling", values, "recoverable_share", load)
            returned *= r.need("handling", values, "regenerative_share", load)
        energy = throughput * moves * use * (1.0 - returned)
        found[load, zone] = records.Load(
            *(load, zone, sector, "electricity", profile, energy),
            rows=(("handling", load, zone),),
        )
    return found


def fleet_service(
    r: Resolver, fleet: str, values: Mapping[str, float], throughput: float
) -> float:
    """Service of a fleet [km/a or h/a]: as given, or by the TEU of the terminal.

    Parameters
    ----------
    r
        Resolver of the year; it collects the faults.
    fleet
        Name of the fleet.
    values
        Its numbers in ``fleets.csv``.
    throughput
        Containers handled in the year [TEU/a].
    """
    if "service_per_teu" not in values:
        return r.need("fleets", values, "service", fleet)
    return throughput * values["service_per_teu"]
