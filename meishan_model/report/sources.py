"""Numbers of the sheets with the cell that they stand in, their unit and who vouches for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from meishan_model.results.scale import Money
from meishan_model.sheets.costs import CostSheet, TechnologyCost
from meishan_model.sheets.park import Park
from meishan_model.sheets.rows import ValueRow

_COST_UNITS = {
    "investment": ("investment", "CNY/{}"),
    "FOM": ("fixed_om_share", "1/a"),
    "VOM": ("variable_om", "CNY/MWh"),
    "lifetime": ("technical_lifetime", "a"),
    "efficiency": ("efficiency", "1"),
}
"""Attribute and unit of the parameters of a cost sheet."""
_NOT_NAMES = {"value", "unit", "source", "confidence", "note", "line"}


class Cell(NamedTuple):
    """A number of a sheet.

    ``file`` and ``line`` say where it stands, ``None`` where it is interpolated between two files;
    ``what`` are the cells that name it.
    """

    file: Path
    line: int | None
    what: str
    value: float
    unit: str
    confidence: str
    source: str
    note: str

    def shown(self, money: Money) -> Cell:
        """The same in the money that the park is shown in."""
        value, unit = money.of(self.value, self.unit)
        return self._replace(value=value, unit=unit)

    @property
    def sheet(self) -> str:
        """Name of the file."""
        return self.file.name


def cell_of_row(row: ValueRow) -> Cell:
    """The number of a row of a park's sheet."""
    cells = (str(v) for k, v in row.model_dump().items() if k not in _NOT_NAMES)
    what = " · ".join(cell for cell in cells if cell not in ("", "None"))
    told = (row.unit, row.confidence, row.source, row.note)
    return Cell(Path(row.file), row.line, what, row.value, *told)


def cost_cells(cost: TechnologyCost, year: int) -> Iterator[Cell]:
    """Numbers of a technology in the cost sheet of a year, in the project's units."""
    for parameter, origin in cost.provenance.items():
        attribute, unit = _COST_UNITS[parameter]
        what = f"{cost.technology} · {parameter} · {year}"
        told = (origin.confidence, origin.source, origin.description)
        value, unit = getattr(cost, attribute), unit.format(cost.capacity_unit)
        yield Cell(Path(origin.file), origin.row, what, value, unit, *told)


def all_cells(park: Park, costs: Mapping[int, CostSheet]) -> Iterator[Cell]:
    """Every number of the sheets; one of a cost sheet that stays as it was has no second cell.

    Parameters
    ----------
    park
        All sheets of the park.
    costs
        Cost sheet by year.
    """
    for _, row in park.value_rows():
        yield cell_of_row(row)
    before: dict[tuple[str, str], float] = {}
    for year, costs_of_year in sorted(costs.items()):
        for cost in costs_of_year.technologies.values():
            for parameter, cell in zip(cost.provenance, cost_cells(cost, year), strict=True):
                if before.get((cost.technology, parameter)) != cell.value:
                    before[cost.technology, parameter] = cell.value
                    yield cell
