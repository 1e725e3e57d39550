"""Events that a virtual power plant is called for, from ``events.csv``."""

from __future__ import annotations

from dataclasses import dataclass

from meishan_model.sheets.park import Park
from meishan_model.sheets.units import in_project_unit


@dataclass(frozen=True)
class Event:
    """A call on the park to draw less from the grid above.

    Attributes
    ----------
    event
        Name.
    power, reduction
        What is asked for [MW], or which share of what the park would draw [-]; one of them.
    start_hour, duration
        Hour of the day at which it begins, and its length [h].
    payment
        What the caller pays for a MWh [CNY/MWh].
    """

    event: str
    power: float | None
    reduction: float | None
    start_hour: int
    duration: int
    payment: float


def events(park: Park) -> tuple[Event, ...]:
    """All events of a park, in the order of the sheet."""
    rows: dict[str, dict[str, float]] = {}
    for row in park.events:
        rows.setdefault(row.event, {})[row.parameter] = in_project_unit(row.value, row.unit)
    return tuple(
        Event(
            event=name,
            power=values.get("power"),
            reduction=values.get("reduction"),
            start_hour=int(values["start_hour"]),
            duration=int(values["duration"]),
            payment=values["payment"],
        )
        for name, values in rows.items()
    )
