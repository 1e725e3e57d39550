"""What readers of results are called with: a slice, a pathway, a grid, a project, and their parts.

A change of the code that moves one of these changes it here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.readings_park import HOURS
from benchmarks.readings_unique import settled_prices
from meishan_model.accounts.measures import earnings_by_year, flow_table
from meishan_model.components.assets import AssetTable
from meishan_model.ledger.statement import statement_sources
from meishan_model.planning.backcast import backcast
from meishan_model.planning.project import Project, open_project
from meishan_model.planning.roll_forward import RollForward, roll_forward, running_cost
from meishan_model.planning.vintages import BuildingTerms, building_terms
from meishan_model.planning.whole_pathway import join_pathway, offered_potential, sold_stock
from meishan_model.powerflow.dispatch import PowerFlow
from meishan_model.powerflow.network import Network, build_network
from meishan_model.powerflow.study import GridStudy, grid_study, study_dataset
from meishan_model.progress import Progress as Silence
from meishan_model.report.hourly import Wanted
from meishan_model.report.hourly_series import places
from meishan_model.report.html.explorer import Shared
from meishan_model.report.labels import LANGUAGES, Labels, Words, labels_of
from meishan_model.report.statement import YearStatement, year_statement
from meishan_model.series.build import build_profiles
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import SliceInputs
from meishan_model.studies.catalogue import study_named
from meishan_model.studies.study import Study

DRAWN = 3
"""How many of the largest flows are drawn."""


class OfPathway:
    """A pathway that is solved when it is asked for.

    Parameters
    ----------
    root
        Folder of the park.
    name
        The scenario.
    """

    rival: OfPathway
    nothing = ""

    def __init__(self, root: Path, name: str):
        self.root, self.name = root, name

    @cached_property
    def project(self) -> Project:
        """The scenario with its folders."""
        return open_project(self.name, self.root, hours=HOURS)

    @cached_property
    def slices(self) -> Mapping[int, xr.Dataset]:
        """Solved slices, ascending."""
        backcast(self.project, self.project.years[0], "highs", Silence())
        years = self.project.years
        return {year: settled_prices(self.project.open_result(year)) for year in years}

    @property
    def inputs(self) -> Mapping[int, SliceInputs]:
        """Inputs by year."""
        return self.project.slices

    @property
    def park(self) -> Park:
        """The sheets."""
        return self.project.park

    @cached_property
    def labels(self) -> Labels:
        """What things are called."""
        return labels_of(*self.slices.values())

    @property
    def words(self) -> Mapping[str, Words]:
        """What things are called, by language."""
        return {str(one): Words(self.labels, one) for one in LANGUAGES}

    @property
    def table(self) -> AssetTable:
        """The assets in all years."""
        return self.project.asset_table

    @cached_property
    def sold(self) -> Mapping[int, Mapping[str, float]]:
        """Stock whose power is sold, by year and asset."""
        return sold_stock(self.project.asset_table)

    @cached_property
    def earned(self) -> Mapping[int, pd.DataFrame]:
        """What assets earn, by year."""
        return earnings_by_year(self.slices, self.inputs, self.sold)

    @property
    def avoided(self) -> pd.DataFrame:
        """Emissions that assets avoid, years x assets."""
        return pd.DataFrame({year: table["avoided"] for year, table in self.earned.items()}).T

    @property
    def potential(self) -> float:
        """PV and wind that the place offers [MW]."""
        return offered_potential(self.project)

    @cached_property
    def rolled(self) -> RollForward:
        """The pathway rolled forward."""
        return roll_forward(self.slices, self.inputs, self.project.asset_table)

    @property
    def running(self) -> pd.DataFrame:
        """Running cost by year."""
        return running_cost(self.slices)

    @cached_property
    def terms(self) -> BuildingTerms:
        """What may be built when."""
        return building_terms(self.project.asset_table)

    @property
    def rate(self) -> float:
        """Discount rate [1/a]."""
        return self.inputs[max(self.inputs)].parameters["discount_rate"]

    @cached_property
    def pathway(self) -> xr.Dataset:
        """The dataset of the pathway."""
        return join_pathway(self.project, self.slices)

    @property
    def usual(self) -> xr.Dataset:
        """That of the pathway that this one is compared with."""
        return self.rival.pathway

    @property
    def usual_project(self) -> Project:
        """Its project."""
        return self.rival.project

    @property
    def pathways(self) -> Mapping[str, xr.Dataset]:
        """Both."""
        return {self.name: self.pathway, self.rival.name: self.usual}


class OfSlice:
    """A slice of a pathway."""

    one = 1

    def __init__(self, of: OfPathway, year: int):
        self.of, self.year = of, year
        self.project, self.words = of.project, of.words
        self.ds, self.inputs = of.slices[year], of.inputs[year]
        first = min(of.slices)
        self.first, self.first_inputs = of.slices[first], of.inputs[first]
        self.sold, self.grid_factor = of.sold[year], self.inputs.factors.grid_market
        self.shared = Shared(of.labels)

    @cached_property
    def profiles(self) -> Profiles:
        """Hourly series."""
        return build_profiles(self.inputs, self.project.park, self.project.weather_folder, HOURS)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Table of the flows."""
        return flow_table(self.ds)

    @cached_property
    def first_flows(self) -> pd.DataFrame:
        """Table of the flows of the first slice."""
        return flow_table(self.first)

    @property
    def sources(self) -> Mapping[str, str]:
        """Where the numbers of the statement come from."""
        found = statement_sources(self.project.park, self.project.scenario, self.year)
        return {line: cited.text() for line, cited in found.items()}

    @cached_property
    def statement(self) -> YearStatement:
        """Neutrality statement."""
        return year_statement(self.project, self.year, self.ds)

    @property
    def load(self) -> Mapping[str, Any]:
        """Loads by name and zone."""
        return {f"{load.load} {load.zone}": load for load in self.inputs.loads}

    @property
    def contract(self) -> Mapping[str, Any]:
        """Contracts by name."""
        return {contract.contract: contract for contract in self.inputs.contracts}

    @property
    def zone(self) -> Mapping[str, str]:
        """Zones."""
        return {zone: zone for zone in self.inputs.zones}

    @property
    def zones(self) -> Mapping[str, list[str]]:
        """Each zone alone, and the whole park."""
        return {"": [], **{zone: [zone] for zone in self.inputs.zones}}

    @property
    def place(self) -> Mapping[str, Wanted]:
        """What the dispatch is drawn of."""
        return {" ".join(map(str, place.values())): place for place in places(self.ds)}

    @property
    def bus(self) -> Mapping[str, str]:
        """Labels of the buses."""
        nodes, kinds = self.ds["node"].to_numpy(), self.ds["kind"].to_numpy()
        return {bus: bus for bus in nodes[kinds == "bus"].tolist()}

    @property
    def flow(self) -> Mapping[str, str]:
        """Labels of the flows."""
        return {flow: flow for flow in self.ds["flow"].to_numpy().tolist()}

    @property
    def large_flow(self) -> Mapping[str, str]:
        """Labels of the largest flows."""
        order = np.argsort(-self.ds["power"].sum("time").to_numpy(), kind="stable")
        return {flow: flow for flow in self.ds["flow"].to_numpy()[order[:DRAWN]].tolist()}


