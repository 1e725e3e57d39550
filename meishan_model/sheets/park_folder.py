"""Read a park's folder of sheets into rows, with every fault of every sheet listed at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.buildings import building_shapes
from meishan_model.sheets.buses import power_carrier
from meishan_model.sheets.files import read_yaml, validate
from meishan_model.sheets.kinds import Kinds
from meishan_model.sheets.park import DEFAULTS, SHEETS, Park, Site, sheets_for, with_defaults
from meishan_model.sheets.references import reference_faults
from meishan_model.sheets.row_reader import columns_of, read_sheets
from meishan_model.sheets.rows import Row


def read_park(folder: Path, kinds: Kinds, asked: Mapping[str, str] | None = None) -> Park:
    """Read and validate all sheets of a park.

    Parameters
    ----------
    folder
        ``configs/<park>``.
    kinds
        Kinds of equipment and contracts that its rows may name.
    asked
        Why a scenario needs a sheet that a park may do without, by stem.

    Raises
    ------
    InputError
        With every fault of every sheet: what is missing and cannot be done without, form, types,
        units, ranges, names that do not exist, rows that stand twice.
    """
    site: Site | None = None
    faults: list[Fault] = []
    try:
        site = read_site(folder)
    except InputError as error:
        if not folder.is_dir():
            raise
        faults += error.faults
    schemas = sheets_for(kinds)
    tables, found = read_sheets(folder, schemas, asked)
    faults += [*found, *_no_demand(folder, tables, schemas)]
    if site is not None and not faults:
        own: dict[str, Any] = dict(tables)
        added = {name: own.pop(name) for name in schemas if name not in SHEETS}
        park = _defaulted(Park(folder=folder, site=site, kinds=kinds, added=added, **own))
        faults = list(reference_faults(park))
        if not faults:
            return park
    raise InputError(faults)


def _no_demand(
    folder: Path, tables: Mapping[str, tuple[Row, ...]], schemas: Mapping[str, type[Row]]
) -> Iterator[Fault]:
    """A park that needs no energy: all that is bought or built in it would be for nothing."""
    names = [name for name, model in schemas.items() if model.is_demand]
    if not any(tables[name] or (folder / f"{name}.csv").exists() for name in names):
        columns = ",".join(columns_of(schemas["loads"]))
        others = ", ".join(f"{name}.csv" for name in names if name != "loads")
        message = f"no sheet says what the park needs: neither this one nor {others}"
        remedy = f"give one of them; the columns of loads.csv are {columns}"
        yield Fault(str(folder / "loads.csv"), message, remedy=remedy)


def _defaulted(park: Park) -> Park:
    """The park with the defaults of the package that it uses."""
    carriers = {power_carrier(park)} | {row.carrier_in for row in park.technologies}
    carriers |= {row.carrier for row in park.conversions}
    carriers |= {row.carrier for row in park.baseline}
    shapes = {getattr(row, "profile", "") for _, rows in park.sheets() for row in rows}
    shapes |= building_shapes(park.buildings)
    used = {"emission_factors": ("carrier", carriers), "profiles": ("profile", shapes)}
    found: dict[str, Any] = {}
    for sheet in DEFAULTS:
        rows = with_defaults(park.rows(sheet), park.site.country, sheet)
        column, names = used.get(sheet, ("", {""}))
        found[sheet] = tuple(
            row for row in rows if not row.is_default or getattr(row, column, "") in names
        )
    return replace(park, **found)


def read_site(folder: Path) -> Site:
    """Read ``park.yaml`` of a park.

    Raises
    ------
    InputError
        If there is no such park, or its file is wrong.
    """
    path = folder / "park.yaml"
    if not folder.is_dir():
        there = sorted(p.parent.name for p in folder.parent.glob("*/park.yaml"))
        remedy = f"there are: {', '.join(there) or 'none'}"
        raise InputError([Fault(str(folder), "there is no such park", remedy=remedy)])
    site = validate(Site, read_yaml(path), path)
    if site.name != folder.name:
        message = f"is not the name of the folder {folder.name}"
        fault = Fault(
            str(path), message, None, "name", site.name, f"rename one of them to {folder.name}"
        )
        raise InputError([fault])
    return site
