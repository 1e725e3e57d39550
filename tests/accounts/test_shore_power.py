"""The shore-power call of November 2021 at berth 6 of Meishan port."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_park import MARINE_FUEL, SHIPS, Recipe, asset, emission, park, power, solved

from meishan_model.accounts.shore_power import shore_power_saving
from meishan_model.series.berths import BerthSeries

approx = pytest.approx

ENERGY, HOURS = 4.3, 11
"""The call as published: 4300 kWh in 11 hours."""
FUEL, EMISSION = 0.1977, 3.141
"""0.85 t fuel and 2.67 tCO2 over 4300 kWh [t/MWh, tCO2/t]."""
GRID = 0.5422
"""Zhejiang, 2021 [tCO2/MWh]."""


def test_published_call() -> None:
    """4300 kWh save 0.85 t fuel and 2.67 tCO2 at the ship, and 0.34 tCO2 net of the grid's.

    197.7 g/kWh and 3.141 t/t are what the published figures imply; the grid emitted
    4.3 x 0.5422 = 2.33 t for the same call, which the published saving leaves out.
    """
    saving = shore_power_saving(ENERGY, FUEL, EMISSION, GRID)
    assert saving.fuel == approx(0.85, abs=0.005)
    assert saving.gross_emissions == approx(2.67, abs=0.005)
    assert saving.net_emissions == approx(2.67 - 4.3 * 0.5422, abs=0.005)
    assert saving.net_emissions == approx(0.339, abs=0.005)


def test_saving_turns_into_a_loss_on_a_dirty_grid() -> None:
    """Above 0.621 tCO2/MWh, what the engine emits, shore power raises emissions."""
    threshold = FUEL * EMISSION
    assert threshold == approx(0.621, abs=0.0005)
    assert shore_power_saving(ENERGY, FUEL, EMISSION, threshold).net_emissions == approx(0.0)
    assert shore_power_saving(ENERGY, FUEL, EMISSION, 0.7).net_emissions < 0


def test_call_in_the_graph(tmp_path: Path) -> None:
    """The graph saves in the same call what the function says, with its own factors.

    11 hours at 391 kW with and without shore power. The engine's fuel per MWh is 1 / 0.4 MWh at
    0.27 tCO2/MWh, so 1 t/MWh of fuel x 0.675 tCO2/t stands for it; the cable loses 5 %, so the
    grid's factor applies to 1 / 0.95 MWh.
    """
    call = np.full(HOURS, ENERGY / HOURS)
    assert call[0] * 1e3 == approx(391.0, abs=0.5)
    ships = BerthSeries(hotel_load=call, connectable=call, boiler_fuel=np.zeros(HOURS))

    def year(shore_power: float, folder: str) -> tuple[float, float, float]:
        tiny = park(
            Recipe(
                load=(0.0,) * HOURS,
                purchase_price=300.0,
                technologies=SHIPS,
                assets=[asset("shore_power", existing=shore_power)],
                ships=ships,
            )
        )
        ds = solved(tiny, tmp_path / folder)
        served = power(ds, "shore_power_zone->quay_ships_6_6kv").sum() if shore_power else 0.0
        scopes = (emission(ds, s) / tiny.weight for s in ("scope1", "scope2_location"))
        return (served, *scopes)

    served, burnt, bought = year(1.0, "with")
    _, burnt_without, bought_without = year(0.0, "without")
    assert served == approx(ENERGY)
    assert (burnt, bought_without) == (approx(0.0, abs=1e-6), approx(0.0, abs=1e-6))
    saving = shore_power_saving(ENERGY, 1.0, MARINE_FUEL / 0.4, 0.5 / 0.95)
    assert burnt_without - burnt == approx(saving.gross_emissions)
    assert burnt_without - burnt - bought == approx(saving.net_emissions)
