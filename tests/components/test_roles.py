"""The sum over a carrier, a role and a way counts each MWh once: identities, hour by hour."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from role_parks import FENCE, HOURS, LINE, TIE, TRANSFORMER, counted_park, whole_park
from tiny_park import PV, Recipe, asset, park
from tiny_solved import solved

from meishan_model.components.coordinates import ROLES
from meishan_model.components.selection import energy_of, flows_of_slice, select
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.sheets.scenario import MATCHINGS

SEVERAL_TIMES = {"transport", "capacity", "charge", "discharge", "shift"}
"""Roles of which a MWh may pass several flows: elements in series, stores that fill each other."""


@pytest.fixture(scope="module")
def parks() -> dict[str, xr.Dataset]:
    """The park solved under every rule of matching."""
    return {m: solve_slice(whole_park(m).task()) for m in MATCHINGS}


@pytest.fixture(params=MATCHINGS)
def ds(request: pytest.FixtureRequest, parks: dict[str, xr.Dataset]) -> xr.Dataset:
    """One of them."""
    return parks[request.param]


def hourly(ds: xr.Dataset, by: str | Sequence[str] = "carrier", **wanted: object) -> pd.DataFrame:
    """Hours x values of a coordinate [MW]: the sum of the flows that bear others."""
    chosen = select(flows_of_slice(ds), **wanted)
    keys = [chosen[name].to_numpy() for name in ([by] if isinstance(by, str) else by)]
    return pd.DataFrame(ds["power"].to_numpy()[chosen.index]).groupby(keys).sum().T


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Both are the same in every hour and column, and are not nothing."""
    assert float(one.abs().to_numpy().sum()) > 0.1
    pd.testing.assert_frame_equal(one, other, check_names=False, rtol=0.0, atol=1e-5)


def at_buses(ds: xr.Dataset) -> pd.DataFrame:
    """What comes to every bus less what leaves it, hours x buses."""
    into, out = (hourly(ds, "bus", way=way) for way in ("in", "out"))
    return into.sub(out, fill_value=0.0)


def test_every_role_is_at_work(parks: dict[str, xr.Dataset]) -> None:
    """An identity of flows that are zero would prove nothing: here each role has its MWh."""
    most = [
        max(energy_of(d, role=role, may_be_empty=True) for d in parks.values()) for role in ROLES
    ]
    assert [role for role, energy in zip(ROLES, most, strict=True) if energy < 1.0] == []
    for stage in ("in_use", "new", "bridge"):
        assert energy_of(parks["hourly"], role="conversion", way="in", stage=stage) > 1.0


def test_the_page_of_flows_says_what_they_are(parks: dict[str, xr.Dataset]) -> None:
    """``docs/flows.md`` has every role with the ways and units that its flows have."""
    text = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|.*\| ([^|]+) \|$", text, re.MULTILINE)
    assert sorted(role for role, _, _ in rows) == sorted(ROLES)
    solved = [*parks.values(), solve_slice(counted_park().task())]
    flows = pd.concat([flows_of_slice(ds) for ds in solved])
    for role, ways, units in rows:
        found = select(flows, role=role)
        assert set(found["way"]) == set(ways.split(", ")), role
        assert set(found["unit"]) == set(units.split(", ")), role


def test_every_flow_has_one_role_and_one_bus(ds: xr.Dataset) -> None:
    """The role is in the list, the bus is one of the two ends, and the way says which.

    Every bus has one carrier and one unit, so that a MWh at it is of exactly one role.
    """
    flows = flows_of_slice(ds)
    assert set(flows["role"]) <= ROLES
    assert not flows.duplicated(["source", "target"]).any()
    kind = dict(zip(ds["node"].to_numpy(), ds["kind"].to_numpy(), strict=True))
    leaves = flows["source"].map(kind) == "bus"
    assert (leaves != (flows["target"].map(kind) == "bus")).all()
    assert flows["way"].tolist() == np.where(leaves, "out", "in").tolist()
    ends = flows.assign(end=flows["source"].where(leaves, flows["target"]))
    pairs = ends[["bus", "end"]].drop_duplicates()
    assert pairs["bus"].is_unique
    assert pairs["end"].is_unique
    assert flows[["bus", "carrier", "unit"]].drop_duplicates()["bus"].is_unique


