"""Files that differ from what their format says, as they circulate: each has the known rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from weather_writers import PLACE, TEXTS, known_rows

from meishan_model.errors import InputError
from meishan_model.series.weather_formats import read_weather_file
from meishan_model.series.weather_rows import WeatherRows

VARIANTS: dict[str, tuple[str, Callable[[str], str]]] = {
    "NASA POWER since 2024": (
        "nasa_csv",
        lambda text: (
            text.replace("Latitude", "latitude")
            .replace("Longitude", "longitude")
            .replace("Elevation from", "elevation from")
        ),
    ),
}


def _rows(path: Path, text: str) -> WeatherRows:
    path.write_text(text, encoding="utf-8")
    return read_weather_file(path, (PLACE.latitude, PLACE.longitude))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_has_the_same_rows(weather: xr.Dataset, tmp_path: Path, variant: str) -> None:
    """Stamps, numbers, clock and place are those of the file as its format has it."""
    form, changed = VARIANTS[variant]
    minutes, clock, written = TEXTS[form]
    text = written(known_rows(weather, minutes, clock))
    assert changed(text) != text
    usual, found = _rows(tmp_path / "usual", text), _rows(tmp_path / "variant", changed(text))
    pd.testing.assert_frame_equal(found.table, usual.table)
    assert (found.utc_offset, found.place) == (usual.utc_offset, usual.place)


def test_days_of_nasa_power_are_told(weather: xr.Dataset, tmp_path: Path) -> None:
    """JSON of daily values says what to ask for."""
    text = TEXTS["nasa_json"][2](known_rows(weather, 30.0, 0.0))
    days = re.sub(r'"(2019\d{4})\d\d":', r'"\1":', text)
    with pytest.raises(InputError, match="'20190101' is the stamp of no hour; ask NASA POWER for"):
        _rows(tmp_path / "daily.json", days)
