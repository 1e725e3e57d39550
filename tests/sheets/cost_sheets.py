"""A small cost sheet on disk, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from meishan_model.errors import InputError
from meishan_model.sheets.costs import load_costs

CONFIGS = Path(__file__).parents[2] / "configs" / "costs"
YEARS = (2020, 2025, 2030, 2035, 2040, 2045, 2050, 2060)
HEADER = "technology,parameter,value,unit,source,further description,currency_year"
MANIFEST: dict[str, Any] = {
    "title": "Test",
    "currency": "CNY",
    "price_year": 2020,
    "technologies": {"boiler": "gas_boiler", "pump": "heat_pump", "battery": "battery_energy"},
    "absent_is_zero": ["FOM", "VOM"],
}
ROWS = (
    "boiler,investment,400,CNY/kW,a,assumption: x,2020",
    "boiler,efficiency,92,%,a,derived: x,2020",
    "boiler,FOM,3,%/year,b,published: x,2020",
    "boiler,lifetime,20,years,a,assumption: x,2020",
    "pump,investment,3000,CNY/kW_th,a,assumption: x,2020",
    "pump,VOM,9,CNY/MWh,a,assumption: x,2020",
    "pump,lifetime,18,years,a,assumption: x,2020",
    "battery,investment,650,CNY/kWh,a,assumption: x,2020",
    "battery,lifetime,15,years,a,assumption: x,2020",
)


def write(
    folder: Path, rows: tuple[str, ...] = ROWS, year: int = 2030, **manifest: object
) -> Path:
    """Write a sheet of one year; keywords replace keys of the manifest."""
    folder.mkdir(exist_ok=True)
    (folder / "manifest.yaml").write_text(yaml.safe_dump({**MANIFEST, **manifest}))
    text = "\n".join([HEADER, *rows, ""])
    (folder / f"costs_{year}.csv").write_text(text, encoding="utf-8")
    return folder


def faults_of(folder: Path, year: int = 2030) -> list[str]:
    """Load a bad sheet and return its faults as the user reads them."""
    with pytest.raises(InputError) as caught:
        load_costs(folder, year)
    assert caught.value.faults
    return [str(fault) for fault in caught.value.faults]


def changed(old: str, new: str) -> tuple[str, ...]:
    """Return the good rows with one of them replaced."""
    assert old in ROWS
    return tuple(new if row == old else row for row in ROWS)
