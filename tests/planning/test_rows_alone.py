"""What a park gains by rows alone: a load, a building, a heat, a fleet, a measure, flexibility."""

from __future__ import annotations

from pathlib import Path

import pytest
from mini_park import SHEETS, add_rows, make_root, mini

from benchmarks.same_problems import solve_one
from meishan_model.components.selection import flow_titles, flows_of_slice, titles_of

SOURCE = "assumption of this test,assumption,"
ROWS = {
    "profiles.csv": [
        f"toy_works,shifts,,,1,1,{SOURCE}",
        f"toy_works,shift_start,,,7,h,{SOURCE}",
        f"toy_works,start_spread,,,0,h,{SOURCE}",
        f"toy_works,shift_hours,,,9,h,{SOURCE}",
        f"toy_works,weekend_factor,,,0,1,{SOURCE}",
        f"toy_works,holiday_factor,,,0,1,{SOURCE}",
        f"toy_works,night_base,,,0.1,1,{SOURCE}",
        *(f"school_{use},{day},0,24,1,1,{SOURCE}" for use in ("appliances", "cooling")
          for day in ("working_day", "day_off")),
        *(f"school_cooling,{name},,,{value},{unit},{SOURCE}" for name, value, unit in (
            ("cooling_set_point", 0, "degC"), ("internal_gains", 100, "W/m2"),
            ("heat_loss", 1, "W/(m2*K)"), ("time_constant", 4, "h"))),
    ],
    "loads.csv": [f"toy_works,campus,industry,electricity,toy_works,,1,GWh/a,{SOURCE}",
                  f"toy_drying,campus,industry,drying,toy_works,,0.5,GWh/a,{SOURCE}"],
    "heats.csv": [f"drying,80,degC,{SOURCE}"],
    "buildings.csv": [
        f"school,campus,buildings,,floor_area,,0.02,million m2,{SOURCE}",
        f"school,,,electricity,appliances,,30,kWh/(m2*a),{SOURCE}",
        f"school,,,electricity,cooling,,10,kWh/(m2*a),{SOURCE}",
    ],
    "efficiency_measures.csv": [
        f"cool_roofs,,school_cooling,{name},{value},{unit},{SOURCE}"
        for name, value, unit in (
            ("potential", 50, "%"), ("investment", 1, "CNY/(MWh/a)"),
            ("lifetime", 20, "a"), ("fixed_om", 0, "%/a"))
    ],
    "technologies.csv": [
        "car_electric,drivetrain,vehicles,electricity,van,,,,,no,new,Van,面包车,",
        "pauses,flexible_load,MW,electricity,electricity,,toy_works,,,no,new,Pauses,暂停,",
        "van_batteries,vehicle_battery,vehicles,electricity,electricity,,flat,car_electric,"
        ",no,new,Vans at chargers,车网互动,",
        "electric_boiler,boiler,MW,electricity,drying,,,,,no,new,Dryer,电烘干,",
    ],
    "technology_parameters.csv": [
        *(f"pauses,{name},{value},{unit},{SOURCE}" for name, value, unit in (
            ("duration", 2, "h"), ("payment", 1, "CNY/MWh"), ("recovery_efficiency", 99, "%"))),
        *(f"van_batteries,{name},{value},{unit},{SOURCE}" for name, value, unit in (
            ("battery_capacity", 60, "kWh/vehicle"), ("reserve", 20, "%"),
            ("charger_power", 7, "kW/vehicle"), ("discharge_power", 0, "kW/vehicle"),
            ("plugged_in_share", 50, "%"), ("round_trip_efficiency", 100, "%"),
            ("payment", 1, "CNY/MWh"))),
    ],
    "assets.csv": [
        f"car_electric,campus,potential,,200,vehicles,{SOURCE}",
        f"pauses,campus,potential,,0.05,MW,{SOURCE}",
        f"van_batteries,campus,potential,,40,vehicles,{SOURCE}",
        f"electric_boiler,campus,potential,,2,MW,{SOURCE}",
    ],
    "fleets.csv": [
        f"van,campus,transport,toy_works,,,service,,1,million km/a,{SOURCE}",
        f"van,campus,transport,toy_works,,,annual_use,,10000,km/a,{SOURCE}",
        f"van,campus,transport,toy_works,,car_electric,energy_use,,0.2,kWh/km,{SOURCE}",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini park with the rows appended to its sheets."""
    folder = make_root(tmp_path_factory.mktemp("rows"))
    for name, rows in ROWS.items():
        add_rows(folder / SHEETS / name, rows)
    return folder


def test_rows_alone_add_to_a_park(root: Path) -> None:
    """Every addition is in the solved slice with the energy of its rows.

    100 vans drive 1 million km at 0.2 kWh/km; 20 000 m2 of school need 40 kWh/(m2*a), of which
    cool roofs, which cost nothing, save half of the cooling; drying has a boiler of its own.
    """
    project = mini(root)
    ds = solve_one(project, 2030)
    energy = flows_of_slice(ds)["energy"].set_axis(flow_titles(ds))
    shape = project.slices[2030]
    loads = {x.load: x.energy for x in shape.loads}
    assert loads["school_appliances"] == pytest.approx(600.0)
    assert loads["school_cooling"] == pytest.approx(200.0)
    assert energy["campus_10kv->toy_works_campus"] > 0.0
    assert float(ds["capacity"].sel(asset="car_electric_campus")) == pytest.approx(100.0, rel=1e-3)
    van = energy["campus_10kv->car_electric_campus"]
    assert van == pytest.approx(0.2e-3 * energy["car_electric_campus->van_service"], rel=1e-6)
    cooling = energy["campus_10kv->school_cooling_campus"]
    saved = energy["cool_roofs_campus_school_cooling->campus_10kv"]
    assert saved == pytest.approx(0.5 * cooling, rel=1e-3)
    dried = energy["electric_boiler_campus->campus_drying"]
    assert dried == pytest.approx(energy["campus_drying->campus_drying_demand"], rel=1e-6)
    titles = titles_of(ds)
    stores = {titles[storage] for storage in ds["storage"].to_numpy()}
    assert stores >= {"pauses_campus", "van_batteries_campus"}
    assert float(ds["cost"].where(ds["category"] == "shedding", 0.0).sum()) < 1.0
