r"""Loads that can wait: reefers that warm slowly, vehicles that stand at their charger.

A flexible load is a store beside the load, empty at the start as at the end. Taking out power is
load that is put off, putting it in is load that is made up for:

.. math::

    E(t) &= E(t-1) + \eta \, P_{up}(t) - P_{down}(t) \\
    P_{down}(t) &\le a(t) \, P, \quad P_{up}(t) \le P, \quad 0 \le E(t) \le h \, P

with the power :math:`P` that takes part [MW], its availability :math:`a(t)` (the shape of the
load), the duration :math:`h` [h] and the recovery efficiency :math:`\eta`. Participants are paid
for what they put off [CNY/MWh].
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from oemof import solph

from meishan_model.graph.book import Book, Charge, Kind
from meishan_model.graph.grid import bus_of_zone
from meishan_model.inputs.records import SliceInputs
from meishan_model.profiles.build import Profiles


def flexibility_nodes(
    book: Book, inputs: SliceInputs, profiles: Profiles, buses: dict[str, solph.Bus]
) -> Iterator[solph.components.GenericStorage]:
    """Every flexible load that ``assets.csv`` gives a power.

    Parameters
    ----------
    book, inputs, profiles
        Book, inputs and series of the slice.
    buses
        Electricity buses by label.
    """
    flexible = {t.technology: t for t in inputs.part("flexible_load")}
    for limit in inputs.assets:
        technology = flexible.get(limit.technology)
        if technology is None or not limit.potential:
            continue
        values, power = technology.parameters, limit.potential
        label = f"{limit.technology}_{limit.zone}"
        bus = buses[bus_of_zone(limit.zone)]
        kind = Kind("electricity", limit.technology, zone=limit.zone)
        shape = profiles.shapes[technology.profile or "flat"]
        yield solph.components.GenericStorage(
            label=label,
            inputs={bus: book.flow(bus.label, label, kind, nominal_capacity=power)},
            outputs={
                bus: book.flow(
                    label,
                    bus.label,
                    kind,
                    charges=(Charge("flexibility", limit.technology, values["payment"]),),
                    nominal_capacity=power,
                    maximum=np.minimum(shape, 1.0),
                )
            },
            nominal_capacity=power * values["duration"],
            inflow_conversion_factor=values["recovery_efficiency"],
            balanced=True,
        )
