"""Answer the events of events.csv with the flexible resources of a slice, in a few weeks.

Values by the year are duals of the size of a resource in the slice's optimum; values in an event
are the cost of the event without its answer less the cost with it. An event is one call;
capacities and the billed demand of the month stay as they are.

How an event is answered is the matter of :mod:`meishan_model.planning.event`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.planning.backcast import stored_task
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.records import Event
from meishan_model.sheets.resolve import events
from meishan_model.studies.study import Row, Study, Variant

# `meishan check` asks every study for its tables: the solvers are imported by what solves.
if TYPE_CHECKING:
    from meishan_model.planning.aggregator import Aggregator

SMALL = 1e-3
"""Answer [MW] that is shown, and shed energy [MWh] that is a finding."""
EVENTS = (
    *("event", "begins", "duration [h]", "asked [MWh]", "answered [MWh]", "resources [MWh]"),
    *("shed [MWh]", "rebound [MWh]", "highest rebound [MW]", "cost [CNY]", "cost [CNY/MWh]"),
    *("payment [CNY/MWh]", "margin [CNY]"),
)
ANSWERS = (
    *("event", "resource", "technology", "zone", "answer [MW]", "answer [MWh]"),
    *("payment [CNY]", "value [CNY/kW]"),
)
RESOURCES = (
    *("resource", "technology", "zone", "power [MW]", "energy [MWh]", "only when called"),
    "value [CNY/(kW*a)]",
)
"""Columns of the three tables on disk."""


@dataclass(kw_only=True)
class VirtualPowerPlant(Study[Event]):
    """A slice that answers each event."""

    default_hours = 336
    parts = ("_events", "_answers", "_resources")

    year: Annotated[int, "Slice whose resources answer."]

    def variants(self) -> Sequence[Variant[Event]]:
        """All events of the park."""
        calls = events(self.project.park)
        if not calls:
            file = self.project.park.path("events")
            raise InputError([Fault(file, "has no event", remedy="add the rows of one")])
        return [Variant({"event": call.event}, f"the event {call.event}", call) for call in calls]

    @property
    def inputs_sha256(self) -> str:
        """Hash of the slice and the events."""
        return fingerprint([super().inputs_sha256, self.project.park.events])

    @cached_property
    def plant(self) -> Aggregator:
        """The slice with all members, and its optimum in which nobody calls."""
        from meishan_model.planning.aggregator import aggregate, resting, with_resting

        inputs = self.project.slices[self.slice_year]
        task = stored_task(self.project, self.slice_year, with_resting(inputs))
        return aggregate(task, resting(inputs))

    def measure(self, given: Event) -> Iterator[Row]:
        """A row for each member."""
        from meishan_model.planning.event import answers

        return answers(self.plant, given)

    def table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The events."""
        return rows[[*EVENTS]].drop_duplicates(ignore_index=True)

    def files(self, rows: pd.DataFrame) -> Sequence[pd.DataFrame]:
        """Events, answers, and the resources in an ordinary year."""
        return self.table(rows), rows[[*ANSWERS]], rows[[*RESOURCES]].drop_duplicates()

    def shown(self, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
        """The same without what is only of use in a sheet."""
        called, gave, stands = self.files(rows)
        small = ["duration [h]", "resources [MWh]", "shed [MWh]", "highest rebound [MW]"]
        answered = gave[gave["answer [MW]"].abs() > SMALL]
        return {
            self.title: called.drop(columns=[*small, "cost [CNY]", "margin [CNY]"]),
            "Who answers": answered[["event", "resource", "answer [MW]", "value [CNY/kW]"]],
            "What resources are worth in an ordinary year": stands.drop(
                columns=["technology", "zone"]
            ),
        }

    def findings(self, rows: pd.DataFrame) -> Sequence[str]:
        """Events in which demand is shed."""
        shed = self.table(rows).set_index("event")["shed [MWh]"]
        return [
            f"{energy:.2f} MWh are shed in the event {event}"
            for event, energy in shed[shed > SMALL].items()
        ]


STUDY = VirtualPowerPlant
