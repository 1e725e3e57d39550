"""Read a park's folder of sheets into rows, with every fault of every sheet listed at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias

from meishan_model.errors import Fault, InputError
from meishan_model.sheets import row_reader
from meishan_model.sheets.buildings import building_shapes
from meishan_model.sheets.buses import power_carrier
from meishan_model.sheets.contradictions import place_fault
from meishan_model.sheets.files import read_yaml, validate
from meishan_model.sheets.kinds import Kinds
from meishan_model.sheets.money_rows import CurrencyRow, PriceBase, PriceBaseRow
from meishan_model.sheets.park import SHEETS, Park, Site, default_rows, sheets_for
from meishan_model.sheets.references import reference_faults
from meishan_model.sheets.rows import Row, is_measured
from meishan_model.sheets.units import HOURS_OF_YEAR, factor_of, in_megawatts

Tables: TypeAlias = Mapping[str, tuple[Row, ...]]
"""Rows by the stem of their sheet."""
ReadOne: TypeAlias = Callable[[str], tuple[float, str]]
ReadSeries: TypeAlias = Callable[[Park, str], tuple[float, str]]
"""Reads a measured year: its energy [MWh/a], of shares and prices the mean times 8760 h; unit."""
ABOUT_SERIES = ("series", "existing_plants", "technologies", "technology_parameters")
"""Sheets that say how a measured series is read: what it is, and what is behind its meter."""


def park_and_faults(
    folder: Path,
    kinds: Kinds,
    asked: Mapping[str, str] | None = None,
    measured: ReadSeries | None = None,
) -> tuple[Park | None, tuple[Fault, ...]]:
    """Read and validate all sheets of a park.

    Parameters
    ----------
    folder
        ``configs/<park>``.
    kinds
        Kinds of equipment and contracts that its rows may name.
    asked
        Why a scenario needs a sheet that a park may do without, by stem.
    measured
        Reads a measured series by its name, for rows whose value is what their series has
        measured; of the park it is given the sheets :data:`ABOUT_SERIES` alone.

    Returns
    -------
    park, faults
        The park, without the rows that name what is not there; ``None`` where a sheet or a row is
        missing, so that what the others say together cannot be told. Every fault of every sheet:
        what is missing and cannot be done without, form, types, units, ranges, names that do not
        exist, rows that stand twice.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    site: Site | None = None
    faults: list[Fault] = []
    try:
        site = read_site(folder)
        faults += place_fault(site, folder / "park.yaml")
    except InputError as error:
        if not folder.is_dir():
            raise
        faults += error.faults
    schemas = sheets_for(kinds)
    reader = _series_reader(folder, site, kinds, measured)
    filled = _stood_in if site is None else partial(_filled, reader)
    money = _price_base(folder, site)
    # Whether a network must be there is known once the others are read.
    tables, found = row_reader.read_sheets(
        folder, schemas, {**(asked or {}), "network": ""}, filled, money
    )
    faults += [*found, *_no_network(folder, tables, schemas["network"], found, site)]
    faults += _no_demand(folder, tables, schemas)
    sheets = {str(folder / f"{name}.csv") for name in tables}
    told = {place for fault in faults if fault.file in sheets for place in fault.places}
    there = {(str(folder / f"{n}.csv"), row.line) for n, rows in tables.items() for row in rows}
    # What refers to what is asked where no row is missing: else names would seem unknown.
    if site is None or not told <= there:
        return None, tuple(faults)
    own: dict[str, Any] = dict(tables)
    added = {name: own.pop(name) for name in schemas if name not in SHEETS}
    park = _defaulted(Park(folder=folder, site=site, kinds=kinds, added=added, **own), schemas)
    found = [fault for fault in reference_faults(park) if not told >= fault.places]
    faults += found
    own_files = {*sheets, str(folder / "park.yaml")}
    return _sound(park, [fault for fault in faults if fault.file in own_files]), tuple(faults)


def _price_base(folder: Path, site: Site | None) -> PriceBase | None:
    """What brings money into that of the project; ``None`` where park.yaml does not say enough."""
    if site is None:
        return None
    currencies, _ = row_reader.read_rows(folder / "currencies.csv", CurrencyRow)
    own, _ = row_reader.read_rows(folder / "price_base.csv", PriceBaseRow)
    there = default_rows(site.country, "price_base", PriceBaseRow)
    items = {row.item for row in own}
    rows = (row for row in there if isinstance(row, PriceBaseRow) and row.item not in items)
    return PriceBase.of(currencies, (*own, *rows), site.price_year, site.vat or "")


def _sound(park: Park, faults: Sequence[Fault]) -> Park | None:
    """A park without the rows that are wrong in more than their number, and what names these.

    There is none where something is missing, of which no row tells.
    """
    wrong = [fault for fault in faults if fault.column not in row_reader.STAND_INS]
    for _ in SHEETS:
        if not wrong:
            return park
        if any(fault.row is None for fault in wrong):
            break
        places = {place for fault in wrong for place in fault.places}
        kept: dict[str, Any] = {
            name: tuple(row for row in rows if (row.file, row.line) not in places)
            for name, rows in park.sheets()
        }
        park = replace(park, added={name: kept.pop(name) for name in park.added}, **kept)
        numbers = {place for fault in faults for place in fault.places} - places
        wrong = [fault for fault in reference_faults(park) if not numbers >= fault.places]
    return None


