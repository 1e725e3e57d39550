"""The contract of the result files: what stands in a slice, a pathway and a power flow.

``contract.csv`` beside this file has a row for each variable, coordinate and attribute. Files are
written by it (:func:`assemble`) and held against it (:func:`violations`): names, dimensions,
types, units and the values of labels. Whether the numbers fit each other is asked in
:mod:`meishan_model.accounts.checks`.

=============  ====================================================================================
column         what it says
=============  ====================================================================================
``files``      the files that have it: ``slice``, ``pathway``, ``powerflow``
``place``      ``variable``, ``coordinate`` or ``attribute`` of the file
``dims``       dimensions in order; a slice is one year and has no dimension ``year``
``kind``       ``number`` (float64), ``integer`` (int64), ``text``, ``time`` (datetime64) or
               ``digest`` (64 hexadecimal digits)
``optional``   ``yes`` where it may be left out; a coordinate may where nothing has its dimension
``gaps``       ``yes`` where not a number, or an empty text, is right: what does not exist
``column``     its name in the table of its dimension, where that is another one: a NetCDF file has
               one name space, so that ``unit`` of a flow and ``asset_unit`` stand side by side
``texts``      the texts that it may hold
``labels_of``  the dimension whose labels it holds
=============  ====================================================================================

``units``, ``cell_methods``, ``comment`` and ``long_name`` are CF attributes. The coordinates of a
flow stand in :mod:`meishan_model.components.coordinates`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from meishan_model.components.coordinates import IN_FILE, MEANINGS, ROLES, STAGES, WAYS
from meishan_model.errors import ContractError, Fault
from meishan_model.results.wording import TERMS
from meishan_model.sheets.scenario import TRAJECTORIES

CONVENTIONS = "CF-1.11"
SCHEMA_VERSION = 1
"""Raised by one whenever a reader of the old slices and pathways would misread the new ones."""
POWERFLOW_VERSION = 2
"""The same of power flows."""

SHOWN_IN = ("currency", "currency_year", "currency_rate")
"""Attributes that say in which currency people read a file, where it is not CNY of 2020."""

File = Literal["slice", "pathway", "powerflow"]
Attributes = Mapping[str, str | int | float]
VERSIONS: Mapping[File, tuple[str, int]] = {
    "slice": ("schema_version", SCHEMA_VERSION),
    "pathway": ("schema_version", SCHEMA_VERSION),
    "powerflow": ("powerflow_version", POWERFLOW_VERSION),
}
"""Name and value of the attribute that says the version of a file."""

_CF = ("long_name", "units", "cell_methods", "comment")
_TIME = {"standard_name": "time", "bounds": "time_bnds", "axis": "T"}
_VALUES = {
    "role": ROLES,
    "way": WAYS,
    "stage": STAGES,
    "term_kind": frozenset(TERMS),
    "trajectory": frozenset(TRAJECTORIES),
}
"""Values of texts that other modules define."""
_TYPES = {"number": "float64", "integer": "int64", "time": "datetime64[ns]", "text": "str"}
_NUMBERS: Mapping[str, tuple[type, ...]] = {
    "number": (int, float, np.integer, np.floating),
    "integer": (int, np.integer),
}
_SHOWN = 5


@dataclass(frozen=True)
class Variable:
    """A row of the contract; the fields are the columns of ``contract.csv``."""

    name: str
    place: str
    dims: tuple[str, ...]
    kind: str
    column: str
    attributes: Mapping[str, str]
    texts: frozenset[str] = frozenset()
    labels_of: str = ""
    optional: bool = False
    gaps: bool = False


@cache
def contract(file: File) -> tuple[Variable, ...]:
    """Everything that a file has: variables, coordinates and attributes."""
    table = resources.files("meishan_model.results") / "contract.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    found = [_variable(row, file) for row in rows if file in row["files"].split()]
    return (*found, *(_flow_coordinates() if file == "slice" else ()))


def _variable(row: Mapping[str, str], file: File) -> Variable:
    dims = [dim for dim in row["dims"].split() if (dim, file) != ("year", "slice")]
    of_time = _TIME if row["name"] == "time" else {}
    return Variable(
        row["name"],
        row["place"],
        tuple(dims),
        row["kind"],
        row["column"] or row["name"],
        {name: row[name] for name in _CF if row[name]} | of_time,
        _VALUES.get(row["name"], frozenset(row["texts"].split())),
        row["labels_of"],
        row["optional"] == "yes",
        row["gaps"] == "yes",
    )


def _flow_coordinates() -> Iterator[Variable]:
    for column, meaning in MEANINGS.items():
        labels_of = "node" if column in ("source", "target") else ""
        values = _VALUES.get(column, frozenset())
        told = {"long_name": meaning}
        name = IN_FILE[column]
        yield Variable(name, "coordinate", ("flow",), "text", column, told, values, labels_of)


@cache
def variables(file: File) -> Mapping[str, Variable]:
    """Variables and coordinates of a file by their names."""
    return {row.name: row for row in contract(file) if row.place != "attribute"}


def assemble(
    file: File,
    tables: Mapping[str, pd.DataFrame],
    arrays: Mapping[str, Any],
    attributes: Mapping[str, Any],
) -> xr.Dataset:
    """Dataset of tables and arrays, with dimensions, types and CF attributes by the contract.

    Parameters
    ----------
    file
        What it is to be.
    tables
        Table by dimension: its index are the labels, its columns are called as in the column
        ``column`` of the contract. Other columns are left out; an empty table needs none.
    arrays
        Array by name, in the shape of its dimensions.
    attributes
        Attributes of the file; version and conventions are set here.

    Raises
    ------
    ContractError
        With every column that is missing and everything that is no text or no number.
    """
    known, faults, found = variables(file), list[Fault](), dict(arrays)
    for dim, table in tables.items():
        for row in known.values():
            if row.dims != (dim,) or row.name in found:
                continue
            if row.name == dim:
                found[dim] = table.index
            elif row.column in table or table.empty:
                found[row.name] = table.get(row.column, [])
            elif not row.optional:
                faults.append(Fault(dim, "column is missing", column=row.column))
    faults += [Fault(file, "is not in the contract", value=n) for n in found if n not in known]
    content = {n: _array(known[n], values, faults) for n, values in found.items() if n in known}
    if faults:
        raise ContractError(f"the {file}", faults)
    data, coordinates = (
        {
            name: (known[name].dims, array, dict(known[name].attributes))
            for name, array in content.items()
            if known[name].place == place
        }
        for place in ("variable", "coordinate")
    )
    version, number = VERSIONS[file]
    plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in attributes.items()}
    plain |= {"Conventions": CONVENTIONS, version: number}
    return xr.Dataset(data, coordinates, plain)


def _array(row: Variable, values: Any, faults: list[Fault]) -> npt.NDArray[Any]:
    """Values in the type of the contract; what is of another kind goes to `faults`."""
    array = np.asarray(values)
    if row.kind == "text":
        wrong = [value for value in array.flat if not isinstance(value, str)]
        faults += [Fault(row.name, "is not a text", value=str(value)) for value in wrong[:1]]
        return text_array(array)
    if array.size and array.dtype.kind not in ("M" if row.kind == "time" else "iuf"):
        faults.append(Fault(row.name, f"is not a {row.kind}", value=str(array.flat[0])))
        return array
    return np.array(array, dtype=_TYPES[row.kind], order="C")


def text_array(values: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Array of Python str objects in the shape of `values`.

    A fixed dtype independent of the version of pandas; an empty one stays text.
    """
    given = np.asarray(values)
    return np.array([str(value) for value in given.flat], dtype=object).reshape(given.shape)


