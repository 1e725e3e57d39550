"""Numbers behind the load shapes, from the sheet ``profiles.csv`` of a park.

Columns ``profile, parameter, start_hour, end_hour, value, unit, source, confidence, note``. A row
without hours is a number; rows with hours are the blocks of a daily course, which they cover from
0 to 24 without gap or overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import BeforeValidator, Field

from meishan_model.errors import Fault, InputError
from meishan_model.series.numerics import FloatArray
from meishan_model.sheets.park_folder import read_rows
from meishan_model.sheets.rows import Name, Quantity, ValueRow

Hour = Annotated[
    Annotated[int, Field(ge=0, le=24)] | None,
    BeforeValidator(lambda text: None if text == "" else text),
]


class ShapeRow(ValueRow):
    """``profiles.csv``: a number of a load shape, or a block of its daily course."""

    quantities: ClassVar = {
        "working_day": Quantity("1"),
        "day_off": Quantity("1"),
        "shifts": Quantity("1", 1, 3),
        "shift_start": Quantity("h", 0, 23),
        "shift_hours": Quantity("h", 1, 24),
        "weekend_factor": Quantity("1", 0, 2),
        "holiday_factor": Quantity("1", 0, 2),
        "night_base": Quantity("1", 0, 1),
        "base_share": Quantity("1", 0, 1),
        "minimum": Quantity("1", 0, 1),
        "size_spread": Quantity("1", 0, 1),
        "seed": Quantity("1", 0, 2**32 - 1),
        "heating_set_point": Quantity("degC", 0, 40),
        "cooling_set_point": Quantity("degC", 0, 40),
        "internal_gains": Quantity("W/m2", 0, 500),
        "heat_loss": Quantity("W/(m2*K)", 0.05, 50),
        "hot_temperature": Quantity("degC", 30, 95),
        "reference_temperature": Quantity("degC", -30, 50),
        "slope": Quantity("1/K", 0, 1),
        "time_constant": Quantity("h", 0, 8760),
        "dwell": Quantity("h", 0, 8760),
        "season_amplitude": Quantity("1", 0, 0.9),
        "season_peak": Quantity("d", 0, 365),
        "lateness": Quantity("h", 0, 1000),
        "lamps": Quantity("1"),
        "old_lamp_power": Quantity("W"),
        "new_lamp_power": Quantity("W"),
        "first_elevation": Quantity("deg", -18, 90),
        "full_elevation": Quantity("deg", -18, 90),
    }
    profile: Name
    parameter: str
    start_hour: Hour = Field(description="hour of the day at which a block begins, 0 to 23")
    end_hour: Hour = Field(description="hour of the day at which a block ends, 1 to 24")


@dataclass(frozen=True)
class ShapeParameters:
    """Numbers and daily courses of the shapes.

    Attributes
    ----------
    file
        Sheet they come from, for messages.
    numbers
        ``(profile, parameter) -> value``.
    courses
        ``(profile, parameter) -> (24,)`` values by hour of the day.
    """

    file: str
    numbers: Mapping[tuple[str, str], float]
    courses: Mapping[tuple[str, str], FloatArray]

    def number(self, profile: str, parameter: str) -> float:
        """Look a number up; an absent one is an `InputError`, there are no defaults."""
        if (profile, parameter) not in self.numbers:
            raise InputError([self._absent(profile, parameter, "a row without hours")])
        return self.numbers[profile, parameter]

    def course(self, profile: str, parameter: str) -> FloatArray:
        """Look a daily course ``(24,)`` up; an absent one is an `InputError`."""
        if (profile, parameter) not in self.courses:
            raise InputError([self._absent(profile, parameter, "rows that cover hours 0 to 24")])
        return self.courses[profile, parameter]

    def _absent(self, profile: str, parameter: str, wanted: str) -> Fault:
        return Fault(
            file=self.file,
            column="parameter",
            value=f"{profile}/{parameter}",
            message="is needed by the load shapes and missing",
            remedy=f"add {wanted}",
        )


def read_shape_parameters(path: Path) -> ShapeParameters:
    """Read and check ``profiles.csv``.

    Raises
    ------
    InputError
        With every fault: form, types, units, ranges, doubled rows, hours covered twice or not at
        all.
    """
    rows, faults = read_rows(path, ShapeRow)
    faults += _hour_faults(path, rows)
    if faults:
        raise InputError(faults)
    courses: dict[tuple[str, str], FloatArray] = {}
    for row in rows:
        if row.start_hour is not None:
            course = courses.setdefault((row.profile, row.parameter), np.full(24, np.nan))
            course[row.start_hour : row.end_hour] = row.value
    numbers = {(r.profile, r.parameter): r.value for r in rows if r.start_hour is None}
    return ShapeParameters(file=str(path), numbers=numbers, courses=courses)


def _hour_faults(path: Path, rows: Sequence[ShapeRow]) -> Iterator[Fault]:
    """Blocks that do not rise, overlap, or leave hours of the day open."""
    file = str(path)
    covered: dict[tuple[str, str], dict[int, int]] = {}
    for row in rows:
        start, end = row.start_hour, row.end_hour
        if start is None and end is None:
            continue
        if start is None or end is None or start >= end:
            value = "" if end is None else str(end)
            remedy = "give both hours of a block, the end after the start, or neither"
            yield Fault(file, "hours do not rise", row.line, "end_hour", value, remedy)
            continue
        hours = covered.setdefault((row.profile, row.parameter), {})
        twice = next((hour for hour in range(start, end) if hour in hours), None)
        if twice is not None:
            message = f"hour {twice} is covered already by row {hours[twice]}"
            remedy = "let the blocks of a day join without overlap"
            yield Fault(file, message, row.line, "start_hour", str(start), remedy)
        hours |= dict.fromkeys(range(start, end), row.line)
    for (profile, parameter), hours in covered.items():
        if gap := sorted(set(range(24)) - hours.keys()):
            message = f"hours {gap[0]} to {gap[-1] + 1} are not all covered"
            value = f"{profile}/{parameter}"
            remedy = "add blocks for the hours that are missing"
            yield Fault(file, message, max(hours.values()), "parameter", value, remedy)
