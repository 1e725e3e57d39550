from __future__ import annotations

import dataclasses
import time

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_places import PLACES, ROOT

from meishan_model.errors import InputError
from meishan_model.profiles.calendar import day_types
from meishan_model.profiles.demand import SHAPES, ShapeContext, degree_hours, heat_pump_cop
from meishan_model.profiles.numerics import circular_smooth, mean_one
from meishan_model.profiles.shape_parameters import (
    read_shape_parameters,
    shape_parameters_from_table,
)

PORT_SHAPES = {"port_cranes", "port_reefers", "port_lighting", "yard_work"}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_has_mean_one(name: str, context: ShapeContext) -> None:
    """A yearly energy comes out of the year as it went in: 8760 finite values of mean 1."""
    shape = np.asarray(SHAPES[name](context))
    assert shape.shape == (8760,)
    assert np.isfinite(shape).all()
    assert shape.min() >= 0.0
    assert shape.mean() == pytest.approx(1.0, abs=1e-12)


def test_all_shapes_of_a_year_take_under_five_seconds(context: ShapeContext) -> None:
    """The profiles of a slice are cheap beside its optimisation."""
    begin = time.perf_counter()
    for shape in SHAPES.values():
        shape(context)
    assert time.perf_counter() - begin < 5.0


def test_spring_festival_week_is_quiet(context: ShapeContext) -> None:
    """Industry and logistics draw less in the week of the festival than in an ordinary one."""
    stamps = pd.DatetimeIndex(context.calendar.index)
    for name in ("industry_two_shift", "industry_three_shift", "logistics", "process_heat"):
        shape = pd.Series(np.asarray(SHAPES[name](context)), index=stamps)
        festival = shape.loc["2023-01-21":"2023-01-27"].mean()
        ordinary = shape.loc["2023-03-04":"2023-03-10"].mean()
        assert festival < 0.85 * ordinary


def test_seasons_of_heating_and_cooling(context: ShapeContext) -> None:
    """Cooling is a summer load, heating a winter load, lighting a load of the night."""
    month = context.calendar["month"].to_numpy()
    cooling, heating = (
        np.asarray(SHAPES[f"buildings_{use}"](context)) for use in ("cooling", "heating")
    )
    assert cooling[np.isin(month, [6, 7, 8, 9])].sum() > 0.85 * cooling.sum()
    assert cooling[np.isin(month, [12, 1, 2])].max() == 0.0
    assert heating[np.isin(month, [12, 1, 2])].sum() > 0.55 * heating.sum()
    hour = context.calendar["hour"].to_numpy()
    lighting = np.asarray(SHAPES["port_lighting"](context))
    assert lighting[(hour >= 9) & (hour < 15)].max() == 0.0
    assert lighting[hour < 4].min() > 1.0


def test_a_park_without_port_has_all_other_shapes(weathers: dict[str, xr.Dataset]) -> None:
    """Yizhuang's sheets give every shape but the port's, which fail instead of being invented."""
    place = dict(zip(("latitude", "longitude", "altitude"), PLACES["yizhuang"], strict=True))
    context = ShapeContext(
        weather=weathers["yizhuang"],
        calendar=day_types(2060),
        calls=None,
        parameters=read_shape_parameters(ROOT / "configs/yizhuang/profiles.csv"),
        **place,
    )
    for name in set(SHAPES) - PORT_SHAPES:
        assert np.asarray(SHAPES[name](context)).mean() == pytest.approx(1.0)
    with pytest.raises(ValueError, match="no ship calls"):
        SHAPES["port_cranes"](context)
    with pytest.raises(InputError, match="port_lighting/"):
        SHAPES["port_lighting"](context)


def test_degree_hours_solved_by_hand() -> None:
    """Without lag 30 degC is 6 K above 24 degC and 10 degC is 5 K below 15 degC."""
    temperature = np.full(8760, 30.0)
    temperature[4000:] = 10.0
    assert degree_hours(temperature, 24.0, 0.0, cooling=True)[[0, 5000]].tolist() == [6.0, 0.0]
    assert degree_hours(temperature, 15.0, 0.0, cooling=False)[[0, 5000]].tolist() == [0.0, 5.0]


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
        SHAPES["buildings_cooling"](dataclasses.replace(context, weather=cold))


def test_faults_of_the_profiles_sheet_are_reported_together() -> None:
    """Text, hours beyond the day, doubled hours and open hours, in one error."""
    table = pd.DataFrame(
        [
            ("a", "x", "", "", "many"),
            ("a", "y", "20", "26", "1"),
            ("a", "z", "0", "12", "1"),
            ("a", "z", "10", "20", "1"),
        ],
        columns=["profile", "parameter", "start_hour", "end_hour", "value"],
    )
    with pytest.raises(InputError) as caught:
        shape_parameters_from_table(table, "profiles.csv")
    assert [fault.row for fault in caught.value.faults] == [2, 3, 5, None]
