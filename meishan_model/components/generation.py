"""Local renewables: PV on the 20 kV buses, wind at 110 kV, what is fed in and what is curtailed.

All plants of a bus feed one busbar. What leaves it is either fed in, and then carries one MWh of
``local_green`` that an export needs, or curtailed.
"""

from __future__ import annotations

from collections.abc import Iterator

from oemof import solph

from meishan_model.components.assets import Assets
from meishan_model.components.book import Book, Kind, variable_om
from meishan_model.components.grid import LOCAL_GREEN
from meishan_model.series.build import Profiles
from meishan_model.sheets.buses import HUB, bus_of_zone, busbar_of, zone_of_bus
from meishan_model.sheets.records import SliceInputs


def generation_nodes(
    book: Book,
    inputs: SliceInputs,
    profiles: Profiles,
    assets: Assets,
    buses: dict[str, solph.Bus],
) -> Iterator[
    solph.Bus | solph.components.Source | solph.components.Sink | solph.components.Converter
]:
    """Plants, busbars, feed-in and curtailment.

    Parameters
    ----------
    book, inputs, profiles, assets
        Book, inputs, series and assets of the slice.
    buses
        Electricity buses by label.
    """
    busbars: dict[str, solph.Bus] = {}
    for technology in inputs.part("pv", "wind"):
        for asset in assets.of(technology.technology):
            target = HUB if technology.bus == "110kv" else bus_of_zone(asset.zone)
            if target not in busbars:
                busbars[target] = solph.Bus(label=busbar_of(target))
            place = (asset.asset, busbars[target].label)
            flow = book.flow(
                *place,
                Kind("electricity", technology.technology, zone=asset.zone),
                charges=variable_om(technology),
                nominal_capacity=book.invest_on_stock(asset, place),
                fix=profiles.capacity_factor[technology.technology],
            )
            yield solph.components.Source(label=asset.asset, outputs={busbars[target]: flow})
    if busbars:
        green = buses[LOCAL_GREEN] = solph.Bus(label=LOCAL_GREEN)
        yield green
        yield _unexported(book, green)
        for target, busbar in busbars.items():
            yield busbar
            yield from _busbar(book, busbar, buses[target], green)


def _unexported(book: Book, green: solph.Bus) -> solph.components.Sink:
    """Local green power that stays at home."""
    label = "green_used_at_home"
    flow = book.flow(
        green.label,
        label,
        Kind("local_green", unit="MW of certificates"),
    )
    return solph.components.Sink(label=label, inputs={green: flow})


def _busbar(
    book: Book, busbar: solph.Bus, target: solph.Bus, green: solph.Bus
) -> Iterator[solph.components.Converter | solph.components.Sink]:
    place = zone_of_bus(target.label)
    zone = "" if target.label == HUB else place
    kind = Kind("electricity", "feed_in", zone=zone)
    feed_in = f"{place}_feed_in"
    yield solph.components.Converter(
        label=feed_in,
        inputs={busbar: book.flow(busbar.label, feed_in, kind)},
        outputs={
            target: book.flow(feed_in, target.label, kind),
            green: book.flow(
                feed_in,
                green.label,
                Kind("local_green", zone=zone, unit="MW of certificates"),
            ),
        },
    )
    curtailed = f"{place}_curtailment"
    flow = book.flow(
        busbar.label,
        curtailed,
        Kind("electricity", "curtailment", zone=zone),
    )
    yield solph.components.Sink(label=curtailed, inputs={busbar: flow})
