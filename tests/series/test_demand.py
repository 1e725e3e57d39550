from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_places import PLACES, ROOT
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.errors import InputError
from meishan_model.series.calendar import day_types
from meishan_model.series.demand import (
    ShapeContext,
    circular_smooth,
    heat_pump_cop,
    load_shape,
    mean_one,
    named_shapes,
    shape_names,
    shape_parameters,
    thermal_degree_hours,
)
from meishan_model.sheets.park_rows import ShapeRow
from meishan_model.sheets.periods import course_faults
from meishan_model.sheets.row_reader import read_rows


def test_every_shape_has_mean_one(context: ShapeContext) -> None:
    """A yearly energy comes out of the year as it went in: 8760 finite values of mean 1."""
    assert len(shape_names(context.parameters, context.named)) > 20
    for name in shape_names(context.parameters, context.named):
        shape = load_shape(name, context)
        assert shape.shape == (8760,), name
        assert np.isfinite(shape).all(), name
        assert shape.min() >= 0.0, name
        assert shape.mean() == pytest.approx(1.0, abs=1e-12), name


def test_all_shapes_of_a_year_take_under_five_seconds(context: ShapeContext) -> None:
    """The profiles of a slice are cheap beside its optimisation."""
    begin = time.perf_counter()
    for name in shape_names(context.parameters, context.named):
        load_shape(name, context)
    assert time.perf_counter() - begin < 5.0


def test_spring_festival_week_is_quiet(context: ShapeContext) -> None:
    """Industry and logistics draw less in the week of the festival than in an ordinary one."""
    stamps = pd.DatetimeIndex(context.calendar.index)
    shift_work = ("industry_two_shift", "industry_three_shift", "car_works", "ship_repair")
    for name in (*shift_work, "logistics", "process_heat"):
        shape = pd.Series(load_shape(name, context), index=stamps)
        festival = shape.loc["2023-01-21":"2023-01-27"].mean()
        ordinary = shape.loc["2023-03-04":"2023-03-10"].mean()
        assert festival < 0.85 * ordinary


def test_seasons_of_heating_and_cooling(context: ShapeContext) -> None:
    """Cooling is a summer load, heating a winter load."""
    month = context.calendar["month"].to_numpy()
    cooling, heating = (load_shape(f"buildings_{use}", context) for use in ("cooling", "heating"))
    assert cooling[np.isin(month, [6, 7, 8, 9])].sum() > 0.85 * cooling.sum()
    assert cooling[np.isin(month, [12, 1, 2])].max() == 0.0
    assert heating[np.isin(month, [12, 1, 2])].sum() > 0.55 * heating.sum()


def test_another_park_has_its_own_shapes(weathers: dict[str, xr.Dataset]) -> None:
    """Yizhuang's sheets give every shape that they describe; another one is not invented."""
    parameters = shape_parameters(read_park(ROOT / "configs/yizhuang", kinds()))
    context = ShapeContext(
        read_weather=lambda: weathers["yizhuang"],
        calendar=day_types(2060, "CN"),
        location=PLACES["yizhuang"],
        parameters=parameters,
        named=named_shapes(parameters, ()),
    )
    for name in shape_names(context.parameters, context.named):
        assert load_shape(name, context).mean() == pytest.approx(1.0)
    with pytest.raises(InputError, match="nowhere/"):
        load_shape("nowhere", context)


def house(context: ShapeContext, **own: float) -> ShapeContext:
    """A context in which the profile ``house`` has these numbers."""
    numbers = {("house", name): value for name, value in own.items()}
    numbers = {**context.parameters.numbers, **numbers}
    parameters = dataclasses.replace(context.parameters, numbers=numbers)
    return dataclasses.replace(context, parameters=parameters)


