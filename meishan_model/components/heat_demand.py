"""Heat of buildings and industry, a duty for each zone and each temperature of ``heats.csv``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.duty import Duty, duty_nodes
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.records import Load, SliceInputs


class HeatDemand(Component):
    """Heat that equipment bound to its own building or plant delivers."""

    name = "heat_demand"
    side = "demand"
    conflict = "the equipment of a duty delivers just the heat that is needed in each hour"

    def nodes(self, s: Slice) -> Nodes:
        """Every heat duty that needs anything in the hours of the slice."""
        for duty in heat_duties(s.inputs, s.profiles):
            yield from duty_nodes(s, duty, s.inputs.mix.get(duty.name, {}))


def heat_duties(inputs: SliceInputs, profiles: Profiles) -> Iterator[Duty]:
    """One duty for each zone and kind of heat that has no network there, the sum of its loads.

    A unit of capacity is one MW of heat at the peak of the duty.
    """
    grouped: Mapping[tuple[str, str], list[Load]] = defaultdict(list)
    for load in inputs.loads:
        if not inputs.bus_of(load.zone, load.carrier):
            grouped[load.zone, load.carrier].append(load)
    for (zone, carrier), members in grouped.items():
        demand = np.sum([profiles.load(m.profile, m.energy) for m in members], axis=0)
        if demand.max() <= 0:
            continue  # the weeks of a trial may need no heat
        yield Duty(
            words=(zone, carrier),
            carrier=carrier,
            zone=zone,
            sector=members[0].sector,
            unit="MW",
            unit_profile=demand / demand.max(),
            demand=demand,
            rows=tuple(dict.fromkeys(row for m in members for row in m.rows)),
        )
