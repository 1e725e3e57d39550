"""A park's electrical grid: all rows of its sheets as they stand on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from meishan_model.sheets import grid_schema as schema
from meishan_model.sheets.rows import ValueRow
from meishan_model.sheets.units import in_project_unit

DISTRIBUTION_KV = 20.0
"""GB/T 12325 limits the voltage up to this level [kV]; its lines are the park's feeders."""


@dataclass(frozen=True)
class GridSheets:
    """All rows of a park's grid sheets, as they stand on disk.

    Attributes
    ----------
    folder
        ``configs/<park>/grid``; named in messages.
    zones, photovoltaics
        Zones of the park, and its technologies that are PV.
    source_bus, network_buses
        The far side of the park's connection, and all buses of ``network.csv``.
    supply_lines
        Element of ``network.csv`` that is the line to a zone, by zone.
    buses and the rest
        The rows of the sheet of that name.
    """

    folder: Path
    zones: tuple[str, ...]
    photovoltaics: tuple[str, ...]
    source_bus: str
    network_buses: tuple[str, ...]
    supply_lines: Mapping[str, str]
    buses: tuple[schema.BusRow, ...]
    lines: tuple[schema.LineRow, ...]
    transformers: tuple[schema.TransformerRow, ...]
    dc_links: tuple[schema.DcLinkRow, ...]
    shares: tuple[schema.ShareRow, ...]
    power_factors: tuple[schema.PowerFactorRow, ...]
    line_types: tuple[schema.LineTypeRow, ...]
    line_costs: tuple[schema.LineCostRow, ...]
    transformer_types: tuple[schema.TransformerTypeRow, ...]
    parameters: tuple[schema.GridParameterRow, ...]

    def path(self, sheet: str) -> str:
        """Path of a sheet for messages."""
        return str(self.folder / f"{sheet}.csv")

    def parameter(self, name: str) -> float:
        """A number of ``parameters.csv`` in the project's unit; a percentage is a fraction."""
        row = next(row for row in self.parameters if row.parameter == name)
        return in_project_unit(row.value, row.unit)


def values_by_name(rows: Sequence[ValueRow], name: str) -> dict[str, dict[str, float]]:
    """Numbers of a long sheet by the name in a column and by parameter, in units of the sheet."""
    table: dict[str, dict[str, float]] = {}
    for row in rows:
        table.setdefault(str(getattr(row, name)), {})[row.kind_of_value] = row.value
    return table


def families_of_types(grid: GridSheets) -> dict[str, str]:
    """Family of every line type that can be laid."""
    return {row.standard_type: row.family for row in grid.line_costs}
