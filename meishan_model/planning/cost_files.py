"""Cost sheets of the package brought into a project, and files of technology-data into a sheet.

PyPSA's technology-data (https://github.com/PyPSA/technology-data) has a file ``costs_<year>.csv``
of several hundred technologies for every fifth year. The sheet ``technology_data`` says which of
them are the park's, and in what money; the files themselves are the user's to bring.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from meishan_model import sheets
from meishan_model.errors import Fault, InputError
from meishan_model.sheets.costs import CostSheet, load_costs

REFERENCE_DATA = Path(sheets.__file__).parent / "reference_data"
"""The project's own ``configs`` as they come with the package."""
TECHNOLOGY_DATA = "technology_data"
"""Name of the cost sheet of technology-data's files."""


def ensure_cost_sheet(root: Path, name: str) -> Path:
    """Folder of a cost sheet of the package in a project; it is copied if it is not there."""
    folder = root / "configs" / "costs" / name
    if not folder.exists():
        shutil.copytree(REFERENCE_DATA / "costs" / name, folder)
    return folder


def import_costs(root: Path, file: Path) -> CostSheet:
    """Put a year of technology-data into the cost sheet ``technology_data`` of a project.

    Parameters
    ----------
    root
        Folder of the project.
    file
        ``costs_<year>.csv`` as technology-data publishes it.

    Returns
    -------
    CostSheet
        What is read of it, in the project's units.

    Raises
    ------
    InputError
        If it is no such file, or what the manifest names is missing or wrong in it; then nothing
        is written.
    """
    found = re.fullmatch(r"costs_(\d{4})\.csv", file.name)
    if found is None or not file.is_file():
        message = "is no file costs_<year>.csv" if found is None else "there is no such file"
        remedy = "technology-data has them in its folder outputs"
        raise InputError([Fault("FILE", message, value=str(file), remedy=remedy)])
    year, costs = int(found[1]), root / "configs" / "costs"
    with tempfile.TemporaryDirectory() as trial:
        if costs.is_dir():
            shutil.copytree(costs, Path(trial, "configs", "costs"))
        folder = _into(Path(trial), file)
        places = {
            str(folder / file.name): str(file),
            str(folder / "manifest.yaml"): str(costs / TECHNOLOGY_DATA),
        }
        try:
            load_costs(folder, year)
        except InputError as error:
            raise InputError(
                replace(fault, file=places.get(fault.file, fault.file)) for fault in error.faults
            ) from error
    return load_costs(_into(root, file), year)


def _into(root: Path, file: Path) -> Path:
    """Put a file into the cost sheet of technology-data of a project, and return its folder."""
    ensure_cost_sheet(root, "reference")
    folder = ensure_cost_sheet(root, TECHNOLOGY_DATA)
    if file.resolve().parent != folder.resolve():
        shutil.copy(file, folder)
    return folder
