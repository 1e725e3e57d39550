"""A park and three scenarios of it in which everything happens that a reader of results may meet.

The sheets are those of Meishan with a few numbers changed: one zone has a shipyard that its
transformer cannot feed, and too few boilers, a fleet has too few vehicles, the hills bear more
wind than the park uses, a zone has a contract of its own, and the city buys part of a farm. A year
is 168 hours, a pathway three slices, so that all of it is solved by the simplex within a minute.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import xarray as xr

from benchmarks.real_slice import ROOT
from meishan_model.components.selection import energy_of

PARK, HOURS = "meishan", 168
SETTLED, SCARCE, USUAL = "settled", "scarce", "business_as_usual"
COMMON = "base: balanced\nfirst_year: 2020\ntarget_year: 2050\nstep: 15\n"
SCENARIOS: Mapping[str, str] = {
    USUAL: "title: Business as usual\nneutrality: false\ndemand_side: as_usual\n"
    "supply_side: as_usual\nshadow_carbon: false\ninstruments: []\n",
    SETTLED: "title: Green power by the hour\nmatching: hourly_settled\ngrid_factor: hourly\n"
    "instruments: [green_power, certificate, credit]\n",
    SCARCE: "title: Too little of everything\nmatching: monthly\noffset_share: 0.001\n"
    "instruments: [green_power, credit, sink]\nmarket_factor: fossil_only\n",
}
"""The scenarios, each put on top of the shipped one; business as usual is solved first."""

Where: TypeAlias = dict[str, str]
SHIPYARD: Where = {"load": "ship_repair", "zone": "guoju"}
RIDGE: Where = {"technology": "wind_chuanshan", "zone": "baifeng"}
YARD = {"2020": "300", "2025": "300", "2030": "300", "2040": "280"}
"""Load of the shipyard in a year [GWh/a]: more than its zone can draw, and at last less."""
CHANGED: tuple[tuple[str, Where, str], ...] = (
    ("network", {"element": "dc_tie_meishan_bonded", "parameter": "capacity"}, "7"),
    ("grid/dc_links", {"parameter": "capacity"}, "7"),
    *(("loads", SHIPYARD | {"year": year}, value) for year, value in YARD.items()),
    ("assets", RIDGE | {"parameter": "potential"}, "900"),
    ("assets", RIDGE | {"parameter": "build_rate"}, "60"),
    ("assets", {"technology": "pv_ground", "zone": "guoju", "parameter": "potential"}, "150"),
    ("assets", {"technology": "pv_ground", "zone": "guoju", "parameter": "build_rate"}, "15"),
    ("existing_plants", {"plant": "gas_boiler_guoju"}, "0.3"),
    ("existing_plants", {"plant": "yard_truck_diesel_port"}, "25"),
    ("existing_plants", {"plant": "meishan_port_wind"}, "20"),
)
"""Sheet, what a row has to be, and the value that all such rows get."""
TERMS = "city_wind,point_to_point,,city,yearly,2020,2060,assumption of this benchmark,\n"
ZONE_TERMS = "zone_pv,point_to_point,,bonded,yearly,2020,2060,assumption of this benchmark,\n"
ORIGIN = "assumption of this benchmark,assumption,,,"
"""Source, confidence, and no note, year or tax."""
CITY = {"capacity": (30, "MW"), "price": (230, "CNY/MWh")}
ZONE = {"capacity": (35, "MW"), "feed_in_price": (260, "CNY/MWh"), "premium": (5, "CNY/MWh")}
RISKS = {"delivery_risk": (6, "%"), "undelivered_paid": (10, "%")}
CONTRACTS = {
    ("city_wind", "export", "wind_chuanshan"): CITY | RISKS,
    ("zone_pv", "green_power", "pv_ground"): ZONE | RISKS | {"untaken_paid": (80, "%")},
}
"""Contracts that are added, by name, kind and profile."""


def make_root(root: Path) -> None:
    """Write the park, its scenarios, cost sheets and weather below a folder."""
    for folder in (f"configs/{PARK}", "configs/costs", "configs/scenarios", f"timeseries/{PARK}"):
        shutil.copytree(ROOT / folder, root / folder)
    sheets = root / "configs" / PARK
    for sheet, where, value in CHANGED:
        _change(sheets / f"{sheet}.csv", where, value)
    rows = [
        f"{','.join(name)},{parameter},,{value},{unit},{ORIGIN}\n"
        for name, parameters in CONTRACTS.items()
        for parameter, (value, unit) in parameters.items()
    ]
    for sheet, lines in (("contracts", rows), ("contract_terms", [TERMS, ZONE_TERMS])):
        with (sheets / f"{sheet}.csv").open("a", encoding="utf-8") as file:
            file.writelines(lines)
    for name, text in SCENARIOS.items():
        path = root / "configs" / "scenarios" / f"{name}.yaml"
        path.write_text(COMMON + text, encoding="utf-8")


def _change(path: Path, where: Where, value: str) -> None:
    """Give the rows of a sheet that are what is said another value."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows, columns = list(reader), list(reader.fieldnames or ())
    mine = [row for row in rows if all(row[key] == text for key, text in where.items())]
    if not mine:
        raise ValueError(f"{path.name} has no row with {dict(where)}: adapt the benchmark")
    for row in mine:
        row["value"] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _flow(**wanted: str) -> Callable[[xr.Dataset], float]:
    """Energy of the flows that bear some coordinates, 0 where a slice has none."""
    return lambda ds: energy_of(ds, may_be_empty=True, **wanted)


