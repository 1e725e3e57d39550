"""Reefers lose the cold they store; what stands for reefers and swap stations in the sheets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_park import Recipe, TinyPark, park, technology
from tiny_solved import power, solved

from meishan_model.planning.project import open_project
from meishan_model.sheets.equipment import AssetLimit

ROOT = Path(__file__).parents[2]
approx = pytest.approx


def reefers(prices: tuple[float, ...], share: tuple[float, ...], **numbers: float) -> TinyPark:
    """A MW of reefers that can pause for three hours, beside a load of 10 MW."""
    tiny = park(Recipe(load=(10.0,) * len(prices), purchase_price=prices))
    values = {"duration": 3.0, "recovery_efficiency": 0.9, "standing_loss": 0.1, "payment": 10.0}
    kind = technology(
        "reefers", "flexible_load", profile="boxes", parameters={**values, **numbers}
    )
    inputs = replace(
        tiny.inputs,
        technologies={"reefers": kind},
        assets=(AssetLimit("reefers", "zone", {"potential": 1.0}),),
    )
    shapes = {**tiny.profiles.shapes, "boxes": np.array(share)}
    return replace(tiny, inputs=inputs, profiles=replace(tiny.profiles, shapes=shapes))


def test_stored_cold_is_lost_by_the_hour(tmp_path: Path) -> None:
    """1 MWh taken in hour 1 puts off 0.9 x 0.9 x 0.9 = 0.729 MWh in hour 3.

    The recovery takes a tenth once, the walls a tenth in hours 2 and 3 each. The rest of the MWh
    that can be put off is taken in hour 2, where 0.81 of it is left: 0.271 / 0.81 = 0.335 MWh.
    At 4600 CNY/MWh hour 2 is too dear for that (5000 x 0.81 = 4050).
    """
    for second, up, down in ((500.0, 0.271 / 0.81, 1.0), (4600.0, 0.0, 0.729)):
        tiny = reefers((100.0, second, 5000.0, 5000.0), (0.0, 0.0, 1.0, 0.0))
        ds = solved(tiny, tmp_path / str(second))
        taken, put_off = (
            power(ds, flow) for flow in ("zone_20kv->reefers_zone", "reefers_zone->zone_20kv")
        )
        np.testing.assert_allclose(taken, [1.0, up, 0.0, 0.0], atol=1e-4)
        np.testing.assert_allclose(put_off, [0.0, 0.0, down, 0.0], atol=1e-4)


def test_no_box_pauses_while_none_is_plugged_in(tmp_path: Path) -> None:
    """With half the boxes in hour 3 and none in hour 4, half a MW and nothing is put off."""
    prices = (100.0, 100.0, 5000.0, 6000.0)
    ds = solved(reefers(prices, (1.0, 1.0, 0.5, 0.0)), tmp_path)
    down = power(ds, "reefers_zone->zone_20kv")
    np.testing.assert_allclose(down, [0.0, 0.0, 0.5, 0.0], atol=1e-4)


def test_rows_of_reefers_and_swap_stations_by_hand() -> None:
    """The rows marked as derived are what the equations give for their stated numbers.

    22 t x 3.5 kJ/(kg K) are 21.4 kWh/K: 0.75 K at COP 1.2 are 13.4 kWh, three hours at 4.38 kW;
    42 W/K lose 0.2 % of it an hour. A fifth of a battery of 282 kWh a truck is 7.1 h of its mean
    charging.
    """
    kinds = open_project("balanced", ROOT).slices[2035].technologies
    cargo = 22_000 * 3.5 / 3600.0
    values = kinds["reefer_flexibility"].parameters
    assert values["duration"] == approx(cargo * 0.75 / 1.2 / 4.38, rel=0.02)
    assert values["standing_loss"] == approx(0.042 / cargo, rel=0.02)
    charging = 58_000 * 1.2 / 8760.0
    swap = kinds["swap_station_flexibility"].parameters
    assert swap["duration"] == approx(0.2 * 282.0 / charging, rel=0.02)
