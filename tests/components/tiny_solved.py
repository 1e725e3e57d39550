"""How the park of one zone is solved, saved, read back and asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from tiny_park import YEAR, TinyPark

from meishan_model.accounts.tables import Accounts, account
from meishan_model.components import flows
from meishan_model.components.flows import ParkGraph
from meishan_model.optimise import SolverName
from meishan_model.optimise.solution import Solution
from meishan_model.planning.solve_slice import model_of, solve_slice
from meishan_model.results.files import open_results, result_path, write_atomically


@dataclass(frozen=True)
class Solved:
    """A solved slice, step by step."""

    graph: ParkGraph
    solution: Solution
    accounts: Accounts


def steps(tiny: TinyPark, solver: SolverName = "highs") -> Solved:
    """Solve a park and make its accounts, without the checks."""
    graph = tiny.graph()
    model = model_of(graph, tiny.inputs.scenario.backend, tiny.profiles.stamps)
    solution = model.solve(solver=solver)
    return Solved(graph, solution, account(graph, solution, tiny.inputs.factors))


def solved(tiny: TinyPark, folder: Path) -> xr.Dataset:
    """Solve, check, save and read back; both statements of the problem must agree on the cost."""
    reference = solve_slice(tiny.with_scenario(backend="pyomo").task())
    ds = solve_slice(tiny.with_scenario(backend="linopy").task())
    np.testing.assert_allclose(
        ds.attrs["objective"], reference.attrs["objective"], rtol=1e-6, atol=1e-3
    )
    clock = {"hours": tiny.profiles.hours, "minutes": round(60 * tiny.profiles.step)}
    write_atomically(ds, result_path(folder, "tiny", YEAR, **clock))
    read = open_results("tiny", YEAR, folder, **clock)
    xr.testing.assert_identical(ds, read)
    return read


def labels(*titles: str) -> tuple[str, ...]:
    """Labels of nodes by what people call them, as a run with opaque labels asks for."""
    return tuple(map(flows.label_of, titles))


def flow(title: str) -> str:
    """Label of a flow by what people call it."""
    return "->".join(labels(*title.split("->")))


def power(ds: xr.Dataset, title: str) -> np.ndarray:
    """A flow in every hour [MW]."""
    return ds["power"].sel(flow=flow(title)).to_numpy()


def price(ds: xr.Dataset, title: str) -> np.ndarray:
    """The price of a bus in every hour [CNY/MWh]."""
    return ds["price"].sel(bus=flow(title)).to_numpy()


def capacity(ds: xr.Dataset, name: str, part: str = "capacity") -> float:
    """Capacity of an asset."""
    return float(ds[part].sel(asset=f"{name}_zone"))


def cost(ds: xr.Dataset, category: str) -> float:
    """Cost of a category [CNY/a]."""
    return float(ds["cost"].to_numpy()[ds["category"].to_numpy() == category].sum())


def emission(ds: xr.Dataset, scope: str) -> float:
    """Emissions in a scope [tCO2/a]."""
    return float(ds["emissions"].to_numpy()[ds["scope"].to_numpy() == scope].sum())


def net_emission(ds: xr.Dataset) -> float:
    """Scope 1 + market-based scope 2 + sinks + credits [tCO2/a]."""
    return sum(emission(ds, s) for s in ("scope1", "scope2_market", "sink", "credit"))
