"""Ship calls, the queue for the berths, loads at berth, and the shapes of the terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ship_examples import berths, hand_made_calls, pattern, ship
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.planning.project import open_project
from meishan_model.plugins import plugins
from meishan_model.port import shapes as port
from meishan_model.port.calls import (
    arrival_rate,
    connectable_load,
    handled_teu,
    load_at_berth,
    ship_calls,
)
from meishan_model.port.sheets import ENGINE
from meishan_model.port.ships import berth_series
from meishan_model.series.build import shape_context
from meishan_model.series.calendar import day_types
from meishan_model.series.demand import (
    ShapeContext,
    load_shape,
    named_shapes,
    shape_names,
    shape_parameters,
)
from meishan_model.sheets.resolve import resolve

ROOT = Path(__file__).parents[2]
SMALL = ship("small", call_share=0.25, teu_per_call=800.0, stay=12.0, voltage=0.44)
LARGE = ship("large", call_share=0.75, teu_per_call=3000.0, stay=24.0)


def occupied_berths(calls: pd.DataFrame) -> np.ndarray:
    """Berths that are taken in each hour: the load [MW] of ships of 1 MW."""
    return load_at_berth(calls, np.full(len(calls), 1000.0))


@settings(max_examples=20, deadline=None)
@given(
    throughput=st.floats(1e5, 3e6),
    number=st.integers(1, 6),
    teu_per_call=st.floats(1000.0, 4000.0),
    utilisation=st.floats(0.05, 0.9),
    small=st.floats(0.0, 1.0),
    size_spread=st.floats(0.0, 0.8),
    lateness=st.floats(0.0, 200.0),
    seed=st.integers(0, 1000),
)
def test_calls_conserve_containers_and_never_exceed_berths(
    throughput: float,
    number: int,
    teu_per_call: float,
    utilisation: float,
    small: float,
    size_spread: float,
    lateness: float,
    seed: int,
) -> None:
    """Whatever the port: TEU add up, no call is lost, each waits its turn, a berth holds one."""
    count = max(1, round(throughput / teu_per_call))
    stay = min(utilisation * number * 8760.0 / count, 500.0)
    group = berths(
        number,
        ship("small", call_share=small, teu_per_call=teu_per_call, stay=stay),
        ship("large", call_share=1.0 - small, teu_per_call=teu_per_call, stay=stay),
    )
    how = pattern(seed, size_spread=size_spread, lateness=lateness)
    calls = ship_calls(2030, throughput, group, how)
    assert len(calls) == count
    assert calls["teu"].sum() == pytest.approx(throughput, rel=1e-12)
    assert handled_teu(calls).sum() == pytest.approx(throughput, rel=1e-9)
    assert (calls["berthing"] >= calls["arrival"]).all()
    assert calls["berthing"].is_monotonic_increasing
    occupied = occupied_berths(calls)
    assert occupied.max() <= number + 1e-6
    assert occupied.min() >= 0.0
    assert occupied.sum() == pytest.approx((calls["departure"] - calls["berthing"]).sum())
    for _, ships in calls.groupby("berth"):
        following, leaving = ships["berthing"].to_numpy()[1:], ships["departure"].to_numpy()[:-1]
        assert (following >= leaving - 1e-6).all()


def test_queue_solved_by_hand() -> None:
    """One berth, two equal calls: the second waits exactly until the first has left."""
    group = berths(1, ship(teu_per_call=1.0, stay=4000.0))
    calls = ship_calls(2030, 2.0, group, pattern(3))
    first, second = calls.itertuples()
    assert second.berthing == pytest.approx(max(second.arrival, first.departure))
    assert second.departure - second.berthing == pytest.approx(4000.0)


def test_waiting_grows_with_the_use_of_the_berths() -> None:
    """The same late ships wait longer at three berths than at four, and hardly at eight."""
    how = pattern(lateness=24.0)
    waits = []
    for number in (3, 4, 8):
        calls = ship_calls(2030, 2.5e6, berths(number), how)
        waits.append(float((calls["berthing"] - calls["arrival"]).mean()))
    assert waits[0] > 2.0 * waits[1] > 0.0
    assert waits[2] < 0.01


def test_calls_are_reproducible_and_depend_on_seed_and_year() -> None:
    """Same arguments, bit-equal calls; another seed or year, other calls."""
    group, late = berths(3, SMALL, LARGE), {"size_spread": 0.5, "lateness": 12.0}
    one, again = (ship_calls(2030, 1e6, group, pattern(1, **late)) for _ in range(2))
    pd.testing.assert_frame_equal(one, again, check_exact=True)
    assert not one.equals(ship_calls(2030, 1e6, group, pattern(2, **late)))
    assert not one.equals(ship_calls(2031, 1e6, group, pattern(1, **late)))


def test_classes_have_their_calls_their_containers_and_their_stays() -> None:
    """A quarter of the calls is small, and a class keeps its own mean TEU and stay."""
    # 0.25 x 800 + 0.75 x 3000 = 2450 TEU a call: 400 calls.
    calls = ship_calls(2030, 980e3, berths(3, SMALL, LARGE), pattern(size_spread=0.5))
    stay = calls["departure"] - calls["berthing"]
    found = calls.assign(stay=stay).groupby("ship_class")
    assert found.size().to_dict() == {"small": 100, "large": 300}
    assert found["teu"].mean().to_dict() == pytest.approx({"small": 800.0, "large": 3000.0})
    assert found["stay"].mean().to_dict() == pytest.approx({"small": 12.0, "large": 24.0})


def test_calls_that_connect_are_the_share_of_their_class_and_stay_so_as_it_grows() -> None:
    """40 and 80 % of 100 small, 10 and 60 % of 300 large ships; the first are among the last."""
    few, many = (
        ship_calls(2030, 980e3, berths(4, *ships), pattern())
        for ships in (
            (replace(SMALL, acceptance_share=0.4), replace(LARGE, acceptance_share=0.1)),
            (replace(SMALL, acceptance_share=0.8), replace(LARGE, acceptance_share=0.6)),
        )
    )
    for calls, numbers in ((few, (40, 30)), (many, (80, 180))):
        connected = calls.groupby("ship_class")["shore_power"].sum()
        assert (connected["small"], connected["large"]) == numbers
    assert not (few["shore_power"] & ~many["shore_power"]).any()


def test_ships_connect_only_where_a_berth_has_a_socket() -> None:
    """With sockets at berth 1 of 3, every ship there can connect and no other one."""
    calls = ship_calls(2030, 980e3, berths(3, SMALL, LARGE, equipped_berths=1), pattern())
    assert set(calls["berth"]) == {1, 2, 3}
    np.testing.assert_array_equal(calls["shore_power"], calls["berth"] == 1)


def test_too_few_berths_are_refused() -> None:
    """More ship hours than berth hours cannot be queued."""
    with pytest.raises(ValueError, match="berths"):
        ship_calls(2030, 5e6, berths(2), pattern())


def test_arrivals_follow_week_and_season() -> None:
    """Calls on the days of each kind are in proportion to their rates, by count of 20 000 calls.

    Sundays with half the rate have half the calls of Wednesdays; the month of the peak has
    (1 + 0.3) / (1 - 0.3) times those of the opposite month, but for the days beside the peak.
    """
    calendar = day_types(2031, "CN")
    rate = arrival_rate(calendar, 0.5, 1.0, 0.0, 0.0)
    group = berths(6, ship(teu_per_call=100.0, stay=1.0))
    calls = ship_calls(2031, 2e6, group, pattern(rate=rate))
    days = calendar.iloc[calls["arrival"].astype(int)]
    plain = days[~days["is_holiday"]].groupby("weekday").size()
    length = calendar[~calendar["is_holiday"]].groupby("weekday").size()
    per_hour = plain / length
    assert per_hour[6] / per_hour[2] == pytest.approx(0.5, rel=0.03)
    season = arrival_rate(calendar, 1.0, 1.0, 0.3, 196.0)
    assert season[195 * 24 : 197 * 24].mean() == pytest.approx(1.3, rel=1e-3)
    calls = ship_calls(2031, 2e6, group, pattern(rate=season))
    month = calendar["month"].iloc[calls["arrival"].astype(int)]
    assert (month == 7).sum() / (month == 1).sum() == pytest.approx(1.3 / 0.7, rel=0.03)
    fewer = arrival_rate(calendar, 1.0, 0.6, 0.0, 0.0)
    np.testing.assert_array_equal(fewer == 0.6, calendar["is_holiday"])


def test_load_at_berth_solved_by_hand() -> None:
    """Half hours count half; an hour for connecting leaves 11:00 to 14:00 for the cable.

    The ship draws 1100 kW; a socket of 800 kW leaves 300 kW to its engine.
    """
    calls, power = hand_made_calls(), np.array([1100.0])
    np.testing.assert_allclose(occupied_berths(calls)[9:16], [0, 0.5, 1, 1, 1, 0.5, 0], atol=1e-9)
    assert load_at_berth(calls, power).sum() == pytest.approx(4.4)
    np.testing.assert_allclose(handled_teu(calls)[9:16], [0, 50, 100, 100, 100, 50, 0], atol=1e-9)
    connected = np.array([0, 0, 1, 1, 1, 0, 0])
    for socket, drawn in ((5000.0, 1.1), (800.0, 0.8)):
        found = connectable_load(calls, power, connection_time=1.0, socket_power=socket)
        np.testing.assert_allclose(found[9:16], drawn * connected, atol=1e-9)
    without = connectable_load(hand_made_calls(shore_power=False), power, 1.0, 5000.0)
    assert not without.any()
    assert not connectable_load(calls, power, connection_time=9.0, socket_power=5000.0).any()


def test_a_stay_over_new_year_wraps_around() -> None:
    """A ship from 23:00 on 31 December to 01:00 is alongside in the last and the first hour."""
    occupied = occupied_berths(hand_made_calls(berthing=8759.0, departure=8761.0))
    assert occupied[8759] == pytest.approx(1.0)
    assert occupied[0] == pytest.approx(1.0)
    assert occupied.sum() == pytest.approx(2.0)


def test_crane_shape_solved_by_hand() -> None:
    """With a tenth as base load, an idle hour draws 0.1 and the mean is 1."""
    shape = port.crane_shape(hand_made_calls(), 0.1)
    assert shape.mean() == pytest.approx(1.0)
    assert shape[0] == pytest.approx(0.1)
    assert shape[11] == pytest.approx(0.1 + 0.9 * 0.25 * 8760.0)


def test_reefers_draw_more_in_the_heat() -> None:
    """20 K warmer at 2 % per K: 1.4 times the power; in the cold the minimum holds."""
    temperature = np.full(8760, 20.0)
    temperature[:3] = [40.0, 20.0, -60.0]
    shape = port.reefer_shape(np.ones(8760), temperature, 20.0, 0.02, 0.4)
    assert shape[0] / shape[1] == pytest.approx(1.4)
    assert shape[2] / shape[1] == pytest.approx(0.4)
    count = port.reefer_count(hand_made_calls(), dwell=72.0)
    assert (count > 0.0).sum() == 73
    assert count.mean() == pytest.approx(1.0)


def test_the_shapes_of_the_port_have_mean_one(context: ShapeContext) -> None:
    """A yearly energy comes out of the year as it went in: 8760 finite values of mean 1."""
    assert set(port.SHAPES) <= set(shape_names(context.parameters, context.named))
    for name in port.SHAPES:
        shape = load_shape(name, context)
        assert shape.shape == (8760,) and np.isfinite(shape).all() and shape.min() >= 0.0
        assert shape.mean() == pytest.approx(1.0, abs=1e-12)


def test_lighting_is_a_load_of_the_night(context: ShapeContext) -> None:
    """No lamp is on around noon, and all are on before four."""
    hour = context.calendar["hour"].to_numpy()
    lighting = load_shape("port_lighting", context)
    assert lighting[(hour >= 9) & (hour < 15)].max() == 0.0
    assert lighting[hour < 4].min() > 1.0


def test_shapes_of_ships_are_not_invented(context: ShapeContext) -> None:
    """Without ship calls the cranes have no shape; without numbers the port has none at all."""
    with pytest.raises(ValueError, match="no ship calls"):
        load_shape("port_cranes", replace(context, schedules={}))
    elsewhere = shape_parameters(read_park(ROOT / "configs/yizhuang", kinds()))
    assert set(named_shapes(elsewhere, plugins())) == {"flat"}


def test_ships_of_2020_burn_what_the_baseline_says() -> None:
    """Generated calls of Meishan give the fuel of baseline.csv within 3 %.

    There it is 2000 calls of 20 h with 1.12 MW less 0.3 GWh of shore power, and with boilers of
    0.53 MW: 11.967 and 9.865 ktce, 8.141 GWh each.
    """
    project = open_project("balanced", ROOT)
    inputs = project.slices[2020]
    calls = shape_context(inputs, project.park, project.weather_folder).schedules["port"].calls
    assert sum(map(len, calls.values())) == 2000
    ships = berth_series(inputs, calls).values()
    (engine,) = inputs.of_kind(ENGINE)
    hotel = sum(s.hotel_load.sum() for s in ships) / 1e3 - 0.3
    assert hotel / engine.parameters["engine_efficiency"] / 8.141 == pytest.approx(
        11.967, rel=0.03
    )
    boilers = sum(s.boiler_fuel.sum() for s in ships) / 1e3
    assert boilers / 8.141 == pytest.approx(9.865, rel=0.03)


def test_lamps_of_the_seed_save_338_tce(context: ShapeContext) -> None:
    """440 lamps of 413 W for 1000 W, on in the dark of Meishan, save 338 tce/a within 1 %.

    The convention of RMI 2023 counts electricity as what it takes to make it, 0.3 kgce/kWh; in
    calorific value, 0.1229, the same lamps would save 138 tce.
    """
    lamps = shape_parameters(read_park(ROOT / "configs/meishan", kinds()))
    numbers = (
        lamps.number("port_lighting", name)
        for name in ("lamps", "old_lamp_power", "new_lamp_power")
    )
    on = port.yard_lamps(context)
    # Nights of half a year and twilight: a sun's year at 30 degrees north has 4380 dark hours.
    assert on.sum() == pytest.approx(4380.0, rel=0.02)
    saved = port.lamp_saving(*numbers, on)
    assert saved * 0.3 == pytest.approx(338.0, rel=0.01)
    assert saved * 0.1229 == pytest.approx(138.0, rel=0.01)


def test_shore_power_is_held_against_what_all_ningbo_used() -> None:
    """Meishan's ships could take 1 to 2.2 GWh in 2023, about 2 % of their energy at berth.

    All Ningbo used 6.0 GWh over 35.3 million TEU; Meishan had 9.44 million, 1.6 GWh by the TEU. In
    2025 it stays below the 6.0 GWh of all Ningbo of 2023; from 2050 on 85 % of the calls connect,
    as in Oakland. In 2020 it is the 0.3 GWh of baseline.csv within a factor of two.
    """
    project = open_project("balanced", ROOT)
    found, shared = {}, ("connectable", "hotel_load")
    for year in (2020, 2023, 2025, 2050):
        costs, start = project.costs(year), project.baseline_emissions
        inputs = resolve(project.park, project.scenario, costs, year, start)
        calls = shape_context(inputs, project.park, project.weather_folder).schedules["port"].calls
        ships = berth_series(inputs, calls).values()
        able, hotel = (sum(getattr(s, n).sum() for s in ships) / 1e3 for n in shared)
        found[year] = able, able / hotel, pd.concat(calls.values())["shore_power"].mean()
    assert 0.15 <= found[2020][0] <= 0.6
    assert 1.0 <= found[2023][0] <= 2.2 and found[2023][1] == pytest.approx(0.02, abs=0.01)
    assert found[2023][0] < found[2025][0] <= 6.0
    assert found[2050][2] == pytest.approx(0.85, abs=0.01)
