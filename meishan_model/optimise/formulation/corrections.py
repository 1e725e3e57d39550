"""Where the installed oemof.solph is not what it says, and what is right.

By default the engine states what solph states. Each correction is made if asked for by name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, TypeAlias, get_args

from oemof import solph

from ..errors import ModelError
from .elements import stated_as
from .offset_converter import gives_without_taking

Correction: TypeAlias = Literal[
    "initial_status", "late_start", "full_load_time", "gradient", "free_output", "offset_frame"
]
CORRECTIONS: Mapping[Correction, tuple[str, str]] = {
    "initial_status": (
        "`initial_status` of a flow without minimum times is only what the first step is compared "
        "with; with an investment it is so with minimum times too",
        "a flow has its initial status, which is off unless it is given, in the first step at "
        "least",
    ),
    "late_start": (
        "no flow starts that could not be on for its `minimum_uptime` before the last step ends, "
        "though one may stop at any time",
        "a minimum time may reach beyond the last step",
    ),
    "full_load_time": (
        "`full_load_time_max` and `full_load_time_min` of a flow with `nonconvex` and an "
        "investment limit nothing",
        "they limit its energy by the capacity that is built; of aggregated time series each step "
        "counts as often as it occurs",
    ),
    "gradient": (
        "gradient limits of `NonConvex` are products of flow and status without a limit, which no "
        "solver of linear problems takes, and those of a flow with an investment have no "
        "capacity: both are refused; a flow whose least load is above its limit never starts",
        "they are shares of the capacity that stands or is built; being off is a load of zero; a "
        "start reaches the least load, and a stop leaves from it, in one step",
    ),
    "free_output": (
        "an `OffsetConverter` may be on, take nothing and give its offset",
        "such a converter is refused by name",
    ),
    "offset_frame": (
        "the frame `investment_costs` has the `offset` of an investment also where it is not "
        "made; the objective has not",
        "it is there only where the investment is made",
    ),
}
"""What solph does, and what is done instead, by the name of the correction."""


def check_corrections(
    energy_system: solph.EnergySystem, corrections: Collection[str], backend: str
) -> None:
    """Raise an error where corrections cannot be made.

    Parameters
    ----------
    energy_system
        The energy system.
    corrections
        Names out of :data:`CORRECTIONS`.
    backend
        Which backend is to make them.

    Raises
    ------
    ModelError
        If there is no such correction, the backend is another one than linopy, or an offset
        converter gives without taking.
    """
    if isinstance(corrections, str):
        raise ModelError(f"corrections are several names; give [{corrections!r}]")
    unknown = sorted(set(corrections) - set(CORRECTIONS))
    if unknown:
        known = ", ".join(get_args(Correction))
        raise ModelError(f"there is no correction {', '.join(unknown)}; {known} are known")
    if corrections and backend != "linopy":
        raise ModelError("corrections are made by the backend linopy; pyomo is solph as it is")
    if "free_output" in corrections:
        steps = len(energy_system.timeincrement)
        free = [
            str(node.label)
            for node in energy_system.nodes
            if stated_as(node) is solph.components.OffsetConverter
            and gives_without_taking(node, steps)
        ]
        if free:
            raise ModelError(
                f"{', '.join(free)}: may be on, take nothing and give something; give the flow of "
                "reference a minimum at which something is taken"
            )
