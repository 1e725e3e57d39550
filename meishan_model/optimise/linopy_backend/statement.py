"""The linopy model while it is being stated: graph, forms, columns, costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from meishan_model.optimise.linopy_backend.forms import CAPACITY, OWN, Forms
from meishan_model.optimise.linopy_backend.reading import Floats, Graph
from meishan_model.optimise.linopy_backend.rows import Labels, Terms

if TYPE_CHECKING:
    import linopy


@dataclass
class Statement:
    """A model being stated.

    Attributes
    ----------
    model
        The linopy model.
    graph, forms
        Graph and the forms of its flows.
    flow_labels
        Column label of the unknown behind each flow, shape (flows, hours); -1 for none.
    flow_investment, storage_investment
        Column label of each invested capacity by flow position or storage label.
    storage_content
        Column labels of each storage's content, shape (hours + 1,).
    costs
        Cost terms as (labels, coefficients) [CNY per unit].
    cost_offset
        Constant part of the objective [CNY].
    """

    model: linopy.Model
    graph: Graph
    forms: Forms
    flow_labels: Labels
    flow_investment: dict[int, int] = field(default_factory=dict)
    storage_investment: dict[str, int] = field(default_factory=dict)
    storage_content: dict[str, Labels] = field(default_factory=dict)
    costs: list[tuple[Labels, Floats]] = field(default_factory=list)
    cost_offset: float = 0.0

    def flow(self, position: int) -> Terms:
        """A flow in every hour, as terms of rows."""
        labels = self.flow_labels[position]
        factors = np.where(labels >= 0, self.forms.factor[position], 0.0)
        return Terms(labels[:, None], factors[:, None], self.forms.constant[position])

    def add_cost(self, terms: Terms, price: Floats | float) -> None:
        """Add terms times a price to the objective."""
        priced = terms.times(price)
        self.cost_offset += float(priced.constant.sum())
        self.costs.append((priced.labels.ravel(), priced.coefficients.ravel()))

    def variable(self, name: str, lower: Any, upper: Any, **options: Any) -> Labels:
        """Add a block of unknowns with their bounds and return its labels."""
        low, up = np.broadcast_arrays(np.asarray(lower, dtype=float), np.asarray(upper, float))
        dims = [f"{name}_{axis}" for axis in range(low.ndim)]
        coordinates = {d: np.arange(n) for d, n in zip(dims, low.shape, strict=True)}
        added = self.model.add_variables(
            lower=xr.DataArray(low, coordinates, dims),
            upper=xr.DataArray(up, coordinates, dims),
            name=name,
            **options,
        )
        return np.asarray(added.labels.to_numpy(), dtype=np.int64)

    def cost_vector(self, count: int) -> Floats:
        """Cost of each label, for labels 0..count-1."""
        total = np.zeros(count)
        for labels, coefficients in self.costs:
            there = labels >= 0
            np.add.at(total, labels[there], coefficients[there])
        return total


def add_flow_unknowns(statement: Statement) -> None:
    """Columns of all flows that have an unknown of their own.

    In hours where both bounds are the same the flow is a constant and has none.
    """
    forms = statement.forms
    own = np.flatnonzero((forms.kind == OWN) & (forms.root == np.arange(len(forms.root))))
    if not len(own):
        return
    lower, upper = forms.lower[own], forms.upper[own]
    free = lower != upper
    dims = ("own_flow", "hour")
    labels = np.full(lower.shape, -1, dtype=np.int64)
    if free.any():
        coordinates = {"own_flow": own, "hour": np.arange(statement.graph.hours)}
        added = statement.model.add_variables(
            lower=xr.DataArray(lower, coordinates, dims),
            upper=xr.DataArray(upper, coordinates, dims),
            mask=xr.DataArray(free, coordinates, dims),
            name="flow",
        )
        labels = np.asarray(added.labels.to_numpy(), dtype=np.int64)
    place = {int(e): i for i, e in enumerate(own)}
    for e in np.flatnonzero(forms.kind == OWN):
        root = place[int(forms.root[e])]
        statement.flow_labels[e] = labels[root]
        pinned = ~free[root]
        forms.constant[e, pinned] += forms.factor[e, pinned] * lower[root, pinned]
        forms.factor[e, pinned] = 0.0


def label_capacity_flows(statement: Statement) -> None:
    """Flows that are a profile times an invested capacity get its column."""
    forms = statement.forms
    for e in np.flatnonzero(forms.kind == CAPACITY):
        statement.flow_labels[e] = statement.flow_investment[int(forms.root[e])]
