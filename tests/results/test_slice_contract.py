"""The dataset of one slice year and its checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from meishan_model.accounts.checks import slice_failures
from meishan_model.errors import ContractError
from meishan_model.results.contract import SCHEMA_VERSION, variables
from meishan_model.results.slice_file import slice_dataset, validate_slice

BUS = "梅山_20kv"

CONTRACT = {
    "power": ("flow", "time"),
    "limit_most": ("limit",),
    "limit_price": ("limit",),
    "time_bnds": ("time", "bnds"),
    "kind": ("node",),
    "storage_content": ("storage", "time"),
    "initial_content": ("storage",),
    "loss_rate": ("storage",),
    "inflow_efficiency": ("storage",),
    "outflow_efficiency": ("storage",),
    "price": ("bus", "time"),
    "capacity": ("asset",),
    "capacity_existing": ("asset",),
    "capacity_new": ("asset",),
    "capacity_bridge": ("asset",),
    "capacity_lower": ("asset",),
    "capacity_upper": ("asset",),
    "bound_reason": ("asset",),
    "term_amount": ("bound_term",),
    "cost": ("cost_item",),
    "emissions": ("emission_item",),
    "energy_mwh": ("energy_item",),
    "energy_tce_equivalent": ("energy_item",),
    "energy_tce_calorific": ("energy_item",),
    "word": ("node_word",),
    **dict.fromkeys(("thing_group", "thing_colour", "thing_name", "thing_name_zh"), ("thing",)),
    **dict.fromkeys(("thing_family", "thing_panel", "thing_stands_for"), ("thing",)),
}


@pytest.fixture
def ds(make_tables) -> xr.Dataset:
    return slice_dataset(make_tables())


def test_variables_are_exactly_those_of_the_contract(ds):
    """The names and dimensions, written out here a second time, are those of the dataset."""
    assert {name: array.dims for name, array in ds.data_vars.items()} == CONTRACT
    flow_coordinates = {name for name, c in ds.coords.items() if c.dims == ("flow",)}
    texts = {"source", "target", "carrier", "zone", "technology", "unit", "role", "way"}
    texts |= {"customer", "stage", "contract", "flow_asset", "flow_sector", "flow_bus"}
    assert flow_coordinates == {"flow"} | texts
    assert validate_slice(ds) == []


def test_units_and_cf_attributes(ds):
    """Units and the attributes of an hourly mean are those that CF-1.11 and the contract name."""
    units = {name: ds[name].attrs.get("units") for name in CONTRACT}
    assert units["power"] == "MW"
    assert units["storage_content"] == units["initial_content"] == "MWh"
    assert units["price"] == "CNY/MWh"
    assert (units["cost"], units["emissions"]) == ("CNY/a", "tCO2/a")
    assert ds["power"].attrs["cell_methods"] == "time: mean"
    assert ds["time"].attrs["standard_name"] == "time"
    assert ds["time"].attrs["bounds"] == "time_bnds"
    assert (ds.attrs["Conventions"], ds.attrs["schema_version"]) == ("CF-1.11", SCHEMA_VERSION)
    assert all("long_name" in ds[name].attrs for name in CONTRACT if name != "time_bnds")


def test_values_arrive_where_they_belong(make_tables):
    """Each number of a table stands under its own label, also when tables are shuffled."""
    tables = make_tables()
    shuffled = replace(tables, flow_table=tables.flow_table.iloc[::-1])
    ds = slice_dataset(shuffled)
    for flow in tables.flows:
        row = ds["power"].sel(flow=flow)
        np.testing.assert_array_equal(row.to_numpy(), tables.flows[flow].to_numpy())
        assert row["technology"].item() == tables.flow_table.loc[flow, "technology"]
    assert ds["cost"].sel(cost_item="export").item() == -3.1e5
    assert ds["emissions"].sel(emission_item="forest").item() == -2.5
    assert ds["capacity_bridge"].sel(asset="pv").item() == 1.0


def test_everything_is_float64_and_str(make_tables):
    """Integers and single precision become float64, and labels Python str."""
    tables = make_tables()
    flows = tables.flows.astype("float32")
    assets = tables.asset_table.assign(capacity_bridge=1)
    ds = slice_dataset(replace(tables, flows=flows, asset_table=assets))
    assert {v.dtype.kind for v in ds.variables.values()} == {"f", "O", "M", "i"}
    assert all(v.dtype == np.float64 for v in ds.variables.values() if v.dtype.kind == "f")
    texts = [x for v in ds.variables.values() if v.dtype.kind == "O" for x in v.to_numpy().flat]
    assert {type(text) for text in texts} == {str}


def test_absent_prices_are_left_out_and_explained(make_tables):
    """Without duals there is no price and no bus, but a reason; none is a violation."""
    tables = make_tables()
    ds = slice_dataset(replace(tables, price=None, price_note="the solver gives no duals"))
    assert "price" not in ds
    assert "bus" not in ds.variables
    assert ds.attrs["price_unavailable"] == "the solver gives no duals"
    assert validate_slice(ds) == []
    unexplained = slice_dataset(replace(tables, price=None))
    assert validate_slice(unexplained) == ["attribute price_unavailable is empty"]


def test_a_full_leap_year_keeps_the_contract(make_tables):
    """8760 hours of a leap year without 29 February are valid without saying their number."""
    tables = make_tables(2032, 8760)
    attributes = {k: v for k, v in tables.attributes.items() if k != "hours"}
    ds = slice_dataset(replace(tables, attributes=attributes))
    assert validate_slice(ds) == []
    assert ds["time"].to_numpy()[-1] == np.datetime64("2032-12-31T23:00")


def _refusals() -> dict[str, tuple[Callable[..., object], str]]:
    late = pd.Timedelta(hours=1)
    return {
        "flow without a row": (
            lambda t: replace(t, flow_table=t.flow_table.iloc[1:]),
            "has not one row for each series",
        ),
        "row without a flow": (
            lambda t: replace(t, flows=t.flows.iloc[:, 1:]),
            "has not one row for each series",
        ),
        "doubled row": (
            lambda t: replace(t, storage_table=pd.concat([t.storage_table] * 2)),
            "storage.*has not one row for each series",
        ),
        "missing column": (
            lambda t: replace(t, asset_table=t.asset_table.drop(columns="capacity_new")),
            "capacity_new: column is missing",
        ),
        "text for a number": (
            lambda t: replace(t, cost_table=t.cost_table.assign(value="much")),
            "is not a number",
        ),
        "number for a text": (
            lambda t: replace(t, flow_table=t.flow_table.assign(zone=np.nan)),
            "zone.*is not a text",
        ),
        "flows of text": (
            lambda t: replace(t, flows=t.flows.astype(str)),
            "power.*is not a number",
        ),
        "label that is no text": (
            lambda t: replace(t, energy_table=t.energy_table.set_axis([7])),
            "energy_item.*is not a text",
        ),
        "time zone": (
            lambda t: replace(t, flows=t.flows.tz_localize("Asia/Shanghai")),
            "power.*without a time zone",
        ),
        "no stamps": (
            lambda t: replace(t, flows=t.flows.reset_index(drop=True)),
            "power.*not at the local hours",
        ),
        "other hours": (
            lambda t: replace(t, price=t.price.set_axis(t.price.index + late)),
            "price.*not at the local hours of the flows",
        ),
    }


@pytest.mark.parametrize("fault", _refusals())
def test_what_cannot_be_written_is_refused(make_tables, fault):
    """Tables that could only be written by guessing raise an error that says what is wrong."""
    spoil, message = _refusals()[fault]
    with pytest.raises(ContractError, match=message):
        slice_dataset(spoil(make_tables()))


def test_all_faults_come_at_once(make_tables):
    """Two faults in two tables are both in one error."""
    tables = make_tables()
    spoiled = replace(
        tables,
        cost_table=tables.cost_table.drop(columns="component"),
        emission_table=tables.emission_table.drop(columns="scope"),
    )
    with pytest.raises(ContractError) as caught:
        slice_dataset(spoiled)
    assert set(caught.value.violations) == {
        "cost_item, column component: column is missing",
        "emission_item, column scope: column is missing",
    }
    assert caught.value.exit_code == 4


def _set(name: str, position: int, value: object) -> Callable[[xr.Dataset], xr.Dataset]:
    """Spoil one entry of a variable."""

    def spoil(ds: xr.Dataset) -> xr.Dataset:
        values = ds[name].to_numpy().copy()
        values.flat[position] = value
        return ds.assign({name: (ds[name].dims, values, ds[name].attrs)})

    return spoil


def _attribute(name: str, value: object) -> Callable[[xr.Dataset], xr.Dataset]:
    return lambda ds: ds.assign_attrs({name: value})


def _units(ds: xr.Dataset) -> xr.Dataset:
    ds["price"].attrs["units"] = "EUR/MWh"
    return ds


def _no_objective(ds: xr.Dataset) -> xr.Dataset:
    del ds.attrs["objective"]
    return ds


def _time(change: Callable[[pd.DatetimeIndex], object]) -> Callable[[xr.Dataset], xr.Dataset]:
    def spoil(ds: xr.Dataset) -> xr.Dataset:
        stamps = pd.DatetimeIndex(change(ds.indexes["time"])).as_unit("ns")
        return ds.assign_coords(time=("time", stamps, ds["time"].attrs))

    return spoil


VIOLATIONS = {
    "variable missing": (lambda ds: ds.drop_vars("cost"), "variable cost is missing"),
    "coordinate missing": (lambda ds: ds.drop_vars("zone"), "coordinate zone is missing"),
    "price missing": (lambda ds: ds.drop_vars("price"), "either price or price_unavailable"),
    "price and reason": (
        _attribute("price_unavailable", "no duals"),
        "either price or price_unavailable",
    ),
    "empty reason": (_attribute("price_unavailable", ""), "attribute price_unavailable is empty"),
    "unknown variable": (lambda ds: ds.assign(extra=1.0), "variable extra is not in the contract"),
    "dimensions": (
        lambda ds: ds.assign(power=ds["power"].transpose("time", "flow")),
        "power has the dimensions",
    ),
    "single precision": (
        lambda ds: ds.assign(power=ds["power"].astype("float32")),
        "power has the type float32",
    ),
    "number for a text": (
        lambda ds: ds.assign_coords(zone=("flow", np.arange(5.0), ds["zone"].attrs)),
        "zone has the type float64",
    ),
    "text of mixed type": (_set("kind", 0, 3), "kind has the type object instead of str"),
    "units": (_units, "price has the attribute units 'EUR/MWh'"),
    "doubled label": (_set("asset", 0, "pv"), "asset has labels more than once: pv"),
    "NaN": (_set("power", 3, np.nan), "power has 1 values that are not finite"),
    "infinite": (_set("capacity_upper", 0, np.inf), "capacity_upper has 1 values"),
    "cost category": (_set("category", 0, "capex"), "category is unknown: capex"),
    "scope": (_set("scope", 0, "scope2"), "scope is unknown: scope2"),
    "term of no asset": (_set("term_asset", 0, "wind"), "term_asset is no asset: wind"),
    "term of no kind": (_set("term_kind", 0, "whim"), "term_kind is unknown: whim"),
    "infinite term": (_set("term_amount", 0, np.inf), "term_amount has 1 values"),
    "kind": (_set("kind", 0, "transformer"), "kind is unknown: transformer"),
    "storage of another kind": (_set("kind", 3, "sink"), "storage is no node of that kind"),
    "bus of another kind": (_set("bus", 0, "load"), "bus is no node of that kind"),
    "flow name": (_set("flow", 0, "grid->load"), "flow is not called source->target"),
    "unknown source": (_set("node", 0, "network"), "source is no node: grid"),
    "unknown target": (_set("node", 4, "network"), "target is no node: load"),
    "objective missing": (_no_objective, "attribute objective is missing"),
    "objective of text": (_attribute("objective", "9"), "which is no number"),
    "empty attribute": (_attribute("solver", ""), "attribute solver is empty"),
    "bool attribute": (_attribute("year", True), "attribute year is True"),
    "NaN attribute": (_attribute("optimality_gap", np.nan), "which is not finite"),
    "conventions": (_attribute("Conventions", "CF-1.8"), "instead of 'CF-1.11'"),
    "schema version": (_attribute("schema_version", 99), "attribute schema_version is 99"),
    "hash": (_attribute("inputs_sha256", "abc"), "not 64 hexadecimal digits"),
    "hash of the code": (_attribute("code_sha256", "abc"), "code_sha256 is 'abc', not 64"),
    "no hash of the code": (_attribute("code_sha256", ""), "attribute code_sha256 is empty"),
    "number of hours": (_attribute("hours", 25), "time has 24 steps instead of 25"),
    "order of hours": (_time(lambda t: t[::-1]), "time is not strictly increasing"),
    "doubled hour": (_time(lambda t: t[[0, *range(23)]]), "time is not strictly increasing"),
    "half hours": (
        _time(lambda t: t + pd.Timedelta(minutes=30)),
        "not the start of a step of 60 min",
    ),
    "leap day": (_time(lambda t: t + pd.Timedelta(days=59)), "time holds 29 February"),
    "another year": (_time(lambda t: t + pd.Timedelta(days=366)), "time holds 2033"),
    "time bounds": (_set("time_bnds", 1, np.datetime64("2032-01-01", "ns")), "time_bnds is not"),
}


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_every_violation_is_found(ds, violation):
    """A dataset spoiled in one way is reported with a sentence that says which."""
    spoil, sentence = VIOLATIONS[violation]
    found = validate_slice(spoil(ds))
    assert any(sentence in line for line in found), found


def test_violations_are_all_reported(ds):
    """Three violations give three sentences."""
    spoiled = _set("scope", 0, "x")(_set("category", 0, "y")(_attribute("solver", "")(ds)))
    assert len(validate_slice(spoiled)) == 3


FAILURES = {
    "balance": (_set("power", 3, 7.0), "bus 梅山_20kv is out of balance by"),
    "storage": (_set("storage_content", 5, 1.0), "storage battery breaks its dynamics by"),
    "efficiency": (_set("inflow_efficiency", 0, 0.95), "storage battery breaks its dynamics by"),
    "first content": (_set("initial_content", 0, 0.6), "storage battery breaks its dynamics by"),
    "sum of costs": (_set("cost", 0, 1.25e6 + 1.0), "the objective is 940000.10 CNY/a"),
    "objective": (_attribute("objective", 9.0), "costs sum to 940000.10"),
    "capacity parts": (_set("capacity_new", 1, 5.0), "pv has a capacity that is not existing +"),
    "capacity bound": (_set("capacity_upper", 0, 7.0), "battery has 8.0000 MW, allowed are 3.0"),
    "sink sign": (_set("emissions", 1, 2.5), "sink or credit forest emits 2.5"),
    "cap": (_attribute("emission_cap", 9.9), "net emissions of 10.000 t exceed the cap of 9.900"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_numbers_that_do_not_fit_each_other_are_found(ds, failure):
    """A saved slice with one wrong number keeps the contract and fails one check."""
    spoil, sentence = FAILURES[failure]
    assert slice_failures(ds) == []
    assert validate_slice(spoil(ds)) == []
    assert [sentence in line for line in slice_failures(spoil(ds))] == [True]


@pytest.mark.parametrize(("error", "count"), [(0.9e-6, 0), (1.1e-6, 1)])
def test_tolerance_of_the_objective(ds, error, count):
    """The sum of costs may differ from the objective by 1e-6 of it and no more."""
    objective = ds["cost"].sum().item() / (1 + error)
    assert len(slice_failures(ds.assign_attrs(objective=objective))) == count


def test_missing_pieces_never_raise(ds):
    """Whatever single variable is gone or of another shape, the checks report instead of fail."""
    for name in ds.variables:
        if name not in ds.sizes:
            assert validate_slice(ds.drop_vars(name))
            assert validate_slice(ds.assign({name: 1.0}))
    assert validate_slice(xr.Dataset())


def test_texts_of_closed_lists_are_those_of_the_contract():
    """Sixteen cost categories and seven scopes, two of them spelled out as samples."""
    categories, scopes = (variables("slice")[name].texts for name in ("category", "scope"))
    assert len(categories) == 16
    assert len(scopes) == 7
    assert {"shadow_carbon", "demand_charge"} <= categories
    assert {"scope3_reported", "scope2_market"} <= scopes
