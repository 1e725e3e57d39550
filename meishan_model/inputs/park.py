"""Read a park's folder of sheets into rows, with every fault of every sheet listed at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from meishan_model.errors import Fault, InputError
from meishan_model.inputs import schema
from meishan_model.inputs.scenario import read_yaml, validate
from meishan_model.inputs.schema import Row, ValueRow
from meishan_model.inputs.sheet import read_sheet

R = TypeVar("R", bound=Row)


class Site(BaseModel):
    """``park.yaml``: where the park lies and what it is called."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(description="short name, a folder name", pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(description="title in English", min_length=1)
    title_zh: str = Field(description="title in Chinese", min_length=1)
    latitude: float = Field(description="degrees north", ge=-90, le=90)
    longitude: float = Field(description="degrees east", ge=-180, le=180)
    altitude: float = Field(description="m above sea level", ge=-500, le=9000)
    timezone: str = Field(description="time zone without daylight saving, such as Asia/Shanghai")
    baseline_year: int = Field(description="year of baseline.csv", ge=1990, le=2100)


@dataclass(frozen=True)
class Park:
    """All rows of a park's sheets, as they stand on disk.

    Attributes
    ----------
    folder
        Where the sheets are; named in messages.
    site
        Content of ``park.yaml``.
    zones and the rest
        The rows of the sheet of that name.
    """

    folder: Path
    site: Site
    zones: tuple[schema.ZoneRow, ...]
    network: tuple[schema.NetworkRow, ...]
    technologies: tuple[schema.TechnologyRow, ...]
    technology_parameters: tuple[schema.TechnologyParameterRow, ...]
    assets: tuple[schema.AssetRow, ...]
    existing_plants: tuple[schema.PlantRow, ...]
    loads: tuple[schema.LoadRow, ...]
    projects: tuple[schema.ProjectRow, ...]
    fleets: tuple[schema.FleetRow, ...]
    berths: tuple[schema.BerthRow, ...]
    drivers: tuple[schema.DriverRow, ...]
    efficiency_measures: tuple[schema.MeasureRow, ...]
    tariff_periods: tuple[schema.TariffRow, ...]
    prices: tuple[schema.PriceRow, ...]
    contracts: tuple[schema.ContractRow, ...]
    emission_factors: tuple[schema.EmissionFactorRow, ...]
    baseline: tuple[schema.BaselineRow, ...]
    parameters: tuple[schema.ParameterRow, ...]

    def path(self, sheet: str) -> str:
        """Path of a sheet for messages."""
        return str(self.folder / f"{sheet}.csv")

    def value_rows(self) -> Iterator[tuple[str, ValueRow]]:
        """Every row that carries a number, with the stem of its sheet."""
        for name, model in schema.SHEETS.items():
            if issubclass(model, ValueRow):
                for row in getattr(self, name):
                    yield name, row


def read_park(folder: Path) -> Park:
    """Read and validate all sheets of a park.

    Parameters
    ----------
    folder
        ``configs/<park>``.

    Raises
    ------
    InputError
        With every fault of every sheet: form, types, units, ranges, names that do not exist,
        rows that stand twice.
    """
    if not folder.is_dir():
        there = sorted(p.parent.name for p in folder.parent.glob("*/park.yaml"))
        fault = Fault(
            str(folder), "there is no such park", remedy=f"there are: {', '.join(there)}"
        )
        raise InputError([fault])
    site = validate(Site, read_yaml(folder / "park.yaml"), folder / "park.yaml")
    faults: list[Fault] = []
    tables: dict[str, tuple[Row, ...]] = {}
    for name, model in schema.SHEETS.items():
        rows, found = read_rows(folder / f"{name}.csv", model)
        tables[name] = rows
        faults += found
    if not faults:
        park = Park(folder=folder, site=site, **tables)  # type: ignore[arg-type]
        faults = list(_reference_faults(park))
        if not faults:
            return park
    raise InputError(faults)


def read_site(folder: Path) -> Site:
    """Read ``park.yaml`` of a park.

    Raises
    ------
    InputError
        If there is no such park, or its file is wrong.
    """
    if not (folder / "park.yaml").is_file():
        there = sorted(p.parent.name for p in folder.parent.glob("*/park.yaml"))
        fault = Fault(
            str(folder), "there is no such park", remedy=f"there are: {', '.join(there)}"
        )
        raise InputError([fault])
    return validate(Site, read_yaml(folder / "park.yaml"), folder / "park.yaml")


