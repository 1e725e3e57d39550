"""Any CSV file of weather, whose columns a YAML file names."""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from meishan_model.series.table_cells import days_with_clocks, table_numbers, table_rows
from meishan_model.series.weather_rows import (
    WIND_HEIGHT,
    WeatherRows,
    converted,
    read_stamps,
    refused,
)
from meishan_model.sheets.rows import Frozen


class MappedColumn(Frozen):
    """A column of a CSV file and its unit."""

    column: str
    unit: str


class CsvMapping(Frozen):
    """A YAML file that says what the columns of a CSV file are."""

    time: str = Field(description="column of the stamps, or of their days")
    clock: str | None = Field(default=None, description="column of the times of these days")
    utc_offset: float = Field(ge=-12, le=14, description="clock of the stamps, h east of UTC")
    latitude: float = Field(ge=-90, le=90, description="deg")
    longitude: float = Field(ge=-180, le=180, description="deg")
    altitude: float = Field(ge=-450, le=6000, description="m")
    wind_height: float = Field(gt=0, le=300, default=WIND_HEIGHT, description="m")
    source: str = Field(min_length=1, description="where the file comes from")
    separator: Literal[",", ";", "\t"] | None = Field(default=None, description="between cells")
    decimal: Literal[".", ","] = Field(default=".", description="before decimals")
    skip_lines: int = Field(default=0, ge=0, description="lines above the names of the columns")
    missing: tuple[float, ...] = Field(default=(), description="codes that stand for no value")
    stamps: Literal["start", "end", "instant"] | None = Field(
        default=None, description="which end of its step a stamp is, or rows are of its instant"
    )
    columns: dict[Literal["ghi", "dni", "dhi", "air_temperature", "wind_speed"], MappedColumn]


def read_mapped(text: str, rules: CsvMapping) -> WeatherRows:
    """A CSV file by its mapping."""
    raw = _cells(text, rules)
    clock = [] if rules.clock is None else [rules.clock]
    wanted = [rules.time, *clock, *(column.column for column in rules.columns.values())]
    counts = {name: list(raw).count(name) for name in wanted}
    if wrong := sorted(name for name, count in counts.items() if count != 1):
        message = f"has {counts[wrong[0]] or 'no'} column {', '.join(wrong)}"
        remedy = f"its columns are {', '.join(map(str, raw))}"
        raise refused(message, remedy, rules.skip_lines + 1)
    texts = days_with_clocks(raw[rules.time], raw[rules.clock]) if clock else raw[rules.time]
    stamps = read_stamps(texts.rename(rules.time), rules.utc_offset)
    step = abs(float(np.median(np.diff(stamps)) / np.timedelta64(1, "h")))
    # Rows that end at their stamp are moved to where they begin.
    table = pd.DataFrame(index=stamps - pd.Timedelta(hours=step * (rules.stamps == "end")))
    for name, column in rules.columns.items():
        refuse = partial(refused, column=column.column)
        values = table_numbers(raw[column.column], refuse, rules.decimal)
        values = values.mask(values.isin(rules.missing))
        table[name] = converted(
            np.asarray(values, np.float64), name, column.unit, column.column, step
        )
    return WeatherRows(
        table,
        rules.utc_offset,
        (rules.latitude, rules.longitude, rules.altitude),
        rules.source,
        rules.wind_height,
        row_minutes=0.0 if rules.stamps == "instant" else 30.0 * step,
        is_assumed=rules.stamps is None,
        first_line=int(raw.index[0]),
    )


def _cells(text: str, rules: CsvMapping) -> pd.DataFrame:
    """Texts of a CSV file by column; the index is the line of each row."""
    lines = text.split("\n")[rules.skip_lines :]
    rows = {
        number: [cell.strip() for cell in row]
        for number, row in enumerate(table_rows(lines, rules.separator), 1)
        if any(map(str.strip, row))
    }
    head = rows.pop(min(rows, default=0), [])
    if not rows:
        raise refused("holds no rows", "get the file anew")
    for number, row in rows.items():
        if any(row[len(head) :]):
            message = f"has {len(row)} cells, the names of the columns are {len(head)}"
            remedy = "see separator and decimal of the mapping, and its skip_lines"
            raise refused(message, remedy, number + rules.skip_lines)
    whole = [(row + [""] * len(head))[: len(head)] for row in rows.values()]
    return pd.DataFrame(whole, [n + rules.skip_lines for n in rows], head)
