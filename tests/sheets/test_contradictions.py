"""Rows that cannot all be right are refused, with both sides named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault, InputError
from meishan_model.planning.project import Project, open_project
from meishan_model.sheets.contradictions import contradictions, place_fault
from meishan_model.sheets.files import read_yaml
from meishan_model.sheets.money_rows import CurrencyRow
from meishan_model.sheets.park import Park
from meishan_model.sheets.resolve import resolve
from meishan_model.sheets.rows import ValueRow
from meishan_model.sheets.trade_rows import PriceRow
from meishan_model.sheets.units import rate_fault

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def campus() -> Project:
    """The campus of Yizhuang, whose year is that of its baseline."""
    return open_project("yizhuang", REPOSITORY)


def changed(park: Park, sheet: str, value: float, **cells: str) -> Park:
    """The park with another value in the rows of a sheet that have some cells."""
    rows: list[ValueRow] = []
    for row in park.rows(sheet):
        is_meant = all(getattr(row, column) == cell for column, cell in cells.items())
        other = row.model_copy(update={"value": value}) if is_meant else row
        other._file = row.file
        rows.append(other)
    assert rows != list(park.rows(sheet))
    sheets: dict[str, Any] = {sheet: tuple(rows)}
    return replace(park, **sheets)


def refused(project: Project, park: Park) -> list[Fault]:
    """What is wrong with the year of a park."""
    (year,) = project.years
    with pytest.raises(InputError) as caught:
        resolve(park, project.scenario, project.costs(year), year, 1.0)
    return list(caught.value.faults)


def test_a_price_below_its_own_network_charge(campus: Project) -> None:
    """In CNY/kWh where the charge is in CNY/MWh: 200 with tax are 176.991 net of it."""
    (fault,) = refused(campus, changed(campus.park, "prices", 0.733, item="purchase_flat"))
    assert "below its own network charge of 176.991" in fault.message
    assert (Path(fault.file).name, fault.row) == ("prices.csv", 2)


def test_more_in_stock_than_may_stand(campus: Project) -> None:
    """The rows of both sheets are named."""
    wind = {"technology": "wind_onshore", "zone": "campus"}
    (limit,) = (a for a in campus.slices[2020].assets if a.technology == wind["technology"])
    assert limit.potential is not None
    spoilt = changed(campus.park, "existing_plants", limit.potential * 1.5, **wind)
    (fault,) = refused(campus, spoilt)
    assert f"above the potential of {limit.potential:g}" in fault.message
    assert "assets.csv, row" in str(fault)


def test_loads_far_from_the_baseline(campus: Project) -> None:
    """Half of the baseline's power is near enough, a thousandth is not."""
    load = {"load": "campus_offices"}
    given = next(row.value for row in campus.park.loads if row.load == load["load"])
    (year,) = campus.years
    near = changed(campus.park, "loads", given * 0.8, **load)
    resolve(near, campus.scenario, campus.costs(year), year, 1.0)
    (fault,) = refused(campus, changed(campus.park, "loads", given * 1e3, **load))
    assert Path(fault.file).name == "baseline.csv"
    assert "times the power of the baseline" in fault.message
    assert "in loads.csv of rows" in str(fault)


def test_an_exchange_rate_upside_down() -> None:
    """CNY per unit of another currency is asked for; of an unknown one nothing is said."""
    for right in (("EUR", 7.9), ("EUR", 6.2), ("JPY", 0.05), ("XAU", 1e4)):
        assert rate_fault(*right) is None
    told = rate_fault("EUR", 0.127)
    assert told is not None
    assert "upside down" in told[0]
    told = rate_fault("USD", 70.0)
    assert told is not None
    assert "far from the rate" in told[0]
    assert "about 6.9 CNY" in told[1]


def test_a_currency_of_a_park_is_held_against_the_market(campus: Project) -> None:
    """As a fault of its row."""
    cells = {"currency": "EUR", "price_year": 2020, "value": "0.13", "unit": "CNY"}
    cells |= {"source": "this test", "confidence": "assumption", "note": ""}
    row = CurrencyRow.read(cells, "currencies.csv", 2)
    (fault,) = contradictions(replace(campus.park, currencies=(row,)))
    assert (fault.file, fault.row, fault.column) == ("currencies.csv", 2, "value")


def test_a_connection_that_leads_to_a_higher_voltage(campus: Project) -> None:
    """220 kV written as 0.22."""
    high = max(campus.park.buses, key=lambda row: row.value)
    (fault, *_) = contradictions(changed(campus.park, "buses", high.value / 1e3, bus=high.bus))
    assert fault.row == high.line
    assert "up to" in fault.message


@pytest.mark.parametrize(
    ("country", "latitude", "longitude", "is_right"),
    [
        ("CN", 29.8, 121.9, True),
        ("CN", 43.8, 87.6, True),
        ("CN", 39.5, 75.9, True),
        ("CN", -29.8, 121.9, False),
        ("CN", 29.8, -121.9, False),
        ("DE", 52.5, 13.4, True),
        ("DE", 13.4, 52.5, False),
        ("NO", 78.2, 15.6, True),
        ("AU", -33.9, 151.2, True),
        ("AU", 33.9, 151.2, False),
        ("ZZ", 0.0, 0.0, True),
    ],
)
def test_a_place_lies_in_its_country(
    campus: Project, country: str, latitude: float, longitude: float, is_right: bool
) -> None:
    """A sign, or the order of the coordinates; of a country that is unknown nothing is said."""
    place = {"country": country, "latitude": latitude, "longitude": longitude}
    site = campus.park.site.model_copy(update=place)
    found = list(place_fault(site, Path("park.yaml")))
    assert bool(found) is not is_right
    if found:
        assert "km from the nearest city" in found[0].message


def test_the_place_is_looked_at_when_a_park_is_read(tmp_path: Path) -> None:
    """In its file."""
    folder = tmp_path / "yizhuang"
    folder.mkdir()
    for path in (REPOSITORY / "configs" / "yizhuang").glob("*.*"):
        text = path.read_text(encoding="utf-8")
        (folder / path.name).write_text(text.replace("latitude: 39.8", "latitude: -39.8"))
    with pytest.raises(InputError, match=r"-39\.8, .*km from the nearest city of CN"):
        read_park(folder, kinds())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("country: NO", "true or false"),
        ("title: on", "true or false"),
        ("latitude: 030", "octal"),
        ("altitude: -012", "octal"),
        ("start: 1:30", "base 60"),
    ],
)
def test_what_yaml_misreads_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """As a fault of its line; in quotes it is a text."""
    path = tmp_path / "park.yaml"
    path.write_text(f"name: a\n{text}\n", encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        read_yaml(path)
    (fault,) = caught.value.faults
    assert fault.row == 2
    key, _, value = text.partition(": ")
    path.write_text(f"name: a\n{key}: '{value}'\n", encoding="utf-8")
    assert read_yaml(path)[key] == value


def test_a_second_value_says_so(tmp_path: Path) -> None:
    """Two rows of one thing and year: whether they agree is told."""
    from meishan_model.sheets.row_reader import read_rows

    head = "item,year,value,unit,source,confidence,note\n"
    row = "demand_charge,2020,{},CNY/(MW*month),this test,assumption,\n"
    path = tmp_path / "prices.csv"
    path.write_text(head + "".join(map(row.format, (40000, 40000, 41000))), encoding="utf-8")
    _, faults = read_rows(path, PriceRow)
    told = [(fault.row, fault.message) for fault in faults]
    same, other = "says the same as row 2", "gives another value for what stands in row 2"
    assert told == [(3, same), (4, other)]
