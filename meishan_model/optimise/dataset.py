"""A solution as one dataset of xarray with plain names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .problem import Name

if TYPE_CHECKING:
    from .solution import Solution


def as_dataset(solution: Solution) -> xr.Dataset:
    """All values of a solution as one dataset; see :meth:`optimise.Solution.to_xarray`.

    Parameters
    ----------
    solution
        The solution.
    """
    names = _names(solution)
    data, coordinates = _variables(solution, names)
    duals, of_duals = _duals(solution)
    told = ("objective", "gap", "solver", "method", "iterations")
    attributes = {name: getattr(solution, name) for name in told}
    attributes["history"] = "; ".join(solution.history)
    data |= duals | _further(solution, names)
    return xr.Dataset(data, coordinates | of_duals, attributes)


def _texts(names: Iterable[str]) -> NDArray[np.str_]:
    """Names as texts, also where there is none."""
    return np.array(list(names), dtype=str)


def _names(solution: Solution) -> dict[str, list[Name]]:
    """Flows, storages and other nodes with variables, by the name of their dimension."""
    # Those of aggregated time series have no contents, but may have been built.
    stores = list(solution.storage_content.columns) or list(solution.storage_investment)
    nodes = [n for group in solution.further.values() for n in group if isinstance(n, str)]
    others = [name for name in dict.fromkeys(nodes) if name not in stores]
    return {"edge": [*solution.flow.columns], "storage": [*stores], "node": [*others]}


def _variables(
    solution: Solution, names: Mapping[str, list[Name]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Flows, contents and capacities, and the coordinates of all variables."""
    edges, stores = names["edge"], names["storage"]
    content = solution.storage_content.reindex(columns=stores)
    data: dict[str, Any] = {
        "flow": (("edge", "time"), solution.flow.to_numpy().T),
        "storage_content": (("storage", "time"), content.to_numpy(dtype=float).T),
        "initial_content": ("storage", solution.initial_content.reindex(stores).to_numpy()),
    }
    for dimension, group in (("edge", "flow_investment"), ("storage", "storage_investment")):
        for key in (group, f"{group}_reduced_cost"):
            values: Mapping[Name, float] | None = getattr(solution, key)
            if values is not None:
                numbers = [values.get(name, np.nan) for name in names[dimension]]
                data[key] = dimension, np.array(numbers, dtype=float)
    coordinates: dict[str, Any] = {
        "time": solution.flow.index,
        "edge": _texts("->".join(edge) for edge in edges),
        "source": ("edge", _texts(edge[0] for edge in edges)),
        "target": ("edge", _texts(edge[1] for edge in edges)),
        "storage": _texts(map(str, stores)),
    }
    if names["node"]:
        coordinates["node"] = _texts(map(str, names["node"]))
    return data, coordinates


def _duals(solution: Solution) -> tuple[dict[str, Any], dict[str, Any]]:
    """Prices at buses and of limits and duals of own rows, as far as the solver gives them."""
    data: dict[str, Any] = {}
    coordinates: dict[str, Any] = {}
    if solution.bus_price is not None:
        coordinates["bus"] = _texts(solution.bus_price.columns)
        data["bus_price"] = ("bus", "time"), solution.bus_price.to_numpy().T
    if solution.limit_price is not None:
        coordinates["limit"] = _texts(solution.limit_price)
        data["limit_price"] = "limit", np.array([*solution.limit_price.values()], dtype=float)
    if solution.row_dual is not None:
        rows = [(name, i) for name, duals in solution.row_dual.items() for i in range(len(duals))]
        data["row_dual"] = "row", np.concatenate([[], *solution.row_dual.values()])
        coordinates["row_name"] = "row", _texts(name for name, _ in rows)
        coordinates["row_position"] = "row", np.array([i for _, i in rows], dtype=np.int64)
    return data, coordinates


def _further(solution: Solution, names: Mapping[str, list[Name]]) -> dict[str, Any]:
    """Further variables of one value a time step, or of one in all; others have no index."""
    found: dict[str, Any] = {}
    steps = len(solution.flow.index)
    for key, group in solution.further.items():
        for dimension, known in names.items():
            own = [name for name in known if name in group]
            length = {len(group[name]) for name in own}
            if not own or length not in ({1}, {steps}):
                continue
            missing = np.full(length.pop(), np.nan)
            values = np.array([group.get(name, missing) for name in known])
            # The same variable may be one of flows and of storages.
            name = key if dimension == "edge" else f"{dimension}_{key}"
            by_time = values.shape[1] == steps
            dimensions = (dimension, "time") if by_time else dimension
            found[name] = dimensions, values if by_time else values[:, 0]
    return found
