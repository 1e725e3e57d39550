"""Read a park's folder of sheets into rows, with every fault of every sheet listed at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.buildings import building_shapes
from meishan_model.sheets.buses import power_carrier
from meishan_model.sheets.files import read_yaml, validate
from meishan_model.sheets.kinds import Kinds
from meishan_model.sheets.park import SHEETS, Park, Site, default_rows, sheets_for
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
    network = schemas["network"]
    if site is not None and _is_of_one_bus(tables):
        if default_rows(site.country, "network", network):
            found = [f for f in found if network.needed not in (f.remedy or "")]
    faults += [*found, *_no_demand(folder, tables, schemas)]
    if site is not None and not faults:
        own: dict[str, Any] = dict(tables)
        added = {name: own.pop(name) for name in schemas if name not in SHEETS}
        park = _defaulted(Park(folder=folder, site=site, kinds=kinds, added=added, **own), schemas)
        faults = list(reference_faults(park))
        if not faults:
            return park
    raise InputError(faults)


def _is_of_one_bus(tables: Mapping[str, tuple[Row, ...]]) -> bool:
    """Whether a park has one zone and says nothing of a network, so that a default connects it.

    Of several zones, or of buses, nobody knows how they are fed.
    """
    zones = {getattr(row, "zone", "") for rows in tables.values() for row in rows} - {""}
    return not tables["network"] and not tables["buses"] and len(zones) == 1


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


def _defaulted(park: Park, schemas: Mapping[str, type[Row]]) -> Park:
    """The park with the defaults of the package that it uses."""

    def with_defaults(park: Park, sheet: str, column: str, used: Collection[str]) -> Park:
        """The park with the defaults of what its own rows do not name and what it uses."""
        own = {row.name_of for row in park.rows(sheet)}
        added = (
            row
            for row in default_rows(park.site.country, sheet, schemas[sheet])
            if row.name_of not in own and getattr(row, column, "") in used
        )
        return replace(park, **{sheet: (*park.rows(sheet), *added)})

    if not park.network:
        park = with_defaults(park, "network", "", {""})
    own = {row.technology for row in park.technologies}
    used = {row.technology for row in (*park.assets, *park.existing_plants)}
    park = with_defaults(park, "technologies", "technology", used)
    park = with_defaults(park, "technology_parameters", "technology", used - own)
    carriers = {power_carrier(park)} | {row.carrier_in for row in park.technologies}
    carriers |= {row.carrier for row in park.conversions}
    carriers |= {row.carrier for row in park.baseline}
    shapes = {getattr(row, "profile", "") for _, rows in park.sheets() for row in rows}
    shapes |= building_shapes(park.buildings)
    park = with_defaults(park, "emission_factors", "carrier", carriers)
    park = with_defaults(park, "profiles", "profile", shapes)
    return with_defaults(park, "parameters", "", {""})


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
