"""The constraints of solph in arrays: on paper, and as solph's own functions on its model."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import pandas as pd
import pytest
from constraint_calls import CALLS, OWN_CALLS
from constraint_systems import CHEAP, DEAR, OTHER, built, on_or_off, plants
from oemof import solph
from plain_solph import plain_model, quietly, solve_plainly
from small_graphs import Nodes, sink, source, system, with_source, with_store

from meishan_model.optimise import InfeasibleError, Model, ModelError, Solution, constraints

Invest = solph.Investment


def duals(solution: Solution, name: str) -> list[float]:
    assert solution.row_dual is not None
    return solution.row_dual[name].to_list()


@pytest.mark.parametrize("by", ["flows", "nodes", "keyword"])
def test_equate_flows(by: str) -> None:
    """Half of the cheap plant is as much as the dear one: of 3 and 6 it has two thirds.

    2 + 4 at 1 and 1 + 2 at 100 are 306; the other plant is out. Of half a cheap unit more than a
    dear one, two thirds are of the cheap plant: (1 - 100) / 1.5 = -66.
    """
    model = plants()
    constraints.equate_flows(model, [OTHER], [], name="out")
    if by == "keyword":
        constraints.equate_flows_by_keyword(model, "ours", "theirs", 0.5)
    else:
        node = model.energy_system.node
        groups = [[tuple(node[n] for n in e) if by == "nodes" else e] for e in (CHEAP, DEAR)]
        assert constraints.equate_flows(model, *groups, 0.5) is model
    solution = model.solve()
    assert solution.objective == pytest.approx(306.0)
    assert solution.flow[CHEAP].to_list() == pytest.approx([2.0, 4.0])
    assert duals(solution, "equate_flows") == pytest.approx([-66.0, -66.0])
    assert duals(solution, "out") != [0.0, 0.0]


def test_equate_variables() -> None:
    """Of 6 to be built at 3 or at 5 twice the first is the second: 2 and 4, at 6 + 20.

    One more of twice the first is a third of a unit of it in place of the second, at 3 - 5.
    Where the second plant gives as much in the first step as the first one, both give 1.5.
    """
    nodes = with_source((3, 6), nominal_capacity=Invest(ep_costs=3.0))
    nodes.append(source("other", nodes[0], nominal_capacity=Invest(ep_costs=5.0)))
    model = Model(system(nodes, (1.0, 1.0)))
    cheap, other = model.new_capacity(*CHEAP), model.new_capacity(*OTHER)
    constraints.equate_variables(model, cheap, other, factor1=2)
    solution = model.solve()
    assert solution.objective == pytest.approx(26.0)
    assert duals(solution, "equate_variables") == pytest.approx([-2.0 / 3.0])
    constraints.equate_variables(model, model.flow(*CHEAP)[0], model.flow(*OTHER)[0])
    solution = model.solve()
    assert solution.flow[OTHER].iloc[0] == pytest.approx(1.5)
    assert model.row_names == ("equate_variables", "equate_variables_2")


@pytest.mark.parametrize(
    ("limits", "objective"),
    [((0, None), 7.0), ((0, 1), 105.0), ((2, None), 8.0), ((None, 0), 600.0), ((1, 1), 105.0)],
)
def test_active_flows(limits: tuple[float | None, float | None], objective: float) -> None:
    """Of 2 and 4 the plants of 3, at 1 and 2 and at least a third, give 2 + 3 and 1 at 2.

    Where one is on the dear plant gives 1: 2 + 3 + 100. Where both are, each gives 1 at least:
    1 + 2 + 3 + 2. Where none is, all is dear.
    """
    for by_keyword in (True, False):
        model = on_or_off((2, 4), minimum=1.0 / 3.0)
        if by_keyword:
            constraints.limit_active_flow_count_by_keyword(model, "running", *limits)
        else:
            constraints.limit_active_flow_count(model, "running", [CHEAP, OTHER, CHEAP], *limits)
        assert model.solve().objective == pytest.approx(objective)


def test_a_count_in_conflict_is_told() -> None:
    """Two plants of which three are to be on."""
    model = on_or_off((2, 4))
    constraints.limit_active_flow_count(model, "own", [CHEAP, OTHER], 3)
    with pytest.raises(InfeasibleError, match="own_lower_limit"):
        model.solve()


def test_integral_limits() -> None:
    """Energy of 2 and 2 is limited: 1.5 of the cheap plant, and 3 of both.

    The second step is half as long. 1.5 at 1 and 2.5 at 2 are 6.5; where both are limited 1.5 at 2
    and 1 at 100. A unit more saves 2 - 1, and 100 - 2. At least 2 from the other one, with the
    first limit, change nothing more; 3 of it without any cost 1 + 6.
    """
    model = plants((2, 4), (1.0, 0.5))
    one = {tuple(model.energy_system.node[n] for n in CHEAP): None}
    constraints.generic_integral_limit(model, "emission_factor", one, 1.5, limit_name="one")
    solution = model.solve()
    assert solution.objective == pytest.approx(6.5)
    assert duals(solution, "one_upper_limit") == pytest.approx([-1.0])
    constraints.emission_limit(model, limit=3.0)
    solution = model.solve()
    assert solution.objective == pytest.approx(1.5 + 3.0 + 100.0)
    assert duals(solution, "one_upper_limit") == pytest.approx([-1.0])
    name = "integral_limit_emission_factor_upper_limit"
    assert duals(solution, name) == pytest.approx([-98.0])
    model = plants((2, 4), (1.0, 0.5))
    constraints.generic_integral_limit(model, "emission_factor", [OTHER], lower_limit=3.0)
    solution = model.solve()
    assert solution.objective == pytest.approx(7.0)
    name = "integral_limit_emission_factor_lower_limit"
    assert duals(solution, name) == pytest.approx([1.0])


def test_integral_limit_beside_that_of_the_model() -> None:
    """Of the same property: 3 of both by the model, 1.5 of one by the constraint."""
    free = plants((2, 4), (1.0, 0.5))
    model = Model(free.energy_system, {"emission_factor": 3.0})
    constraints.generic_integral_limit(model, "emission_factor", [CHEAP], limit=1.5)
    solution = model.solve()
    assert solution.objective == pytest.approx(104.5)
    assert solution.limit_price == pytest.approx({"emission_factor": 98.0})


def test_investment_limit() -> None:
    """For 9 there are 3 units: 9 + 100. A third of a unit for one more is worth 100 / 3 - 1.

    With an offset of 4 there are 3 for 13. A limit of 3 leaves nothing for less than 4.
    """
    model = built()
    constraints.investment_limit(model, 9)
    solution = model.solve()
    assert solution.objective == pytest.approx(109.0)
    assert duals(solution, "investment_limit") == pytest.approx([1.0 - 100.0 / 3.0])
    for limit, objective in ((13.0, 113.0), (3.0, 600.0)):
        model = built(nonconvex=True, offset=4.0, maximum=9.0)
        constraints.investment_limit(model, limit)
        assert model.solve().objective == pytest.approx(objective)


def test_investment_limit_of_a_storage() -> None:
    """At 2 a unit there are 3 for 6, filled at 1: 6 + 3 + 100. Half a unit more is worth 48.5."""
    nodes = with_store(
        (0, 4), (20, 0), nominal_capacity=Invest(ep_costs=2.0), initial_storage_level=0
    )
    model = Model(system(nodes, (1.0, 1.0)))
    constraints.investment_limit(model, 6.0)
    solution = model.solve()
    assert solution.objective == pytest.approx(109.0)
    assert duals(solution, "investment_limit") == pytest.approx([-48.5])


def test_investment_limit_leaves_out_what_is_on_or_off() -> None:
    """As in solph: a limit of zero is one for the storage alone."""
    size = Invest(ep_costs=3.0, maximum=9.0)
    nodes = with_source((2, 4), nominal_capacity=size, nonconvex=solph.NonConvex())
    model = Model(system(nodes, (1.0, 1.0)))
    with pytest.raises(ModelError, match="limits nothing"):
        constraints.investment_limit(model, 0.0)
    nodes = with_store((0, 4), (20, 0), nominal_capacity=Invest(ep_costs=2.0))
    nodes.append(source("more", nodes[0], nominal_capacity=size, nonconvex=solph.NonConvex()))
    made = system(nodes, (1.0, 1.0))
    plain = plain_model(made)
    solph.constraints.investment_limit(plain, 0.0)
    model = Model(made)
    constraints.investment_limit(model, 0.0)
    assert model.solve().objective == pytest.approx(solve_plainly(plain))
    assert model.solve().objective == pytest.approx(12.0)


def test_additional_investment_flow_limit() -> None:
    """On a space of 6 there are 3 units of 2 each: 9 + 100. More space is worth 97 / 2."""
    model = built()
    constraints.additional_investment_flow_limit(model, "space", 6.0)
    solution = model.solve()
    assert solution.objective == pytest.approx(109.0)
    assert duals(solution, "invest_limit_space_constraint") == pytest.approx([-97.0 / 2.0])


def test_shared_limit() -> None:
    """Half of a content is 1 at most, so that it holds 2 of 4: 2 + 200.

    A unit of the limit is two of content, each worth 100 - 1. What is left after the last step
    does not count.
    """
    nodes = with_store((0, 4), (20, 0), nominal_capacity=9.0, initial_storage_level=0)
    model = Model(system(nodes, (1.0, 1.0)))
    constraints.shared_limit(model, model.content, "own", ["store"], [0.5], upper_limit=1)
    solution = model.solve()
    assert solution.objective == pytest.approx(202.0)
    assert duals(solution, "own_upper_limit") == pytest.approx([0.0, -198.0])
    constraints.shared_limit(model, model.flow, "power", [CHEAP, ("store", "bus")], [1, 1], 1, 2)
    # In the second step the store alone is left to give 1.
    assert model.solve().objective == pytest.approx(202.0)


def test_shared_limit_of_statuses() -> None:
    """Weights of 2 and 1 of what is on are 2 at most: one of both, as 105 says above."""
    model = on_or_off((2, 4))
    both = [CHEAP, OTHER]
    constraints.shared_limit(model, model.status, "crew", both, [2, 1], upper_limit=2)
    assert model.solve().objective == pytest.approx(105.0)


def tank() -> solph.EnergySystem:
    """A tank of 4 that is filled with 2 at 1, and out of which 3 are sold at 10."""
    pipe = solph.Bus(label="pipe")
    store = solph.components.GenericStorage(
        label="tank",
        inputs={pipe: solph.Flow()},
        outputs={pipe: solph.Flow()},
        nominal_capacity=4.0,
        initial_storage_level=0.0,
        balanced=False,
    )
    nodes: Nodes = [pipe, store, source("well", pipe, nominal_capacity=2.0, variable_costs=1.0)]
    nodes.append(sink("tap", pipe, nominal_capacity=3.0, variable_costs=-10.0))
    return system(nodes, [1.0] * 4)


def test_storage_level() -> None:
    """The tap runs where the tank holds 3 afterwards, the well where it holds 2 at most before.

    Without that the well gives 2 in each step for 10: 4 x 2 x (1 - 10) = -72. With it two steps
    fill the tank, and above 2 only 1 of it is left for the tap: 4 - 10.
    """
    model = Model(tank())
    assert model.solve().objective == pytest.approx(-72.0)
    levels = {"well": 0.5}, {"tap": 0.75}
    constraints.storage_level_constraint(model, "own", "tank", "pipe", *levels)
    solution = model.solve()
    assert solution.objective == pytest.approx(-6.0)
    active = solution.frame("own_active_output").iloc[:, 0].to_numpy()
    assert (solution.flow["pipe", "tap"] <= 3.0 * active + 1e-6).all()
    reference = Model(tank(), backend="pyomo")
    constraints.storage_level_constraint(reference, "own", "tank", "pipe", *levels)
    theirs = reference.solve()
    assert theirs.objective == pytest.approx(-6.0)
    for key in ("own_active_output", "own_active_input"):
        ours = solution.frame(key)
        pd.testing.assert_index_equal(ours.index, theirs.frame(key).index)
        assert [str(c) for c in ours.columns] == [str(c) for c in theirs.frame(key).columns]


@pytest.mark.parametrize("name", sorted(set(OWN_CALLS) - {"equate_variables", "shared_limit"}))
def test_on_the_pyomo_backend(name: str) -> None:
    """The same call with labels is solph's own function there."""
    build, apply = CALLS[name]
    plain = plain_model(quietly(build))
    quietly(lambda: apply(plain))
    model = quietly(lambda: OWN_CALLS[name](Model(build(), backend="pyomo")))
    assert model.solve().objective == pytest.approx(solve_plainly(plain), rel=1e-5)