class OfGrid:
    """The grid in a slice of a pathway."""

    def __init__(self, of: OfPathway, year: int):
        self.ds, self.rate, self.labels = of.slices[year], of.rate, of.labels
        self.grid: GridSheets = read_grid(of.park)

    @cached_property
    def network(self) -> Network:
        """The network."""
        return build_network(self.grid)

    @cached_property
    def study(self) -> GridStudy:
        """Power flow of all hours with its tables."""
        return grid_study(self.ds, self.grid, self.rate)

    @property
    def flow(self) -> PowerFlow:
        """Power flow of all hours."""
        return self.study.flow

    @property
    def flow_file(self) -> xr.Dataset:
        """Its dataset."""
        return study_dataset(self.study, self.ds, self.grid)


class OfStudies:
    """A project of which studies are made."""

    OPTIONS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "abatement": {},
        "exposure": {"prices": (0.0, 300.0)},
        "front": {"thetas": (1.0, 2.0)},
        "matching": {},
        "sensitivity": {"sheets": ("prices",), "limit": 1, "change": 0.1},
        "vpp": {},
    }
    """Studies with options that leave them few variants."""

    def __init__(self, of: OfPathway, year: int):
        self.project, self.year = of.project, year
        self.told: Callable[[int, int, str], None] = lambda *_: None

    @property
    def studies(self) -> Mapping[str, Study[Any]]:
        """All of them, those of one slice of the year."""
        made = {}
        for name, options in self.OPTIONS.items():
            kind = study_named(name)
            year: dict[str, Any] = {}
            if "year" in kind.__dataclass_fields__:
                year["year"] = self.year
            made[name] = kind(project=self.project, **year, **options)
        return made
