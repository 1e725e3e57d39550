"""The project without one component type: its file and the rows of its sheets are taken away.

    python -m benchmarks.without storage tests/accounts tests/ledger

makes a copy of the project below a temporary folder, takes the type out of it, and runs tests
there. Those that need the type say so by ``pytest.mark.uses`` and are left out.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from benchmarks.real_slice import ROOT
from meishan_model.components.base import Component
from meishan_model.components.catalogue import component_types

Rows: TypeAlias = list[dict[str, str]]
Keep: TypeAlias = Callable[[dict[str, str]], bool]


def _none(_: dict[str, str]) -> bool:
    """No row stays."""
    return False


SHEETS: Mapping[str, Mapping[str, Keep]] = {
    "vehicle_fleet": {"fleets": _none},
    "efficiency_measure": {"efficiency_measures": _none},
    "load": dict.fromkeys(
        ("loads", "loads_unrestructured", "projects"),
        lambda row: row["carrier"] != "electricity",
    )
    | dict.fromkeys(
        ("handling", "buildings", "building_life_cycle", "efficiency_measures"), _none
    ),
    "heat_demand": dict.fromkeys(
        ("loads", "loads_unrestructured", "projects"),
        lambda row: row["carrier"] == "electricity",
    )
    | {
        "buildings": lambda row: row["parameter"] not in ("space_heating", "hot_water"),
        "efficiency_measures": _none,
    },
    "fuel_supply": {
        # Ships and most fleets burn fuel, and with them goes what rests on them.
        "technologies": lambda row: (
            row["carrier_in"] in ("", "electricity")
            and row["kind"] not in ("shore_power", "flexible_load", "vehicle_battery")
        ),
        "loads": lambda row: row["sector"] != "port",
        "loads_unrestructured": lambda row: row["sector"] != "port",
        "projects": lambda row: row["sector"] != "port",
        **dict.fromkeys(
            ("berths", "ship_classes", "handling", "fleets", "efficiency_measures"), _none
        ),
    },
}
"""Rows that stay, of types whose rows name no kind of equipment or contract."""
COPIED = ("meishan_model", "tests", "benchmarks", "configs", "timeseries", "examples", "docs")
CLOSED = (
    ("technologies", "technology", ("*",), "technology"),
    ("technologies", "technology", ("technologies",), "model"),
    ("technologies", "technology", ("contracts",), "profile"),
    ("contracts", "contract", ("contract_terms", "contract_volumes"), "contract"),
    ("existing_plants", "plant", ("contract_terms",), "plant"),
)
"""Sheet and column that name a thing, and sheets and column whose rows go with it."""


def type_named(name: str) -> Component:
    """A component type of this package by its name."""
    return next(kind for kind in component_types() if kind.name == name)


def copied(folder: Path, without: Component) -> None:
    """Copy the project without the file of a type and without the rows that use it.

    Parameters
    ----------
    folder
        Where to; it is made.
    without
        The type.
    """
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name in COPIED:
            shutil.copytree(path, folder / path.name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    file = Path(sys.modules[type(without).__module__].__file__ or "")
    (folder / file.relative_to(ROOT)).unlink()
    for park in (folder / "configs").iterdir():
        if (park / "park.yaml").is_file():
            drop_rows(park, without)


def drop_rows(park: Path, without: Component) -> None:
    """Take the rows of a type out of the sheets of a park, and those that need them.

    Parameters
    ----------
    park
        Folder of the sheets; that of the grid, which only the power flow reads, goes as a whole.
    without
        The type.
    """
    shutil.rmtree(park / "grid", ignore_errors=True)
    tables = {path.stem: _read(path) for path in park.glob("*.csv")}
    before = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    kinds = {kind.name for kind in without.kinds}
    elements = {kind.name: kind.function for kind in without.network}
    contract = without.contract.name if without.contract else None
    ratios = {kind.capture_ratio for kind in without.kinds if kind.capture_ratio}
    keep: dict[str, Keep] = {
        "technologies": lambda row: row["kind"] not in kinds,
        "contracts": lambda row: row["kind"] != contract,
        "network": lambda row: row["kind"] not in elements,
        "prices": lambda row: row["item"] not in ratios,
    }
    for keeping in (keep, SHEETS.get(without.name, {})):
        for name, stays in keeping.items():
            tables[name] = [row for row in tables.get(name, []) if stays(row)]
    _join_buses(tables, [r for r in before["network"] if elements.get(r["kind"]) == "transformer"])
    for _ in range(3):  # what goes takes with it what needs it
        for sheet, column, others, key in CLOSED:
            names = {row[column] for row in before.get(sheet, [])}
            gone = names - {row[column] for row in tables.get(sheet, [])}
            for name in tables if others == ("*",) else others:
                tables[name] = [row for row in tables.get(name, []) if row.get(key) not in gone]
    for name, rows in before.items():
        if tables[name] != rows:
            _write(park / f"{name}.csv", list(rows[0]), tables[name])


def _join_buses(tables: dict[str, Rows], gone: Rows) -> None:
    """Without the only transformer the bus above it and the bus of the zone are one."""
    ends = {(row["from_bus"], row["to_bus"]) for row in gone}
    if len(ends) == 1:
        above, below = ends.pop()
        tables["buses"] = [row for row in tables["buses"] if row["bus"] != above]
        for row in tables["network"]:
            row["to_bus"] = below if row["to_bus"] == above else row["to_bus"]


def _read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, columns: list[str], rows: Rows) -> None:
    if not rows:
        path.unlink()  # an absent sheet means that there is none of what it holds
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def environment(folder: Path) -> dict[str, str]:
    """Variables of a process that finds the package in a copy of the project."""
    path = os.pathsep.join(map(str, (folder, folder / "tests")))
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


def main() -> int:
    """Run tests in a project without a type; returns the exit code of pytest."""
    name, *tests = sys.argv[1:]
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *tests]
    with tempfile.TemporaryDirectory(prefix="without") as made:
        copy = Path(made) / "project"
        copied(copy, type_named(name))
        return subprocess.run(pytest, cwd=copy, env=environment(copy), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