def test_no_flow_lies_behind_another_of_its_role(ds: xr.Dataset) -> None:
    """On no way through the graph does a MWh pass two flows of one carrier, role and way.

    But for elements in series and stores that fill each other, which their pages say.
    """
    flows = flows_of_slice(ds)
    after: dict[str, set[str]] = defaultdict(set)
    for source, target in zip(flows["source"], flows["target"], strict=True):
        after[source].add(target)
    twice = set()
    for (_, role, _), group in flows.groupby(["carrier", "role", "way"]):
        for target in group["target"]:
            reached, open_ends = {target}, [target]
            while open_ends:
                new = after[open_ends.pop()] - reached
                reached |= new
                open_ends += new
            twice |= {role} if group["source"].isin(reached).any() else set()
    assert twice <= SEVERAL_TIMES


def test_every_bus_balances_over_its_roles(ds: xr.Dataset) -> None:
    """At each bus, and over all buses of electricity, what comes in goes out in the same hour."""
    np.testing.assert_allclose(at_buses(ds), 0.0, atol=1e-5)
    into, out = (hourly(ds, "role", carrier="electricity", way=way) for way in ("in", "out"))
    np.testing.assert_allclose(into.sum(axis=1), out.sum(axis=1), atol=1e-5)
    assert into.sum(axis=1).min() > 1.0


def test_local_power(ds: xr.Dataset) -> None:
    """Generation = feed_in + curtailment at each busbar; feed_in = issue = retire + delivered."""
    generated = hourly(ds, "bus", role="generation", way="in")
    left = hourly(ds, "bus", role=("feed_in", "curtailment"), way="out", contract="")
    same(generated, left)
    fed_in = hourly(ds, "zone", role="feed_in", way="in")
    same(hourly(ds, "zone", role="feed_in", way="out"), fed_in)
    same(hourly(ds, "zone", role="issue", carrier="local_green"), fed_in)
    used = hourly(ds, role=("retire", "delivered"), carrier="local_green", way="out")
    same(hourly(ds, role="issue", carrier="local_green", way="in"), used)