def test_variables_on_the_pyomo_backend() -> None:
    """There a variable is one of pyomo."""
    build, apply = CALLS["shared_limit"]
    plain, model = plain_model(quietly(build)), Model(quietly(build), backend="pyomo")
    quietly(lambda: apply(plain))
    content = model.pyomo.GenericStorageBlock.storage_content
    constraints.shared_limit(model, content, "own", ["store"], [0.5], 0, 1.0)
    assert model.solve().objective == pytest.approx(solve_plainly(plain))
    with pytest.raises(ModelError, match=r"quantity is a variable of model\.pyomo"):
        constraints.shared_limit(model, model.content, "own", ["store"], [0.5], 0, 1.0)


@pytest.mark.parametrize("name", sorted(OWN_CALLS))
def test_two_of_one_name(name: str) -> None:
    """The second one is refused, and the first one stays as it is."""
    build, _ = CALLS[name]
    model = OWN_CALLS[name](Model(quietly(build)))
    before, rows = model.solve().objective, model.row_names
    with pytest.raises(ModelError, match="already"):
        OWN_CALLS[name](model)
    assert model.row_names == rows
    assert model.solve().objective == pytest.approx(before)


def test_own_columns() -> None:
    """Unknowns of one's own are written, solved and shown: at least what is served in each step.

    Two steps of 3 and 6 are served at 1; an unknown above the flow by half has values to show.
    """
    model = plants()
    lent = model.add_columns("lent", CHEAP, [0.0, 9.0], 9.0)
    model.add_rows("own", lent - 1.5 * model.flow(*CHEAP), "=", 0.0)
    solution = model.solve()
    assert solution.frame("lent").to_numpy().ravel() == pytest.approx([4.5, 9.0])
    assert solution.objective == pytest.approx(9.0)


def test_the_usage_runs() -> None:
    """What the package says of its use is true: twice the north is the south, 1 and 2 of 3."""
    (block,) = re.findall(r"code-block:: python\n\n((?: {4}.*\n|\n)+)", str(constraints.__doc__))
    bus = solph.Bus("bus")
    flow = {"variable_costs": 1.0, "custom_properties": {"emission_factor": 1.0}}
    nodes = [bus, source("north", bus, **flow), source("south", bus, **flow)]
    nodes.append(sink("load", bus, nominal_capacity=1.0, fix=[3.0]))
    names: dict[str, Any] = {"energy_system": system(nodes, (1.0,))}
    exec(textwrap.dedent(block).replace("from optimise", "from meishan_model.optimise"), names)
    assert names["model"].solve().flow["south", "bus"].to_list() == pytest.approx([2.0])
