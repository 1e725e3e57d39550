"""Energy per m2 and per vehicle-km within published ranges; the degree-hour model beside it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.series.calendar import day_types
from meishan_model.series.climate import read_climate
from meishan_model.series.demand import (
    ShapeContext,
    daily_courses,
    shape_parameters,
    thermal_degree_hours,
)
from meishan_model.series.solar import location_of
from meishan_model.series.synthetic_weather import synthetic_weather
from meishan_model.sheets.buildings import building_loads
from meishan_model.sheets.park import Park
from meishan_model.sheets.resolver import Resolver

SHEETS = Path(__file__).parents[2] / "configs" / "meishan"
ELECTRIC = ("appliances", "cooling", "electric_heating")


@pytest.fixture(scope="module")
def meishan() -> Park:
    """The park of Meishan."""
    return read_park(SHEETS, kinds())


@pytest.fixture(scope="module")
def needs() -> dict[tuple[str, str], float]:
    """What a m2 needs in 2020 [kWh/(m2*a)] by building and use, straight from the sheet."""
    with (SHEETS / "buildings.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["building"], row["parameter"]): float(row["value"])
            for row in csv.DictReader(file)
            if row["year"] == "2020" and not row["zone"]
        }


@pytest.mark.parametrize(
    ("building", "least", "most"),
    [("homes", 15.0, 40.0), ("offices", 55.0, 110.0), ("shops", 80.0, 200.0)],
)
def test_electricity_of_a_square_metre(
    needs: dict[tuple[str, str], float], building: str, least: float, most: float
) -> None:
    """Electricity of a m2 lies in the range of GB/T 51161-2016 for hot summers and cold winters.

    The standard gives 55 to 110 kWh/(m2*a) for offices by class and 80 to 200 for shops; homes
    have 3100 kWh a household, that is about 25 kWh/(m2*a) at 2.8 people with 45 m2 each.
    """
    assert least < sum(needs[building, use] for use in ELECTRIC) < most


def test_loads_are_area_times_need(meishan: Park) -> None:
    """Homes of Chunxiao in 2020: floor area x 17.26 kWh/(m2*a), in MWh; later years in between."""
    loads = building_loads(Resolver(meishan, 2020))
    area = 1.4597
    assert loads["homes_appliances", "chunxiao"].energy == pytest.approx(area * 17.264e3, rel=1e-3)
    later = [
        building_loads(Resolver(meishan, year))["shops_cooling", "meishan"].energy
        for year in (2030, 2035, 2040)
    ]
    # Area and need are each linear in between, so that their product lies a little above.
    assert later[0] < later[1] < later[2]
    assert {x.profile for x in loads.values() if x.load == "offices_space_heating"} == {
        "offices_heating"
    }


@pytest.mark.parametrize("building", ["homes", "offices", "shops"])
def test_delivered_heat_and_cold_fit_the_degree_hour_model(
    needs: dict[tuple[str, str], float], building: str
) -> None:
    """What is delivered is a tenth to all of what the model says that rooms in use need.

    Need: heat loss x degree hours x share of rooms in use, in the synthetic year. Delivered: heat
    of boilers, and of room units at a seasonal 2.5; cold at a seasonal 2.3 with fans and pumps.
    Homes in this climate are heated for part of the time and part of the rooms.
    """
    park = read_park(SHEETS, kinds())
    location = location_of(park.site)
    weather = synthetic_weather(read_climate(SHEETS / "climate.csv"), location)
    parameters = shape_parameters(park)
    context = ShapeContext(
        read_weather=lambda: weather,
        calendar=day_types(2020, "CN"),
        location=location,
        parameters=parameters,
    )
    delivered = {
        "heating": needs[building, "space_heating"] + 2.5 * needs[building, "electric_heating"],
        "cooling": 2.3 * needs[building, "cooling"],
    }
    for use, energy in delivered.items():
        profile = f"{building}_{use}"
        in_use = daily_courses(context, profile)
        degrees = thermal_degree_hours(context, profile, use)
        need = parameters.number(profile, "heat_loss") * float(np.sum(degrees * in_use)) / 1e3
        assert 0.1 * need < energy < 1.1 * need, use


@pytest.mark.parametrize(
    ("technology", "least", "most"),
    [
        ("heavy_truck_electric", 1.2, 1.8),
        ("yard_truck_electric", 1.2, 1.8),
        ("heavy_truck_diesel", 3.0, 4.5),
        ("yard_truck_diesel", 3.0, 4.5),
        ("bus_electric", 0.8, 1.3),
        ("car_electric", 0.12, 0.20),
        ("car_gasoline", 0.45, 0.75),
    ],
)
def test_energy_of_a_vehicle_kilometre(
    meishan: Park, technology: str, least: float, most: float
) -> None:
    """Trucks use 130 kWh or 40 l of diesel (399 kWh) on 100 km (17huanbao), give or take a third.

    Cars 12 to 20 kWh or 5 to 8.4 l of gasoline, buses 80 to 130 kWh: usual type approvals.
    """
    rows = [r for r in meishan.fleets if r.technology == technology and r.year == 2020]
    assert rows
    assert all(least <= row.value <= most for row in rows)


def test_heat_pumps_stay_below_their_temperature(meishan: Park) -> None:
    """Heat at 220 degC is for burners and heaters alone; a heat pump reaches steam at 150."""
    needed = {row.heat: row.value for row in meishan.heats}
    served = {t.carrier_out for t in meishan.technologies if t.kind == "heat_pump"}
    assert served == {heat for heat, temperature in needed.items() if temperature <= 150.0}
    assert needed["process_hot_air"] > 150.0
