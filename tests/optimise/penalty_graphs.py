"""Random small graphs in which some flows have penalties for costs, and what a plan of them costs.

A penalty is paid for what should not happen: demand that is not served, power that nobody takes, a
storage that should stand still. It may be as dear as a plant or 1e10 times as dear, it may have to
be paid, and it may be cheaper than what it is to prevent. Quantities are multiples of 1/8, so that
sums of them are exact in floats and nothing is short by a rounding error times a penalty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from oemof import solph
from random_graphs import Keywords, Plan, build

from meishan_model.optimise import Model
from meishan_model.optimise.problem import Edge
from meishan_model.optimise.solution import Solution

COLUMNS = 60
"""Columns that solph.Model may have at most."""
TIE = 1e-4
"""Cost that only chooses among plans of equal cost [CNY per unit]."""
MONEY = ("variable_costs", "ep_costs", "offset")
"""Keywords that are money."""
Node = tuple[str, str, Keywords, Keywords, Keywords]


@dataclass(frozen=True)
class PenaltyGraph:
    """A graph as plain data, and its flows whose costs are penalties."""

    plan: Plan
    penalties: tuple[Edge, ...]

    def system(self) -> solph.EnergySystem:
        """The energy system, new each time."""
        return build(self.plan)

    def in_money(self, factor: float) -> PenaltyGraph:
        """The same graph with all costs times a factor."""

        def scaled(keywords: Keywords) -> Keywords:
            return {
                key: scaled(value)
                if isinstance(value, dict)
                else factor * value
                if key in MONEY
                else value
                for key, value in keywords.items()
            }

        nodes = tuple(
            (kind, label, scaled(inputs), scaled(outputs), scaled(more))
            for kind, label, inputs, outputs, more in self.plan.nodes
        )
        return replace(self, plan=replace(self.plan, nodes=nodes))

    def flows(self) -> Iterator[tuple[Edge, Keywords]]:
        """All flows with their keywords."""
        for _, label, inputs, outputs, _ in self.plan.nodes:
            yield from (((bus, label), flow) for bus, flow in inputs.items())
            yield from (((label, bus), flow) for bus, flow in outputs.items())

    def parts(self, solution: Solution) -> tuple[float, float]:
        """Cost of a solution without penalties, and its penalties [CNY]."""
        steps = np.array(self.plan.increments)
        other, penalty = 0.0, 0.0
        for edge, flow in self.flows():
            cost = flow.get("variable_costs", 0.0) * float(solution.flow[edge] @ steps)
            if edge in self.penalties:
                penalty += cost
            else:
                other += cost
            if isinstance(flow.get("nominal_capacity"), dict):
                other += _invested(flow["nominal_capacity"], solution.flow_investment[edge])
        for _, label, _, _, keywords in self.plan.nodes:
            if isinstance(keywords.get("nominal_capacity"), dict):
                built = solution.storage_investment[label]
                other += _invested(keywords["nominal_capacity"], built)
        return other, penalty

    def handled(self, solution: Solution) -> float:
        """All flows over all steps, and all that is built [MWh, MW]."""
        built = [*solution.flow_investment.values(), *solution.storage_investment.values()]
        moved = np.array(self.plan.increments) @ solution.flow.to_numpy()
        return float(np.abs(moved).sum() + np.abs(built).sum())

    def typical_cost(self) -> float:
        """Median of the costs that are no penalties and not zero; of all if there are none."""
        costs = [
            (edge in self.penalties, float(flow["variable_costs"]))
            for edge, flow in self.flows()
            if flow.get("variable_costs")
        ]
        other = [cost for is_penalty, cost in costs if not is_penalty]
        return float(np.median(other or [cost for _, cost in costs]))


def _invested(investment: Keywords, built: float) -> float:
    fixed = investment.get("offset", 0.0) if built > 1e-9 else 0.0
    return float(investment["ep_costs"] * built + fixed)


@dataclass
class _Draw:
    """Random numbers of one graph, and the nodes so far."""

    rng: np.random.Generator
    steps: int
    increments: tuple[float, ...]
    nodes: list[Node]
    penalties: list[Edge]

    def chance(self, share: float) -> bool:
        """True with a probability."""
        return bool(self.rng.random() < share)

    def eighths(self, least: float, most: float) -> float:
        """A multiple of 1/8."""
        return float(self.rng.integers(round(least * 8), round(most * 8), endpoint=True)) / 8

    def cost(self) -> float:
        """Cost of a plant, 1 to 100, of three digits."""
        return round(float(self.rng.uniform(1, 100)), 1)

    def penalty(self) -> float:
        """Cost of a penalty, 1 to 1e12, of two digits, or just a power of ten."""
        exponent = float(self.rng.uniform(0, 12))
        return float(f"{10 ** (round(exponent) if self.chance(0.5) else exponent):.1e}")

    def source(self, label: str, bus: str, penalty: bool = False, **flow: Any) -> None:
        """Add a source."""
        self.nodes.append(("Source", label, {}, {bus: flow}, {}))
        if penalty:
            self.penalties.append((label, bus))

    def sink(self, label: str, bus: str, penalty: bool = False, **flow: Any) -> None:
        """Add a sink."""
        self.nodes.append(("Sink", label, {bus: flow}, {}, {}))
        if penalty:
            self.penalties.append((bus, label))


def penalty_graph(seed: int, integers: bool = False) -> PenaltyGraph:
    """A graph of two to six steps and at most :data:`COLUMNS` columns, the same for a seed.

    Parameters
    ----------
    seed
        Of the random numbers.
    integers
        Whether an investment has a fixed cost, and with it a binary.
    """
    rng = np.random.default_rng([seed, integers])
    steps = int(rng.integers(2, 6, endpoint=True))
    while True:
        shape = rng.bit_generator.state
        found = _graph(rng, steps, integers)
        if Model(found.system(), backend="pyomo").problem.matrix.shape[1] <= COLUMNS:
            return found
        # Of the same random numbers with fewer steps, down to two; then of others.
        if steps > 2:
            rng.bit_generator.state, steps = shape, steps - 1


def _graph(rng: np.random.Generator, steps: int, integers: bool) -> PenaltyGraph:
    lengths = ((1.0,), (1.0,), (0.25,), (0.5, 1.0, 2.0))[rng.integers(4)]
    draw = _Draw(rng, steps, tuple(float(rng.choice(lengths)) for _ in range(steps)), [], [])
    buses = ["a", "b"][: rng.integers(1, 2, endpoint=True)]
    tie = TIE if draw.chance(0.35) else 0.0
    short = draw.chance(0.5)
    for bus in buses:
        _supply(draw, bus, short, tie)
        _penalties_at(draw, bus)
    if len(buses) == 2:
        _line(draw, tie)
    if draw.chance(0.7):
        _store(draw, str(rng.choice(buses)), tie)
    if integers or draw.chance(0.4):
        _investment(draw, str(rng.choice(buses)), integers)
    plan = Plan(draw.increments, tuple((b, True) for b in buses), tuple(draw.nodes), {})
    return PenaltyGraph(plan, tuple(draw.penalties))


def _supply(draw: _Draw, bus: str, short: bool, tie: float) -> None:
    """A demand and one or two plants that can serve it, or not in all steps."""
    demand = [draw.eighths(0, 10) for _ in range(draw.steps)]
    draw.sink(f"demand_{bus}", bus, nominal_capacity=1.0, fix=demand)
    plants = int(draw.rng.integers(1, 2, endpoint=True))
    for number in range(plants):
        most = draw.eighths(0.5, max(demand) / plants + 0.5) if short else max(demand) + 1.0
        draw.source(f"plant_{bus}{number}", bus, variable_costs=draw.cost(), nominal_capacity=most)
    if draw.chance(0.3):
        profile = [draw.eighths(0, 1) for _ in range(draw.steps)]
        wind: Keywords = {"nominal_capacity": draw.eighths(1, 12)}
        wind |= {"fix": profile} if draw.chance(0.5) else {"maximum": profile}
        if tie:
            wind["variable_costs"] = tie
        draw.source(f"wind_{bus}", bus, **wind)


def _penalties_at(draw: _Draw, bus: str) -> None:
    """What keeps the bus feasible, and now and then a plant that is to stand still."""
    draw.source(f"shed_{bus}", bus, penalty=True, variable_costs=draw.penalty())
    windy = any("fix" in flow for node in draw.nodes for flow in node[3].values())
    if windy or draw.chance(0.3):
        draw.sink(f"excess_{bus}", bus, penalty=True, variable_costs=draw.penalty())
    if draw.chance(0.2):
        most = draw.eighths(0.5, 6)
        draw.source(
            f"last_{bus}", bus, penalty=True, variable_costs=draw.penalty(), nominal_capacity=most
        )


def _line(draw: _Draw, tie: float) -> None:
    into: Keywords = {"nominal_capacity": draw.eighths(0.5, 8)}
    if tie:
        into["variable_costs"] = tie
    factor = float(draw.rng.choice((1.0, 0.95, 0.97)))
    if draw.chance(0.5):
        factors = {("a", "b"): factor}
        draw.nodes.append(
            ("Link", "line", {"a": into}, {"b": {}}, {"conversion_factors": factors})
        )
    else:
        more = {"conversion_factors": {"b": factor}}
        draw.nodes.append(("Converter", "line", {"a": into}, {"b": {}}, more))


def _store(draw: _Draw, bus: str, tie: float) -> None:
    """A storage whose flows are free, cost a little, break ties, or are penalties both ways."""
    kind = draw.rng.choice(("free", "cheap", "tie", "penalty", "penalty"))
    cost = {
        "free": 0.0,
        "cheap": float(draw.rng.integers(1, 5)),
        "tie": tie or TIE,
        "penalty": draw.penalty(),
    }[str(kind)]
    into: Keywords = {"variable_costs": cost} if cost else {}
    out = dict(into)
    if draw.chance(0.5):
        into["nominal_capacity"] = out["nominal_capacity"] = draw.eighths(0.5, 5)
    more: Keywords = {"balanced": draw.chance(0.6)}
    if draw.chance(0.3):
        more["nominal_capacity"] = {"ep_costs": draw.cost(), "maximum": draw.eighths(2, 16)}
    else:
        more["nominal_capacity"] = draw.eighths(1, 16)
        more["initial_storage_level"] = float(draw.rng.choice((0.0, 0.5)))
    if draw.chance(0.6):
        more |= {"inflow_conversion_factor": 0.95, "outflow_conversion_factor": 0.9}
    if draw.chance(0.3):
        more["loss_rate"] = 0.01
    draw.nodes.append(("GenericStorage", "store", {bus: into}, {bus: out}, more))
    if kind == "penalty":
        draw.penalties += [(bus, "store"), ("store", bus)]


def _investment(draw: _Draw, bus: str, integers: bool) -> None:
    """A plant to be built, worth it or dearer than the penalties that it would save."""
    price = draw.cost()
    if draw.chance(0.4):
        shed = next(node for node in draw.nodes if node[1] == f"shed_{bus}")
        saved = shed[3][bus]["variable_costs"] * min(draw.increments)
        price = float(f"{saved * draw.rng.uniform(0.4, 3.0):.2e}")
    investment: Keywords = {"ep_costs": price}
    if integers:
        fixed = float(f"{price * draw.rng.uniform(0.2, 3.0):.1e}")
        most = draw.eighths(4, 12)
        investment |= {"nonconvex": True, "maximum": most, "offset": fixed}
    elif draw.chance(0.5):
        investment["maximum"] = draw.eighths(1, 8)
    draw.source("new", bus, variable_costs=draw.cost(), nominal_capacity=investment)