def _no_network(
    folder: Path, tables: Tables, model: type[Row], found: Collection[Fault], site: Site | None
) -> Iterator[Fault]:
    """A park without a network that no default connects: of several zones, or buses of power.

    Buses of other carriers, whose unit is no voltage, leave the bus of power to the default.
    """
    path = folder / "network.csv"
    if tables["network"] or any(fault.file == str(path) for fault in found):
        return
    zones = {getattr(row, "zone", "") for rows in tables.values() for row in rows} - {""}
    of_power = [row for row in tables["buses"] if getattr(row, "unit", "") == "kV"]
    is_of_one_bus = not of_power and len(zones) == 1
    if not (site and is_of_one_bus and default_rows(site.country, "network", model)):
        yield row_reader.without_rows(path, model, model.needed)


def _series_reader(
    folder: Path, site: Site | None, kinds: Kinds, measured: ReadSeries | None
) -> ReadOne | None:
    """Reads a measured series by its name, with what the sheets say of it."""
    if site is None or measured is None:
        return None

    @cache
    def sheets_about_series() -> Park:
        """What is wrong in them is told where all sheets are read."""
        schemas = sheets_for(kinds)
        rows: dict[str, Any] = dict.fromkeys(SHEETS, ())
        for name in ABOUT_SERIES:
            rows[name], _ = row_reader.read_rows(folder / f"{name}.csv", schemas[name])
        return _defaulted(Park(folder=folder, site=site, kinds=kinds, **rows), schemas)

    return lambda name: measured(sheets_about_series(), name)


def _filled(read: ReadOne | None, cells: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The cells of a row, an empty value being what its series has measured: energy or price."""
    profile = str(cells.get("profile", ""))
    if read is None or not is_measured(profile) or cells.get("value") != "":
        return cells
    (energy, measured), unit = read(profile), str(cells["unit"] or "MWh/a")
    is_yearly = unit.endswith("/a")
    if measured != ("MW" if is_yearly else in_megawatts(unit)):
        message = f"holds a series in {measured}, which gives no value in {unit}"
        raise InputError([Fault(profile, message, remedy="give the value")])
    value = energy / (1.0 if is_yearly else HOURS_OF_YEAR) / factor_of(unit)
    return {**cells, "value": repr(value), "unit": unit}


def _stood_in(cells: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The cells of a row whose series cannot be read while park.yaml is wrong: no fault of it."""
    is_open = cells.get("value") == "" and is_measured(str(cells.get("profile", "")))
    return {**cells, "value": "1", "unit": cells["unit"] or "MWh/a"} if is_open else cells


def _no_demand(folder: Path, tables: Tables, schemas: row_reader.Schemas) -> Iterator[Fault]:
    """A park that needs no energy: all that is bought or built in it would be for nothing."""
    names = [name for name, model in schemas.items() if model.is_demand]
    if not any(tables[name] or (folder / f"{name}.csv").exists() for name in names):
        columns = ",".join(row_reader.columns_of(schemas["loads"]))
        others = ", ".join(f"{name}.csv" for name in names if name != "loads")
        message = f"no sheet says what the park needs: neither this one nor {others}"
        remedy = f"give one of them; the columns of loads.csv are {columns}"
        yield Fault(str(folder / "loads.csv"), message, remedy=remedy)


def _defaulted(park: Park, schemas: row_reader.Schemas) -> Park:
    """The park with the defaults of the package that it uses."""

    def with_defaults(
        park: Park, sheet: str, column: str = "", used: Collection[str] = ("",), each: str = ""
    ) -> Park:
        """The park with the defaults of what its own rows do not name and what it uses.

        A thing is the park's own as a whole, or ``each`` of its numbers by itself.
        """

        def named(row: Row) -> tuple[object, ...]:
            return (*row.name_of, getattr(row, each, ""))

        own = set(map(named, park.rows(sheet)))
        there = default_rows(park.site.country, sheet, schemas[sheet], column, used)
        added = (row for row in there if named(row) not in own)
        changed: dict[str, Any] = {sheet: (*park.rows(sheet), *added)}
        return replace(park, **changed)

    if not park.network:
        park = with_defaults(park, "network")
    needed = {row.carrier for row in park.loads} - {bus.carrier for bus in park.buses}
    park = with_defaults(park, "price_base")
    park = with_defaults(park, "heats", "heat", needed)
    own = {row.technology for row in park.technologies}
    used = {technology for technology, _ in park.places}
    park = with_defaults(park, "technologies", "technology", used - own)
    park = with_defaults(park, "technology_parameters", "technology", used - own, "parameter")
    carriers = {power_carrier(park)} | {row.carrier_in for row in park.technologies}
    carriers |= {row.carrier for row in park.conversions}
    carriers |= {row.carrier for row in park.baseline} | {row.carrier for row in park.loads}
    shapes = {getattr(row, "profile", "") for _, rows in park.sheets() for row in rows}
    shapes |= building_shapes(park.buildings)
    # Rows of both accounts of scope 2 leave nothing to the default of either.
    whole = {row.carrier for row in park.emission_factors if row.scope == "scope2"}
    park = with_defaults(park, "emission_factors", "carrier", carriers)
    factors = (
        row
        for row in park.emission_factors
        if not (row.is_default and row.is_of_grid and row.carrier in whole)
    )
    park = replace(park, emission_factors=tuple(factors))
    park = with_defaults(park, "profiles", "profile", shapes)
    return with_defaults(park, "parameters")


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
        remedy = f"rename one of them to {folder.name}"
        raise InputError([Fault(str(path), message, None, "name", site.name, remedy)])
    return site
