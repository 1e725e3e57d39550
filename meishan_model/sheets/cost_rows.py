"""Rows of a cost sheet: what it says itself for one year, in the project's units.

`meishan_model.sheets.costs` lays the sheets over one another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.cost_manifest import (
    PARAMETERS,
    Confidence,
    Frozen,
    Manifest,
    Parameter,
    project_value,
    range_fault,
    read_manifest,
)
from meishan_model.sheets.files import read_sheet
from meishan_model.sheets.rows import Refers, Row
from meishan_model.sheets.units import UnitError, parse_number


class CostRow(Row):
    """``costs_<year>.csv``: what technologies cost, in the columns of PyPSA's technology-data."""

    # All that a lifetime does to a slice is in annuities and bounds.
    effects: ClassVar = {"": "costs", "efficiency": ""}

    technology: Annotated[str, Refers("technology", "the manifest")]
    parameter: Parameter
    value: float
    unit: str
    source: str
    further_description: str = Field(alias="further description")
    currency_year: float


COLUMNS = tuple(f.alias or n for n, f in CostRow.model_fields.items() if n != "line")

_CONFIDENCE = re.compile(r"(published|derived|assumption)\s*:\s*\S")
_FILE = re.compile(r"costs_(\d{4})\.csv")


class Provenance(Frozen):
    """Where one number of a technology stands and who vouches for it.

    It is ``optional``, and may stand unread, in a sheet of others (``unlisted: ignore``), or where
    no row says it.
    """

    file: str
    row: int | None
    source: str
    confidence: Confidence
    description: str
    optional: bool = False


@dataclass(frozen=True)
class Cell:
    """One number in the project's unit; `capacity_unit` for investments only."""

    value: float
    provenance: Provenance
    capacity_unit: str | None = None


Cells = dict[tuple[str, str], Cell]
"""Cells by park technology and parameter of the sheet."""


@dataclass(frozen=True)
class Layer:
    """One sheet in one year: what it says itself, before anything is inherited."""

    manifest: Manifest
    cells: Cells
    files: tuple[Path, ...]


def read_layer(folder: Path, year: int, rules: Manifest | None = None) -> Layer:
    """Read one sheet for one year, interpolating between two files if its manifest allows it.

    Parameters
    ----------
    folder
        Folder of the sheet.
    year
        The year.
    rules
        Manifest of the reference, whose rules on efficiencies hold for an overlay as well.

    Raises
    ------
    InputError
        With every fault of the manifest or of the files.
    """
    manifest = read_manifest(folder)
    if rules is not None:
        read = (*rules.requires_efficiency, *manifest.requires_efficiency)
        manifest = manifest.model_copy(update={"requires_efficiency": read})
    files = {
        int(match[1]): path
        for path in sorted(folder.glob("costs_*.csv"))
        if (match := _FILE.fullmatch(path.name))
    }
    if year in files:
        cells, faults = _read_file(files[year], manifest)
        if faults:
            raise InputError(faults)
        return Layer(manifest, cells, (files[year],))
    before = max((other for other in files if other < year), default=None)
    after = min((other for other in files if other > year), default=None)
    if not manifest.interpolate or before is None or after is None:
        years = ", ".join(map(str, sorted(files))) or "none"
        remedy = f"add the file, or choose from the years {years}"
        if before is not None and after is not None:
            remedy += ", or set interpolate: true in manifest.yaml"
        raise InputError([Fault(str(folder / f"costs_{year}.csv"), "no such file", remedy=remedy)])
    cells = _between(manifest, files[before], files[after], (year - before) / (after - before))
    return Layer(manifest, cells, (files[before], files[after]))


def _between(manifest: Manifest, before: Path, after: Path, weight: float) -> Cells:
    """Interpolate between two files; both must say the same things."""
    first, faults = _read_file(before, manifest)
    second, more = _read_file(after, manifest)
    faults += more
    if faults:
        raise InputError(faults)
    for key in first.keys() ^ second.keys():
        lacking = after if key in first else before
        message = f"{key[0]} has no {key[1]}, so that nothing can be interpolated"
        faults.append(Fault(str(lacking), message, remedy="add the row to both files"))
    for key in first.keys() & second.keys():
        if first[key].capacity_unit != second[key].capacity_unit:
            message = f"{key[0]} is paid per {second[key].capacity_unit}, in {before.name} per "
            message += str(first[key].capacity_unit)
            faults.append(Fault(str(after), message, column="unit", remedy="use the same unit"))
    if faults:
        raise InputError(sorted(faults, key=str))
    return {key: _blend(cell, second[key], weight) for key, cell in first.items()}


def _blend(first: Cell, second: Cell, weight: float) -> Cell:
    ends = (first.provenance, second.provenance)
    sources = dict.fromkeys(end.source for end in ends)
    # What lies between an assumption and anything else is no better than an assumption.
    assumed = any(end.confidence == "assumption" for end in ends)
    provenance = Provenance(
        file=first.provenance.file,
        row=None,
        source="; ".join(sources),
        confidence="assumption" if assumed else "derived",
        description=f"linear between {first.value:g} and {second.value:g}, weight {weight:g}",
        optional=any(end.optional for end in ends),
    )
    value = (1 - weight) * first.value + weight * second.value
    return replace(first, value=value, provenance=provenance)


