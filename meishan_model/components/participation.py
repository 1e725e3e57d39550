"""Who takes part in flexibility, whose vehicles they are, and the store that each becomes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from meishan_model.components.base import Node, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge
from meishan_model.errors import Fault, InputError
from meishan_model.series import FloatArray
from meishan_model.sheets.equipment import AssetLimit, Technology
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.records import Fleet, SliceInputs
from meishan_model.sheets.rows import Quantity

PAYMENT = Quantity("CNY/MWh", 0, 1e5, (5, 10000), "markets pay 20 to 5000")
"""What those who take part are paid for what they put off."""


def resources(s: Slice, *kinds: TechnologyKind) -> Iterator[tuple[AssetLimit, Technology, float]]:
    """Rows of some kinds of flexibility, with their technology and the size that takes part.

    Parameters
    ----------
    s
        The slice.
    kinds
        The kinds.
    """
    for limit in s.inputs.assets:
        technology = s.inputs.technologies[limit.technology]
        if technology.kind in kinds and limit.potential:
            size = participants(s.inputs, limit)
            if size > 0:
                yield limit, technology, size


def flexible_store(
    s: Slice,
    limit: AssetLimit,
    size: float,
    down: FloatArray,
    up: FloatArray | None = None,
    **store: Any,
) -> Node:
    """The store beside a load: what is put off is taken out of it, and paid for.

    Parameters
    ----------
    s, limit, size
        The slice, and a row with the size that takes part, as :func:`resources` gives them.
    down, up
        The most that is put off and made up for, for each unit of the size, (steps,).
    store
        Content, losses and efficiencies, as ``GenericStorage`` takes them.
    """
    from oemof import solph

    technology = s.inputs.technologies[limit.technology]
    bus = s.bus_of(technology.carrier_in, limit.zone)
    payment = Charge("flexibility", limit.technology, technology.parameters["payment"])
    words, name = (limit.technology, limit.zone), resource_name(limit)
    label, kind = s.registry.node(words, ("assets", *words)), Coordinates("shift", *words, name)
    flow = partial(s.registry.flow, coordinates=kind, nominal_capacity=size)
    return solph.components.GenericStorage(
        label=label,
        inputs={bus: flow(bus, label, maximum=up)},
        outputs={bus: flow(label, bus, charges=(payment,), maximum=down)},
        balanced=True,
        **store,
    )


def resource_name(limit: AssetLimit) -> str:
    """Name of a flexible load, or of the batteries of vehicles in a zone."""
    return f"{limit.technology}_{limit.zone}"


def fleet_of(inputs: SliceInputs, limit: AssetLimit) -> Fleet:
    """The fleet in the zone whose vehicles the technology names as its ``model``.

    Raises
    ------
    InputError
        If the zone has no such fleet.
    """
    fleets = inputs.fleets_of(limit)
    if fleets:
        return fleets[0]
    drivetrain = inputs.technologies[limit.technology].model
    message = (
        f"{limit.technology} is of {drivetrain or 'no drivetrain'}, but no fleet has it there"
    )
    remedy = "name a drivetrain of fleets.csv as model in technologies.csv, or take another zone"
    raise InputError([Fault("assets.csv", message, None, "zone", limit.zone, remedy)])


def participants(inputs: SliceInputs, limit: AssetLimit) -> float:
    """Vehicles, or power [MW], that take part in a resource.

    Its potential; where the mix of the fleet whose drivetrain it names is held, no more than there
    is of it: its vehicles, or their mean charging.
    """
    potential, technology = limit.potential or 0.0, inputs.technologies[limit.technology]
    if not technology.model:
        return potential
    fleet, drivetrain = fleet_of(inputs, limit), technology.model
    mix = inputs.mix.get(fleet.fleet)
    if mix is None:
        return potential
    batteries = technology.unit == "vehicles"
    whole = fleet.vehicles if batteries else fleet.mean_charging(drivetrain)
    return min(potential, mix.get(drivetrain, 0.0) * whole)
