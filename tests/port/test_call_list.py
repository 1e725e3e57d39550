"""A list of ship calls takes the place of the generator, and says every fault it has."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ship_examples import berths, pattern, ship

from meishan_model.errors import InputError
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.project import open_project
from meishan_model.port.call_list import call_list_path, read_call_list, write_call_list
from meishan_model.port.calls import handled_teu, load_at_berth, ship_calls
from meishan_model.port.ships import berth_series, slice_calls
from meishan_model.series.calendar import day_types
from meishan_model.series.demand import shape_parameters

ROOT = Path(__file__).parents[2]
QUAY = berths(2, ship("small", call_share=0.5), ship("large", call_share=0.5))
HEADER = "berth_group,ship,ship_class,arrival,berthing,departure,berth,teu,shore_power\n"
GOOD = "quay,Aurora,small,2031-03-01 08:00,2031-03-01 09:30,2031-03-02 04:00,1,1500,yes\n"


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), year=st.sampled_from([2030, 2032]), late=st.floats(0.0, 50.0))
def test_the_generators_own_calls_give_the_same_series(
    tmp_path_factory: pytest.TempPathFactory, seed: int, year: int, late: float
) -> None:
    """Written and read back, in a leap year too: hotel load and TEU of every hour to 1e-6."""
    calls = ship_calls(year, 5e5, QUAY, pattern(seed, lateness=late, size_spread=0.5))
    path = call_list_path(tmp_path_factory.mktemp("calls"), year)
    write_call_list({"quay": calls}, path, year)
    (read,) = read_call_list(path, year, (QUAY,), 5e5).values()
    pd.testing.assert_frame_equal(read, calls, check_dtype=False, rtol=0.0, atol=1e-6)
    power = np.full(len(calls), 1100.0)
    np.testing.assert_allclose(
        load_at_berth(read, power), load_at_berth(calls, power), rtol=0.0, atol=1e-6
    )
    np.testing.assert_allclose(handled_teu(read), handled_teu(calls), rtol=0.0, atol=1e-3)


def test_a_list_beside_the_weather_is_used_in_its_year(tmp_path: Path) -> None:
    """Meishan's own calls of 2035 as a list: the same ships; without one ship, less load.

    The list makes the slice of its year and those that rest on it stale, and no later one.
    """
    for name in ("configs", "timeseries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    project = open_project("balanced", tmp_path)
    inputs, folder = project.slices[2035], project.weather_folder
    parameters = shape_parameters(project.park)
    before = slice_hashes(project, "highs")
    generated = slice_calls(inputs, parameters, day_types(2035, "CN"), folder).calls
    path = call_list_path(folder, 2035)
    write_call_list(generated, path, 2035)
    listed = slice_calls(inputs, parameters, day_types(2035, "CN"), folder).calls
    series, same = berth_series(inputs, generated), berth_series(inputs, listed)
    for connection, found in same.items():
        for name, values in vars(found).items():
            wanted = getattr(series[connection], name)
            np.testing.assert_allclose(values, wanted, rtol=0.0, atol=1e-6)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:1] + lines[2:]), encoding="utf-8")
    fewer = berth_series(
        inputs, slice_calls(inputs, parameters, day_types(2035, "CN"), folder).calls
    )
    hotel = [sum(s.hotel_load.sum() for s in found.values()) for found in (same, fewer)]
    assert 0.0 < hotel[0] - hotel[1] < 100.0
    after = slice_hashes(project, "highs")
    assert {y for y in before if before[y] != after[y]} == {2020, 2025, 2030, 2035}


def test_29_february_is_cut_out_of_a_stay(tmp_path: Path) -> None:
    """A ship from 28 February 20:00 to 1 March 06:00 of a leap year stays 4 + 6 hours."""
    path = tmp_path / "calls.csv"
    row = "quay,,small,2032-02-28 20:00,2032-02-28 20:00,2032-03-01 06:00,1,100,no\n"
    path.write_text(HEADER + row, encoding="utf-8")
    (calls,) = read_call_list(path, 2032, (QUAY,), 100.0).values()
    assert calls.loc[0, "berthing"] == pytest.approx(58 * 24 + 20)
    assert calls.loc[0, "departure"] - calls.loc[0, "berthing"] == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (GOOD.replace("quay", "pier"), "berth_group", "known: quay"),
        (GOOD.replace("small", "huge"), "ship_class", "does not call at quay"),
        (GOOD.replace("2031-03-01 09:30", "1.3.2031"), "berthing", "give the local time as"),
        (GOOD.replace("2031-03-01 08:00", ""), "arrival", "give the local time as"),
        (GOOD.replace("04:00", "04:00+08:00"), "departure", "without time zone"),
        (GOOD.replace("2031-03-02", "2031-02-30"), "departure", "give the local time as"),
        (GOOD.replace(",1500,", ",-3,"), "teu", "above 0"),
        (GOOD.replace(",1500,", ",inf,"), "teu", "above 0"),
        (GOOD.replace(",1,1500", ",1.5,1500"), "berth", "count from 1"),
        (GOOD.replace(",1,1500", ",3,1500"), "berth", "quay has 2 berths"),
        (GOOD.replace("yes", "perhaps"), "shore_power", "yes or no"),
        (GOOD.replace("08:00", "09:45"), "berthing", "before the arrival"),
        (GOOD.replace("2031-03-02", "2031-03-01"), "departure", "not after the berthing"),
        (GOOD.replace("2031-03-02", "2032-03-02"), "departure", "a year and more"),
        (GOOD.replace("2031", "2033"), "arrival", "another year"),
    ],
)
def test_every_wrong_cell_is_named(tmp_path: Path, row: str, column: str, words: str) -> None:
    """One wrong cell in the third row of the file: the fault has its row, column and remedy."""
    path = tmp_path / "calls.csv"
    path.write_text(HEADER + GOOD.replace("-03-", "-01-") + row, encoding="utf-8")
    with pytest.raises(InputError, match=words) as raised:
        read_call_list(path, 2031, (QUAY,), 3000.0)
    (fault,) = raised.value.faults
    assert (fault.file, fault.row, fault.column) == (str(path), 3, column)
    assert words in str(fault)


def test_two_ships_at_one_berth_and_half_a_year_are_refused(tmp_path: Path) -> None:
    """A ship that comes before the other has left, and a list with half of the throughput."""
    path = tmp_path / "calls.csv"
    early = GOOD.replace("2031-03-01 09:30", "2031-03-01 09:45").replace("Aurora", "Bounty")
    path.write_text(HEADER + GOOD + early, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_call_list(path, 2031, (QUAY,), 6000.0)
    overlap, throughput = raised.value.faults
    assert (overlap.row, overlap.column) == (3, "berthing")
    assert "berth 1 is taken until 2031-03-02 04:00" in str(overlap)
    assert throughput.column == "teu"
    assert "more than a tenth" in str(throughput)
    path.write_text(HEADER + GOOD + early.replace(",1,1500", ",2,1500"), encoding="utf-8")
    (calls,) = read_call_list(path, 2031, (QUAY,), 3000.0).values()
    assert list(calls["berth"]) == [1, 2]


def test_a_month_without_calls_is_a_gap_in_a_list_of_many(tmp_path: Path) -> None:
    """A call a day but in June; a list of few calls may leave months out, as those above do."""
    path = tmp_path / "calls.csv"
    days = pd.date_range("2031-01-01", "2031-12-30", freq="D")
    rows = [
        GOOD.replace("2031-03-02", f"{day + pd.Timedelta(days=1):%Y-%m-%d}").replace(
            "2031-03-01", f"{day:%Y-%m-%d}"
        )
        for day in days
        if day.month != 6
    ]
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    with pytest.raises(InputError, match="'June': no ship calls in this month"):
        read_call_list(path, 2031, (QUAY,), 1500.0 * len(rows))