def _read_file(path: Path, manifest: Manifest) -> tuple[Cells, list[Fault]]:
    frame, faults = read_sheet(path, COLUMNS)
    formal = bool(faults)
    names = manifest.technologies
    cells: Cells = {}
    seen: dict[tuple[str, str], int] = {}
    for line, record in zip(frame.index, frame.to_dict("records"), strict=True):
        row = {str(column): str(text) for column, text in record.items()}
        found = list(_label_faults(row, manifest, seen))
        seen.setdefault((row["technology"], row["parameter"]), int(line))
        known = row["technology"] in names and row["parameter"] in PARAMETERS
        known = known and not _is_unread(row, manifest)
        if known and not found:
            cell, found = _cell(row, int(line), str(path), manifest, names[row["technology"]])
            if cell is not None:
                cells |= {(park, row["parameter"]): cell for park in names[row["technology"]]}
        if known or manifest.unlisted == "refuse":
            faults += [replace(fault, file=str(path), row=int(line)) for fault in found]
    there = {technology for technology, _ in seen}
    for name in () if formal else (name for name in names if name not in there):
        message = "a technology of the manifest has no rows"
        remedy = "add its rows, or take it out of the manifest"
        faults.append(Fault(str(path), message, value=name, remedy=remedy))
    return cells | _absent_cells(cells, path, manifest), faults


def _absent_cells(cells: Cells, path: Path, manifest: Manifest) -> Cells:
    """Say what it means that a technology of this sheet has no row for a parameter."""
    absent: Cells = {}
    for park in dict.fromkeys(park for park, _ in cells):
        for parameter, meaning in manifest.absent_means.items():
            if (park, parameter) not in cells:
                value, unit = project_value(parameter, meaning.value, meaning.unit, manifest)
                description = f"no row: {meaning.value:g} {meaning.unit} by the manifest"
                provenance = Provenance(
                    file=str(path.parent / "manifest.yaml"),
                    row=None,
                    source="absent_means of the sheet's manifest",
                    confidence="assumption",
                    description=description,
                    optional=True,
                )
                absent[park, parameter] = Cell(value, provenance, unit)
    return absent


def _label_faults(
    row: Mapping[str, str], manifest: Manifest, seen: Mapping[tuple[str, str], int]
) -> Iterator[Fault]:
    """Faults of technology, parameter, source, confidence and price year of a row."""
    technology, parameter = row["technology"], row["parameter"]
    if technology not in manifest.technologies:
        remedy = "add it to technologies in manifest.yaml, or correct the name"
        yield _fault("technology", technology, "not a technology of the manifest", remedy)
    if parameter not in PARAMETERS:
        remedy = f"known are {', '.join(PARAMETERS)}"
        yield _fault("parameter", parameter, "unknown parameter", remedy)
    if _is_unread(row, manifest):
        read = [n for n, park in manifest.technologies.items() if _has_efficiency(park, manifest)]
        remedy = f"remove the row; read is that of {', '.join(read) or 'none'}"
        message = f"nothing reads the efficiency of {technology}"
        yield _fault("parameter", parameter, message, remedy)
    if (technology, parameter) in seen:
        value = f"{technology}, {parameter}"
        message = f"the same technology and parameter as in row {seen[technology, parameter]}"
        yield _fault("parameter", value, message, "keep one of the two rows")
    if not row["source"]:
        yield _fault("source", "", "no source", "name the source; for an assumption, the reason")
    if manifest.confidence is None and not _CONFIDENCE.match(row["further description"]):
        remedy = "begin with 'published: ', 'derived: ' or 'assumption: ' and explain"
        text = row["further description"]
        yield _fault("further description", text, "no confidence stated", remedy)
    expected = {str(manifest.price_year), f"{manifest.price_year}.0"}
    if manifest.currency_year == "price_year" and row["currency_year"] not in expected:
        message = f"mix of price years: the manifest says {manifest.price_year}"
        remedy = f"convert the value to money of {manifest.price_year}"
        yield _fault("currency_year", row["currency_year"], message, remedy)


def _is_unread(row: Mapping[str, str], manifest: Manifest) -> bool:
    """Whether this is the efficiency of a technology that has none in the model."""
    park = manifest.technologies.get(row["technology"], ())
    efficiency = row["parameter"] == "efficiency" and bool(park)
    return efficiency and not _has_efficiency(park, manifest)


def _has_efficiency(park: tuple[str, ...], manifest: Manifest) -> bool:
    return not set(park).isdisjoint(manifest.requires_efficiency)


def _fault(column: str, value: str, message: str, remedy: str) -> Fault:
    return Fault("", message, column=column, value=value, remedy=remedy)


def _cell(
    row: Mapping[str, str], line: int, file: str, manifest: Manifest, park: tuple[str, ...]
) -> tuple[Cell | None, list[Fault]]:
    """Read the value of a row, convert it and check its range."""
    parameter = row["parameter"]
    try:
        number = parse_number(row["value"])
    except UnitError as error:
        return None, [_fault("value", row["value"], str(error), error.remedy)]
    try:
        value, capacity_unit = project_value(parameter, number, row["unit"], manifest)
    except UnitError as error:
        return None, [_fault("unit", row["unit"], str(error), error.remedy)]
    wrong = range_fault(parameter, value)
    if wrong is not None:
        return None, [_fault("value", f"{row['value']} {row['unit']}", *wrong)]
    if parameter == "efficiency" and set(park) & set(manifest.round_trip_efficiency):
        value **= 0.5
    text = row["further description"]
    match = _CONFIDENCE.match(text)
    confidence: Any = match[1] if match else manifest.confidence
    provenance = Provenance(
        file=file,
        row=line,
        source=row["source"],
        confidence=confidence,
        description=text.partition(":")[2].strip() if match else text,
        optional=manifest.unlisted == "ignore",
    )
    return Cell(value, provenance, capacity_unit), []
