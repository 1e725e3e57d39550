"""Numbers and daily courses behind the load shapes, from the rows of ``profiles.csv``.

A row without hours is a number; rows with hours are the blocks of a daily course, which they cover
from 0 to 24 without gap or overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from meishan_model.errors import Fault, InputError
from meishan_model.series.numerics import FloatArray
from meishan_model.sheets.park import Park


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


def shape_parameters(park: Park) -> ShapeParameters:
    """Numbers and courses of a park's load shapes, those of the package among them."""
    courses: dict[tuple[str, str], FloatArray] = {}
    for row in park.profiles:
        if row.start_hour is not None:
            course = courses.setdefault((row.profile, row.parameter), np.full(24, np.nan))
            course[row.start_hour : row.end_hour] = row.value
    numbers = {(r.profile, r.parameter): r.value for r in park.profiles if r.start_hour is None}
    return ShapeParameters(file=park.path("profiles"), numbers=numbers, courses=courses)
