"""A park of four hours in which every instrument is used; all numbers are worked out by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import xarray as xr

sys.path.insert(0, str(Path(__file__).parents[1] / "components"))

import tiny_park as tiny

from meishan_model.planning.solve_slice import solve_slice
from meishan_model.sheets.park_rows import PlantRow

WEIGHT = 2190.0
"""Hours of the year that one of the four hours stands for."""
FARM = PlantRow(
    line=2,
    plant="old_farm",
    technology="wind",
    zone="zone",
    offtake="grid",
    commissioned_from=2030,
    commissioned_to=2030,
    value=2.0,
    unit="MW",
    source="paper",
    confidence="assumption",
    note="",
)


def hand_park() -> tiny.TinyPark:
    """Load of 10 MW in four hours; a furnace that burns 1.35 MW of gas, 0.27 t an hour.

    Hour 1: 30 MW of PV and 10 MW of wind, a transformer of 15 MW: 25 MW of the 30 MW of PV are
    fed in, 15 of them leave the zone, and with the wind 25 MW are exported. Hours 2 to 4: 4 MW of
    hydro power under contract, 6 MW of purchase, but 0.0 MW of wind. The old farm of 2 MW
    generates in hour 1 and belongs to the grid company.
    """
    recipe = tiny.Recipe(
        load=(10.0,) * 4,
        export_price=(300.0,) * 4,
        technologies=[
            tiny.FURNACE,
            tiny.PV,
            tiny.technology("wind", "wind", bus="grid_110kv"),
        ],
        assets=[
            tiny.asset("pv", existing=30.0),
            tiny.asset("wind", existing=10.0),
            tiny.asset("furnace", existing=1.35),
        ],
        capacity_factor={"pv": (1.0, 0.0, 0.0, 0.0), "wind": (1.0, 0.0, 0.0, 0.0)},
        green_power={"hydro": (0.0, 1.0, 1.0, 1.0)},
        contracts=[
            tiny.green_power("hydro", "hydro", 4.0, 100.0),
            tiny.certificate(limit=10_000.0),
            tiny.credit(),
            tiny.contract("forest", "sink", "", {"area": 100.0, "rate": 4.0, "price": 1.0}),
        ],
        heat={"heating": (1.35,) * 4},
        transformer=(15.0, 0.0),
        cap=0.0,
    )
    park = tiny.park(recipe)
    return replace(park, inputs=replace(park.inputs, plants=(FARM,)))


def solved() -> xr.Dataset:
    """The hand park, solved."""
    return solve_slice(hand_park().task())
