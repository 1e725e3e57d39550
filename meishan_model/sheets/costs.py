"""Cost sheets: investment, operation, lifetime and efficiency of every technology in one year.

A sheet is a folder with a file ``costs_<year>.csv`` per year in the format of PyPSA's
technology-data, and a ``manifest.yaml`` that says what the format leaves open. Another sheet is an
overlay: what it does not say is inherited from the reference; equipment of the park that the
reference does not have it may bring, whole. In a year without a file all numbers lie linearly
between the neighbouring files; nothing is ever extrapolated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from meishan_model.errors import Fault, InputError, cell_text, refuse
from meishan_model.sheets.cost_rows import (
    BOUGHT,
    CapacityUnit,
    Manifest,
    PublishedCostRow,
    read_manifest,
    row_model,
)
from meishan_model.sheets.row_reader import declared_faults, missing_row, names_remedy, read_rows
from meishan_model.sheets.rows import Confidence, Frozen
from meishan_model.sheets.units import in_project_unit


class CostNumber(Frozen):
    """One number of a technology in the project's unit, and where it comes from.

    Attributes
    ----------
    value
        The number.
    unit
        That of the cell; of what is interpolated that of the earlier file.
    capacity_unit
        What an investment buys one of; of other numbers ``None``.
    file, row, source, confidence, description
        Where it stands, and who vouches for it; what is interpolated has no row.
    is_optional
        Whether it may stand unread, as in a file of others.
    """

    value: float
    unit: str = ""
    capacity_unit: CapacityUnit | None = None
    file: str
    row: int | None
    source: str
    confidence: Confidence
    description: str
    is_optional: bool = False

    def fault(self, column: str, value: object, message: str, remedy: str) -> Fault:
        """A fault of its row."""
        return Fault(self.file, message, self.row, column, cell_text(value), remedy)


Cells = dict[tuple[str, str], CostNumber]
"""Numbers by park technology and parameter of the sheet."""
Found = tuple[Cells, list[Fault]]
NUMBERS = {
    "investment": ("investment", "CNY/{}"),
    "FOM": ("fixed_om_share", "1/a"),
    "VOM": ("variable_om", "CNY/MWh"),
    "lifetime": ("technical_lifetime", "a"),
    "efficiency": ("efficiency", "1"),
}
"""Numbers of a technology with their units, by the parameters of a sheet."""


class TechnologyCost(Frozen):
    """Cost and performance of one technology in one year, in the project's units.

    Money is without value added tax, unless the payers of a park bear it.

    Attributes
    ----------
    technology
        The park's name.
    capacity_unit
        What `investment` buys one of, such as ``"MW"``, ``"MWh"``, ``"t/h"`` or ``"vehicles"``.
    investment
        Overnight investment [CNY of 2020 per unit of capacity].
    fixed_om_share
        Fixed operation and maintenance a year as a share of the investment [1/a].
    variable_om
        Variable operation and maintenance [CNY/MWh, CNY/t, CNY/m3] of output.
    technical_lifetime
        How long it stands [a].
    efficiency
        Output per input on lower heating value [1]; ``None`` where the sheet has none. A
        coefficient of performance for heat pumps; one way (in or out) for the power of a store.
    provenance
        Per parameter of the sheet (investment, FOM, VOM, lifetime, efficiency) its source.
    """

    technology: str
    capacity_unit: CapacityUnit
    investment: float
    fixed_om_share: float
    variable_om: float
    technical_lifetime: float
    efficiency: float | None = None
    provenance: dict[str, CostNumber] = Field(default_factory=dict)

    def times(self, factor: float) -> TechnologyCost:
        """The same at other prices, such as with value added tax."""
        names = ("investment", "variable_om") if factor != 1.0 else ()
        return self.model_copy(update={name: getattr(self, name) * factor for name in names})

    @property
    def annual_fixed_om(self) -> float:
        """Fixed operation and maintenance [CNY per unit of capacity and year]."""
        return self.investment * self.fixed_om_share


class CostSheet(Frozen):
    """All technologies of one sheet in one year.

    Attributes
    ----------
    name, title
        Folder name and title of the sheet.
    year
        The year.
    technologies
        Costs by the park's name of the technology.
    """

    name: str
    title: str
    year: int
    technologies: dict[str, TechnologyCost]


def load_costs(
    folder: Path, year: int, library: Path | None = None, of_park: Collection[str] | None = None
) -> CostSheet:
    """Load a cost sheet for one year.

    Parameters
    ----------
    folder
        Folder of the sheet, for instance ``configs/costs/low_storage``.
    year
        The year.
    library
        Folder in which a sheet that this one inherits from lies; beside it if left out.
    of_park
        Technologies of the park that is planned: what an overlay brings must be one of them.
        If left out, it may bring anything.

    Returns
    -------
    CostSheet
        In the project's units and money of 2020.

    Raises
    ------
    InputError
        With every fault that was found, each with file, row, column, value and remedy.
    """
    manifest = read_manifest(folder)
    inherited: Cells = {}
    faults: list[Fault] = []
    elsewhere: set[str] = set()
    if manifest.inherits is not None:
        inherited, faults, known = _inherited(folder, manifest, year, library or folder.parent)
        strange = _strange(folder, manifest, known, of_park)
        faults += strange
        elsewhere = known | {str(fault.value) for fault in strange}
    cells, own = _cells_of_year(folder, manifest, year, elsewhere)
    cells, faults = inherited | cells, own + faults
    refuse(faults)
    names = sorted({name for name, _ in cells})
    costs = {name: _technology(name, cells) for name in names}
    return CostSheet(name=folder.name, title=manifest.title, year=year, technologies=costs)


def cost_rows(folder: Path, library: Path, of_park: Collection[str]) -> Iterator[PublishedCostRow]:
    """Rows of a park's technologies in all sound files of a cost sheet and of what it inherits.

    Parameters
    ----------
    folder, library, of_park
        As for :func:`load_costs`; what is wrong with a file that is read is told there.
    """
    manifest = read_manifest(folder)
    used = {name for name, own in manifest.technologies.items() if {*own} & {*of_park}}
    for path in sorted(folder.glob("costs_*.csv")) if used else ():
        rows, faults = _read_rows(path, manifest, used)
        yield from () if faults else rows
    if manifest.inherits is not None:
        yield from cost_rows(library / manifest.inherits, library, of_park)


def _inherited(
    folder: Path, manifest: Manifest, year: int, library: Path
) -> tuple[Cells, list[Fault], set[str]]:
    """What an overlay inherits, its faults, and the park's technologies that it is of."""
    base = library / str(manifest.inherits)
    rules = read_manifest(base)
    if rules.inherits is not None:
        message, remedy = "is an overlay itself", "inherit from a sheet that is complete"
        place = str(folder / "manifest.yaml")
        raise InputError([Fault(place, message, None, "inherits", base.name, remedy)])
    return *_cells_of_year(base, rules, year), rules.park_names


