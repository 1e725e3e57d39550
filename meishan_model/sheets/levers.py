"""The levers of a scenario: what it takes away from the inputs of a slice, or holds as it is.

Two sides can be left ``as_usual``. The supply then keeps what stands and is committed: nothing is
added and what retires is not built again, while the grid may still grow with the demand. The
demand then keeps the technology mix of the status quo: no efficiency measures, and in every duty
(the heat of a zone, a fleet) like replaces like.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from meishan_model.errors import Fault, InputError
from meishan_model.plugins import plugins
from meishan_model.sheets.equipment import AssetLimit
from meishan_model.sheets.kinds import Lever
from meishan_model.sheets.records import SliceInputs

Stock = Mapping[tuple[str, str], float]
"""What stands in the status quo, by technology and zone [unit of the technology]."""


@dataclass(frozen=True)
class _Duty:
    """A duty: where it is, who can serve it, and the equipment it needs at most [unit]."""

    name: str
    zone: str
    technologies: tuple[str, ...]
    need: float


def pull_levers(inputs: SliceInputs, status_quo: SliceInputs, stock: Stock) -> SliceInputs:
    """Apply the levers of a scenario to the inputs of one slice.

    ``export`` and ``neutrality`` act where the graph is built, ``industrial_restructuring`` where
    the loads are read; all others act here. Applied twice, a lever does no more than once.

    Parameters
    ----------
    inputs
        The slice, as its sheets have it.
    status_quo
        The last slice whose stock is given, as its sheets have it.
    stock
        What stands in the status quo, by technology and zone [unit of the technology].

    Raises
    ------
    InputError
        If demand shall stay as usual and a duty has equipment of its kind nowhere in the stock.
    """
    scenario = inputs.scenario
    offered = tuple(
        c
        for c in inputs.contracts
        if (scenario.export if c.kind.is_sold else c.kind.name in scenario.instruments)
    )
    pulled = replace(inputs, contracts=offered)
    if not scenario.rural_pv:
        pulled = replace(pulled, assets=tuple(map(_without_villages, pulled.assets)))
    if scenario.supply_side == "as_usual":
        # Nothing is added; the potential stays what nature and roofs offer.
        local = _held_by("supply", pulled)
        held = (a.but(build_rate=0.0) if a.technology in local else a for a in pulled.assets)
        pulled = replace(pulled, assets=tuple(held))
    if scenario.demand_side == "as_usual":
        pulled = _usual_demand(pulled, status_quo, stock)
    return pulled


def _without_villages(limit: AssetLimit) -> AssetLimit:
    if limit.potential is None or not limit.rural_potential:
        return limit
    return limit.but(potential=limit.potential - limit.rural_potential, rural_potential=None)


def _usual_demand(inputs: SliceInputs, status_quo: SliceInputs, stock: Stock) -> SliceInputs:
    """No measures; each duty keeps its mix, with as much of its equipment as the demand asks for.

    The limits of equipment on duty are lifted: no phase-out, no build rate, and a potential of
    at least what the duty needs.
    """
    duties = tuple(_duties(inputs, status_quo, stock))
    mix = {duty.name: _shares(duty, stock) for duty in duties}
    given = {(a.technology, a.zone): a for a in inputs.assets}
    held = []
    for duty in duties:
        for technology, share in mix[duty.name].items():
            none = AssetLimit(technology, duty.zone, {})
            own = given.get((technology, duty.zone), none)
            most = max(own.potential or 0.0, share * duty.need)
            held.append(replace(none, numbers={**own.site_costs, "potential": most}))
    on_duty = _held_by("duty", inputs)
    standing = _held_by("stock", inputs)
    others = [
        a.but(potential=stock.get((a.technology, a.zone), 0.0), build_rate=None)
        if a.technology in standing
        else a
        for a in inputs.assets
        if a.technology not in on_duty or _on_network(inputs, a)
    ]
    before = status_quo.of_plugins
    return replace(
        inputs,
        measures=(),
        mix=mix,
        assets=(*others, *held),
        technologies={
            name: replace(technology, phase_out=technology.phase_out and name not in on_duty)
            for name, technology in inputs.technologies.items()
        },
        of_plugins={
            plugin.name: plugin.as_usual(inputs.of_plugins[plugin.name], before[plugin.name])
            for plugin in plugins()
            if plugin.name in inputs.of_plugins
        },
    )


def _on_network(inputs: SliceInputs, asset: AssetLimit) -> bool:
    """Whether what an asset gives is dispatched on a network, so that no duty holds it."""
    return bool(inputs.bus_of(asset.zone, inputs.technologies[asset.technology].carrier_out))


def _held_by(lever: Lever, inputs: SliceInputs) -> set[str]:
    """Technologies that a lever holds."""
    return {t.technology for t in inputs.technologies.values() if t.kind.lever == lever}


def _duties(inputs: SliceInputs, status_quo: SliceInputs, stock: Stock) -> Iterator[_Duty]:
    for fleet in inputs.fleets:
        yield _Duty(fleet.fleet, fleet.zone, tuple(fleet.energy_use), fleet.vehicles)
    before = _heat(status_quo)
    for (zone, carrier), energy in _heat(inputs).items():
        able = tuple(
            t.technology
            for t in inputs.technologies.values()
            if t.kind.lever == "duty" and t.carrier_out == carrier
        )
        own = sum(stock.get((t, zone), 0.0) for t in able)
        if own and (zone, carrier) in before:
            need = own * _growth(before[zone, carrier], energy)
        else:
            # Equipment for each MWh as in the other zones.
            kind = [e for (_, c), e in before.items() if c == carrier]
            standing = sum(s for (t, _), s in stock.items() if t in able)
            need = sum(energy.values()) * standing / (sum(sum(e.values()) for e in kind) or 1.0)
        yield _Duty(f"{zone}_{carrier}", zone, able, need)


def _heat(inputs: SliceInputs) -> Mapping[tuple[str, str], Mapping[str, float]]:
    """Energy [MWh/a] of each heat duty (zone and carrier) by the shape of its loads."""
    duties: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for load in inputs.loads:
        if not inputs.bus_of(load.zone, load.carrier):
            duties[load.zone, load.carrier][load.profile] += load.energy
    return duties


def _growth(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """How much higher the peak of a duty can be than in the status quo [-].

    A sum of shapes peaks at most as much higher as the shape that has grown most; a shape that
    the status quo does not know counts with the growth of the whole duty.
    """
    whole = sum(after.values()) / sum(before.values())
    return max(whole, *(e / before[p] for p, e in after.items() if before.get(p)))


def _shares(duty: _Duty, stock: Stock) -> Mapping[str, float]:
    """Share of each technology in a duty: that of its zone's stock, else of the whole park's."""
    own = {t: stock.get((t, duty.zone), 0.0) for t in duty.technologies}
    park = {t: sum(v for (u, _), v in stock.items() if u == t) for t in duty.technologies}
    found = own if sum(own.values()) > 0 else park
    total = sum(found.values())
    if not total > 0:
        message = f"demand_side as_usual: nothing in the stock serves {duty.name}"
        remedy = f"add stock of one of {', '.join(duty.technologies) or 'its technologies'}"
        raise InputError([Fault("existing_plants.csv", message, remedy=remedy)])
    return {technology: value / total for technology, value in found.items() if value > 0}
