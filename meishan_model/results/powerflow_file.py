"""The power flow of a slice as a file: ``results/<scenario>/<year>_powerflow.nc``.

The same conventions as for a slice: CF-1.11, local standard time, float64 with zlib, units,
written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.errors import Fault, InputError
from meishan_model.results.files import Year, result_path
from meishan_model.results.schema import (
    CONVENTIONS,
    SLICE_COORDINATES,
    Variable,
    assemble,
    number_array,
    text_array,
)

POWERFLOW_VERSION = 2
"""Raised by one whenever a reader of the old files would misread the new ones."""

SUFFIX = "_powerflow.nc"
AGREED_SUFFIX = "_agreed.nc"
"""Of a slice whose losses its own power flow confirms, beside the slice as it was planned."""

_MEAN = {"cell_methods": "time: mean"}


def _text(dim: str, long_name: str) -> Variable:
    return Variable((dim,), long_name, kind="text")


def _number(dim: str, long_name: str, unit: str | None) -> Variable:
    return Variable((dim,), long_name, unit)


def _hourly(dim: str, long_name: str, unit: str) -> Variable:
    return Variable((dim, "time"), long_name, unit, "number", _MEAN)


POWERFLOW_VARIABLES: Mapping[str, Variable] = {
    "time": SLICE_COORDINATES["time"],
    "time_bnds": Variable(("time", "bnds"), None, None, "time"),
    "bus": _text("bus", "bus"),
    "bus_zone": _text("bus", "zone of the bus"),
    "nominal_voltage": _number("bus", "nominal voltage", "kV"),
    "voltage": _hourly("bus", "voltage over nominal voltage", "1"),
    "active_power": _hourly("bus", "consumption less generation", "MW"),
    "reactive_power": _hourly("bus", "reactive consumption less generation", "Mvar"),
    "branch": _text("branch", "line or transformer station, all its circuits or units"),
    "branch_kind": _text("branch", "line or transformer"),
    "branch_element": _text("branch", "element of network.csv, empty for none"),
    "loading": _hourly("branch", "current or power of the fullest circuit over its limit", "1"),
    "branch_power": _hourly("branch", "active power at the first bus, positive inwards", "MW"),
    "branch_loss": _hourly("branch", "active power lost", "MW"),
    "transformer": _text("transformer", "transformer station"),
    "units": _number("transformer", "units in service", "1"),
    "tap_position": _hourly("transformer", "position of the tap changer", "1"),
    "element": _text("element", "element of network.csv"),
    "through": _number("element", "energy into the element in the optimiser", "MWh"),
    "loss_optimiser": _number("element", "loss in the optimiser", "MWh"),
    "loss_power_flow": _number("element", "loss in the power flow", "MWh"),
    "violation": _text("violation", "bus or branch beyond a limit"),
    "violation_quantity": _text("violation", "loading or voltage"),
    "violation_hours": _number("violation", "hours beyond the limit", "h"),
    "violation_value": _number("violation", "worst value", "1"),
    "feeder_reinforcement": _text("feeder_reinforcement", "line that is strengthened"),
    "feeder_zone": _text("feeder_reinforcement", "its zone"),
    "feeder_measure": _text("feeder_reinforcement", "parallel circuit, larger type, or none"),
    "feeder_type_before": _text("feeder_reinforcement", "standard type that stands"),
    "feeder_type": _text("feeder_reinforcement", "standard type with the measure"),
    "feeder_circuits_before": _number("feeder_reinforcement", "circuits that stand", "1"),
    "feeder_circuits": _number("feeder_reinforcement", "circuits with the measure", "1"),
    "feeder_length": _number("feeder_reinforcement", "length", "km"),
    "feeder_overload_hours": _number("feeder_reinforcement", "hours beyond the limit", "h"),
    "feeder_loading_before": _number("feeder_reinforcement", "highest loading as it stands", "1"),
    "feeder_loading_after": _number("feeder_reinforcement", "the same with the measures", "1"),
    "feeder_voltage_before": _number(
        "feeder_reinforcement", "voltage farthest from nominal on its feeder, over nominal, as it stands", "1"
    ),
    "feeder_voltage_after": _number("feeder_reinforcement", "the same with the measures", "1"),
    "feeder_investment": _number("feeder_reinforcement", "investment", "CNY"),
    "feeder_annuity": _number(
        "feeder_reinforcement", "annuity with fixed operation and maintenance", "CNY/a"
    ),
    "outage": _text("outage", "line or transformer of which one circuit or unit is out"),
    "closed_tie": _text("outage", "normally open line closed for it, empty for none"),
    "outage_branch": _text("outage", "fullest branch"),
    "outage_loading": _number("outage", "its loading", "1"),
    "outage_bus": _text("outage", "bus with the voltage furthest from nominal"),
    "outage_voltage": _number("outage", "its voltage", "1"),
    "overloaded": _number("outage", "branches beyond their limit", "1"),
    "outside_band": _number("outage", "buses up to 20 kV beyond the band", "1"),
    "unsupplied_load": _number("outage", "load without supply", "MW"),
    "zone": _text("zone", "zone"),
    "hosting_capacity": _number("zone", "PV that the zone takes beside what stands", "MW"),
    "hosting_limit": _text("zone", "what limits it"),
    "installed_pv": _number("zone", "PV that stands", "MW"),
    "indicator": _text("indicator", "indicator of a grid planner"),
    "indicator_value": _number("indicator", "its value", None),
    "indicator_unit": _text("indicator", "its unit"),
}
"""Every variable and coordinate of the file."""


def powerflow_dataset(
    arrays: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    time: pd.DatetimeIndex,
    attributes: Mapping[str, str | int | float],
) -> xr.Dataset:
    """Dataset of a year of power flow.

    Parameters
    ----------
    arrays
        Hours x buses or branches: voltage [1], active_power [MW], reactive_power [Mvar], loading
        [1], branch_power, branch_loss [MW], tap_position.
    tables
        By dimension (``bus``, ``branch``, ``transformer``, ``element``, ``violation``,
        ``feeder_reinforcement``, ``outage``, ``zone``, ``indicator``) the columns that go with it, under their names in
        :data:`POWERFLOW_VARIABLES`; the index names the rows.
    time
        Start of each hour.
    attributes
        Attributes of the file.

    Returns
    -------
    xarray.Dataset
    """
    stamps = time.to_numpy().astype("datetime64[ns]")
    content: dict[str, Any] = {
        "time": stamps,
        "time_bnds": np.stack([stamps, stamps + np.timedelta64(1, "h")], axis=1),
    }
    content |= {
        name: np.ascontiguousarray(np.asarray(array, dtype=np.float64).T)
        for name, array in arrays.items()
    }
    for dimension, table in tables.items():
        content[dimension] = text_array(table.index)
        for column in table:
            kind = POWERFLOW_VARIABLES[str(column)].kind
            values = table[column]
            content[str(column)] = text_array(values) if kind == "text" else number_array(values)
    lone = {n for n in content if (n,) == POWERFLOW_VARIABLES[n].dims}
    lone |= {n for n in content if POWERFLOW_VARIABLES[n].kind == "text"}
    data = {n: array for n, array in content.items() if n not in lone}
    coordinates = {n: array for n, array in content.items() if n in lone}
    marks = dict(attributes)
    marks |= {"Conventions": CONVENTIONS, "powerflow_version": POWERFLOW_VERSION}
    return assemble(data, coordinates, POWERFLOW_VARIABLES, marks)


def powerflow_path(
    folder: str | Path,
    scenario: str,
    year: Year,
    cost_sheet: str | None = None,
    hours: int = HOURS_OF_YEAR,
    agreed: bool = False,
) -> Path:
    """Path of the power flow of a slice, or of the one with agreed losses, beside the slice."""
    suffix = AGREED_SUFFIX.removesuffix(".nc") + SUFFIX if agreed else SUFFIX
    return result_path(folder, scenario, year, cost_sheet, hours, suffix)


def open_powerflow(path: Path) -> xr.Dataset:
    """Read a saved power flow into memory.

    Raises
    ------
    InputError
        If the file is missing, cannot be read or is of another version.
    """
    remedy = "make it with: make powerflow YEAR=<year>"
    try:
        with xr.open_dataset(path, engine="netcdf4") as stored:
            ds = stored.load()
    except (OSError, RuntimeError, ValueError) as error:
        message = "power flow is missing" if not path.is_file() else f"cannot be read ({error})"
        raise InputError([Fault(str(path), message, remedy=remedy)]) from error
    if ds.attrs.get("powerflow_version") != POWERFLOW_VERSION:
        raise InputError([Fault(str(path), "has another version of the contract", remedy=remedy)])
    return ds


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
        f"{quantity} of {element} in {hours:.0f} h, worst {value:.3f}"
        for quantity, element, hours, value in zip(
            ds["violation_quantity"].to_numpy(),
            ds["violation"].to_numpy(),
            ds["violation_hours"].to_numpy(),
            ds["violation_value"].to_numpy(),
            strict=True,
        )
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
