"""Efficiency measures: what saves part of a load competes with supply hour by hour."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from oemof import solph

from meishan_model.components.assets import Assets
from meishan_model.components.coordinates import Coordinates, Stage
from meishan_model.components.flows import Registry
from meishan_model.series.build import Profiles
from meishan_model.sheets.buses import bus_of_zone
from meishan_model.sheets.records import Load, Measure, SliceInputs


def _shape(inputs: SliceInputs, profiles: Profiles, load: Load) -> NDArray[np.float64]:
    """Shape of what a measure saves, mean 1: that of its load, or of the whole heat duty.

    The equipment of a heat duty follows the sum of its loads; what saves heat unburdens all of
    it in the same proportion.
    """
    if load.carrier == "electricity":
        return profiles.shapes[load.profile]
    duty = [m for m in inputs.loads if (m.zone, m.carrier) == (load.zone, load.carrier)]
    total = sum(m.energy for m in duty)
    parts = [profiles.shapes[m.profile] * (m.energy / total) for m in duty]
    return np.asarray(np.sum(parts, axis=0))


def measure_asset(measure: Measure) -> str:
    """Name of the asset of a measure; one measure may serve several loads of a zone."""
    return f"{measure.measure}_{measure.zone}_{measure.load}"


def measure_nodes(
    registry: Registry,
    inputs: SliceInputs,
    profiles: Profiles,
    assets: Assets,
    buses: dict[str, solph.Bus],
) -> Iterator[solph.components.Source]:
    """A source with the shape of the load it saves; a unit is one MW of mean saving.

    Parameters
    ----------
    registry, inputs, profiles, assets
        Registry, inputs, series and assets of the slice.
    buses
        Electricity and heat buses by label.
    """
    carriers = {(load.load, load.zone): load for load in inputs.loads}
    for measure in inputs.measures:
        asset = assets.named(measure_asset(measure))
        load = carriers.get((measure.load, measure.zone))
        if asset is None or load is None:
            continue
        electric = load.carrier == "electricity"
        bus = buses.get(bus_of_zone(load.zone) if electric else f"{load.zone}_{load.carrier}")
        if bus is None:
            continue  # a heat duty that needs nothing in these hours
        # What earlier slices carried out saves on; today's stock of measures is in the loads.
        stages: tuple[tuple[Stage, str, float], ...] = (
            ("in_use", "_stock", asset.owned),
            ("new", "", asset.upper),
        )
        for stage, suffix, most in stages:
            if most > 0:
                yield registry.source(
                    asset.asset + suffix,
                    bus,
                    Coordinates(
                        *("saving", load.carrier, measure.measure, load.zone, asset.asset),
                        sector=load.sector,
                        customer=load.load,
                        stage=stage,
                    ),
                    # Heat is counted by its fuel, of which the boilers burn less by themselves.
                    saves=(load.sector, load.carrier) if electric else None,
                    decides=asset,
                    fix=_shape(inputs, profiles, load),
                )
