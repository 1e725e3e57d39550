"""The urban-scale example of calliope, rebuilt from its numbers; closest to a park of all cases.

Its hourly series (demand, export price, PV) are data of that project and not kept here. The test
takes them from ``calliope_urban_scale`` in the folder of shared data, and is skipped without it.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hand_solved import WAYS, Nodes, energy_system, saved
from oemof import solph

from meishan_model.finance import capital_recovery_factor
from meishan_model.optimise import Model

SHARED = Path(os.environ.get("MEISHAN_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
FOLDER = SHARED / "calliope_urban_scale"
DAY = "2005-07-01"
MONEY = 1e4
"""The example's costs go down to 3e-6 a kW; in 1e-4 of its unit they are sized as CNY are."""
YEARLY = 24.0 / 8760.0
ANNUITY = YEARLY * capital_recovery_factor(0.10, 25.0)
"""Share of an investment that the one day pays."""
SITES = ("X1", "X2", "X3")


def read(name: str, header: list[int]) -> pd.DataFrame:
    """One of the series on the day of the test."""
    table = pd.read_csv(FOLDER / f"{name}.csv", header=header, index_col=0, encoding="utf-8-sig")
    table.index = pd.to_datetime(table.index)
    return table.loc[DAY].astype(float)


def sized(cost: float, most: float = 2000.0, yearly: float = 0.0) -> solph.Investment:
    """A capacity [kW] with its investment and yearly cost per kW."""
    return solph.Investment(ep_costs=MONEY * (cost * ANNUITY + yearly * YEARLY), maximum=most)


