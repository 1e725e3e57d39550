"""Slips by a factor of a thousand are caught, shipped parks are not doubted, notes acknowledge."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault, InputError
from meishan_model.planning.input_warnings import input_warnings, rows_of, with_warnings
from meishan_model.planning.new_park import Meter, new_park, park_templates
from meishan_model.planning.project import Project, open_project
from meishan_model.series.climate import ClimateRow
from meishan_model.sheets.cost_rows import CostRow
from meishan_model.sheets.costs import cost_rows
from meishan_model.sheets.grid import GRID_SHEETS
from meishan_model.sheets.money_rows import PriceBase
from meishan_model.sheets.park import Park, sheets_for
from meishan_model.sheets.park_rows import AssetRow
from meishan_model.sheets.plausibility import checks, row_doubts, warning_attributes
from meishan_model.sheets.proportions import proportion_doubts
from meishan_model.sheets.references import reference_faults
from meishan_model.sheets.resolve import resolve
from meishan_model.sheets.row_reader import quantity_faults, read_rows
from meishan_model.sheets.rows import NumberRow
from meishan_model.sheets.trade_rows import PriceRow

REPOSITORY = Path(__file__).parents[2]
SHARED = Path(os.environ.get("MEISHAN_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
PARKS = ("balanced", "yizhuang", "energy_hub")
MOST = 5
"""Warnings of a park in order, and findings among which a slip must stand."""


@cache
def shipped(scenario: str) -> Project:
    """A project of this repository."""
    return open_project(scenario, REPOSITORY)


def test_every_quantity_has_ranges_and_their_reason() -> None:
    """The plausible range lies within the possible one, which ends."""
    models = [*sheets_for(kinds()).values(), *GRID_SHEETS.values(), ClimateRow, CostRow]
    for model in models:
        for name, quantity in getattr(model, "quantities", {}).items():
            ends = (quantity.lower, *quantity.likely, quantity.upper)
            assert list(ends) == sorted(ends), (model.__name__, name)
            assert all(map(math.isfinite, ends)), (model.__name__, name)
            assert quantity.why, (model.__name__, name)


@pytest.mark.parametrize("scenario", PARKS)
def test_shipped_parks_have_few_warnings(scenario: str) -> None:
    """What nobody has acknowledged, in all sheets, cost sheets and weather."""
    told = [str(doubt.fault) for doubt in input_warnings(shipped(scenario)) if not doubt.checked]
    assert len(told) <= MOST, told


@pytest.mark.parametrize("template", sorted(park_templates()))
def test_new_parks_have_no_warnings(template: str, tmp_path: Path) -> None:
    """What a template stands in with is told as placeholders, and is plausible."""
    new_park(tmp_path, "own", template, None, None)
    assert not input_warnings(open_project("own", tmp_path))


@pytest.mark.skipif(not (SHARED / "costs").is_dir(), reason="the shared files are not there")
def test_published_costs_have_few_warnings(tmp_path: Path) -> None:
    """Files of technology-data, in EUR."""
    folder = shutil.copytree(REPOSITORY / "configs/costs/technology_data", tmp_path / "data")
    technologies = shipped("balanced").park.kind_of
    for file in (SHARED / "costs").glob("costs_*.csv"):
        shutil.copy(file, folder)
    rows = list(cost_rows(folder, REPOSITORY / "configs/costs", technologies))
    assert len(rows) > 100
    assert len(row_doubts(rows)) <= MOST


def slips(scenario: str, choose: Callable[[list[NumberRow]], NumberRow]) -> Iterator[list[Fault]]:
    """Findings of one value of each sheet, quantity and unit, times 1000 and through 1000."""
    project, of_kind = shipped(scenario), defaultdict[tuple[str, str, str], list[NumberRow]](list)
    of_file = defaultdict[type, list[NumberRow]](list)
    for row in rows_of(project):
        of_file[type(row)].append(row)
        if row.value:
            of_kind[type(row).__name__, row.kind_of_value, row.unit].append(row)
    for rows in of_kind.values():
        row = choose(rows)
        for factor in (1e3, 1e-3):
            slip = row.model_copy(update={"value": row.value * factor})
            slip._file = row.file
            faults = list(quantity_faults(slip, slip, has_rates=True))
            beside = [slip if other is row else other for other in of_file[type(row)]]
            faults = faults or _told(row_doubts(beside))
            faults = (faults or _together(project, row, slip))[:MOST]
            yield [fault for fault in faults if _names(fault, row)]


def _told(doubts: list[Any]) -> list[Fault]:
    return [doubt.fault for doubt in sorted(doubts, key=lambda doubt: -doubt.factor)]


def _together(project: Project, row: NumberRow, slip: NumberRow) -> list[Fault]:
    """What a park says of a slip that is plausible in its own sheet."""
    park = project.park
    of_park = {name: rows for name, rows in park.sheets() if any(r is row for r in rows)}
    if not of_park:
        return []
    ((sheet, rows),) = of_park.items()
    changed: dict[str, Any] = {sheet: tuple(slip if r is row else r for r in rows)}
    if sheet in park.added:
        changed = {"added": {**park.added, **changed}}
    spoilt: Park = replace(park, **changed)
    if faults := list(reference_faults(spoilt)):
        return faults
    ends = dict.fromkeys((project.years[0], project.years[-1]))
    start = project.baseline_emissions
    try:
        slices = [resolve(spoilt, project.scenario, project.costs(y), y, start) for y in ends]
    except InputError as error:
        return list(error.faults)
    return _told(proportion_doubts(spoilt, slices))


def _names(fault: Fault, row: NumberRow) -> bool:
    """Whether a finding leads to a row: by its place or in its words."""
    if fault.file == row.file and row.line in fault.lines:
        return True
    return Path(row.file).name in str(fault) and str(row.line) in str(fault)


@pytest.mark.parametrize("scenario", PARKS)
@pytest.mark.parametrize("seed", [None, 1])
def test_nine_of_ten_slips_are_caught(scenario: str, seed: int | None) -> None:
    """The first value of each kind or one at random; the row stands among the first findings."""
    draw = random.Random(seed)
    found = list(slips(scenario, (lambda rows: rows[0]) if seed is None else draw.choice))
    caught = sum(map(bool, found))
    assert len(found) > 100
    assert caught >= 0.9 * len(found), f"{caught} of {len(found)}"


@given(
    st.lists(st.floats(1.0, 3.0), min_size=3, max_size=8),
    st.data(),
    st.sampled_from([1e3, 1e-3]),
)
def test_the_year_that_slipped_is_named(
    growth: list[float], data: st.DataObject, by: float
) -> None:
    """Values that grow up to threefold from one to the next, one of them a thousandfold off."""
    values = np.cumprod(growth).clip(max=1e3)
    place = data.draw(st.integers(0, len(values) - 1))
    assert not row_doubts(potentials(values))
    values[place] *= by
    (doubt,) = [d for d in row_doubts(potentials(values)) if d.fault.name == "jump"]
    assert doubt.fault.row == 2 + place
    assert doubt.factor > 1.0


def potentials(values: Any) -> list[AssetRow]:
    """Potentials of one asset from 2020 on [MW]."""
    cells = {"technology": "pv", "zone": "port", "parameter": "potential", "unit": "MW"}
    cells |= {"source": "this test", "confidence": "assumption", "note": ""}
    return [
        AssetRow.read({**cells, "year": 2020 + n, "value": value}, "assets.csv", 2 + n)
        for n, value in enumerate(values)
    ]


def test_a_note_acknowledges_a_warning_by_its_name() -> None:
    """It is told no more, whatever else the note says; a note on another name changes nothing."""
    assert checks("a; checked: range: plate, see photo; b") == {"range": "plate, see photo"}
    assert checks("checked: range:") == {}
    (row,) = potentials([5e5])
    for note, told in (("checked: range: all roofs of Ningbo", 0), ("checked: jump: so", 1)):
        noted = row.model_copy(update={"note": note})
        noted._file = row.file
        found = warning_attributes(row_doubts([noted]))
        assert len(json.loads(found.get("warnings", "[]"))) == told


@pytest.mark.parametrize(
    ("scenario", "name", "sheet", "cells", "factor"),
    [
        (
            "yizhuang",
            "connection",
            "network",
            {"kind": "connection", "parameter": "capacity"},
            1e-2,
        ),
        ("yizhuang", "density", "zones", {}, 1e3),
        ("yizhuang", "azimuth", "technology_parameters", {"parameter": "azimuth"}, 0.0),
        ("yizhuang", "build_rate", "assets", {"parameter": "build_rate"}, 1e2),
        ("yizhuang", "store_hours", "assets", {"technology": "battery_energy"}, 1e3),
        ("yizhuang", "store_hours", "existing_plants", {"technology": "battery_energy"}, 0.01),
        ("yizhuang", "potential", "assets", {"technology": "pv_rooftop"}, 200.0),
        ("yizhuang", "flat", "tariff_periods", {"period": "flat"}, 0.75),
        ("energy_hub", "energy_out", "conversions", {"technology": "gas_chp"}, 4.0),
        ("yizhuang", "contract", "contracts", {"parameter": "limit"}, 1e3),
        ("yizhuang", "minimum_asset", "parameters", {"parameter": "minimum_asset"}, 1e3),
        ("yizhuang", "baseline", "loads", {"load": "campus_offices"}, 5.0),
        ("yizhuang", "baseline_mix", "baseline", {"accounting": "fuel"}, 1e3),
        ("energy_hub", "market", "markets", {"parameter": "export_capacity"}, 1e4),
        ("energy_hub", "market_hours", "markets", {"parameter": "import_limit"}, 1e3),
        ("energy_hub", "crowding", "zones", {}, 1e-2),
        ("balanced", "event", "events", {"parameter": "power"}, 1e-3),
    ],
)
def test_sizes_that_do_not_fit_each_other(
    scenario: str, name: str, sheet: str, cells: dict[str, str], factor: float
) -> None:
    """Some rows of a shipped park, changed by a factor, are doubted under the name of the rule."""
    project = shipped(scenario)
    rows = []
    for row in project.park.rows(sheet):
        is_meant = all(getattr(row, column) == cell for column, cell in cells.items())
        rows.append(row.model_copy(update={"value": row.value * factor}) if is_meant else row)
        rows[-1]._file = row.file
    changed: dict[str, Any] = {sheet: tuple(rows)}
    park, year = replace(project.park, **changed), project.years[0]
    start = project.baseline_emissions
    slices = [resolve(park, project.scenario, project.costs(year), year, start)]
    told = [doubt for doubt in proportion_doubts(park, slices) if doubt.fault.name == name]
    assert told
    assert all(f"{sheet}.csv" in str(doubt.fault) for doubt in told)
    assert not proportion_doubts(project.park, [project.slices[year]])


def test_peaks_between_the_steps_of_a_plan_are_told(tmp_path: Path) -> None:
    """A crane of 5 MW in one quarter of an hour is 2 MW in its hour, and 5 MW on the bill."""
    power = pd.Series(1000.0, pd.date_range("2023-01-01", periods=35040, freq="15min"))
    power.iloc[5000] = 5000.0
    power.rename_axis("time").rename("kW").to_csv(tmp_path / "meter.csv")
    new_park(tmp_path, "mine", meter=Meter(tmp_path / "meter.csv"))
    (told,) = input_warnings(open_project("mine", tmp_path))
    assert told.fault.name == "coarse_steps"
    assert "peaks at 5 MW in 15 min and at 2 MW in 60 min" in told.fault.message
    assert told.factor == pytest.approx(2.5)
    assert not input_warnings(open_project("mine", tmp_path, minutes=15))
    with (tmp_path / "configs" / "mine" / "park.yaml").open("a", encoding="utf-8") as park:
        park.write("checked:\n  coarse_steps: billed by the hour\n")
    (told,) = input_warnings(open_project("mine", tmp_path))
    assert told.checked == "billed by the hour"


def test_a_result_tells_the_warnings_of_today() -> None:
    """What was told when it was solved, and has been acknowledged since, is told no more."""
    solved = xr.Dataset(attrs={"title": "a slice", "warnings": '[{"name": "range"}]'})
    assert with_warnings(shipped("yizhuang"), solved).attrs == {"title": "a slice"}
    assert "warnings" in solved.attrs


def test_money_is_told_as_it_was_given(tmp_path: Path) -> None:
    """A price in EUR is compared in CNY, and told in EUR."""
    head = "item,year,value,unit,source,confidence,note\n"
    row = "market_price,2030,0.05,EUR/MWh,this test,assumption,\n"
    (tmp_path / "prices.csv").write_text(head + row, encoding="utf-8")
    rows, faults = read_rows(tmp_path / "prices.csv", PriceRow, money=PriceBase({"EUR": 8.0}))
    assert not faults
    (doubt,) = row_doubts(rows)
    assert doubt.fault.value == "0.05"
    assert "at 0.4 CNY/MWh lies outside of the plausible 50 to 2000 CNY/MWh" in str(doubt.fault)
    assert "a thousand times more would be plausible" in str(doubt.fault)