def test_degree_hours_solved_by_hand(context: ShapeContext) -> None:
    """Without lag 30 degC is 6 K above 24 degC and 10 degC is 5 K below 15 degC.

    Gains of 15 W/m2 lift a house that loses 2.5 W/(m2*K) by 6 K, which is 10 K more to cool away.
    """
    temperature = xr.full_like(context.weather["air_temperature"], 30.0)
    temperature[4000:] = 10.0
    weather = context.weather.assign(air_temperature=temperature)
    context = dataclasses.replace(context, read_weather=lambda: weather)
    points = {"heating_set_point": 15.0, "cooling_set_point": 24.0, "time_constant": 0.0}
    bare = house(context, **points, internal_gains=0.0, heat_loss=2.5)
    assert thermal_degree_hours(bare, "house", "cooling")[[0, 5000]].tolist() == [6.0, 0.0]
    assert thermal_degree_hours(bare, "house", "heating")[[0, 5000]].tolist() == [0.0, 5.0]
    lived_in = house(context, **points, internal_gains=15.0, heat_loss=2.5)
    assert thermal_degree_hours(lived_in, "house", "cooling")[[0, 5000]].tolist() == [12.0, 0.0]
    assert thermal_degree_hours(lived_in, "house", "heating")[[0, 5000]].tolist() == [0.0, 0.0]


def test_a_house_without_gains_needs_more_heat(context: ShapeContext) -> None:
    """At 8 degC outside, 18 inside, gains of 5 and a loss of 2.5 W/(m2*K) the need is 8 K."""
    steady = context.weather.assign(
        air_temperature=xr.full_like(context.weather["air_temperature"], 8.0)
    )
    own = {"heating_set_point": 18.0, "internal_gains": 5.0, "heat_loss": 2.5}
    cold = house(
        dataclasses.replace(context, read_weather=lambda: steady), **own, time_constant=6.0
    )
    np.testing.assert_allclose(thermal_degree_hours(cold, "house", "heating"), 8.0)


def test_a_shape_is_described_by_its_rows(context: ShapeContext) -> None:
    """Rows alone make a new shape: one shift from 7 to 16 on working days, nothing else.

    A year with W working days has 9 W hours of work, each 8760 / (9 W) of the mean.
    """
    rows = {"shifts": 1.0, "shift_start": 7.0, "start_spread": 0.0, "shift_hours": 9.0}
    toy = house(context, **rows, weekend_factor=0.0, holiday_factor=0.0, night_base=0.0)
    assert "house" in shape_names(toy.parameters, toy.named)
    shape = load_shape("house", toy)
    hour = context.calendar["hour"].to_numpy()
    works = context.calendar["is_working_day"].to_numpy() & (hour >= 7) & (hour < 16)
    np.testing.assert_allclose(shape, np.where(works, 8760.0 / works.sum(), 0.0))
    assert "ship_calls" not in shape_names(toy.parameters, toy.named)


def test_shift_work_solved_by_hand(context: ShapeContext) -> None:
    """Two shifts from 8:00: base 0.2 at night, 1 at work, 0.2 + 0.8 x 0.5 on a day off."""
    rows = {"shift_start": 8.0, "start_spread": 0.0, "night_base": 0.2}
    rows |= {"weekend_factor": 0.5, "holiday_factor": 0.0}
    two = load_shape("house", house(context, **rows, shifts=2.0, shift_hours=8.0))
    load = pd.Series(two / two.max(), pd.DatetimeIndex(context.calendar.index))
    assert load.loc["2023-03-01 07:00"] == pytest.approx(0.2)
    assert load.loc["2023-03-01 08:00"] == pytest.approx(1.0)
    assert load.loc["2023-03-01 23:00"] == pytest.approx(1.0)
    assert load.loc["2023-03-04 12:00"] == pytest.approx(0.6)
    assert load.loc["2023-01-23 12:00"] == pytest.approx(0.2)
    with pytest.raises(ValueError, match="shifts must be"):
        load_shape("house", house(context, **rows, shifts=4.0, shift_hours=6.0))
    with pytest.raises(ValueError, match="3 shifts of 9 h do not fit into a day"):
        load_shape("house", house(context, **rows, shifts=3.0, shift_hours=9.0))


@settings(max_examples=20, deadline=None)
@given(time_constant=st.floats(0.5, 1000.0), seed=st.integers(0, 100))
def test_smoothing_keeps_mean_and_bounds(time_constant: float, seed: int) -> None:
    """A lag moves energy in time but neither makes nor loses it, and does not overshoot."""
    values = np.random.default_rng(seed).random(8760)
    smooth = circular_smooth(values, time_constant)
    assert smooth.mean() == pytest.approx(values.mean(), rel=1e-3)
    assert values.min() <= smooth.min() <= smooth.max() <= values.max()