def time_axis(stamps: pd.DatetimeIndex, minutes: int) -> dict[str, npt.NDArray[np.datetime64]]:
    """Arrays ``time`` (steps,) and ``time_bnds`` (steps, 2) of the starts of time steps."""
    start = stamps.to_numpy().astype("datetime64[ns]")
    end = start + np.timedelta64(minutes, "m")
    return {"time": start, "time_bnds": np.stack([start, end], axis=1)}


def table_of(ds: xr.Dataset, file: File, dim: str) -> pd.DataFrame:
    """Table of all that has a dimension alone, as :func:`assemble` takes it."""
    rows = [row for row in variables(file).values() if row.dims == (dim,) and row.name != dim]
    columns = {row.column: ds[row.name].to_numpy() for row in rows if row.name in ds}
    return pd.DataFrame(columns, index=ds[dim].to_numpy() if dim in ds.coords else None)


def violations(ds: xr.Dataset, file: File) -> list[str]:
    """Everything in which a dataset breaks the contract of a file, a sentence each."""
    known = variables(file)
    places = {"variable": ds.data_vars, "coordinate": ds.coords}
    used = {
        dim
        for row in known.values()
        if row.place == "variable" and (not row.optional or row.name in ds.data_vars)
        for dim in row.dims
    }
    found = [
        f"{place} {name} is not in the contract"
        for place, there in places.items()
        for name in there
        if name not in known or known[str(name)].place != place
    ]
    for name, row in known.items():
        if name in places[row.place]:
            found += _of_variable(ds, row)
        elif not row.optional and used.issuperset(row.dims):
            found.append(f"{row.place} {name} is missing")
    return [*found, *_of_attributes(ds, file)]


