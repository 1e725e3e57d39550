"""Links and pipes from bus to bus, with losses, one way and both, as they stand and built."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_park import Recipe, TinyAsset, park, technology
from tiny_solved import cost, emission, flow, power, price, solved

from meishan_model.sheets.buses import Bus
from meishan_model.sheets.records import Market

approx = pytest.approx
ISLAND = Bus("island_20kv", "electricity", "island")


def close(actual: object, expected: object) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6)


def seller(name: str, bus: str, profile: str, price: float) -> Market:
    """A market that sells as much as anybody takes."""
    return Market(name, bus, profile, {"import_capacity": 50.0, "import_price": price})


def test_district_heat_is_bought_with_its_own_scope_2_and_crosses_a_pipe(tmp_path: Path) -> None:
    """Two heat markets, dear and cheap in turn, and a pipe of 5 MW that loses a fifth.

    In each hour the cheap side sends 5 MW, of which 4 arrive: 15 x 100 + 6 x 300 CNY an hour.
    """
    heat = [Bus("pipes", "building_heat", "zone"), Bus("island_pipes", "building_heat", "island")]
    recipe = Recipe(
        load=(0.0, 0.0),
        buses=[*heat, ISLAND],
        loads={
            "homes": ("building_heat", "zone", (10.0, 10.0)),
            "works": ("building_heat", "island", (10.0, 10.0)),
        },
        network=[("main", "pipe", "pipes", "island_pipes", 5.0, 0.2)],
        scope2={"building_heat": (0.3, 0.2)},
        courses={"first": (1.0, 3.0), "second": (3.0, 1.0)},
        markets=[
            seller("a", "pipes", "first", 100.0),
            seller("b", "island_pipes", "second", 100.0),
        ],
    )
    ds = solved(park(recipe), tmp_path)
    close(power(ds, "main_zone_to_island->island_pipes"), [4.0, 0.0])
    close(power(ds, "main_island_to_zone->pipes"), [0.0, 4.0])
    close(price(ds, "pipes"), [100.0, 300.0])
    assert cost(ds, "purchase") == approx(3300.0 * 8760.0)
    assert emission(ds, "scope2_location") == approx(0.3 * 21.0 * 8760.0)
    assert emission(ds, "scope2_market") == approx(0.2 * 21.0 * 8760.0)
    given = ds.sel(flow=flow("main_zone_to_island->island_pipes"))
    assert [given[n].item() for n in ("role", "carrier", "technology", "flow_asset")] == [
        *("transport", "building_heat", "pipe", "main")
    ]


@pytest.mark.parametrize("kind", ["link", "one_way_link"])
def test_an_island_is_fed_by_one_link(kind: str, tmp_path: Path) -> None:
    """Of 4 MW that enter 3.6 arrive, the rest of 5 MW is shed.

    In hour 2 the island buys at a quay, and a link of both ways, but no other, carries some back.
    """
    recipe = Recipe(
        load=(6.0, 6.0),
        buses=[ISLAND],
        loads={"lighthouse": ("electricity", "island", (5.0, 5.0))},
        network=[("cable", kind, "zone_20kv", "island_20kv", 4.0, 0.1)],
        courses={"tide": (400.0, 1.0)},
        markets=[seller("quay", "island_20kv", "tide", 100.0)],
    )
    ds = solved(park(recipe), tmp_path)
    close(power(ds, "cable_zone_to_island->island_20kv"), [3.6, 0.0])
    close(power(ds, "island_shedding->island_20kv"), [1.4, 0.0])
    back = 0.0 if kind == "one_way_link" else 3.6
    close(power(ds, "grid_purchase->upstream"), [10.0, 6.0 - back])


def test_a_link_is_built_for_both_ways_together(tmp_path: Path) -> None:
    """5 MW of the island need 5 / 0.9 MW of a cable of 4: the rest is built at its annuity.

    One more MW would save 0.9 x 660 - 100 CNY in hour 2, of 4380, in which it carries back:
    2.2 million a year, less than its 3 million.
    """
    recipe = Recipe(
        load=(6.0, 6.0),
        buses=[ISLAND],
        loads={"lighthouse": ("electricity", "island", (5.0, 5.0))},
        network=[("cable", "link", "zone_20kv", "island_20kv", 4.0, 0.1, "sea_cable")],
        technologies=[technology("sea_cable", "link")],
        assets=[
            TinyAsset("cable_island", "sea_cable", "island", existing=4.0, upper=9.0, annuity=3e6)
        ],
        courses={"tide": (4000.0, 1.0)},
        markets=[seller("quay", "island_20kv", "tide", 100.0)],
    )
    ds = solved(park(recipe), tmp_path)
    size = 5.0 / 0.9
    close(power(ds, "cable_zone_to_island->island_20kv"), [5.0, 0.0])
    close(power(ds, "cable_island_to_zone->zone_20kv"), [0.0, 5.0])
    assert ds["capacity"].sel(asset="cable_island") == approx(size)
    assert cost(ds, "investment") == approx((size - 4.0) * 3e6)
