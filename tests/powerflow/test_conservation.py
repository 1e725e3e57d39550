"""What the optimiser dispatches is what the power flow carries, in every hour."""

from __future__ import annotations

import numpy as np
import pytest
from hand_slice import TIE, hand_slice, relabelled
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.components.selection import power_of
from meishan_model.errors import InputError
from meishan_model.powerflow.dispatch import (
    Places,
    injections,
    run_power_flow,
    zone_exchange,
)
from meishan_model.powerflow.indicators import indicators, losses
from meishan_model.powerflow.network import build_network, reinforced, station_capacities
from meishan_model.sheets.grid import GridSheets


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.1, 1.5))
def test_energy_is_conserved(grid: GridSheets, seed: int, scale: float) -> None:
    """Bus by bus nothing is lost on the way from the slice to the source of the power flow.

    In every hour the users of a zone add up to what its 20 kV bus exchanges with the optimiser's
    transformers, and the source gives what all users take and all branches lose.
    """
    ds = hand_slice(grid, 6, seed, scale)
    network = build_network(grid)
    placed = injections(ds, grid, network)
    zones, voltage = network.buses["zone"].to_numpy(), network.buses["voltage"].to_numpy()
    for zone in grid.zones:
        mine = (zones == zone) & (voltage < 100e3)
        assert placed.active[:, mine].sum(axis=1) == pytest.approx(
            zone_exchange(ds, zone), abs=1e-9
        )
    flow = run_power_flow(network, placed)
    source = flow.state.power[:, flow.network.branches.index.get_loc("connection_220kv")]
    assert source == pytest.approx(
        placed.active.sum(axis=1) + flow.state.loss.sum(axis=1), abs=1e-6
    )
    assert (flow.state.loss >= -1e-9).all(), "a branch gives energy"


@pytest.mark.parametrize("seed", range(8))
def test_trade_differs_by_the_losses_alone(grid: GridSheets, seed: int) -> None:
    """In any hour, whether the park buys or sells.

    What the source gives is what the optimiser buys less what it sells above the connection, but
    for the losses that power flow and optimiser see: those of the connection in both directions.
    """
    ds = hand_slice(grid, 1, seed)
    network = build_network(grid)
    flow = run_power_flow(network, injections(ds, grid, network))
    source = flow.state.power[0, flow.network.branches.index.get_loc("connection_220kv")]
    power = dict(zip(ds["flow"].to_numpy(), ds["power"].to_numpy()[:, 0], strict=True))
    bought, sold = power["upstream->upstream_connection"], power["export->power_market"]
    table = losses(flow, ds)
    through = table.loc["upstream_connection", "through"]
    assert through == pytest.approx(bought + power["grid_110kv->export"])
    lost = flow.state.loss.sum() - table["optimiser"].sum()
    assert source - (bought - sold) == pytest.approx(lost, abs=1e-6)


def test_losses_of_the_optimiser_are_read_from_its_flows(grid: GridSheets) -> None:
    """One per cent of what enters each station and the connection, as the slice was made."""
    ds = hand_slice(grid, 12)
    network = build_network(grid)
    table = losses(run_power_flow(network, injections(ds, grid, network)), ds)
    assert "" not in table.index, "lines of plants have no share in the optimiser"
    assert table["optimiser"].to_numpy() == pytest.approx(0.01 * table["through"].to_numpy())
    assert (table["power_flow"] > 0).all()


def test_indicators_by_hand(grid: GridSheets) -> None:
    """Peak together over the sum of the peaks; the causes of curtailment add up to all of it."""
    ds = hand_slice(grid, 12)
    network = build_network(grid)
    values = indicators(run_power_flow(network, injections(ds, grid, network)), ds, grid)["value"]
    loads = power_of(ds, role="load")
    together = loads.sum(axis=0).max() / loads.max(axis=1).sum()
    assert values["simultaneity"] == pytest.approx(together)
    curtailed = power_of(ds, role="curtailment").sum()
    causes = [c for c in values.index if c.startswith("curtailment")]
    assert values[causes].sum() == pytest.approx(curtailed)
    assert values["electrification_share"] == pytest.approx(0.8)


