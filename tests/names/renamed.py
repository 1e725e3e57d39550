"""A park under other names: a random bijection over everything that its sheets name freely.

New names are drawn letters that stand nowhere else, so that what a program says of the park under
its new names is brought back by replacing them wherever they stand, also within longer names.
"""

from __future__ import annotations

import csv
import random
import re
import shutil
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeAlias

import yaml

Rows: TypeAlias = list[dict[str, str]]

PLACES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "zone": (("zones.zone",), ("*.zone", "contract_terms.consumer")),
    "technology": (
        ("technologies.technology",),
        (
            "*.technology",
            "technologies.model",
            "technologies.profile",
            "contracts.profile",
            "shares.group",
        ),
    ),
    "store": (("technologies.store",), ("technologies.store",)),
    "bus": (
        ("*buses.bus",),
        ("*buses.bus", "*.from_bus", "*.to_bus", "technologies.bus", "shares.place"),
    ),
    "carrier": (
        ("*.carrier", "technologies.carrier_in", "technologies.carrier_out", "heats.heat"),
        ("*.carrier", "technologies.carrier_in", "technologies.carrier_out", "*.heat", "*.item"),
    ),
    "fleet": (("fleets.fleet",), ("fleets.fleet", "technologies.carrier_out")),
    "berth_group": (("berths.berth_group",), ("*.berth_group", "technologies.carrier_out")),
    "contract": (("contracts.contract",), ("*.contract",)),
    "load": (
        ("loads.load", "projects.project", "handling.load"),
        ("*.load", "projects.project", "contract_terms.consumer"),
    ),
    "sector": (("*.sector",), ("*.sector",)),
    "measure": (("efficiency_measures.measure",), ("efficiency_measures.measure",)),
    "plant": (("existing_plants.plant",), ("*.plant",)),
    "element": (("network.element",), ("*.element",)),
}
"""What has a name: the columns that say which names there are, and all in which they stand."""


@dataclass(frozen=True)
class Bijection:
    """New names by kind and old name."""

    new: Mapping[str, Mapping[str, str]]

    def back(self, text: str) -> str:
        """A text with the old names in the place of the new ones."""
        old = {name: key for names in self.new.values() for key, name in names.items()}
        return re.sub("|".join(old), lambda found: old[found[0]], text)


def renamed(root: Path, park: str, target: Path, seed: int) -> Bijection:
    """Write a park below another folder, everything in it under another name.

    Parameters
    ----------
    root
        Folder of the park, with ``configs/`` and ``timeseries/``.
    park
        Its name; the names of its sheets, parameters and scenarios stay.
    target
        Folder that is made.
    seed
        Another seed draws other names.
    """
    for folder in ("configs", "timeseries"):
        shutil.copytree(root / folder, target / folder)
    sheets = target / "configs" / park
    tables = {path: _read(path) for path in sorted(sheets.rglob("*.csv"))}
    draw = random.Random(seed)
    new: dict[str, dict[str, str]] = {}
    drawn: dict[str, str] = {}
    for kind, (defining, using) in PLACES.items():
        names = dict.fromkeys(text for _, _, text in _cells(tables, defining))
        free = [name for name in names if name]
        # A name that stands in two places as two kinds of things, as that of a fleet and of the
        # carrier of its vehicles do, is one name.
        new[kind] = {name: drawn.setdefault(name, _drawn(draw)) for name in free}
        for row, column, text in _cells(tables, using):
            row[column] = new[kind].get(text, text)
    shown = tables[sheets / "names.csv"]
    for row in shown:
        row["thing"] = drawn.get(row["thing"], row["thing"])
    for path, rows in tables.items():
        _write(path, rows)
    _rename_costs(target / "configs" / "costs", new["technology"])
    return Bijection(new)


def _drawn(draw: random.Random) -> str:
    return "q" + "".join(draw.choices(string.ascii_lowercase, k=10))


def _cells(
    tables: Mapping[Path, Rows], columns: tuple[str, ...]
) -> Iterator[tuple[dict[str, str], str, str]]:
    """Row, column and text of all cells of some columns, as ``sheet.column``."""
    for path, rows in tables.items():
        for column in rows[0] if rows else ():
            if any(fnmatch(f"{path.stem}.{column}", pattern) for pattern in columns):
                for row in rows:
                    yield row, column, row[column]


def _rename_costs(folder: Path, new: Mapping[str, str]) -> None:
    """Give the manifests of all cost sheets the new names of technologies."""
    for path in folder.rglob("manifest.yaml"):
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
        theirs = manifest.get("technologies", {})
        for name, ours in theirs.items():
            both = isinstance(ours, list)
            theirs[name] = [new.get(n, n) for n in ours] if both else new.get(ours, ours)
        path.write_text(yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8")


def _read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: Rows) -> None:
    if rows:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
