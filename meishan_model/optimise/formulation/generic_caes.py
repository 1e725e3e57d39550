r"""Storages of compressed air, with the heat of compression and expansion.

With the binaries :math:`ST_{cmp}` and :math:`ST_{exp}`, the level :math:`CAV` of the cavern and
:math:`TES` of the storage of heat, both empty before the first step, and
:math:`x \in \{cmp, exp\}`,

.. math::

    P_{x,min} ST_x(t) \le P_x(t) &\le m_{x,max} CAV(t-1) + b_{x,max} \\
    P_x(t) &\le (m_{x,max} CAV_{max} + b_{x,max}) ST_x(t) \\
    \dot Q_x(t) &= m_{x,q} P_x(t) + b_{x,q} ST_x(t) \\
    \dot Q_{cmp,out}(t) &= (1 - r_{cmp}) \dot Q_{cmp}(t), \qquad
        \dot Q_{tes,in}(t) = r_{cmp} \dot Q_{cmp}(t) \\
    \dot Q_{exp}(t) &= \dot Q_{exp,in}(t) + \dot Q_{tes,out}(t) + \dot Q_{exp,add}(t) \\
    r_{exp} \dot Q_{exp,in}(t) &= (1 - r_{exp})(\dot Q_{tes,out}(t) + \dot Q_{exp,add}(t)) \\
    \dot E_{in}(t) &= m_{in} P_{cmp}(t) + b_{in}, \qquad
        \dot E_{out}(t) = m_{out} P_{exp}(t) + b_{out} \\
    \eta_{tmp} CAV(t) &= CAV(t-1) + \tau (\dot E_{in}(t) - \dot E_{out}(t)) \\
    TES(t) &= TES(t-1) + \tau (\dot Q_{tes,in}(t) - \dot Q_{tes,out}(t)) \\
    CAV(t) &\le CAV_{max}, \qquad TES(t) \le TES_{max}

where :math:`\dot Q_{exp,in}` is the flow of fuel (Kaldemeyer, Boysen and Tuschy, A generic
formulation of compressed air energy storage as mixed integer linear program, Materials Today:
Proceedings, 2018). Where the heat of compression goes is the only solution of the two rows that
``solph.Model`` has for it. As there, and other than its documentation says, :math:`b_{in}` and
:math:`b_{out}` count whether a machine is on or off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from oemof import solph

from .elements import as_number
from .expressions import Expression, unknown
from .sides import flow_at

if TYPE_CHECKING:
    from .builder import ModelBuilder

CAES_SIDES = ("electrical_input", "fuel_input", "electrical_output")
"""Where a storage keeps its flows."""
PARAMS = (
    *("cav_e_in_b", "cav_e_in_m", "cav_e_out_b", "cav_e_out_m", "cav_eta_temp", "cav_level_max"),
    *("cmp_p_max_b", "cmp_p_max_m", "cmp_p_min", "cmp_q_out_b", "cmp_q_out_m", "cmp_q_tes_share"),
    *("exp_p_max_b", "exp_p_max_m", "exp_p_min", "exp_q_in_b", "exp_q_in_m", "exp_q_tes_share"),
    "tes_level_max",
)
"""Parameters that solph reads; ``tes_eta_temp`` is none of them."""


MACHINES = (
    ("cmp", "electrical_input", "cmp_q_out", "cav_e_in"),
    ("exp", "electrical_output", "exp_q_in", "cav_e_out"),
)
"""Of compression and expansion the prefix, the side, and the names of heat and energy."""


def add_compressed_air(builder: ModelBuilder) -> None:
    """Columns and rows of all storages of compressed air.

    Parameters
    ----------
    builder
        The model with the columns of the flows.
    """
    step = builder.graph.increments
    for node in builder.graph.of(solph.components.experimental.GenericCAES):
        name = str(node.label)
        given = {key: as_number(node.params[key]) for key in PARAMS}
        level, level_before = _level(builder, name, "cav_level", given)
        heat, heat_before = _level(builder, name, "tes_level", given)
        found = {"cav_level": level, "tes_level": heat}
        for machine in MACHINES:
            found |= _machine(builder, node, given, level_before, machine)
        found |= _heat(builder, node, given, found)
        energy = found["cav_e_in"] - found["cav_e_out"]
        left = level.times(given["cav_eta_temp"]) - level_before
        builder.add_rows(f"cav_eta({name})", left - energy.times(step), "=", 0.0)
        stored = found["tes_e_in"] - found["tes_e_out"]
        rows = heat - heat_before - stored.times(step)
        builder.add_rows(f"tes_eta({name})", rows, "=", 0.0)
        # Solph has these two without any row, so that the optimum does not determine them.
        nothing = unknown(-1, len(step), 0.0) + np.full(len(step), np.nan)
        builder.keep(name, exp_p_spot=nothing, cmp_p_spot=nothing, **found)


def _level(
    builder: ModelBuilder, name: str, key: str, given: Mapping[str, float]
) -> tuple[Expression, Expression]:
    """Columns of a level after each step, and what it is before each, which is zero at first."""
    hours = builder.graph.hours
    labels = builder.variable(f"{key}({name})", np.zeros(hours), given[f"{key}_max"])
    there = (np.arange(hours) > 0).astype(float)
    return unknown(labels, hours), unknown(np.append(-1, labels[:-1]), hours, there)


def _line(
    builder: ModelBuilder, row: str, terms: Expression, slope: float, offset: float = 0.0
) -> Expression:
    """A line over terms that are not negative, which is not negative either."""
    line = terms.times(slope) + offset
    if slope < 0.0 or offset < 0.0:
        builder.add_rows(row, line, ">=", 0.0)
    return line


def _machine(
    builder: ModelBuilder,
    node: Any,
    given: Mapping[str, float],
    before: Expression,
    names: tuple[str, str, str, str],
) -> dict[str, Expression]:
    """Power, heat and energy of compression or expansion, by their names in solph."""
    (key, side, heat, energy), name, hours = names, str(node.label), builder.graph.hours
    power = flow_at(builder, node, side)
    on = unknown(builder.variable(f"{key}_st({name})", np.zeros(hours), 1.0, integer=True), hours)
    slope, offset = given[f"{key}_p_max_m"], given[f"{key}_p_max_b"]
    most = _line(builder, f"{key}_p_max({name})", before, slope, offset)
    made = unknown(builder.variable(f"{heat}_sum({name})", np.zeros(hours), np.inf), hours)
    for row, terms, sign in (
        ("p_max_area", power - most, "<="),
        ("st_p_min", power - on.times(given[f"{key}_p_min"]), ">="),
        ("st_p_max", power - on.times(slope * given["cav_level_max"] + offset), "<="),
        ("q", made - power.times(given[f"{heat}_m"]) - on.times(given[f"{heat}_b"]), "="),
    ):
        builder.add_rows(f"{key}_{row}({name})", terms, sign, 0.0)
    moved = _line(builder, f"{energy}({name})", power, given[f"{energy}_m"], given[f"{energy}_b"])
    return {
        f"{key}_st": on,
        f"{key}_p": power,
        f"{key}_p_max": most,
        f"{heat}_sum": made,
        energy: moved,
    }


def _heat(
    builder: ModelBuilder,
    node: Any,
    given: Mapping[str, float],
    found: Mapping[str, Expression],
) -> dict[str, Expression]:
    """Where the heat of compression goes, and where that of expansion comes from."""
    name, hours = str(node.label), builder.graph.hours
    kept, share = given["cmp_q_tes_share"], given["exp_q_tes_share"]
    fuel = flow_at(builder, node, "fuel_input")
    added, taken = (
        unknown(builder.variable(f"{key}({name})", np.zeros(hours), np.inf), hours)
        for key in ("exp_q_add_in", "tes_e_out")
    )
    total = fuel + taken + added
    builder.add_rows(f"exp_q_in_sum({name})", found["exp_q_in_sum"] - total, "=", 0.0)
    shares = fuel.times(share) - (added + taken).times(1.0 - share)
    builder.add_rows(f"exp_q_in_shr({name})", shares, "=", 0.0)
    made = found["cmp_q_out_sum"]
    return {
        "cmp_q_waste": _line(builder, f"cmp_q_waste({name})", made, 1.0 - kept),
        "tes_e_in": _line(builder, f"tes_e_in({name})", made, kept),
        "exp_q_fuel_in": fuel,
        "exp_q_add_in": added,
        "tes_e_out": taken,
    }
