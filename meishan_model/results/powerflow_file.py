"""The file of a power flow of a slice: ``results/<scenario>/<year>_powerflow.nc``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import xarray as xr

from meishan_model.components.selection import each
from meishan_model.errors import InputError
from meishan_model.results.contract import table_of
from meishan_model.results.files import read_file

AGREED_SUFFIX = "_agreed.nc"
"""Of a slice whose losses its own power flow confirms, beside the slice as it was planned."""


def powerflow_path(slice_path: Path) -> Path:
    """Path of the power flow of a slice, beside it."""
    return slice_path.with_name(f"{slice_path.stem}_powerflow.nc")


def open_powerflow(path: Path) -> xr.Dataset:
    """Read a saved power flow into memory.

    Raises
    ------
    InputError
        If the file is missing, cannot be read or is of another version.
    """
    return read_file(path, "powerflow", "meishan powerflow <year>")


@dataclass(frozen=True)
class Findings:
    """What a saved power flow says about its slice.

    Attributes
    ----------
    inputs_sha256
        Hash of the slice and the grid that it rests on.
    agreed_from
        Hash of the slice with whose losses the agreement of optimiser and power flow began; empty
        for the power flow of a slice as it was planned.
    violations
        One text for each bus or branch beyond a limit with all elements in service.
    sentence
        The result in one line.
    """

    inputs_sha256: str
    agreed_from: str
    violations: tuple[str, ...]
    sentence: str


def stored_findings(path: Path) -> Findings | None:
    """Findings of a saved power flow, ``None`` where there is none that can be read."""
    if not path.is_file():
        return None
    try:
        ds = open_powerflow(path)
    except InputError:
        return None
    violations = tuple(
        f"{row.quantity} of {row.Index} in {row.hours:.0f} h, worst {row.value:.3f}"
        for row in each(table_of(ds, "powerflow", "violation"))
    )
    insecure = str(ds.attrs["insecure_outages"])
    parts = [f"{len(violations)} violations"]
    parts.append(f"not secure at n-1: {insecure}" if insecure else "secure at n-1")
    parts.append(f"losses of the plan {float(ds.attrs['loss_difference']):+.1%} off")
    if ds.attrs["feeder_reinforcement_annuity"] > 0:
        laid = "laid" if ds.attrs["feeders_laid"] else "needed"
        annuity = ds.attrs["feeder_reinforcement_annuity"] / 1e6
        parts.append(f"feeders {laid} for {annuity:,.2f} million CNY/a")
    digest, origin = (str(ds.attrs[name]) for name in ("inputs_sha256", "agreed_from"))
    return Findings(digest, origin, violations, ", ".join(parts))
