"""Parks, weather and contexts shared by the tests of the profiles."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import xarray as xr
from profile_places import PLACES, ROOT
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.series.calendar import day_types
from meishan_model.series.climate import Climate, read_climate
from meishan_model.series.demand import ShapeContext, named_shapes, shape_parameters
from meishan_model.series.synthetic_weather import synthetic_weather
from meishan_model.series.weather_formats import read_weather_file
from meishan_model.series.weather_import import measured_years
from meishan_model.sheets.park_folder import read_site


@pytest.fixture(scope="session")
def climates() -> dict[str, Climate]:
    return {park: read_climate(ROOT / "configs" / park / "climate.csv") for park in PLACES}


@pytest.fixture(scope="session")
def weathers(climates: dict[str, Climate]) -> dict[str, xr.Dataset]:
    return {park: synthetic_weather(climates[park], place) for park, place in PLACES.items()}


@pytest.fixture(scope="session")
def weather(weathers: dict[str, xr.Dataset]) -> xr.Dataset:
    return weathers["meishan"]


@pytest.fixture(scope="session")
def context(weather: xr.Dataset) -> ShapeContext:
    parameters = shape_parameters(read_park(ROOT / "configs/meishan", kinds()))
    return ShapeContext(
        read_weather=lambda: weather,
        calendar=day_types(2023, "CN"),
        location=PLACES["meishan"],
        parameters=parameters,
        named=named_shapes(parameters, ()),
    )


@pytest.fixture(scope="session")
def epw_path() -> Path:
    folder = Path(os.environ.get("MEISHAN_SHARED_DATA", ROOT.parent / "shared" / "data"))
    files = sorted((folder / "weather").glob("*Dinghai*.epw"))
    if not files:
        pytest.skip("no measured weather file: set MEISHAN_SHARED_DATA to a folder that has one")
    return files[0]


@pytest.fixture(scope="session")
def measured(epw_path: Path) -> xr.Dataset:
    site = read_site(ROOT / "configs" / "meishan")
    rows = read_weather_file(epw_path, (site.latitude, site.longitude))
    (found,) = measured_years([(str(epw_path), rows)], site).values()
    return found
