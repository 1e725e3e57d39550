"""Rows of a weather file in the project's names and units, whatever file they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, InputError

WIND_HEIGHT = 10.0
"""Height of a wind speed where a file does not say [m]: that of meteorological stations."""


@dataclass(frozen=True)
class WeatherRows:
    """Rows of a weather file in the project's names and units.

    Attributes
    ----------
    table
        Columns among ``ghi``, ``dni``, ``dhi`` [W/m2], ``air_temperature`` [degC] and
        ``wind_speed`` [m/s], or ``plane_direct`` and ``plane_diffuse`` [W/m2] of a tilted plane;
        NaN is missing. The index is the time that the file gives to a row.
    utc_offset
        Clock of the stamps [h east of Greenwich]; ``None`` where the file does not say.
    place
        Its latitude, longitude and altitude [deg, deg, m]; NaN where the file does not say.
    source
        What it is, in words.
    wind_height
        Height of the wind speed [m].
    plane
        Tilt of that plane and the direction that it faces [deg, deg east of north]; NaN where
        the file does not say: the sun tells the tilt, and the plane faces the equator.
    ground
        Reflectance of the ground that the diffuse irradiance of that plane has a part of [1].
    row_minutes
        By the format, minutes after its stamp that an irradiance stands for: 0 of instants, 30 of
        the mean of the hour that begins; ``None`` where that is not said.
    first_line
        Line of the file in which the first row stands; 0 where a file has no lines.
    """

    table: pd.DataFrame
    utc_offset: float | None
    place: tuple[float, float, float]
    source: str
    wind_height: float = WIND_HEIGHT
    plane: tuple[float, float] = (np.nan, np.nan)
    ground: float = 0.0
    row_minutes: float | None = None
    first_line: int = 0


def refused(message: str, remedy: str, row: int | None = None, column: str = "") -> InputError:
    """What a reader refuses; the name of the file is put in by :func:`read_weather_file`."""
    return InputError([Fault("", message, row, column or None, remedy=remedy)])


def numbers(raw: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Columns under the project's names as numbers; text and codes for missing are NaN."""
    return pd.DataFrame(
        {
            name: pd.to_numeric(raw[column], errors="coerce").to_numpy(dtype=np.float64)
            for column, name in names.items()
            if column in raw
        }
    )


def stamps_of(cells: pd.Series[Any]) -> pd.DatetimeIndex:
    """Stamps of a column; whether days or months come first is what makes the steps even.

    A spreadsheet that opens a file of another country leaves both orders in one column, since it
    turns round what can be turned: then each row has the order that goes on evenly.
    """
    words = cells.astype(str).str.strip()
    read = [pd.to_datetime(words, format=form, errors="coerce") for form in STAMPS]
    for stamps in read:
        if stamps.notna().all() and stamps.is_monotonic_increasing:
            # A letter or an offset behind a stamp is its clock, which the mapping says.
            return pd.DatetimeIndex(stamps).tz_localize(None)
    for first in {stamps.iloc[0] for stamps in read if pd.notna(stamps.iloc[0])}:
        for step in ("60min", "30min", "15min", "10min"):
            even = pd.date_range(first, periods=len(words), freq=step)
            if np.any([(stamps == even).to_numpy() for stamps in read], axis=0).all():
                return even
    strange = np.flatnonzero(np.all([stamps.isna().to_numpy() for stamps in read], axis=0))
    what = f"{words.iloc[strange[0]]!r} is no stamp" if strange.size else "stamps go back in time"
    raise refused(what, "write 2019-01-31 23:00", None, str(cells.name))


STAMPS = ("ISO8601", "%Y/%m/%d %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M")
