"""What the port brings to the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from meishan_model.plugins import Chapter, Plugin

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from meishan_model.accounts.emissions import Baseline
    from meishan_model.components.base import Component
    from meishan_model.errors import Fault
    from meishan_model.planning.model_numbers import ModelNumber
    from meishan_model.port.calls import PortSchedule
    from meishan_model.port.sheets import PortScenario
    from meishan_model.port.ships import BerthSeries, Connection
    from meishan_model.port.year import BerthGroup
    from meishan_model.series import IntArray
    from meishan_model.series.demand import Shape, ShapeContext, ShapeParameters
    from meishan_model.sheets.park import Park
    from meishan_model.sheets.records import Load, SliceInputs
    from meishan_model.sheets.resolver import Resolver
    from meishan_model.sheets.rows import Quantity, Row
    from meishan_model.sheets.scenario import Scenario


class Port(Plugin):
    """Ships at berth by class, shore power, and the work of a terminal that goes by the TEU."""

    name = "port"

    def component_types(self) -> Iterable[type[Component]]:
        """Ships at berth."""
        from meishan_model.port.ships import ShipsAtBerth

        return (ShipsAtBerth,)

    def scenario(self) -> type[PortScenario]:
        """Whether ships at berth count."""
        from meishan_model.port.sheets import PortScenario

        return PortScenario

    def sheets(self) -> Mapping[str, type[Row]]:
        """Berths, classes of ships, equipment of the terminal."""
        from meishan_model.port.sheets import SHEETS

        return SHEETS

    def quantities(self) -> Mapping[str, Mapping[str, Quantity]]:
        """Throughput, and fleets that work by the TEU."""
        from meishan_model.port.sheets import QUANTITIES

        return QUANTITIES

    def faults(self, park: Park) -> Iterable[Fault]:
        """Unknown ships and berths, and what is given twice."""
        from meishan_model.port.sheets import port_faults

        return port_faults(park)

    def loads(self, r: Resolver, drivers: Mapping[str, float]) -> Mapping[tuple[str, str], Load]:
        """Electricity of the terminal's equipment by its moves."""
        from meishan_model.port.year import handling_loads

        return handling_loads(r, drivers)

    def services(self, r: Resolver, drivers: Mapping[str, float]) -> Mapping[str, float]:
        """Services of the fleets that work by the TEU."""
        from meishan_model.port.year import fleet_services

        return fleet_services(r, drivers)

    def record(self, r: Resolver) -> tuple[BerthGroup, ...] | None:
        """The groups of berths."""
        from meishan_model.port.year import resolve_berths

        return resolve_berths(r) or None

    def gaps(self, park: Park, inputs: SliceInputs) -> Iterable[Fault]:
        """No throughput, no engine, nothing that calls."""
        from meishan_model.port.year import port_gaps

        return port_gaps(park, inputs)

    def as_usual(
        self, record: tuple[BerthGroup, ...], status_quo: tuple[BerthGroup, ...]
    ) -> tuple[BerthGroup, ...]:
        """As many calls of a class connect to shore power as in the status quo."""
        shares = {
            (group.berth_group, ship.ship_class): ship.acceptance_share
            for group in status_quo
            for ship in group.ships
        }
        return tuple(
            replace(
                group,
                ships=tuple(
                    replace(ship, acceptance_share=shares[group.berth_group, ship.ship_class])
                    for ship in group.ships
                ),
            )
            for group in record
        )

    def foreign_fuels(self, park: Park, scenario: Scenario) -> Mapping[str, bool]:
        """The fuel of the ships."""
        from meishan_model.port.sheets import fuels_of_ships

        return fuels_of_ships(park, scenario)

    def files(self, folder: Path, year: int) -> Iterable[Path]:
        """The list of ship calls."""
        from meishan_model.port.call_list import call_list_path

        return (call_list_path(folder, year),)

    def schedule(
        self,
        inputs: SliceInputs,
        parameters: ShapeParameters,
        calendar: pd.DataFrame,
        folder: Path,
    ) -> PortSchedule:
        """Ship calls by group of berths, and when the weather lets the berths work."""
        from meishan_model.port.ships import slice_calls

        return slice_calls(inputs, parameters, calendar, folder)

    def shapes(self) -> Mapping[str, Shape]:
        """Cranes, reefers, lamps, work in the yard."""
        from meishan_model.port.shapes import SHAPES

        return SHAPES

    def series(
        self, inputs: SliceInputs, context: ShapeContext, hours: IntArray
    ) -> dict[Connection, BerthSeries]:
        """Ships at berth by group of berths and voltage."""
        from meishan_model.port.ships import berth_series

        found = berth_series(inputs, context.schedules[self.name].calls)
        return {connection: series.at(hours) for connection, series in found.items()}

    def notes(self, park: Park, baseline: Baseline) -> Iterable[str]:
        """Shares of the carriers in the final energy of the port."""
        from meishan_model.port.report import baseline_notes

        return baseline_notes(park, baseline)

    def model_numbers(self) -> Mapping[str, ModelNumber]:
        """Calls, closures, and the power of ships at berth."""
        from meishan_model.port.numbers import NUMBERS

        return NUMBERS

    def chapters(self, slices: Mapping[int, xr.Dataset]) -> Iterable[Chapter]:
        """Where the power of ships at berth comes from."""
        from meishan_model.port.report import power_of_ships

        return power_of_ships(slices)

    def labels(self) -> Path:
        """Names of what a port has."""
        return Path(__file__).with_name("labels.csv")

    def commands(self) -> Iterable[str]:
        """``meishan port``."""
        return ("meishan_model.port.command",)


PLUGIN = Port()
