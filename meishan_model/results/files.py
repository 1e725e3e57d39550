"""Where result files lie, and how they are written whole or not at all, and read.

Beside the NetCDF files there are tables of studies as CSV. Their first two lines are
``# inputs_sha256: <hash>`` and ``# code_sha256: <hash>``, so that ``meishan check`` knows a stale
table; units stand in square brackets in the names of the columns, such as ``paid_cost [CNY/a]``.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import netCDF4
import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError, refuse
from meishan_model.results.contract import VERSIONS, File, text_array
from meishan_model.sheets.units import HOURS_OF_YEAR, STEPS
from meishan_model.version import STUDIES, code_sha256
from meishan_model.whole_file import whole_file

logger = logging.getLogger(__name__)

_COMPRESSION = 4
_SEPARATORS = "/\\@~\0"

Year = int | Literal["pathway"]


def result_path(
    results_folder: str | Path,
    scenario: str,
    year: Year,
    cost_sheet: str | None = None,
    hours: int = HOURS_OF_YEAR,
    minutes: int = 60,
    suffix: str = ".nc",
) -> Path:
    """Path of a result: ``<folder>/<scenario>[@<sheet>][~<hours>h][~<n>min]/<year><suffix>``.

    Parameters
    ----------
    results_folder
        Folder of all results.
    scenario
        Stem of the scenario's YAML file.
    year
        Year of the slice, or ``"pathway"``.
    cost_sheet
        Name of the cost sheet where it is not the scenario's own, else ``None``.
    hours
        Hours of the year that were solved [h].
    minutes
        Length of a time step [min].
    suffix
        Ending of the file's name.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    InputError
        If a name is empty or holds a character that would make two results share a path, or
        the hours are not from 1 to 8760, or the step is none.
    """
    faults = [
        Fault("results", f"{what} cannot name a folder", column=what, value=name, remedy=remedy)
        for what, name in (("scenario", scenario), ("cost_sheet", cost_sheet))
        if name is not None and (not name or name[0] == "." or set(name) & set(_SEPARATORS))
        for remedy in ["a name is not empty, starts with no dot and holds none of / \\ @ ~"]
    ]
    if not 1 <= hours <= HOURS_OF_YEAR:
        message, remedy = f"hours are not 1 to {HOURS_OF_YEAR}", "give weeks: 168, 336, ... 8760"
        faults.append(Fault("--hours", message, value=str(hours), remedy=remedy))
    if minutes not in STEPS:
        remedy = f"give one of {', '.join(map(str, STEPS))}"
        faults.append(Fault("--step", "is no time step [min]", value=str(minutes), remedy=remedy))
    refuse(faults)
    stem = scenario + (f"@{cost_sheet}" if cost_sheet is not None else "")
    stem += f"~{hours}h" if hours != HOURS_OF_YEAR else ""
    stem += f"~{minutes}min" if minutes != 60 else ""
    return Path(results_folder) / stem / f"{year}{suffix}"


def _encoding(ds: xr.Dataset) -> dict[str, dict[str, Any]]:
    """How each variable is stored: numbers as float64 with zlib, stamps in hours."""
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in ds.variables.items():
        if variable.dtype.kind == "f":
            settings = {"dtype": "float64", "zlib": True, "complevel": _COMPRESSION}
            settings["fletcher32"] = True  # a damaged value is an error when it is read
            encoding[str(name)] = {**settings, "_FillValue": None}
        elif variable.dtype.kind == "M":
            # Quarters of an hour are exact in float64; time and its bounds must share the count.
            epoch = pd.Timestamp(ds["time"].to_numpy()[0]).year if ds["time"].size else 2020
            units = f"hours since {epoch}-01-01 00:00:00"
            stamps = {"dtype": "float64", "units": units, "calendar": "standard"}
            encoding[str(name)] = {**stamps, "_FillValue": None}
    return encoding


def _fixed_width_text(ds: xr.Dataset) -> xr.Dataset:
    """Text as fixed-width arrays, whose type is known to the writer even when they are empty."""
    texts = {n: v.astype(str) for n, v in ds.variables.items() if v.dtype.kind in "OT"}
    return ds.drop_encoding().assign(texts) if texts else ds.drop_encoding()


def _python_text(ds: xr.Dataset) -> xr.Dataset:
    """Text as Python str objects, whatever type the reader chose."""
    texts = {
        name: (v.dims, text_array(v.to_numpy()), v.attrs)
        for name, v in ds.variables.items()
        if v.dtype.kind in "OUT"
    }
    return ds.assign(texts)


def write_atomically(ds: xr.Dataset, path: str | Path) -> None:
    """Save a dataset so that the path always holds a whole file, the old or the new one.

    The file is written under another name in the same folder, forced to the disk and renamed.
    Whoever may write at the same time is the matter of
    :func:`~meishan_model.results.runs.scenario_lock`.

    Parameters
    ----------
    ds
        Dataset of the contract.
    path
        Target; its folder is made if needed.

    Raises
    ------
    WriteError
        If the disk is full or the folder cannot be written; nothing is left behind.
    """
    with whole_file(path) as partial:
        try:
            _fixed_width_text(ds).to_netcdf(partial, engine="netcdf4", encoding=_encoding(ds))
        except RuntimeError as error:
            # The NetCDF library reports a full disk as a RuntimeError without a reason.
            raise OSError(str(error)) from error


def command(
    goal: str,
    scenario: str,
    cost_sheet: str | None = None,
    hours: int = HOURS_OF_YEAR,
    minutes: int = 60,
    own_hours: int = HOURS_OF_YEAR,
) -> str:
    """A command about a scenario as it is typed.

    Parameters
    ----------
    goal
        Name of the command with its arguments.
    scenario, cost_sheet, hours, minutes
        As in :func:`result_path`.
    own_hours
        Hours that the command solves unless it is asked for others [h].

    Examples
    --------
    >>> command("solve 2035", "balanced"), command("abatement", "x", hours=8760, own_hours=672)
    ('meishan solve 2035 -s balanced', 'meishan abatement -s x --hours 8760')
    """
    words = [f"meishan {goal} -s {scenario}"]
    words += [f"--costs {cost_sheet}"] if cost_sheet is not None else []
    words += [f"--hours {hours}"] if hours != own_hours else []
    words += [f"--step {minutes}min"] if minutes != 60 else []
    return " ".join(words)


def open_results(
    scenario: str,
    year: Year,
    folder: str | Path = "results",
    cost_sheet: str | None = None,
    hours: int = HOURS_OF_YEAR,
    minutes: int = 60,
) -> xr.Dataset:
    """Read a saved result into memory; the file is closed again.

    Parameters
    ----------
    scenario, year, cost_sheet, hours, minutes
        As in :func:`result_path`.
    folder
        Folder of all results.

    Returns
    -------
    xarray.Dataset
        Equal to the dataset that was saved, in values, types and attributes.

    Raises
    ------
    InputError
        If the file is missing, cannot be read, or was written with another version of the
        contract; the command that makes it is named.

    Examples
    --------
    >>> ds = open_results("balanced", 2035)  # doctest: +SKIP
    >>> ds["power"].sel(flow="grid->meishan_20kv").max()  # doctest: +SKIP
    """
    path = result_path(folder, scenario, year, cost_sheet, hours, minutes)
    file: File = "pathway" if year == "pathway" else "slice"
    goal = "pathway" if year == "pathway" else f"solve {year}"
    return read_file(path, file, command(goal, scenario, cost_sheet, hours, minutes))


def read_file(path: Path, file: File, command: str) -> xr.Dataset:
    """Read a file of the contract into memory, in the types in which it was saved.

    Parameters
    ----------
    path
        Where it lies.
    file
        What it is.
    command
        What makes it.

    Raises
    ------
    InputError
        If it is missing, cannot be read or has another version; the command is named.
    """
    remedy = f"make it with: {command}"
    if not path.is_file():
        raise InputError([Fault(str(path), "result is missing", remedy=remedy)])
    try:
        with xr.open_dataset(path, engine="netcdf4") as stored:
            ds = _python_text(stored.load()).drop_encoding()
    except (OSError, RuntimeError, ValueError) as error:
        message = f"result cannot be read ({error})"
        raise InputError([Fault(str(path), message, remedy=remedy)]) from error
    ds.attrs = {k: v.item() if isinstance(v, np.generic) else v for k, v in ds.attrs.items()}
    name, number = VERSIONS[file]
    if (found := ds.attrs.get(name)) != number:
        message = f"result has another version of the contract than {number}"
        raise InputError([Fault(str(path), message, column=name, value=str(found), remedy=remedy)])
    return ds


@dataclass(frozen=True)
class Stamp:
    """What a saved result says about its making.

    Attributes
    ----------
    inputs_sha256
        Hash of all inputs.
    code_sha256
        Hash of the code; empty where the file does not say.
    reference_sha256
        Hash of the pathway that it is measured against; empty where there is none.
    """

    inputs_sha256: str
    code_sha256: str = ""
    reference_sha256: str = ""


def read_stamp(path: str | Path) -> Stamp | None:
    """Stamp of a slice, a pathway or a table of a study, read without its content.

    Parameters
    ----------
    path
        Path of a result.

    Returns
    -------
    Stamp or None
        ``None`` if there is no file, if it cannot be read or carries no hash (with a warning in
        the log), or if it has another version of the contract: in all cases it has to be made
        anew.
    """
    path = Path(path)
    if path.suffix == ".csv":
        return _stamp_of_table(path)
    if not path.exists():
        return None
    version, number = VERSIONS["slice"]
    names = (version, "inputs_sha256", "code_sha256", "reference_sha256")
    try:
        with netCDF4.Dataset(path) as stored:
            found, *digests = (getattr(stored, name, "") for name in names)
    except (OSError, RuntimeError, ValueError) as error:
        logger.warning("%s cannot be read and counts as missing: %s", path, error)
        return None
    if found != number:
        logger.info("%s has version %s of the contract, not %s", path, found, number)
        return None
    if not digests[0]:
        logger.warning("%s has no inputs_sha256 and counts as missing", path)
        return None
    return Stamp(*map(str, digests))


def stored_hash(path: str | Path) -> str | None:
    """Hash of the inputs that a saved result was made of; ``None`` as :func:`read_stamp`."""
    stamp = read_stamp(path)
    return None if stamp is None else stamp.inputs_sha256


_HEAD = "# inputs_sha256: {}\n# code_sha256: {}\n"
"""First lines of a table that says what it rests on."""


def write_table(frame: pd.DataFrame, path: Path, inputs_sha256: str = "") -> None:
    """Save a table so that the path always holds a whole one, the old or the new.

    Parameters
    ----------
    frame
        The table; its index is not saved.
    path
        Target; its folder is made if needed.
    inputs_sha256
        Hash of what the table rests on; empty where nobody asks.

    Raises
    ------
    WriteError
        If the folder cannot be written or the disk is full; nothing is left behind.
    """
    head = _HEAD.format(inputs_sha256, code_sha256(*STUDIES)) if inputs_sha256 else ""
    with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        file.write(head)
        frame.to_csv(file, index=False, lineterminator="\n", na_rep="nan")


def _stamp_of_table(path: Path) -> Stamp | None:
    try:
        with path.open(encoding="utf-8") as file:
            head = "".join(islice(file, _HEAD.count("\n")))
    except (OSError, ValueError):
        return None
    found = re.fullmatch(_HEAD.format("(.*)", "(.*)"), head)
    return None if found is None else Stamp(*found.groups())
