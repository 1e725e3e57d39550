"""Any CSV file of weather, whose columns a YAML file names."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from meishan_model.series.weather_rows import WIND_HEIGHT, WeatherRows, refused, stamps_of
from meishan_model.sheets.rows import Frozen

_IRRADIANCE = {
    "W/m2": (1.0, 0.0),
    "kW/m2": (1e3, 0.0),
    "Wh/m2": (1.0, 0.0),
    "kWh/m2": (1e3, 0.0),
    "J/m2": (1 / 3600.0, 0.0),
    "kJ/m2": (1 / 3.6, 0.0),
    "MJ/m2": (1e3 / 3.6, 0.0),
}
UNITS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "ghi": _IRRADIANCE,
    "dni": _IRRADIANCE,
    "dhi": _IRRADIANCE,
    "air_temperature": {"degC": (1.0, 0.0), "K": (1.0, -273.15), "degF": (5 / 9, -160 / 9)},
    "wind_speed": {"m/s": (1.0, 0.0), "km/h": (1 / 3.6, 0.0), "kn": (1852 / 3600.0, 0.0)},
}
"""Factor and summand into W/m2, degC and m/s; an energy is that of a row."""
_ENERGY = ("Wh/m2", "kWh/m2", "J/m2", "kJ/m2", "MJ/m2")


class MappedColumn(Frozen):
    """A column of a CSV file and its unit."""

    column: str
    unit: str


class CsvMapping(Frozen):
    """A YAML file that says what the columns of a CSV file are."""

    time: str = Field(description="column of the stamps")
    utc_offset: float = Field(ge=-12, le=14, description="clock of the stamps, h east of UTC")
    latitude: float = Field(ge=-90, le=90, description="deg")
    longitude: float = Field(ge=-180, le=180, description="deg")
    altitude: float = Field(ge=-450, le=6000, description="m")
    wind_height: float = Field(gt=0, le=300, default=WIND_HEIGHT, description="m")
    source: str = Field(min_length=1, description="where the file comes from")
    separator: Literal[",", ";", "\t"] = Field(default=",", description="between cells")
    decimal: Literal[".", ","] = Field(default=".", description="before decimals")
    columns: dict[Literal["ghi", "dni", "dhi", "air_temperature", "wind_speed"], MappedColumn]


def read_mapped(text: str, rules: CsvMapping) -> WeatherRows:
    """A CSV file by its mapping."""
    raw = pd.read_csv(io.StringIO(text), sep=rules.separator, decimal=rules.decimal)
    wanted = {rules.time, *(column.column for column in rules.columns.values())}
    if lacking := wanted - set(raw):
        remedy = f"its columns are {', '.join(map(str, raw))}"
        raise refused(f"has no column {', '.join(sorted(lacking))}", remedy, 1)
    table = pd.DataFrame(index=stamps_of(raw[rules.time]))
    step = float(np.median(np.diff(table.index)) / np.timedelta64(1, "h"))
    for name, column in rules.columns.items():
        if column.unit not in UNITS[name]:
            remedy = f"one of {', '.join(UNITS[name])}"
            raise refused(f"{name} in {column.unit} is not known", remedy, 1, column.column)
        factor, summand = UNITS[name][column.unit]
        cells = raw[column.column].astype(str).str.replace(rules.decimal, ".", regex=False)
        numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
        factor /= step if column.unit in _ENERGY else 1.0
        table[name] = numbers * factor + summand
    place = (rules.latitude, rules.longitude, rules.altitude)
    return WeatherRows(
        table, rules.utc_offset, place, rules.source, rules.wind_height, first_line=2
    )
