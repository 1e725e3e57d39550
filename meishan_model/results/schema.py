"""What stands in a result file: every variable with its dimensions, unit and description.

The tables below are the data contract in a form that the builder and the checker share, so
neither can drift from the other. A NetCDF file has one name space, whereas the contract gives
coordinates of one name to several dimensions (``unit`` of a flow and of an asset, ``carrier`` of
a flow, an emission and an energy item, ``category`` of a cost item and of the cash flow). The
flow keeps the plain name; the others carry their dimension in front:

=====================  ==========================================================
contract               name in the file
=====================  ==========================================================
unit (flow)            ``unit``
unit (asset)           ``asset_unit``
asset (flow)           ``flow_asset``
sector (flow)          ``flow_sector``
bus (flow)             ``flow_bus``
unit (indicator)       ``unit`` (pathway file, which has no flows)
technology (asset)     ``asset_technology``
zone (asset)           ``asset_zone``
carrier (emissions)    ``emission_carrier``
carrier (energy)       ``energy_carrier``
category (cost_item)   ``category``; ``cost_category`` in the pathway file, where
                       ``category`` is the dimension of the cash flow
=====================  ==========================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from meishan_model.components.coordinates import IN_FILE, MEANINGS

SCHEMA_VERSION = 1
"""Raised by one whenever a reader of the old files would misread the new ones."""

CONVENTIONS = "CF-1.11"
FLOW_ARROW = "->"

NODE_KINDS = frozenset({"bus", "source", "sink", "converter", "link", "storage"})
COST_CATEGORIES = frozenset(
    {
        *("investment", "bridge", "fixed_om", "variable", "fuel", "purchase", "demand_charge"),
        *("export", "certificate", "credit", "sink", "flexibility", "carbon", "shadow_carbon"),
        *("shedding", "gap"),
    }
)
EMISSION_SCOPES = frozenset(
    {"scope1", "scope2_location", "scope2_market", "sink", "credit", "gap", "scope3_reported"}
)

SLICE_ATTRIBUTES: Mapping[str, type] = {
    **dict.fromkeys(("Conventions", "title", "park", "scenario", "solver", "backend"), str),
    **dict.fromkeys(("cost_sheet", "inputs_sha256", "code_sha256", "model_version", "history"), str),
    **dict.fromkeys(("year", "schema_version"), int),
    **dict.fromkeys(("objective", "objective_constant", "optimality_gap"), float),
    **dict.fromkeys(("solve_seconds", "build_seconds"), float),
}
"""Attributes that every slice file must have, and their type; an int passes for a float."""

PATHWAY_ATTRIBUTES: Mapping[str, type] = {
    **dict.fromkeys(("Conventions", "title", "park", "scenario", "cost_sheet"), str),
    **dict.fromkeys(("inputs_sha256", "code_sha256", "model_version", "history"), str),
    "schema_version": int,
}
"""Attributes that every pathway file must have."""

INVESTMENT_PARTS = frozenset({"new", "bridge", "stock"})
FACILITIES = frozenset({"new", "retrofit"})
FINANCES = frozenset({"green", "transition", "neither"})
MEASURE_KINDS = frozenset({"efficiency", "technology"})


@dataclass(frozen=True)
class Variable:
    """One variable or coordinate of a result file.

    Attributes
    ----------
    dims
        Its dimensions in order.
    long_name
        Description for people (CF ``long_name``).
    units
        CF ``units``; ``None`` for text and where the unit differs by row.
    kind
        ``number`` is float64, ``text`` is str, ``time`` is datetime64, ``year`` is int64.
    attributes
        Further attributes.
    may_be_missing
        Whether not-a-number is allowed: where a quantity does not exist, never for zero.
    """

    dims: tuple[str, ...]
    long_name: str | None
    units: str | None = None
    kind: Literal["number", "text", "time", "year"] = "number"
    attributes: Mapping[str, str] | None = None
    may_be_missing: bool = False

    def attrs(self) -> dict[str, str]:
        """Attributes as they stand in the file."""
        named = {"long_name": self.long_name, "units": self.units}
        return {k: v for k, v in named.items() if v is not None} | dict(self.attributes or {})


def _texts(dim: str, **names: str) -> dict[str, Variable]:
    return {name: Variable((dim,), long, kind="text") for name, long in names.items()}


_HOURLY_MEAN = {"cell_methods": "time: mean"}
_FLOW_UNIT = {"comment": "rows whose coordinate unit is not MW are in that unit"}
_ASSET_UNIT = {"comment": "the unit of each row is the coordinate asset_unit"}
_TIME = {
    "standard_name": "time",
    "bounds": "time_bnds",
    "axis": "T",
    "comment": "start of the hour in local standard time of Asia/Shanghai (UTC+08:00, no "
    "daylight saving time), written without an offset; 29 February is absent",
}

_CAPACITIES = {
    "capacity": "capacity standing in the year",
    "capacity_existing": "part of the capacity that survives of the stock of today",
    "capacity_new": "part of the capacity that was built along the pathway",
    "capacity_bridge": "part of the capacity that the year needs and the target does not",
    "capacity_lower": "lower bound of the capacity",
    "capacity_upper": "upper bound of the capacity",
}
_TERM_COMMENT = (
    "in the unit of its asset, of a build_rate per year; not a number where there is no limit"
)
_ENERGIES = {
    "energy_mwh": ("final energy, lower heating value", "MWh"),
    "energy_tce_equivalent": ("final energy, electricity in equivalent value", "tce"),
    "energy_tce_calorific": ("final energy, electricity in calorific value", "tce"),
}


def _yearly(lead: tuple[str, ...]) -> dict[str, Variable]:
    """Variables of one year, with the dimensions `lead` in front."""
    asset = (*lead, "asset")
    energy = (*lead, "energy_item")
    return {
        **{
            k: Variable(asset, long, None, "number", _ASSET_UNIT)
            for k, long in _CAPACITIES.items()
        },
        "bound_reason": Variable(asset, "why the bounds are what they are", kind="text"),
        "term_amount": Variable(
            ("bound_term",),
            "number behind the bounds of an asset",
            None,
            "number",
            {"comment": _TERM_COMMENT},
            may_be_missing=True,
        ),
        "cost": Variable((*lead, "cost_item"), "cost, real CNY of 2020", "CNY/a"),
        "emissions": Variable((*lead, "emission_item"), "CO2 emissions", "tCO2/a"),
        **{k: Variable(energy, long, unit) for k, (long, unit) in _ENERGIES.items()},
    }


_VIEWS = {
    "group": "group of things that share a colour and a band",
    "colour": "colour, #RRGGBB",
    "name": "what people call it in English; empty where it goes by its own name",
    "name_zh": "what people call it in Chinese; empty where it goes by its own name",
}


def _yearly_coordinates(category: str) -> dict[str, Variable]:
    """Coordinates of the yearly tables; `category` names the category of a cost item."""
    return {
        **_texts(
            "asset",
            asset="asset",
            asset_unit="unit of the capacity",
            asset_technology="technology of the asset",
            asset_zone="zone of the asset",
        ),
        **_texts("bound_term", term_asset="asset of the term", term_kind="what the amount is"),
        "term_year": Variable(("bound_term",), "slice that the amount is of", kind="year"),
        **_texts("thing", thing="technology, measure, carrier, zone or other thing of the park"),
        **_texts("thing", **{f"thing_{name}": meaning for name, meaning in _VIEWS.items()}),
        **_texts("cost_item", cost_item="cost item", component="component that costs"),
        **_texts("cost_item", **{category: "category of the cost"}),
        **_texts("emission_item", emission_item="emission item", scope="scope or kind"),
        **_texts("emission_item", emission_carrier="carrier that causes the emission"),
        **_texts("energy_item", energy_item="energy item", sector="sector that uses the energy"),
        **_texts("energy_item", energy_carrier="carrier of the energy"),
    }


PRICE_VARIABLES: Mapping[str, Variable] = {
    "price": Variable(
        ("bus", "time"),
        "cost of one more MWh of demand (dual of the balance; of a duty that of its whole profile)",
        "CNY/MWh",
        "number",
        _HOURLY_MEAN,
    ),
    "bus": Variable(("bus",), "bus", kind="text"),
}
"""Left out as a pair, with the attribute ``price_unavailable``, where no duals exist."""

SLICE_VARIABLES: Mapping[str, Variable] = {
    "power": Variable(
        ("flow", "time"), "power, mean over the hour", "MW", "number", _HOURLY_MEAN | _FLOW_UNIT
    ),
    "time_bnds": Variable(("time", "bnds"), None, None, "time"),
    "kind": Variable(("node",), "kind of the node", kind="text"),
    "storage_content": Variable(
        ("storage", "time"),
        "energy content at the end of the hour",
        "MWh",
        "number",
        {"comment": "instantaneous value at the upper bound in time_bnds"},
    ),
    "initial_content": Variable(("storage",), "energy content before the first hour", "MWh"),
    "loss_rate": Variable(("storage",), "share of the content lost per hour", "1"),
    "inflow_efficiency": Variable(("storage",), "efficiency of charging", "1"),
    "outflow_efficiency": Variable(("storage",), "efficiency of discharging", "1"),
    **_yearly(()),
}

SLICE_COORDINATES: Mapping[str, Variable] = {
    "time": Variable(("time",), "time", None, "time", _TIME),
    **_texts(
        "flow",
        flow="flow as source->target",
        **{IN_FILE[name]: meaning for name, meaning in MEANINGS.items()},
    ),
    **_texts("node", node="node", node_title="what people call the node"),
    **_texts("node_word", word_node="node of the word"),
    **_texts("node_word", word="name or word of which the title of the node is made"),
    **_texts("storage", storage="storage"),
    **_yearly_coordinates("category"),
}

PATHWAY_VARIABLES: Mapping[str, Variable] = {
    **_yearly(("year",)),
    "addition": Variable(("year", "asset"), "capacity added", None, "number", _ASSET_UNIT),
    "retirement": Variable(("year", "asset"), "capacity retired", None, "number", _ASSET_UNIT),
    "cash_flow": Variable(("year", "category"), "cash flow, real CNY of 2020", "CNY/a"),
    "principle": Variable(
        ("indicator",),
        "indicator of a principle",
        None,
        "number",
        {"comment": "the unit of each row is the coordinate unit"},
    ),
}

PATHWAY_COORDINATES: Mapping[str, Variable] = {
    "year": Variable(("year",), "calendar year", kind="year"),
    "term_slice": Variable(("bound_term",), "slice whose bound the term is of", kind="year"),
    **_yearly_coordinates("cost_category"),
    **_texts("category", category="category of the cash flow"),
    **_texts("indicator", indicator="indicator", principle_name="principle that it measures"),
    **_texts("indicator", unit="unit of the indicator"),
}

_OF_PART = "part of the asset: new build, bridge, or stock with committed plants"
_NO_RATE = {"comment": "not a number where there is none: measure_note says why"}
_NO_CAP = {"comment": "not a number where the slice has none"}


def _money(dims: tuple[str, ...], long_name: str) -> Variable:
    return Variable(dims, long_name + ", real CNY of 2020", "CNY")


PATHWAY_TABLES: Mapping[str, Variable] = {
    "addition_by_part": Variable(
        ("part", "year", "asset"), "capacity added, by part", None, "number", _ASSET_UNIT
    ),
    "retirement_by_part": Variable(
        ("part", "year", "asset"), "capacity retired, by part", None, "number", _ASSET_UNIT
    ),
    "overnight_cost": Variable(
        ("year", "asset"), "overnight cost of one unit of the asset, real CNY of 2020"
    ),
    "emission_cap": Variable(
        ("year",), "cap on net emissions", "tCO2/a", "number", _NO_CAP, may_be_missing=True
    ),
    "carbon_value": Variable(
        ("year",), "dual of the cap", "CNY/tCO2", "number", _NO_CAP, may_be_missing=True
    ),
    "net_emissions": Variable(
        ("year",), "scope 1, market-based scope 2, sinks, credits", "tCO2/a"
    ),
    "investment": _money(("phase", "facility"), "overnight investment of the phase"),
    "suited_finance": _money(("phase", "finance"), "overnight investment by suited finance"),
    "measure_investment": _money(("measure",), "overnight investment, replacements included"),
    "measure_npv": Variable(
        ("measure",), "net present value", "CNY", "number", _NO_RATE, may_be_missing=True
    ),
    "measure_irr": Variable(
        ("measure",), "internal rate of return", "1/a", "number", _NO_RATE, may_be_missing=True
    ),
    "measure_abatement": Variable(
        ("measure",), "emissions avoided", "tCO2", "number", _NO_RATE, may_be_missing=True
    ),
    "measure_abatement_cost": Variable(
        ("measure",), "cost of abatement", "CNY/tCO2", "number", _NO_RATE, may_be_missing=True
    ),
}
"""Tables that a pathway file may have beside those it must have."""

PATHWAY_TABLE_COORDINATES: Mapping[str, Variable] = {
    **_texts("part", part=_OF_PART),
    **_texts("phase", phase="first and last year of the phase"),
    **_texts("facility", facility="new facility, or retrofit of an existing one"),
    **_texts("finance", finance="kind of finance that suits the investment"),
    **_texts("measure", measure="efficiency measure or technology"),
    **_texts("measure", measure_kind="efficiency measure or technology"),
    **_texts("measure", measure_note="why a number is missing, else empty"),
    **_texts("measure", measure_note_kinds="kinds of the note, divided by blanks"),
}


_STORAGE_NUMBERS = ("initial_content", "loss_rate", "inflow_efficiency", "outflow_efficiency")

TABLES: Mapping[str, tuple[str, Mapping[str, str], Mapping[str, str]]] = {
    "flow_table": ("flow", IN_FILE, {}),
    "storage_table": ("storage", {}, {name: name for name in _STORAGE_NUMBERS}),
    "asset_table": (
        "asset",
        {
            "unit": "asset_unit",
            "technology": "asset_technology",
            "zone": "asset_zone",
        },
        {name: name for name in _CAPACITIES},
    ),
    "cost_table": (
        "cost_item",
        {"component": "component", "category": "category"},
        {"value": "cost"},
    ),
    "emission_table": (
        "emission_item",
        {"scope": "scope", "carrier": "emission_carrier"},
        {"value": "emissions"},
    ),
    "view_table": ("thing", {name: f"thing_{name}" for name in _VIEWS}, {}),
    "energy_table": (
        "energy_item",
        {"sector": "sector", "carrier": "energy_carrier"},
        {name: name for name in _ENERGIES},
    ),
}
"""Table -> its index, its text columns and its number columns with their names in the file."""


def text_array(values: Iterable[str]) -> npt.NDArray[np.object_]:
    """Array of Python str objects.

    A fixed dtype independent of the version of pandas; an empty one stays text.

    Returns
    -------
    numpy.ndarray
        Of dtype object, as long as `values`.
    """
    return np.array([str(value) for value in values], dtype=object)


def number_array(values: pd.DataFrame | pd.Series) -> npt.NDArray[np.float64]:
    """Float64 array of a table or column, in its shape."""
    return np.ascontiguousarray(values.to_numpy(dtype=np.float64))


def assemble(
    data: Mapping[str, Any],
    coordinates: Mapping[str, Any],
    schema: Mapping[str, Variable],
    attributes: Mapping[str, str | int | float],
) -> xr.Dataset:
    """Put arrays, dimensions and CF attributes together as the schema says.

    Parameters
    ----------
    data, coordinates
        Array by name; every name stands in `schema`.
    schema
        Variables and coordinates of this kind of file.
    attributes
        Attributes of the file.

    Returns
    -------
    xarray.Dataset
    """
    return xr.Dataset(
        {name: (schema[name].dims, array, schema[name].attrs()) for name, array in data.items()},
        {n: (schema[n].dims, array, schema[n].attrs()) for n, array in coordinates.items()},
        dict(attributes),
    )
