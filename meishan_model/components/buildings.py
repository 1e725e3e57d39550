"""Heat of buildings and industry, a duty for each zone and each temperature of ``heats.csv``.

Gas boilers, burners and electric heaters serve any of them, a heat pump those within its reach.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
from oemof import solph
from oemof.network import Node

from meishan_model.components.assets import Assets
from meishan_model.components.duty import Duty, duty_nodes, equipment, split
from meishan_model.components.flows import Registry
from meishan_model.series.build import Profiles
from meishan_model.sheets.buses import bus_of_zone
from meishan_model.sheets.records import Load, SliceInputs, Technology


def heat_nodes(
    registry: Registry,
    inputs: SliceInputs,
    profiles: Profiles,
    assets: Assets,
    buses: dict[str, solph.Bus],
) -> Iterator[Node]:
    """Heat duties with their equipment; the buses of the duties are added to ``buses``.

    Parameters
    ----------
    registry, inputs, profiles, assets
        Registry, inputs, series and assets of the slice.
    buses
        Electricity and fuel buses by label.
    """
    lost = inputs.parameters["value_of_lost_load"]
    wholes = heat_duties(inputs.loads, profiles)
    for duty in (d for w in wholes for d in split(w, inputs.mix.get(w.name, {}))):
        bus = buses[duty.name] = registry.bus(duty.name, *duty.rows)
        yield from duty_nodes(registry, duty, bus, lost, mwh_per_unit=1.0)
        for technology in inputs.part("boiler", "heat_pump"):
            asset = assets.get(technology.technology, duty.zone)
            if technology.carrier_out != duty.carrier or asset is None:
                continue
            if not duty.open_to(technology.technology):
                continue
            electric = technology.carrier_in == "electricity"
            fuel = bus_of_zone(duty.zone) if electric else technology.carrier_in
            yield from equipment(
                registry,
                duty,
                bus,
                asset,
                fuel=buses[fuel],
                fuel_carrier=technology.carrier_in,
                efficiency=_efficiency(technology, profiles),
                variable_om=technology.cost.variable_om if technology.cost else 0.0,
            )


def heat_duties(loads: tuple[Load, ...], profiles: Profiles) -> Iterator[Duty]:
    """One duty for each zone and kind of heat, the sum of its loads.

    A unit of capacity is one MW of heat at the peak of the duty.
    """
    grouped: Mapping[tuple[str, str], list[Load]] = defaultdict(list)
    for load in loads:
        if load.carrier != "electricity":
            grouped[load.zone, load.carrier].append(load)
    for (zone, carrier), members in grouped.items():
        demand = np.sum([profiles.load(m.profile, m.energy) for m in members], axis=0)
        if demand.max() <= 0:
            continue  # the weeks of a trial may need no heat
        yield Duty(
            name=f"{zone}_{carrier}",
            carrier=carrier,
            zone=zone,
            sector=members[0].sector,
            unit="MW",
            unit_profile=demand / demand.max(),
            demand=demand,
            rows=tuple(dict.fromkeys(row for m in members for row in m.rows)),
        )


def _efficiency(technology: Technology, profiles: Profiles) -> float | np.ndarray:
    if technology.part == "heat_pump":
        return profiles.cop[technology.technology]
    return technology.efficiency
