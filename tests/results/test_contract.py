"""The table of the contract itself, and the tables that are written and read by it."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from meishan_model.components.coordinates import IN_FILE
from meishan_model.errors import ContractError
from meishan_model.results.contract import (
    File,
    assemble,
    contract,
    table_of,
    time_axis,
    variables,
    violations,
)

FILES: tuple[File, ...] = get_args(File)
KINDS = {"number", "integer", "text", "time", "digest"}


@pytest.mark.parametrize("file", FILES)
def test_rows_are_sound(file: File) -> None:
    """A name stands once in its place; what has dimensions is no attribute; numbers have units."""
    rows = contract(file)
    for attribute in (True, False):
        names = [row.name for row in rows if (row.place == "attribute") == attribute]
        assert len(names) == len(set(names))
    for row in rows:
        assert row.kind in KINDS
        assert bool(row.dims) == (row.place != "attribute")
        assert not row.gaps or row.kind in ("number", "text")
        assert row.attributes.get("long_name") or row.name == "time_bnds"
    labelled = {dim for row in rows for dim in row.dims} - {"bnds", "bound_term", "node_word"}
    assert labelled <= set(variables(file))
    assert all(row.labels_of in ("", *variables(file)) for row in rows)


def test_a_slice_has_every_coordinate_of_a_flow() -> None:
    """They are told once, in components/coordinates, and a slice is one year."""
    of_flow = {r.name for r in variables("slice").values() if r.dims == ("flow",)} - {"flow"}
    assert of_flow == set(IN_FILE.values())
    assert not any("year" in row.dims for row in contract("slice"))


def _zones() -> pd.DataFrame:
    columns = {"capacity": [1.5, 2.0], "limit": ["line", "voltage"], "installed": [0, 3]}
    return pd.DataFrame(columns, index=["port", "campus"])


def test_a_table_comes_back_as_it_was_written() -> None:
    """Columns go under their names in the file and back; one that is not asked for is left."""
    ds = assemble("powerflow", {"zone": _zones().assign(note="x")}, {}, {"year": np.int64(2035)})
    assert ds["hosting_capacity"].attrs["units"] == "MW"
    assert ds.coords["hosting_limit"].to_numpy().tolist() == ["line", "voltage"]
    again = table_of(ds, "powerflow", "zone")
    pd.testing.assert_frame_equal(again[list(_zones())], _zones(), check_dtype=False)
    assert (ds.attrs["year"], type(ds.attrs["year"])) == (2035, int)
    assert ds.attrs["powerflow_version"] == 2


def test_an_empty_table_needs_no_columns() -> None:
    """A grid without outages has none, and its numbers are numbers still."""
    ds = assemble("powerflow", {"outage": pd.DataFrame()}, {}, {})
    assert ds.sizes["outage"] == 0
    assert ds["outage_loading"].dtype == np.float64
    assert ds.coords["outage_bus"].dtype == object


def test_what_cannot_be_written_is_told_at_once() -> None:
    """A missing column, a text for a number and a name that is unknown."""
    table = _zones().drop(columns="limit").assign(capacity=["much", "more"])
    with pytest.raises(ContractError) as caught:
        assemble("powerflow", {"zone": table}, {"luck": [1.0]}, {})
    assert set(caught.value.violations) == {
        "zone, column limit: column is missing",
        "powerflow, 'luck': is not in the contract",
        "hosting_capacity, 'much': is not a number",
    }


def test_hours_have_bounds() -> None:
    """Each hour from its stamp to the next; without a zone of time."""
    hours = time_axis(pd.date_range("2035-01-01", periods=3, freq="h"), 60)
    assert (hours["time_bnds"][:-1, 1] == hours["time"][1:]).all()
    ds = assemble("powerflow", {}, hours, {})
    assert not [line for line in violations(ds, "powerflow") if line.startswith("time")]
