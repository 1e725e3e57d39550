r"""Loads that can wait, such as cold stores, swap stations and industry.

A *flexible load* is a store beside the load, as full at the end as at the start. Taking out power
is load that is put off, putting it in is load that is made up for, before or after:

.. math::

    E(t) &= (1 - \delta) E(t-1) + \eta \, P_{up}(t) - P_{down}(t) \\
    P_{down}(t) &\le \min(a(t), 1) \, P, \quad P_{up}(t) \le P, \quad 0 \le E(t) \le h \, P

with the power :math:`P` that takes part [MW], its availability :math:`a(t)` (the shape of the
load), the duration :math:`h` [h], the recovery efficiency :math:`\eta` and the standing loss
:math:`\delta` [1/h], zero where the sheet has none. Participants are paid for what they put off
[CNY/MWh].

A *refrigerated box* holds cold in its cargo of heat capacity :math:`C` [kWh/K] within a band
:math:`\Delta T` [K]: :math:`E` is the distance from its warm end in electricity, and what is
colder takes up more heat through the walls of :math:`UA` [kW/K]. With the coefficient of
performance :math:`\varepsilon` and the mean power :math:`P_1` [kW] of a box

.. math::  h = \frac{C \, \Delta T}{\varepsilon \, P_1}, \qquad \delta = \frac{UA}{C}

and its load, so its availability, follows the boxes plugged in and the temperature outside. A
*swap station* charges spare batteries before or after the trucks swap them: :math:`a(t)` is the
work of the trucks and :math:`h` the content of the spare batteries over the mean charging.
"""

from __future__ import annotations

import numpy as np

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.participation import PAYMENT, flexible_store, resources
from meishan_model.sheets.kinds import DURATION, STANDING_LOSS, TechnologyKind
from meishan_model.sheets.rows import CARRIER_AT_BUS, Quantity
from meishan_model.sheets.views import View


class ShiftableLoad(Component):
    """A store beside a load: what is put off is taken out of it, what is made up for goes in."""

    name = "flexible_load"
    side = "supply"
    kinds = (
        TechnologyKind(
            "flexible_load",
            {
                "duration": DURATION,
                "payment": PAYMENT,
                "recovery_efficiency": Quantity(
                    "%", 30, 100, (60, 100), "what is made up for costs little more"
                ),
            },
            {"standing_loss": STANDING_LOSS},
            is_built=False,
            is_flexible=True,
            refers={"carrier_in": CARRIER_AT_BUS},
            view=View("flexible loads", "", "flexible load", "柔性负荷"),
        ),
    )
    conflict = "what is put off is made up for within the duration"

    def nodes(self, s: Slice) -> Nodes:
        """Every load that ``assets.csv`` gives a potential to wait."""
        for limit, technology, power in resources(s, *self.kinds):
            values, shape = technology.parameters, s.profiles.shapes[technology.profile or "flat"]
            yield flexible_store(
                s,
                limit,
                power,
                down=np.minimum(shape, 1.0),
                nominal_capacity=power * values["duration"],
                loss_rate=values.get("standing_loss", 0.0),
                inflow_conversion_factor=values["recovery_efficiency"],
            )