def _of_variable(ds: xr.Dataset, row: Variable) -> Iterator[str]:
    """In what a variable breaks its row of the contract."""
    name, array = row.name, ds[row.name]
    values = array.to_numpy()
    if array.dims != row.dims:
        yield f"{name} has the dimensions {array.dims} instead of {row.dims}"
        return
    if not _is_of_kind(values, row.kind):
        yield f"{name} has the type {array.dtype} instead of {_TYPES[row.kind]}"
        return
    for key, value in row.attributes.items():
        if (given := array.attrs.get(key)) != value:
            yield f"{name} has the attribute {key} {given!r} instead of {value!r}"
    if row.kind in ("number", "time"):
        wrong = np.isinf(values) if row.gaps else ~np.isfinite(values)
        if wrong.any():
            yield f"{name} has {int(wrong.sum())} values that are not finite"
    if row.texts and (strange := set(values) - row.texts):
        yield f"{name} is unknown: {listed(strange)}"
    if row.labels_of in ds and (strange := set(values) - set(ds[row.labels_of].to_numpy().flat)):
        yield f"{name} is no {row.labels_of}: {listed(strange)}"
    if row.dims == (name,):
        index = pd.Index(values)
        if row.kind == "text":
            if doubled := set(index[index.duplicated()]):
                yield f"{name} has labels more than once: {listed(doubled)}"
        elif index.empty or not (index.is_monotonic_increasing and index.is_unique):
            yield f"{name} is not strictly increasing"


def _is_of_kind(values: npt.NDArray[Any], kind: str) -> bool:
    if kind == "time":
        return values.dtype.kind == "M"
    if kind == "text":
        return values.dtype.kind in "OUT" and all(isinstance(x, str) for x in values.flat)
    return values.dtype == _TYPES[kind]


def listed(items: Iterable[str]) -> str:
    """Some items in a sentence, in their order; how many more there are."""
    texts = sorted(items)
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(texts[:_SHOWN]) + more


def _of_attributes(ds: xr.Dataset, file: File) -> Iterator[str]:
    """How the attributes of a file break the contract; those that it does not know are free."""
    version, number = VERSIONS[file]
    fixed = {"Conventions": CONVENTIONS, version: number}
    known = {row.name: row for row in contract(file) if row.place == "attribute"}
    for name, row in known.items():
        value = ds.attrs.get(name)
        if value is None:
            if not row.optional:
                yield f"attribute {name} is missing"
        elif isinstance(value, bool) or not isinstance(value, _NUMBERS.get(row.kind, str)):
            yield f"attribute {name} is {value!r}, which is no {row.kind}"
        elif value == "" and not row.gaps:
            yield f"attribute {name} is empty"
        elif name in fixed and value != fixed[name]:
            yield f"attribute {name} is {value!r} instead of {fixed[name]!r}"
        elif row.texts and value not in row.texts:
            yield f"attribute {name} is unknown: {value}"
        elif row.kind == "digest" and not re.fullmatch("[0-9a-f]{64}|", str(value)):
            yield f"attribute {name} is {value!r}, not 64 hexadecimal digits"
    for name, value in ds.attrs.items():
        may_be_missing = name in known and known[str(name)].gaps
        if isinstance(value, (float, np.floating)) and not (np.isfinite(value) or may_be_missing):
            yield f"attribute {name} is {value}, which is not finite"
