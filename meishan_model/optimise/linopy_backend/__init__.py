"""State any graph of oemof.solph in linopy's array form, without what carries nothing.

One file per kind of node, in solph's own symbols. What a graph pins (a fixed flow, a flow that is
a multiple of another, an hour in which a profile is zero) is no unknown here: every flow is an
affine form of one unknown (:mod:`~meishan_model.optimise.linopy_backend.forms`).
"""

from meishan_model.optimise.linopy_backend.state import state_problem

__all__ = ["state_problem"]
