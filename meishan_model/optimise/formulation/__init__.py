"""State any energy system of oemof.solph as a linear problem in arrays.

Two backends: blocks of columns and rows without what carries nothing, one file per kind of node
in solph's own symbols, of which a linopy model is made for whoever asks; and ``solph.Model``
itself, compiled, as the reference. In the first what a graph pins (a fixed flow, a flow that is a
multiple of another, a step in which a profile is zero) is no unknown: every flow is an affine
function of one (:mod:`~optimise.formulation.affine`).
"""
