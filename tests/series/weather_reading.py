"""Weather files read as a park reads them, and what must come back of the known year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from profile_places import ROOT
from weather_writers import clear_days

from meishan_model.series.solar import stamps_of
from meishan_model.series.weather_checks import stored_findings
from meishan_model.series.weather_formats import read_weather_file
from meishan_model.series.weather_import import measured_years
from meishan_model.sheets.park import Site
from meishan_model.sheets.park_folder import read_site

MEISHAN = read_site(ROOT / "configs" / "meishan")


def year_of(*paths: Path, site: Site = MEISHAN, mapping: Path | None = None) -> xr.Dataset:
    """The only weather year of files, without a climate to compare it with."""
    place = (site.latitude, site.longitude)
    rows = [(str(path), read_weather_file(path, place, mapping)) for path in paths]
    (found,) = measured_years(rows, site).values()
    return found


def names_of(dataset: xr.Dataset) -> set[str]:
    """Names of what is strange about a year."""
    return {finding.name for finding in stored_findings(dataset)}


def assert_known(found: xr.Dataset, weather: xr.Dataset, most: float = 40.0) -> None:
    """The known year, with irradiance of the middle of each hour.

    Near sunset a mean of two instants is not that of their middle: 40 W/m2, 3 W/m2 in the mean.
    A plane does not see the sun behind it: up to 110 W/m2 in mornings and evenings of summer.
    """
    for name in ("air_temperature", "wind_speed"):
        np.testing.assert_allclose(found[name], weather[name], atol=2e-3)
    known = clear_days(stamps_of(weather), 30.0)
    for name in ("ghi", "dhi"):
        np.testing.assert_allclose(found[name], known[name], atol=most)
        assert float(np.abs(found[name] - known[name]).mean()) < 3.0
    assert float(found["dni"].sum()) == pytest.approx(known["dni"].sum(), rel=0.05)
