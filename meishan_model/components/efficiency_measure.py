"""Efficiency measures: what saves part of a load competes with supply hour by hour."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.series import FloatArray
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.records import Load, SliceInputs
from meishan_model.sheets.views import View


def _shape(inputs: SliceInputs, profiles: Profiles, load: Load) -> FloatArray:
    """Shape of what a measure saves, mean 1: that of its load, or of the whole heat duty.

    The equipment of a heat duty follows the sum of its loads; what saves heat unburdens all of
    it in the same proportion.
    """
    if inputs.bus_of(load.zone, load.carrier):
        return profiles.shapes[load.profile]
    duty = [m for m in inputs.loads if (m.zone, m.carrier) == (load.zone, load.carrier)]
    total = sum(m.energy for m in duty)
    parts = [profiles.shapes[m.profile] * (m.energy / total) for m in duty]
    return np.asarray(np.sum(parts, axis=0))


class EfficiencyMeasure(Component):
    """A source with the shape of the load that it saves; a unit is one MW of mean saving."""

    name = "efficiency_measure"
    side = "supply"
    conflict = "a measure saves its share of a load and no more"

    def views(self, inputs: SliceInputs) -> Iterator[tuple[str, View]]:
        """Every measure."""
        for measure in inputs.measures:
            yield measure.measure, View("efficiency measures", family="saving")

    def nodes(self, s: Slice) -> Nodes:
        """What earlier slices carried out, and what may be carried out."""
        carriers = {(load.load, load.zone): load for load in s.inputs.loads}
        for measure in s.inputs.measures:
            asset = s.assets.named(measure.asset)
            load = carriers.get((measure.load, measure.zone))
            if asset is None or load is None:
                continue
            network = s.inputs.bus_of(load.zone, load.carrier)
            bus = s.buses.get(network or f"{load.zone}_{load.carrier}")
            if bus is None:
                continue  # a heat duty that needs nothing in these hours
            # What earlier slices carried out saves on; today's stock of measures is in the loads.
            for stage, words in asset.stages():
                yield s.registry.source(
                    (measure.measure, measure.zone, measure.load, *words),
                    bus,
                    Coordinates(
                        *("saving", measure.measure, load.zone, asset.name),
                        sector=load.sector,
                        customer=load.load,
                        stage=stage,
                    ),
                    # A duty is counted by its fuel, of which boilers burn less by themselves.
                    final_energy=-1 if network else 0,
                    decides=asset,
                    fix=_shape(s.inputs, s.profiles, load),
                )
