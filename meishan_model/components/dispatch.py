r"""Equipment that runs on networks hour by hour: its capacity and the limits of its operation.

With the capacity :math:`C` [unit of the main output], which stands or is built, the main output
:math:`P(t)` keeps to

.. math::

    0 \le P(t) &\le C \\
    P(t) - P(t-1) &\le g_+ C, \qquad P(t-1) - P(t) \le g_- C

with ``ramp_up`` :math:`g_+` and ``ramp_down`` :math:`g_-`. Whatever else the equipment takes or
gives follows the main output, :math:`P_i(t) = a_i(t) P(t)`. Where the scenario has ``commitment:
binary``, equipment with a ``minimum_load`` :math:`f_{min}` is on or off, :math:`Y(t)` one or zero,

.. math::

    f_{min} \, C \, Y(t) \le P(t) &\le C \, Y(t) \\
    P_{in}(t) &= m \, P(t) + y_0 \, C \, Y(t)

The second line is a part load whose efficiency at minimum load is :math:`\epsilon` times that at
full load, :math:`m + y_0 = a_{in}` and :math:`m f_{min} + y_0 = a_{in} f_{min} / \epsilon`. Each
start costs ``startup_cost``, and lasts for ``minimum_up_time``, each stop for
``minimum_down_time``. A start reaches the minimum load and a stop leaves from it whatever the
ramps. An asset is one unit: its stock is on or off as a whole, and so is its new build.

G. Morales-España, J. M. Latorre, A. Ramos, Tight and compact MILP formulation for the thermal unit
commitment problem, IEEE Transactions on Power Systems 28, 2013; classes ``Flow``, ``NonConvex``
and ``OffsetConverter`` of oemof.solph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from meishan_model.components.assets import Asset
from meishan_model.components.base import Nodes, Slice
from meishan_model.components.coordinates import Coordinates, Status
from meishan_model.components.flows import Charge, Series, coordinates_of, row_of, variable_om
from meishan_model.errors import Fault, InputError
from meishan_model.series import FloatArray
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.rows import Quantity, Refers

_RAMPS = "steam plants 20, engines 100"
_TIMES = "boilers and turbines some hours"
LIMITS: Mapping[str, Quantity] = {
    "ramp_up": Quantity("%/h", 0.1, 100, (5, 100), _RAMPS),
    "ramp_down": Quantity("%/h", 0.1, 100, (5, 100), _RAMPS),
    "minimum_load": Quantity("%", 0.1, 99, (5, 90), "engines 20 to 50, furnaces more"),
    "startup_cost": Quantity("CNY", 0, 1e8, (1, 1e6), "fuel and wear of one start"),
    "minimum_up_time": Quantity("h", 1, 168, (1, 72), _TIMES, whole=True),
    "minimum_down_time": Quantity("h", 1, 168, (1, 72), _TIMES, whole=True),
}
"""Limits of operation that a technology may have."""
PART_LOAD = "efficiency_at_minimum_load"
RESTS_ON = dict.fromkeys(
    ("startup_cost", "minimum_up_time", "minimum_down_time", PART_LOAD), "minimum_load"
)
"""Those that say nothing of equipment without a minimum load."""
CARRIERS = {
    "carrier_in": Refers("carrier that is taken", "buses.csv or prices.csv", is_needed=True),
    "carrier_out": Refers("carrier of a bus", "buses.csv", is_needed=True),
}
"""What the carriers of equipment on networks name."""


def is_committed(inputs: SliceInputs, technology: Technology) -> bool:
    """Whether it is decided in each hour that a technology is on or off."""
    return inputs.scenario.commitment == "binary" and "minimum_load" in technology.parameters


class Part(NamedTuple):
    """What of an asset is a node of its own.

    Attributes
    ----------
    label
        Of the node.
    given
        Coordinates of its flows.
    size
        What sizes the flow that has the capacity, as :meth:`.Registry.flow` takes it.
    """

    label: str
    given: Coordinates
    size: Mapping[str, Any]


def parts(s: Slice, technology: Technology, asset: Asset) -> Iterator[Part]:
    """The nodes of an asset: stock and new build in one, and the bridge.

    Stock and new build that are on or off are apart, since a status is that of one of them.
    """
    apart = is_committed(s.inputs, technology)
    stages = [stage for stage in asset.stages() if apart or stage[0] == "bridge"]
    if not apart and asset.owned + asset.upper > 0:
        stages.insert(0, ("", ()))
    for stage, words in stages:
        label = s.registry.node((asset.technology, asset.zone, *words), row_of(asset))
        standing = stage == "in_use"
        size = {"nominal_capacity": asset.owned} if standing else {"decides": asset}
        yield Part(label, coordinates_of(asset, "conversion", stage=stage), size)


def limits(s: Slice, technology: Technology, per_output: float = 1.0) -> dict[str, Any]:
    """What holds a flow to the limits of operation, as :meth:`.Registry.flow` takes it.

    Parameters
    ----------
    s, technology
        The slice and the equipment.
    per_output
        What the flow is at most for each unit of the capacity.
    """
    given, scenario = technology.parameters, s.inputs.scenario
    if scenario.backend == "pyomo" and {"ramp_up", "ramp_down"} & given.keys():
        message = f"solph states no ramps of what may be built, such as {technology.technology}"
        place = f"{scenario.name}.yaml"
        raise InputError([Fault(place, message, None, "backend", "pyomo", "take linopy")])
    found: dict[str, Any] = {} if per_output == 1.0 else {"maximum": per_output}
    for ramp, name in (("ramp_up", "positive"), ("ramp_down", "negative")):
        if ramp in given:
            # solph's limit is one from step to step.
            found[f"{name}_gradient_limit"] = given[ramp] * s.profiles.step * per_output
    if is_committed(s.inputs, technology):
        found["minimum"] = given["minimum_load"] * per_output
        price = given.get("startup_cost", 0.0)
        start = Charge("variable", technology.technology, price) if price else None
        up, down = (
            round(given.get(f"minimum_{name}_time", 0.0) / s.profiles.step)
            for name in ("up", "down")
        )
        found["status"] = Status(start, up, down)
    return found


def efficiency_of(s: Slice, technology: Technology) -> Series:
    """Output per unit of what is taken; of a heat pump that of each step."""
    if technology.kind.efficiency == "lift":
        return s.profiles.cop[technology.technology]
    return technology.efficiency


def amounts(s: Slice, technology: Technology) -> dict[tuple[str, str], Series]:
    """What is taken and given beside the main output, for one unit of it.

    By carrier and way; what is taken at the efficiency stands among it.
    """
    found: dict[tuple[str, str], Series] = {}
    if technology.kind.efficiency == "lift" or technology.reads_efficiency:
        found[technology.carrier_in, "in"] = 1.0 / efficiency_of(s, technology)
    for c in technology.conversions:
        course = s.profiles.shapes[c.profile] if c.profile else 1.0
        found[c.carrier, c.way] = c.amount * course
    return found


def converters(s: Slice, technology: Technology, asset: Asset) -> Nodes:
    """A converter for each part of an asset, with all that it takes and gives."""
    from oemof import solph

    main = s.bus_of(technology.carrier_out, asset.zone)
    beside = amounts(s, technology)
    part_load = is_committed(s.inputs, technology) and PART_LOAD in technology.parameters
    for part in parts(s, technology, asset):
        ends: dict[str, dict[solph.Bus, solph.Flow]] = {"in": {}, "out": {}}
        held = {"charges": variable_om(technology), **limits(s, technology), **part.size}
        ends["out"][main] = s.registry.flow(part.label, main, part.given, **held)
        factors: dict[solph.Bus, Series] = {}
        offsets: dict[solph.Bus, Series] = {}
        for (carrier, way), amount in beside.items():
            bus = s.bus_of(carrier, asset.zone)
            source, target = (bus, part.label) if way == "in" else (part.label, bus)
            ends[way][bus] = s.registry.flow(source, target, part.given)
            factors[bus] = amount
            if part_load and carrier == technology.carrier_in:
                factors[bus], offsets[bus] = _part_load(technology, amount)
        nodes = {"label": part.label, "inputs": ends["in"], "outputs": ends["out"]}
        if part_load:
            yield solph.components.OffsetConverter(
                **nodes, conversion_factors=factors, normed_offsets=offsets
            )
        else:
            yield solph.components.Converter(**nodes, conversion_factors={main: 1.0, **factors})


def _part_load(technology: Technology, full: Series) -> tuple[Series, Series]:
    """Slope and offset of what is taken, which at full load is ``full`` of the output."""
    least = technology.parameters["minimum_load"]
    at_least = np.asarray(full) / technology.parameters[PART_LOAD]
    slope: FloatArray = (full - least * at_least) / (1.0 - least)
    return slope, full - slope
