"""The figure of a week: what is drawn as supply and use, recomputed by hand, and the file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hand_made import HOURS, dataset

from meishan_model.errors import InputError
from meishan_model.report.figures import save_dispatch_figure, weekly_dispatch
from meishan_model.sheets.views import GROUPS


def means(zone: str) -> pd.Series[float]:
    """Mean of every band of the week [MW], by group and side."""
    table = weekly_dispatch(dataset(), 1, zone)
    assert len(table) == HOURS
    return table.mean()


def test_the_whole_park_by_hand() -> None:
    """Wind at 110 kV and in the port add up, PV is apart; a supercapacitor is a store.

    Feed-in 21 + 8: all of the 21 is wind, of the 8 in the port 6 are PV; that wind is curtailed
    at 110 kV takes nothing from the PV in the port.
    """
    found = means("")
    assert found["purchase", "supply"] == pytest.approx(60)
    assert found["green power", "supply"] == pytest.approx(40)
    assert found["pv", "supply"] == pytest.approx(6)
    assert found["wind", "supply"] == pytest.approx(23)
    assert found["storage", "supply"] == pytest.approx(8)
    assert found["storage", "use"] == pytest.approx(-9)
    assert found["flexible loads", "supply"] == pytest.approx(2)
    assert found["efficiency measures", "supply"] == pytest.approx(1)
    assert found["loads", "use"] == pytest.approx(-120)
    assert found["electric equipment", "use"] == pytest.approx(-6)
    assert found.sum() == pytest.approx(3.0), "what is left over is lost in the grid"


def test_a_zone_by_hand() -> None:
    """In the zone the transformer and the tie are exchange; the sum of all bands is zero."""
    found = means("port")
    assert found["grid and ties", "supply"] == pytest.approx(79)
    assert found["grid and ties", "use"] == pytest.approx(-10)
    assert found["pv", "supply"] == pytest.approx(6)
    assert found["wind", "supply"] == pytest.approx(2)
    assert found.sum() == pytest.approx(0.0, abs=1e-9)
    assert means("new_port").sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("zone", ["", "port", "new_port"])
def test_every_band_has_a_colour(zone: str) -> None:
    """A band without a place in the palette would not be drawn at all."""
    assert set(means(zone).index.unique("group")) <= set(GROUPS)


@pytest.mark.parametrize(
    ("week", "zone", "said"),
    [(0, "", "1 to 1"), (2, "", "1 to 1"), (1, "prt", "port, new_port"), (1, "20kv", "port")],
)
def test_what_is_not_there_is_refused(week: int, zone: str, said: str) -> None:
    """A week or a zone that the result lacks is told with those that it has."""
    with pytest.raises(InputError, match=said):
        weekly_dispatch(dataset(), week, zone)


@pytest.mark.parametrize(("name", "magic"), [("a.png", b"\x89PNG\r\n"), ("a.svg", b"<?xml")])
def test_the_file_is_a_picture(tmp_path: Path, name: str, magic: bytes) -> None:
    """PNG and SVG begin as such files begin and are no empty canvas."""
    save_dispatch_figure(dataset(), 1, "port", tmp_path / name)
    content = (tmp_path / name).read_bytes()
    assert content.startswith(magic)
    assert len(content) > 10_000


def test_the_picture_shows_the_stores_of_its_zone_only(tmp_path: Path) -> None:
    """The port has a store of 3 MWh; ``new_port`` ends like ``port`` and has put-off load."""
    for zone, inside, outside in (
        ("port", "batteries", "put-off load"),
        ("new_port", "put-off load", "batteries"),
    ):
        path = tmp_path / f"{zone}.svg"
        save_dispatch_figure(dataset(), 1, zone, path)
        text = path.read_text(encoding="utf-8")
        assert f">{inside}<" in text
        assert f">{outside}<" not in text
