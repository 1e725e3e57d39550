r"""What may be spent on new capacities, and what they may need of something else.

.. math::

    \sum_{i} c_{var,i} P_i + c_{fix,i} b_i &\le L \\
    \sum_{e \in F} w_e P_e &\le L

with the new capacity :math:`P_i` of a flow or storage, :math:`b_i` whether it is built where the
investment is not convex, and a custom property :math:`w_e` of the investment. As in solph flows
with a ``NonConvex`` count in neither, and storages only in the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from oemof import solph

from ..errors import ModelError
from ..formulation.elements import as_number, first_of
from ..formulation.expressions import Expression
from ..meaning import name_text
from .arguments import flows_of, for_both_backends, number_of

if TYPE_CHECKING:
    from ..model import Model


@for_both_backends
def investment_limit(model: Model, limit: float | None = None) -> Model:
    """Limit the cost of all investments, in one row ``investment_limit``.

    Parameters
    ----------
    model
        The model.
    limit
        The most that is spent.

    Raises
    ------
    ModelError
        If there is no limit, nothing is invested into, or there is such a row.
    """
    most = number_of(limit, "investment_limit")
    parts = list(_costs(model))
    if not parts:
        raise ModelError("investment_limit limits nothing: no flow or storage has an Investment")
    model.add_rows("investment_limit", Expression.join(parts), "<=", most)
    return model


@for_both_backends
def additional_investment_flow_limit(
    model: Model, keyword: str, limit: float | None = None
) -> Model:
    """Limit the sum of a custom property of investments times the new capacity of their flows.

    The row is ``invest_limit_{keyword}_constraint``.

    Parameters
    ----------
    model
        The model.
    keyword
        The property, in ``Investment(custom_properties=...)``, a number.
    limit
        The most of the sum.

    Raises
    ------
    ModelError
        If there is no limit, no investment has the property, one that has it is that of a flow
        with ``NonConvex``, where solph fails as well, or there is such a row.
    """
    name = f"invest_limit_{keyword}_constraint"
    most = number_of(limit, name)
    having = {
        edge: flow
        for edge, flow in flows_of(model).items()
        if flow.investment is not None and keyword in flow.investment.custom_properties
    }
    if not having:
        raise ModelError(f"no Investment of a flow has the custom property {keyword}")
    strange = [name_text(edge) for edge, flow in having.items() if flow.nonconvex is not None]
    if strange:
        raise ModelError(
            f"{name} does not count flows with NonConvex, but the Investment of "
            f"{' and '.join(strange)} has the custom property {keyword}; add rows by add_rows"
        )
    parts = [
        model.new_capacity(*edge) * as_number(flow.investment.custom_properties[keyword])
        for edge, flow in having.items()
    ]
    model.add_rows(name, Expression.join(parts), "<=", most)
    return model


def _costs(model: Model) -> Iterator[Expression]:
    """Costs of the investment in each flow without ``NonConvex``, and in each storage."""
    found: list[tuple[tuple[str, ...], Any]] = [
        (edge, flow.investment) for edge, flow in flows_of(model).items() if flow.nonconvex is None
    ]
    found += [
        ((str(node.label),), node.investment)
        for node in model.energy_system.nodes
        if isinstance(node, solph.components.GenericStorage)
    ]
    for name, investment in found:
        if investment is None:
            continue
        yield model.new_capacity(*name) * first_of(investment.ep_costs)
        if investment.nonconvex:
            yield model.invest_status(*name) * first_of(investment.offset)