@pytest.mark.parametrize("matching", MATCHINGS)
def test_contracts_of_green_power(matching: str, parks: dict[str, xr.Dataset]) -> None:
    """Offered = delivered + settled or curtailed, and delivered arrives, contract by contract.

    No more is claimed in a period than is settled in it.
    """
    ds, of = parks[matching], ("hydro", "own_use")
    offered = hourly(ds, "contract", role="offered", way="in")
    fates = ("delivered", "settled", "curtailment")
    same(offered, hourly(ds, "contract", role=fates, way="out", contract=of))
    arrived, sent = (
        hourly(ds, "contract", role="delivered", contract=of, way=way) for way in ("in", "out")
    )
    same(arrived, sent)
    if matching in ("monthly", "yearly"):
        claimed, settled = (hourly(ds, "contract", role=r) for r in ("claimed", "settled"))
        periods = np.repeat([1, 2] if matching == "monthly" else [1, 1], HOURS // 2)
        left = (settled - claimed).groupby(periods).sum()
        assert left.to_numpy().min() > -1e-4


def test_what_is_bought_and_billed(ds: xr.Dataset) -> None:
    """Purchase + delivered + claimed enter the connection, and each MW of them is billed."""
    flows = flows_of_slice(ds)
    (upstream,) = select(flows, role="purchase")["bus"]
    bought = hourly(ds, role=("purchase", "delivered", "claimed"), way="in", bus=upstream)
    same(bought, hourly(ds, role="transport", way="out", bus=upstream))
    billed = [hourly(ds, role="billing", way=way) for way in ("in", "out")]
    same(*billed)
    np.testing.assert_allclose(billed[1], bought, atol=1e-5)


def test_what_is_sold(ds: xr.Dataset) -> None:
    """Export is what arrives at the market; each MWh on its way takes one of local green power."""
    (market,) = set(select(flows_of_slice(ds), role="export")["bus"])
    sold = hourly(ds, role="export", way="out")
    same(sold, hourly(ds, role="transport", way="in", bus=market))
    taken = hourly(ds, role="delivered", carrier="local_green", way="out")
    np.testing.assert_allclose(sold, taken * (1.0 - FENCE), atol=1e-5)
    assert energy_of(ds, role="export", contract="neighbours") > 1.0


def test_transport_loses_what_its_elements_lose(ds: xr.Dataset) -> None:
    """In = out less losses for each element, whatever the direction; transformer with its line."""
    sent, arrived = (hourly(ds, "asset", role="transport", way=way) for way in ("out", "in"))
    kept = {"fence": 1.0 - FENCE, "tie": 1.0 - TIE}
    kept["transformer_zone"] = (1.0 - TRANSFORMER) * (1.0 - LINE)
    same(arrived, sent * pd.Series(kept))


def test_capacity_and_instruments_come_and_go(ds: xr.Dataset) -> None:
    """Capacity in = capacity out at each bus; what is bought for the year is cancelled."""
    into, out = (hourly(ds, "bus", role="capacity", way=way) for way in ("in", "out"))
    same(into, out)
    names = ["certificates", "credits", "emission_excess", "forest"]
    bought = hourly(ds, role=("issue", "credit", "excess", "sink"), way="in", carrier=names)
    same(bought, hourly(ds, role="cancelled", way="out"))


def test_stores_give_back_what_they_took(ds: xr.Dataset) -> None:
    """E(t) = (1 - loss) E(t-1) + efficiency x in - out / efficiency, for each store.

    charge and discharge are those of batteries, shift those of loads and vehicles that wait.
    """
    roles = ("charge", "discharge", "shift")
    taken = hourly(ds, "target", role=roles, way="out")
    given = hourly(ds, "source", role=roles, way="in")
    numbers = ds[["loss_rate", "inflow_efficiency", "outflow_efficiency"]].to_dataframe()
    content = ds["storage_content"].transpose("time", "storage").to_numpy()
    before = np.vstack([ds["initial_content"].to_numpy(), content[:-1]])
    stores = ds["storage"].to_numpy()
    kept = before * (1.0 - numbers["loss_rate"].to_numpy())
    charged = taken[stores].to_numpy() * numbers["inflow_efficiency"].to_numpy()
    drawn = given[stores].to_numpy() / numbers["outflow_efficiency"].to_numpy()
    np.testing.assert_allclose(content, kept + charged - drawn, atol=1e-5)
    assert set(taken) == set(given) == set(stores)
    assert (taken.sum() > 0.1).sum() >= 2


def test_fuels_and_conversion(ds: xr.Dataset) -> None:
    """Fuel = conversion by carrier; what is converted is what goes in times efficiency."""
    burnt = select(flows_of_slice(ds), role="fuel")["carrier"]
    supplied = hourly(ds, role="fuel", way="in")
    same(supplied, hourly(ds, role=("conversion", "load"), way="out", carrier=set(burnt)))
    by = ["technology", "stage"]
    taken, given = (hourly(ds, by, role="conversion", way=way) for way in ("out", "in"))
    efficiency = {"gas_boiler": 0.9, "heat_pump": 3.0, "car_electric": 1.0 / 2e-4}
    same(given, taken * [efficiency[technology] for technology, _ in taken])


def test_duties_are_served_or_shed(ds: xr.Dataset) -> None:
    """Duty = conversion + saving + shedding, hour by hour."""
    duty = hourly(ds, role="duty", way="out")
    served = ("conversion", "saving", "shedding")
    same(duty, hourly(ds, role=served, way="in", carrier=set(duty)))


def test_roles_of_a_sunny_hour_by_hand(tmp_path: Path) -> None:
    """Of 10 MW of PV 7 are fed in and 3 curtailed; 2 serve the load, 5 leave and 3.6 arrive.

    The transformer lets 5 MW up and loses a tenth, the fence loses a fifth: 5, 4.5 and 3.6 MW.
    """
    recipe = Recipe(
        load=(2.0,) * 2,
        export_price=100.0,
        technologies=[PV],
        assets=[asset("pv", existing=10.0)],
        capacity_factor={"pv": (0.0, 1.0)},
        connection=(100.0, 0.2),
        transformer=(5.0, 0.1),
    )
    found = solved(park(recipe), tmp_path)
    hour = hourly(found, ["role", "way"], carrier="electricity").loc[1]
    expected = {
        ("generation", "in"): 10.0,
        ("curtailment", "out"): 3.0,
        **dict.fromkeys([("feed_in", "out"), ("feed_in", "in")], 7.0),
        ("load", "out"): 2.0,
        ("transport", "out"): 5.0 + 4.5,
        ("transport", "in"): 4.5 + 3.6,
        ("export", "out"): 3.6,
        **dict.fromkeys([("purchase", "in"), ("shedding", "in")], 0.0),
    }
    assert hour.to_dict() == pytest.approx(expected, abs=1e-6)
