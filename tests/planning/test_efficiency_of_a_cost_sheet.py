"""The efficiency of a store stands in one place, the cost sheet, and is the one of the graph."""

from __future__ import annotations

from pathlib import Path

import mini_park
import pytest
from mini_park import mini, swap
from oemof import solph

from meishan_model.components.build import build_park
from meishan_model.components.selection import flows_of_graph, select
from meishan_model.errors import InputError
from meishan_model.planning.backcast import slice_task
from meishan_model.planning.bounds import bounds

YEAR = 2030
SHEETS = Path("configs/costs")
SHIPPED = {"battery": 0.9193, "vanadium_flow": 0.8062, "supercapacitor": 0.97}
"""One way, of the reference sheet."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of a mini park, which has all three kinds of store."""
    return mini_park.make_root(tmp_path_factory.mktemp("efficiency"))


def one_way(root: Path, sheet: str) -> dict[str, tuple[float, float]]:
    """Efficiency of charging and of discharging [1] of every store in the graph of the target."""
    project = mini(root, sheet=sheet)
    task = slice_task(project, YEAR, bounds(project.asset_table, YEAR), "")
    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    charged = select(flows_of_graph(graph.registry), role="charge").set_index("target")
    return {
        charged.loc[node.label, "technology"]: (
            float(node.inflow_conversion_factor[0]),
            float(node.outflow_conversion_factor[0]),
        )
        for node in graph.energy_system.nodes
        if isinstance(node, solph.components.GenericStorage)
    }


def test_stores_have_the_efficiency_of_the_cost_sheet(root: Path) -> None:
    """Charging and discharging lose what the sheet says of one way."""
    assert one_way(root, "reference") == {name: (x, x) for name, x in SHIPPED.items()}


def test_another_cost_sheet_has_another_round_trip(root: Path) -> None:
    """An overlay with an inverter of 80 % makes the round trip 64 %; other stores keep theirs."""
    row = "battery inverter,efficiency,0.8,per unit,x,assumption: x,2020\n"
    for path in (root / SHEETS / "low_storage").glob("costs_*.csv"):
        path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")
    found = one_way(root, "low_storage")
    charging, discharging = found.pop("battery")
    assert charging * discharging == pytest.approx(0.64)
    assert found == {name: (x, x) for name, x in SHIPPED.items() if name != "battery"}


def test_a_row_for_a_store_beside_the_cost_sheet_is_refused(root: Path) -> None:
    """Who writes the efficiency into the wrong sheet is told so, with the row."""
    path = root / mini_park.SHEETS / "technology_parameters.csv"
    swap(path, "battery_energy,standing_loss", "battery_power,standing_loss")
    with pytest.raises(InputError, match=r"row \d+, column parameter, 'standing_loss': nothing"):
        _ = mini(root).slices
