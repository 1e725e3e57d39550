"""Checks of a dataset against the data contract; every violation is found, not only the first.

Names, dimensions, types, units, attributes and the meaning of labels are asked here; whether the
numbers fit each other is asked in :mod:`meishan_model.accounts.checks`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.components.coordinates import ROLES, STAGES, WAYS
from meishan_model.results.reasons import TERMS
from meishan_model.results.schema import (
    CONVENTIONS,
    COST_CATEGORIES,
    EMISSION_SCOPES,
    FACILITIES,
    FINANCES,
    FLOW_ARROW,
    INVESTMENT_PARTS,
    MEASURE_KINDS,
    NODE_KINDS,
    PATHWAY_ATTRIBUTES,
    PATHWAY_COORDINATES,
    PATHWAY_TABLE_COORDINATES,
    PATHWAY_TABLES,
    PATHWAY_VARIABLES,
    PRICE_VARIABLES,
    SCHEMA_VERSION,
    SLICE_ATTRIBUTES,
    SLICE_COORDINATES,
    SLICE_VARIABLES,
    Variable,
)

_SHOWN = 5

Check = Callable[[xr.Dataset], list[str]]


def validate_slice(ds: xr.Dataset) -> list[str]:
    """Violations of the contract by the dataset of one slice year.

    Parameters
    ----------
    ds
        Dataset of :func:`~meishan_model.results.contract.slice_dataset`, or one that was read.

    Returns
    -------
    list of str
        One sentence per violation; empty if the dataset keeps the contract.
    """
    variables, coordinates = dict(SLICE_VARIABLES), dict(SLICE_COORDINATES)
    if "price_unavailable" not in ds.attrs:
        variables["price"] = PRICE_VARIABLES["price"]
        coordinates["bus"] = PRICE_VARIABLES["bus"]
    violations = _structure(ds, variables, coordinates)
    violations += _attributes(ds, SLICE_ATTRIBUTES)
    violations += _finite(ds, [n for n, v in variables.items() if v.may_be_missing])
    checks: dict[Check, tuple[str, ...]] = {
        _hours: ("time",),
        _bounds_of_hours: ("time", "time_bnds"),
        _flows: ("flow", "source", "target", "node"),
        _kinds: ("node", "kind", "storage"),
        _terms: ("asset", "term_asset"),
        _categories("term_kind", frozenset(TERMS)): ("term_kind",),
        _categories("category", COST_CATEGORIES): ("category",),
        _categories("scope", EMISSION_SCOPES): ("scope",),
        _categories("role", ROLES): ("role",),
        _categories("way", WAYS): ("way",),
        _categories("stage", STAGES): ("stage",),
    }
    return violations + _run(ds, checks, {**variables, **coordinates})


def validate_pathway(ds: xr.Dataset) -> list[str]:
    """Violations of the contract by the dataset of a pathway.

    Parameters
    ----------
    ds
        Dataset of :func:`~meishan_model.results.contract.pathway_dataset`, or one that was read.

    Returns
    -------
    list of str
        One sentence per violation; empty if the dataset keeps the contract.
    """
    # The further tables may be there or not; what is there keeps to the contract.
    tables = {n: v for n, v in PATHWAY_TABLES.items() if n in ds.data_vars}
    used = {dim for variable in tables.values() for dim in variable.dims}
    beside = {n: v for n, v in PATHWAY_TABLE_COORDINATES.items() if set(v.dims) <= used}
    variables = {**PATHWAY_VARIABLES, **tables}
    coordinates = {**PATHWAY_COORDINATES, **beside}
    violations = _structure(ds, variables, coordinates)
    violations += _attributes(ds, PATHWAY_ATTRIBUTES)
    violations += _finite(ds, [n for n, v in variables.items() if v.may_be_missing])
    checks: dict[Check, tuple[str, ...]] = {
        _years: ("year",),
        _terms: ("asset", "term_asset"),
        _categories("term_kind", frozenset(TERMS)): ("term_kind",),
        _categories("part", INVESTMENT_PARTS): ("part",),
        _categories("facility", FACILITIES): ("facility",),
        _categories("finance", FINANCES): ("finance",),
        _categories("measure_kind", MEASURE_KINDS): ("measure_kind",),
        _categories("cost_category", COST_CATEGORIES): ("cost_category",),
        _categories("scope", EMISSION_SCOPES): ("scope",),
    }
    everything = {**PATHWAY_TABLES, **PATHWAY_TABLE_COORDINATES}
    return violations + _run(ds, checks, {**everything, **variables, **coordinates})


def _run(
    ds: xr.Dataset, checks: Mapping[Check, tuple[str, ...]], schema: Mapping[str, Variable]
) -> list[str]:
    """Run each check whose variables are there and of the right shape and type."""
    return [
        violation
        for check, needed in checks.items()
        if all(name in ds and not _shape(ds, name, schema[name]) for name in needed)
        for violation in check(ds)
    ]


def _list(items: Iterable[object]) -> str:
    texts = [str(item) for item in items]
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(texts[:_SHOWN]) + more


def _shape(ds: xr.Dataset, name: str, variable: Variable) -> list[str]:
    """Dimensions and type of one variable that is there."""
    array = ds[name]
    if array.dims != variable.dims:
        return [f"{name} has the dimensions {array.dims} instead of {variable.dims}"]
    right = {
        "number": array.dtype == np.float64,
        "year": array.dtype == np.int64,
        "time": array.dtype.kind == "M",
        "text": array.dtype.kind in "OUT"
        and all(isinstance(x, str) for x in array.to_numpy().flat),
    }
    wanted = {"number": "float64", "year": "int64", "time": "datetime64", "text": "str"}
    if not right[variable.kind]:
        return [f"{name} has the type {array.dtype} instead of {wanted[variable.kind]}"]
    return []


def _structure(
    ds: xr.Dataset, variables: Mapping[str, Variable], coordinates: Mapping[str, Variable]
) -> list[str]:
    """Names, places, dimensions, types and CF attributes of all variables."""
    violations: list[str] = []
    places = (("variable", variables, ds.data_vars), ("coordinate", coordinates, ds.coords))
    for what, wanted, found in places:
        violations += [f"{what} {name} is missing" for name in wanted if name not in found]
        violations += [f"{what} {n} is not in the contract" for n in found if n not in wanted]
        for name, variable in wanted.items():
            if name in found:
                violations += _shape(ds, name, variable)
                violations += [
                    f"{name} has the attribute {key} {found[name].attrs.get(key)!r} "
                    f"instead of {value!r}"
                    for key, value in variable.attrs().items()
                    if found[name].attrs.get(key) != value
                ]
    for name, index in ds.indexes.items():
        doubled = index[index.duplicated()].unique()
        if len(doubled) and name != "time":
            violations.append(f"{name} has labels more than once: {_list(doubled)}")
    return violations


def _attributes(ds: xr.Dataset, wanted: Mapping[str, type]) -> list[str]:
    """Check required attributes, their types, and the values that are fixed."""
    violations = []
    for name, kind in wanted.items():
        value = ds.attrs.get(name)
        number = (int, np.integer) if kind is int else (int, float, np.integer, np.floating)
        allowed = (str,) if kind is str else number
        if value is None:
            violations.append(f"attribute {name} is missing")
        elif isinstance(value, bool) or not isinstance(value, allowed):
            violations.append(f"attribute {name} is {value!r}, which is no {kind.__name__}")
        elif value == "":
            violations.append(f"attribute {name} is empty")
    violations += [
        f"attribute {name} is {value}, which is not finite"
        for name, value in ds.attrs.items()
        if isinstance(value, (float, np.floating)) and not np.isfinite(value)
        # Without duals nobody can say how far the solution is from the optimum.
        if not (name == "optimality_gap" and "price_unavailable" in ds.attrs)
    ]
    fixed = {"Conventions": CONVENTIONS, "schema_version": SCHEMA_VERSION}
    violations += [
        f"attribute {name} is {ds.attrs[name]!r} instead of {value!r}"
        for name, value in fixed.items()
        if name in ds.attrs and ds.attrs[name] != value
    ]
    violations += [
        f"attribute {name} is {digest!r}, not 64 hexadecimal digits"
        for name in ("inputs_sha256", "code_sha256")
        if isinstance(digest := ds.attrs.get(name), str)
        and digest
        and not re.fullmatch("[0-9a-f]{64}", digest)
    ]
    if ds.attrs.get("price_unavailable") == "":
        violations.append("attribute price_unavailable gives no reason")
    return violations


def _finite(ds: xr.Dataset, may_be_missing: Iterable[Hashable] = ()) -> list[str]:
    """NaN, infinite values and missing stamps; NaN is right where a quantity may not exist."""
    violations = []
    for name, array in ds.variables.items():
        if array.dtype.kind in "fM":
            values = array.to_numpy()
            wrong = np.isinf(values) if name in may_be_missing else ~np.isfinite(values)
            if wrong.any():
                violations.append(f"{name} has {int(wrong.sum())} values that are not finite")
    return violations


def _hours(ds: xr.Dataset) -> list[str]:
    """Check number and order of the hours, and that all are full hours of the model year."""
    stamps = pd.DatetimeIndex(ds["time"].to_numpy())
    expected = ds.attrs.get("hours", HOURS_OF_YEAR)
    violations = []
    if len(stamps) != expected:
        violations.append(f"time has {len(stamps)} hours instead of {expected}")
    if stamps.hasnans:
        return violations
    if not (stamps.is_monotonic_increasing and stamps.is_unique):
        violations.append("time is not strictly increasing")
    if (stamps != stamps.floor("h")).any():
        violations.append("time has stamps that are not the start of an hour")
    if ((stamps.month == 2) & (stamps.day == 29)).any():
        violations.append("time holds 29 February")
    strange = sorted(set(stamps.year) - {ds.attrs.get("year")})
    if strange and "year" in ds.attrs:
        violations.append(f"time holds {_list(strange)}, the year is {ds.attrs['year']}")
    return violations


def _bounds_of_hours(ds: xr.Dataset) -> list[str]:
    """Each hour is bounded by its stamp and one hour later."""
    start = ds["time"].to_numpy()
    bounds = ds["time_bnds"].to_numpy()
    hour = np.timedelta64(1, "h")
    if bounds.shape == (start.size, 2) and (bounds == np.stack([start, start + hour], 1)).all():
        return []
    return ["time_bnds is not the stamp and one hour later"]


def _flows(ds: xr.Dataset) -> list[str]:
    """Flow labels are unambiguous and join two known nodes."""
    nodes = set(ds["node"].to_numpy())
    ends = [
        f"{a}{FLOW_ARROW}{b}"
        for a, b in zip(ds.source.to_numpy(), ds.target.to_numpy(), strict=True)
    ]
    wrong = [f for f, name in zip(ds["flow"].to_numpy(), ends, strict=True) if f != name]
    unknown = sorted((set(ds["source"].to_numpy()) | set(ds["target"].to_numpy())) - nodes)
    ambiguous = sorted(node for node in nodes if FLOW_ARROW in node)
    found = {
        "flow is not called source->target": wrong,
        "source or target is no node": unknown,
        f"node's name holds {FLOW_ARROW}": ambiguous,
    }
    return [f"{what}: {_list(items)}" for what, items in found.items() if items]


def _kinds(ds: xr.Dataset) -> list[str]:
    """Kinds are known; storages and buses with a price are nodes of that kind."""
    kind = dict(zip(ds["node"].to_numpy(), ds["kind"].to_numpy(), strict=True))
    strange = sorted(set(kind.values()) - NODE_KINDS)
    violations = [f"kind is unknown: {_list(strange)}"] if strange else []
    for dim in ("storage", "bus"):
        wrong = [x for x in ds[dim].to_numpy() if kind.get(x) != dim] if dim in ds.coords else []
        if wrong:
            violations.append(f"{dim} is no node of that kind: {_list(wrong)}")
    return violations


def _categories(name: str, allowed: frozenset[str]) -> Check:
    """Check that every value of the coordinate `name` is one of `allowed`."""

    def check(ds: xr.Dataset) -> list[str]:
        strange = sorted(set(ds[name].to_numpy()) - allowed)
        return [f"{name} is unknown: {_list(strange)}"] if strange else []

    return check


def _terms(ds: xr.Dataset) -> list[str]:
    """Check that every term of a bound is of an asset of the file."""
    strange = sorted(set(ds["term_asset"].to_numpy()) - set(ds["asset"].to_numpy()))
    return [f"term_asset is no asset: {_list(strange)}"] if strange else []


def _years(ds: xr.Dataset) -> list[str]:
    """Years stand in order, each once."""
    years = ds["year"].to_numpy()
    if years.size and (np.diff(years) > 0).all():
        return []
    return ["year is empty or not strictly increasing"]
