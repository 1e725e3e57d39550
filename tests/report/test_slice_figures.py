"""Figures of a slice: what is drawn is what the file says, in a notebook and packed in a page."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable

import hand_made
import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr
from hand_slice import relabelled
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import meishan_model.report.accessor  # noqa: F401 - registers ds.mm
from meishan_model.errors import InputError
from meishan_model.report.hourly_series import places, series_of
from meishan_model.report.html.explorer import Packed, Shared, pack, packed_year
from meishan_model.report.labels import own_labels
from meishan_model.report.slice_sankey import energy_links

DS = hand_made.dataset().assign_attrs(year=2035)


def unpack(packed: Packed) -> npt.NDArray[np.float64]:
    """Numbers as a browser reads them, shape (rows, hours)."""
    scales = np.array(packed.scales)
    codes = np.frombuffer(zlib.decompress(base64.b64decode(packed.text)), dtype="<i2")
    stored = codes.reshape(max(packed.places, default=-1) + 1, -1)
    rows: npt.NDArray[np.float64] = stored[list(packed.places)] * scales[:, None]
    return rows


@settings(max_examples=50)
@given(arrays(np.float64, (3, 24), elements=st.floats(-1e6, 1e6)))
def test_packed_numbers_are_off_by_half_a_step_at_most(rows: np.ndarray) -> None:
    """The error is within max|row| / 65534 (plus rounding), a row of zeros stays zero."""
    limit = np.abs(rows).max(axis=1, keepdims=True) / 65534 * (1 + 1e-6) + 1e-300
    assert (np.abs(unpack(pack(rows)) - rows) <= limit).all()


def test_packed_year_holds_what_the_file_says() -> None:
    """Every bus of the packed year balances, and the park's purchase is the 60 MW of the file."""
    packed = packed_year(DS, 2035, Shared(own_labels()), DS)
    index = packed.index
    rows = unpack(Packed(*zip(*(row[2:] for row in index["rows"]), strict=True), packed.hours))
    names = [tuple(row[0]) for row in index["rows"]]
    assert rows.shape == (len(names), hand_made.HOURS)
    assert rows[names.index(("flow", "grid_purchase", "upstream"))] == pytest.approx(
        60.0, rel=1e-4
    )
    for place in ("node.port_20kv", "node.new_port_20kv", "zone.port", "zone.new_port"):
        shared = Shared(own_labels())
        view = packed_year(DS, 2035, shared, DS).index["views"][place]
        styles = list(shared.styles.values())
        power = [(r, s) for style, r, s in view["series"] if "stackgroup" in styles[style]]
        stacks = [
            (r, s)
            for (style, r, s) in view["series"]
            if styles[style].get("stackgroup", "").startswith("power")
        ]
        assert len(power) >= len(stacks) >= 3
        total = sum(rows[r] * s for r, s in stacks)
        assert np.abs(total).max() < 0.02


def test_every_place_can_be_drawn() -> None:
    """The park, its zones and its buses; the demand line is loads and electric equipment."""
    assert places(DS)[:3] == [{}, {"zone": "port"}, {"zone": "new_port"}]
    demand = next(s for s in series_of(DS, {"zone": "port"}) if s.label == "band.demand")
    assert demand.hours == pytest.approx(76.0), "70 of cranes and 6 of the heat pump"
    for place in places(DS):
        assert all(len(s.hours) == hand_made.HOURS for s in series_of(DS, place))


def test_figure_of_a_notebook() -> None:
    """Stacked supply less use is zero in a zone; every axis names a unit, the title the year."""
    figure = DS.mm.dispatch_figure(zone="port", week=1)
    stacked = [t for t in figure.data if (t.stackgroup or "").startswith("power")]
    assert np.sum([t.y for t in stacked], axis=0) == pytest.approx(0.0, abs=1e-9)
    assert "2035" in figure.layout.title.text
    titles = [figure.layout[f"yaxis{n}"].title.text for n in ("", "2", "3", "4")]
    assert [t.split("[")[1] for t in titles] == ["MW]", "MWh]", "CNY/MWh]", "MW]"]


def test_labels_carry_no_meaning() -> None:
    """With other labels of its nodes a slice is drawn as before: places, hours, colours, links."""
    other = relabelled(DS)
    assert places(other) == places(DS)
    for place in places(DS):
        for one, two in zip(series_of(DS, place), series_of(other, place), strict=True):
            assert (one.hours == two.hours).all()
            assert (one.row, one.label, one.colour) == (two.row, two.label, two.colour)
    assert energy_links(other).equals(energy_links(DS))
    one, two = (packed_year(ds, 2035, Shared(own_labels()), ds) for ds in (DS, other))
    assert one == two


@pytest.mark.parametrize("kind", ["heat_map", "duration"])
def test_figures_of_a_flow(kind: str) -> None:
    """168 hours are 7 days x 24 hours, or a curve that never rises; unit and year are named."""
    figure = getattr(DS.mm, kind)("grid_purchase->upstream")
    text = str(figure.layout)
    assert "MW" in text and "2035" in text
    if kind == "heat_map":
        assert np.shape(figure.data[0].z) == (24, 7)
    else:
        assert (np.diff(figure.data[0].y) <= 0).all()


def test_energy_of_the_year_by_hand() -> None:
    """MW of a constant week are 8.76 GWh a year each; a store shows what it loses, 9 less 8."""
    links = energy_links(DS).set_index(["source", "target"])["energy"] / 1e3
    assert links["role.purchase", "bus.grid_110kv"] == pytest.approx(60 * 8.76)
    assert links["zone.port", "technology.supercapacitor"] == pytest.approx(1 * 8.76)
    assert links["zone.port", "load.cranes"] == pytest.approx(70 * 8.76)
    assert links["band.efficiency measures", "zone.new_port"] == pytest.approx(1 * 8.76)
    assert ("technology.supercapacitor", "zone.port") not in links
    figure = DS.mm.sankey()
    assert sum(figure.data[0].link.value) == pytest.approx(links.sum(), rel=1e-4)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda ds: ds.mm.dispatch(zone="prt"), "port, new_port"),
        (lambda ds: ds.mm.dispatch(zone="20kv"), "port"),
        (lambda ds: ds.mm.dispatch(week=0), "weeks are 1 to 1"),
        (lambda ds: ds.mm.dispatch(week=9), "weeks are 1 to 1"),
        (lambda ds: ds.mm.dispatch_figure(bus="moon"), "there are: grid_110kv"),
        (lambda ds: ds.mm.dispatch(role="load", bus="upstream"), "no flow is all of this"),
        (lambda ds: ds.mm.dispatch(role=["load", "lod"]), "'lod': is not in the result"),
        (lambda ds: ds.mm.dispatch(rle="load"), "choose from carrier, zone"),
        (lambda ds: ds.mm.dispatch(by="colour"), "choose from carrier, zone"),
        (lambda ds: ds.mm.heat_map("port_20kv->nowhere"), "port_20kv->cranes_port"),
        (lambda ds: ds.drop_vars("power").mm.sankey(), "open one year"),
    ],
)
def test_what_is_not_there_is_refused(ask: Callable[[xr.Dataset], object], said: str) -> None:
    """A question that the dataset cannot answer names what it can."""
    with pytest.raises(InputError, match=said):
        ask(DS)