class Town:
    """Three sites with power and heat, and a branch of the heat network."""

    def __init__(self) -> None:
        demand = read("demand", [0, 1])
        self.demand = {
            (carrier, site): demand[f"demand_{carrier}", site].to_numpy()
            for carrier in ("electricity", "heat")
            for site in SITES
        }
        self.export_price = read("export_power", [0])["X1"].to_numpy()
        self.sun = read("pv_resource", [0, 1]).iloc[:, 0].to_numpy()
        self.buses = {
            (carrier, site): solph.Bus(label=f"{carrier}_{site}")
            for carrier in ("electricity", "heat", "gas")
            for site in SITES
        }
        self.buses["heat", "N1"] = solph.Bus(label="heat_N1")
        self.nodes: Nodes = list(self.buses.values())

    def build(self) -> Nodes:
        for (carrier, site), demand in self.demand.items():
            flow = solph.Flow(nominal_capacity=1.0, fix=demand)
            self.sink(f"demand_{carrier}_{site}", self.buses[carrier, site], flow)
        grid = solph.Flow(nominal_capacity=sized(100.0), variable_costs=0.1 * MONEY)
        self.source("grid", self.buses["electricity", "X1"], grid)
        for site in SITES:
            gas = solph.Flow(nominal_capacity=sized(1.0), variable_costs=0.025 * MONEY)
            self.source(f"gas_supply_{site}", self.buses["gas", site], gas)
        self.chp()
        self.boiler("X2", 43.1)
        self.boiler("X3", 78.0)
        # Area [m2], largest capacity [kW], revenue of output and export, yearly revenue per kW.
        self.pv("X1", 500.0, 250.0)
        self.pv("X2", 1300.0, 250.0, output=-0.0203, export=-0.0491)
        self.pv("X3", 900.0, 50.0, yearly=-80.5)
        for one, other, kilometres in (("X1", "X2", 10.0), ("X1", "X3", 5.0)):
            self.line("electricity", one, other, 0.98, 0.01 * kilometres)
        for one, other, kilometres in (("X1", "N1", 3.0), ("N1", "X2", 3.0), ("N1", "X3", 4.0)):
            self.line("heat", one, other, 0.975**kilometres, 0.3 * kilometres)
        return self.nodes

    def source(self, label: str, bus: solph.Bus, flow: solph.Flow) -> None:
        self.nodes.append(solph.components.Source(label=label, outputs={bus: flow}))

    def sink(self, label: str, bus: solph.Bus, flow: solph.Flow) -> None:
        self.nodes.append(solph.components.Sink(label=label, inputs={bus: flow}))

    def terminal(self, label: str, site: str, price: float | np.ndarray) -> solph.Bus:
        """A plant's own terminal: what it gives goes to the site or is exported at a price."""
        own, site_bus = solph.Bus(label=f"{label}_terminal"), self.buses["electricity", site]
        self.nodes += [
            own,
            solph.components.Converter(
                label=f"{label}_to_site",
                inputs={own: solph.Flow()},
                outputs={site_bus: solph.Flow()},
            ),
        ]
        self.sink(f"{label}_export", own, solph.Flow(variable_costs=price * MONEY))
        return own

    def chp(self) -> None:
        own = self.terminal("chp", "X1", self.export_price)
        gas, heat = self.buses["gas", "X1"], self.buses["heat", "X1"]
        power = solph.Flow(nominal_capacity=sized(750.0, 1500.0), variable_costs=0.004 * MONEY)
        self.nodes.append(
            solph.components.Converter(
                label="chp",
                inputs={gas: solph.Flow()},
                outputs={own: power, heat: solph.Flow()},
                conversion_factors={own: 0.405, heat: 0.405 * 0.8},
            )
        )

    def boiler(self, site: str, cost: float) -> None:
        gas, heat = self.buses["gas", site], self.buses["heat", site]
        self.nodes.append(
            solph.components.Converter(
                label=f"boiler_{site}",
                inputs={gas: solph.Flow(variable_costs=0.004 * MONEY)},
                outputs={heat: solph.Flow(nominal_capacity=sized(cost, 600.0))},
                conversion_factors={heat: 0.85},
            )
        )

    def pv(
        self,
        site: str,
        area: float,
        most: float,
        output: float = 0.0,
        export: float = 0.0,
        yearly: float = 0.0,
    ) -> None:
        own = self.terminal(f"pv_{site}", site, export)
        # 7 m2 a kW; the inverter keeps 85 %.
        flow = solph.Flow(
            nominal_capacity=sized(1350.0, min(most, area / 7.0, 1500.0 / 7.0), yearly),
            fix=7.0 * 0.85 * self.sun,
            variable_costs=output * MONEY,
        )
        self.source(f"pv_{site}", own, flow)

    def line(self, carrier: str, one: str, other: str, efficiency: float, cost: float) -> None:
        """A line whose capacity is bought once and holds for each of four flows.

        In that model both ends send into the line and both may take out of it what is left after
        the loss, each up to the capacity; so the line can also lose heat that nobody wants.
        """
        label = f"{carrier}_{one}_{other}"
        line, capacity = solph.Bus(label=label), solph.Bus(label=f"{label}_capacity")
        whole = solph.Flow(nominal_capacity=sized(cost), fix=[1.0] * 24)
        self.source(f"{label}_line", capacity, whole)
        rights = {}
        for end in (one, other):
            bus = self.buses[carrier, end]
            for direction, source, target, kept in (
                ("in", bus, line, 1.0),
                ("out", line, bus, efficiency),
            ):
                name = f"{label}_{direction}_{end}"
                right = rights[name] = solph.Bus(label=f"{name}_right")
                self.nodes.append(
                    solph.components.Converter(
                        label=name,
                        inputs={source: solph.Flow(), right: solph.Flow()},
                        outputs={target: solph.Flow()},
                        # The right counts what passes the end, so after the loss on the way out.
                        conversion_factors={source: 1.0, right: kept, target: kept},
                    )
                )
                self.sink(f"{name}_unused", right, solph.Flow())
        self.nodes += [
            line,
            capacity,
            *rights.values(),
            solph.components.Converter(
                label=f"{label}_rights",
                inputs={capacity: solph.Flow()},
                outputs={right: solph.Flow() for right in rights.values()},
            ),
        ]


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the series of the example are not in {FOLDER}")
@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_urban_scale(way, tmp_path: Path) -> None:
    """One day costs 430.082290, as calliope asserts, with the same plants.

    Calliope's test also states the CHP (250.090112 kW), the heat pipe to X2 (182.19260 kW), the
    area of PV at X2 (830.064659 m2), the export (122.7156 kWh) and the heat of the boiler at X3
    (0.18720 kWh). Power in kW.
    """
    backend, solver = way
    graph = energy_system(24, Town().build())
    solution = Model(graph, backend=backend).solve(solver=solver)
    assert solution.objective / MONEY == pytest.approx(430.08229, rel=1e-7)
    assert solution.gap < 1e-7
    built = solution.flow_investment
    assert built["chp", "chp_terminal"] == pytest.approx(250.090112, rel=1e-5)
    assert built["heat_N1_X2_line", "heat_N1_X2_capacity"] == pytest.approx(182.1926, rel=1e-5)
    assert built["pv_X2", "pv_X2_terminal"] * 7.0 == pytest.approx(830.064659, rel=1e-5)
    exports = [edge for edge in solution.flow.columns if edge[1].endswith("_export")]
    assert solution.flow[exports].to_numpy().sum() == pytest.approx(122.7156, rel=1e-5)
    boiler = solution.flow["boiler_X3", "heat_X3"].sum()
    # An interior point leaves a few Wh of dust on a day of 10 000 kWh.
    assert boiler == pytest.approx(0.18720, abs=0.01)
    ds = saved(graph, solution, tmp_path)
    assert ds.attrs["objective"] == solution.objective
    assert np.isfinite(ds["price"].to_numpy()).all()