def test_heat_pump_cop_solved_by_hand() -> None:
    """0.42 of Carnot from 0 to 50 degC: 0.42 x 323.15 / 50 = 2.71446; bounds hold beyond."""
    cop = heat_pump_cop([0.0, -80.0, 49.0, 60.0], 50.0, 0.42, 1.8, 5.0)
    np.testing.assert_allclose(cop, [2.71446, 1.8, 5.0, 5.0], rtol=1e-9)
    with pytest.raises(ValueError, match="carnot_quality"):
        heat_pump_cop([0.0], 50.0, 42.0, 1.8, 5.0)


@settings(max_examples=50, deadline=None)
@given(
    cold=st.floats(-30.0, 40.0),
    step=st.floats(0.0, 20.0),
    sink=st.floats(35.0, 95.0),
    quality=st.floats(0.2, 0.6),
)
def test_cop_rises_with_the_source_and_obeys_carnot(
    cold: float, step: float, sink: float, quality: float
) -> None:
    """Warmer air never lowers the COP, and without a binding lower bound it is below Carnot's."""
    cop = heat_pump_cop([cold, cold + step], sink, quality, 0.1, 8.0)
    assert cop[0] <= cop[1]
    if cold < sink - 1.0:
        assert cop[0] <= (sink + 273.15) / (sink - cold)


def test_shapes_that_cannot_be_scaled_are_refused() -> None:
    """Nothing to scale, or negative values, is an error and not a flat line."""
    with pytest.raises(ValueError, match="zero in every hour"):
        mean_one(np.zeros(8760), "cooling")
    with pytest.raises(ValueError, match="negative"):
        mean_one(np.array([1.0, -1.0]), "cooling")


def test_summerless_year_has_no_cooling_shape(context: ShapeContext) -> None:
    """A year that never needs cooling cannot carry a cooling energy."""
    cold = context.weather.assign(
        air_temperature=xr.full_like(context.weather["air_temperature"], 5.0)
    )
    with pytest.raises(ValueError, match="buildings_cooling"):
        load_shape("buildings_cooling", dataclasses.replace(context, read_weather=lambda: cold))


def test_faults_of_the_profiles_sheet_are_reported_together(tmp_path: Path) -> None:
    """Text, hours beyond the day, a wrong unit and an unknown number, in one error."""
    path = tmp_path / "profiles.csv"
    path.write_text(
        "profile,parameter,start_hour,end_hour,value,unit,source,confidence,note\n"
        "a,shifts,,,many,1,x,assumption,\n"
        "a,day_off,20,26,1,1,x,assumption,\n"
        "a,heating_set_point,,,20,K,x,assumption,\n"
        "a,speed,,,1,1,x,assumption,\n",
        encoding="utf-8",
    )
    _, faults = read_rows(path, ShapeRow)
    places = [(fault.row, fault.column) for fault in faults]
    assert places == [(2, "value"), (3, "end_hour"), (4, "unit"), (5, "parameter")]


@pytest.mark.parametrize(
    ("blocks", "row", "said"),
    [
        (
            ["0,12", "10,24"],
            3,
            "hour 10 of month 1 of a, day_off, which row 2 covers",
        ),
        (["0,12", "13,24"], 2, "no row covers hour 12 of month 1 of a, day_off"),
        (["0,12", "12,12", "12,24"], 3, "does not rise"),
        (["0,12", "12,", "12,24"], 3, "does not rise"),
    ],
)
def test_blocks_of_a_day_join(tmp_path: Path, blocks: list[str], row: int, said: str) -> None:
    """Blocks that overlap, leave a gap or do not rise name the row and the hour."""
    path = tmp_path / "profiles.csv"
    lines = ["profile,parameter,start_hour,end_hour,value,unit,source,confidence,note"]
    lines += [f"a,day_off,{block},1,1,x,assumption," for block in blocks]
    path.write_text("\n".join(lines), encoding="utf-8")
    rows, faults = read_rows(path, ShapeRow)
    (fault,) = faults or course_faults(rows)
    assert (fault.row, said in fault.message) == (row, True), fault
