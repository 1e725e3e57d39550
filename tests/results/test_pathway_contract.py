"""The dataset of a pathway and its checks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from meishan_model.accounts.checks import pathway_failures
from meishan_model.errors import ContractError
from meishan_model.report.labels import own_labels
from meishan_model.results.contract import violations
from meishan_model.results.files import open_results, result_path, write_atomically
from meishan_model.results.pathway_file import indicator_rows, pathway_dataset
from meishan_model.results.slice_file import slice_dataset
from meishan_model.sheets.scenario import TRAJECTORIES, Scenario

YEARS = [2030, 2035]


@pytest.fixture
def parts(make_tables) -> dict[str, object]:
    """Two slices, the later with a heat pump that the earlier has not, given target first."""
    return {
        "slices": {
            2035: slice_dataset(make_tables(2035, extra_asset="heat_pump")),
            2030: slice_dataset(make_tables(2030)),
        },
        "additions": pd.DataFrame({"heat_pump": [0.0, 8.0]}, index=YEARS),
        "retirements": pd.DataFrame({"pv": [0.0, 1.5]}, index=YEARS),
        "cash_flow": pd.DataFrame({"investment": [1e6, 2e6], "salvage": [0.0, -3e5]}, index=YEARS),
        "principles": pd.DataFrame(
            {
                "value": [0.35, 1.2e5],
                "principle_name": ["most local renewables", "least cumulative emissions"],
                "unit": ["1", "tCO2"],
            },
            index=["local_share", "cumulative_emissions"],
        ),
    }


def test_variables_are_exactly_those_of_the_contract(parts):
    """Yearly tables lead with the year, nothing is hourly, and the checks pass."""
    ds = pathway_dataset(**parts)
    yearly = {
        "asset": {"capacity", "capacity_existing", "capacity_new", "capacity_bridge"}
        | {"capacity_lower", "capacity_upper", "bound_reason", "addition", "retirement"},
        "cost_item": {"cost"},
        "emission_item": {"emissions"},
        "energy_item": {"energy_mwh", "energy_tce_equivalent", "energy_tce_calorific"},
        "category": {"cash_flow"},
    }
    expected = {name: ("year", dim) for dim, names in yearly.items() for name in names}
    found = {name: array.dims for name, array in ds.data_vars.items()}
    expected |= {"principle": ("indicator",), "term_amount": ("bound_term",)}
    views = ("group", "colour", "name", "name_zh", "family", "panel", "stands_for")
    assert found == expected | {f"thing_{name}": ("thing",) for name in views}
    assert ds["year"].to_numpy().tolist() == YEARS
    assert set(ds.dims) - {"bound_term"} <= set(ds.coords)
    assert violations(ds, "pathway") == []


def test_absent_assets_are_zero(parts):
    """What a year does not have is 0, and what it has is what its slice says."""
    ds = pathway_dataset(**parts)
    assert ds["capacity"].sel(asset="heat_pump").to_numpy().tolist() == [0.0, 8.0]
    assert ds["bound_reason"].sel(asset="heat_pump").to_numpy().tolist()[0] == ""
    assert ds["term_slice"].to_numpy().tolist() == [2030] * 6 + [2035] * 9
    new = ds["term_asset"].to_numpy() == "heat_pump"
    assert ds["term_slice"].to_numpy()[new].tolist() == [2035] * 3
    assert ds["term_kind"].to_numpy()[new].tolist() == ["lower", "upper", "no_limit"]
    np.testing.assert_array_equal(ds["term_amount"].to_numpy()[new], [0.0, 7.0, np.nan])
    assert ds["addition"].sel(asset="pv").to_numpy().tolist() == [0.0, 0.0]
    assert ds["retirement"].sel(asset="pv").to_numpy().tolist() == [0.0, 1.5]
    for year, slice_ in parts["slices"].items():
        for name in ("cost", "emissions", "energy_mwh"):
            np.testing.assert_array_equal(ds[name].sel(year=year), slice_[name])
    assert ds["asset_technology"].sel(asset="heat_pump").item() == "technology of heat_pump"
    assert ds["cost_category"].to_numpy().tolist() == ["investment", "export", "variable"]
    assert ds["unit"].sel(indicator="local_share").item() == "1"


def test_saved_and_read_is_identical(parts, tmp_path):
    """The pathway file survives writing and reading, years, texts and attributes included."""
    ds = pathway_dataset(**parts)
    write_atomically(ds, result_path(tmp_path, "balanced", "pathway"))
    again = open_results("balanced", "pathway", tmp_path)
    xr.testing.assert_identical(ds, again)
    assert all(variable.dtype == again[name].dtype for name, variable in ds.variables.items())
    assert violations(again, "pathway") == []


def test_hash_depends_on_every_slice(parts):
    """Another input of one year gives another hash of the pathway."""
    one = pathway_dataset(**parts).attrs["inputs_sha256"]
    parts["slices"][2030].attrs["inputs_sha256"] = "0" * 64
    other = pathway_dataset(**parts).attrs["inputs_sha256"]
    assert one != other
    assert len(one) == len(other) == 64


def test_attributes_can_be_given(parts):
    """Attributes of the caller stand beside and before those made here."""
    ds = pathway_dataset(**parts, attributes={"title": "four steps", "theta": 1.3})
    assert (ds.attrs["title"], ds.attrs["theta"], ds.attrs["park"]) == ("four steps", 1.3, "梅山")


@pytest.mark.parametrize(
    ("part", "spoil", "message"),
    [
        ("slices", lambda _: {}, "there are none"),
        ("slices", lambda s: {2030: s[2035], 2035: s[2030]}, "dataset is of the year 2035"),
        ("slices", lambda s: s | {2030: s[2030].assign_attrs(scenario="x")}, "scenario.*differ"),
        (
            "slices",
            lambda s: s | {2030: s[2030].assign_coords(asset_unit=("asset", ["MW", "ha"]))},
            "'pv': asset_unit differs between years",
        ),
        ("additions", lambda f: f.iloc[:1], "additions.*years are not those"),
        ("retirements", lambda f: f.rename(columns={"pv": "boiler"}), "'boiler'.*in no slice"),
        ("cash_flow", lambda f: f.set_axis([2030, 2040]), "cash_flow: years are not those"),
        ("principles", lambda f: f.drop(columns="unit"), "unit: column is missing"),
    ],
)
def test_what_does_not_belong_together_is_refused(parts, part, spoil, message):
    """Slices of two pathways, or tables of other years and assets, raise an error."""
    parts[part] = spoil(parts[part])
    with pytest.raises(ContractError, match=message):
        pathway_dataset(**parts)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda ds: ds.drop_vars("addition"), "variable addition is missing"),
        (lambda ds: ds.isel(year=[1, 0]), "not strictly increasing"),
        (lambda ds: ds.assign_coords(year=[2030.0, 2035.0]), "year has the type float64"),
        (lambda ds: ds.assign(cash_flow=ds["cash_flow"] * np.nan), "cash_flow has 4 values"),
        (lambda ds: ds.assign_attrs(cost_sheet=""), "attribute cost_sheet is empty"),
        (
            lambda ds: ds.assign_coords(cost_category=("cost_item", ["a", "b", "c"])),
            "cost_category is unknown: a, b, c",
        ),
    ],
)
def test_violations_are_found(parts, spoil, sentence):
    """A pathway spoiled in one way is reported with a sentence that says which."""
    found = violations(spoil(pathway_dataset(**parts)), "pathway")
    assert any(sentence in line for line in found), found


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda ds: ds.assign(addition=-ds["addition"]), "addition of heat_pump is negative"),
        (lambda ds: ds.assign(retirement=-ds["retirement"]), "retirement of pv is negative"),
        (lambda ds: ds.assign(capacity=ds["capacity"] + 0.1), "not existing + new + bridge"),
        (lambda ds: ds.assign(capacity_lower=ds["capacity_lower"] + 9), "allowed are"),
        (lambda ds: ds.assign(emissions=-ds["emissions"]), "'forest') emits 2.5"),
    ],
)
def test_numbers_that_do_not_fit_each_other_are_found(parts, spoil, sentence):
    """A pathway whose numbers do not fit keeps the contract and fails its checks."""
    ds = pathway_dataset(**parts)
    assert pathway_failures(ds) == [] == violations(spoil(ds), "pathway")
    found = pathway_failures(spoil(ds))
    assert any(sentence in line for line in found), found


def further(parts) -> xr.Dataset:
    """Further tables of the two slices: the heat pump of 2035 is new build, all else stock."""
    years, assets = YEARS, ["heat_pump", "pv"]
    added, retired = np.zeros((3, 2, 2)), np.zeros((3, 2, 2))
    added[0, 1, 0], retired[2, 1, 1] = 8.0, 1.5
    return xr.Dataset(
        {
            "addition_by_part": (("part", "year", "asset"), added),
            "retirement_by_part": (("part", "year", "asset"), retired),
            "carbon_value": ("year", [np.nan, 25.0]),
            "measure_irr": ("measure", [np.nan]),
            "indicator_by_year": (("year", "yearly_indicator"), [[0.5, np.nan], [0.25, 7.0]]),
        },
        {
            "year": years,
            "asset": assets,
            "part": ["new", "bridge", "stock"],
            "measure": ["led"],
            "measure_kind": ("measure", ["efficiency"]),
            "measure_note": ("measure", ["it never earns anything"]),
            "measure_note_kinds": ("measure", ["earns_never"]),
            "yearly_indicator": ["share", "peak"],
            "yearly_indicator_unit": ("yearly_indicator", ["1", "MW"]),
            "yearly_indicator_title": ("yearly_indicator", ["the share", "the peak"]),
            "yearly_indicator_title_zh": ("yearly_indicator", ["比例", "峰值"]),
        },
    )


def test_further_tables_are_carried_over(parts, tmp_path):
    """They stand in the file with units; an asset that they leave out is 0; NaN is said, not 0."""
    parts["retirements"] = pd.DataFrame({"pv": [0.0, 0.0]}, index=YEARS)
    tables = further(parts)
    tables["retirement_by_part"] = tables["retirement_by_part"] * 0.0
    ds = pathway_dataset(**parts, tables=tables)
    assert violations(ds, "pathway") == []
    assert ds["addition_by_part"].sel(asset="battery").sum() == 0.0
    assert float(ds["addition_by_part"].sel(part="new", year=2035, asset="heat_pump")) == 8.0
    assert ds["carbon_value"].attrs["units"] == "CNY/tCO2"
    share, peak = indicator_rows(ds)
    assert (peak.name, peak.unit, peak.title, peak.title_zh) == ("peak", "MW", "the peak", "峰值")
    assert share.by_year.to_dict() == {2030: 0.5, 2035: 0.25}
    np.testing.assert_array_equal(peak.by_year, [np.nan, 7.0])
    assert indicator_rows(pathway_dataset(**parts)) == []
    write_atomically(ds, result_path(tmp_path, "balanced", "pathway"))
    xr.testing.assert_identical(ds, open_results("balanced", "pathway", tmp_path))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            lambda ds: ds.assign_coords(part=["new", "bridge", "luck"]),
            "part is unknown: luck",
        ),
        (
            lambda ds: ds.assign(measure_irr=ds["measure_irr"].fillna(np.inf)),
            "measure_irr has 1 values that are not finite",
        ),
        (lambda ds: ds.drop_vars("measure_note"), "coordinate measure_note is missing"),
        (
            lambda ds: ds.drop_vars("yearly_indicator_unit"),
            "coordinate yearly_indicator_unit is missing",
        ),
        (
            lambda ds: ds.assign(indicator_by_year=ds["indicator_by_year"] * np.inf),
            "indicator_by_year has 3 values that are not finite",
        ),
        (
            lambda ds: ds.assign_coords(yearly_indicator=["share", "share"]),
            "yearly_indicator has labels more than once: share",
        ),
    ],
)
def test_violations_of_further_tables_are_found(parts, spoil, sentence):
    """What is there beside the fixed tables is checked as well, above all that it adds up."""
    parts["retirements"] = pd.DataFrame({"pv": [0.0, 0.0]}, index=YEARS)
    tables = further(parts)
    tables["retirement_by_part"] = tables["retirement_by_part"] * 0.0
    ds = pathway_dataset(**parts, tables=tables)
    capacity = ds["capacity"].transpose("year", "asset")
    found = violations(spoil(ds.assign(capacity=capacity)), "pathway")
    assert any(sentence in line for line in found), found


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            lambda ds: ds.assign(addition=ds["addition"] * 2),
            "addition of heat_pump is not the sum of its parts",
        ),
        (
            lambda ds: ds.assign(retirement=ds["retirement"] + 1),
            "retirement of pv is not the sum of its parts",
        ),
        (
            lambda ds: ds.assign(capacity=ds["capacity"] * xr.DataArray([1.0, 2.0], dims="year")),
            "pv does not grow by additions less retirements",
        ),
    ],
)
def test_years_that_do_not_follow_from_each_other_are_found(parts, spoil, sentence):
    """The parts of additions and retirements sum up to them, and join the years' capacities."""
    parts["retirements"] = pd.DataFrame({"pv": [0.0, 0.0]}, index=YEARS)
    tables = further(parts)
    tables["retirement_by_part"] = tables["retirement_by_part"] * 0.0
    ds = pathway_dataset(**parts, tables=tables)
    assert pathway_failures(ds) == [] == violations(spoil(ds), "pathway")
    found = pathway_failures(spoil(ds))
    assert any(sentence in line for line in found), found


def test_a_table_that_the_contract_does_not_know_is_refused(parts):
    """An unknown name and other years are named."""
    tables = further(parts)
    with pytest.raises(ContractError, match=r"'luck'.*not in the contract"):
        pathway_dataset(**parts, tables=tables.assign(luck=("year", [1.0, 2.0])))
    with pytest.raises(ContractError, match="years are not those of the slices"):
        pathway_dataset(**parts, tables=tables.assign_coords(year=[2030, 2040]))


def test_the_rule_of_the_caps_is_one_that_there_is(parts):
    """Each rule that a scenario may have is told in both languages; another one is refused."""
    for rule in TRAJECTORIES:
        ds = pathway_dataset(**parts, attributes={"trajectory": rule})
        assert violations(ds, "pathway") == []
        assert rule in Scenario.model_fields
        assert set(own_labels().texts[f"word.{rule}"]) == {"en", "zh"}
    ds.attrs["trajectory"] = "dice"
    assert violations(ds, "pathway") == ["attribute trajectory is unknown: dice"]
