"""A problem while it is being stated: graph, affine substitution, columns, rows, costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..problem import Name
from .affine import CAPACITY, OWN, AffineFlows
from .blocks import Blocks, ColumnBlock, add_linopy_columns, add_linopy_rows
from .elements import as_number
from .expressions import Expression, Labels, rows_of, unknown
from .reading import Floats, Graph

if TYPE_CHECKING:
    import linopy


@dataclass
class ModelBuilder:
    """A problem being stated.

    Attributes
    ----------
    graph, affine
        Graph, and its flows as affine functions of unknowns.
    flow_labels
        Column label of the unknown behind each flow, shape (flows, steps); -1 for none.
    flow_investment, storage_investment
        Column label of each invested capacity by flow position or storage label.
    storage_content
        Column labels of each storage's content, shape (steps + 1,).
    bus_balance
        Row labels of the balance of each bus, shape (steps,); -1 where there is no row.
    integral_limit, integral_minimum
        Row label of each upper, and of each lower integral limit; -1 where there is none.
    status, status_nominal
        Status of each flow that is on or off, by its position, and status times capacity.
    rows
        Row labels of each block of rows by its name; -1 where there is no row.
    further
        Further variables by their name in oemof.solph, each by node or flow, of one term a row.
    costs
        Cost terms as (labels, coefficients) [cost per unit].
    corrections
        What is stated otherwise than in solph, see :data:`.corrections.CORRECTIONS`.
    cost_offset
        Constant part of the objective [cost].
    blocks
        All columns and rows.
    linopy
        The linopy model of the same columns, rows and costs, once it was asked for: from then on
        it is the problem, since whoever has it may change it.
    """

    graph: Graph
    affine: AffineFlows
    flow_labels: Labels
    flow_investment: dict[int, int] = field(default_factory=dict)
    storage_investment: dict[str, int] = field(default_factory=dict)
    storage_content: dict[str, Labels] = field(default_factory=dict)
    bus_balance: dict[str, Labels] = field(default_factory=dict)
    integral_limit: dict[str, int] = field(default_factory=dict)
    integral_minimum: dict[str, int] = field(default_factory=dict)
    status: dict[int, Expression] = field(default_factory=dict)
    status_nominal: dict[int, Expression] = field(default_factory=dict)
    rows: dict[str, Labels] = field(default_factory=dict)
    further: dict[str, dict[Name, Expression]] = field(default_factory=dict)
    costs: list[tuple[Labels, Floats]] = field(default_factory=list)
    corrections: frozenset[str] = frozenset()
    cost_offset: float = 0.0
    blocks: Blocks = field(default_factory=Blocks)
    linopy: linopy.Model | None = None

    def flow(self, position: int) -> Expression:
        """A flow in every time step, as terms of rows."""
        labels = self.flow_labels[position]
        factors = np.where(labels >= 0, self.affine.factor[position], 0.0)
        return Expression(labels[:, None], factors[:, None], self.affine.constant[position])

    def capacity(self, position: int) -> Expression | float | None:
        """Capacity of a flow, a number or what stands and is built; ``None`` where it has none."""
        flow = self.graph.flows[position]
        if flow.investment is not None:
            built = unknown(self.flow_investment[position], 1)
            return built + as_number(flow.investment.existing)
        return None if flow.nominal_capacity is None else as_number(flow.nominal_capacity)

    def keep(self, name: Name, **variables: Expression) -> None:
        """Keep further variables of a node or flow under their names in oemof.solph."""
        for key, variable in variables.items():
            self.further.setdefault(key, {})[name] = variable

    def add_cost(self, terms: Expression, price: Floats | float) -> None:
        """Add terms times a price to the objective."""
        priced = terms.times(price)
        self.cost_offset += float(priced.constant.sum())
        self.costs.append((priced.labels.ravel(), priced.coefficients.ravel()))

    def variable(self, name: str, lower: Any, upper: Any, *, integer: bool = False) -> Labels:
        """Add a block of unknowns with their bounds and return its labels."""
        low, up = np.broadcast_arrays(np.asarray(lower, dtype=float), np.asarray(upper, float))
        axes = {f"{name}_{axis}": np.arange(n) for axis, n in enumerate(low.shape)}
        if self.linopy is None:
            return self.blocks.add_columns(name, low, up, axes=axes, integer=integer)
        block = ColumnBlock(np.zeros(low.shape, dtype=np.int64), low, up, integer, axes)
        return add_linopy_columns(self.linopy, name, block)

    def add_rows(self, name: str, terms: Expression, sign: str, bound: Floats | float) -> Labels:
        """Add a block of rows and return its labels, -1 where there is none.

        See :func:`.expressions.rows_of`.
        """
        rows = rows_of(name, terms, sign, bound)
        self.rows[name] = np.full(len(terms), -1, dtype=np.int64)
        if len(rows.row):
            self.rows[name][rows.row] = (
                self.blocks.add_rows(name, rows)
                if self.linopy is None
                else add_linopy_rows(self.linopy, name, rows)
            )
        return self.rows[name]

    def cost_vector(self, count: int) -> Floats:
        """Cost of each label, for labels 0..count-1; that of the linopy model if there is one."""
        total = np.zeros(count)
        for labels, coefficients in (
            self.costs if self.linopy is None else [self.linopy.objective.linear_terms()]
        ):
            there = labels >= 0
            np.add.at(total, labels[there], coefficients[there])
        return total


def add_flow_unknowns(builder: ModelBuilder) -> None:
    """Columns of all flows that have an unknown of their own.

    In steps where both bounds are the same the flow is a constant and has none.
    """
    affine = builder.affine
    own = np.flatnonzero((affine.kind == OWN) & (affine.root == np.arange(len(affine.root))))
    if not len(own):
        return
    lower, upper = affine.lower[own], affine.upper[own]
    free = lower != upper
    labels = np.full(lower.shape, -1, dtype=np.int64)
    if free.any():
        axes = {"own_flow": own, "hour": np.arange(builder.graph.hours)}
        labels = builder.blocks.add_columns("flow", lower, upper, free, axes=axes)
    place = {int(e): i for i, e in enumerate(own)}
    for e in np.flatnonzero(affine.kind == OWN):
        root = place[int(affine.root[e])]
        builder.flow_labels[e] = labels[root]
        pinned = ~free[root]
        affine.constant[e, pinned] += affine.factor[e, pinned] * lower[root, pinned]
        affine.factor[e, pinned] = 0.0


def label_capacity_flows(builder: ModelBuilder) -> None:
    """Flows that are a profile times an invested capacity get its column."""
    affine = builder.affine
    for e in np.flatnonzero(affine.kind == CAPACITY):
        builder.flow_labels[e] = builder.flow_investment[int(affine.root[e])]