def read_rows(path: Path, model: type[R]) -> tuple[tuple[R, ...], list[Fault]]:
    """Read one sheet into rows of a model.

    Parameters
    ----------
    path
        The CSV file.
    model
        Model of its rows.

    Returns
    -------
    rows, faults
        The rows that are right, and what is wrong with the others.
    """
    columns = [name for name in model.model_fields if name != "line"]
    if issubclass(model, ValueRow):
        trailing = list(ValueRow.model_fields)
        columns = [c for c in columns if c not in trailing] + [c for c in trailing if c != "line"]
    frame, faults = read_sheet(path, columns)
    rows: list[R] = []
    for line, record in zip(frame.index, frame.to_dict("records"), strict=True):
        try:
            row = model.model_validate({**record, "line": int(line)})
        except ValidationError as error:
            faults += _row_faults(path, int(line), model, error)
            continue
        found = list(_quantity_faults(path, row)) if isinstance(row, ValueRow) else []
        faults += found
        if not found:
            rows.append(row)
    return tuple(rows), faults + list(_twice(path, rows))


def _row_faults(
    path: Path, line: int, model: type[Row], error: ValidationError
) -> Iterator[Fault]:
    for problem in error.errors():
        column = str(problem["loc"][0]) if problem["loc"] else None
        field = model.model_fields.get(column or "")
        remedy = (
            "a decimal point is '.', and no thousands separators" if column == "value" else None
        )
        if field is not None and field.description and remedy is None:
            remedy = f"expected: {field.description}"
        yield Fault(str(path), problem["msg"], line, column, str(problem["input"]), remedy)


def _quantity_faults(path: Path, row: ValueRow) -> Iterator[Fault]:
    quantity = row.quantities.get(row.kind_of_value)
    if quantity is None:
        allowed = f"allowed: {', '.join(row.quantities)}"
        column = next((c for c in ("parameter", "item", "driver") if hasattr(row, c)), None)
        yield Fault(str(path), "is not known", row.line, column, row.kind_of_value, allowed)
        return
    if row.unit not in quantity.unit.split("|"):
        remedy = f"allowed: {quantity.unit.replace('|', ', ')}"
        yield Fault(str(path), "wrong unit", row.line, "unit", row.unit, remedy)
    if not quantity.lower <= row.value <= quantity.upper:
        remedy = f"allowed: {quantity.lower:g} to {quantity.upper:g} {row.unit}"
        yield Fault(str(path), "out of range", row.line, "value", f"{row.value:g}", remedy)


def _key(row: Row) -> tuple[object, ...]:
    skip = {
        "line",
        "name",
        "name_zh",
        *(ValueRow.model_fields if isinstance(row, ValueRow) else ()),
    }
    return tuple(getattr(row, name) for name in type(row).model_fields if name not in skip)


def _twice(path: Path, rows: Iterable[Row]) -> Iterator[Fault]:
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        key = _key(row)
        if key in seen:
            yield Fault(
                str(path), f"says the same as row {seen[key]}", row.line, remedy="keep one of them"
            )
        seen.setdefault(key, row.line)


def _reference_faults(park: Park) -> Iterator[Fault]:
    """Names that one sheet uses and no other defines."""
    zones = {row.zone for row in park.zones}
    technologies = {row.technology for row in park.technologies}
    buses = {"upstream", "grid_110kv"} | {f"{zone}_20kv" for zone in zones}
    loads = {(row.load, row.zone) for row in park.loads}
    for sheet, row in park.value_rows():
        for column, known in (
            ("zone", zones),
            ("technology", technologies),
            ("from_bus", buses),
            ("to_bus", buses),
        ):
            name = getattr(row, column, "")
            if name and name not in known:
                yield Fault(
                    park.path(sheet),
                    f"no such {column.split('_')[-1]}",
                    row.line,
                    column,
                    str(name),
                    f"known: {', '.join(sorted(known))}",
                )
    for measure in park.efficiency_measures:
        there = sorted(load for load, zone in loads if zone == measure.zone)
        if measure.load not in there:
            yield Fault(
                park.path("efficiency_measures"),
                f"loads.csv has no such load in zone {measure.zone}",
                measure.line,
                "load",
                measure.load,
                f"known: {', '.join(there)}",
            )
    for plant in park.existing_plants:
        if plant.commissioned_to < plant.commissioned_from:
            yield Fault(
                park.path("existing_plants"),
                "lies before commissioned_from",
                plant.line,
                "commissioned_to",
                str(plant.commissioned_to),
            )


def sheet_names() -> tuple[str, ...]:
    """Stems of all sheets that a park has."""
    return tuple(f.name for f in fields(Park) if f.name not in {"folder", "site"})