def test_labels_carry_no_meaning(grid: GridSheets) -> None:
    """With other labels of its nodes a slice gives the same injections, losses and indicators."""
    network, ds = build_network(grid), hand_slice(grid, 6)
    one, other = (injections(slice_, grid, network) for slice_ in (ds, relabelled(ds)))
    assert (one.active == other.active).all() and (one.reactive == other.reactive).all()
    flow = run_power_flow(network, one)
    assert losses(flow, ds).equals(losses(flow, relabelled(ds)))
    assert indicators(flow, ds, grid).equals(indicators(flow, relabelled(ds), grid))


def test_reactive_power_by_rule(grid: GridSheets) -> None:
    """Industry at 0.93 lagging; PV at 1 up to half of its rating, 0.95 under-excited at it."""
    places = Places(grid, build_network(grid))
    works = places.reactive("load", np.array([10.0]), "car_works")
    assert works == pytest.approx([10 * np.tan(np.arccos(0.93))])
    power = np.array([-4.0, -7.5, -10.0])
    plant = places.reactive("generation", power, "pv_rooftop", rating=10.0)
    # Halfway between half and full rating the power factor is halfway between 1 and 0.95.
    wanted = [0.0, 7.5 * np.tan(np.arccos(0.975)), 10 * np.tan(np.arccos(0.95))]
    assert plant == pytest.approx(wanted)


def test_shares_place_all_of_a_user(grid: GridSheets) -> None:
    """Shares of every zone and group are one in all; a battery stands at the station."""
    network = build_network(grid)
    places = Places(grid, network)
    for zone in grid.zones:
        for group in ("load", "generation", "storage"):
            share = places.share(zone, group)
            assert share.sum() == pytest.approx(1.0, abs=1e-9)
        assert list(network.buses.index[share > 0]) == [f"{zone}_20kv"]


def test_a_link_beyond_its_limit_is_refused(grid: GridSheets) -> None:
    """A slice of another park's link does not pass silently."""
    ds = hand_slice(grid, 2)
    ds["power"][(ds["flow_asset"] == TIE).to_numpy()] = 3.0
    with pytest.raises(InputError, match=r"3\.000 MW over a link of 0\.5 MW"):
        injections(ds, grid, build_network(grid))


def test_reinforcement_adds_units_and_circuits(grid: GridSheets) -> None:
    """What the sheets say needs nothing more, with a rounded MW and a solver's dust.

    120 MW at n-1 are 3 units of 63 MVA; 121 MW need a fourth; less never takes one away.

    One circuit of 740 A at 110 kV carries 134 MW at 0.95, so two of them count with 134 MW.
    """
    network = build_network(grid)
    standing = station_capacities(network, 0.95).round()
    as_it_is = reinforced(network, standing + 1e-7, 0.95)
    assert as_it_is.transformers.equals(network.transformers)
    assert as_it_is.lines.equals(network.lines)
    for capacity, units in ((60.0, 3), (120.0, 3), (121.0, 4), (179.6, 4), (181.0, 5)):
        found = reinforced(network, {"transformer_meishan": capacity}, 0.95)
        assert found.transformers["units"]["transformer_meishan"] == units
        assert (
            found.transformers["units"]
            .drop("transformer_meishan")
            .equals(network.transformers["units"].drop("transformer_meishan"))
        )
        assert found.lines.equals(network.lines)
    for capacity, circuits in ((60.0, 2), (134.0, 2), (135.0, 3), (269.0, 4)):
        found = reinforced(network, {"supply_line_meishan": capacity}, 0.95)
        assert found.lines["circuits"]["meishan_110kv_line"] == circuits
        assert found.lines["circuits"].sum() == network.lines["circuits"].sum() + circuits - 2
        assert found.transformers.equals(network.transformers)