def _strange(
    folder: Path, manifest: Manifest, known: set[str], of_park: Collection[str] | None
) -> list[Fault]:
    """Technologies of an overlay that neither what it inherits from nor the park has."""
    if of_park is None:
        return []
    there = known.union(of_park)
    message = f"neither the sheet {manifest.inherits} nor technologies.csv of the park has it"
    place = str(folder / "manifest.yaml")
    return [
        Fault(place, message, None, "technologies", name, names_remedy(name, there))
        for name in sorted(manifest.park_names - there)
    ]


def _technology(name: str, cells: Cells) -> TechnologyCost:
    own = {n: cells[name, n] for n in NUMBERS if (name, n) in cells}
    return TechnologyCost.model_validate(
        {
            "technology": name,
            "capacity_unit": own["investment"].capacity_unit,
            **{NUMBERS[parameter][0]: number.value for parameter, number in own.items()},
            "provenance": own,
        }
    )


def _cells_of_year(
    folder: Path, manifest: Manifest, year: int, elsewhere: Collection[str] = ()
) -> Found:
    """What one sheet says itself of a year, and its faults.

    Of technologies that stand ``elsewhere``, in the sheet that it inherits, it may say a part.
    """
    files = {int(path.stem[-4:]): path for path in folder.glob("costs_[0-9][0-9][0-9][0-9].csv")}
    before = max((other for other in files if other <= year), default=None)
    after = min((other for other in files if other >= year), default=None)
    if before is None or after is None:
        remedy = _remedy_of_years(year, sorted(files))
        return {}, [Fault(str(folder / f"costs_{year}.csv"), "no such file", remedy=remedy)]
    ends = dict.fromkeys((before, after))
    found = [_read_file(files[other], manifest, elsewhere) for other in ends]
    faults = [fault for _, wrong in found for fault in wrong]
    if faults or before == after:
        return found[0][0], faults
    return _between(found[0][0], found[1][0], files[after], (year - before) / (after - before))


def _remedy_of_years(year: int, there: Sequence[int]) -> str:
    """What to do about a year before or after all files of a sheet."""
    if not there:
        return "add the file"
    if len(there) == 1:
        end = "an earlier" if year < there[0] else "a later"
        return f"the sheet has {there[0]} only; add a file of {year} or {end} year"
    years = ", ".join(map(str, there))
    return f"add the file, or choose from the years {years} and those between them"


