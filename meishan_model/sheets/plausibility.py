"""What in a park's sheets is possible but hardly meant, as warnings with names.

A value outside of the plausible range of its quantity (``range``), one that lies far from those of
the same thing in other years (``jump``), and a thing far from all others of its kind
(``outlier``). Most of such values are slips of a unit, by a factor of a thousand. An owner who has
looked acknowledges a warning in the row's note, ``checked: <name>: <why>``.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from meishan_model.errors import Fault, rows_text
from meishan_model.sheets.row_reader import key_columns
from meishan_model.sheets.rows import NumberRow, Quantity
from meishan_model.sheets.units import factor_of

WITHOUT_RATIO = ("degC", "deg", "d")
"""Units of numbers of which one is not so many times another."""
JUMP = 8.0
"""By how much neighbouring years of a quantity differ at most without a word."""
OUTLIER = 100.0
"""How far a thing may lie from the nearest other of its kind without a word."""
TOLD = ("name", "file", "row", "column", "value", "message", "remedy")
"""What a result keeps of a warning."""
_CHECKED = re.compile(r"checked:\s*(\w+):\s*([^;]*[^;\s])")


N = TypeVar("N", bound=NumberRow)


class Doubt(NamedTuple):
    """A warning: a fault with a name, where possible numbers are hardly meant.

    Attributes
    ----------
    fault
        What is strange, with a name.
    factor
        By how much it lies outside of what is plausible [-].
    checked
        Why the owner says that it is right; empty until he does.
    """

    fault: Fault
    factor: float = 1.0
    checked: str = ""


def row_doubts(rows: Iterable[NumberRow]) -> list[Doubt]:
    """What is hardly meant in the numbers of some sheets.

    Parameters
    ----------
    rows
        Rows that are right in themselves; rows of one file and quantity are compared with each
        other.
    """
    kinds: dict[tuple[str, str, str], dict[tuple[str, ...], list[NumberRow]]] = {}
    found: list[Doubt] = []
    for row in rows:
        found += _out_of_range(row)
        kind = type(row).__name__, row.kind_of_value, _dimension(row)
        kinds.setdefault(kind, defaultdict(list))[_thing(row)].append(row)
    for (_, _, dimension), things in kinds.items():
        if dimension in WITHOUT_RATIO:
            continue
        jumps = [jump for of_thing in things.values() for jump in _jumps(of_thing)]
        found += jumps or _outliers(things)
    return found


def doubt(
    rows: Sequence[NumberRow], name: str, message: str, factor: float, hint: str = ""
) -> Doubt:
    """A warning at the first of some rows, checked where the note of one of them says so.

    Parameters
    ----------
    rows
        The row, and others that it contradicts.
    name, message
        Name of the warning, and what is strange.
    factor
        By how much the value lies outside of what is plausible [-].
    hint
        What might be right.
    """
    remedy = f"{hint}correct value or unit, or note checked: {name}: <why>"
    why = [checks(_note(row)).get(name, "") for row in rows]
    fault = rows[0].fault("value", message, remedy)
    return Doubt(replace(fault, name=name), factor, next(filter(None, why), ""))


def checks(note: str) -> dict[str, str]:
    """Why an owner says that a warning is none, by its name, as his note says.

    >>> checks("read off the plate; checked: range: it is a supercapacitor")
    {'range': 'it is a supercapacitor'}
    """
    return dict(_CHECKED.findall(note))


def warning_attributes(doubts: Iterable[Doubt]) -> dict[str, str]:
    """Attributes of a result: the warnings that nobody has acknowledged, as JSON."""
    faults = (doubt.fault for doubt in doubts if not doubt.checked)
    told = [
        {**{name: getattr(fault, name) for name in TOLD}, "file": file_in_folder(fault.file)}
        for fault in faults
    ]
    return {"warnings": json.dumps(told, ensure_ascii=False)} if told else {}


def excess(value: float, lower: float, upper: float) -> float:
    """By which factor a value lies outside of a range [-]; 1 where no factor tells."""
    over = value / upper if upper > 0 else 1.0
    return max(over, lower / value if value > 0 else 1.0)


def places_of(rows: Iterable[NumberRow], here: str = "") -> str:
    """Files and rows as a reader would say them; without the name of the file he looks at."""
    lines: dict[str, list[int]] = {}
    for row in rows:
        lines.setdefault(row.file, []).append(row.line)
    told = (
        f"{'' if f == here else f'{file_in_folder(f)} '}{rows_text(n)}" for f, n in lines.items()
    )
    return " and ".join(told)


def row_of_year(rows: Sequence[N], year: int) -> N:
    """The row of a quantity whose year is nearest to another."""
    return min(rows, key=lambda row: abs((getattr(row, "year", None) or year) - year))


def file_in_folder(file: str) -> str:
    """Name of a sheet with that of its folder, wherever the project lies."""
    return "/".join(Path(file).parts[-2:])


def _note(row: NumberRow) -> str:
    """The note of a row; that of a cost sheet stands in its description."""
    return str(getattr(row, "note", "") or getattr(row, "further_description", ""))


def number_of(row: NumberRow) -> float:
    """The number of a row in the unit of the project."""
    return row.value * factor_of(row.unit)


def _dimension(row: NumberRow) -> str:
    """Which of the units of its quantity that are no multiples of each other the row has."""
    return re.sub(r"[kMG]W", "W", row.unit.removeprefix("million ").removeprefix("billion "))


def _thing(row: NumberRow) -> tuple[str, ...]:
    columns = key_columns(type(row))
    return tuple(str(getattr(row, column)) for column in columns if column != "year")


def _when(row: NumberRow) -> tuple[int, str]:
    return getattr(row, "year", None) or 0, row.file


def _quantity(row: NumberRow) -> Quantity:
    return row.quantities[row.kind_of_value]


def _out_of_range(row: NumberRow) -> Iterator[Doubt]:
    quantity = _quantity(row)
    unit = quantity.unit.split("|")[0]
    value = row.value * factor_of(row.unit) / factor_of(unit)
    lower, upper = quantity.likely
    if lower <= value <= upper or value == 0:
        return
    given = "" if row.given("unit") == unit else f"at {value:.4g} {unit} "
    message = (
        f"{given}lies outside of the plausible {quantity.span(lower, upper)} ({quantity.why})"
    )
    yield doubt([row], "range", message, excess(value, lower, upper), quantity.hint(value))


def _jumps(rows: list[NumberRow]) -> Iterator[Doubt]:
    """The one row of a thing without which its steps are smallest, if any step is a jump."""
    dated = sorted((r for r in rows if r.value), key=_when)
    if len(dated) < 2:
        return
    logs = np.log([abs(number_of(row)) for row in dated])
    if np.abs(np.diff(logs)).max() <= np.log(JUMP):
        return
    without = [np.abs(np.diff(np.delete(logs, n))).max(initial=0.0) for n in range(len(logs))]
    # Of two rows the later one is told, and the other named beside it.
    place = len(logs) - 1 - int(np.argmin(without[::-1]))
    others = places_of([row for row in dated if row is not dated[place]], dated[place].file)
    away = float(np.exp(np.abs(logs[place] - np.delete(logs, place)).min()))
    message = f"is {away:.3g} times more or less than the same in {others}"
    yield doubt([dated[place]], "jump", message, away)


def _outliers(things: Mapping[tuple[str, ...], list[NumberRow]]) -> Iterator[Doubt]:
    """Things that lie far from all others of their kind, where there are at least four."""
    rows = {thing: [row for row in found if row.value] for thing, found in things.items()}
    rows = {thing: found for thing, found in rows.items() if found}
    if len(rows) < 4:
        return
    logs = [[np.log(abs(number_of(row))) for row in found] for found in rows.values()]
    means = np.array([np.mean(found) for found in logs])
    for place, found in enumerate(rows.values()):
        away = float(np.exp(np.abs(means[place] - np.delete(means, place)).min()))
        if away > OUTLIER:
            message = f"is {away:.3g} times more or less than any other of its kind"
            yield doubt(found[:1], "outlier", message, away)
