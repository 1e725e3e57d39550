"""Ships at berth: shore power against their own auxiliary engines, and boilers that run on.

Each group of berths has its shore-power systems, one by voltage; what the optimum builds of a
system serves its own berths and the ships of its voltage.
"""

from __future__ import annotations

from collections.abc import Iterator

from oemof import solph
from oemof.network import Node

from meishan_model.components.assets import Assets
from meishan_model.components.book import Book, Kind
from meishan_model.components.fuels import MARINE_FUEL
from meishan_model.series.berths import BerthSeries, shore_power_of
from meishan_model.series.build import Profiles
from meishan_model.sheets.buses import bus_of_zone
from meishan_model.sheets.records import SliceInputs, Technology


def berth_nodes(
    book: Book,
    inputs: SliceInputs,
    profiles: Profiles,
    assets: Assets,
    buses: dict[str, solph.Bus],
) -> Iterator[Node]:
    """Hotel load of the ships at each group of berths, shore power, auxiliary engines and boilers.

    Shore power serves at most the load of ships that are equipped and connected, and at most its
    capacity. Auxiliary engines belong to the ships: they need no decision and are always there.

    Parameters
    ----------
    book, inputs, profiles, assets
        Book, inputs, series and assets of the slice.
    buses
        Electricity and fuel buses by label; the buses of the ships are added.
    """
    engine = next(iter(inputs.part("auxiliary_engine")), None)
    for group in inputs.berths:
        for voltage in group.voltages:
            series = profiles.ships[group.berth_group, voltage]
            bus = solph.Bus(label=_label(group.berth_group, voltage))
            buses[bus.label] = bus
            yield bus
            yield _hotel_load(book, group.zone, bus, series)
            shore = shore_power_of(inputs, group.berth_group, voltage)
            if shore is not None:
                yield from _shore_power(book, shore, group.zone, bus, series, assets, buses)
            if engine is not None:
                yield _engines(book, engine, group.zone, bus, buses[MARINE_FUEL])
                yield _boilers(book, group.zone, bus.label, series, buses[MARINE_FUEL])


def _label(berth_group: str, voltage: float) -> str:
    """Label of the bus of the ships of a voltage [kV], such as ``quay_ships_6_6kv``."""
    return f"{berth_group}_ships_{voltage:g}kv".replace(".", "_")


def _hotel_load(
    book: Book, zone: str, bus: solph.Bus, series: BerthSeries
) -> solph.components.Sink:
    label = f"{bus.label}_hotel_load"
    flow = book.flow(
        bus.label,
        label,
        Kind("berth_power", "load", zone=zone),
        nominal_capacity=1.0,
        fix=series.hotel_load,
    )
    return solph.components.Sink(label=label, inputs={bus: flow})


def _shore_power(
    book: Book,
    technology: Technology,
    zone: str,
    bus: solph.Bus,
    series: BerthSeries,
    assets: Assets,
    buses: dict[str, solph.Bus],
) -> Iterator[solph.components.Converter]:
    asset = assets.get(technology.technology, zone)
    if asset is None:
        return
    label = asset.asset
    source = buses[bus_of_zone(zone)]
    efficiency = technology.efficiency
    electricity = Kind("electricity", technology.technology, zone)
    berth_power = Kind("berth_power", technology.technology, zone)
    yield solph.components.Converter(
        label=label,
        inputs={
            source: book.flow(
                source.label,
                label,
                electricity,
                energy=("ships", "electricity"),
                nominal_capacity=1.0,
                maximum=series.connectable / efficiency,
            )
        },
        outputs={
            bus: book.flow(
                label,
                bus.label,
                berth_power,
                nominal_capacity=book.invest_on_stock(asset, (label, bus.label)),
            )
        },
        conversion_factors={bus: efficiency},
    )


def _engines(
    book: Book,
    technology: Technology,
    zone: str,
    bus: solph.Bus,
    fuel: solph.Bus,
) -> solph.components.Converter:
    label = f"{bus.label}_auxiliary_engines"
    fuel_kind = Kind(MARINE_FUEL, technology.technology, zone)
    berth_power = Kind("berth_power", technology.technology, zone)
    return solph.components.Converter(
        label=label,
        inputs={
            fuel: book.flow(
                fuel.label,
                label,
                fuel_kind,
                energy=("ships", MARINE_FUEL),
            )
        },
        outputs={bus: book.flow(label, bus.label, berth_power)},
        conversion_factors={bus: technology.parameters["engine_efficiency"]},
    )


def _boilers(
    book: Book,
    zone: str,
    ships: str,
    series: BerthSeries,
    fuel: solph.Bus,
) -> solph.components.Sink:
    """Boilers give steam, which shore power does not bring: their fuel is no decision."""
    label = f"{ships}_boilers"
    flow = book.flow(
        fuel.label,
        label,
        Kind(MARINE_FUEL, "ship_boiler", zone),
        energy=("ships", MARINE_FUEL),
        nominal_capacity=1.0,
        fix=series.boiler_fuel,
    )
    return solph.components.Sink(label=label, inputs={fuel: flow})
