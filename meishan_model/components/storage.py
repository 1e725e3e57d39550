"""Stores of electricity, with power and energy sized separately."""

from __future__ import annotations

from collections.abc import Iterator

from oemof import solph

from meishan_model.components.assets import Assets
from meishan_model.components.book import Book, Kind, variable_om
from meishan_model.errors import InputError
from meishan_model.sheets.buses import bus_of_zone
from meishan_model.sheets.records import SliceInputs


def storage_nodes(
    book: Book, inputs: SliceInputs, assets: Assets, buses: dict[str, solph.Bus]
) -> Iterator[solph.components.GenericStorage]:
    """Every pair of an energy and a power technology, in every zone that has both.

    The pair ``x_energy`` and ``x_power`` is one store ``x_<zone>``; charging and discharging
    share the inverter's power, and each loses what the inverter's efficiency in the cost sheet
    says.

    Parameters
    ----------
    book, inputs, assets
        Book, inputs and assets of the slice.
    buses
        Electricity buses by label.

    Raises
    ------
    InputError
        If an energy technology has no power technology beside it.
    """
    for energy in inputs.part("battery_energy"):
        stem = energy.technology.removesuffix("_energy")
        power = inputs.technologies.get(f"{stem}_power")
        if power is None:
            raise InputError(
                f"technologies.csv: {energy.technology} needs a {stem}_power beside it"
            )
        for content in assets.of(energy.technology):
            rating = assets.get(power.technology, content.zone)
            if rating is None:
                continue
            label = f"{stem}_{content.zone}"
            bus = buses[bus_of_zone(content.zone)]
            kind = Kind("electricity", stem, zone=content.zone)
            # The inverter is paid for once, at the outflow; the inflow follows it.
            inflow = solph.Investment(existing=rating.owned)
            outflow = book.invest_on_stock(rating, (label, bus.label))
            yield solph.components.GenericStorage(
                label=label,
                inputs={bus: book.flow(bus.label, label, kind, nominal_capacity=inflow)},
                outputs={
                    bus: book.flow(
                        label,
                        bus.label,
                        kind,
                        charges=variable_om(power),
                        nominal_capacity=outflow,
                    )
                },
                nominal_capacity=book.invest_on_stock(content, label),
                invest_relation_input_output=1.0,
                inflow_conversion_factor=power.efficiency,
                outflow_conversion_factor=power.efficiency,
                loss_rate=energy.parameters["standing_loss"],
                balanced=True,
            )
