"""Stores of electricity, with power and energy sized separately."""

from __future__ import annotations

from collections.abc import Iterator

from oemof import solph

from meishan_model.components.assets import Assets
from meishan_model.components.flows import Registry, coordinates_of, row_of, variable_om
from meishan_model.errors import InputError
from meishan_model.sheets.buses import bus_of_zone
from meishan_model.sheets.records import SliceInputs


def stores_by_technology(inputs: SliceInputs) -> dict[str, str]:
    """Name of the store of every technology of energy or power, ``x`` of ``x_energy``."""
    return {
        technology.technology: technology.technology.removesuffix(f"_{of}")
        for of in ("energy", "power")
        for technology in inputs.part(f"battery_{of}")
    }


def storage_nodes(
    registry: Registry, inputs: SliceInputs, assets: Assets, buses: dict[str, solph.Bus]
) -> Iterator[solph.components.GenericStorage]:
    """Every pair of an energy and a power technology, in every zone that has both.

    The pair ``x_energy`` and ``x_power`` is one store ``x_<zone>``; charging and discharging
    share the inverter's power, and each loses what the inverter's efficiency in the cost sheet
    says.

    Parameters
    ----------
    registry, inputs, assets
        Registry, inputs and assets of the slice.
    buses
        Electricity buses by label.

    Raises
    ------
    InputError
        If an energy technology has no power technology beside it.
    """
    stores = stores_by_technology(inputs)
    for energy in inputs.part("battery_energy"):
        stem = stores[energy.technology]
        power = inputs.technologies.get(f"{stem}_power")
        if power is None:
            raise InputError(
                f"technologies.csv: {energy.technology} needs a {stem}_power beside it"
            )
        for content in assets.of(energy.technology):
            rating = assets.get(power.technology, content.zone)
            if rating is None:
                continue
            bus = buses[bus_of_zone(content.zone)]
            label = registry.node(f"{stem}_{content.zone}", row_of(content), row_of(rating))
            charge = coordinates_of(rating, "charge").but(technology=stem)
            # The inverter is paid for once, at the outflow; the inflow follows it.
            size = solph.Investment(existing=rating.owned)
            yield solph.components.GenericStorage(
                label=label,
                inputs={bus: registry.flow(bus, label, charge, nominal_capacity=size)},
                outputs={
                    bus: registry.flow(
                        label,
                        bus,
                        charge.but(role="discharge"),
                        charges=variable_om(power),
                        decides=rating,
                    )
                },
                nominal_capacity=registry.invest(content, "", label),
                invest_relation_input_output=1.0,
                inflow_conversion_factor=power.efficiency,
                outflow_conversion_factor=power.efficiency,
                loss_rate=energy.parameters["standing_loss"],
                balanced=True,
            )
