"""Loads of buildings by type and floor area, from ``buildings.csv``.

The energy of a use is the floor area of the type in the zone times what a m2 of it needs, of the
carrier that the rows of the need name; its shape is the profile ``<building>_<use>`` of
``profiles.csv``, where both ways of heating share ``<building>_heating``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meishan_model.errors import Fault
from meishan_model.sheets.demand_rows import BuildingRow, LoadRow
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import LifeCycle, Load
from meishan_model.sheets.resolver import Resolver

STAGES = ("design", "materials", "construction", "operation", "demolition")
"""Stages of the life of a building."""


SHAPES = {
    "appliances": "appliances",
    "cooling": "cooling",
    "electric_heating": "heating",
    "space_heating": "heating",
    "hot_water": "hot_water",
}
"""Shape of each use of energy in buildings, a parameter of ``buildings.csv``."""


def building_loads(r: Resolver) -> dict[tuple[str, str], Load]:
    """Loads [MWh/a] of all types of buildings by name, ``<building>_<use>``, and zone.

    Parameters
    ----------
    r
        Resolver of the year; it collects the faults.
    """
    rows = r.park.buildings
    of_needs = [b for b in rows if not b.zone]
    needs = r.table("buildings", of_needs, "building", name="parameter")
    carriers = {(b.building, b.parameter): b.carrier for b in of_needs}
    of_areas = (b for b in rows if b.zone)
    areas = r.table("buildings", of_areas, "building", "zone", "sector", name="parameter")
    found = {}
    for (building, zone, sector), values in areas.items():
        area = r.need("buildings", values, "floor_area", f"{building} in {zone}")
        behind = tuple(("buildings", building, place) for place in (zone, ""))
        for use, need in needs.get((building,), {}).items():
            load, profile = f"{building}_{use}", f"{building}_{SHAPES[use]}"
            carrier = carriers[building, use]
            found[load, zone] = Load(load, zone, sector, carrier, profile, area * need, behind)
    return found


def life_cycle(r: Resolver) -> LifeCycle | None:
    """The life cycle of the buildings in the year; ``None`` where the park has no rows of it.

    Parameters
    ----------
    r
        Resolver of the year; it collects the faults.
    """
    sheet, rows = "building_life_cycle", r.park.building_life_cycle
    if not rows:
        return None
    table = r.table(sheet, rows, "stage", name="parameter")
    whole = table.get(("",), {})
    floors = [row for row in r.park.buildings if _is_area(row)]
    areas = r.table("buildings", floors, "building", name="zone")

    def by_stage(name: str) -> dict[str, float]:
        return {stage: r.need(sheet, table.get((stage,), {}), name, stage) for stage in STAGES}

    return LifeCycle(
        sectors=frozenset(row.sector for row in floors),
        floor_area=sum(area for by_zone in areas.values() for area in by_zone.values()),
        new_area=r.need(sheet, whole, "new_floor_area", "the park"),
        demolished_area=r.need(sheet, whole, "demolished_floor_area", "the park"),
        service_life=r.need(sheet, whole, "service_life", "the park"),
        reference=by_stage("reference"),
        reduction=by_stage("reduction"),
        target=r.need(sheet, whole, "target", "the park"),
    )


def building_shapes(rows: Iterable[BuildingRow]) -> set[str]:
    """Names of the load shapes that the rows of ``buildings.csv`` ask for."""
    return {f"{r.building}_{SHAPES[r.parameter]}" for r in rows if r.parameter in SHAPES}


def described_loads(park: Park) -> set[tuple[str, str]]:
    """Name and zone of every load that buildings and the sheets of plug-ins describe."""
    load, zone = LoadRow.about
    added = [row for rows in park.added.values() for row in rows if row.about == (load, zone)]
    return _building_loads(park) | {(getattr(row, load), getattr(row, zone)) for row in added}


def _building_loads(park: Park) -> set[tuple[str, str]]:
    """Name and zone of every load that ``buildings.csv`` makes."""
    uses = {(row.building, row.parameter) for row in park.buildings if not row.zone}
    places = {(row.building, row.zone) for row in park.buildings if row.zone}
    return {(f"{b}_{use}", zone) for b, use in uses for c, zone in places if b == c}


def building_faults(park: Park) -> Iterator[Fault]:
    """Areas without a zone, needs with one, types that lack either, and loads made twice."""
    first: dict[tuple[str, ...], BuildingRow] = {}
    for row in park.buildings:
        own = ("zone", "sector") if _is_area(row) else ("carrier",)
        for column in ("zone", "sector", "carrier"):
            if bool(getattr(row, column)) != (column in own):
                message = "an area has a zone and a sector, what a m2 needs is of a carrier"
                remedy = f"give {' and '.join(own)} only"
                yield row.fault(column, message, remedy)
        known = first.setdefault((row.building, row.zone, row.parameter), row)
        for column in ("sector", "carrier"):
            if getattr(known, column) != getattr(row, column):
                message = f"row {known.line} has another for the same {row.parameter}"
                yield row.fault(column, message, "give the same in all years")
    made = _building_loads(park)
    for load in park.loads:
        if (load.load, load.zone) in made:
            message = "is a load that buildings.csv makes in this zone"
            remedy = "give another name, or take one of the two away"
            yield load.fault("load", message, remedy)
    with_area, with_need = (
        {row.building: row for row in park.buildings if _is_area(row) == area}
        for area in (True, False)
    )
    for building in with_area.keys() ^ with_need.keys():
        row = (with_area | with_need)[building]
        message = f"{building} has {'an area' if building in with_area else 'needs'} only"
        remedy = "give its floor_area by zone and what a m2 needs"
        yield row.fault("building", message, remedy)
    yield from _life_cycle_faults(park)


def _life_cycle_faults(park: Park) -> Iterator[Fault]:
    """References in the unit of another stage, and a life cycle of no buildings."""
    for row in park.building_life_cycle:
        unit = "kgCO2/(m2*a)" if row.stage == "operation" else "kgCO2/m2"
        if row.parameter == "reference" and row.unit != unit:
            message = f"the reference of {row.stage} has another unit"
            yield row.fault("unit", message, f"give it in {unit}")
    if park.building_life_cycle and not any(map(_is_area, park.buildings)):
        message = "is there, but buildings.csv has no floor area"
        yield Fault(park.path("building_life_cycle"), message, remedy="add its rows")


def _is_area(row: BuildingRow) -> bool:
    return row.parameter == "floor_area"
