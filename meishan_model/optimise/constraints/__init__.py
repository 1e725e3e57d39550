"""The constraints of ``solph.constraints`` for this engine, under the same names.

.. code-block:: python

    from optimise import Model, constraints

    model = Model(energy_system)
    constraints.equate_flows(model, [("north", "bus")], [("south", "bus")], factor1=2)
    constraints.emission_limit(model, limit=100)
    model.solve().row_dual["equate_flows"]

Nodes and flows are given as nodes or by their labels. Where solph takes a variable of pyomo these
take an :class:`~optimise.Expression`, such as ``model.flow("north", "bus")[3]``, or a method of
the model, such as ``model.content``. The rows have solph's names, but that what has a lower and an
upper limit are rows ``…_lower_limit`` and ``…_upper_limit``; their duals are in
``solution.row_dual``.

A model of the backend ``pyomo`` is given to solph's own function. Those of single periods are for
that backend only and are not among these.
"""

from .equate import equate_flows, equate_flows_by_keyword, equate_variables
from .flow_count import limit_active_flow_count, limit_active_flow_count_by_keyword
from .integral_limit import emission_limit, generic_integral_limit
from .investment_limit import additional_investment_flow_limit, investment_limit
from .shared_limit import shared_limit
from .storage_level import storage_level_constraint

__all__ = [
    "additional_investment_flow_limit",
    "emission_limit",
    "equate_flows",
    "equate_flows_by_keyword",
    "equate_variables",
    "generic_integral_limit",
    "investment_limit",
    "limit_active_flow_count",
    "limit_active_flow_count_by_keyword",
    "shared_limit",
    "storage_level_constraint",
]
