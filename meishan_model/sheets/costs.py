"""Cost sheets: investment, operation, lifetime and efficiency of every technology in one year.

A sheet is a folder with a file ``costs_<year>.csv`` per year in the format of PyPSA's
technology-data, and a ``manifest.yaml`` that says what the format leaves open. Another sheet is an
overlay: what it does not say is inherited from the reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.cost_manifest import KINDS, PARAMETERS, Frozen, read_manifest
from meishan_model.sheets.cost_rows import Cells, Layer, Provenance, read_layer


class TechnologyCost(Frozen):
    """Cost and performance of one technology in one year, in the project's units.

    Attributes
    ----------
    technology
        The park's name.
    capacity_unit
        What `investment` buys one of, such as ``"MW"``, ``"MWh"``, ``"t/h"`` or ``"vehicles"``.
    numbers
        What the sheet says by its parameters; ``efficiency`` only where the sheet has one.
    provenance
        Per parameter of the sheet (investment, FOM, VOM, lifetime, efficiency) its source.
    """

    technology: str
    capacity_unit: Literal["MW", "MWh", "vehicles", "t/h", "t", "m3/h", "m3"]
    numbers: dict[str, float]
    provenance: dict[str, Provenance] = Field(default_factory=dict)

    @property
    def investment(self) -> float:
        """Overnight investment [CNY of 2020 per unit of capacity]."""
        return self.numbers["investment"]

    @property
    def fixed_om_share(self) -> float:
        """Fixed operation and maintenance a year as a share of the investment [1/a]."""
        return self.numbers["fixed_om_share"]

    @property
    def variable_om(self) -> float:
        """Variable operation and maintenance [CNY/MWh, CNY/t or CNY/m3] of output."""
        return self.numbers["variable_om"]

    @property
    def lifetime(self) -> float:
        """Technical lifetime [a]."""
        return self.numbers["lifetime"]

    @property
    def efficiency(self) -> float | None:
        """Output per input on lower heating value [1]; ``None`` where the sheet has none.

        A coefficient of performance for heat pumps; one way (in or out) for the power of a store.
        """
        return self.numbers.get("efficiency")

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

    def faults_against(self, units: Mapping[str, str]) -> list[Fault]:
        """Compare with the park's technologies: each of the sheet must be paid by its unit.

        Parameters
        ----------
        units
            Capacity unit (MW, MWh, vehicles) by the park's name of the technology.
        """
        return [
            Fault(
                cost.provenance["investment"].file,
                f"{name} is paid per {cost.capacity_unit}, the park counts it in {units[name]}",
                column="unit",
                remedy="correct the unit of the investment or of the technology",
            )
            for name, cost in self.technologies.items()
            if cost.capacity_unit != units.get(name, cost.capacity_unit)
        ]


def load_costs(folder: Path, year: int, reference_folder: Path | None = None) -> CostSheet:
    """Load a cost sheet for one year.

    Parameters
    ----------
    folder
        Folder of the sheet, for instance ``configs/costs/low_storage``.
    year
        The year. Without a file for it, values are interpolated linearly between the neighbouring
        files if the manifest says ``interpolate: true``, as the provenance of the number says;
        nothing is ever extrapolated.
    reference_folder
        Folder of the sheet that an overlay is laid over. Not needed if the manifest inherits from
        nothing.

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
    if manifest.inherits is None:
        layer = read_layer(folder, year)
        return _sheet(folder, year, layer, layer.cells, layer)
    place = str(folder / "manifest.yaml")
    if reference_folder is None or reference_folder.name != manifest.inherits:
        given = "nothing" if reference_folder is None else reference_folder.name
        message = f"inherits from {manifest.inherits}, but {given} was given as reference"
        remedy = "name the folder of the reference sheet"
        raise InputError([Fault(place, message, None, "inherits", manifest.inherits, remedy)])
    rules = read_manifest(reference_folder)
    if rules.inherits is not None:
        message = "the reference is an overlay itself"
        remedy = "inherit from a sheet that is complete"
        raise InputError([Fault(place, message, None, "inherits", manifest.inherits, remedy)])
    layers: list[Layer] = []
    faults: list[Fault] = []
    for source in (folder, reference_folder):
        try:
            layers.append(read_layer(source, year, rules))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    own, reference = layers
    faults = list(_foreign(own, reference, place))
    if faults:
        raise InputError(faults)
    cells = {**reference.cells, **own.cells}
    return _sheet(folder, year, own, cells, reference)


def _foreign(own: Layer, reference: Layer, place: str) -> Iterable[Fault]:
    """Faults of what an overlay says about technologies otherwise than its reference."""
    for (name, parameter), cell in own.cells.items():
        base = reference.cells.get((name, parameter))
        if parameter == "investment" and base and base.capacity_unit != cell.capacity_unit:
            message = f"{name} is paid per {cell.capacity_unit}, in the reference per "
            message += str(base.capacity_unit)
            origin = cell.provenance
            yield Fault(
                origin.file, message, origin.row, "unit", remedy="use the same kind of unit"
            )
    known = {name for name, _ in reference.cells}
    for name in dict.fromkeys(name for name, _ in own.cells if name not in known):
        remedy = f"the reference has {', '.join(sorted(known)) or 'none'}"
        message = "not a technology of the reference"
        yield Fault(place, message, column="technologies", value=name, remedy=remedy)


def _sheet(
    folder: Path,
    year: int,
    own: Layer,
    cells: Cells,
    base: Layer,
) -> CostSheet:
    """Put the cells together; what is missing after inheritance is a fault."""
    needs_efficiency = {*own.manifest.requires_efficiency, *base.manifest.requires_efficiency}
    names = sorted({name for name, _ in cells})
    remedy = "add the row, or state its meaning under absent_means in manifest.yaml"
    faults = [
        Fault(
            str(base.files[0]),
            f"missing parameter {parameter} of {name}",
            column="parameter",
            remedy=remedy,
        )
        for name in names
        for parameter in PARAMETERS
        if (name, parameter) not in cells
        and (parameter != "efficiency" or name in needs_efficiency)
    ]
    if faults:
        raise InputError(faults)
    return CostSheet(
        name=folder.name,
        title=own.manifest.title,
        year=year,
        technologies={name: _technology(name, cells) for name in names},
    )


def _technology(name: str, cells: Cells) -> TechnologyCost:
    own = {p: cells[name, p] for p in PARAMETERS if (name, p) in cells}
    return TechnologyCost.model_validate(
        {
            "technology": name,
            "capacity_unit": own["investment"].capacity_unit,
            "numbers": {KINDS.get(name, name): cell.value for name, cell in own.items()},
            "provenance": {parameter: cell.provenance for parameter, cell in own.items()},
        }
    )
