r"""Stores of any carrier: batteries, tanks of heat, ice or hydrogen.

With the capacity of energy :math:`C` and of power :math:`P`, the loss of an hour :math:`\delta`
and the efficiency one way :math:`\eta`, both ways alike:

.. math::

    c(t) &= (1 - \delta) \, c(t-1) + \eta \, P_{in}(t) - P_{out}(t) / \eta \\
    0 &\le c(t) \le u \, C, \quad 0 \le P_{in}(t), P_{out}(t) \le P, \quad c(T) = c(0)

:math:`C` and :math:`P` are either two assets, each sized for itself, or one with a fixed
``duration`` :math:`d` [h], so that :math:`P = C / d`. Of a battery the share :math:`u` of the
rated energy can be used (depth of discharge times the mean health over its life), and what is
taken from it in a year is at most :math:`N` full cycles of that (``cycles_per_year``):

.. math::  \sum_t \tau P_{out}(t) / \eta \le N \, u \, C

Wear has a price as the variable cost of a MWh that is discharged. How the health falls with age
and cycles is not linear in what is decided; :mod:`meishan_model.accounts.stores` tells it
afterwards, from the cycles of the year.
"""

from __future__ import annotations

from collections.abc import Iterator

from meishan_model.components.assets import Asset
from meishan_model.components.base import Component, Node, Nodes, Slice
from meishan_model.components.coordinates import Turnover
from meishan_model.components.flows import Decision, coordinates_of, row_of, variable_om
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.kinds import DURATION, STANDING_LOSS, TechnologyKind
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.views import View

BATTERY = {
    "usable_share": Quantity(
        "%", 1, 100, (50, 100), "depth of discharge times the mean health over its life"
    ),
    "cycles_per_year": Quantity("1/a", 1, 1e5, (50, 1500), "6000 to 8000 in 15 years"),
    "depth_of_discharge": Quantity("%", 1, 100, (50, 100), "of iron-phosphate cells 90 to 100"),
    "calendar_life": Quantity("a", 1, 200, (8, 60), "unused, until the health of its end"),
    "cycle_life": Quantity("1", 10, 1e7, (1000, 1e5), "cycles alone until then"),
    "end_of_life": Quantity("%", 1, 99, (50, 90), "share of the rated energy at its end"),
}
"""What a store that wears may say of its content."""
AFTERWARDS = ("cycle_life", "calendar_life", "end_of_life", "depth_of_discharge")
"""Those from which its wear is told after the optimum: all of them or none."""
_TOGETHER = dict(zip(AFTERWARDS, (*AFTERWARDS[1:], AFTERWARDS[0]), strict=True))


class Storage(Component):
    """Stores with two capacities, one of energy and one of power, or with one for both.

    Charging and discharging share the power, and each loses what the efficiency in the cost sheet
    says: that of the technology of power, or of the only one. Its variable cost is that of a MWh
    that is discharged.
    """

    name = "storage"
    side = "supply"
    kinds = (
        TechnologyKind(
            "store_energy",
            {"standing_loss": STANDING_LOSS},
            BATTERY,
            rests_on=_TOGETHER,
            store="energy",
            lever="supply",
            view=View("storage", "", "store, energy", "储能（容量）", "energy stores"),
        ),
        TechnologyKind(
            "store_power",
            efficiency="cost_sheet",
            reads_variable_cost=True,
            store="power",
            lever="supply",
            view=View("storage", "", "store, power", "储能（功率）", "power"),
        ),
        TechnologyKind(
            "store",
            {"standing_loss": STANDING_LOSS, "duration": DURATION},
            BATTERY,
            rests_on=_TOGETHER,
            efficiency="cost_sheet",
            reads_variable_cost=True,
            store="whole",
            lever="supply",
            view=View("storage", "", "store", "储能", "energy stores"),
        ),
    )
    conflict = "a store is as full at the end as at the start"

    def views(self, inputs: SliceInputs) -> Iterator[tuple[str, View]]:
        """Both parts of each store, and the store as a whole, which looks like its parts."""
        for name, view in super().views(inputs):
            if inputs.technologies[name].kind.store != "whole":
                yield inputs.stores[name], View(view.group, view.colour)
            yield name, view

    def nodes(self, s: Slice) -> Nodes:
        """Every store in every zone that has its capacities."""
        technologies = s.inputs.technologies.values()
        powers = {t.store: t for t in technologies if t.kind.store == "power"}
        for technology in technologies:
            if technology.kind.store == "whole":
                for content in s.assets.of(technology.technology):
                    yield _store(s, technology, technology, content, None)
            elif technology.kind.store == "energy":
                power = powers[technology.store]
                for content in s.assets.of(technology.technology):
                    rating = s.assets.get(power.technology, content.zone)
                    if rating is not None:
                        yield _store(s, technology, power, content, rating)


def _store(
    s: Slice, energy: Technology, power: Technology, content: Asset, rating: Asset | None
) -> Node:
    """A store whose power is an asset, ``rating``, or follows from its content."""
    from oemof import solph

    name = s.inputs.stores[energy.technology]
    bus = s.bus_of(energy.carrier_in, content.zone)
    rows = (row_of(part) for part in (content, rating) if part is not None)
    label = s.registry.node((name, content.zone), *rows)
    charge = coordinates_of(rating or content, "charge").but(technology=name)
    size, relations = _power(energy, rating)
    charges = variable_om(power)
    given = s.registry.flow(
        label, bus, charge.but(role="discharge"), charges=charges, decides=rating or size
    )
    numbers = energy.parameters
    usable = numbers.get("usable_share", 1.0)
    if "cycles_per_year" in numbers:
        cycles = numbers["cycles_per_year"] * usable * power.efficiency
        s.registry.turnovers.append(Turnover((label, str(bus.label)), label, cycles))
    return solph.components.GenericStorage(
        label=label,
        inputs={bus: s.registry.flow(bus, label, charge, decides=size)},
        outputs={bus: given},
        nominal_capacity=s.registry.invest(content, "", label),
        max_storage_level=usable,
        **relations,
        inflow_conversion_factor=power.efficiency,
        outflow_conversion_factor=power.efficiency,
        loss_rate=energy.parameters["standing_loss"],
        balanced=True,
    )


def _power(energy: Technology, rating: Asset | None) -> tuple[Decision, dict[str, float]]:
    """Size of the inflow, and what ties the powers to each other or to the content.

    An asset of power is paid for once, at the outflow; the inflow follows it.
    """
    if rating is not None:
        return Decision(existing=rating.owned), {"invest_relation_input_output": 1.0}
    share = 1.0 / energy.parameters["duration"]
    ways = ("invest_relation_input_capacity", "invest_relation_output_capacity")
    return Decision(), dict.fromkeys(ways, share)
