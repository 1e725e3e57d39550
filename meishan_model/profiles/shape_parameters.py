"""Numbers behind the load shapes, from the sheet ``profiles.csv`` of a park.

Columns ``profile, parameter, start_hour, end_hour, value, unit, source, confidence, note``. A row
without hours is a number; rows with hours are the blocks of a daily course, which they cover from
0 to 24 without gap or overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.profiles.numerics import FloatArray

COLUMNS = ["profile", "parameter", "start_hour", "end_hour", "value"]


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
    """Read and check ``profiles.csv``; see `shape_parameters_from_table`."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError([Fault(file=str(path), message=f"cannot be read: {error}")]) from error
    return shape_parameters_from_table(table, str(path))


def shape_parameters_from_table(table: pd.DataFrame, file: str) -> ShapeParameters:
    """Check the rows of ``profiles.csv`` and make `ShapeParameters` of them.

    Raises
    ------
    InputError
        With every fault: not a number, doubled rows, hours covered twice or not at all.
    """
    absent = set(COLUMNS) - set(table.columns)
    if absent:
        raise InputError([Fault(file=file, row=1, message=f"columns missing: {sorted(absent)}")])
    faults: list[Fault] = []
    numbers: dict[tuple[str, str], float] = {}
    courses: dict[tuple[str, str], FloatArray] = {}
    cells = table[COLUMNS].fillna("").astype(str)
    for row, (profile, parameter, start, end, value) in enumerate(
        cells.itertuples(index=False, name=None), start=2
    ):
        key = (profile, parameter)
        try:
            number = float(value)
            hours = range(int(float(start)), int(float(end))) if start or end else None
        except ValueError:
            faults.append(Fault(file=file, row=row, message="value or hours are not numbers"))
            continue
        if not np.isfinite(number):
            faults.append(
                Fault(file=file, row=row, column="value", value=value, message="no number")
            )
        elif hours is None:
            if key in numbers:
                faults.append(Fault(file=file, row=row, value=parameter, message="stands twice"))
            numbers[key] = number
        elif not hours or hours.start < 0 or hours.stop > 24:
            faults.append(Fault(file=file, row=row, message="hours must rise within 0 to 24"))
        else:
            course = courses.setdefault(key, np.full(24, np.nan))
            if np.isfinite(course[hours.start : hours.stop]).any():
                faults.append(Fault(file=file, row=row, message="hours are covered twice"))
            course[hours.start : hours.stop] = number
    faults += [
        Fault(file=file, value="/".join(key), message="hours 0 to 24 are not all covered")
        for key, course in courses.items()
        if np.isnan(course).any()
    ]
    if faults:
        raise InputError(faults)
    return ShapeParameters(file=file, numbers=numbers, courses=courses)