def _role(role: str, carrier: str) -> Callable[[xr.Dataset], float]:
    """Energy of the flows of a role whose carriers' names hold a text."""

    def energy(ds: xr.Dataset) -> float:
        mine = ds["role"].to_numpy() == role
        mine &= np.char.find(ds["carrier"].to_numpy().astype(str), carrier) >= 0
        return float(ds["power"].to_numpy()[mine].sum())

    return energy


def _item(table: str, kind: str, name: str) -> Callable[[xr.Dataset], float]:
    """Sum of the sizes of the items of a kind in a table of the result."""
    return lambda ds: float(np.abs(ds[table].to_numpy()[ds[kind].to_numpy() == name]).sum())


def _asset(part: str, *technologies: str) -> Callable[[xr.Dataset], float]:
    """Capacity of these technologies, of all if none is named, of one part."""

    def capacity(ds: xr.Dataset) -> float:
        kinds = ds["asset_technology"].to_numpy()
        mine = np.isin(kinds, technologies) if technologies else np.ones(len(kinds), dtype=bool)
        return float(ds[part].to_numpy()[mine].sum())

    return capacity


PRESENT: Mapping[str, Callable[[xr.Dataset], float]] = {
    "export on the market": _flow(role="export", contract=""),
    "export under contract": _flow(role="export", contract="city_wind"),
    "shedding of power": _role("shedding", "electricity"),
    "shedding of heat": _role("shedding", "heat"),
    "shedding of service": _role("shedding", "service"),
    "emission excess": _item("emissions", "scope", "gap"),
    "green power settled": _flow(role="settled"),
    "green power claimed": _flow(role="claimed"),
    "green power of a zone": _flow(role="delivered", contract="zone_pv"),
    "curtailment": _flow(role="curtailment"),
    "tie of direct current": _flow(technology="link"),
    "ships at low voltage": _flow(technology="shore_power_1_5_low"),
    "ships at high voltage": _flow(technology="shore_power_1_5"),
    "engines of ships": _flow(technology="auxiliary_engine"),
    "flexible loads": _flow(technology="reefer_flexibility"),
    "vehicle batteries": _flow(technology="vehicle_to_grid_cars"),
    "batteries": _flow(technology="battery"),
    "measures": _role("saving", ""),
    "stock": _asset("capacity_existing"),
    "new build": _asset("capacity_new"),
    "bridge of a duty": _asset("capacity_bridge", "heavy_truck_electric", "heat_pump_process"),
    "bridge of a transformer": _asset("capacity_bridge", "transformer"),
    "certificates": _item("cost", "category", "certificate"),
    "credits": _item("emissions", "scope", "credit"),
    "sinks": _item("emissions", "scope", "sink"),
    "demand charge": _item("cost", "category", "demand_charge"),
    "payment for flexibility": _item("cost", "category", "flexibility"),
}
"""What has to be more than zero in at least one slice."""
DUST = 1e-3


def absent(slices: Iterator[xr.Dataset]) -> list[str]:
    """What is zero in all slices and must not be, as nothing could be found out about it."""
    solved = list(slices)
    return [name for name, size in PRESENT.items() if all(size(ds) <= DUST for ds in solved)]