def _between(first: Cells, second: Cells, after: Path, weight: float) -> Found:
    """Interpolate between two files; both must say the same things."""
    faults = []
    cells: Cells = {}
    for key in sorted(first.keys() | second.keys()):
        ends = [cells_of[key] for cells_of in (first, second) if key in cells_of]
        if len(ends) < 2:
            message = f"{key[0]} has {key[1]} in one of two files, between which nothing lies"
            remedy = "add the row to both files"
        elif ends[0].capacity_unit != ends[1].capacity_unit:
            message = f"{key[0]} is paid per {ends[0].capacity_unit}, and in {after.name} per "
            message += str(ends[1].capacity_unit)
            remedy = "use the same unit"
        else:
            cells[key] = _blend(ends[0], ends[1], weight)
            continue
        faults.append(ends[0].fault("parameter", key[1], message, remedy))
    return cells, faults


def _blend(first: CostNumber, second: CostNumber, weight: float) -> CostNumber:
    ends = (first, second)
    # What lies between an assumption and anything else is no better than an assumption.
    assumed = any(end.confidence == "assumption" for end in ends)
    between = {
        "value": (1 - weight) * first.value + weight * second.value,
        "row": None,
        "source": "; ".join(dict.fromkeys(end.source for end in ends)),
        "confidence": "assumption" if assumed else "derived",
        "description": f"linear between {first.value:g} and {second.value:g}, weight {weight:g}",
    }
    return first.model_copy(update=between)


def _read_rows(
    path: Path, manifest: Manifest, wanted: Collection[str] = ()
) -> tuple[tuple[PublishedCostRow, ...], list[Fault]]:
    """Rows of one file, or of wanted technologies; of a published file those of the manifest."""
    published = manifest.technology_data is not None
    listed = wanted or (manifest.technologies if published else ())

    def is_read(row: Mapping[Any, Any]) -> bool:
        is_number = not published or row["parameter"] in NUMBERS
        return not listed or (row["technology"] in listed and is_number)

    return read_rows(path, row_model(manifest), is_read)


def _read_file(path: Path, manifest: Manifest, elsewhere: Collection[str]) -> Found:
    """Numbers of one file, and what is wrong with it; what stands elsewhere may have a part."""
    listed, published = manifest.technologies, manifest.technology_data is not None
    rows, faults = _read_rows(path, manifest)
    faults += declared_faults(
        row_model(manifest), rows, str(path), {"technology of the sheet": listed}
    )
    for row in rows:
        if not published and row.currency_year.removesuffix(".0") != str(manifest.price_year):
            message = f"mix of price years: the manifest says {manifest.price_year}"
            remedy = f"convert the value to money of {manifest.price_year}"
            faults.append(row.fault("currency_year", message, remedy))
    if faults:
        return {}, faults
    cells: Cells = {
        (name, row.parameter): _number(row, name, str(path), manifest)
        for row in rows
        for name in listed.get(row.technology, ())
    }
    faults += _gaps(path, rows, manifest, elsewhere)
    own = dict.fromkeys(name for name, _ in cells if name not in elsewhere)
    return _zeros(path, own, manifest) | cells, faults


def _gaps(
    path: Path, rows: Iterable[PublishedCostRow], manifest: Manifest, elsewhere: Collection[str]
) -> Iterator[Fault]:
    """Technologies that lack a number which nothing gives a meaning to."""
    there = {(row.technology, row.parameter) for row in rows}
    needed = [n for n in NUMBERS if n not in ("efficiency", *manifest.absent_is_zero)]
    for technology, names in manifest.technologies.items():
        for parameter in needed if not set(names) <= set(elsewhere) else ():
            if (technology, parameter) not in there:
                yield missing_row(str(path), "parameter", parameter, technology)


def _zeros(path: Path, names: Iterable[str], manifest: Manifest) -> Cells:
    """What no row says of some technologies, where that is zero."""
    zero = CostNumber(
        value=0.0,
        file=str(path.parent / "manifest.yaml"),
        row=None,
        source="absent_is_zero of the sheet's manifest",
        confidence="assumption",
        description="no row",
    )
    return dict.fromkeys(
        ((n, parameter) for n in names for parameter in manifest.absent_is_zero), zero
    )


def _number(row: PublishedCostRow, name: str, file: str, manifest: Manifest) -> CostNumber:
    """What a row says of a technology of the park, in the project's unit."""
    value = in_project_unit(row.value, row.unit)
    money, _, bought = row.unit.partition("/")
    if money == manifest.currency:
        value *= manifest.project_money
    if row.parameter == "efficiency" and name in manifest.round_trip_efficiency:
        value **= 0.5
    confidence: Any = manifest.technology_data
    description = row.further_description
    if confidence is None:
        confidence, description = map(str.strip, description.split(":", 1))
    return CostNumber(
        value=value,
        unit=row.unit,
        capacity_unit=BOUGHT[bought] if row.parameter == "investment" else None,
        file=file,
        row=row.line,
        source=row.source,
        confidence=confidence,
        description=description,
        is_optional=manifest.technology_data is not None,
    )
