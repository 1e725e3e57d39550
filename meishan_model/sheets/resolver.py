"""Values of one year out of a park's rows: interpolation, units, and what is missing.

A row stands in until the owner of a park gives his own where its ``confidence`` says so. A
template of ``meishan new`` consists of such placeholders, and some defaults of the package are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from meishan_model.errors import Fault, refuse, spans
from meishan_model.sheets.park import Park
from meishan_model.sheets.row_reader import missing_row
from meishan_model.sheets.rows import PLACEHOLDER, ValueRow
from meishan_model.sheets.units import in_project_unit

Table = dict[tuple[Any, ...], dict[str, float]]


@dataclass
class Resolver:
    """Takes values of one year out of a park's rows and collects what is missing."""

    park: Park
    year: int
    faults: list[Fault] = field(default_factory=list)

    def at(self, year: int) -> Resolver:
        """The same park in another year; what is missing there is collected here."""
        return replace(self, year=year)

    def value(self, rows: Sequence[ValueRow]) -> float:
        """Value of one quantity in the year, between its rows interpolated linearly.

        Rows without a year hold for all years. A year outside the range of the rows is a fault.
        Rows of several units are converted before anything is interpolated.
        """
        unit, quantity = rows[0].unit, rows[0].quantities.get(rows[0].kind_of_value)
        allowed = quantity.unit if quantity is not None else ""
        is_mixed = any(row.unit != unit for row in rows)
        years = [getattr(row, "year", None) for row in rows]
        if None in years:
            if len(rows) > 1:
                self.fault(rows[-1], "a row without a year stands beside rows with one")
            return in_project_unit(rows[0].value, unit, allowed)
        numbers = (
            in_project_unit(r.value, r.unit, allowed) if is_mixed else r.value for r in rows
        )
        given, values = zip(*sorted(zip(years, numbers, strict=True)), strict=True)
        if not given[0] <= self.year <= given[-1]:
            span = f"only from {given[0]} to {given[-1]}"
            self.fault(rows[-1], f"gives no value for {self.year}, {span}")
        value = float(np.interp(self.year, given, values))
        return value if is_mixed else in_project_unit(value, unit, allowed)

    def table(
        self,
        sheet: str,
        rows: Iterable[ValueRow] | None = None,
        *key: str,
        name: str | None = None,
    ) -> Table:
        """Values by key columns and by the column that names the quantity.

        Parameters
        ----------
        sheet
            Stem of the sheet.
        rows
            Which of its rows; all if left out.
        key
            Key columns; if left out those that name what a row is about, and what is alike in
            all rows of one name.
        name
            Column that names the quantity; if left out that of the sheet, and ``""`` where it
            has only one.
        """
        grouped: dict[tuple[str, ...], dict[str, list[ValueRow]]] = {}
        for row in self.park.rows(sheet) if rows is None else rows:
            quantity = name or row.quantity_column
            columns = key or (*row.about, *row.alike)
            found = tuple(getattr(row, c) for c in columns if c not in (quantity, "line"))
            of_key = grouped.setdefault(found, {})
            of_key.setdefault(getattr(row, quantity, ""), []).append(row)
        return {
            keys: {quantity: self.value(found) for quantity, found in quantities.items()}
            for keys, quantities in grouped.items()
        }

    def numbers(self, sheet: str) -> dict[str, float]:
        """Values of a sheet of single numbers, by name."""
        return self.table(sheet).get((), {})

    def need(self, sheet: str, values: Mapping[str, float], quantity: str, owner: str) -> float:
        """A value that must be there; a fault and not-a-number where it is missing."""
        if quantity not in values:
            self.faults.append(missing_row(self.park.path(sheet), "parameter", quantity, owner))
            return float("nan")
        return values[quantity]

    def refuse(self, *more: Fault) -> None:
        """Raise an error of everything that is missing, each fault once.

        Raises
        ------
        InputError
            If anything is.
        """
        refuse(dict.fromkeys((*self.faults, *more)))

    def fault(self, row: ValueRow, message: str) -> None:
        """Note a fault at a row."""
        value = str(getattr(row, "year", None) or "")
        remedy = "give the first and the last year, or one row without a year"
        if row.is_default:
            own = self.park.path(Path(row.file).stem)
            remedy = f"the default ends here: add its rows to {own}"
        self.faults.append(Fault(row.file, message, row.line, "year", value, remedy))


def placeholders(park: Park, years: Collection[int]) -> dict[str, tuple[int, ...]]:
    """Lines of the rows that stand in for numbers of a park in some years, by file.

    Of a quantity with rows of several years those count between which a year lies.

    Parameters
    ----------
    park
        All sheets of the park.
    years
        The years that are planned.
    """
    found: dict[str, list[int]] = {}
    quantities: dict[tuple[str, ...], list[ValueRow]] = {}
    for sheet, row in park.value_rows():
        quantities.setdefault((sheet, *row.name_of, row.kind_of_value), []).append(row)
    for rows in quantities.values():
        for row in _standing_for(rows, years):
            if row.confidence == PLACEHOLDER:
                path = Path(row.file)
                file = f"default {path.parent.name}/{path.name}" if row.is_default else path.name
                found.setdefault(file, []).append(row.line)
    return {file: tuple(sorted(lines)) for file, lines in found.items()}


def _standing_for(rows: Iterable[ValueRow], years: Collection[int]) -> list[ValueRow]:
    """The rows of a quantity from which its values in some years come."""
    given = {getattr(row, "year", None) for row in rows}
    dated = sorted(year for year in given if year is not None)
    used: set[int | None] = {None}
    for year in years:
        used |= {*[y for y in dated if y <= year][-1:], *[y for y in dated if y >= year][:1]}
    return [row for row in rows if getattr(row, "year", None) in used]


def placeholder_attributes(rows: Mapping[str, Iterable[int]]) -> dict[str, str | int]:
    """Attributes of a result: how many rows stand in, and which, such as ``prices.csv 2-5``."""
    if not rows:
        return {}
    counted = 0
    told = []
    for file, lines in rows.items():
        found = spans(lines)
        counted += sum(last - first + 1 for first, last in found)
        told.append(" ".join([file, *(f"{a}-{b}" if b > a else f"{a}" for a, b in found)]))
    return {"placeholder_rows": counted, "placeholders": ", ".join(told)}
